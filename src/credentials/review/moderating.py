"""Sessions in which several score the same work: their life, and how far those who took part lie apart. From values alone."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from credentials.catalog.model import Rubric
from credentials.errors import Malformed
from credentials.review.model import Given, ModerationStage, Review, ReviewStage, Score, Spread, WrongStage

LEAST = 2
"""Nobody lies apart from themselves."""
MOST_SEATS = 12
"""More than sit round one table, and than a table of the spread can show."""

MOVES: dict[ModerationStage, tuple[ModerationStage, ...]] = {
    ModerationStage.SCORING: (ModerationStage.DISCUSSING, ModerationStage.CANCELLED),
    ModerationStage.DISCUSSING: (ModerationStage.AGREED, ModerationStage.CANCELLED),
    ModerationStage.AGREED: (),
    ModerationStage.CANCELLED: (),
}
"""The life of a session. What was agreed stays."""

_WHY = {
    ModerationStage.SCORING: "scoring is still open: close it first",
    ModerationStage.DISCUSSING: "scoring is closed, and the spread has been seen",
    ModerationStage.AGREED: "the consensus is on record",
    ModerationStage.CANCELLED: "this session was cancelled",
}


def move(stage: ModerationStage, to: ModerationStage) -> ModerationStage:
    """Raises ``WrongStage``."""
    if to not in MOVES[stage]:
        raise WrongStage(_WHY[stage])
    return to


def check_is(stage: ModerationStage, wanted: ModerationStage) -> None:
    """Raises ``WrongStage`` for a session that is at another stage."""
    if stage is not wanted:
        raise WrongStage(_WHY[stage])


def check_seats(person_ids: Sequence[str], taken: int = 0) -> None:
    """Whether so many can take part. Raises ``Malformed``."""
    if len(set(person_ids)) != len(person_ids):
        raise Malformed("somebody is named twice: each takes part once")
    if not taken and len(person_ids) < LEAST:
        raise Malformed(f"name at least {LEAST} assessors: a spread needs them")
    if taken + len(person_ids) > MOST_SEATS:
        raise Malformed(f"at most {MOST_SEATS} assessors score one work together")


def is_over(readings: Sequence[Review]) -> bool:
    """Whether nobody who takes part is still scoring, and there are enough scores for a spread."""
    return not any(one.is_open for one in readings) and _finished(readings) >= LEAST


def check_may_close(readings: Sequence[Review]) -> None:
    """Raises ``WrongStage`` while there are too few scores for a spread."""
    done = _finished(readings)
    if done < LEAST:
        raise WrongStage(f"{done} of {len(readings)} have scored: wait for {LEAST}, ask somebody else, or cancel it")


def _finished(readings: Sequence[Review]) -> int:
    return sum(one.stage is ReviewStage.DECIDED for one in readings)


def spreads(rubric: Rubric, scores: Mapping[int, Sequence[Score]]) -> tuple[Spread, ...]:
    """The spread of each criterion, in the order of the rubric. ``scores``: whole readings, by place."""
    found = []
    for criterion in rubric.criteria:
        given = tuple(
            Given(place=place, level=score.level, feedback=score.feedback)
            for place, of in sorted(scores.items())
            for score in of
            if score.criterion == criterion.id
        )
        ranks = [criterion.rank(one.level) for one in given]
        pairs = list(combinations(ranks, 2))
        passing = {criterion.passes(one.level) for one in given}
        found.append(
            Spread(
                criterion=criterion.id,
                given=given,
                apart=max(ranks, default=0) - min(ranks, default=0),
                same=sum(one == other for one, other in pairs),
                pairs=len(pairs),
                on_passing=len(passing) > 1,
            )
        )
    return tuple(found)
