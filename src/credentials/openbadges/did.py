"""The documents that publish an issuer's keys: a DID document for ``did:web``, and a JSON Web Key Set.

Source: DID Core and Controlled Identifiers 1.0 (verification methods, ``revoked``, ``expires``); Open Badges 3.0, "Key
provenance" in its implementation guide (``.well-known/jwks.json``).
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

_PUBLIC_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e", "alg", "use", "kid", "key_ops"})

Document = dict[str, Any]


class PublishedKey(Struct, frozen=True, kw_only=True):
    """A public key under its DID URL ``id``, as a Multikey or as a JWK or as both.

    ``asserts`` is whether its signatures count: a key that is merely retired still asserts, for what it has signed; one that
    was stolen does not, and has ``revoked``.
    """

    id: str
    multikey: str | None = None
    jwk: Document | None = None
    asserts: bool = True
    expires: datetime | None = None
    revoked: datetime | None = None


def did_document(did: str, keys: Sequence[PublishedKey], *, also_known_as: Sequence[str] = ()) -> Document:
    """The DID document of ``did``. ``assertionMethod`` holds strings: verifiers of Open Badges do not read embedded methods.

    A key in both forms is one verification method in each form, and a method has one id, so the JWK form takes the fragment
    of its key and ``-jwk``. Raises ``Refused`` (``INVALID_VERIFICATION_METHOD``) for a key of another DID, without a form, or
    with a private member.
    """
    methods = [method for key in keys for method in _methods(did, key)]
    asserting = {key.id for key in keys if key.asserts} | {jwk_id(key) for key in keys if key.asserts}
    kinds = {method["type"] for method in methods}
    contexts = [CONTEXT_DID]
    contexts += [CONTEXT_MULTIKEY] if "Multikey" in kinds else []
    contexts += [CONTEXT_JWK] if "JsonWebKey" in kinds else []
    document: Document = {"@context": contexts, "id": did}
    if also_known_as:
        document["alsoKnownAs"] = list(also_known_as)
    if methods:
        document["verificationMethod"] = methods
    assertions = [method["id"] for method in methods if method["id"] in asserting]
    if assertions:
        document["assertionMethod"] = assertions
    return document


def jwks(did: str, keys: Iterable[PublishedKey]) -> Document:
    """The key set of ``did``: every asserting key that has a JWK, each with ``iss`` so that it speaks for this issuer alone."""
    return {
        "keys": [
            {**_public(key.jwk), "kid": jwk_id(key), "iss": did}
            for key in keys
            if key.asserts and key.jwk is not None and _belongs(did, key)
        ]
    }


def jwk_id(key: PublishedKey) -> str:
    """The id of the key's JWK form, which is the ``kid`` of a JWT's header."""
    return key.id if key.multikey is None else f"{key.id}-jwk"


def _methods(did: str, key: PublishedKey) -> list[Document]:
    _belongs(did, key)
    if key.multikey is None and key.jwk is None:
        raise Refused("INVALID_VERIFICATION_METHOD", f"{key.id} is neither a Multikey nor a JWK.")
    dates = {
        name: format_date_time(moment)
        for name, moment in (("expires", key.expires), ("revoked", key.revoked))
        if moment is not None
    }
    methods: list[Document] = []
    if key.multikey is not None:
        methods.append(
            {"id": key.id, "type": "Multikey", "controller": did, "publicKeyMultibase": key.multikey, **dates}
        )
    if key.jwk is not None:
        methods.append(
            {
                "id": jwk_id(key),
                "type": "JsonWebKey",
                "controller": did,
                "publicKeyJwk": _public(key.jwk),
                **dates,
            }
        )
    return methods


def _belongs(did: str, key: PublishedKey) -> bool:
    if not key.id.startswith(f"{did}#"):
        raise Refused("INVALID_VERIFICATION_METHOD", f"{key.id} is not a key of {did}.")
    return True


def _public(jwk: Document) -> Document:
    private = jwk.keys() - _PUBLIC_MEMBERS
    if private:
        raise Refused("INVALID_VERIFICATION_METHOD", f"A published JWK has no member {', '.join(sorted(private))}.")
    return jwk
