"""Decisions about reviews, from values alone."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from credentials.catalog.model import Combining, Programme, Rubric, RubricCriterion, Settling, Specification
from credentials.errors import Fault, Malformed
from credentials.evidence.model import Stage, Submission, Wanted
from credentials.review.model import (
    Against,
    Basis,
    Combined,
    ConflictKind,
    ConflictOfInterest,
    NotAppealable,
    NotQualified,
    NotScored,
    NotWaivable,
    Outcome,
    QueueLocked,
    Reading,
    ReviewKind,
    ReviewStage,
    Score,
    Split,
    Standing,
    Verdict,
    Vote,
    WrongStage,
)

MOVES: dict[ReviewStage, tuple[ReviewStage, ...]] = {
    ReviewStage.CLAIMED: (
        ReviewStage.SCORING,
        ReviewStage.RETURNED,
        ReviewStage.RELEASED,
        ReviewStage.EXPIRED,
        ReviewStage.VOID,
    ),
    ReviewStage.SCORING: (
        ReviewStage.DECIDED,
        ReviewStage.RETURNED,
        ReviewStage.RELEASED,
        ReviewStage.EXPIRED,
        ReviewStage.VOID,
    ),
    ReviewStage.DECIDED: (ReviewStage.VOID,),
    ReviewStage.RETURNED: (),
    ReviewStage.RELEASED: (),
    ReviewStage.EXPIRED: (),
    ReviewStage.VOID: (),
}
"""The life of a review: claimed, found complete and scored, or returned as incomplete, given up, or left until it expired."""

LIVE = frozenset({ReviewStage.CLAIMED, ReviewStage.SCORING, ReviewStage.DECIDED})
"""Stages in which a review takes the place of its kind."""
RECIPROCAL_FOR = timedelta(days=365)
"""So long after somebody scored my work I do not score theirs."""


def move(stage: ReviewStage, to: ReviewStage) -> ReviewStage:
    if to not in MOVES[stage]:
        if stage is ReviewStage.CLAIMED:
            raise WrongStage("say first whether the submission is complete")
        raise WrongStage(f"this review is {stage.value} and cannot become {to.value}")
    return to


# Who may score


def check_no_conflict(submission: Submission, standing: Standing, *, scored_before: bool, reciprocal: bool) -> None:
    """Nobody scores their own work, nor that of somebody near to them, nor a second attempt of what they scored.

    Raises ``ConflictOfInterest``. Its sentence does not say which it is, unless it is their own work: that would tell an
    assessor something of whose work it is.
    """
    kind = conflict(submission, standing, scored_before=scored_before, reciprocal=reciprocal)
    if kind is ConflictKind.OWN_WORK:
        raise ConflictOfInterest("this is your own work: somebody else scores it", kind)
    if kind is ConflictKind.NOT_EARNED:
        raise ConflictOfInterest("this programme asks that its assessors have earned the micro-credential", kind)
    if kind is not None:
        raise ConflictOfInterest("a conflict of interest is on record for this work: somebody else scores it", kind)


def conflict(
    submission: Submission, standing: Standing, *, scored_before: bool, reciprocal: bool
) -> ConflictKind | None:
    places = set(submission.school_ids)
    tests = (
        (ConflictKind.OWN_WORK, submission.educator_id == standing.person_id),
        (ConflictKind.SAME_SCHOOL, bool(places & standing.schools)),
        (ConflictKind.SAME_DISTRICT, bool(places & standing.districts)),
        (ConflictKind.SCORED_BEFORE, scored_before),
        (ConflictKind.RECIPROCAL, reciprocal),
        (ConflictKind.NOT_EARNED, submission.earned_only and submission.micro_credential_id not in standing.earned),
    )
    found = next((kind for kind, holds in tests if holds), None)
    return found or standing.related.get(submission.educator_id)


def check_calibrated(submission: Submission, standing: Standing) -> None:
    """Raises ``QueueLocked``, ``NotQualified``: both say what to do, and neither says anything of the work."""
    if submission.micro_credential_id in standing.locked:
        raise QueueLocked("your queue for this micro-credential is closed: pass the set that was issued to you first")
    if submission.calibration and submission.calibration not in standing.qualified:
        raise NotQualified("this programme asks that its assessors are qualified: pass its qualification set first")


# Scores


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
    return _outcome(rubric, {score.criterion: score.level for score in scores})


def _outcome(rubric: Rubric, levels: Mapping[str, str]) -> Outcome:
    passed = all(criterion.passes(levels[criterion.id]) for criterion in rubric.criteria)
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


def mean_points(rubric: Rubric, scores: Sequence[Score]) -> float:
    """The mean of the points of all criteria: how an assessor's whole reading is put on one scale."""
    points = [_points(rubric, score) for score in scores]
    return sum(points) / len(points)


def _points(rubric: Rubric, score: Score) -> int:
    criterion = rubric.criterion(score.criterion)
    level = criterion.level(score.level) if criterion else None
    if level is None:
        raise ValueError(f"a stored score is not of its rubric: {score.criterion} {score.level}")
    return level.score


def is_near_pass(programme: Programme, rubric: Rubric, scores: Sequence[Score]) -> bool:
    """Whether the sum of points lies within the programme's band around the sum of the passing levels."""
    if programme.near_pass_band is None:
        return False
    line = sum(level.score for c in rubric.criteria if (level := c.level(c.passing_level)))
    return abs(sum(_points(rubric, score) for score in scores) - line) <= programme.near_pass_band


# How many readings, and what they come to


def is_drawn(seed: str, purpose: str, submission_id: str, share: float) -> bool:
    """Whether a submission falls into a random sample. The same seed draws the same ones again, in any order.

    ``seed`` is secret until it is reported: an assessor must not know which ones are drawn.
    """
    digest = hashlib.sha256(f"{seed}:{purpose}:{submission_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * (1 << 64)


DOUBLE = "double"
BACK = "back"
VALIDITY = "validity"
SEEMS = "seems"


def splits(specification: Specification, first: Sequence[Score], second: Sequence[Score]) -> tuple[Split, ...]:
    """The criteria on which two readings differ so far that somebody else must settle it.

    Where points are averaged, it is the mean points that must not lie further apart than the bar; then all that differs is
    named.
    """
    programme, rubric = specification.programme, specification.passing_rubric()
    one = {score.criterion: score.level for score in first}
    two = {score.criterion: score.level for score in second}
    if programme.combining is Combining.POINTS:
        apart = abs(mean_points(rubric, first) - mean_points(rubric, second))
        if apart <= programme.points_bar:
            return ()
    found = []
    for criterion in rubric.criteria:
        a, b = one[criterion.id], two[criterion.id]
        on_passing = criterion.passes(a) != criterion.passes(b)
        far = abs(criterion.rank(a) - criterion.rank(b)) > programme.levels_apart
        if (on_passing or far) if programme.combining is Combining.CRITERIA else a != b:
            found.append(Split(criterion=criterion.id, first=a, second=b, on_passing=on_passing))
    return tuple(found)


def _live(readings: Sequence[Reading]) -> dict[ReviewKind, Reading]:
    return {one.review.kind: one for one in readings if one.review.stage in LIVE}


def _finished(live: Mapping[ReviewKind, Reading], kind: ReviewKind) -> tuple[Score, ...] | None:
    one = live.get(kind)
    return one.scores if one and one.review.stage is ReviewStage.DECIDED else None


def wanted(specification: Specification, readings: Sequence[Reading], *, drawn: bool) -> Wanted:
    """Which reading the programme calls for next. ``drawn``: the submission is in the sample for second scores."""
    live = _live(readings)
    if ReviewKind.FIRST not in live:
        return Wanted.FIRST
    first = _finished(live, ReviewKind.FIRST)
    if _needs_second(specification, first, drawn=drawn) and ReviewKind.SECOND not in live:
        return Wanted.SECOND
    second = _finished(live, ReviewKind.SECOND)
    if first is None or second is None or not splits(specification, first, second):
        return Wanted.NOTHING
    settling = _settling_kind(specification.programme)
    return Wanted.NOTHING if settling in live else Wanted(settling.value)


def _settling_kind(programme: Programme) -> ReviewKind:
    return ReviewKind.ADJUDICATION if programme.settling is Settling.THIRD else ReviewKind.LEADER


def _needs_second(specification: Specification, first: Sequence[Score] | None, *, drawn: bool) -> bool:
    programme = specification.programme
    if programme.assessors == 2 or drawn:
        return True
    return first is not None and is_near_pass(programme, specification.passing_rubric(), first)


def combine(specification: Specification, readings: Sequence[Reading], *, drawn: bool) -> Combined | None:
    """What the finished readings come to, as soon as they are all that the programme asks for; ``None`` until then."""
    live = _live(readings)
    rubric = specification.passing_rubric()
    first = _finished(live, ReviewKind.FIRST)
    if first is None:
        return None
    has_second = ReviewKind.SECOND in live
    if not has_second and not _needs_second(specification, first, drawn=drawn):
        return Combined(outcome=decide(rubric, first), scores=first, basis=Basis.SINGLE)
    second = _finished(live, ReviewKind.SECOND)
    if second is None:
        return None
    if not splits(specification, first, second):
        if specification.programme.combining is Combining.POINTS:
            return _averaged(rubric, first, second)
        return _by_level(rubric, (first, second), Basis.AGREED)
    settled = _finished(live, _settling_kind(specification.programme))
    if settled is None:
        return None
    if specification.programme.settling is Settling.LEADER:
        points = mean_points(rubric, settled) if specification.programme.combining is Combining.POINTS else None
        return Combined(outcome=decide(rubric, settled), scores=settled, basis=Basis.LEADER, points=points)
    return _by_level(rubric, (first, second, settled), Basis.MIDDLE_OF_THREE)


def _by_level(rubric: Rubric, readings: Sequence[Sequence[Score]], basis: Basis) -> Combined:
    """For each criterion the lower of two neighbouring levels, or the middle one of three, which two of three support."""
    levels = {}
    for criterion in rubric.criteria:
        ranks = sorted(criterion.rank(_of(scores, criterion.id).level) for scores in readings)
        levels[criterion.id] = criterion.levels[ranks[(len(ranks) - 1) // 2]].id
    return _stated(rubric, readings, levels, basis)


def _averaged(rubric: Rubric, first: Sequence[Score], second: Sequence[Score]) -> Combined:
    """The points of both, averaged for each criterion by itself: it passes when the average reaches its passing level."""
    levels = {}
    for criterion in rubric.criteria:
        mean = (_points(rubric, _of(first, criterion.id)) + _points(rubric, _of(second, criterion.id))) / 2
        levels[criterion.id] = _level_of(criterion, mean)
    points = (mean_points(rubric, first) + mean_points(rubric, second)) / 2
    return _stated(rubric, (first, second), levels, Basis.AVERAGED, points)


def _level_of(criterion: RubricCriterion, points: float) -> str:
    """The highest level whose points are reached."""
    for level, following in pairwise(criterion.levels):
        if points < following.score:
            return level.id
    return criterion.levels[-1].id


def _of(scores: Sequence[Score], criterion: str) -> Score:
    return next(score for score in scores if score.criterion == criterion)


def _stated(
    rubric: Rubric,
    readings: Sequence[Sequence[Score]],
    levels: Mapping[str, str],
    basis: Basis,
    points: float | None = None,
) -> Combined:
    """The decision with the feedback of those whose score of a criterion comes to the same: nobody is told that something
    passes and what to mend in it. Where none does, because points were averaged, everybody's."""
    scores = []
    for criterion in rubric.criteria:
        level = levels[criterion.id]
        given = [_of(one, criterion.id) for one in readings]
        same = [score for score in given if criterion.passes(score.level) == criterion.passes(level)]
        texts = dict.fromkeys(score.feedback.strip() for score in same or given if score.feedback.strip())
        scores.append(Score(criterion=criterion.id, level=level, feedback="\n\n".join(texts)))
    return Combined(outcome=_outcome(rubric, levels), scores=tuple(scores), basis=basis, points=points)


# Relationships and leases


def is_in_force(from_: date, until: date | None, today: date) -> bool:
    return from_ <= today and (until is None or today < until)


def lease(programme: Programme, now: datetime) -> datetime:
    return now + timedelta(hours=programme.lease_hours)


# Integrity and appeals


def verdicts(named: Sequence[str], votes: Sequence[Vote], panel: int) -> dict[str, Verdict] | None:
    """What more than half of the panel say of each submission; ``None`` until that stands for every one of them.

    When all of an even panel have voted and are split over one, it is cleared: nothing is upheld without a majority.
    """
    found = {}
    for one in named:
        against = sum(one in vote.against for vote in votes)
        for_ = len(votes) - against
        if 2 * against > panel:
            found[one] = Verdict.UPHELD
        elif 2 * for_ > panel or len(votes) >= panel:
            found[one] = Verdict.CLEARED
        else:
            return None
    return found


def is_late(programme: Programme, decided_at: datetime, filed_at: datetime) -> bool:
    """Whether the window is over: the day of the decision does not count, and the last day does. Days are those of the
    programme's own calendar."""
    filed_on = (filed_at.astimezone(UTC) + timedelta(hours=programme.utc_offset)).date()
    return filed_on > appeal_until(programme, decided_at)


def appeal_until(programme: Programme, decided_at: datetime) -> date:
    """The last day on which a decision can be appealed without a cause."""
    day = (decided_at.astimezone(UTC) + timedelta(hours=programme.utc_offset)).date()
    return day + timedelta(days=programme.appeal_days)


def check_waivable(programme: Programme, waives: Sequence[str]) -> None:
    """Raises ``NotWaivable`` for what the programme lets nobody off."""
    asked = {" ".join(one.split()).casefold() for one in waives}
    for one in programme.not_waivable:
        if " ".join(one.split()).casefold() in asked:
            raise NotWaivable(f"an appeal cannot let you off “{one}” in this programme: appeal without it")


def appealable(submission: Submission, revoked_at: datetime | None) -> tuple[Against, datetime]:
    """Which decision an appeal of this submission is against, and when it was made. ``revoked_at``: when its award was
    revoked."""
    match submission.stage:
        case Stage.NOT_YET_EARNED | Stage.DENIED if submission.decided_at is not None:
            return Against(submission.stage.value), submission.decided_at
        case Stage.EARNED if revoked_at is not None:
            return Against.REVOKED, revoked_at
    raise NotAppealable("only Not Yet Earned, a denial or a revocation can be appealed, and none stands here")
