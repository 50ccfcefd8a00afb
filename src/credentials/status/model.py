from datetime import datetime
from enum import StrEnum

import msgspec

from credentials.errors import NotFound, Unavailable

LIST_SIZE = 131_072
"""Entries of a list: the smallest that hides which credential is looked at (Bitstring Status List, section 6.1)."""

FULL_AT = LIST_SIZE // 2
"""A list is closed when half of it is in use, so that a free place is found at random in two draws on average."""


class Purpose(StrEnum):
    """Bitstring Status List, section 2.2: revocation is for good, suspension is not."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


class StatusList(msgspec.Struct, frozen=True, kw_only=True):
    """``version`` counts changes; what is published may be older by less than a minute."""

    id: str
    owner: str
    did: str
    purpose: Purpose
    size: int
    used: int
    closed: bool
    version: int
    changed_at: datetime


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The bit of one credential in one list. ``reference`` is whose bit it is: an intent's id."""

    list_id: str
    index: int
    purpose: Purpose
    reference: str
    set: bool = False
    changed_at: datetime | None = None


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A signed list as it is served. ``version`` is that of the bits in it."""

    list_id: str
    version: int
    body: bytes
    digest: str
    published_at: datetime


class NoFreePlace(Unavailable):
    code = "no-free-status-index"


class NotPublished(NotFound):
    code = "status-list-not-published"
