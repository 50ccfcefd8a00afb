"""From an entitlement to an award.

1. Read why somebody is entitled (a decided submission, a complete stack): an ``Entitlement``.
2. In one transaction: allocate the credential's id and its two status places, build the document, let ``sealing`` lint,
   rehearse and record the intent. Commit.
3. ``sealing`` signs, judges and stores; in the same transaction the award is recorded, the decision entered in the audit
   log, and what follows is ordered (look at stacks, tell the educator).

Each step finds what an earlier run left: a source has one intent, an intent is sealed once, an award has one row.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.catalog import service as catalog
from credentials.db import Session
from credentials.errors import Conflict, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage
from credentials.ids import new_id, random_uuid
from credentials.issuing import addresses, rules
from credentials.issuing.model import CORRECTION, RECORD, RESTORATION, STATUS_LIST, SUBMISSION, Entitlement, Grounds
from credentials.openbadges.build import (
    Badge,
    HashedIdentifier,
    Issuer,
    Recipient,
    Record,
    StatusBit,
    encoded,
    learner_record,
    status_list_credential,
    with_members,
)
from credentials.openbadges.build import StatusList as StatusListDocument
from credentials.openbadges.identity import identity_hash
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Organisation, Role, system_act
from credentials.people.rules import has_part, require
from credentials.review import service as review
from credentials.sealing import service as sealing
from credentials.sealing.model import Format, Intent, LintFailed, Sealed, Source, means_of_lists
from credentials.status import service as status
from credentials.status.model import Published, Purpose, StatusList
from credentials.trust.rules import did_of

log = logging.getLogger(__name__)
T = TypeVar("T")

STACK_ORDER = "stack.check"
CHANGED_ORDER = "award.changed"
"""An award of any kind was suspended, revoked or reinstated: whoever gave something for it looks again."""
AWARDERS = (Role.ADMINISTRATOR, Role.SCORING_LEADER)
"""Who may revoke, suspend and correct."""

LIST_LIFETIME = timedelta(days=7)
"""How long a published status list is good: an older copy cannot be passed off as current for longer."""
LIST_REFRESHED = timedelta(days=1)
"""A list without changes is signed again when it is so old."""
LIST_TTL = 60_000
"""Milliseconds that a verifier may keep a list: a revocation is seen a minute after it is published."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """What issuing works with: the gate to the keys, the fence of status places, the address of the service."""

    gate: sealing.Gate
    fence: status.Fence
    base_url: str


# Awarding


async def issue_for_submission(office: Office, now: datetime, submission_id: str) -> Award:
    """Award what a submission earned. Calling it again answers the award that is there."""
    async with office.gate.database.read() as session:
        found = await awards.by_submission(session, submission_id)
        if found:
            return found
        entitlement = await _entitlement_of(session, office, submission_id)
    return await issue(office, now, entitlement)


async def _entitlement_of(session: Session, office: Office, submission_id: str) -> Entitlement:
    submission = await evidence.submission(session, submission_id)
    if submission.stage is not Stage.EARNED:
        raise Conflict("only what was earned is awarded")
    decision = await review.decision(session, submission_id)
    manifest = await evidence.manifest(session, submission_id, submission.manifest_digest)
    entry = (await catalog.entries_by_version(session, [submission.version_id]))[submission.version_id]
    specification = entry.version.specification
    named = {*specification.competencies, *specification.alignments}
    return rules.entitlement_of(
        submission, decision, manifest, entry, await catalog.competencies(session, named), office.base_url
    )


async def issue(office: Office, now: datetime, entitlement: Entitlement) -> Award:
    """Award an entitlement, exactly once for its source."""
    async with office.gate.database.write() as session:
        intent = await sealing.intent_for(session, entitlement.source)
        if intent is None:
            intent = await _prepare(session, office, now, entitlement)

    return await finish(office, now, intent, entitlement)


async def finish(office: Office, now: datetime, intent: Intent, grounds: Grounds) -> Award:
    """Seal an intent and record the award."""

    async def record(session: Session, intent: Intent, _sealed: tuple[Sealed, ...]) -> None:
        await _record_award(session, office, now, grounds, intent)

    await sealing.seal(office.gate, now, intent.id, record)
    async with office.gate.database.read() as session:
        found = await awards.by_credential(session, intent.document_id)
    if found is None:
        raise NotFound("the award was not recorded: run `credentials fsck`")
    return found


async def _prepare(
    session: Session,
    office: Office,
    now: datetime,
    entitlement: Entitlement,
    *,
    source: Source | None = None,
    credential_id: str | None = None,
) -> Intent:
    """Allocate, build and record what is about to be signed."""
    ids = office.gate.ids
    issuer = await people.organisation(session, entitlement.organisation_id)
    did = did_of(office.base_url, issuer.slug)
    intent_id = new_id(ids, now)
    bits = [
        StatusBit(
            list_url=addresses.status_list(office.base_url, place.list_id), index=place.index, purpose=purpose.value
        )
        for purpose in Purpose
        for place in [
            await status.allocate(
                session, ids, now, office.fence, owner=issuer.id, did=did, purpose=purpose, reference=intent_id
            )
        ]
    ]
    badge = Badge(
        id=credential_id or f"urn:uuid:{random_uuid(ids)}",
        issuer=Issuer(id=did, name=issuer.name, url=issuer.url or office.base_url, description=issuer.description),
        achievement=entitlement.achievement,
        recipient=await _recipient(session, office, entitlement.educator_id),
        awarded=entitlement.awarded_at,
        valid_from=now if credential_id else entitlement.awarded_at,
        valid_until=entitlement.valid_until,
        outcomes=entitlement.outcomes,
        evidence=entitlement.evidence,
        resources=entitlement.resources,
        statuses=tuple(bits),
    )
    document, octets = encoded(with_members(badge, entitlement.members))
    return await sealing.prepare(
        session,
        office.gate,
        now,
        intent_id=intent_id,
        source=source or entitlement.source,
        owner=issuer.id,
        did=did,
        document=document,
        octets=octets,
        means=office.gate.means_of(issuer.id),
    )


async def _recipient(session: Session, office: Office, educator_id: str) -> Recipient:
    """The educator as the credential names them: their own DID or our stable one, each verified address as a salted hash,
    and the name only if they agreed."""
    educator = await people.person(session, educator_id)
    addresses_ = [address for address in await people.addresses_of(session, educator_id) if address.verified_at]
    hashed = []
    for address in addresses_:
        salt = office.gate.ids.octets(16).hex()
        hashed.append(HashedIdentifier(hash=identity_hash(address.address, salt), salt=salt))
    return Recipient(
        id=educator.did or educator.subject,
        identifiers=tuple(hashed),
        name=educator.name if educator.name_in_credentials else "",
    )


async def _record_award(session: Session, office: Office, now: datetime, grounds: Grounds, intent: Intent) -> None:
    act = system_act("issuing", now, office.gate.ids)
    award = Award(
        id=new_id(act.ids, now),
        kind=grounds.kind,
        educator_id=grounds.educator_id,
        organisation_id=grounds.organisation_id,
        achievement_id=grounds.achievement_id,
        version_id=grounds.version_id,
        submission_id=grounds.submission_id,
        title=grounds.title,
        credential_id=intent.document_id,
        intent_id=intent.id,
        awarded_at=grounds.awarded_at,
        valid_until=grounds.valid_until,
    )
    await awards.add(session, award)
    if grounds.kind is AwardKind.MICRO_CREDENTIAL:
        await outbox.place(session, act.ids, now, STACK_ORDER, f"{award.id}:issued", award=award.id)
        if award.valid_until:
            # It runs out without anybody deciding so, and the stacks that rest on it follow on that day.
            key, ends = f"{award.id}:ran-out", award.valid_until
            await outbox.place_for(session, act.ids, now, ends, STACK_ORDER, key, award=award.id)
    await _tell(session, act, award, "awarded")
    await audit.record(
        session,
        act.entry("award.issued", f"award:{award.id}", organisation=award.organisation_id, intent=intent.id),
    )


async def _tell(session: Session, act: Act, award: Award, letter: str) -> None:
    key = f"{letter}:{award.id}:{award.intent_id}:{award.revision}"
    payload = {"letter": letter, "person": award.educator_id, "award": award.id}
    await outbox.place(session, act.ids, act.now, people.MAIL_ORDER, key, **payload)


# Learner records


async def issue_record(office: Office, now: datetime, award: Award, members: Sequence[Award]) -> bool:
    """Beside the badge of a stack, a record (CLR 2.0) that carries it and its members as they were signed, so that one file
    shows the whole. Exactly once for the same documents; answers whether there is one.

    There is none where one of the documents cannot be shown to everybody (``ecdsa-sd-2023``), or where all of them together
    are larger than verifiers read: then the members are shown one by one.
    """
    source = rules.record_source(award, members)
    async with office.gate.database.read() as session:
        intent = await sealing.intent_for(session, source)
        if intent is not None and intent.sealed_at is not None:
            return True
        carried = [] if intent is not None else await _carried(session, [award, *members])
    if intent is None and not carried:
        return False
    if intent is None:
        try:
            async with office.gate.database.write() as session:
                intent = await _prepare_record(session, office, now, award, members, source, carried)
        except LintFailed as refused:
            log.warning("no learner record", extra={"award": award.id, "error": refused.detail})
            return False
    await sealing.seal(office.gate, now, intent.id, _record_record_by(office, now))
    return True


async def _carried(session: Session, shown: Sequence[Award]) -> list[dict[str, object]]:
    """The signed documents of these awards, in their order; none where one is missing or is not for everybody."""
    found = await sealing.sealed_all_as(session, [one.intent_id for one in shown], Format.DATA_INTEGRITY)
    documents = [msgspec.json.decode(found[one.intent_id].body) for one in shown if one.intent_id in found]
    if len(documents) < len(shown) or any(rules.is_selective(document) for document in documents):
        return []
    return documents


async def _prepare_record(
    session: Session,
    office: Office,
    now: datetime,
    award: Award,
    members: Sequence[Award],
    source: Source,
    carried: Sequence[dict[str, object]],
) -> Intent:
    issuer = await people.organisation(session, award.organisation_id)
    did = did_of(office.base_url, issuer.slug)
    record = Record(
        id=rules.record_id(award),
        name=award.title,
        description=f"{award.title}, with the micro-credentials that it is made of: each as it was issued.",
        issuer=Issuer(id=did, name=issuer.name, url=issuer.url or office.base_url, description=issuer.description),
        recipient=await _recipient(session, office, award.educator_id),
        awarded=award.awarded_at,
        valid_from=now,
        credentials=tuple(carried),
        links=rules.links_of(award, members, office.base_url),
    )
    return await sealing.prepare(
        session,
        office.gate,
        now,
        intent_id=new_id(office.gate.ids, now),
        source=source,
        owner=issuer.id,
        did=did,
        document=learner_record(record),
        means=(means_of_lists(office.gate.means_of(issuer.id)[0]),),
    )


def _record_record_by(office: Office, now: datetime) -> sealing.Record:
    async def record(session: Session, intent: Intent, _sealed: tuple[Sealed, ...]) -> None:
        act = system_act("issuing", now, office.gate.ids)
        award = intent.source_id.partition(":")[0]
        subject = f"learner-record:{award}"
        await audit.record(session, act.entry("record.issued", subject, organisation=intent.owner, intent=intent.id))

    return record


async def record_of(session: Session, award: Award) -> Sealed:
    """The newest edition of the learner record of a stack's award."""
    found = await sealing.intents_of_document(session, award.organisation_id, RECORD, rules.record_id(award))
    made = [intent for intent in found if intent.sealed_at is not None]
    if not made:
        raise NotFound("there is no learner record of this award: a stack has one, moments after its badge")
    newest = max(made, key=lambda intent: (intent.prepared_at, intent.id))
    return await sealing.sealed_as(session, newest.id, Format.DATA_INTEGRITY)


# Corrections, revocation, suspension


async def correct(office: Office, act: Act, award_id: str, *, reason: str) -> Award:
    """Issue the credential anew under its own id, with a newer ``validFrom``: what changed about the educator (a DID, a
    verified address, the wish to be named) comes in, what was earned stays. The document before it is revoked."""
    async with office.gate.database.write() as session:
        award = await awards.award(session, award_id, lock=True)
        await _may_correct(session, act, award)
        if award.state is not AwardState.ACTIVE:
            raise Conflict(f"this award is {award.state.value}: only an active one is corrected")
        if award.submission_id is None:
            raise Conflict("a stack is not corrected by itself: correct its members")
        entitlement = await _entitlement_of(session, office, award.submission_id)
        source = Source(CORRECTION, f"{award.id}:{award.corrections + 1}")
        intent = await sealing.intent_for(session, source)
        if intent is None:
            intent = await _prepare(
                session, office, act.now, entitlement, source=source, credential_id=award.credential_id
            )
            await audit.record(
                session,
                act.entry(
                    "correction.asked",
                    f"award:{award.id}",
                    organisation=award.organisation_id,
                    reason=reason,
                    intent=intent.id,
                ),
            )
    await sealing.seal(office.gate, act.now, intent.id, _record_correction_by(office, act.now))
    async with office.gate.database.read() as session:
        return await awards.award(session, award_id)


def _record_correction_by(office: Office, now: datetime) -> sealing.Record:
    async def record(session: Session, intent: Intent, _sealed: tuple[Sealed, ...]) -> None:
        act = system_act("issuing", now, office.gate.ids)
        award = await awards.award(session, intent.source_id.partition(":")[0], lock=True)
        await status.set_status(session, award.intent_id, Purpose.REVOCATION, to=True, now=now)
        changed = await awards.change(session, award, intent_id=intent.id, corrections=award.corrections + 1)
        if award.state is not AwardState.ACTIVE:  # it was withdrawn after the correction was asked for
            withdrawn = Purpose.REVOCATION if award.state is AwardState.REVOKED else Purpose.SUSPENSION
            await status.set_status(session, intent.id, withdrawn, to=True, now=now)
        if award.kind is AwardKind.MICRO_CREDENTIAL:  # its stacks are carried with it in a record
            key = f"{award.id}:corrected:{changed.revision}"
            await outbox.place(session, act.ids, now, STACK_ORDER, key, award=award.id)
        await _tell(session, act, changed, "corrected")
        await audit.record(
            session,
            act.entry(
                "award.corrected",
                f"award:{award.id}",
                organisation=award.organisation_id,
                before=award.intent_id,
                intent=intent.id,
            ),
        )

    return record


async def _may_correct(session: Session, act: Act, award: Award) -> None:
    if award.educator_id != act.actor.person_id:
        await _awarder(session, act, award)


async def _awarder(session: Session, act: Act, award: Award) -> Organisation:
    """Whoever decides on awards of this organisation; to others the award looks like none."""
    where = await people.organisation(session, award.organisation_id)
    if not has_part(act.actor, where.lineage):
        raise NotFound("there is no such award")
    require(act.actor, where.lineage, *AWARDERS)
    return where


async def revoke(session: Session, act: Act, award_id: str, *, reason: str) -> Award:
    """Take an award back for good. Its bit is published within a minute; stacks that rest on it are looked at again."""
    award = await awards.award(session, award_id, lock=True)
    await _awarder(session, act, award)
    return await withdraw(session, act, award, AwardState.REVOKED, reason=reason)


async def suspend(session: Session, act: Act, award_id: str, *, reason: str) -> Award:
    award = await awards.award(session, award_id, lock=True)
    await _awarder(session, act, award)
    return await withdraw(session, act, award, AwardState.SUSPENDED, reason=reason)


async def reinstate(session: Session, act: Act, award_id: str, *, reason: str) -> Award:
    """End a suspension."""
    award = await awards.award(session, award_id, lock=True)
    await _awarder(session, act, award)
    return await withdraw(session, act, award, AwardState.ACTIVE, reason=reason)


async def withdraw(session: Session, act: Act, award: Award, to: AwardState, *, reason: str) -> Award:
    """Carry out a change of state that was decided: the bits, the award, the orders to look at stacks and at pay, the notice,
    the record."""
    if not reason.strip():
        raise Malformed("say why: the educator and an appeal panel will read it")
    changed = await awards.move(session, act, award, to, reason=reason.strip())
    if to is AwardState.REVOKED:
        await status.set_status(session, award.intent_id, Purpose.REVOCATION, to=True, now=act.now)
    else:
        suspended = to is AwardState.SUSPENDED
        await status.set_status(session, award.intent_id, Purpose.SUSPENSION, to=suspended, now=act.now)
    if award.kind is not AwardKind.LICENCE:  # a stack itself: whoever ends its suspension may not know of its members
        key = f"{award.id}:{to.value}:{changed.revision}"
        await outbox.place(session, act.ids, act.now, STACK_ORDER, key, award=award.id)
    await outbox.place(session, act.ids, act.now, CHANGED_ORDER, f"{award.id}:{changed.revision}", award=award.id)
    await _tell(session, act, changed, to.value)
    return changed


async def explain(session: Session, act: Act, award: Award, *, reason: str) -> Award:
    """Something happened that leaves an award in its state for another reason: its holder is told, those who rely on it look
    again, and the record has it."""
    changed = await awards.change(session, award, state_reason=reason)
    await outbox.place(session, act.ids, act.now, CHANGED_ORDER, f"{award.id}:{changed.revision}", award=award.id)
    await _tell(session, act, changed, "kept" if award.state is AwardState.ACTIVE else award.state.value)
    entry = act.entry(
        "award.kept",
        f"award:{award.id}",
        organisation=award.organisation_id,
        reason=reason,
        state=award.state.value,
    )
    await audit.record(session, entry)
    return changed


# What a panel or an appeal decided


async def revoke_for(office: Office, now: datetime, submission_id: str, *, reason: str) -> None:
    """Revoke what a submission was awarded, because an integrity case was upheld. Calling it again changes nothing."""
    await issue_for_submission(office, now, submission_id)  # else what is still to be issued would come after it
    async with office.gate.database.write() as session:
        found = await awards.by_submission(session, submission_id)
        award = await awards.award(session, found.id, lock=True) if found else None
        if award and award.state is not AwardState.REVOKED:
            act = system_act("integrity", now, office.gate.ids)
            await withdraw(session, act, award, AwardState.REVOKED, reason=reason)


async def restore(office: Office, now: datetime, submission_id: str, appeal_id: str) -> None:
    """Issue anew what was revoked, because an appeal was upheld: under the credential's own id, as a new document. The one
    that was revoked stays so: a revocation is never undone. Calling it again changes nothing."""
    async with office.gate.database.write() as session:
        found = await awards.by_submission(session, submission_id)
        if found is None:
            raise NotFound("nothing was awarded for this submission")
        award = await awards.award(session, found.id, lock=True)
        source = Source(RESTORATION, f"{award.id}:{appeal_id}")
        intent = await sealing.intent_for(session, source)
        if intent is None:
            entitlement = await _entitlement_of(session, office, submission_id)
            intent = await _prepare(session, office, now, entitlement, source=source, credential_id=award.credential_id)
    await seal_again(office, now, intent)


async def prepare_again(
    session: Session, office: Office, now: datetime, award: Award, entitlement: Entitlement
) -> Intent:
    """Prepare the new document of a stack whose policy revoked it and that is complete again, under the credential's own
    id."""
    source = Source(RESTORATION, f"{award.id}:{award.corrections + 1}")
    found = await sealing.intent_for(session, source)
    if found is not None:
        return found
    return await _prepare(session, office, now, entitlement, source=source, credential_id=award.credential_id)


async def seal_again(office: Office, now: datetime, intent: Intent) -> None:
    await sealing.seal(office.gate, now, intent.id, _record_restoration_by(office, now))


def _record_restoration_by(office: Office, now: datetime) -> sealing.Record:
    async def record(session: Session, intent: Intent, _sealed: tuple[Sealed, ...]) -> None:
        act = system_act("issuing", now, office.gate.ids)
        award_id, _, cause = intent.source_id.partition(":")
        award = await awards.award(session, award_id, lock=True)
        changed = await awards.change(
            session,
            award,
            intent_id=intent.id,
            corrections=award.corrections + 1,
            state=AwardState.ACTIVE,
            state_reason="",
            state_changed_at=now,
        )
        key = f"{award.id}:restored:{changed.revision}"
        await outbox.place(session, act.ids, now, STACK_ORDER, key, award=award.id)
        await outbox.place(session, act.ids, now, CHANGED_ORDER, key, award=award.id)
        appealed = award.kind is AwardKind.MICRO_CREDENTIAL
        await _tell(session, act, changed, "restored" if appealed else "complete")
        entry = act.entry(
            "award.restored",
            f"award:{award.id}",
            organisation=award.organisation_id,
            before=award.intent_id,
            intent=intent.id,
            **({"appeal": cause} if appealed else {}),
        )
        await audit.record(session, entry)

    return record


# Status lists


async def publish_due_lists(office: Office, now: datetime) -> int:
    """Sign and publish every status list that changed or is a day old; answers how many."""

    async def publish(found: StatusList) -> None:
        await _publish(office, now, found)

    async with office.gate.database.read() as session:
        due = await status.due_for_publication(session, older_than=now - LIST_REFRESHED)
    return await each(due, publish)


async def publish_lists_of(office: Office, now: datetime, owner: str) -> None:
    """The same for what is due of one owner's, at once: whoever was told of a change may look before the next round."""
    async with office.gate.database.read() as session:
        due = await status.due_for_publication(session, older_than=now - LIST_REFRESHED)
    for found in due:
        if found.owner == owner:
            await _publish(office, now, found)


async def _publish(office: Office, now: datetime, found: StatusList) -> None:
    """One list, through the same gate as everything that our keys sign. The version and the day make it one source."""
    source = Source(STATUS_LIST, f"{found.id}:{found.version}:{now.date().isoformat()}")
    async with office.gate.database.write() as session:
        intent = await sealing.intent_for(session, source)
        if intent is None:
            current = await status.status_list(session, found.id)
            source = Source(STATUS_LIST, f"{current.id}:{current.version}:{now.date().isoformat()}")
            document = status_list_credential(
                StatusListDocument(
                    url=addresses.status_list(office.base_url, current.id),
                    issuer=current.did,
                    purpose=current.purpose.value,
                    encoded=await status.encoded_list(session, current),
                    valid_from=now,
                    valid_until=now + LIST_LIFETIME,
                    ttl=LIST_TTL,
                )
            )
            intent = await sealing.prepare(
                session,
                office.gate,
                now,
                intent_id=new_id(office.gate.ids, now),
                source=source,
                owner=current.owner,
                did=current.did,
                document=document,
                means=(means_of_lists(office.gate.means_of(current.owner)[0]),),
            )
    await sealing.seal(office.gate, now, intent.id, _record_list)


async def _record_list(session: Session, intent: Intent, sealed: tuple[Sealed, ...]) -> None:
    list_id, version, _day = intent.source_id.split(":")
    (document,) = sealed
    await status.put_published(
        session,
        Published(
            list_id=list_id,
            version=int(version),
            body=document.body,
            digest=hashlib.sha256(document.body).hexdigest(),
            published_at=document.sealed_at,
        ),
    )


# After a crash


async def finish_waiting(office: Office, now: datetime) -> int:
    """Seal what was prepared and not sealed when the service stopped; answers how many. Stacks are finished by
    ``pathways``."""

    async def finish_one(intent: Intent) -> None:
        match intent.source_kind:
            case "submission":
                await issue_for_submission(office, now, intent.source_id)
            case "correction":
                await sealing.seal(office.gate, now, intent.id, _record_correction_by(office, now))
            case "restoration":
                await sealing.seal(office.gate, now, intent.id, _record_restoration_by(office, now))
            case "record":
                await sealing.seal(office.gate, now, intent.id, _record_record_by(office, now))
            case _:
                await sealing.seal(office.gate, now, intent.id, _record_list)

    async with office.gate.database.read() as session:
        waiting = await sealing.waiting(session, kinds=(SUBMISSION, CORRECTION, RESTORATION, STATUS_LIST, RECORD))
    return await each(waiting, finish_one)


async def each(found: Sequence[T], do: Callable[[T], Awaitable[None]]) -> int:
    """Do it for each; answers how many there were. One that fails (an organisation whose key file is lost, say) does not keep
    the others from being done. Raises the first failure at the end."""
    failures: list[Exception] = []
    for one in found:
        try:
            await do(one)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised once the others are done
            failures.append(error)
    if failures:
        log.warning("%d of %d could not be done", len(failures), len(found))
        raise failures[0]
    return len(found)
