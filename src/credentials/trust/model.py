from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from credentials.errors import Conflict, Unavailable
from credentials.proofs.keys import PublicKey
from credentials.proofs.model import KeyType

DID_KEY = "did:key:"


class KeyState(StrEnum):
    """*Active*: signs. *Retired*: signs no more; what it signed stays good. *Compromised*: what it signed from a date on
    is not believed."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of one of our organisations: its public side and its history. ``owner`` is the organisation's id.

    The private side is in the key store, under the same ``id``.
    """

    id: str
    owner: str
    did: str
    key_type: KeyType
    multikey: str
    state: KeyState
    created_at: datetime
    retired_at: datetime | None = None
    compromised_since: datetime | None = None

    @property
    def verification_method(self) -> str:
        """The DID URL under which the key is published. A did:key has one key, and one name for it."""
        return f"{self.did}#{self.multikey if self.did.startswith(DID_KEY) else self.id}"

    @property
    def proof_method(self) -> str:
        """The name that Data Integrity proofs use. They ask for a Multikey, and tokens for a JWK: an ECDSA key, which makes
        both, is published under two names."""
        return self.verification_method if self.key_type is KeyType.ED25519 else f"{self.did}#{self.multikey}"


class Signer(Protocol):
    """Whatever holds a private key: a local file, an HSM, a cloud service."""

    @property
    def verification_method(self) -> str: ...

    @property
    def key_type(self) -> KeyType: ...

    async def sign(self, message: bytes) -> bytes:
        """The raw signature: 64 octets R || S for Ed25519; r || s over SHA-256 or SHA-384 for P-256 and P-384."""


class KeyStore(Protocol):
    """Where private keys are made and used; they never leave it."""

    @property
    def key_types(self) -> frozenset[KeyType]:
        """What keys it can make. Raises ``KeyStoreUnreadable`` when it has to ask a token that is away."""

    def create(self, key_id: str, key_type: KeyType) -> PublicKey:
        """Make a key and keep it for good. Raises ``FileExistsError`` for an id that is in use."""

    def signer(self, key: SigningKey) -> Signer:
        """Raises ``KeyStoreUnreadable``."""

    def discard(self, key_id: str) -> None:
        """Forget a key that was made and never published."""

    def close(self) -> None:
        """Let go of what is held open."""


class TrustedIssuer(msgspec.Struct, frozen=True, kw_only=True):
    """An issuer that is recognised here. ``name`` is ours to give: what a badge says of its issuer proves nothing."""

    id: str
    name: str
    from_: datetime | None = None
    until: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        return (self.from_ is None or self.from_ <= moment) and (self.until is None or moment < self.until)


class KeyStoreUnreadable(Unavailable):
    code = "key-store-unreadable"


class KeyGone(Conflict):
    code = "key-gone"
