"""Private keys in memory, for tests: what a signer does, with no file, no store and no waiting."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials.proofs.keys import PublicKey, ec_key, ed25519_key, rsa_key
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import octets_of_base58
from credentials.proofs.multikey import did_key, did_key_url

_SECRET_CODECS = {b"\x80\x26": KeyType.ED25519, b"\x86\x26": KeyType.P256, b"\x87\x26": KeyType.P384}


@dataclass(frozen=True)
class LocalKey:
    """A key pair. ``sign`` answers as every signer of ours does: 64 octets of Ed25519, r || s of ECDSA."""

    public: PublicKey
    private: Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey

    @property
    def did(self) -> str:
        return did_key(self.public)

    @property
    def verification_method(self) -> str:
        return did_key_url(self.public)

    def sign(self, message: bytes) -> bytes:
        match self.private:
            case Ed25519PrivateKey():
                return self.private.sign(message)
            case EllipticCurvePrivateKey():
                size, algorithm = (32, SHA256()) if self.public.type is KeyType.P256 else (48, SHA384())
                r, s = decode_dss_signature(self.private.sign(message, ECDSA(algorithm, deterministic_signing=True)))
                return r.to_bytes(size) + s.to_bytes(size)
            case RSAPrivateKey():
                return self.private.sign(message, PKCS1v15(), SHA256())


def local_key(key_type: KeyType, seed: int = 1) -> LocalKey:
    """The same key for the same seed, every time."""
    if key_type is KeyType.ED25519:
        private = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32))
        return LocalKey(ed25519_key(private.public_key().public_bytes_raw()), private)
    curve = SECP256R1() if key_type is KeyType.P256 else SECP384R1()
    return _ec(key_type, derive_private_key(seed + 1, curve))


def key_of_rsa(private: RSAPrivateKey) -> LocalKey:
    numbers = private.public_key().public_numbers()
    return LocalKey(rsa_key(numbers.n, numbers.e), private)


def key_of_secret_multikey(text: str) -> LocalKey:
    """The key pair behind a ``secretKeyMultibase``, as the published vectors give them."""
    octets = octets_of_base58(text)
    key_type, secret = _SECRET_CODECS[octets[:2]], octets[2:]
    if key_type is KeyType.ED25519:
        private = Ed25519PrivateKey.from_private_bytes(secret)
        return LocalKey(ed25519_key(private.public_key().public_bytes_raw()), private)
    curve = SECP256R1() if key_type is KeyType.P256 else SECP384R1()
    return _ec(key_type, derive_private_key(int.from_bytes(secret), curve))


def _ec(key_type: KeyType, private: EllipticCurvePrivateKey) -> LocalKey:
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return LocalKey(ec_key(key_type, point), private)
