from datetime import datetime

import msgspec


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """One signed document. ``digest`` is the SHA-256 of the bytes that were handed out, ``key`` the verification method."""

    at: datetime
    document: str
    format: str
    digest: str
    key: str
