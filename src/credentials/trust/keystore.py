"""Where private keys live: one encrypted file for each, under a key-encryption key that is kept elsewhere.

A file holds the private key under AES-256-GCM (NIST SP 800-38D) with a random nonce. The key's id and type are bound in
as associated data, so that files cannot be swapped. Files are readable by their owner only and are never overwritten.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from credentials import files
from credentials.ids import Ids
from credentials.proofs.keys import PublicKey, ec_key, ed25519_key
from credentials.proofs.model import KeyType
from credentials.trust.model import KeyStoreUnreadable, Signer, SigningKey

KEK_BYTES = 32
NONCE_BYTES = 12

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
_CURVES = {KeyType.P256: ec.SECP256R1(), KeyType.P384: ec.SECP384R1()}
_ECDSA = {  # deterministic (RFC 6979): sealing the same intent twice gives the same signature
    KeyType.P256: ec.ECDSA(SHA256(), deterministic_signing=True),
    KeyType.P384: ec.ECDSA(SHA384(), deterministic_signing=True),
}
_COORDINATE = {KeyType.P256: 32, KeyType.P384: 48}


class _KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    id: str
    key_type: KeyType
    nonce: bytes
    ciphertext: bytes


class LocalSigner:
    """A private key in memory."""

    def __init__(self, verification_method: str, key_type: KeyType, private: PrivateKey) -> None:
        self.verification_method = verification_method
        self.key_type = key_type
        self._private = private
        self._signed = _signing(key_type, private)

    @property
    def public(self) -> PublicKey:
        return public_of(self.key_type, self._private)

    async def sign(self, message: bytes) -> bytes:
        return self._signed(message)


def _signing(key_type: KeyType, private: PrivateKey) -> Callable[[bytes], bytes]:
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign
    size, algorithm = _COORDINATE[key_type], _ECDSA[key_type]

    def signed(message: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(message, algorithm))
        return r.to_bytes(size) + s.to_bytes(size)

    return signed


def generate(key_type: KeyType) -> PrivateKey:
    """A new private key. OpenSSL draws it: keys never come from ``ids``, which tests make repeatable."""
    match key_type:
        case KeyType.ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        case KeyType.P256 | KeyType.P384:
            return ec.generate_private_key(_CURVES[key_type])
        case KeyType.RSA:
            raise ValueError("we sign with no RSA key")


def public_of(key_type: KeyType, private: PrivateKey) -> PublicKey:
    match private:
        case ed25519.Ed25519PrivateKey():
            return ed25519_key(private.public_key().public_bytes_raw())
        case ec.EllipticCurvePrivateKey():
            return ec_key(key_type, private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


class LocalKeyStore:
    """Encrypted key files under ``root``. Keys that were read stay in memory for the life of the process."""

    def __init__(self, root: Path, kek: bytes, ids: Ids) -> None:
        if len(kek) != KEK_BYTES:
            raise KeyStoreUnreadable(f"the key-encryption key must have {KEK_BYTES} bytes, this one has {len(kek)}")
        self._root = root
        self._kek = AESGCM(kek)
        self._ids = ids
        self._open: dict[str, PrivateKey] = {}

    @property
    def key_types(self) -> frozenset[KeyType]:
        return frozenset({KeyType.ED25519, *_CURVES})

    def create(self, key_id: str, key_type: KeyType) -> PublicKey:
        """Make a key and keep it; it is on the disk when this returns. Raises ``FileExistsError`` for a used id."""
        private = generate(key_type)
        nonce = self._ids.octets(NONCE_BYTES)
        plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        ciphertext = self._kek.encrypt(nonce, plain, _bound(key_id, key_type))
        kept = _KeyFile(version=1, id=key_id, key_type=key_type, nonce=nonce, ciphertext=ciphertext)
        files.write_private(self._path(key_id), msgspec.json.encode(kept))
        self._open[key_id] = private
        return public_of(key_type, private)

    def signer(self, key: SigningKey) -> Signer:
        """Raises ``KeyStoreUnreadable`` when the file is gone, damaged, or of another key-encryption key."""
        private = self._open.get(key.id)
        if private is None:
            private = self._open[key.id] = self._read(key.id, key.key_type)
        return LocalSigner(key.verification_method, key.key_type, private)

    def discard(self, key_id: str) -> None:
        """Forget a key that was made and never published."""
        self._open.pop(key_id, None)
        self._path(key_id).unlink(missing_ok=True)

    def close(self) -> None:
        self._open.clear()

    def _read(self, key_id: str, key_type: KeyType) -> PrivateKey:
        path = self._path(key_id)
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=_KeyFile)
            plain = self._kek.decrypt(kept.nonce, kept.ciphertext, _bound(key_id, key_type))
        except FileNotFoundError:
            raise KeyStoreUnreadable(
                f"the key file {path} is missing: restore it from the backup of the key store"
            ) from None
        except (msgspec.MsgspecError, InvalidTag) as error:
            raise KeyStoreUnreadable(
                f"the key file {path} cannot be opened: it is damaged, or CREDENTIALS_KEK_FILE names another key"
            ) from error
        private = load_der_private_key(plain, None)
        if not isinstance(private, PrivateKey):
            raise KeyStoreUnreadable(f"the key file {path} holds a key of another kind")
        return private

    def _path(self, key_id: str) -> Path:
        return self._root / f"{key_id}.key"


def _bound(key_id: str, key_type: KeyType) -> bytes:
    return f"{key_id} {key_type}".encode()
