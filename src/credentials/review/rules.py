"""Decisions about reviews, from values alone."""

from collections.abc import Iterator, Sequence

from credentials.catalog.model import Rubric
from credentials.errors import Fault, Malformed
from credentials.evidence.model import Submission
from credentials.review.model import ConflictOfInterest, NotScored, Outcome, ReviewStage, Score, WrongStage

MOVES: dict[ReviewStage, tuple[ReviewStage, ...]] = {
    ReviewStage.CLAIMED: (ReviewStage.SCORING, ReviewStage.RETURNED, ReviewStage.RELEASED),
    ReviewStage.SCORING: (ReviewStage.DECIDED, ReviewStage.RETURNED, ReviewStage.RELEASED),
    ReviewStage.DECIDED: (),
    ReviewStage.RETURNED: (),
    ReviewStage.RELEASED: (),
}
"""The life of a review: claimed, found complete and scored, or returned as incomplete, or given up."""


def move(stage: ReviewStage, to: ReviewStage) -> ReviewStage:
    if to not in MOVES[stage]:
        if stage is ReviewStage.CLAIMED:
            raise WrongStage("say first whether the submission is complete")
        raise WrongStage(f"this review is {stage.value} and cannot become {to.value}")
    return to


def check_no_conflict(submission: Submission, assessor_id: str, assessor_schools: frozenset[str]) -> None:
    """Nobody scores their own work, nor that of their own school."""
    if submission.educator_id == assessor_id:
        raise ConflictOfInterest("this is your own work: somebody else scores it")
    if assessor_schools & set(submission.school_ids):
        raise ConflictOfInterest("this comes from a school where you have a role: somebody else scores it")


def check_score(rubric: Rubric, score: Score) -> None:
    """Whether the criterion and the level are of this rubric. Feedback may still be missing while scoring goes on."""
    criterion = rubric.criterion(score.criterion)
    if criterion is None:
        raise Malformed(f"the rubric has no criterion {score.criterion}")
    if criterion.level(score.level) is None:
        raise Malformed(f"the criterion “{criterion.title}” has no level {score.level}")


def decide(rubric: Rubric, scores: Sequence[Score]) -> Outcome:
    """Earned when every criterion stands at its passing level or above; criteria are never averaged.

    Raises ``NotScored`` when a criterion has no score, or one below passing has no feedback.
    """
    faults = tuple(_gaps(rubric, scores))
    if faults:
        raise NotScored("the scoring is not finished: " + "; ".join(fault.detail for fault in faults), faults=faults)
    found = {score.criterion: score.level for score in scores}
    passed = all(criterion.passes(found[criterion.id]) for criterion in rubric.criteria)
    return Outcome.EARNED if passed else Outcome.NOT_YET_EARNED


def _gaps(rubric: Rubric, scores: Sequence[Score]) -> Iterator[Fault]:
    found = {score.criterion: score for score in scores}
    for criterion in rubric.criteria:
        at = f"/scores/{criterion.id}"
        score = found.get(criterion.id)
        if score is None:
            yield Fault(f"“{criterion.title}” has no level yet", at, "score-missing")
        elif not criterion.passes(score.level) and not score.feedback.strip():
            yield Fault(
                f"“{criterion.title}” is below passing: tell the educator what to change", at, "feedback-missing"
            )
