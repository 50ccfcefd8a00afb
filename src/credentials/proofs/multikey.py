"""Multikey and did:key: a public key as one short text.

Multikey: Controlled Identifiers 1.0, section 2.2.2 (https://www.w3.org/TR/cid-1.0/#Multikey). did:key:
https://w3c-ccg.github.io/did-key-spec/. Both are ``z``, base58btc, of a multicodec prefix and the key.
"""

from credentials.errors import Malformed, Refused
from credentials.proofs.keys import RSA_EXPONENT, PublicKey, ec_key, ed25519_key, rsa_key
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import multibase_base58, octets_of_base58

_CODEC = {
    KeyType.ED25519: b"\xed\x01",
    KeyType.P256: b"\x80\x24",
    KeyType.P384: b"\x81\x24",
    KeyType.RSA: b"\x85\x24",
}
_KEY_TYPE = {codec: key_type for key_type, codec in _CODEC.items()}

_DID_KEY = "did:key:"


def multikey_octets(key: PublicKey) -> bytes:
    """The multicodec prefix and the key."""
    return _CODEC[key.type] + (_rsa_der(key.octets) if key.type is KeyType.RSA else key.octets)


def multikey(key: PublicKey) -> str:
    """The key as ``publicKeyMultibase`` of a Multikey writes it."""
    return multibase_base58(multikey_octets(key))


def key_of_multikey(text: object) -> PublicKey:
    """The key that a ``publicKeyMultibase`` names. ``INVALID_VERIFICATION_METHOD`` or ``weak-key`` otherwise."""
    try:
        octets = octets_of_base58(text)
    except Malformed as error:
        raise Refused("INVALID_VERIFICATION_METHOD", f"publicKeyMultibase: {error.detail}") from error
    return key_of_multikey_octets(octets)


def key_of_multikey_octets(octets: bytes) -> PublicKey:
    """The key behind a multicodec prefix. Secret-key codecs are as foreign as any other."""
    key_type = _KEY_TYPE.get(octets[:2])
    match key_type:
        case KeyType.ED25519:
            return ed25519_key(octets[2:])
        case KeyType.P256 | KeyType.P384:
            if octets[2:3] == b"\4":
                raise Refused("INVALID_VERIFICATION_METHOD", "A Multikey holds the compressed point.")
            return ec_key(key_type, octets[2:])
        case KeyType.RSA:
            return _rsa_of_der(octets[2:])
        case None:
            raise Refused(
                "INVALID_VERIFICATION_METHOD", "The Multikey names no kind of public key that we verify with."
            )


def did_key(key: PublicKey) -> str:
    """The did:key of a public key."""
    return _DID_KEY + multikey(key)


def did_key_url(key: PublicKey) -> str:
    """The verification method of a did:key: the DID, ``#``, and the same Multikey again."""
    text = multikey(key)
    return f"{_DID_KEY}{text}#{text}"


def key_of_did_key(url: str) -> PublicKey:
    """The key that a did:key's verification method names.

    The fragment must be the DID's own key: else one DID would speak with another's voice.
    """
    did, _, fragment = url.partition("#")
    text = did.removeprefix(_DID_KEY)
    if text == did or not text:
        raise Refused("INVALID_VERIFICATION_METHOD_URL", "This is no did:key.")
    if fragment != text:
        raise Refused("INVALID_VERIFICATION_METHOD", "The fragment of a did:key must be the key of the DID itself.")
    return key_of_multikey(text)


def _rsa_der(modulus: bytes) -> bytes:
    """RSAPublicKey of RFC 8017, appendix A.1.1. A modulus of 2048 bits or more makes every length a two-octet one."""
    integer = (b"\0" if modulus[0] & 0x80 else b"") + modulus
    body = b"\x02\x82" + len(integer).to_bytes(2) + integer + b"\x02\x03" + RSA_EXPONENT.to_bytes(3)
    return b"\x30\x82" + len(body).to_bytes(2) + body


def _rsa_of_der(der: bytes) -> PublicKey:
    """The inverse. Encoding again and comparing is the whole of strict DER."""
    modulus = der[8:-5].removeprefix(b"\0")
    if not modulus or _rsa_der(modulus) != der:
        raise Refused("INVALID_VERIFICATION_METHOD", "The RSA key of the Multikey is not in its one DER form.")
    return rsa_key(int.from_bytes(modulus), RSA_EXPONENT)
