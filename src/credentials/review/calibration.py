"""Assessors who score as agreed: anchors, qualification sets, hidden checks in the live queue, locks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.catalog.model import Stage as VersionStage
from credentials.catalog.model import Version
from credentials.catalog.rules import calibration_key
from credentials.db import Session
from credentials.errors import Conflict, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact, Stage, Submission, Wanted
from credentials.evidence.rules import ATTEMPTED
from credentials.ids import Ids, new_id
from credentials.people import service as people
from credentials.people.model import Act, Organisation, Role
from credentials.review import judging, rules, store, store_moderation
from credentials.review import store_calibration as kept
from credentials.review.assignment import READERS, is_drawn, seed_of, standing_of
from credentials.review.model import (
    Anchor,
    AnchorUse,
    Answer,
    Attempt,
    AttemptEnded,
    Calibrated,
    Lock,
    Paper,
    Qualification,
    QualificationSet,
    Reading,
    Review,
    ReviewKind,
    ReviewStage,
    Score,
    Standing,
    TrueScore,
)

MAX_PIECES = 40
"""Texts and links of prepared work: more than a specification asks for."""
MAX_IN_SET = 40
"""Anchors of one set: more than an assessor scores in a day."""
MAX_CANDIDATES = 20
"""Anchors that are looked at for a hidden check, one after another, before none is dealt."""
CHECKED = (ReviewKind.FIRST, ReviewKind.SECOND, ReviewKind.ADJUDICATION, ReviewKind.VALIDITY)
"""Readings after which a hidden check may come. After a check, too: that none ever follows one would tell."""
JITTER = 600
"""Seconds by which a hidden check seems to have been handed in after the work that was read before it, at most."""
BEGUN_BEFORE = timedelta(days=30)
"""So long before the hand-in was prepared work begun, at most, by what its identifiers tell."""


# Anchors


async def led(session: Session, act: Act, version_id: str) -> tuple[Version, Organisation]:
    """A version whose assessment the actor leads. Raises ``NotFound`` for one that they do not know of."""
    version = await catalog.version(session, version_id)
    of = await catalog.micro_credential(session, version.micro_credential_id)
    where = await people.organisation(session, of.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage):
        raise NotFound("there is no such version")
    return version, where


async def add_anchor(
    session: Session,
    act: Act,
    *,
    version_id: str,
    title: str,
    use: AnchorUse,
    scores: Sequence[TrueScore],
    submission_id: str | None = None,
    pieces: Sequence[tuple[str, str, str]] = (),
    moderation_id: str | None = None,
) -> Anchor:
    """Keep work with its true scores: a copy of a decided submission, or ``pieces`` (requirement, text, link) of prepared work.
    ``moderation_id``: the session that agreed on the scores; then the copy may be of work that was prepared for it.

    Raises ``NotScored`` for a criterion without a true level or a reason.
    """
    version, where = await led(session, act, version_id)
    if version.stage not in {VersionStage.PUBLISHED, VersionStage.RETIRED}:
        raise Conflict("anchors are made for a published version: its rubric no longer changes")
    judging.check_true(version.specification.passing_rubric(), scores)
    if not title.strip():
        raise Malformed("give the anchor a title by which leaders know it")
    if (submission_id is None) == (not pieces):
        raise Malformed("an anchor is made of a submission or of prepared work, one of the two")
    if submission_id is None:
        copied = await prepared(session, act, version, where.id, pieces)
    else:
        source = await evidence.submission(session, submission_id)
        if source.organisation_id != where.id or source.stage is Stage.DRAFT:
            raise NotFound("there is no such submission")
        if source.stage not in ATTEMPTED and not (moderation_id and source.stage is Stage.SPECIMEN):
            raise Conflict("this submission is not decided yet: an anchor is made of work that is")
        of = await catalog.version(session, source.version_id)
        if _key(of) != _key(version):
            raise Conflict("this submission was made for another rubric: make the anchor for its own version")
        copied = await _copy(
            session, act, version, where.id, await evidence.artifacts_of(session, source.id), source=source
        )
    made = Anchor(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        micro_credential_id=version.micro_credential_id,
        version_id=version.id,
        key=_key(version),
        submission_id=copied.id,
        source_id=submission_id,
        title=" ".join(title.split()),
        use=use,
        scores=tuple(scores),
        moderation_id=moderation_id,
        made_by=act.actor.person_id,
        made_at=act.now,
    )
    await kept.add_anchor(session, made)
    await _record(session, act, "anchor.made", f"anchor:{made.id}", where.id, use=use.value)
    return made


async def prepared(
    session: Session, act: Act, version: Version, organisation_id: str, pieces: Sequence[tuple[str, str, str]]
) -> Submission:
    """Prepared work as if it had been handed in, from requirement, text and link of each piece."""
    if len(pieces) > MAX_PIECES:
        raise Malformed(f"prepared work has at most {MAX_PIECES} pieces")
    return await _copy(session, act, version, organisation_id, evidence.prepare(act, version, pieces))


def _key(version: Version) -> str:
    return calibration_key(version.micro_credential_id, version.specification)


async def _copy(
    session: Session,
    act: Act,
    version: Version,
    organisation_id: str,
    artifacts: Sequence[Artifact],
    *,
    source: Submission | None = None,
    submitted_at: datetime | None = None,
    wants: Wanted = Wanted.NOTHING,
) -> Submission:
    """A copy of work, as if it had been handed in at ``submitted_at`` after as long a time as it took."""
    at = submitted_at or act.now
    took = timedelta(seconds=act.ids.below(int(BEGUN_BEFORE.total_seconds())))
    if source is not None and source.submitted_at is not None:
        took = source.submitted_at - source.created_at
    return await evidence.add_specimen(
        session,
        act,
        version,
        organisation_id,
        artifacts,
        attempt_no=source.attempt_no if source else 1,
        begun_at=at - took,
        submitted_at=at,
        wants=wants,
        responsible_id=source.educator_id if source and source.stage is Stage.SPECIMEN else act.actor.person_id,
        attestations=source.attestations if source else None,
    )


async def _record(session: Session, act: Act, action: str, subject: str, organisation_id: str, **detail: str) -> None:
    await audit.record(session, act.entry(action, subject, organisation=organisation_id, **detail))


async def anchors(
    session: Session, act: Act, *, micro_credential_id: str = "", after: str = "", limit: int = 50
) -> list[Anchor]:
    """Those of the programmes that the actor leads, newest first."""
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    return await kept.anchors_in(session, reach, micro_credential_id=micro_credential_id, after=after, limit=limit)


async def anchor(session: Session, act: Act, anchor_id: str) -> Anchor:
    """An anchor for who leads its programme, or for its assessors, if it is shown to them."""
    found = await kept.anchor(session, anchor_id)
    where = await people.organisation(session, found.organisation_id)
    if act.actor.holds(Role.SCORING_LEADER, where.lineage):
        return found
    if found.use is AnchorUse.SHOWN and found.retired_at is None and act.actor.holds(Role.ASSESSOR, where.lineage):
        return found
    raise NotFound("there is no such anchor")


async def examples(session: Session, act: Act, version: Version) -> list[Anchor]:
    """The examples beside the work of a version, for those who read it."""
    of = await catalog.micro_credential(session, version.micro_credential_id)
    where = await people.organisation(session, of.organisation_id)
    if not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such version")
    return await kept.anchors_for(session, _key(version), AnchorUse.SHOWN)


async def retire_anchor(session: Session, act: Act, anchor_id: str) -> None:
    """Use it no longer. Attempts that were made with it stay as they were judged."""
    found = await kept.anchor(session, anchor_id, lock=True)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage):
        raise NotFound("there is no such anchor")
    if found.retired_at is not None:
        return
    if any(found.id in one.anchor_ids for one in await kept.sets_for(session, found.key)):
        raise Conflict("a qualification set has this anchor: retire the set first")
    await kept.retire_anchor(session, found.id, act.now)
    await _record(session, act, "anchor.retired", f"anchor:{found.id}", where.id)


async def may_read_specimen(session: Session, act: Act, found: Submission) -> bool:
    """Whether the actor may read this copy of work, besides who has it in review: leaders, whoever is shown it, and who takes
    a set that it is in."""
    where = await people.organisation(session, found.organisation_id)
    if act.actor.holds(Role.SCORING_LEADER, where.lineage):
        return True
    of = await kept.anchor_of_submission(session, found.id)
    if of is None or not act.actor.holds(Role.ASSESSOR, where.lineage):
        return False
    if of.use is AnchorUse.SHOWN:
        return of.retired_at is None
    if of.use is not AnchorUse.QUALIFICATION:
        return False
    open_ = [one for one in await kept.attempts_of(session, act.actor.person_id, of.key) if one.finished_at is None]
    sets = {one.id: one for one in await kept.sets_for(session, of.key)}
    return any(of.id in sets[one.set_id].anchor_ids for one in open_ if one.set_id in sets)


# Qualification sets


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
        if one.key != _key(version) or one.use is not AnchorUse.QUALIFICATION or one.retired_at is not None:
            raise Conflict(f"“{one.title}” is not an anchor for qualification on this version")
    made = QualificationSet(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        micro_credential_id=version.micro_credential_id,
        version_id=version.id,
        key=_key(version),
        title=" ".join(title.split()),
        anchor_ids=tuple(wanted),
        made_by=act.actor.person_id,
        made_at=act.now,
    )
    await kept.add_set(session, made)
    await _record(session, act, "qualification_set.made", f"set:{made.id}", where.id)
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
        await _record(session, act, "qualification_set.retired", f"set:{found.id}", where.id)


# Attempts


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
        fair = await _fair(session, act.actor.person_id, every)
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
    await _record(session, act, "qualification.begun", f"person:{act.actor.person_id}", where.id, set=found.id)
    return begun


async def _fair(session: Session, person_id: str, every: Sequence[QualificationSet]) -> list[QualificationSet]:
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
    await _record(
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
        await _record(session, act, "queue.unlocked", f"person:{act.actor.person_id}", of.organisation_id, set=of.id)
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
        await _record(session, act, "assessor.qualified", f"person:{act.actor.person_id}", of.organisation_id)


async def _stands(session: Session, act: Act, version: Version) -> Calibrated:
    person_id, key = act.actor.person_id, _key(version)
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
    fair = {one.id for one in await _fair(session, act.actor.person_id, every)}
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


# Hidden checks


async def deal(session: Session, act: Act, read: Review, submission: Submission, version: Version) -> None:
    """After a reading, perhaps, put a hidden check into the assessor's queue.

    It is a copy of an anchor that they were never dealt, from nobody whose work they may not score, handed in, as it seems,
    soon after the work that they have just read. Leaders, who know the anchors, are dealt none. Nor is anybody where names
    are shown, whatever the version says: a check has no name, and one that was made up could be looked up.
    """
    programme = version.specification.programme
    asked = programme.calibration
    if not programme.is_blind or asked.validity_share <= 0 or read.kind not in CHECKED:
        return
    where = await people.organisation(session, submission.organisation_id)
    if act.actor.holds(Role.SCORING_LEADER, where.lineage):
        return
    if not rules.is_drawn(await seed_of(session, act.ids, version.id), rules.VALIDITY, read.id, asked.validity_share):
        return
    dealt = await kept.dealt_to(session, act.actor.person_id, version.micro_credential_id)
    if any(one.judged_at is None for one in dealt):
        return  # one at a time
    seen = {one.anchor_id for one in dealt}
    fresh = [one for one in await kept.anchors_for(session, _key(version), AnchorUse.VALIDITY) if one.id not in seen]
    chosen = await _choose(session, act, fresh)
    if chosen is None:
        return
    master = await evidence.submission(session, chosen.submission_id)
    after = submission.submitted_at or act.now
    at = min(after + timedelta(seconds=1 + act.ids.below(JITTER)), act.now)
    artifacts = await evidence.artifacts_of(session, master.id)
    copied = await _copy(session, act, version, where.id, artifacts, source=master, submitted_at=at, wants=Wanted.FIRST)
    await kept.add_paper(
        session,
        Paper(
            submission_id=copied.id,
            anchor_id=chosen.id,
            person_id=act.actor.person_id,
            organisation_id=where.id,
            micro_credential_id=version.micro_credential_id,
            key=chosen.key,
            dealt_at=act.now,
        ),
    )


async def _choose(session: Session, act: Act, fresh: Sequence[Anchor]) -> Anchor | None:
    """One of these at random, of nobody who is near to the assessor and nothing that they have scored."""
    standing = await standing_of(session, act.actor.person_id, act.now)
    agreed = await store_moderation.has_seat(
        session, {one.moderation_id for one in fresh if one.moderation_id}, standing.person_id
    )
    left = [one for one in fresh if one.moderation_id not in agreed]  # whoever agreed on it knows it again
    sources = await evidence.submissions_by_id(session, {one.source_id for one in fresh if one.source_id})
    for _ in range(MAX_CANDIDATES):
        if not left:
            return None
        one = left.pop(act.ids.below(len(left)))
        if one.made_by in standing.related or one.made_by == act.actor.person_id:
            continue
        if one.source_id is None or await _may_see(session, standing, sources[one.source_id]):
            return one
    return None


async def _may_see(session: Session, standing: Standing, source: Submission) -> bool:
    scored = await store.has_scored(session, standing.person_id, source.educator_id, source.micro_credential_id)
    near = rules.conflict(
        msgspec.structs.replace(source, earned_only=False), standing, scored_before=scored, reciprocal=False
    )
    return near is None


async def judge_paper(
    session: Session, act: Act, read: Review, version: Version, given: Sequence[Score], *, returned: bool = False
) -> None:
    """What an assessor made of a hidden check. Too many missed ones lock their queue and issue a set to pass.

    ``returned``: they said that something is missing, which is wrong: anchors are whole.
    """
    paper = await kept.paper(session, read.submission_id, lock=True)
    if paper is None or paper.judged_at is not None:
        return
    truth = (await kept.anchor(session, paper.anchor_id)).scores
    specification = version.specification
    apart = specification.programme.levels_apart
    missed = returned or judging.is_missed(specification.passing_rubric(), truth, given, apart)
    await kept.judge_paper(session, paper.submission_id, judged_at=act.now, missed=missed)
    if missed:
        await _record(session, act, "validity.missed", f"person:{paper.person_id}", paper.organisation_id)
    await _lock_if_due(session, act, paper, version)


async def _lock_if_due(session: Session, act: Act, paper: Paper, version: Version) -> None:
    since = await kept.last_unlock(session, paper.person_id, paper.micro_credential_id)
    judged = [
        one.missed is True
        for one in sorted(
            await kept.dealt_to(session, paper.person_id, paper.micro_credential_id),
            key=lambda one: (one.judged_at or act.now, one.dealt_at),
            reverse=True,
        )
        if one.judged_at is not None and (since is None or one.judged_at > since)
    ]
    found = judging.misses(version.specification.programme.calibration, judged)
    if found is None:
        return
    sets = await kept.sets_for(session, paper.key)
    attempts = await kept.attempts_of(session, paper.person_id, paper.key)
    fair = await _fair(session, paper.person_id, sets)
    fresh = judging.fresh_sets(fair or sets, attempts)
    made = Lock(
        id=new_id(act.ids, act.now),
        person_id=paper.person_id,
        organisation_id=paper.organisation_id,
        micro_credential_id=paper.micro_credential_id,
        key=paper.key,
        set_id=fresh[0].id if fresh else None,
        misses=found[0],
        of=found[1],
        locked_at=act.now,
    )
    if await kept.add_lock(session, made):
        await _record(
            session,
            act,
            "queue.locked",
            f"person:{paper.person_id}",
            paper.organisation_id,
            misses=f"{found[0]} of {found[1]}",
            set=made.set_id or "",
        )


async def withdraw_paper(session: Session, act: Act, found: Submission) -> None:
    """Somebody reported this as misconduct: it stops as live work stops, and says nothing of who read it."""
    paper = await kept.paper(session, found.id, lock=True)
    if paper is None:
        return
    open_ = await store.open_review_of(session, found.id, paper.person_id)
    if open_:
        to = rules.move(open_.stage, ReviewStage.RELEASED)
        await store.change(session, open_, stage=to, ended_at=act.now)
    await evidence.keep(session, act, found, "submission.held", wants=Wanted.NOTHING)
    if paper.judged_at is None:
        await kept.judge_paper(session, paper.submission_id, judged_at=act.now, missed=None)


async def seems_decided(
    session: Session, ids: Ids, paper: Review, version: Version, given: Sequence[Score], truth: Sequence[TrueScore]
) -> bool:
    """What an assessor is told of whether theirs was the last reading that was needed, as it would be for live work: by
    itself, or as the second of two of which the first gave the true scores."""
    specification = version.specification
    mine = msgspec.structs.replace(paper, kind=ReviewKind.FIRST, stage=ReviewStage.DECIDED)
    drawn = await is_drawn(session, ids, paper.submission_id, version)
    readings = [Reading(review=mine, scores=tuple(given))]
    if rules.is_drawn(await seed_of(session, ids, version.id), rules.SEEMS, paper.submission_id, 0.5):
        true = tuple(Score(criterion=one.criterion, level=one.level, feedback=one.rationale) for one in truth)
        second = msgspec.structs.replace(mine, kind=ReviewKind.SECOND)
        if specification.programme.assessors == 2 or drawn:
            readings = [Reading(review=mine, scores=true), Reading(review=second, scores=tuple(given))]
    return rules.combine(specification, readings, drawn=drawn) is not None


async def truth_of(session: Session, submission_id: str) -> tuple[TrueScore, ...]:
    paper = await kept.paper(session, submission_id)
    return (await kept.anchor(session, paper.anchor_id)).scores if paper else ()


# What leaders look after


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """Who is calibrated in the programmes that a leader leads. ``checks``: judged and missed in the last 90 days, by person;
    ``left``: hidden checks that are still unused, by key and person."""

    qualified: tuple[Qualification, ...]
    locks: tuple[Lock, ...]
    checks: dict[str, tuple[int, int]]
    names: dict[str, str]


ROLL_WITHIN = timedelta(days=90)


async def roll(session: Session, act: Act) -> Roll:
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    every = await kept.sets_in(session, reach, limit=kept.MOST)
    qualified = await kept.qualified_in(session, {one.key for one in every}, act.now)
    locks = await kept.locks_in(session, reach)
    checks: dict[str, tuple[int, int]] = {}
    for paper in await kept.judged_in(session, reach, act.now - ROLL_WITHIN):
        judged, missed = checks.get(paper.person_id, (0, 0))
        checks[paper.person_id] = (judged + (paper.missed is not None), missed + (paper.missed is True))
    named = {one.person_id for one in qualified} | {one.person_id for one in locks} | set(checks)
    persons = await people.persons_by_id(session, named)
    return Roll(
        qualified=tuple(qualified),
        locks=tuple(locks),
        checks=checks,
        names={person_id: one.name for person_id, one in persons.items()},
    )
