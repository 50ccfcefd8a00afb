"""The documents that publish an issuer's keys: a DID document for ``did:web``, and a JSON Web Key Set.

Source: DID Core and Controlled Identifiers 1.0 (verification methods, ``expires``, ``revoked``); Open Badges 3.0
implementation guide, "Key provenance" (``.well-known/jwks.json``).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from credentials.errors import Refused
from credentials.openbadges.terms import format_date_time

CONTEXT_DID = "https://www.w3.org/ns/did/v1"
CONTEXT_MULTIKEY = "https://w3id.org/security/multikey/v1"
CONTEXT_JWK = "https://w3id.org/security/jwk/v1"

# RFC 7517 section 4 and RFC 7518 section 6, without the members that are private and those that fetch.
_PUBLIC_MEMBERS = frozenset({"alg", "crv", "e", "key_ops", "kid", "kty", "n", "use", "x", "y"})

Document = dict[str, Any]


class PublishedKey(Struct, frozen=True, kw_only=True):
    """One verification method: a public key under its DID URL ``id``, as a Multikey (a string) or as a JWK (an object).

    ``asserts`` is whether its signatures count. A key that is merely retired goes on asserting what it has signed; one that
    was stolen does not, and has ``revoked``.
    """

    id: str
    key: str | Document
    asserts: bool = True
    expires: datetime | None = None
    revoked: datetime | None = None


def did_document(did: str, keys: Sequence[PublishedKey], *, also_known_as: Sequence[str] = ()) -> Document:
    """The DID document of ``did``. ``assertionMethod`` holds strings: verifiers of Open Badges do not read embedded methods.

    Raises ``Refused`` (``INVALID_VERIFICATION_METHOD``) for a key of another DID, or with a private member.
    """
    forms = {type(key.key) for key in keys}
    members = {
        "@context": [
            CONTEXT_DID,
            *([CONTEXT_MULTIKEY] if str in forms else []),
            *([CONTEXT_JWK] if dict in forms else []),
        ],
        "id": did,
        "alsoKnownAs": list(also_known_as),
        "verificationMethod": [_method(did, key) for key in keys],
        "assertionMethod": [key.id for key in keys if key.asserts],
    }
    return {name: value for name, value in members.items() if value}


def jwks(did: str, keys: Iterable[PublishedKey]) -> Document:
    """The key set of ``did``: its asserting keys that are JWKs. Each names its issuer (``iss``), and so speaks for no other.

    Raises ``Refused`` as ``did_document`` does.
    """
    return {
        "keys": [
            {**_public(did, key)["publicKeyJwk"], "kid": key.id, "iss": did}
            for key in keys
            if key.asserts and isinstance(key.key, dict)
        ]
    }


def _method(did: str, key: PublishedKey) -> Document:
    dates = {"expires": key.expires, "revoked": key.revoked}
    return {
        "id": key.id,
        "type": "Multikey" if isinstance(key.key, str) else "JsonWebKey",
        "controller": did,
        **_public(did, key),
        **{name: format_date_time(moment) for name, moment in dates.items() if moment is not None},
    }


def _public(did: str, key: PublishedKey) -> Document:
    if not key.id.startswith(f"{did}#"):
        raise Refused("INVALID_VERIFICATION_METHOD", f"{key.id} is not a key of {did}.")
    if isinstance(key.key, str):
        return {"publicKeyMultibase": key.key}
    private = key.key.keys() - _PUBLIC_MEMBERS
    if private:
        raise Refused("INVALID_VERIFICATION_METHOD", f"A published JWK has no member {', '.join(sorted(private))}.")
    return {"publicKeyJwk": key.key}
