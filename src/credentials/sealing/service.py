"""Seal like a certificate authority.

*Prepare*, in the caller's transaction: (1) nothing was prepared for this source yet; (2) the document passes the lint: its
model, the strict form, safe mode; (3) it is signed with a throw-away key and our own judge accepts what came out; (4) it is
recorded as the intent. The caller commits.

*Seal*, in transactions of its own: (5) the organisation's keys are looked up, made on first use, and that is committed;
(6) the intent is signed; (7) the judge accepts it with the real keys; (8) bytes, log and whatever the caller records are
stored together with the mark that the intent is sealed. Whoever comes second finds the mark and gets the first one's bytes.

A crash before (4) leaves nothing; between (4) and (8) an intent that the next start seals; after (8) nothing is missing. Nobody
sees a signature before it is stored, and what is stored first stays: it does not matter whether signing again would give the
same octets, which it does not with ECDSA in an HSM, or with ``ecdsa-sd-2023`` anywhere.

Documents that others ask us to sign (``model.OPEN_KINDS``) pass the same gate with the lint of the data model alone; they may
be in force later or no more.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from credentials.db import Database, Session
from credentials.errors import Refused
from credentials.ids import Ids
from credentials.jsonld.contexts import Contexts
from credentials.log import service as log
from credentials.log.model import Leaf
from credentials.openbadges.check import read_model
from credentials.openbadges.lint import lint_issued, written
from credentials.openbadges.usual import Achievements
from credentials.proofs.model import JsonObject
from credentials.sealing import store
from credentials.sealing.ceremony import KeyInUse, Remembered, key_types, name_of, rehearse, sign_and_judge
from credentials.sealing.model import (
    OPEN_BADGES,
    OPEN_KINDS,
    PLAIN_KIND,
    Intent,
    LintFailed,
    Means,
    Sealed,
    SealRefused,
    Source,
)
from credentials.sealing.store import (
    all_sealed,
    intent,
    intent_for,
    intents_of_document,
    newest_of_document,
    sealed_all_as,
    sealed_as,
    sealed_of,
    waiting,
    which_are_sealed,
)
from credentials.trust import service as trust
from credentials.trust.model import KeyState, KeyStore
from credentials.trust.rules import published

__all__ = [
    "Gate",
    "Record",
    "all_sealed",
    "intent",
    "intent_for",
    "intents_of_document",
    "newest_of_document",
    "prepare",
    "seal",
    "sealed_all_as",
    "sealed_as",
    "sealed_of",
    "waiting",
    "which_are_sealed",
]

Record = Callable[[Session, Intent, tuple[Sealed, ...]], Awaitable[None]]
"""What the caller stores in the transaction that stores the sealed documents."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What sealing works with. ``contexts`` are the pinned ones. ``means`` are how documents are secured, of all owners but
    those who have ``own_means``."""

    database: Database
    keystore: KeyStore
    contexts: Contexts
    ids: Ids
    means: tuple[Means, ...] = OPEN_BADGES
    own_means: Mapping[str, tuple[Means, ...]] = field(default_factory=dict)
    remembered: Remembered = field(init=False, repr=False, compare=False)
    achievements: Achievements = field(init=False, repr=False, compare=False, default_factory=written)

    def __post_init__(self) -> None:
        object.__setattr__(self, "remembered", Remembered(self.contexts))

    def means_of(self, owner: str) -> tuple[Means, ...]:
        return self.own_means.get(owner, self.means)


async def prepare(
    session: Session,
    gate: Gate,
    now: datetime,
    *,
    intent_id: str,
    source: Source,
    owner: str,
    did: str,
    document: JsonObject,
    means: tuple[Means, ...],
    octets: bytes = b"",
) -> Intent:
    """Steps 1 to 4. Answers the intent of the source, which may be an earlier one. ``octets`` are the document as
    ``msgspec.json`` encodes it, if the caller has them. Raises ``LintFailed``."""
    found = await store.intent_for(session, source)  # (1)
    if found:
        return found
    made = Intent(
        id=intent_id,
        source_kind=source.kind,
        source_id=source.id,
        owner=owner,
        did=did,
        document_id=document.get("id", ""),
        document=octets or msgspec.json.encode(document),
        formats=tuple(one.format for one in means),
        means=means,
        prepared_at=now,
    )
    try:
        if source.kind in {PLAIN_KIND, *OPEN_KINDS}:  # (2)
            read_model(document)
        else:
            lint_issued(document, gate.achievements, made.document)
        await rehearse(gate.contexts, gate.ids, made, now, gate.remembered)  # (3)
    except (Refused, SealRefused) as refused:
        raise LintFailed(f"this would not be a good credential: {refused.detail}", faults=refused.faults) from refused
    if not await store.add_intent(session, made):  # (4)
        return await store.intent_for(session, source) or made
    return made


async def seal(gate: Gate, now: datetime, intent_id: str, record: Record) -> tuple[Sealed, ...]:
    """Steps 5 to 8. Answers the sealed documents, which may be those of an earlier run. Raises ``SealRefused``."""
    async with gate.database.write() as session:
        found = await store.intent(session, intent_id)
        if found.sealed_at is not None:
            return await store.sealed_of(session, intent_id)
        keys = {}
        for key_type in key_types(found):  # (5)
            key = await trust.active_key(
                session, gate.keystore, gate.ids, now, owner=found.owner, did=found.did, key_type=key_type
            )
            keys[key_type] = KeyInUse(key, trust.signer(gate.keystore, key))
        asserting = [key for key in await trust.keys_of_did(session, found.did) if key.state is KeyState.ACTIVE]
    made = []
    for means in found.chosen:
        key = keys[means.key_type].key
        body = await sign_and_judge(  # (6), (7)
            gate.contexts,
            gate.ids,
            found,
            means,
            keys[means.key_type],
            found.did,
            published(asserting),
            now,
            gate.remembered,
        )
        made.append(
            Sealed(
                intent_id=found.id,
                format=means.format,
                body=body,
                digest=hashlib.sha256(body).hexdigest(),
                key=name_of(key, means),
                sealed_at=now,
            )
        )
    async with gate.database.write() as session:  # (8)
        if not await store.mark_sealed(session, intent_id, now):
            return await store.sealed_of(session, intent_id)
        for document in made:
            if not await store.add_sealed(session, document):
                await store.note_twin(session, intent_id, document.digest)
                twin = await store.sealed_of(session, intent_id)
                await record(session, found, twin)
                return twin
            leaf = Leaf(
                at=now, document=found.document_id, format=document.format, digest=document.digest, key=document.key
            )
            await log.append(session, leaf)
        await record(session, found, tuple(made))
    return tuple(made)
