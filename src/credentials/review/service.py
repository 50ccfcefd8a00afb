from collections.abc import Sequence

import msgspec

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.db import Session
from credentials.errors import Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage, Submission, Wanted
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act
from credentials.review import rules, store
from credentials.review.agreement import Agreement, Measurement, agreement
from credentials.review.anchors import add_anchor, anchor, anchors, examples, may_read_specimen, retire_anchor
from credentials.review.appeals import (
    ISSUE_ORDER,
    RESTORE_ORDER,
    add_exhibit_file,
    add_exhibit_text,
    appeals_of,
    appeals_to_decide,
    check_may_add_exhibit,
    decide_appeal,
    decides_appeal_of,
    exhibit,
    exhibits,
    file_appeal,
    own_appeal,
    seen_appeal,
    what_to_appeal,
)
from credentials.review.assignment import (
    READERS,
    WITHOUT_DECISION,
    alarm_overdue,
    assign,
    claim,
    claim_next,
    counts,
    expire_leases,
    give_back,
    is_drawn,
    queue,
    seed_of,
)
from credentials.review.comparison import (
    Comparability,
    ComparedRow,
    close_task,
    common_tasks,
    comparability,
    draw,
)
from credentials.review.figures import (
    AgreementReport,
    AgreementRow,
    Pace,
    SeverityRow,
    agreement_report,
    pace,
    severity,
)
from credentials.review.integrity import (
    REVOKE_ORDER,
    case_view,
    cases_to_decide,
    hand_in,
    is_on_panel,
    report,
    standing_with,
    vote,
)
from credentials.review.leading import (
    BackRead,
    Case,
    Desk,
    add_comment,
    back_reads,
    begin_back_read,
    comments_for,
    declare_conflict,
    declared_by_me,
    desk,
    end_conflict,
    remove_comment,
    sample,
    shared_comments,
    splits_of,
    to_back_read,
    unblind,
)
from credentials.review.model import Combined, Decision, Outcome, Review, ReviewKind, ReviewStage, Score, WrongStage
from credentials.review.moderation import (
    ModerationView,
    Sitting,
    agree,
    anchor_of,
    cancel,
    candidates,
    close_scoring,
    letter_about,
    may_discuss,
    moderation,
    moderations,
    open_moderation,
    reading_ended,
    seat,
    to_moderate,
)
from credentials.review.qualification import (
    MyCalibration,
    Task,
    add_set,
    answer,
    begin_attempt,
    finish_attempt,
    my_calibration,
    retire_set,
    sets,
    task,
)
from credentials.review.roll import Roll, roll
from credentials.review.store import decision, last_return_note, open_review_of, open_reviews, returns, scores_of
from credentials.review.store_appeals import exhibit_digests
from credentials.review.store_moderation import of_review as moderation_of
from credentials.review.validity import deal, judge_paper, seems_decided, truth_of

__all__ = [
    "ISSUE_ORDER",
    "RESTORE_ORDER",
    "REVOKE_ORDER",
    "Agreement",
    "AgreementReport",
    "AgreementRow",
    "BackRead",
    "Case",
    "Comparability",
    "ComparedRow",
    "Desk",
    "Finished",
    "Measurement",
    "ModerationView",
    "MyCalibration",
    "Pace",
    "Roll",
    "SeverityRow",
    "Sitting",
    "Task",
    "add_anchor",
    "add_comment",
    "add_exhibit_file",
    "add_exhibit_text",
    "add_set",
    "agree",
    "agreement",
    "agreement_report",
    "alarm_overdue",
    "anchor",
    "anchor_of",
    "anchors",
    "answer",
    "appeals_of",
    "appeals_to_decide",
    "assign",
    "back_reads",
    "begin_attempt",
    "begin_back_read",
    "cancel",
    "candidates",
    "case_view",
    "cases_to_decide",
    "check_may_add_exhibit",
    "check_may_read",
    "claim",
    "claim_next",
    "close_scoring",
    "close_task",
    "comments_for",
    "common_tasks",
    "comparability",
    "confirm_complete",
    "counts",
    "decide_appeal",
    "decision",
    "declare_conflict",
    "declared_by_me",
    "desk",
    "draw",
    "end_conflict",
    "examples",
    "exhibit",
    "exhibit_digests",
    "exhibits",
    "expire_leases",
    "file_appeal",
    "finish",
    "finish_attempt",
    "hand_in",
    "last_return_note",
    "letter_about",
    "mine",
    "moderation",
    "moderation_of",
    "moderations",
    "my_calibration",
    "open_moderation",
    "open_review_of",
    "open_reviews",
    "own_appeal",
    "pace",
    "queue",
    "release",
    "remove_comment",
    "report",
    "retire_anchor",
    "retire_set",
    "return_incomplete",
    "returns",
    "roll",
    "sample",
    "score",
    "score_all",
    "scores_of",
    "seat",
    "seen_appeal",
    "sets",
    "severity",
    "shared_comments",
    "splits_of",
    "standing_with",
    "task",
    "to_back_read",
    "to_moderate",
    "unblind",
    "vote",
    "what_to_appeal",
]


async def mine(session: Session, act: Act, review_id: str, *, lock: bool = False) -> tuple[Review, Submission]:
    """The actor's own review and the submission that it reads. Somebody else's looks like none."""
    found = await store.review(session, review_id, lock=lock)
    if found.assessor_id != act.actor.person_id:
        raise NotFound("there is no such review")
    submission = await evidence.submission(session, found.submission_id)
    where = await people.organisation(session, submission.organisation_id)
    # A common task comes from another district's programme: there it is enough to be an assessor of one's own.
    reads = act.actor.organisations(*READERS) if found.kind is ReviewKind.COMMON_TASK else ()
    if not reads and not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such review")
    return found, submission


async def _held(session: Session, act: Act, review_id: str) -> tuple[Review, Submission]:
    """The same to change both: the submission is held first, as a claim holds it, so that nobody waits for the other."""
    found, _ = await mine(session, act, review_id)
    submission = await evidence.submission(session, found.submission_id, lock=True)
    return await store.review(session, review_id, lock=True), submission


async def check_may_read(session: Session, act: Act, submission_id: str) -> None:
    """Evidence is read by its educator, by the assessor who has claimed it, by those who agree on what is right for it, and by
    who decides a case or an appeal about it; to all others it does not exist."""
    found = await evidence.submission(session, submission_id)
    if found.educator_id == act.actor.person_id:
        return
    if await store.open_review_of(session, submission_id, act.actor.person_id):
        return
    if await may_discuss(session, act, submission_id):
        return
    if found.stage is Stage.SPECIMEN and await may_read_specimen(session, act, found):
        return
    if not (await is_on_panel(session, act, submission_id) or await decides_appeal_of(session, act, submission_id)):
        raise NotFound("there is no such submission")


async def confirm_complete(session: Session, act: Act, review_id: str) -> Review:
    """All is there that is asked for: scoring may begin."""
    found, submission = await mine(session, act, review_id, lock=True)
    stage = rules.move(found.stage, ReviewStage.SCORING)
    version = await catalog.version(session, submission.version_id)
    lease_until = rules.lease(version.specification.programme, act.now)
    return await store.change(session, found, stage=stage, checked_at=act.now, lease_until=lease_until)


async def return_incomplete(session: Session, act: Act, review_id: str, *, note: str) -> Review:
    """Something is missing: back to the educator with a note on what, not on how good it is. Not an assessed attempt.

    Whoever else reads it stops: what they read is not what will be scored.
    """
    if not note.strip():
        raise Malformed("say what is missing, so that the educator can add it")
    found, submission = await _held(session, act, review_id)
    if found.kind in WITHOUT_DECISION:
        raise WrongStage("this is decided and is only read again: score it, or give it back")
    stage = rules.move(found.stage, ReviewStage.RETURNED)
    changed = await store.change(session, found, stage=stage, ended_at=act.now, return_note=note.strip())
    if found.kind is ReviewKind.VALIDITY:
        version = await catalog.version(session, submission.version_id)
        await judge_paper(session, act, found, version, (), returned=True)
        await evidence.keep(session, act, submission, "submission.returned", wants=Wanted.NOTHING)
        return changed
    for other in await store.readings(session, submission.id):
        stopped = ReviewStage.RELEASED if other.review.is_open else ReviewStage.VOID
        to = rules.move(other.review.stage, stopped)
        await store.change(session, other.review, stage=to, ended_at=other.review.ended_at or act.now)
    await _tell_educator(session, act, submission, "returned")
    await evidence.move(session, act, submission, Stage.INCOMPLETE, "submission.returned", wants=Wanted.NOTHING)
    return changed


async def release(session: Session, act: Act, review_id: str) -> Review:
    """Give a submission back to the queue."""
    found, submission = await _held(session, act, review_id)
    given_back = await give_back(session, act, found, submission, ReviewStage.RELEASED)
    if found.kind is ReviewKind.MODERATION:
        await reading_ended(session, act, given_back)
    return given_back


async def score(session: Session, act: Act, review_id: str, given: Score) -> None:
    """Save the level and feedback for one criterion. It can be changed until the decision. It renews the lease."""
    await score_all(session, act, review_id, [given])


async def score_all(session: Session, act: Act, review_id: str, given: Sequence[Score]) -> None:
    """The same for several criteria in one go: all of them, or with the first that the rubric does not know, none."""
    found, submission = await mine(session, act, review_id, lock=True)
    if found.stage is not ReviewStage.SCORING:
        rules.move(found.stage, ReviewStage.DECIDED)
    version = await catalog.version(session, submission.version_id)
    for one in given:
        rules.check_score(version.specification.rubric, one)
    for one in given:
        await store.save_score(session, found.id, one)
    lease_until = rules.lease(version.specification.programme, act.now) if found.lease_until else None
    await store.change(session, found, lease_until=lease_until)


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """A review that is done: what its own scores come to, and the decision, if it was the last reading that was needed.
    ``decided``: what an assessor is told of that."""

    review: Review
    outcome: Outcome
    scores: tuple[Score, ...]
    decision: Decision | None = None
    decided: bool = False


async def finish(session: Session, act: Act, review_id: str) -> Finished:
    """Done with scoring. When the programme has all the readings that it asks for, it is decided by the rubric.

    An earned one is ordered to be issued in the same transaction. Raises ``NotScored``.
    """
    found, submission = await _held(session, act, review_id)
    stage = rules.move(found.stage, ReviewStage.DECIDED)
    version = await catalog.version(session, submission.version_id)
    specification = version.specification
    scores = await store.scores_of(session, found.id)
    outcome = rules.decide(specification.passing_rubric(), scores)
    done = await store.change(session, found, stage=stage, ended_at=act.now)
    finished = Finished(review=done, outcome=outcome, scores=scores)
    levels = {f"score:{score.criterion}": score.level for score in scores}
    scored = act.entry(
        "review.scored",
        f"submission:{submission.id}",
        organisation=submission.organisation_id,
        kind=found.kind.value,
        **levels,
    )
    if found.kind in WITHOUT_DECISION:
        await audit.record(session, scored)
        await reading_ended(session, act, done)
        return finished
    if found.kind is ReviewKind.VALIDITY:
        truth = await truth_of(session, submission.id)
        decided = await seems_decided(session, act.ids, done, version, scores, truth)
        await audit.record(session, scored)
        await judge_paper(session, act, done, version, scores)
        await deal(session, act, done, submission, version)
        return msgspec.structs.replace(finished, decided=decided)
    readings = await store.readings(session, submission.id)
    drawn = await is_drawn(session, act.ids, submission.id, version)
    combined = rules.combine(specification, readings, drawn=drawn)
    if combined is None:
        wants = rules.wanted(specification, readings, drawn=drawn)
        await evidence.keep(session, act, submission, "review.finished", wants=wants)
    else:
        rests_on = tuple(one.review.id for one in readings if one.review.stage is ReviewStage.DECIDED)
        made = await _decide(session, act, submission, done, combined, rests_on)
        finished = msgspec.structs.replace(finished, decision=made, decided=True)
        if specification.programme.back_read_share > 0:
            await seed_of(session, act.ids, version.id)
    await audit.record(session, scored)
    await deal(session, act, done, submission, version)
    return finished


async def _decide(
    session: Session, act: Act, submission: Submission, last: Review, combined: Combined, review_ids: tuple[str, ...]
) -> Decision:
    outcome = combined.outcome
    made = Decision(
        submission_id=submission.id,
        review_id=last.id,
        outcome=outcome,
        scores=combined.scores,
        basis=combined.basis,
        points=combined.points,
        review_ids=review_ids,
        decided_by=act.actor.person_id,
        decided_at=act.now,
    )
    if not await store.add_decision(session, made):
        raise WrongStage("this submission is decided already")
    if outcome is Outcome.EARNED:
        await outbox.place(session, act.ids, act.now, ISSUE_ORDER, submission.id, submission=submission.id)
    await _tell_educator(session, act, submission, outcome.value)
    await evidence.move(
        session,
        act,
        submission,
        Stage(outcome.value),
        f"submission.{outcome.value}",
        decided_at=act.now,
        wants=Wanted.NOTHING,
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
