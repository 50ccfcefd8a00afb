"""Who reads what: the queue, claims, assignments, leases, and what stands in somebody's way."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import AwardKind
from credentials.catalog import service as catalog
from credentials.catalog.model import Version
from credentials.catalog.rules import due_day
from credentials.db import Database, Session
from credentials.errors import Conflict, Failure, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage, Submission, Wanted
from credentials.ids import Ids, new_id
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Role, system_act
from credentials.review import rules, store, store_calibration, store_conflicts, store_queue
from credentials.review.model import (
    AlreadyClaimed,
    ConflictKind,
    ConflictOfInterest,
    Load,
    NotQualified,
    QueueCount,
    QueueItem,
    Reading,
    Review,
    ReviewKind,
    ReviewStage,
    Standing,
    WrongStage,
)

FOR_ASSESSORS = (Wanted.FIRST, Wanted.SECOND, Wanted.ADJUDICATION)
READERS = (Role.ASSESSOR, Role.SCORING_LEADER)
MAX_CANDIDATES = 20
"""Of the least busy assessors, that are asked one after another whether something stands in their way."""
WITHOUT_DECISION = (ReviewKind.BACK_READ, ReviewKind.MODERATION, ReviewKind.COMMON_TASK)
"""Readings of what is decided, or will never be: they leave its state as it is."""
ALARM_WITHIN = timedelta(days=7)
"""An alarm that could not be given for so long is not given any more."""


async def standing_of(session: Session, person_id: str, now: datetime) -> Standing:
    """All that bears on whose work somebody may score."""
    mine = {one.address for one in await people.addresses_of(session, person_id) if one.verified_at}
    schools, districts = await people.places_of(session, person_id, now)
    declared = [
        one
        for one in await store_conflicts.conflicts_of(session, person_id, mine)
        if rules.is_in_force(one.from_, one.until, now.date())
    ]
    by_address = {one.other_address for one in declared if one.other_id is None and one.person_id == person_id}
    known = await people.persons_of_addresses(session, by_address) if by_address else {}
    related = dict.fromkeys(await store_conflicts.unblinded_by(session, person_id), ConflictKind.UNBLINDED)
    related |= dict.fromkeys(await evidence.coached_by(session, person_id), ConflictKind.COACH)
    related |= dict.fromkeys(await evidence.attested_by(session, person_id), ConflictKind.ATTESTED)
    for one in declared:
        other = (one.other_id or known.get(one.other_address)) if one.person_id == person_id else one.person_id
        if other:
            related[other] = one.kind
    held = await awards.of_educator(session, person_id, limit=1_000)
    qualified, locked = await store_calibration.standing(session, person_id, now)
    return Standing(
        person_id=person_id,
        schools=schools,
        districts=districts,
        related=related,
        earned=frozenset(
            one.achievement_id for one in held if one.kind is AwardKind.MICRO_CREDENTIAL and one.is_current(now)
        ),
        qualified=qualified,
        locked=locked,
    )


# The queue


async def queue(
    session: Session,
    act: Act,
    *,
    micro_credential_id: str = "",
    overdue: bool = False,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[QueueItem]:
    """What waits for this assessor, longest first: in the organisations of the role, without what they must not score."""
    reach = await people.within(session, act.actor, Role.ASSESSOR)
    standing = await standing_of(session, act.actor.person_id, act.now)
    waiting = await store_queue.waiting(
        session,
        reach,
        standing,
        act.now,
        wants=FOR_ASSESSORS,
        micro_credential_id=micro_credential_id,
        overdue=overdue,
        after=after,
        limit=limit,
    )
    versions = await catalog.versions_by_id(session, {found.version_id for found in waiting})
    return [_item(found, versions[found.version_id], act.now) for found in waiting]


def _item(found: Submission, version: Version, now: datetime) -> QueueItem:
    programme = version.specification.programme
    return QueueItem(
        submission=found.id,
        title=version.specification.title,
        version=found.version_id,
        attempt_no=found.attempt_no,
        submitted_at=found.submitted_at or found.created_at,
        due_on=due_day(programme, found.due_at) if found.due_at else None,
        overdue=found.due_at is not None and found.due_at <= now,
    )


async def counts(session: Session, act: Act) -> list[QueueCount]:
    """How much waits for this assessor, for each micro-credential."""
    reach = await people.within(session, act.actor, Role.ASSESSOR)
    standing = await standing_of(session, act.actor.person_id, act.now)
    found = await store_queue.count_waiting(session, reach, standing, act.now, wants=FOR_ASSESSORS)
    versions = await catalog.versions_by_id(session, {version_id for _, version_id, _, _ in found})
    return [
        QueueCount(
            micro_credential=micro_credential_id,
            title=versions[version_id].specification.title,
            waiting=waiting,
            overdue=overdue,
        )
        for micro_credential_id, version_id, waiting, overdue in found
    ]


# Claims and assignments


async def claim(database: Database, act: Act, submission_id: str) -> Review:
    """Take a waiting submission. Two assessors race, one wins. Raises ``ConflictOfInterest``, ``AlreadyClaimed``.

    A claim that is refused for a conflict of interest is remembered in a transaction of its own.
    """
    try:
        async with database.write() as session:
            return await _claim(session, act, submission_id)
    except ConflictOfInterest as refused:
        await remember(database, act, submission_id, act.actor.person_id, refused)
        raise


async def remember(database: Database, act: Act, submission_id: str, assessor_id: str, refused: Failure) -> None:
    kind = refused.kind.value if isinstance(refused, ConflictOfInterest) else ""
    async with database.write() as session:
        found = await evidence.submission(session, submission_id)
        entry = act.entry(
            "review.blocked",
            f"submission:{submission_id}",
            organisation=found.organisation_id,
            reason=refused.detail,
            assessor=assessor_id,
            conflict=kind,
        )
        await audit.record(session, entry)


async def _claim(session: Session, act: Act, submission_id: str) -> Review:
    found = await evidence.submission(session, submission_id, lock=True)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such submission")
    mine = await store.open_review_of(session, found.id, act.actor.person_id)
    if mine:
        return mine
    if found.stage is Stage.SPECIMEN:
        paper = await store_calibration.paper(session, found.id)
        if paper is None:
            raise NotFound("there is no such submission")
        if paper.person_id != act.actor.person_id or found.wants is Wanted.NOTHING:
            raise taken()
        rules.check_calibrated(found, await standing_of(session, act.actor.person_id, act.now))
        return await _take(session, act, found, act.actor.person_id)
    await check_may_score(session, found, act.actor.person_id, act.now, as_leader=found.wants is Wanted.LEADER)
    needed = Role.SCORING_LEADER if found.wants is Wanted.LEADER else Role.ASSESSOR
    if found.stage is Stage.IN_REVIEW and (found.wants is Wanted.NOTHING or not act.actor.holds(needed, where.lineage)):
        raise taken()
    return await _take(session, act, found, act.actor.person_id)


def taken() -> AlreadyClaimed:
    return AlreadyClaimed("another assessor has this submission: take the next one in the queue")


async def claim_next(database: Database, act: Act, *, micro_credential_id: str = "") -> Review:
    """Take what has waited longest of what this assessor may score. Raises ``NotFound`` when nothing waits."""
    async with database.write() as session:
        reach = await people.within(session, act.actor, Role.ASSESSOR)
        standing = await standing_of(session, act.actor.person_id, act.now)
        waiting = await store_queue.waiting(
            session,
            reach,
            standing,
            act.now,
            wants=FOR_ASSESSORS,
            micro_credential_id=micro_credential_id,
            limit=1,
            lock=True,
        )
        if not waiting:
            raise NotFound("nothing waits that you can take: come back later")
        return await _take(session, act, waiting[0], act.actor.person_id)


async def check_may_score(
    session: Session, found: Submission, person_id: str, now: datetime, *, as_leader: bool = False
) -> None:
    """Raises ``ConflictOfInterest``, ``NotQualified``. ``as_leader``: who says what is true need not pass what they wrote."""
    standing = await standing_of(session, person_id, now)
    rules.check_no_conflict(
        found,
        standing,
        scored_before=await store_conflicts.has_scored(
            session, person_id, found.educator_id, found.micro_credential_id
        ),
        reciprocal=await store_conflicts.has_scored_lately(session, found.educator_id, person_id, now),
    )
    if not as_leader:
        rules.check_calibrated(found, standing)


async def _take(
    session: Session, act: Act, found: Submission, assessor_id: str, *, assigned_by: str | None = None
) -> Review:
    """The reading that is wanted, for this assessor. What they had scored before a lease ran out is there again."""
    if found.stage is Stage.HELD:
        raise WrongStage("this submission is held: a panel looks into it first")
    if found.wants is Wanted.NOTHING:
        said = found.stage.value.replace("_", " ")
        raise (
            taken() if found.stage is Stage.IN_REVIEW else WrongStage(f"this submission is {said}: nobody reads it now")
        )
    version = await catalog.version(session, found.version_id)
    is_check = found.stage is Stage.SPECIMEN
    claimed = Review(
        id=new_id(act.ids, act.now),
        submission_id=found.id,
        assessor_id=assessor_id,
        educator_id=found.id if is_check else found.educator_id,  # a check is nobody's work
        micro_credential_id=found.micro_credential_id,
        kind=ReviewKind.VALIDITY if is_check else ReviewKind(found.wants.value),
        manifest_digest=found.manifest_digest,
        stage=ReviewStage.CLAIMED,
        claimed_at=act.now,
        lease_until=rules.lease(version.specification.programme, act.now),
        assigned_by=assigned_by,
    )
    if not await store.add(session, claimed):
        raise taken()
    left = await store.drafts_left(session, claimed)
    for score in await store.scores_of(session, left) if left else ():
        await store.save_score(session, claimed.id, score)
    if is_check:
        await evidence.keep(session, act, found, "review.claimed", wants=Wanted.NOTHING)
        return claimed
    drawn = await is_drawn(session, act.ids, found.id, version)
    waits = found.stage is Stage.SUBMITTED  # then this is the only reading
    readings = [Reading(review=claimed)] if waits else await store.readings(session, found.id)
    wants = rules.wanted(version.specification, readings, drawn=drawn)
    action = "review.assigned" if assigned_by else "review.claimed"
    if waits:
        await evidence.move(session, act, found, Stage.IN_REVIEW, action, wants=wants)
    else:
        await evidence.keep(session, act, found, action, wants=wants)
    return claimed


async def wanted_now(session: Session, ids: Ids, found: Submission, version: Version) -> Wanted:
    """Which reading a submission calls for, by the readings that it has."""
    drawn = await is_drawn(session, ids, found.id, version)
    return rules.wanted(version.specification, await store.readings(session, found.id), drawn=drawn)


async def is_drawn(session: Session, ids: Ids, submission_id: str, version: Version) -> bool:
    """Whether a second assessor scores this one because it was drawn. The seed of a version is drawn once."""
    share = version.specification.programme.double_score_share
    if share <= 0:
        return False
    return rules.is_drawn(await seed_of(session, ids, version.id), rules.DOUBLE, submission_id, share)


async def seed_of(session: Session, ids: Ids, version_id: str) -> str:
    known = await store_queue.seed_of(session, version_id)
    return known or await store_queue.add_seed(session, version_id, ids.octets(32).hex())


async def assign(database: Database, act: Act, submission_id: str, assessor_id: str | None = None) -> Review:
    """A scoring leader gives the wanted reading to an assessor; without one to whoever has least to do of those who may.

    Raises ``ConflictOfInterest``; the attempt is remembered.
    """
    try:
        async with database.write() as session:
            return await _assign(session, act, submission_id, assessor_id)
    except ConflictOfInterest as refused:
        await remember(database, act, submission_id, assessor_id or "", refused)
        raise


async def _assign(session: Session, act: Act, submission_id: str, assessor_id: str | None) -> Review:
    found = await evidence.submission(session, submission_id, lock=True)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage) or found.stage is Stage.SPECIMEN:
        raise NotFound("there is no such submission")
    role = Role.SCORING_LEADER if found.wants is Wanted.LEADER else Role.ASSESSOR
    able = await people.holders_above(session, where.lineage, role, act.now)
    if assessor_id is not None:
        if assessor_id not in able:
            raise NotFound("there is no such assessor in this programme")
        if found.wants is Wanted.NOTHING and found.stage is Stage.IN_REVIEW:
            raise taken()
        await check_may_score(session, found, assessor_id, act.now, as_leader=role is Role.SCORING_LEADER)
        return await _take(session, act, found, assessor_id, assigned_by=act.actor.person_id)
    for load in (await by_load(session, able, act.now))[:MAX_CANDIDATES]:
        try:
            await check_may_score(session, found, load.person_id, act.now, as_leader=role is Role.SCORING_LEADER)
        except (ConflictOfInterest, NotQualified):
            continue
        return await _take(session, act, found, load.person_id, assigned_by=act.actor.person_id)
    raise Conflict("nobody who is qualified is free of a conflict of interest here: give another person the role")


async def by_load(session: Session, person_ids: Iterable[str], now: datetime) -> list[Load]:
    """Whose turn it is: who has least open, and among those who is quickest."""
    found = await store_queue.loads(session, person_ids, now)
    return sorted(found.values(), key=lambda load: (load.open, load.hours or 0.0, load.person_id))


# Giving back, and leases


async def give_back(session: Session, act: Act, found: Review, submission: Submission, to: ReviewStage) -> Review:
    """A review ends without a score: the submission is waiting again for the reading that it was."""
    changed = await store.change(session, found, stage=rules.move(found.stage, to), ended_at=act.now)
    action = f"review.{to.value}"
    if found.kind is ReviewKind.VALIDITY:
        await evidence.keep(session, act, submission, action, wants=Wanted.FIRST)
        return changed
    if found.kind in WITHOUT_DECISION:
        await audit.record(
            session, act.entry(action, f"submission:{submission.id}", organisation=submission.organisation_id)
        )
        return changed
    version = await catalog.version(session, submission.version_id)
    if await store.readings(session, submission.id):
        wants = await wanted_now(session, act.ids, submission, version)
        await evidence.keep(session, act, submission, action, wants=wants)
    else:
        await evidence.move(session, act, submission, Stage.SUBMITTED, action, wants=Wanted.FIRST)
    return changed


async def expire_leases(database: Database, now: datetime, ids: Ids) -> int:
    """Give back whatever assessors have held too long without saving; answers how many were. Their drafts are kept."""
    act = system_act("leases", now, ids)
    async with database.read() as session:
        late = await store.expired(session, now)
    given_back = 0
    for review_id, submission_id in late:
        async with database.write() as session:
            submission = await evidence.submission(session, submission_id, lock=True)
            found = await store.review(session, review_id, lock=True)
            if found.is_open and found.lease_until is not None and found.lease_until <= now:
                await give_back(session, act, found, submission, ReviewStage.EXPIRED)
                given_back += 1
    return given_back


async def alarm_overdue(database: Database, now: datetime, ids: Ids) -> int:
    """Tell the scoring leaders of what became overdue, once; answers how many letters were ordered."""
    async with database.read() as session:
        late = await store_queue.newly_overdue(session, now, now - ALARM_WITHIN)
        places = await people.organisations_by_id(session, {found.organisation_id for found in late})
        leaders = {
            place.id: await people.holders_above(session, place.lineage, Role.SCORING_LEADER, now)
            for place in places.values()
        }
    if not late:
        return 0
    ordered = 0
    async with database.write() as session:
        for found in late:
            for person_id in leaders[found.organisation_id]:
                key = f"overdue:{found.id}:{found.manifest_digest}:{person_id}"
                ordered += await outbox.place(
                    session,
                    ids,
                    now,
                    people.MAIL_ORDER,
                    key,
                    letter="overdue",
                    person=person_id,
                    submission=found.id,
                )
    return ordered
