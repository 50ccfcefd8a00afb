"""Common tasks: which works are drawn, who scores which, and how far two districts lie apart. From values alone."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence

from credentials.catalog.model import Rubric
from credentials.evidence.model import Submission
from credentials.review import rules
from credentials.review.agreement import MIN_UNITS
from credentials.review.drifting import BOUND, NORMAL
from credentials.review.model import ConflictOfInterest, Difference, NotQualified, Rescored, Standing


def in_turn(seed: str, submission_ids: Iterable[str]) -> list[str]:
    """The order in which works are drawn: by the hash of ``seed:common:submission``. The same seed draws them again."""
    return sorted(submission_ids, key=lambda one: hashlib.sha256(f"{seed}:common:{one}".encode()).digest())


def shared_out(
    works: Sequence[Submission],
    standings: Sequence[Standing],
    scored: Iterable[tuple[str, str]],
    scored_by: Iterable[tuple[str, str]],
    size: int,
) -> list[tuple[Submission, str]]:
    """The first ``size`` of these works that somebody may score, each with whoever of them has least until then.

    ``scored``: pairs of an assessor and an educator whose work they scored; ``scored_by``: the other way round, lately.
    """
    before, lately = set(scored), set(scored_by)
    has = dict.fromkeys((one.person_id for one in standings), 0)
    found: list[tuple[Submission, str]] = []
    for work in works:
        if len(found) == size:
            break
        for standing in sorted(standings, key=lambda one: (has[one.person_id], one.person_id)):
            pair = (standing.person_id, work.educator_id)
            try:
                rules.check_no_conflict(work, standing, scored_before=pair in before, reciprocal=pair in lately)
                rules.check_calibrated(work, standing)
            except (ConflictOfInterest, NotQualified):
                continue
            has[standing.person_id] += 1
            found.append((work, standing.person_id))
            break
    return found


def difference(apart: Sequence[int]) -> Difference:
    """``apart``: by how many levels each of the guest's scores lies above the one at home."""
    n = len(apart)
    if n < MIN_UNITS:
        return Difference(n=n)
    mean = math.fsum(apart) / n
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in apart) / (n - 1))
    half = NORMAL * spread / math.sqrt(n)
    low, high = mean - half, mean + half
    return Difference(n=n, mean=mean, low=low, high=high, alert=abs(mean) > BOUND and (low > 0 or high < 0))


Key = tuple[str, str, str, str]
"""Micro-credential, home, guest, criterion; without a criterion: all of them together."""


def tables(found: Iterable[Rescored], rubrics: Mapping[str, Rubric]) -> dict[Key, tuple[list[tuple[int, int]], int]]:
    """Places of the levels at home and of the guest, with the number of levels of the scale; ``rubrics``: by version."""
    made: dict[Key, tuple[list[tuple[int, int]], int]] = {}
    for one in found:
        criterion = rubrics[one.version_id].criterion(one.criterion)
        if criterion is None:
            continue
        ranks = (criterion.rank(one.home), criterion.rank(one.guest))
        for name in ("", one.criterion):
            key = (one.micro_credential_id, one.home_id, one.guest_id, name)
            rated, levels = made.get(key, ([], 0))
            rated.append(ranks)
            made[key] = (rated, max(levels, len(criterion.levels)))
    return made
