"""Whether an assessor scores as the anchors say: qualification, hidden checks, locks. From values alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from credentials.catalog.model import Calibration, Rubric
from credentials.errors import Fault
from credentials.review.model import (
    Answer,
    Attempt,
    Judgement,
    NotScored,
    OnCriterion,
    QualificationSet,
    Score,
    TrueScore,
)

_CLOSE = 1e-9
"""Eight tenths of ten are eight, whatever binary fractions make of it."""


def check_true(rubric: Rubric, scores: Sequence[TrueScore], what: str = "an anchor") -> None:
    """Whether every criterion of a rubric has one true level, with a reason. Raises ``NotScored``; ``what`` is not whole."""
    faults = []
    given = {score.criterion: score for score in scores}
    for criterion in rubric.criteria:
        at = f"/scores/{criterion.id}"
        score = given.pop(criterion.id, None)
        if score is None:
            faults.append(Fault(f"“{criterion.title}” has no true level yet", at, "score-missing"))
        elif criterion.level(score.level) is None:
            faults.append(Fault(f"“{criterion.title}” has no level {score.level}", at, "level-unknown"))
        elif not score.rationale.strip():
            faults.append(Fault(f"say why this level is right for “{criterion.title}”", at, "rationale-missing"))
    faults += [Fault(f"the rubric has no criterion {one}", f"/scores/{one}", "criterion-unknown") for one in given]
    if len({score.criterion for score in scores}) != len(scores):
        faults.append(Fault("a criterion has two true levels", "/scores", "score-repeated"))
    if faults:
        raise NotScored(f"{what} is not whole: " + "; ".join(one.detail for one in faults), faults=tuple(faults))


def judge(
    bar: Calibration, rubric: Rubric, truths: Mapping[str, Sequence[TrueScore]], answers: Sequence[Answer]
) -> Judgement:
    """What an attempt comes to. ``truths``: the true scores by anchor. Raises ``NotScored`` while one is missing."""
    given = {(one.anchor, one.criterion): one.level for one in answers}
    pairs = [(anchor, score) for anchor, scores in truths.items() for score in scores]
    missing = [(anchor, score.criterion) for anchor, score in pairs if (anchor, score.criterion) not in given]
    if missing:
        faults = tuple(Fault("this has no level yet", f"/{anchor}/{name}", "score-missing") for anchor, name in missing)
        raise NotScored(f"{len(missing)} of {len(pairs)} scores are missing", faults=faults)
    counted = {criterion.id: [0, 0] for criterion in rubric.criteria}
    far = 0
    for anchor, score in pairs:
        criterion = rubric.criterion(score.criterion)
        if criterion is None:
            raise ValueError(f"a true score is not of its rubric: {score.criterion}")
        apart = abs(criterion.rank(given[anchor, score.criterion]) - criterion.rank(score.level))
        counted[criterion.id][0] += apart == 0
        counted[criterion.id][1] += 1
        far += apart > 1
    exact, of = sum(one[0] for one in counted.values()), len(pairs)
    reasons = []
    if not _reaches(exact, of, bar.exact_share):
        reasons.append(f"{exact} of {of} scores are the true ones; {bar.exact_share:.0%} are asked")
    if bar.criterion_share is not None:
        reasons += [
            f"{counted[c.id][0]} of {counted[c.id][1]} for “{c.title}” are the true ones; "
            f"{bar.criterion_share:.0%} are asked"
            for c in rubric.criteria
            if not _reaches(counted[c.id][0], counted[c.id][1], bar.criterion_share)
        ]
    if bar.non_adjacent is not None and far > bar.non_adjacent:
        reasons.append(f"{far} lie more than one level from the true one; at most {bar.non_adjacent} may")
    return Judgement(
        passed=not reasons,
        exact=exact,
        of=of,
        non_adjacent=far,
        criteria=tuple(OnCriterion(criterion=name, exact=one[0], of=one[1]) for name, one in counted.items()),
        reasons=tuple(reasons),
    )


def _reaches(exact: int, of: int, share: float) -> bool:
    return exact + _CLOSE >= share * of


def sets_passed(attempts: Sequence[Attempt], sets: Sequence[QualificationSet], since: datetime) -> tuple[str, ...]:
    """The different sets that were passed since a moment and are still in use."""
    in_use = {one.id for one in sets}
    return tuple(
        sorted(
            {
                one.set_id
                for one in attempts
                if one.judgement is not None
                and one.judgement.passed
                and one.finished_at is not None
                and one.finished_at > since
                and one.set_id in in_use
            }
        )
    )


def counted_since(bar: Calibration, now: datetime) -> datetime:
    """A set that was passed before this moment does not count any more."""
    return now - timedelta(days=bar.valid_days)


def fresh_sets(sets: Sequence[QualificationSet], attempts: Sequence[Attempt]) -> list[QualificationSet]:
    """The sets that somebody may take now: those that they took least often, because what was seen is remembered."""
    often = {one.id: sum(attempt.set_id == one.id for attempt in attempts) for one in sets}
    least = min(often.values(), default=0)
    return [one for one in sets if often[one.id] == least]


def is_missed(rubric: Rubric, truth: Sequence[TrueScore], given: Sequence[Score], levels_apart: int) -> bool:
    """Whether a hidden check was judged otherwise than is right: on whether a criterion passes, or too far apart."""
    levels = {score.criterion: score.level for score in given}
    for true in truth:
        criterion = rubric.criterion(true.criterion)
        level = levels.get(true.criterion)
        if criterion is None or level is None:
            return True
        if criterion.passes(level) != criterion.passes(true.level):
            return True
        if abs(criterion.rank(level) - criterion.rank(true.level)) > levels_apart:
            return True
    return False


def misses(bar: Calibration, judged: Sequence[bool]) -> tuple[int, int] | None:
    """How many of the last checks were missed, of how many, if that locks the queue. ``judged``: latest first."""
    window = judged[: bar.window]
    missed = sum(window)
    return (missed, len(window)) if missed >= bar.misses else None
