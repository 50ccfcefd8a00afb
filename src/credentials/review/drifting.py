"""Who scores harsher or softer than the others, and tables of ratings out of pairs of readings. From values alone."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from credentials.catalog.model import Rubric
from credentials.review.agreement import MIN_UNITS
from credentials.review.model import By, Pair, Severity

WINDOW = 100
"""The scores over which severity is told: about thirty submissions of three criteria."""
BOUND = 0.15
"""A mean difference of so many levels, to either side, calls for a look (DOMAIN, section 4)."""
NORMAL = 1.959964
"""Of a 95 % interval."""


def severity_of(person_id: str, apart: Sequence[int]) -> Severity:
    """``apart``: by how many levels each score lies above the other reader's, latest first."""
    window, earlier = apart[:WINDOW], apart[WINDOW : 2 * WINDOW]
    n = len(window)
    if n < MIN_UNITS:
        return Severity(person_id=person_id, n=n)
    mean = math.fsum(window) / n
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in window) / (n - 1))
    half = NORMAL * spread / math.sqrt(n)
    low, high = mean - half, mean + half
    return Severity(
        person_id=person_id,
        n=n,
        mean=mean,
        low=low,
        high=high,
        before=math.fsum(earlier) / len(earlier) if len(earlier) >= MIN_UNITS else None,
        alert=abs(mean) > BOUND and (low > 0 or high < 0),
    )


def severities(pairs: Iterable[Pair], rubrics: Mapping[str, Rubric]) -> list[Severity]:
    """Of everybody who read together with others. ``pairs``: latest first; ``rubrics``: by version."""
    apart: dict[str, list[int]] = {}
    for one in pairs:
        ranks = ranks_of(one, rubrics)
        if ranks is not None:
            apart.setdefault(one.first_id, []).append(ranks[0] - ranks[1])
            apart.setdefault(one.second_id, []).append(ranks[1] - ranks[0])
    return [severity_of(person_id, found) for person_id, found in sorted(apart.items())]


def ranks_of(one: Pair, rubrics: Mapping[str, Rubric]) -> tuple[int, int] | None:
    """The places of both levels; ``None`` for a criterion that the version does not have."""
    criterion = rubrics[one.version_id].criterion(one.criterion)
    return (criterion.rank(one.first), criterion.rank(one.second)) if criterion else None


def tables(
    pairs: Iterable[Pair], rubrics: Mapping[str, Rubric], by: By
) -> dict[tuple[str, ...], tuple[list[tuple[int, int]], int]]:
    """Pairs of ratings by what they are told by, each with the number of levels of its scale."""
    found: dict[tuple[str, ...], tuple[list[tuple[int, int]], int]] = {}
    for one in pairs:
        ranks = ranks_of(one, rubrics)
        criterion = rubrics[one.version_id].criterion(one.criterion)
        if ranks is None or criterion is None:
            continue
        for key, turned in _KEYS[by](one):
            rated, levels = found.get(key, ([], 0))
            rated.append((ranks[1], ranks[0]) if turned else ranks)
            found[key] = (rated, max(levels, len(criterion.levels)))
    return found


_Keys = Callable[[Pair], Iterable[tuple[tuple[str, ...], bool]]]

_KEYS: dict[By, _Keys] = {
    By.MICRO_CREDENTIAL: lambda one: [((one.micro_credential_id,), False)],
    By.CRITERION: lambda one: [((one.micro_credential_id, one.criterion), False)],
    By.ASSESSOR: lambda one: [((one.first_id,), False), ((one.second_id,), True)],
    By.MONTH: lambda one: [((f"{one.at:%Y-%m}",), False)],
    By.SCHOOL: lambda one: [((school,), False) for school in one.schools],
}
