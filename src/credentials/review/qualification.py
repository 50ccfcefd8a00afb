"""Assessors prove that they score as agreed: qualification sets, attempts, qualifications."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from credentials.catalog import service as catalog
from credentials.catalog.model import Version
from credentials.db import Session
from credentials.errors import Conflict, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact
from credentials.ids import new_id
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.review import judging, rules, store_moderation
from credentials.review import store_calibration as kept
from credentials.review.anchors import key_of, led, record
from credentials.review.assignment import READERS
from credentials.review.model import (
    Anchor,
    AnchorUse,
    Answer,
    Attempt,
    AttemptEnded,
    Calibrated,
    Lock,
    Qualification,
    QualificationSet,
    Score,
)

MAX_IN_SET = 40
"""Anchors of one set: more than an assessor scores in a day."""


async def add_set(
    session: Session, act: Act, *, version_id: str, title: str, anchor_ids: Sequence[str]
) -> QualificationSet:
    """A set of anchors that assessors score to be qualified."""
    version, where = await led(session, act, version_id)
    wanted = list(dict.fromkeys(anchor_ids))
    if not 1 <= len(wanted) <= MAX_IN_SET or len(wanted) != len(anchor_ids):
        raise Malformed(f"a set has 1 to {MAX_IN_SET} different anchors")
    if not title.strip():
        raise Malformed("give the set a title by which assessors know it")
    found = await kept.anchors_by_id(session, wanted)
    for anchor_id in wanted:
        one = found.get(anchor_id)
        if one is None or one.organisation_id != where.id:
            raise NotFound("there is no such anchor in this programme")
        if one.key != key_of(version) or one.use is not AnchorUse.QUALIFICATION or one.retired_at is not None:
            raise Conflict(f"“{one.title}” is not an anchor for qualification on this version")
    made = QualificationSet(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        micro_credential_id=version.micro_credential_id,
        version_id=version.id,
        key=key_of(version),
        title=" ".join(title.split()),
        anchor_ids=tuple(wanted),
        made_by=act.actor.person_id,
        made_at=act.now,
    )
    await kept.add_set(session, made)
    await record(session, act, "qualification_set.made", f"set:{made.id}", where.id)
    return made


async def sets(session: Session, act: Act, *, after: str = "", limit: int = 50) -> list[QualificationSet]:
    """The sets that the actor may take or looks after. Which anchors are in them is told with an attempt."""
    reach = await people.within(session, act.actor, *READERS)
    return await kept.sets_in(session, reach, after=after, limit=limit)


async def retire_set(session: Session, act: Act, set_id: str) -> None:
    found = await kept.set_(session, set_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage):
        raise NotFound("there is no such qualification set")
    if found.retired_at is None:
        await kept.retire_set(session, found.id, act.now)
        await record(session, act, "qualification_set.retired", f"set:{found.id}", where.id)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt with what is to be scored: the copy of work of each anchor, without its true scores."""

    attempt: Attempt
    set: QualificationSet
    version: Version
    anchors: tuple[Anchor, ...]
    artifacts: dict[str, list[Artifact]]
    answers: tuple[Answer, ...]


async def begin_attempt(session: Session, act: Act, set_id: str) -> Attempt:
    """Take a set. A set that was taken comes again only when every other one was; a locked assessor takes the issued one."""
    found = await kept.set_(session, set_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.ASSESSOR, where.lineage) or found.retired_at is not None:
        raise NotFound("there is no such qualification set")
    before = await kept.attempts_of(session, act.actor.person_id, found.key)
    mine = next((one for one in before if one.finished_at is None and one.set_id == found.id), None)
    if mine:
        return mine
    locked = await kept.lock_of(session, act.actor.person_id, found.micro_credential_id)
    every = await kept.sets_for(session, found.key)
    if locked and locked.set_id and any(one.id == locked.set_id for one in every):
        if locked.set_id != found.id:
            raise Conflict("another set was issued to you: take that one")
    else:
        fair = await fair_sets(session, act.actor.person_id, every)
        if all(one.id != found.id for one in fair):
            raise Conflict("you helped to agree on a work of this set: take another one, or ask your leader for one")
        if all(one.id != found.id for one in judging.fresh_sets(fair, before)):
            raise Conflict("you have taken this set before: take one that you have not seen as often")
    begun = Attempt(
        id=new_id(act.ids, act.now),
        set_id=found.id,
        person_id=act.actor.person_id,
        micro_credential_id=found.micro_credential_id,
        key=found.key,
        begun_at=act.now,
    )
    if not await kept.add_attempt(session, begun):
        raise Conflict("you have begun this set already: go on with it")
    await record(session, act, "qualification.begun", f"person:{act.actor.person_id}", where.id, set=found.id)
    return begun


async def fair_sets(session: Session, person_id: str, every: Sequence[QualificationSet]) -> list[QualificationSet]:
    """Those of these sets of which somebody did not help to agree on a work: whoever did knows its true scores."""
    works = await kept.anchors_by_id(session, {anchor_id for one in every for anchor_id in one.anchor_ids})
    sessions = {one.id: one.moderation_id for one in works.values() if one.moderation_id}
    if not sessions:
        return list(every)
    sat = await store_moderation.has_seat(session, set(sessions.values()), person_id)
    return [one for one in every if not any(sessions.get(anchor_id) in sat for anchor_id in one.anchor_ids)]


async def _my_attempt(session: Session, act: Act, attempt_id: str, *, lock: bool = False) -> Attempt:
    found = await kept.attempt(session, attempt_id, lock=lock)
    if found.person_id != act.actor.person_id:
        raise NotFound("there is no such attempt")
    return found


async def task(session: Session, act: Act, attempt_id: str) -> Task:
    """My attempt with the work to score. The work is shown while the attempt is open."""
    found = await _my_attempt(session, act, attempt_id)
    of = await kept.set_(session, found.set_id)
    version = await catalog.version(session, of.version_id)
    by_id = await kept.anchors_by_id(session, of.anchor_ids)
    ordered = tuple(by_id[one] for one in of.anchor_ids)
    open_ = found.finished_at is None
    artifacts = await evidence.artifacts_by_submission(session, [one.submission_id for one in ordered] if open_ else [])
    return Task(
        attempt=found,
        set=of,
        version=version,
        anchors=ordered if open_ else (),
        artifacts=artifacts,
        answers=tuple(await kept.answers_of(session, found.id)),
    )


async def answer(session: Session, act: Act, attempt_id: str, anchor_id: str, levels: dict[str, str]) -> None:
    """Score one anchor of an open attempt, in part or whole; levels by criterion. It can be changed until the end."""
    found = await _my_attempt(session, act, attempt_id, lock=True)
    if found.finished_at is not None:
        raise AttemptEnded("this attempt is over")
    of = await kept.set_(session, found.set_id)
    if anchor_id not in of.anchor_ids:
        raise NotFound("there is no such work in this set")
    rubric = (await catalog.version(session, of.version_id)).specification.passing_rubric()
    for criterion, level in levels.items():
        rules.check_score(rubric, Score(criterion=criterion, level=level))
    given = [Answer(anchor=anchor_id, criterion=criterion, level=level) for criterion, level in levels.items()]
    await kept.save_answers(session, found.id, anchor_id, given)


async def finish_attempt(session: Session, act: Act, attempt_id: str) -> tuple[Attempt, Calibrated]:
    """Have an attempt judged. A passed one may qualify, and opens a locked queue. Raises ``NotScored``."""
    found = await _my_attempt(session, act, attempt_id, lock=True)
    if found.finished_at is not None:
        raise AttemptEnded("this attempt is over")
    of = await kept.set_(session, found.set_id)
    version = await catalog.version(session, of.version_id)
    specification = version.specification
    truths = {one.id: one.scores for one in (await kept.anchors_by_id(session, of.anchor_ids)).values()}
    answers = await kept.answers_of(session, found.id)
    judgement = judging.judge(specification.programme.calibration, specification.passing_rubric(), truths, answers)
    await kept.finish_attempt(session, found.id, finished_at=act.now, judgement=judgement)
    done = msgspec.structs.replace(found, finished_at=act.now, judgement=judgement)
    await record(
        session,
        act,
        "qualification.passed" if judgement.passed else "qualification.failed",
        f"person:{act.actor.person_id}",
        of.organisation_id,
        set=of.id,
        exact=f"{judgement.exact} of {judgement.of}",
    )
    if judgement.passed:
        await _passed(session, act, done, of, version)
    return done, await _stands(session, act, version)


async def _passed(session: Session, act: Act, done: Attempt, of: QualificationSet, version: Version) -> None:
    bar = version.specification.programme.calibration
    locked = await kept.lock_of(session, act.actor.person_id, of.micro_credential_id)
    if locked and locked.set_id in {None, of.id}:
        await kept.unlock(session, locked.id, act.now, done.id)
        await record(session, act, "queue.unlocked", f"person:{act.actor.person_id}", of.organisation_id, set=of.id)
    every = await kept.sets_for(session, of.key)
    attempts = await kept.attempts_of(session, act.actor.person_id, of.key)
    passed = judging.sets_passed(attempts, every, judging.counted_since(bar, act.now))
    if len(passed) >= bar.sets:
        made = Qualification(
            id=new_id(act.ids, act.now),
            person_id=act.actor.person_id,
            micro_credential_id=of.micro_credential_id,
            key=of.key,
            set_ids=passed,
            qualified_at=act.now,
            expires_at=act.now + timedelta(days=bar.valid_days),
        )
        await kept.add_qualification(session, made)
        await record(session, act, "assessor.qualified", f"person:{act.actor.person_id}", of.organisation_id)


async def _stands(session: Session, act: Act, version: Version) -> Calibrated:
    person_id, key = act.actor.person_id, key_of(version)
    bar = version.specification.programme.calibration
    in_force = await kept.qualifications_of(session, person_id, act.now)
    attempts = await kept.attempts_of(session, person_id, key)
    every = await kept.sets_for(session, key)
    return Calibrated(
        micro_credential_id=version.micro_credential_id,
        key=key,
        required=bar.required,
        qualification=next((one for one in in_force if one.key == key), None),
        lock=await kept.lock_of(session, person_id, version.micro_credential_id),
        passed=len(judging.sets_passed(attempts, every, judging.counted_since(bar, act.now))),
        needed=bar.sets,
    )


class MyCalibration(msgspec.Struct, frozen=True, kw_only=True):
    """How an assessor stands: what they are qualified for, what is locked, what they can take, what they took.

    ``version_of``: a version of each micro-credential for which there is a set."""

    qualifications: tuple[Qualification, ...]
    locks: tuple[Lock, ...]
    sets: tuple[QualificationSet, ...]
    attempts: tuple[Attempt, ...]
    version_of: dict[str, str]


async def my_calibration(session: Session, act: Act) -> MyCalibration:
    """Each qualification once, with the day until which it lasts; the sets of which one can be taken now."""
    latest: dict[str, Qualification] = {}
    for one in await kept.qualifications_of(session, act.actor.person_id, act.now):
        latest.setdefault(one.key, one)
    reach = await people.within(session, act.actor, Role.ASSESSOR)
    every = await kept.sets_in(session, reach, limit=kept.MOST)
    fair = {one.id for one in await fair_sets(session, act.actor.person_id, every)}
    attempts = await kept.attempts_of(session, act.actor.person_id)
    locks = await kept.locks_of(session, act.actor.person_id)
    issued = {one.micro_credential_id: one.set_id for one in locks if one.set_id}
    by_key: dict[str, list[QualificationSet]] = {}
    for found in every:
        by_key.setdefault(found.key, []).append(found)
    open_ = []
    for key, of in by_key.items():
        mine = [one for one in attempts if one.key == key]
        asked = [one for one in of if one.id == issued.get(one.micro_credential_id)]
        open_ += asked or judging.fresh_sets([one for one in of if one.id in fair], mine)
    return MyCalibration(
        qualifications=tuple(latest.values()),
        locks=tuple(locks),
        sets=tuple(sorted(open_, key=lambda one: one.id)),
        attempts=tuple(attempts),
        version_of={one.micro_credential_id: one.version_id for one in every},
    )
