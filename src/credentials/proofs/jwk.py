"""JSON Web Keys (RFC 7517, 7518, 8037), their thumbprints (RFC 7638), and did:jwk.

did:jwk: https://github.com/quartzjer/did-jwk/blob/main/spec.md
"""

from hashlib import sha256

import msgspec

from credentials.errors import Malformed, Refused
from credentials.jsonld.reader import read_json
from credentials.proofs.keys import RSA_EXPONENT, PublicKey, ec_key, ed25519_key, rsa_key, uncompressed
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multibase import base64url_decode, base64url_encode

PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""What only a private or a symmetric key has (RFC 7518, section 6). One of them, and the JWK is refused."""

ALGORITHMS = {
    "EdDSA": KeyType.ED25519,
    "Ed25519": KeyType.ED25519,  # RFC 9864 names the curve
    "ES256": KeyType.P256,
    "ES384": KeyType.P384,
    "RS256": KeyType.RSA,
}
"""The JOSE algorithms that we know, and the one type of key that each works with."""

_EC_COORDINATE_OCTETS = {KeyType.P256: 32, KeyType.P384: 48}
_MAX_RSA_CHARACTERS = 1024  # of base64url: 6,144 bits, so that a foreign number stays small until its length is judged
_DID_JWK = "did:jwk:"
_MAX_DID_JWK_CHARACTERS = 4096


def jwk(key: PublicKey) -> dict[str, str]:
    """The members that make the key, and no others: what RFC 7638 hashes, in its order."""
    match key.type:
        case KeyType.ED25519:
            return {"crv": "Ed25519", "kty": "OKP", "x": _text(key.octets)}
        case KeyType.P256 | KeyType.P384:
            x, y = uncompressed(key)
            return {"crv": key.type.value, "kty": "EC", "x": _text(x), "y": _text(y)}
        case KeyType.RSA:
            return {"e": _text(RSA_EXPONENT.to_bytes(3)), "kty": "RSA", "n": _text(key.octets)}


def thumbprint(key: PublicKey) -> str:
    """RFC 7638 with SHA-256: the same for every JWK of the same key."""
    return _text(sha256(msgspec.json.encode(jwk(key), order="sorted")).digest())


def key_of_jwk(members: object) -> PublicKey:
    """The key that a JWK names. Members that say nothing about the key (``kid``, ``x5c`` ...) are left alone.

    ``INVALID_VERIFICATION_METHOD`` for a private member, a foreign curve, a wrong length, a key that is meant for
    something else; ``weak-key`` for one that protects nothing.
    """
    if not isinstance(members, dict):
        raise Refused("INVALID_VERIFICATION_METHOD", "A JWK is an object.")
    if not PRIVATE_MEMBERS.isdisjoint(members):
        raise Refused("INVALID_VERIFICATION_METHOD", "The JWK holds a private key: it is no secret any more.")
    key = _key(members)
    if members.get("use", "sig") != "sig" or "verify" not in _key_operations(members):
        raise Refused("INVALID_VERIFICATION_METHOD", "The JWK is not for signatures.", "/use")
    algorithm = members.get("alg")
    if algorithm is not None and (not isinstance(algorithm, str) or ALGORITHMS.get(algorithm) is not key.type):
        raise Refused("INVALID_VERIFICATION_METHOD", "The JWK is for an algorithm that does not fit it.", "/alg")
    return key


def did_jwk(key: PublicKey) -> str:
    """The did:jwk of a public key."""
    return _DID_JWK + _text(msgspec.json.encode(jwk(key)))


def did_jwk_url(key: PublicKey) -> str:
    """The verification method of a did:jwk: its one key is ``#0``."""
    return did_jwk(key) + "#0"


def key_of_did_jwk(url: str) -> PublicKey:
    """The key that a did:jwk's verification method names."""
    did, _, fragment = url.partition("#")
    text = did.removeprefix(_DID_JWK)
    if text == did or not text or len(text) > _MAX_DID_JWK_CHARACTERS:
        raise Refused("INVALID_VERIFICATION_METHOD_URL", "This is no did:jwk.")
    if fragment != "0":
        raise Refused("INVALID_VERIFICATION_METHOD", "The only verification method of a did:jwk is #0.")
    try:
        return key_of_jwk(read_json(_octets(text)))
    except Refused as refused:
        if refused.code == "weak-key":
            raise
        raise Refused("INVALID_VERIFICATION_METHOD", refused.detail) from refused


def _key(members: JsonObject) -> PublicKey:
    match members.get("kty"), members.get("crv"):
        case "OKP", "Ed25519":
            return ed25519_key(_octets(members.get("x")))
        case "EC", "P-256" | "P-384" as curve:
            key_type = KeyType(curve)
            x, y = _octets(members.get("x")), _octets(members.get("y"))
            if not len(x) == len(y) == _EC_COORDINATE_OCTETS[key_type]:
                raise Refused("INVALID_VERIFICATION_METHOD", f"x and y of {curve} have the curve's full length.")
            return ec_key(key_type, b"\4" + x + y)
        case "RSA", None:
            return rsa_key(_number(members.get("n")), _number(members.get("e")))
        case _:
            raise Refused("INVALID_VERIFICATION_METHOD", "The JWK is of no kind that we verify with.", "/kty")


def _key_operations(members: JsonObject) -> list[object]:
    operations = members.get("key_ops", ["verify"])
    return operations if isinstance(operations, list) else []


def _number(value: object) -> int:
    """Base64urlUInt of RFC 7518, section 2: no leading zero octet."""
    if isinstance(value, str) and len(value) > _MAX_RSA_CHARACTERS:
        raise Refused("weak-key", "The RSA key is too long.")
    octets = _octets(value)
    if octets[:1] in {b"", b"\0"}:
        raise Refused("INVALID_VERIFICATION_METHOD", "A number of a JWK starts with an octet that is not zero.")
    return int.from_bytes(octets)


def _octets(value: object) -> bytes:
    if not isinstance(value, str) or not value.isascii():
        raise Refused("INVALID_VERIFICATION_METHOD", "A number of a JWK is a base64url text.")
    try:
        return base64url_decode(value.encode("ascii"))
    except Malformed as error:
        raise Refused("INVALID_VERIFICATION_METHOD", f"A number of the JWK: {error.detail}") from error


def _text(octets: bytes) -> str:
    return base64url_encode(octets).decode("ascii")
