"""A public key as one value, whatever form it came in, and the one question it answers: did its holder sign this?"""

from dataclasses import dataclass, field
from typing import cast

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from credentials.errors import Refused
from credentials.jsonld.rdfc10 import HashName
from credentials.proofs.ed25519 import check_ed25519, on_curve, verify_ed25519
from credentials.proofs.model import KeyType

MIN_RSA_BITS = 2048  # NIST SP 800-131A, and RFC 7518, section 3.3
MAX_RSA_BITS = 4096  # a longer one only costs the verifier time
RSA_EXPONENT = 65537  # what every key generator has chosen for decades; a small one invites forgeries

_CURVES = {KeyType.P256: SECP256R1(), KeyType.P384: SECP384R1()}
_COORDINATE_OCTETS = {KeyType.P256: 32, KeyType.P384: 48}
_ECDSA = {KeyType.P256: ECDSA(SHA256()), KeyType.P384: ECDSA(SHA384())}
SIGNATURE_OCTETS = {KeyType.ED25519: 64, KeyType.P256: 64, KeyType.P384: 96}
"""How long a signature of each type is: R || S for Ed25519, r || s for ECDSA. RSA's has the length of its modulus."""

HASH: dict[KeyType, HashName] = {KeyType.ED25519: "sha256", KeyType.P256: "sha256", KeyType.P384: "sha384"}
"""What a cryptosuite hashes documents with before a key of this type signs (vc-di-eddsa, vc-di-ecdsa)."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that has passed every check of its form. Made by ``ed25519_key``, ``ec_key`` and ``rsa_key`` alone.

    ``octets`` is its one spelling: the 32 octets of RFC 8032, a compressed SEC 1 point, or the modulus of an RSA key
    (the exponent is always 65537). Two keys are equal when type and octets are.
    """

    type: KeyType
    octets: bytes
    loaded: Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey = field(repr=False, compare=False)

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether the holder of this key signed the message.

        Ed25519 takes R || S of 64 octets (RFC 8032), P-256 and P-384 take r || s of exactly 64 and 96 octets over SHA-256
        and SHA-384 (FIPS 186-5), RSA takes PKCS #1 v1.5 over SHA-256 (RFC 8017). An ECDSA signature has a valid twin, so
        that a signature is never an identity: compare documents, never signatures.
        """
        try:
            if self.type is KeyType.ED25519:  # asked of the class of ``loaded``, it would cost ten times as much
                return verify_ed25519(self.octets, cast(Ed25519PublicKey, self.loaded), signature, message)
            if self.type is KeyType.RSA:
                cast(RSAPublicKey, self.loaded).verify(signature, message, PKCS1v15(), SHA256())
            else:
                ecdsa = _ECDSA[self.type]
                cast(EllipticCurvePublicKey, self.loaded).verify(_der_of(signature, self.type), message, ecdsa)
        except InvalidSignature:
            return False
        return True

    @property
    def on_curve(self) -> bool:
        """Whether the key is a point of its curve. Only an Ed25519 key can get this far and not be: see ``ed25519.py``."""
        return self.type is not KeyType.ED25519 or on_curve(self.octets)


def ed25519_key(octets: bytes) -> PublicKey:
    """An Ed25519 key from its 32 octets. ``Refused`` as ``check_ed25519`` says."""
    check_ed25519(octets)
    return PublicKey(KeyType.ED25519, octets, Ed25519PublicKey.from_public_bytes(octets))


def ec_key(key_type: KeyType, point: bytes) -> PublicKey:
    """A P-256 or P-384 key from a SEC 1 point, compressed or not. ``Refused`` when it is not on the curve."""
    size = _COORDINATE_OCTETS[key_type]
    if (len(point), point[:1]) not in {(1 + size, b"\2"), (1 + size, b"\3"), (1 + 2 * size, b"\4")}:
        raise Refused("INVALID_VERIFICATION_METHOD", f"This is no {key_type} point in SEC 1 form.")
    try:
        loaded = EllipticCurvePublicKey.from_encoded_point(_CURVES[key_type], point)
    except ValueError as error:
        raise Refused("INVALID_VERIFICATION_METHOD", f"The point is not on the curve {key_type}.") from error
    compressed = (
        loaded.public_bytes(Encoding.X962, PublicFormat.CompressedPoint) if len(point) == 1 + 2 * size else point
    )
    return PublicKey(key_type, compressed, loaded)


def rsa_key(modulus: int, exponent: int) -> PublicKey:
    """An RSA key for verification. ``weak-key`` when it is outside 2048 to 4096 bits or has another exponent than 65537."""
    if not MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS:
        raise Refused("weak-key", f"An RSA key has {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, not {modulus.bit_length()}.")
    if exponent != RSA_EXPONENT or modulus % 2 == 0:
        raise Refused("weak-key", f"An RSA key has the exponent {RSA_EXPONENT} and an odd modulus.")
    loaded = RSAPublicNumbers(exponent, modulus).public_key()
    return PublicKey(KeyType.RSA, modulus.to_bytes((modulus.bit_length() + 7) // 8), loaded)


MAX_PEM_CHARACTERS = 4096


def key_of_pem(text: object) -> PublicKey:
    """The key in a ``publicKeyPem`` (RFC 7468, "SubjectPublicKeyInfo"), as issuers of Open Badges 2.0 publish theirs.

    ``INVALID_VERIFICATION_METHOD`` for what is none, else as the key's own kind says.
    """
    if not isinstance(text, str) or len(text) > MAX_PEM_CHARACTERS or "BEGIN PUBLIC KEY" not in text:
        raise Refused("INVALID_VERIFICATION_METHOD", "publicKeyPem is no public key in PEM form.")
    try:
        loaded = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused("INVALID_VERIFICATION_METHOD", "publicKeyPem is no public key in PEM form.") from error
    match loaded:
        case RSAPublicKey():
            numbers = loaded.public_numbers()
            return rsa_key(numbers.n, numbers.e)
        case EllipticCurvePublicKey(curve=SECP256R1()):
            return ec_key(KeyType.P256, loaded.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
        case EllipticCurvePublicKey(curve=SECP384R1()):
            return ec_key(KeyType.P384, loaded.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
        case Ed25519PublicKey():
            return ed25519_key(loaded.public_bytes(Encoding.Raw, PublicFormat.Raw))
        case _:
            raise Refused("INVALID_VERIFICATION_METHOD", "publicKeyPem is a key of a kind that is not verified with.")


def uncompressed(key: PublicKey) -> tuple[bytes, bytes]:
    """The x and y of a P-256 or P-384 key, each of the curve's full length."""
    match key.loaded:
        case EllipticCurvePublicKey():
            point = key.loaded.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        case _:
            raise TypeError(f"{key.type} has no coordinates")
    middle = 1 + _COORDINATE_OCTETS[key.type]
    return point[1:middle], point[middle:]


def check_signature(key: PublicKey, signature: bytes, message: bytes, *, code: str, pointer: str = "") -> None:
    """Refuse with ``code`` unless the holder of the key signed the message."""
    if key.verify(signature, message):
        return
    if not key.on_curve:
        raise Refused("INVALID_VERIFICATION_METHOD", "The Ed25519 key is not a point of the curve.", pointer)
    raise Refused(code, "The signature does not fit what it should sign.", pointer)


def _der_of(signature: bytes, key_type: KeyType) -> bytes:
    """r || s as the DER that OpenSSL reads. The length and the range of r and s are ours to check."""
    size = _COORDINATE_OCTETS[key_type]
    order = _CURVES[key_type].group_order
    r = int.from_bytes(signature[:size])
    s = int.from_bytes(signature[size:])
    if len(signature) != 2 * size or not 0 < r < order or not 0 < s < order:
        raise InvalidSignature
    return encode_dss_signature(r, s)
