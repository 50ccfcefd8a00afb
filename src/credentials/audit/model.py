from datetime import datetime

import msgspec

GENESIS = "0" * 64
"""What the first entry is chained to."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One decision.

    ``actor`` is a person's id, or ``system`` with what acted (``system:orders``). ``subject`` is ``kind:id``. ``detail``
    holds ids and codes; names, addresses and texts of people do not belong here, because this record is never erased.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    organisation: str = ""
    reason: str = ""
    detail: dict[str, str] = msgspec.field(default_factory=dict)


class Recorded(Entry, frozen=True, kw_only=True):
    """A decision with its place in the chain."""

    sequence: int


class Link(msgspec.Struct, frozen=True):
    """An entry in its place: ``hash`` is over the hash before it and the entry's stored bytes."""

    sequence: int
    body: bytes
    hash: str


class Break(msgspec.Struct, frozen=True):
    """Where the chain does not hold, and how."""

    sequence: int
    detail: str
