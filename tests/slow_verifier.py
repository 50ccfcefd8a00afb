"""What speaks against a credential, found in the slow way: by other people's code, from the octets, with nothing remembered.

JSON by the standard library, JSON-LD by PyLD and oxigraph, JCS by rfc8785, signatures by cryptography. It knows the formats of
these tests alone, and says nothing good of anything: whatever the service accepts, this must have no objection to.
"""

import base64
import json
import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from jsonld_reference import Reference
from local_keys import LocalKey

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CLAIMS = {"iss", "sub", "jti", "nbf", "exp", "iat"}

KeyOf = Callable[[str, str | dict[str, Any], bool], LocalKey | None]
"""The key that an issuer has at this moment under a name, or as this JWK, for assertions in a token or elsewhere."""


class Unreadable(ValueError):
    """Two readers could read it in two ways, or nobody can."""


def strict_json(octets: bytes) -> Any:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in members}) < len(members):
            raise Unreadable("a key is there twice")
        return dict(members)

    def whole(text: str) -> int:
        if abs(int(text)) >= 2**53:
            raise Unreadable("a number is too large")
        return int(text)

    def fraction(text: str) -> float:
        if not math.isfinite(float(text)):
            raise Unreadable("a number is too large")
        return float(text)

    def constant(name: str) -> Any:
        raise Unreadable(name)

    value = json.loads(
        octets.decode(), object_pairs_hook=pairs, parse_int=whole, parse_float=fraction, parse_constant=constant
    )
    json.dumps(value, ensure_ascii=False).encode()  # half a character has no octets
    return value


def _base64url(text: str) -> bytes:
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(octets).decode().rstrip("=") != text:
        raise Unreadable("not the one spelling of base64url")
    return octets


def _base58(text: str) -> bytes:
    number = 0
    for sign in text:
        number = number * 58 + _BASE58.index(sign)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)


def _holds(key: LocalKey, signature: bytes, message: bytes) -> bool:
    try:
        match key.private:
            case Ed25519PrivateKey():
                key.private.public_key().verify(signature, message)
            case EllipticCurvePrivateKey():
                half = len(signature) // 2
                pair = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
                key.private.public_key().verify(encode_dss_signature(*pair), message, ECDSA(SHA256()))
            case _:
                return False
    except InvalidSignature:
        return False
    return True


class SlowVerifier:
    """``canonize`` and ``dropped`` of the reference are for the contexts that it was given."""

    def __init__(self, reference: Reference, dropped: Callable[[Any], list[str]]) -> None:
        self._reference = reference
        self._dropped = dropped

    def document(self, octets: bytes) -> tuple[dict[str, Any], tuple[bytes, bytes, dict[str, Any]] | None]:
        """The credential in a JSON document, an envelope or a token; and of a token what was signed, the signature and the
        header."""
        text = octets.strip(b" \t\r\n")
        if text.startswith(b"{"):
            value = strict_json(text)
            if not str(value.get("type", "")).startswith("Enveloped"):
                return value, None
            text = value["id"].partition(",")[2].encode()
        header, payload, signature = text.decode("ascii").split(".")
        claims = strict_json(_base64url(payload))
        signed = f"{header}.{payload}".encode(), _base64url(signature), strict_json(_base64url(header))
        return {name: value for name, value in claims.items() if name not in _CLAIMS}, signed

    def objections(self, octets: bytes, key_of: KeyOf, now: datetime) -> Iterator[str]:
        """Whatever speaks against it, its status and who its issuer is aside."""
        document, signed = self.document(octets)
        issuer = document["issuer"]["id"] if isinstance(document["issuer"], dict) else document["issuer"]
        unsecured = {name: value for name, value in document.items() if name != "proof"}
        if signed is not None:
            message, signature, header = signed
            key = key_of(issuer, header.get("kid") or header["jwk"], True)
            if key is None or header["alg"] not in (
                {"ES256"} if len(key.public.octets) == 33 else {"EdDSA", "Ed25519"}
            ):
                yield "the token is signed with no key of the issuer"
            elif not {"alg", "kid", "jwk", "typ", "cty"}.issuperset(header):
                yield "its header says something that nobody understands"
            elif not _holds(key, signature, message):
                yield "the signature of the token does not hold"
        proofs = document.get("proof", [])
        proofs = proofs if isinstance(proofs, list) else [proofs]
        if not proofs and signed is None:
            yield "it is not signed"
        for proof in proofs:
            key = key_of(issuer, proof["verificationMethod"], False)
            if key is None:
                yield "a proof is by no key of the issuer"
            elif not _holds(key, _base58(proof["proofValue"][1:]), self._hashed(unsecured, proof)):
                yield "a proof does not hold"
        yield from self._dropped(unsecured)
        if datetime.fromisoformat(document["validFrom"]) > now + timedelta(minutes=1):
            yield "it is not valid yet"
        if "validUntil" in document and datetime.fromisoformat(document["validUntil"]) <= now:
            yield "it is not valid any more"

    def _hashed(self, unsecured: dict[str, Any], proof: dict[str, Any]) -> bytes:
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        if "-jcs-" in proof["cryptosuite"]:
            signed = {**unsecured, "@context": proof["@context"]}
            parts = rfc8785.dumps(options), rfc8785.dumps(signed)
        else:
            config = {**options, "@context": unsecured["@context"]}
            parts = self._reference.canonize(config), self._reference.canonize(unsecured)
        return sha256(parts[0]).digest() + sha256(parts[1]).digest()
