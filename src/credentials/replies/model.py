from datetime import datetime, timedelta

import msgspec

from credentials.errors import Conflict

KEPT = timedelta(hours=48)
"""How long a repetition is recognised: longer than any client goes on retrying."""


class KeyReused(Conflict):
    code = "idempotency-key-reused"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """``fingerprint`` tells one request from another that comes with the same key."""

    caller: str
    key: str
    fingerprint: str
    status: int
    headers: dict[str, str]
    body: bytes
    at: datetime
