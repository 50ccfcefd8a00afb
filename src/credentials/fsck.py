"""Is everything that we keep as we left it? Says what is wrong and where; changes nothing."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import AwardState
from credentials.catalog import service as catalog
from credentials.compensation.service import postings as pay_postings
from credentials.db import Database, Session
from credentials.errors import Failure, Refused
from credentials.evidence import service as evidence
from credentials.files import Blobs
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.second_opinion import SecondOpinion
from credentials.log import service as log
from credentials.openbadges.did import did_document
from credentials.outbox import service as outbox
from credentials.review import service as review
from credentials.sealing import service as sealing
from credentials.sealing.model import Intent, Sealed
from credentials.status import bitstring
from credentials.status import service as status
from credentials.status.model import Purpose
from credentials.trust import service as trust
from credentials.trust.model import KeyState, KeyStore, TrustedIssuer
from credentials.trust.rules import published
from credentials.verification.judge import judge
from credentials.verification.model import Materials, Policy, Present, Verdict
from credentials.verification.reading import read


class Finding(msgspec.Struct, frozen=True):
    """``where`` as ``kind:id``; ``severe`` when something is lost, changed or forged, else it only waits for a person."""

    where: str
    detail: str
    severe: bool = True


Progress = Callable[[str, int], None]
"""Told what is being looked at and how many were."""


async def findings(
    database: Database,
    blobs: Blobs,
    keystore: KeyStore,
    contexts: Contexts,
    progress: Progress,
    second: SecondOpinion | None = None,
) -> AsyncIterator[Finding]:
    """Everything that is not as it must be. ``second``: have every signed document canonicalised by PyLD too."""
    async with database.read() as session:
        progress("audit log", 0)
        for broken in await audit.breaks(session):
            yield Finding(f"audit:{broken.sequence}", broken.detail)
        progress("issuance log", 0)
        for broken in await log.breaks(session):
            yield Finding(f"log:{broken.sequence}", broken.detail)
        async for finding in _documents(session):
            yield finding
        async for finding in _files(session, blobs, progress):
            yield finding
        async for finding in _keys(session, keystore):
            yield finding
        async for finding in _sealed(session, contexts, progress, second):
            yield finding
        async for finding in _lists(session):
            yield finding
        async for finding in _awards(session):
            yield finding
        async for finding in _waiting(session):
            yield finding
        progress("pay", 0)
        for where, detail in await pay_postings.faults(session):
            yield Finding(where, detail)


async def _documents(session: Session) -> AsyncIterator[Finding]:
    for version_id, body, digest in await catalog.stored_specifications(session):
        if hashlib.sha256(body).hexdigest() != digest:
            yield Finding(f"version:{version_id}", "the specification is not the one that was published")
    for submission_id, digest, body in await evidence.stored_manifests(session):
        if hashlib.sha256(body).hexdigest() != digest:
            yield Finding(f"submission:{submission_id}", "the manifest is not the one that was handed in")


async def _files(session: Session, blobs: Blobs, progress: Progress) -> AsyncIterator[Finding]:
    referred = await evidence.file_digests(session) | await review.exhibit_digests(session)
    for count, digest in enumerate(sorted(referred), start=1):
        progress("files", count)
        if not await asyncio.to_thread(blobs.is_whole, digest):
            yield Finding(f"file:{digest}", "the file of a submission is missing or was changed")
    orphans = [digest for digest in blobs.digests() if digest not in referred]
    if orphans:
        yield Finding("files", f"{len(orphans)} files belong to no submission any more", severe=False)


async def _keys(session: Session, keystore: KeyStore) -> AsyncIterator[Finding]:
    for key in await trust.all_keys(session):
        if key.state is KeyState.ACTIVE:
            try:
                keystore.signer(key)
            except Failure as failure:
                yield Finding(f"key:{key.id}", failure.detail)


async def _sealed(
    session: Session, contexts: Contexts, progress: Progress, second: SecondOpinion | None
) -> AsyncIterator[Finding]:
    documents: dict[str, bytes] = {}
    count = 0
    async for intent, document in sealing.all_sealed(session):
        count += 1
        progress("signatures", count)
        if intent.did not in documents:
            keys = await trust.keys_of_did(session, intent.did)
            documents[intent.did] = msgspec.json.encode(did_document(intent.did, published(keys)))
        if finding := _judged(intent, document, documents[intent.did], contexts):
            yield finding
        elif second and not _agrees(intent, contexts, second):
            yield Finding(f"intent:{intent.id}", "PyLD canonicalises the document otherwise: tell the maintainers")
        elif not await log.find(session, document.digest):
            yield Finding(f"intent:{intent.id}", "the issuance log does not know this signed document")


def _judged(intent: Intent, document: Sealed, keys: bytes, contexts: Contexts) -> Finding | None:
    """A signed document as it was when it was sealed, with the keys of today."""
    where = f"intent:{intent.id} ({document.format})"
    if hashlib.sha256(document.body).hexdigest() != document.digest:
        return Finding(where, "the signed document was changed")
    materials = Materials(
        gathered_at=document.sealed_at,
        key_documents={intent.did: Present(keys)},
        issuers={intent.did: TrustedIssuer(id=intent.did, name="this service")},
    )
    policy = Policy(require_status=False)
    report = judge(read(document.body, contexts, policy), materials, policy, contexts, document.sealed_at)
    return None if report.verdict is Verdict.ACCEPT else Finding(where, f"the signed document: {report.summary}")


def _agrees(intent: Intent, contexts: Contexts, second: SecondOpinion) -> bool:
    document = msgspec.json.decode(intent.document)
    return second.canonize(document) == canonize(document, contexts)


async def _lists(session: Session) -> AsyncIterator[Finding]:
    for found in await status.all_lists(session):
        where = f"status-list:{found.id}"
        made = await status.get_published(session, found.id)
        if made is None or made.version < found.version:
            yield Finding(where, "a change of the status list is not published yet", severe=False)
            continue
        try:
            document = msgspec.json.decode(made.body)
            bits = bitstring.decode(document["credentialSubject"]["encodedList"])
        except (Refused, msgspec.MsgspecError, KeyError, TypeError):
            yield Finding(where, "the published status list cannot be read")
            continue
        shown = {index for index in range(found.size) if bits[index >> 3] and bitstring.value_at(bits, index)}
        if shown != set(await status.indices_set(session, found.id)):
            yield Finding(where, "the published status list does not show what was decided")


async def _awards(session: Session) -> AsyncIterator[Finding]:
    last = ""
    while rows := await awards.intents_after(session, last):
        intents = [intent_id for _, intent_id, _ in rows]
        places = await status.places_of_many(session, intents)
        sealed = await sealing.which_are_sealed(session, intents)
        for award_id, intent_id, state in rows:
            for detail in _award(state, {place.purpose: place.set for place in places.get(intent_id, [])}):
                yield Finding(f"award:{award_id}", detail)
            if intent_id not in sealed:
                yield Finding(f"award:{award_id}", "the award has no signed document")
        last = rows[-1][0]


def _award(state: AwardState, bits: dict[Purpose, bool]) -> Iterator[str]:
    if set(bits) != set(Purpose):
        yield "the award lacks a status place"
        return
    if bits[Purpose.REVOCATION] is not (state is AwardState.REVOKED):
        yield f"the award is {state.value}, but its revocation bit says otherwise"
    if state is not AwardState.REVOKED and bits[Purpose.SUSPENSION] is not (state is AwardState.SUSPENDED):
        yield f"the award is {state.value}, but its suspension bit says otherwise"


async def _waiting(session: Session) -> AsyncIterator[Finding]:
    for order in await outbox.set_aside(session):
        detail = f"an order ({order.kind}) failed {order.attempts} times and waits for a person: {order.last_error}"
        yield Finding(f"order:{order.id}", detail, severe=False)
