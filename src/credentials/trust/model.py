from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from credentials.errors import Conflict, Malformed, Unavailable
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


class Use(StrEnum):
    """What an organisation may accept an issuer's credentials for. *List* is another matter than the rest: whoever has it
    may name issuers in signed lists; what it issues itself is not accepted by that."""

    LICENCE = "licence"
    PAY = "pay"
    DISPLAY = "display"
    LIST = "list"


GENERAL = frozenset({Use.LICENCE, Use.PAY, Use.DISPLAY})
"""What is meant where nothing is said: an issuer that the operator recognises, and our own organisations."""


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation's word on an issuer: what it accepts of it, for which uses, from when until when.

    Directed: it binds this organisation and those below it, and nobody else. Typed: without ``achievement_types`` and
    ``achievements`` it speaks of everything that the issuer issues. Conditional: ``condition`` is a sentence for whoever
    acts on it. Without ``uses`` it says: not accepted here. ``rank`` is how far above the organisation that asks its author
    stands, and ``by`` the author's name.
    """

    name: str
    logo: str = ""
    uses: frozenset[Use] = frozenset()
    achievement_types: tuple[str, ...] = ()
    achievements: tuple[str, ...] = ()
    condition: str = ""
    from_: datetime | None = None
    until: datetime | None = None
    rank: int = 0
    by: str = ""


class TrustedIssuer(msgspec.Struct, frozen=True, kw_only=True):
    """An issuer that is recognised here. ``name`` is ours to give: what a badge says of its issuer proves nothing.

    Without ``terms`` it is the operator's word: good for everything in general. With them, they alone decide.
    """

    id: str
    name: str
    from_: datetime | None = None
    until: datetime | None = None
    terms: tuple[Term, ...] = ()

    def holds_at(self, moment: datetime) -> bool:
        return (self.from_ is None or self.from_ <= moment) and (self.until is None or moment < self.until)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What an issuer's credential is good for, where somebody recognises it."""

    name: str
    logo: str = ""
    uses: frozenset[Use] = GENERAL
    conditions: tuple[str, ...] = ()
    by: str = ""


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an organisation's registry. ``owner`` is the organisation's id.

    ``source`` says where it came from: empty for one that somebody entered, ``csv``, or the id of the signed list, whose
    own date is ``listed_at``. Lines are ended, never deleted: what was recognised on a day stays known.
    """

    id: str
    owner: str
    issuer: str
    name: str
    logo: str = ""
    uses: frozenset[Use] = frozenset()
    achievement_types: tuple[str, ...] = ()
    achievements: tuple[str, ...] = ()
    condition: str = ""
    from_: datetime | None = None
    until: datetime | None = None
    source: str = ""
    listed_at: datetime | None = None
    created_at: datetime
    revision: int = 1


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What came of taking a list: lines that are new, that were there already, that an older edition had and this one not."""

    added: int
    unchanged: int
    ended: int


class RecognitionRefused(Malformed):
    """A line, or a list of them, that cannot be taken; each fault says which line and what to do."""

    code = "recognition-refused"


class ListOutdated(Conflict):
    """A newer edition of the same list was taken already."""

    code = "list-outdated"


class KeyStoreUnreadable(Unavailable):
    code = "key-store-unreadable"


class KeyGone(Conflict):
    code = "key-gone"
