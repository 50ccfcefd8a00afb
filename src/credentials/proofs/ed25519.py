"""Which 32 octets are an Ed25519 public key that only its holder can sign for.

OpenSSL loads any 32 octets. Eight points of small order then accept one constant signature for every message, without
anybody holding a private key, and a coordinate at or above the field's prime is a second spelling of a key. Both are
refused here (RFC 8032, section 5.1.3; Taming the many EdDSAs, https://eprint.iacr.org/2020/1244, section 3).

Where the extra ``libsodium`` is installed, its verification is used: it takes half the time. The two agree on every signature
once points of small order are refused as R too, which no signer makes and only libsodium refuses by itself.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from credentials.errors import Refused

try:
    from nacl.bindings import crypto_sign_open
    from nacl.exceptions import BadSignatureError
except ImportError:  # the extra is absent
    HAS_LIBSODIUM = False
else:
    HAS_LIBSODIUM = True

PRIME = 2**255 - 19
_D = -121665 * pow(121666, -1, PRIME) % PRIME  # the curve: -x^2 + y^2 = 1 + d x^2 y^2
_SIGN = 1 << 255

# y of the points whose order divides 8: 1 (the identity), -1 (order 2), 0 (order 4), and the two of order 8, where
# doubling gives y = 0: d y^4 + 2 y^2 - 1 = 0.
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL_ORDER = frozenset({0, 1, PRIME - 1, _ORDER_8, PRIME - _ORDER_8})

_SMALL_ORDER_OCTETS = frozenset(
    (y | sign).to_bytes(32, "little") for y in (*SMALL_ORDER, PRIME, PRIME + 1) for sign in (0, _SIGN)
)
SIGNATURE_OCTETS = 64


def verify_ed25519(octets: bytes, loaded: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether R || S signs the message (RFC 8032, section 5.1.7, without the cofactor), and R is not of small order.

    ``octets`` have passed ``check_ed25519``; ``loaded`` is the same key.
    """
    if len(signature) != SIGNATURE_OCTETS or signature[:32] in _SMALL_ORDER_OCTETS:
        return False
    if HAS_LIBSODIUM:
        return _verified_by_libsodium(octets, signature, message)
    return _verified_by_openssl(loaded, signature, message)


def _verified_by_libsodium(octets: bytes, signature: bytes, message: bytes) -> bool:
    try:
        crypto_sign_open(signature + message, octets)
    except BadSignatureError:
        return False
    return True


def _verified_by_openssl(loaded: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        loaded.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def check_ed25519(octets: bytes) -> None:
    """Refuse what is no strict Ed25519 key: ``INVALID_VERIFICATION_METHOD`` for its length, else ``weak-key``.

    Whether the octets are a point of the curve at all costs as much as a verification, and OpenSSL's verification finds
    out anyhow; ``on_curve`` tells afterwards.
    """
    if len(octets) != 32:
        raise Refused("INVALID_VERIFICATION_METHOD", f"An Ed25519 key has 32 octets, not {len(octets)}.")
    y = _y(octets)
    if y >= PRIME:
        raise Refused("weak-key", "The Ed25519 key is not in canonical form: it could be written in two ways.")
    if y in SMALL_ORDER:
        raise Refused("weak-key", "The Ed25519 key is a point of small order: anybody can sign for it.")


def on_curve(octets: bytes) -> bool:
    """Whether the 32 octets name a point of the curve: x^2 = (y^2 - 1) / (d y^2 + 1) has a root (Euler's criterion)."""
    square = _y(octets) ** 2
    quotient = (square - 1) * (_D * square + 1)
    return pow(quotient, (PRIME - 1) // 2, PRIME) != PRIME - 1


def _y(octets: bytes) -> int:
    return int.from_bytes(octets, "little") & ~_SIGN
