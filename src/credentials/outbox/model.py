from datetime import datetime, timedelta

import msgspec

LEASE = timedelta(minutes=2)
"""How long a worker may hold an order before another one takes it: longer than any redemption lasts."""

MAX_ATTEMPTS = 10
"""After so many failures an order is set aside for a person to look at (`credentials orders`)."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must be done because of a decision. Redeeming it twice must be the same as redeeming it once.

    ``kind`` names who redeems it (``award.issue``); ``key`` tells the same order from another of its kind: placing one
    that is already there does nothing. ``payload`` holds ids and codes.
    """

    id: str
    kind: str
    key: str
    payload: dict[str, str]
    placed_at: datetime
    attempts: int = 0
    last_error: str = ""
