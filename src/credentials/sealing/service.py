"""Seal like a certificate authority.

*Prepare*, in the caller's transaction: (1) nothing was prepared for this source yet; (2) the document passes the lint: its
model, the strict form, safe mode; (3) it is signed with a throw-away key and our own judge accepts what came out; (4) it is
recorded as the intent. The caller commits.

*Seal*, in transactions of its own: (5) the organisation's keys are looked up, made on first use, and that is committed;
(6) the intent is signed; (7) the judge accepts it with the real keys; (8) bytes, log and whatever the caller records are
stored together with the mark that the intent is sealed. Whoever comes second finds the mark and gets the first one's bytes.

A crash before (4) leaves nothing; between (4) and (8) an intent that the next start seals, with the same signatures, because
both algorithms are deterministic and the proof's ``created`` is the intent's; after (8) nothing is missing.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from credentials.db import Database, Session
from credentials.ids import Ids
from credentials.jsonld.contexts import Contexts
from credentials.proofs.model import KeyType
from credentials.sealing.model import Format, Intent, Sealed
from credentials.sealing.store import all_sealed, intent, intent_for, sealed_as, sealed_of, waiting
from credentials.trust.keystore import LocalSigner
from credentials.trust.model import KeyStore

__all__ = [
    "Gate",
    "Record",
    "all_sealed",
    "intent",
    "intent_for",
    "prepare",
    "seal",
    "sealed_as",
    "sealed_of",
    "waiting",
]

KEY_TYPES = {Format.DATA_INTEGRITY: KeyType.ED25519, Format.JWT: KeyType.P256}

Record = Callable[[Session, Intent, tuple[Sealed, ...]], Awaitable[None]]
"""What the caller stores in the transaction that stores the sealed documents."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What sealing works with. ``contexts`` are the pinned ones; ``throwaway`` never signs anything that leaves."""

    database: Database
    keystore: KeyStore
    contexts: Contexts
    ids: Ids
    throwaway: Mapping[KeyType, LocalSigner] = field(default_factory=dict)
