from datetime import datetime

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.db import Database, Session
from credentials.errors import Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage, Submission
from credentials.ids import new_id
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.review import rules, store
from credentials.review.model import (
    AlreadyClaimed,
    ConflictOfInterest,
    Decision,
    Outcome,
    QueueItem,
    Review,
    ReviewStage,
    Score,
)
from credentials.review.store import decision, last_return_note, open_review_of, open_reviews, scores_of

__all__ = [
    "check_may_read",
    "claim",
    "confirm_complete",
    "decision",
    "finish",
    "last_return_note",
    "mine",
    "open_review_of",
    "open_reviews",
    "queue",
    "release",
    "return_incomplete",
    "score",
    "scores_of",
]

ISSUE_ORDER = "award.issue"


async def queue(
    session: Session, act: Act, *, after: tuple[datetime, str] | None = None, limit: int = 50
) -> list[QueueItem]:
    """What waits for this assessor, longest first: in the organisations of the role, without own work and own schools."""
    reach = await people.within(session, act.actor, Role.ASSESSOR)
    schools = (await people.schools_of(session, [act.actor.person_id], act.now))[act.actor.person_id]
    waiting = await evidence.waiting(
        session, reach, without_educator=act.actor.person_id, without_schools=schools, after=after, limit=limit
    )
    versions = await catalog.versions_by_id(session, {found.version_id for found in waiting})
    return [
        QueueItem(
            submission=found.id,
            title=versions[found.version_id].specification.title,
            version=found.version_id,
            attempt_no=found.attempt_no,
            submitted_at=found.submitted_at or found.created_at,
        )
        for found in waiting
    ]


async def claim(database: Database, act: Act, submission_id: str) -> Review:
    """Take a waiting submission. Two assessors race, one wins. Raises ``ConflictOfInterest``, ``AlreadyClaimed``.

    A claim that is refused for a conflict of interest is remembered in a transaction of its own.
    """
    try:
        async with database.write() as session:
            return await _claim(session, act, submission_id)
    except ConflictOfInterest as refused:
        async with database.write() as session:
            entry = act.entry("review.blocked", f"submission:{submission_id}", reason=refused.detail)
            await audit.record(session, entry)
        raise


async def _claim(session: Session, act: Act, submission_id: str) -> Review:
    found = await evidence.submission(session, submission_id, lock=True)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.ASSESSOR, where.lineage):
        raise NotFound("there is no such submission")
    schools = (await people.schools_of(session, [act.actor.person_id], act.now))[act.actor.person_id]
    rules.check_no_conflict(found, act.actor.person_id, schools)
    mine = await store.open_review_of(session, found.id, act.actor.person_id)
    if mine:
        return mine
    if found.stage is Stage.IN_REVIEW:
        raise AlreadyClaimed("another assessor has this submission: take the next one in the queue")
    await evidence.move(session, act, found, Stage.IN_REVIEW, "review.claimed")
    claimed = Review(
        id=new_id(act.ids, act.now),
        submission_id=found.id,
        assessor_id=act.actor.person_id,
        manifest_digest=found.manifest_digest,
        stage=ReviewStage.CLAIMED,
        claimed_at=act.now,
    )
    if not await store.add(session, claimed):
        raise AlreadyClaimed("another assessor has this submission: take the next one in the queue")
    return claimed


async def mine(session: Session, act: Act, review_id: str, *, lock: bool = False) -> tuple[Review, Submission]:
    """The actor's own review and the submission that it reads. Somebody else's looks like none."""
    found = await store.review(session, review_id, lock=lock)
    if found.assessor_id != act.actor.person_id:
        raise NotFound("there is no such review")
    submission = await evidence.submission(session, found.submission_id)
    where = await people.organisation(session, submission.organisation_id)
    if not act.actor.holds(Role.ASSESSOR, where.lineage):
        raise NotFound("there is no such review")
    return found, submission


async def check_may_read(session: Session, act: Act, submission_id: str) -> None:
    """Evidence is read by its educator and by the assessor who has claimed it; to all others it does not exist."""
    found = await evidence.submission(session, submission_id)
    if found.educator_id == act.actor.person_id:
        return
    if await store.open_review_of(session, submission_id, act.actor.person_id) is None:
        raise NotFound("there is no such submission")


async def confirm_complete(session: Session, act: Act, review_id: str) -> Review:
    """All is there that is asked for: scoring may begin."""
    found, _ = await mine(session, act, review_id, lock=True)
    return await store.change(session, found, stage=rules.move(found.stage, ReviewStage.SCORING), checked_at=act.now)


async def return_incomplete(session: Session, act: Act, review_id: str, *, note: str) -> Review:
    """Something is missing: back to the educator with a note on what, not on how good it is. Not an assessed attempt."""
    if not note.strip():
        raise Malformed("say what is missing, so that the educator can add it")
    found, submission = await mine(session, act, review_id, lock=True)
    stage = rules.move(found.stage, ReviewStage.RETURNED)
    changed = await store.change(session, found, stage=stage, ended_at=act.now, return_note=note.strip())
    await evidence.move(session, act, submission, Stage.INCOMPLETE, "submission.returned")
    await _tell_educator(session, act, submission, "returned")
    return changed


async def release(session: Session, act: Act, review_id: str) -> Review:
    """Give a submission back to the queue."""
    found, submission = await mine(session, act, review_id, lock=True)
    stage = rules.move(found.stage, ReviewStage.RELEASED)
    changed = await store.change(session, found, stage=stage, ended_at=act.now)
    await evidence.move(session, act, submission, Stage.SUBMITTED, "review.released")
    return changed


async def score(session: Session, act: Act, review_id: str, given: Score) -> None:
    """Save the level and feedback for one criterion. It can be changed until the decision."""
    found, submission = await mine(session, act, review_id, lock=True)
    if found.stage is not ReviewStage.SCORING:
        rules.move(found.stage, ReviewStage.DECIDED)
    version = await catalog.version(session, submission.version_id)
    rules.check_score(version.specification.rubric, given)
    await store.save_score(session, found.id, given)
    await store.change(session, found)


async def finish(session: Session, act: Act, review_id: str) -> Decision:
    """Decide by the rubric. An earned one is ordered to be issued in the same transaction. Raises ``NotScored``."""
    found, submission = await mine(session, act, review_id, lock=True)
    stage = rules.move(found.stage, ReviewStage.DECIDED)
    version = await catalog.version(session, submission.version_id)
    scores = await store.scores_of(session, found.id)
    outcome = rules.decide(version.specification.rubric, scores)
    await store.change(session, found, stage=stage, ended_at=act.now)
    made = Decision(
        submission_id=submission.id,
        review_id=found.id,
        outcome=outcome,
        scores=scores,
        decided_by=act.actor.person_id,
        decided_at=act.now,
    )
    await store.add_decision(session, made)
    if outcome is Outcome.EARNED:
        await outbox.place(session, act.ids, act.now, ISSUE_ORDER, submission.id, submission=submission.id)
    await _tell_educator(session, act, submission, outcome.value)
    await evidence.move(
        session, act, submission, Stage(outcome.value), f"submission.{outcome.value}", decided_at=act.now
    )
    levels = {f"score:{score.criterion}": score.level for score in scores}
    await audit.record(
        session,
        act.entry("review.scored", f"submission:{submission.id}", organisation=submission.organisation_id, **levels),
    )
    return made


async def _tell_educator(session: Session, act: Act, submission: Submission, letter: str) -> None:
    key = f"{letter}:{submission.id}:{submission.manifest_digest}"
    await outbox.place(
        session,
        act.ids,
        act.now,
        people.MAIL_ORDER,
        key,
        letter=letter,
        person=submission.educator_id,
        submission=submission.id,
    )
