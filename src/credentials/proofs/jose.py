"""Compact JSON Web Signatures, as VC-JWTs of Open Badges 3.0 and of VC-JOSE-COSE are secured.

RFC 7515, section 7.1. The header is an allow list: nothing in it fetches, unpacks, switches off or explains itself.
"""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from credentials.errors import Malformed, Refused
from credentials.jsonld.reader import read_json
from credentials.jsonld.tokens import is_absolute_iri
from credentials.proofs.jwk import ALGORITHMS, PRIVATE_MEMBERS, key_of_jwk
from credentials.proofs.keys import PublicKey, check_signature
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multibase import base64url_decode, base64url_encode

MAX_TOKEN_CHARACTERS = 1_500_000
"""A credential of 1 MiB, its header and its signature in base64url."""

MAX_HEADER_CHARACTERS = 8192
MAX_SIGNATURE_CHARACTERS = 683  # 512 octets, of RSA-4096
MAX_KID_CHARACTERS = 4096

HEADER_MEMBERS = frozenset({"alg", "kid", "jwk", "typ", "cty"})
"""All that Open Badges 3.0 allows (it says that additional JOSE headers are not), and ``cty`` of VC-JOSE-COSE."""

TYPES = frozenset({"JWT", "vc+jwt", "vp+jwt"})
CONTENT_TYPES = frozenset({"vc", "vp"})

_ALGORITHM = {
    KeyType.ED25519: "EdDSA",  # the name that verifiers of today know; RFC 9864's «Ed25519» is read as well
    KeyType.P256: "ES256",
    KeyType.P384: "ES384",
    KeyType.RSA: "RS256",
}


class Header(msgspec.Struct, frozen=True):
    """A JOSE header that passed. Exactly one of ``kid`` (an absolute URL) and ``jwk`` is there."""

    alg: str
    kid: str | None = None
    jwk: PublicKey | None = None
    typ: str | None = None
    cty: str | None = None


class Jws(msgspec.Struct, frozen=True):
    """A compact JWS taken apart, its signature not yet checked."""

    header: Header
    payload: bytes
    signing_input: bytes
    signature: bytes


def read_jws(token: bytes) -> Jws:
    """Take a compact JWS apart.

    ``PARSING_ERROR`` for what is no JWS, ``payload-too-large`` over the cap, ``alg-not-allowed``, ``header-not-allowed``
    and ``MALFORMED_VALUE_ERROR`` for its header; whatever ``jsonld.reader`` refuses.
    """
    return _read(token, _named_header)


def _read(token: bytes, read_header: Callable[[bytes], Header]) -> Jws:
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise Refused("payload-too-large", f"A token has at most {MAX_TOKEN_CHARACTERS} characters.")
    header, _, rest = token.partition(b".")  # which looks for its octet faster than ``split``
    payload, dot, signature = rest.partition(b".")
    if not dot or b"." in signature:
        raise Refused("PARSING_ERROR", "A compact JWS has three parts.")
    if len(header) > MAX_HEADER_CHARACTERS or len(signature) > MAX_SIGNATURE_CHARACTERS:
        raise Refused("payload-too-large", "The header or the signature of the token is too long.")
    return Jws(
        header=read_header(header),
        payload=_octets(payload, "payload"),
        signing_input=token[: len(header) + 1 + len(payload)],
        signature=_octets(signature, "signature"),
    )


def read_unnamed_jws(token: bytes) -> Jws:
    """A compact JWS whose key is named elsewhere, as those of Open Badges 2.0 are: what its header says of a key is not read,
    and one that brings a key, or an address of one, is refused. Raises as ``read_jws`` does."""
    return _read(token, _unnamed_header)


@lru_cache(maxsize=64)
def _named_header(text: bytes) -> Header:
    """All tokens that an issuer signs with one key begin with the same header, letter for letter."""
    return _read_header(read_json(_octets(text, "header")))


def _unnamed_header(text: bytes) -> Header:
    return _read_unnamed_header(read_json(_octets(text, "header")))


def _read_unnamed_header(header: object) -> Header:
    if not isinstance(header, dict):
        raise Refused("PARSING_ERROR", "The header of a JWS is an object.")
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise Refused("alg-not-allowed", f"The algorithm must be one of {', '.join(ALGORITHMS)}.", "/alg")
    if not {"alg", "kid", "typ", "cty"}.issuperset(header):
        raise Refused("header-not-allowed", "A header has alg, kid, typ and cty, and no other member.")
    return Header(alg=alg)


def verify_jws(jws: Jws, key: PublicKey) -> None:
    """Returns when the holder of the key signed the token, else ``Refused``.

    ``alg-not-allowed`` when the header's algorithm is not the key's one algorithm, else ``CRYPTOGRAPHIC_SECURITY_ERROR``.
    The caller has found the key by the header's ``kid``, or found the header's ``jwk`` among the issuer's keys.
    """
    if ALGORITHMS[jws.header.alg] is not key.type:
        raise Refused("alg-not-allowed", f"{jws.header.alg} is not the algorithm of a key of type {key.type}.", "/alg")
    check_signature(key, jws.signature, jws.signing_input, code="CRYPTOGRAPHIC_SECURITY_ERROR")


def signing_input(payload: bytes, key_type: KeyType, kid: str, *, typ: str = "JWT") -> bytes:
    """What the signer signs: the header and the payload, ready to be followed by a signature.

    Open Badges 3.0 demands ``typ: JWT``; VC-JOSE-COSE recommends ``vc+jwt``.
    """
    header = msgspec.json.encode({"alg": _ALGORITHM[key_type], "kid": kid, "typ": typ})
    return base64url_encode(header) + b"." + base64url_encode(payload)


def compact(signing_input: bytes, signature: bytes) -> str:
    """The finished token."""
    return (signing_input + b"." + base64url_encode(signature)).decode("ascii")


def _read_header(header: object) -> Header:
    if not isinstance(header, dict):
        raise Refused("PARSING_ERROR", "The header of a JWS is an object.")
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise Refused("alg-not-allowed", f"The algorithm must be one of {', '.join(ALGORITHMS)}.", "/alg")
    if not HEADER_MEMBERS.issuperset(header):
        raise Refused("header-not-allowed", "A header has alg, kid or jwk, typ and cty, and no other member.")
    if "kid" in header and "jwk" in header:
        raise Refused("header-not-allowed", "A header has kid or jwk, not both.", "/jwk")
    return Header(
        alg=alg,
        kid=_read_kid(header["kid"]) if "kid" in header else None,
        jwk=_read_jwk(header) if "kid" not in header else None,
        typ=_one_of(header, "typ", TYPES),
        cty=_one_of(header, "cty", CONTENT_TYPES),
    )


def _read_kid(kid: object) -> str:
    if not isinstance(kid, str) or len(kid) > MAX_KID_CHARACTERS or not is_absolute_iri(kid):
        raise Refused("MALFORMED_VALUE_ERROR", "kid must be an absolute URL.", "/kid")
    return kid


def _read_jwk(header: JsonObject) -> PublicKey:
    if "jwk" not in header:
        raise Refused("MALFORMED_VALUE_ERROR", "A header names its key by kid or jwk.")
    jwk = header["jwk"]
    if isinstance(jwk, dict) and not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise Refused("header-not-allowed", "The header gives a private key away.", "/jwk")
    try:
        return key_of_jwk(jwk)
    except Refused as refused:
        raise Refused(refused.code, refused.detail, f"/jwk{refused.pointer}") from refused


def _one_of(header: JsonObject, member: str, allowed: frozenset[str]) -> str | None:
    value = header.get(member)
    if member in header and (not isinstance(value, str) or value not in allowed):
        raise Refused("header-not-allowed", f"{member} must be one of {', '.join(sorted(allowed))}.", f"/{member}")
    return value


def _octets(text: bytes, part: str) -> bytes:
    try:
        return base64url_decode(text)
    except Malformed as error:
        raise Refused("PARSING_ERROR", f"The {part} of the token: {error.detail}") from error
