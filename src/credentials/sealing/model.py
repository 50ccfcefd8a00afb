from datetime import datetime
from enum import StrEnum

import msgspec

from credentials.errors import Malformed, Unavailable


class Format(StrEnum):
    """How a document is secured: a Data Integrity proof inside it, or a JSON Web Token around it."""

    DATA_INTEGRITY = "data-integrity"
    JWT = "jwt"


MEDIA_TYPES = {Format.DATA_INTEGRITY: "application/vc", Format.JWT: "application/jwt"}


class Source(msgspec.Struct, frozen=True):
    """What a document is sealed for. Nothing is sealed twice for the same source."""

    kind: str
    id: str


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What we are about to sign, recorded before we sign it. ``document`` is the unsigned credential as JSON.

    ``prepared_at`` is the proofs' ``created``: sealing the same intent again gives the same signatures.
    """

    id: str
    source_kind: str
    source_id: str
    owner: str
    did: str
    document_id: str
    document: bytes
    formats: tuple[Format, ...]
    prepared_at: datetime
    sealed_at: datetime | None = None

    @property
    def source(self) -> Source:
        return Source(self.source_kind, self.source_id)


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A signed document: the bytes that are handed out, for good. ``digest`` is their SHA-256 in hexadecimal."""

    intent_id: str
    format: Format
    body: bytes
    digest: str
    key: str
    sealed_at: datetime


class LintFailed(Malformed):
    """The document would not have been a good credential. Nothing was signed."""

    code = "lint-failed"


class SealRefused(Unavailable):
    """What was signed did not pass our own judge. It was not stored or handed out."""

    code = "seal-refused"
