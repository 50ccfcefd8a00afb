"""Moderation sessions: several assessors score one work apart, see the spread, and agree on what is right."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.catalog.model import Stage as VersionStage
from credentials.catalog.model import Version
from credentials.catalog.rules import calibration_key
from credentials.db import Database, Session
from credentials.errors import Conflict, Forbidden, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact, Stage, Submission
from credentials.ids import new_id
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Organisation, Role
from credentials.review import anchors, judging, moderating, rules, store
from credentials.review import store_moderation as kept
from credentials.review.assignment import READERS, check_may_score, remember, standing_of, taken
from credentials.review.model import (
    Anchor,
    AnchorUse,
    ConflictOfInterest,
    Moderation,
    ModerationStage,
    NotQualified,
    QueueLocked,
    Review,
    ReviewKind,
    ReviewStage,
    Seat,
    Spread,
    TrueScore,
)

DECIDED = (Stage.EARNED, Stage.NOT_YET_EARNED)
"""What is scored again in a session has been decided by its rubric: nothing that is live is touched by it."""
LATELY = timedelta(days=90)
"""What was decided longer ago is not listed to choose from. It can be named by its id."""
MOST_LISTED = 100


class _SeatRefused(Exception):
    """Who could not be seated, on the way out of the transaction to where it is remembered."""

    def __init__(self, submission_id: str, person_id: str, why: ConflictOfInterest) -> None:
        super().__init__(why.detail)
        self.submission_id = submission_id
        self.person_id = person_id
        self.why = why


# Opening


async def open_moderation(
    database: Database,
    act: Act,
    *,
    title: str,
    assessor_ids: Sequence[str],
    submission_id: str | None = None,
    version_id: str = "",
    pieces: Sequence[tuple[str, str, str]] = (),
) -> Moderation:
    """Have several assessors score one work apart: a decided submission, or ``pieces`` of prepared work for a version.

    Raises ``ConflictOfInterest`` (the attempt is remembered) and ``NotQualified`` for somebody who must not score it.
    """
    try:
        async with database.write() as session:
            version, where, work = await _work(session, act, submission_id, version_id, pieces)
            return await _open(session, act, version, where, work, title, assessor_ids)
    except _SeatRefused as refused:
        if submission_id is not None:
            await remember(database, act, submission_id, refused.person_id, refused.why)
        raise refused.why from None


async def _work(
    session: Session,
    act: Act,
    submission_id: str | None,
    version_id: str,
    pieces: Sequence[tuple[str, str, str]],
) -> tuple[Version, Organisation, Submission]:
    if (submission_id is None) == (not pieces):
        raise Malformed("a session is about a submission or about prepared work, one of the two")
    if submission_id is None:
        version, where = await anchors.led(session, act, version_id)
        if version.stage not in {VersionStage.PUBLISHED, VersionStage.RETIRED}:
            raise Conflict("a session is about work for a published version: its rubric no longer changes")
        return version, where, await anchors.prepared(session, act, version, where.id, pieces)
    work = await evidence.submission(session, submission_id, lock=True)
    where = await people.organisation(session, work.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage) or work.stage in {Stage.DRAFT, Stage.SPECIMEN}:
        raise NotFound("there is no such submission")
    if work.stage not in DECIDED:
        raise Conflict("this submission is not decided yet: a session is about work that is")
    await _check_may_lead(session, act, work)
    return await catalog.version(session, work.version_id), where, work


async def _check_may_lead(session: Session, act: Act, work: Submission) -> None:
    """Whoever leads a session may have scored the work before; whose work it is must be as foreign to them as to those who
    score it. Raises ``ConflictOfInterest``."""
    standing = await standing_of(session, act.actor.person_id, act.now)
    foreign = msgspec.structs.replace(work, earned_only=False)
    rules.check_no_conflict(foreign, standing, scored_before=False, reciprocal=False)


async def _open(
    session: Session,
    act: Act,
    version: Version,
    where: Organisation,
    work: Submission,
    title: str,
    assessor_ids: Sequence[str],
) -> Moderation:
    if not title.strip():
        raise Malformed("give the session a title by which those who take part know it")
    moderating.check_seats(assessor_ids)
    made = Moderation(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        micro_credential_id=version.micro_credential_id,
        version_id=version.id,
        submission_id=work.id,
        title=" ".join(title.split()),
        opened_by=act.actor.person_id,
        opened_at=act.now,
    )
    if not await kept.add(session, made):
        raise Conflict("a session about this work is under way: end that one first")
    await _record(session, act, "moderation.opened", made)
    seated = await _seat(session, act, version, where, work, assessor_ids)
    await kept.add_seats(
        session,
        [
            Seat(moderation_id=made.id, person_id=one.assessor_id, review_id=one.id, place=place)
            for place, one in enumerate(seated, start=1)
        ],
    )
    for one in seated:
        await _ask(session, act, made, one)
    return made


async def _ask(session: Session, act: Act, to: Moderation, seated: Review) -> None:
    """A mail to somebody who was seated."""
    payload = {"letter": "moderation_seat", "person": seated.assessor_id, "moderation": to.id}
    await outbox.place(session, act.ids, act.now, people.MAIL_ORDER, f"moderation_seat:{seated.id}", **payload)


async def letter_about(session: Session, moderation_id: str) -> tuple[Moderation, Version]:
    """What a letter about a session says."""
    found = await kept.moderation(session, moderation_id)
    return found, await catalog.version(session, found.version_id)


async def _seat(
    session: Session, act: Act, version: Version, where: Organisation, work: Submission, person_ids: Sequence[str]
) -> list[Review]:
    """A reading of the work for each of these. It has no lease: the session says when scoring ends."""
    able = set(await people.holders_above(session, where.lineage, Role.ASSESSOR, act.now))
    if work.stage is Stage.SPECIMEN:  # it asks of its assessors what live work of its version does
        asked = version.specification.programme
        needed = calibration_key(version.micro_credential_id, version.specification)
        work = msgspec.structs.replace(
            work, earned_only=asked.assessors_earned, calibration=needed if asked.calibration.required else ""
        )
    seated = []
    for place, person_id in enumerate(person_ids, start=1):
        if person_id not in able:
            raise NotFound("there is no such assessor in this programme")
        which = f"assessor {place} of {len(person_ids)}: "
        try:
            await check_may_score(session, work, person_id, act.now)
        except ConflictOfInterest as refused:
            why = ConflictOfInterest(which + refused.detail, refused.kind)
            raise _SeatRefused(work.id, person_id, why) from None
        except QueueLocked:
            raise QueueLocked(f"{which}their queue for this micro-credential is closed") from None
        except NotQualified:
            raise NotQualified(f"{which}they are not qualified for this micro-credential") from None
        one = Review(
            id=new_id(act.ids, act.now),
            submission_id=work.id,
            assessor_id=person_id,
            # Prepared work is nobody's.
            educator_id=work.id if work.stage is Stage.SPECIMEN else work.educator_id,
            micro_credential_id=work.micro_credential_id,
            kind=ReviewKind.MODERATION,
            manifest_digest=work.manifest_digest,
            stage=ReviewStage.SCORING,
            claimed_at=act.now,
            checked_at=act.now,
            assigned_by=act.actor.person_id,
        )
        if not await store.add(session, one):
            raise taken()
        seated.append(one)
    return seated


async def _record(session: Session, act: Act, action: str, of: Moderation, *, reason: str = "", **detail: str) -> None:
    entry = act.entry(action, f"moderation:{of.id}", organisation=of.organisation_id, reason=reason, **detail)
    await audit.record(session, entry)


# Looking at it


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who takes part, as somebody else sees them. ``name`` and ``person_id`` are told to leaders alone;
    ``review_id`` to whose it is."""

    place: int
    stage: ReviewStage
    is_mine: bool
    name: str = ""
    person_id: str = ""
    review_id: str = ""


class ModerationView(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its leader (``leads``) or somebody who takes part sees it. ``spreads``: once scoring is closed, to both; no
    scores are told to anybody before. ``artifacts``: while the work is discussed."""

    moderation: Moderation
    version: Version
    leads: bool
    seats: tuple[Sitting, ...]
    spreads: tuple[Spread, ...]
    artifacts: tuple[Artifact, ...] = ()

    @property
    def done(self) -> int:
        return sum(one.stage is ReviewStage.DECIDED for one in self.seats)

    @property
    def mine(self) -> Sitting | None:
        return next((one for one in self.seats if one.is_mine), None)


async def moderations(
    session: Session, act: Act, *, after: str = "", limit: int = 50
) -> list[tuple[Moderation, Version, int, int]]:
    """Those that the actor leads or takes part in, newest first, with how many of how many have scored."""
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    found = await kept.seen_by(session, reach, act.actor.person_id, after=after, limit=limit)
    versions = await catalog.versions_by_id(session, {one.version_id for one in found})
    seats = await kept.seats_of(session, [one.id for one in found])
    return [
        (
            one,
            versions[one.version_id],
            sum(review.stage is ReviewStage.DECIDED for _, review in seats[one.id]),
            len(seats[one.id]),
        )
        for one in found
    ]


async def moderation(session: Session, act: Act, moderation_id: str) -> ModerationView:
    """A session that the actor leads or takes part in."""
    found = await kept.moderation(session, moderation_id)
    where = await people.organisation(session, found.organisation_id)
    seats = (await kept.seats_of(session, [found.id])).get(found.id, [])
    me = act.actor.person_id
    leads = act.actor.holds(Role.SCORING_LEADER, where.lineage)
    sits = any(seat.person_id == me for seat, _ in seats) and act.actor.holds_any(READERS, where.lineage)
    if not leads and not sits:
        raise kept.not_there()
    version = await catalog.version(session, found.version_id)
    persons = await people.persons_by_id(session, {seat.person_id for seat, _ in seats} if leads else set())
    spreads: tuple[Spread, ...] = ()
    if found.closed_at is not None:
        given = await store.scores_by_review(session, [one.id for _, one in seats if one.stage is ReviewStage.DECIDED])
        by_place = {seat.place: given[one.id] for seat, one in seats if one.id in given}
        spreads = moderating.spreads(version.specification.passing_rubric(), by_place)
    shown = found.stage is ModerationStage.DISCUSSING and (sits or found.opened_by == me)
    return ModerationView(
        moderation=found,
        version=version,
        leads=leads,
        seats=tuple(
            Sitting(
                place=seat.place,
                stage=one.stage,
                is_mine=seat.person_id == me,
                name=persons[seat.person_id].name if leads else "",
                person_id=seat.person_id if leads else "",
                review_id=one.id if seat.person_id == me else "",
            )
            for seat, one in seats
        ),
        spreads=spreads,
        artifacts=tuple(await evidence.artifacts_of(session, found.submission_id)) if shown else (),
    )


async def may_discuss(session: Session, act: Act, submission_id: str) -> bool:
    """Whether the actor may read this work because they sit over it: scoring is closed, and nothing is agreed yet."""
    found = await kept.open_to(session, submission_id, act.actor.person_id)
    if found is None:
        return False
    return act.actor.holds_any(READERS, (await people.organisation(session, found.organisation_id)).lineage)


async def to_moderate(session: Session, act: Act) -> list[tuple[Submission, Version]]:
    """What was decided lately in the programmes that the actor leads and a session can be about, newest first. How it was
    decided is not told."""
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    if not reach:
        raise Forbidden("this is for scoring leaders: ask an administrator of your organisation for the role")
    recent = await store.decisions_of(session, reach, since=act.now - LATELY, limit=MOST_LISTED)
    works = await evidence.submissions_by_id(session, {made.submission_id for made, _ in recent})
    versions = await catalog.versions_by_id(session, {version_id for _, version_id in recent})
    return [
        (works[made.submission_id], versions[version_id])
        for made, version_id in recent
        if works[made.submission_id].stage in DECIDED
    ]


async def candidates(session: Session, act: Act, organisation_id: str) -> dict[str, str]:
    """The assessors of a programme by id, with their names: whom its leader can ask."""
    where = await people.organisation_for(session, act.actor, organisation_id, Role.SCORING_LEADER)
    able = await people.holders_above(session, where.lineage, Role.ASSESSOR, act.now)
    return {one.id: one.name for one in (await people.persons_by_id(session, able)).values()}


# Going on


async def _held(session: Session, act: Act, moderation_id: str) -> tuple[Moderation, Submission, Organisation]:
    """A session that the actor leads, to change it. The work is held first, as whoever finishes scoring holds it."""
    found = await kept.moderation(session, moderation_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage):
        raise kept.not_there()
    work = await evidence.submission(session, found.submission_id, lock=True)
    return await kept.moderation(session, moderation_id, lock=True), work, where


async def seat(database: Database, act: Act, moderation_id: str, assessor_id: str) -> Moderation:
    """Ask one more assessor, or one again who gave it back, while scoring is open."""
    try:
        async with database.write() as session:
            return await _seat_one(session, act, moderation_id, assessor_id)
    except _SeatRefused as refused:
        await remember(database, act, refused.submission_id, refused.person_id, refused.why)
        raise refused.why from None


async def _seat_one(session: Session, act: Act, moderation_id: str, assessor_id: str) -> Moderation:
    found, work, where = await _held(session, act, moderation_id)
    moderating.check_is(found.stage, ModerationStage.SCORING)
    seats = (await kept.seats_of(session, [found.id]))[found.id]
    before = next(((seat, one) for seat, one in seats if seat.person_id == assessor_id), None)
    if before and before[1].stage is not ReviewStage.RELEASED:
        raise Conflict("they take part already")
    if not before:
        moderating.check_seats([assessor_id], len(seats))
    version = await catalog.version(session, found.version_id)
    (one,) = await _seat(session, act, version, where, work, [assessor_id])
    if before:
        await kept.renew_seat(session, before[0], one.id)
    else:
        place = len(seats) + 1
        added = Seat(moderation_id=found.id, person_id=assessor_id, review_id=one.id, place=place)
        await kept.add_seats(session, [added])
    await _ask(session, act, found, one)
    await _record(session, act, "moderation.seated", found, assessor=assessor_id)
    return found


async def reading_ended(session: Session, act: Act, review: Review) -> None:
    """Somebody has scored, or gave it back: when nobody is left who scores, scoring closes by itself."""
    moderation_id = await kept.of_review(session, review.id)
    if moderation_id is None:
        return
    found = await kept.moderation(session, moderation_id, lock=True)
    seats = (await kept.seats_of(session, [found.id]))[found.id]
    if found.stage is ModerationStage.SCORING and moderating.is_over([one for _, one in seats]):
        await _close(session, act, found)


async def _close(session: Session, act: Act, found: Moderation) -> Moderation:
    stage = moderating.move(found.stage, ModerationStage.DISCUSSING)
    await _record(session, act, "moderation.closed", found)
    return await kept.change(session, found, stage=stage, closed_at=act.now)


async def close_scoring(session: Session, act: Act, moderation_id: str) -> Moderation:
    """End scoring before everybody has: who has not is left out. From now on the spread is open to all who take part."""
    found, _, _ = await _held(session, act, moderation_id)
    moderating.check_is(found.stage, ModerationStage.SCORING)
    readings = [one for _, one in (await kept.seats_of(session, [found.id]))[found.id]]
    moderating.check_may_close(readings)
    await _stop(session, act, readings)
    return await _close(session, act, found)


async def _stop(session: Session, act: Act, readings: Sequence[Review]) -> None:
    for one in readings:
        if one.is_open:
            await store.change(session, one, stage=rules.move(one.stage, ReviewStage.RELEASED), ended_at=act.now)


async def agree(session: Session, act: Act, moderation_id: str, scores: Sequence[TrueScore]) -> Moderation:
    """Put on record what the group agrees is right for each criterion, and why. Raises ``NotScored``."""
    found, _, _ = await _held(session, act, moderation_id)
    stage = moderating.move(found.stage, ModerationStage.AGREED)
    version = await catalog.version(session, found.version_id)
    judging.check_true(version.specification.passing_rubric(), scores, "the consensus")
    levels = {f"score:{one.criterion}": one.level for one in scores}
    await _record(session, act, "moderation.agreed", found, **levels)
    return await kept.change(
        session,
        found,
        stage=stage,
        consensus=tuple(scores),
        ended_by=act.actor.person_id,
        ended_at=act.now,
    )


async def cancel(session: Session, act: Act, moderation_id: str, *, reason: str) -> Moderation:
    """Give a session up, with a reason. What was scored stays on record."""
    found, _, _ = await _held(session, act, moderation_id)
    stage = moderating.move(found.stage, ModerationStage.CANCELLED)
    if not reason.strip():
        raise Malformed("say why the session is given up: those who take part read it")
    await _stop(session, act, [one for _, one in (await kept.seats_of(session, [found.id]))[found.id]])
    await _record(session, act, "moderation.cancelled", found, reason=reason.strip())
    return await kept.change(
        session, found, stage=stage, reason=reason.strip(), ended_by=act.actor.person_id, ended_at=act.now
    )


async def anchor_of(session: Session, act: Act, moderation_id: str, *, title: str, use: AnchorUse) -> Anchor:
    """Make an anchor of the work, with what was agreed as its true scores: one, because an anchor has one use."""
    found, work, _ = await _held(session, act, moderation_id)
    moderating.check_is(found.stage, ModerationStage.AGREED)
    if found.anchor_id is not None:
        raise Conflict("an anchor was made of this session already")
    made = await anchors.add_anchor(
        session,
        act,
        version_id=found.version_id,
        title=title,
        use=use,
        scores=found.consensus,
        submission_id=work.id,
        moderation_id=found.id,
    )
    await kept.change(session, found, anchor_id=made.id)
    return made
