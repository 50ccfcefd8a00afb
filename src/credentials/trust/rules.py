"""Names and documents of issuers, from values alone."""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit

from credentials.errors import Malformed, Refused
from credentials.proofs.jwk import jwk
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multikey import key_of_multikey
from credentials.trust.model import KeyState, SigningKey

JWS_ALGORITHM = {KeyType.ED25519: "EdDSA", KeyType.P256: "ES256", KeyType.P384: "ES384", KeyType.RSA: "RS256"}


def did_of(base_url: str, slug: str) -> str:
    """The did:web of an organisation on this service (did:web, section 2.1: the colon of a port is percent-encoded).

    >>> did_of("http://localhost:8000", "alder")
    'did:web:localhost%3A8000:orgs:alder'
    """
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise Malformed("the base URL is written as https://credentials.example.org, without a path")
    return f"did:web:{quote(parts.netloc.lower(), safe='.-')}:orgs:{slug}"


_DID_WEB = re.compile(r"did:web:([a-z0-9.-]+(?:%3A[0-9]{1,5})?)((?::[A-Za-z0-9._-]+)*)")


def did_web_url(did: str) -> str:
    """Where a did:web's document is (did:web, section 2.5.2). Raises ``Refused`` for one that names no place that may be."""
    match = _DID_WEB.fullmatch(did)
    if match is None:
        raise Refused("url-not-allowed", "the did:web names no host and path that could be fetched")
    host, path = unquote(match[1]), match[2].strip(":").replace(":", "/")
    if any(part in {".", ".."} for part in path.split("/")):
        raise Refused("url-not-allowed", "the did:web has a path that climbs")
    return f"https://{host}/{path or '.well-known'}/did.json"


def did_document(did: str, keys: Iterable[SigningKey]) -> JsonObject:
    """What we publish for one of our organisations (DID Core 1.0; Controlled Identifiers 1.0).

    Retired keys stay, so that what they signed can be checked; a compromised one is named no longer as one that asserts.
    ``assertionMethod`` holds the full DID URLs as strings, which is what validators read.
    """
    methods: list[JsonObject] = []
    asserting: list[str] = []
    for key in keys:
        members = {
            **jwk(key_of_multikey(key.multikey)),
            "alg": JWS_ALGORITHM[key.key_type],
            "kid": key.verification_method,
        }
        if key.key_type is KeyType.ED25519:
            form: JsonObject = {"type": "Multikey", "publicKeyMultibase": key.multikey}
        else:
            form = {"type": "JsonWebKey", "publicKeyJwk": members}
        method = {"id": key.verification_method, "controller": did, **form}
        if key.state is KeyState.COMPROMISED and key.compromised_since:
            method["revoked"] = key.compromised_since.isoformat().replace("+00:00", "Z")
        else:
            asserting.append(key.verification_method)
        methods.append(method)
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/jwk/v1",
        ],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": asserting,
    }


def key_set(keys: Iterable[SigningKey]) -> JsonObject:
    """The JSON Web Key Set (RFC 7517, section 5) of the same keys, for readers of VC-JWTs."""
    return {
        "keys": [
            {
                **jwk(key_of_multikey(key.multikey)),
                "kid": key.verification_method,
                "use": "sig",
                "alg": JWS_ALGORITHM[key.key_type],
            }
            for key in keys
            if key.state is not KeyState.COMPROMISED
        ]
    }
