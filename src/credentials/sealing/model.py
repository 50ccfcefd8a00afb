from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from credentials.errors import Malformed, Unavailable
from credentials.proofs import (
    ecdsa_jcs_2019,
    ecdsa_rdfc_2019,
    ecdsa_sd_2023,
    eddsa_jcs_2022,
    eddsa_rdfc_2022,
)
from credentials.proofs.model import KeyType


class Format(StrEnum):
    """How a document is secured: a Data Integrity proof inside it, or a JSON Web Token around it."""

    DATA_INTEGRITY = "data-integrity"
    JWT = "jwt"


MEDIA_TYPES = {Format.DATA_INTEGRITY: "application/vc", Format.JWT: "application/jwt"}


VC_JWT = "vc-jwt"
"""A JSON Web Token with ``typ: JWT``, whose claims repeat the credential (Open Badges 3.0, "VC-JWT")."""
VC_JOSE = "vc-jose"
"""A JSON Web Token with ``typ: vc+jwt``, whose payload is the credential and no more (VC-JOSE-COSE 1.0, section 3.1)."""

_ECDSA = frozenset({KeyType.P256, KeyType.P384})
SUITES: Mapping[str, frozenset[KeyType]] = {
    eddsa_rdfc_2022.NAME: frozenset({KeyType.ED25519}),
    eddsa_jcs_2022.NAME: frozenset({KeyType.ED25519}),
    ecdsa_rdfc_2019.NAME: _ECDSA,
    ecdsa_jcs_2019.NAME: _ECDSA,
    ecdsa_sd_2023.NAME: frozenset({KeyType.P256}),
    VC_JWT: frozenset({KeyType.ED25519}) | _ECDSA,
    VC_JOSE: frozenset({KeyType.ED25519}) | _ECDSA,
}
"""The ways to secure a document, and the keys that each works with."""


class Means(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a document is secured: one of ``SUITES``, a type of key that it works with, and for ``ecdsa-sd-2023`` what its
    holder must always show (JSON Pointers)."""

    suite: str
    key_type: KeyType
    mandatory: tuple[str, ...] = ()

    @property
    def format(self) -> Format:
        return Format.JWT if self.suite in {VC_JWT, VC_JOSE} else Format.DATA_INTEGRITY


OPEN_BADGES = (Means(eddsa_rdfc_2022.NAME, KeyType.ED25519), Means(VC_JWT, KeyType.P256))
"""How our organisations' documents are secured unless the deployment says otherwise."""

OPEN_BADGES_ECDSA = (Means(ecdsa_rdfc_2019.NAME, KeyType.P256), Means(VC_JWT, KeyType.P256))
"""The same where keys are kept in something that has no Ed25519: every HSM and every cloud service has P-256."""

_BEFORE = {means.format: means for means in OPEN_BADGES}


PLAIN_KIND = "registry"
"""The kind of source of lists of issuers: credentials about profiles, of no type of Open Badges."""

OPEN_KINDS = frozenset({"vc-api"})
"""Kinds of source whose documents are not ours: what the data model allows may stand in them."""


CARRIERS = frozenset({"record"})
"""Kinds of source whose documents carry others that were sealed before, by whatever key: those were judged then."""


def means_of_lists(means: Means) -> Means:
    """How the status lists of documents with ``means`` are secured, and the records that carry these documents: by a proof
    that anybody can verify, with the same key."""
    if means.format is Format.DATA_INTEGRITY and means.suite != ecdsa_sd_2023.NAME:
        return means
    return Means(eddsa_rdfc_2022.NAME if means.key_type is KeyType.ED25519 else ecdsa_rdfc_2019.NAME, means.key_type)


class Source(msgspec.Struct, frozen=True):
    """What a document is sealed for. Nothing is sealed twice for the same source."""

    kind: str
    id: str


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What we are about to sign, recorded before we sign it. ``document`` is the unsigned credential as JSON; its id may be
    missing in a document that is not ours, and ``document_id`` is empty then. ``prepared_at`` is the proofs' ``created``.

    ``twin`` is an intent before this one that gave the very same octets: the same document, signed twice by a key whose
    signatures do not differ, is one signed document.
    """

    id: str
    source_kind: str
    source_id: str
    owner: str
    did: str
    document_id: str
    document: bytes
    formats: tuple[Format, ...]
    means: tuple[Means, ...] | None = None
    prepared_at: datetime
    sealed_at: datetime | None = None
    twin: str | None = None

    @property
    def chosen(self) -> tuple[Means, ...]:
        """One for each format. Intents from before there was a choice say nothing of it."""
        return self.means or tuple(_BEFORE[format_] for format_ in self.formats)

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
