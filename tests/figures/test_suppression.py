"""No hidden cell can be worked out: what is shown is put to a linear programme, which does not know how cells were chosen."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.figures.suppression import MAX_CELLS, MINIMUM, protect, protect_groups
from credentials.pathways.solver import maximise

MOST = 10_000.0


def possible(sums: list[dict[Any, float]], shown: dict[Any, int | None], name: Any) -> tuple[float, float]:
    """The least and the most that a number can be, when all others are as they are shown. Each sum is worth zero."""
    places = {one: place for place, one in enumerate(shown)}
    lower = [0.0 if value is None else float(value) for value in shown.values()]
    upper = [MOST if value is None else float(value) for value in shown.values()]
    rows = [(0.0, 0.0, {places[one]: factor for one, factor in row.items()}) for row in sums]
    ends = []
    for direction in (-1.0, 1.0):
        found = maximise(lower, upper, [False] * len(upper), rows, {places[name]: direction}, nodes=1_000, seconds=60.0)
        assert found.values is not None
        ends.append(found.values[places[name]])
    return ends[0], ends[1]


def of_table(
    counts: list[list[int]], minimum: int
) -> tuple[list[dict[Any, float]], dict[Any, int | None], dict[Any, int]]:
    found = protect(counts, minimum=minimum)
    rows, columns = range(len(counts)), range(len(counts[0]))
    shown: dict[Any, int | None] = {(r, c): found.cells[r][c] for r in rows for c in columns}
    shown |= {(r, "all"): found.row_totals[r] for r in rows}
    shown |= {("all", c): found.column_totals[c] for c in columns}
    shown["all", "all"] = found.total
    true = {(r, c): counts[r][c] for r in rows for c in columns}
    true |= {(r, "all"): sum(counts[r]) for r in rows}
    true |= {("all", c): sum(counts[r][c] for r in rows) for c in columns}
    true["all", "all"] = sum(map(sum, counts))
    sums: list[dict[Any, float]] = []
    for r in (*rows, "all"):
        sums.append({**{(r, c): 1.0 for c in columns}, (r, "all"): -1.0})
    for c in (*columns, "all"):
        sums.append({**{(r, c): 1.0 for r in rows}, ("all", c): -1.0})
    return sums, shown, true


counts = st.one_of(st.integers(0, 12), st.integers(0, 12), st.integers(0, 300))
tables = st.integers(1, 4).flatmap(
    lambda wide: st.lists(st.lists(counts, min_size=wide, max_size=wide), min_size=1, max_size=4)
)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(tables, st.sampled_from([1, 5, 10]))
def test_no_hidden_number_of_a_table_can_be_worked_out_and_what_is_shown_is_true(
    listed: list[list[int]], minimum: int
) -> None:
    sums, shown, true = of_table(listed, minimum)
    for name, value in shown.items():
        if value is not None:
            assert value == true[name] >= minimum
            continue
        least, most = possible(sums, shown, name)
        assert most - least >= minimum - 1e-6, f"{name} is between {least} and {most}"


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(counts, min_size=1, max_size=8))
def test_no_hidden_group_can_be_worked_out_from_the_total(listed: list[int]) -> None:
    groups, total = protect_groups(listed)
    assert [shown for shown, true in zip(groups, listed, strict=True) if shown is not None] == [
        true for shown, true in zip(groups, listed, strict=True) if shown is not None
    ]
    assert all(shown is None for shown, true in zip(groups, listed, strict=True) if true < MINIMUM)
    hidden = [true for shown, true in zip(groups, listed, strict=True) if shown is None]
    if hidden and total is not None:
        assert len(hidden) > 1
        assert sum(hidden) >= MINIMUM, "what is missing from the total is at least the minimum"


def test_a_group_of_seven_of_forty_takes_another_one_with_it() -> None:
    """Scenario X09."""
    assert protect_groups([7, 12, 21]) == ((None, None, 21), 40)


@pytest.mark.parametrize(
    ("groups", "shown"),
    [
        ([12, 21], ((12, 21), 33)),
        ([7, 2, 31], ((None, None, None), 40)),
        ([7, 3, 30], ((None, None, 30), 40)),
        ([7], ((None,), None)),
        ([0, 40], ((None, None), 40)),
        ([0], ((None,), None)),
    ],
)
def test_groups_as_they_are_shown(groups: list[int], shown: object) -> None:
    assert protect_groups(groups) == shown


def test_nothing_more_is_hidden_than_is_needed() -> None:
    found = protect([[7, 50, 60], [40, 41, 90], [70, 80, 95]])
    assert [value for row in found.cells for value in row].count(None) == 4
    assert None not in (*found.row_totals, *found.column_totals, found.total)


def test_what_is_no_table_of_counts_is_an_error() -> None:
    with pytest.raises(ValueError, match="below zero"):
        protect_groups([-1])
    with pytest.raises(ValueError, match=str(MAX_CELLS)):
        protect_groups([10] * MAX_CELLS)
