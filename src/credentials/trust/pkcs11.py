"""Private keys in a hardware security module, through PKCS #11 (OASIS, version 2.40 and 3.0). Needs the extra ``hsm``.

Keys are made on the token and cannot be taken out of it. A key's label and id there are its id here. An ECDSA signature
of a token is a random one, unlike those of ``keystore``: nothing may count on getting the same one twice.

One session is kept, since opening one and signing in cost a hundred signatures, and used by one thread at a time, since
that is all that PKCS #11 promises of a session. It is opened again after any failure: a network HSM comes back.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cryptography.hazmat.primitives.hashes import SHA256, SHA384, Hash

from credentials.errors import Malformed
from credentials.proofs.keys import PublicKey, ec_key, ed25519_key
from credentials.proofs.model import KeyType
from credentials.trust.model import KeyStoreUnreadable, Signer, SigningKey

T = TypeVar("T")

# DER of the curves' object identifiers (RFC 5480, section 2.1.1.1; RFC 8410, section 3): what CKA_EC_PARAMS holds.
_PARAMETERS = {
    KeyType.ED25519: bytes.fromhex("06032b6570"),
    KeyType.P256: bytes.fromhex("06082a8648ce3d030107"),
    KeyType.P384: bytes.fromhex("06052b81040022"),
}
_COORDINATE = {KeyType.P256: 32, KeyType.P384: 48}
_HASH = {KeyType.P256: SHA256, KeyType.P384: SHA384}


class Hsm(Protocol):
    """The part of the package ``pkcs11`` that is used. Handed in, so that the program runs without it."""

    Attribute: Any
    KeyType: Any
    Mechanism: Any
    ObjectClass: Any
    PKCS11Error: Any

    def lib(self, so: str) -> Any: ...


def load_hsm() -> Hsm:
    """Raises ``Malformed`` when the extra is not installed."""
    try:
        import pkcs11
    except ImportError:
        raise Malformed(
            "keys in an HSM need the extra `hsm`: install educator-credentials[hsm] (python-pkcs11)"
        ) from None
    found: Hsm = pkcs11
    return found


class Pkcs11Signer:
    """A private key on the token. Signing waits in a thread: a network HSM takes milliseconds."""

    def __init__(self, store: "Pkcs11KeyStore", key: SigningKey) -> None:
        self.verification_method = key.verification_method
        self.key_type = key.key_type
        self._id = key.id
        self._store = store

    async def sign(self, message: bytes) -> bytes:
        return await asyncio.to_thread(self._store.sign, self._id, self.key_type, message)


class Pkcs11KeyStore:
    """The keys of one token."""

    def __init__(self, hsm: Hsm, library: Path, token: str, pin: str) -> None:
        """Nothing is opened yet: a token that is away for a moment does not keep the service from starting."""
        self._hsm = hsm
        self._library = str(library)
        self._token = token
        self._pin = pin
        self._lock = threading.Lock()
        self._session: Any = None
        self._private: dict[str, Any] = {}
        self._key_types: frozenset[KeyType] | None = None

    @property
    def key_types(self) -> frozenset[KeyType]:
        """What the token can make and sign with. Many have no Ed25519."""
        if self._key_types is None:
            self._key_types = self._with_session(self._ask_key_types)
        return self._key_types

    def create(self, key_id: str, key_type: KeyType) -> PublicKey:
        """Make a key on the token. Raises ``FileExistsError`` for a used id, ``KeyStoreUnreadable``."""

        def work(session: Any) -> PublicKey:
            if self._objects(session, key_id):
                raise FileExistsError(key_id)
            attribute = self._hsm.Attribute
            kind = self._hsm.KeyType.EC_EDWARDS if key_type is KeyType.ED25519 else self._hsm.KeyType.EC
            parameters = session.create_domain_parameters(
                kind, {attribute.EC_PARAMS: _PARAMETERS[key_type]}, local=True
            )
            public, private = parameters.generate_keypair(
                store=True,
                label=key_id,
                id=key_id.encode(),
                private_template={attribute.SENSITIVE: True, attribute.EXTRACTABLE: False, attribute.SIGN: True},
            )
            self._private[key_id] = private
            return _public_key(key_type, bytes(public[attribute.EC_POINT]))

        if key_type not in self.key_types:
            raise KeyStoreUnreadable(f"the token {self._token} has no keys of type {key_type}")
        return self._with_session(work)

    def signer(self, key: SigningKey) -> Signer:
        """Raises ``KeyStoreUnreadable`` when the token is away or has no such key."""
        self._with_session(lambda session: self._private_key(session, key.id))
        return Pkcs11Signer(self, key)

    def discard(self, key_id: str) -> None:
        """Forget a key that was made and never published."""

        def work(session: Any) -> None:
            self._private.pop(key_id, None)
            for found in self._objects(session, key_id):
                found.destroy()

        self._with_session(work)

    def sign(self, key_id: str, key_type: KeyType, message: bytes) -> bytes:
        """The raw signature, as ``model.Signer`` says. The token is given the hash where it is asked for ECDSA."""

        def work(session: Any) -> bytes:
            private = self._private_key(session, key_id)
            if key_type is KeyType.ED25519:
                return bytes(private.sign(message, mechanism=self._hsm.Mechanism.EDDSA))
            hashing = Hash(_HASH[key_type]())
            hashing.update(message)
            return bytes(private.sign(hashing.finalize(), mechanism=self._hsm.Mechanism.ECDSA))

        return self._with_session(work)

    def close(self) -> None:
        with self._lock:
            self._forget_session()

    def _ask_key_types(self, session: Any) -> frozenset[KeyType]:
        mechanism = self._hsm.Mechanism
        offered = set(session.token.slot.get_mechanisms())
        found: set[KeyType] = set()
        if {mechanism.EC_KEY_PAIR_GEN, mechanism.ECDSA} <= offered:
            found |= {KeyType.P256, KeyType.P384}
        if {mechanism.EC_EDWARDS_KEY_PAIR_GEN, mechanism.EDDSA} <= offered:
            found.add(KeyType.ED25519)
        return frozenset(found)

    def _private_key(self, session: Any, key_id: str) -> Any:
        if key_id not in self._private:
            found = [
                one for one in self._objects(session, key_id) if one.object_class is self._hsm.ObjectClass.PRIVATE_KEY
            ]
            if len(found) != 1:
                raise KeyStoreUnreadable(
                    f"the token {self._token} has {len(found)} private keys {key_id}: restore it from the token's backup, "
                    "or begin a new key with `credentials keys rotate`"
                )
            self._private[key_id] = found[0]
        return self._private[key_id]

    def _objects(self, session: Any, key_id: str) -> list[Any]:
        return list(session.get_objects({self._hsm.Attribute.LABEL: key_id}))

    def _with_session(self, work: Callable[[Any], T]) -> T:
        with self._lock, self._told():
            if self._session is None:
                token = self._hsm.lib(self._library).get_token(token_label=self._token)
                self._session = token.open(rw=True, user_pin=self._pin)
            return work(self._session)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """A failure of the token as one of ours, without the PIN in it; the next use begins with a new session."""
        try:
            yield
        except self._hsm.PKCS11Error as error:
            self._forget_session()
            raise KeyStoreUnreadable(
                f"the HSM does not do its work ({type(error).__name__}): see CREDENTIALS_PKCS11_LIBRARY, _TOKEN and "
                "_PIN_FILE, and whether the token is there"
            ) from error

    def _forget_session(self) -> None:
        session, self._session = self._session, None
        self._private.clear()
        if session is not None:
            with contextlib.suppress(self._hsm.PKCS11Error):
                session.close()


def _public_key(key_type: KeyType, point: bytes) -> PublicKey:
    """The key in ``CKA_EC_POINT``. Tokens wrap it in an OCTET STRING or do not; its length is known either way."""
    if key_type is KeyType.ED25519:
        return ed25519_key(point[-32:])
    return ec_key(key_type, point[-(1 + 2 * _COORDINATE[key_type]) :])
