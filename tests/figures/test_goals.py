"""Goals of growth, and what public figures show of them and of nobody."""

from datetime import UTC, date, datetime

import pytest

from credentials.figures.model import Band, BandCount, Counted, FiguresRefused, Goal, Measure, TooSoon
from credentials.figures.rules import (
    actuals_of,
    add_up,
    check_apart,
    check_goal,
    lines,
    share_words,
    tables_of,
    targets,
    year_of,
    year_words,
)

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def a_goal(**changed: object) -> Goal:
    whole = {
        "id": "g", "organisation_id": "o", "title": "Ten percent a year", "measure": Measure.AWARDS_IN_YEAR,
        "baseline_year": 2023, "baseline": 400, "rate_hundredths": 1_000, "years": 4, "created_by": "p", "created_at": NOW,
    }  # fmt: skip
    return Goal(**{**whole, **changed})  # type: ignore[arg-type]


def a_count(*bands: BandCount, on: date = date(2026, 9, 1)) -> Counted:
    return Counted(id="c", organisation_id="o", counted_on=on, first_year=2022, bands=bands, published_by="p")


def a_band(band: Band, educators: int, holders: int, *awards: int) -> BandCount:
    return BandCount(band=band, educators=educators, holders=holders, awards=awards)


CITY = a_band(Band.CITY, 900, 300, 40, 200, 210, 240, 260, 20)
RURAL = a_band(Band.RURAL, 120, 15, 20, 50, 60, 190, 260, 12)


def test_targets_are_compounded_exactly_and_rounded_last() -> None:
    assert targets(a_goal()) == [(2024, 440), (2025, 484), (2026, 532), (2027, 586)]


def test_five_hundred_and_twenty_in_the_third_year_are_twelve_below_the_target() -> None:
    """Scenario X10."""
    found = lines(a_goal(), {2024: 450, 2026: 520}, 2026)
    assert [(one.target, one.actual, one.below, one.going_on) for one in found] == [
        (440, 450, -10, False),
        (484, None, None, False),
        (532, 520, 12, True),
        (586, None, None, False),
    ]


@pytest.mark.parametrize(
    ("measure", "reached"),
    [
        (Measure.AWARDS_IN_YEAR, {2022: 250, 2023: 270, 2024: 430, 2025: 520, 2026: 32}),
        (Measure.AWARDS_SO_FAR, {2022: 310, 2023: 580, 2024: 1010, 2025: 1530, 2026: 1562}),
        (Measure.HOLDERS, {2026: 315}),
    ],
)
def test_what_is_counted_is_what_the_goal_says(measure: Measure, reached: dict[int, int]) -> None:
    assert actuals_of(measure, [a_count(CITY, RURAL)], 10) == reached
    assert actuals_of(measure, [], 10) == {}


def test_a_band_with_few_is_hidden_and_so_is_what_would_give_it_away() -> None:
    few = a_band(Band.RURAL, 120, 7, 20, 50, 60, 190, 260, 12)
    found = tables_of(a_count(CITY, few), 10)
    assert found.holders.cells == ((None, None), (None, None))
    assert (found.holders.row_totals, found.holders.total) == ((900, 120), 1020)
    assert share_words(*found.holders.cells[1]) == "not shown"
    assert share_words(300, 600) == "33%"
    assert actuals_of(Measure.HOLDERS, [a_count(CITY, few)], 10) == {2026: 307}


def test_a_sum_over_years_is_not_told_where_a_year_is_hidden() -> None:
    few = a_band(Band.CITY, 900, 300, 40, 200, 210, 240, 260, 3)
    reached = actuals_of(Measure.AWARDS_SO_FAR, [a_count(few)], 10)
    assert reached[2026] is None
    assert None in actuals_of(Measure.AWARDS_IN_YEAR, [a_count(few)], 10).values()


def test_bands_without_anybody_are_left_out_and_parts_are_added_up() -> None:
    both = add_up([CITY], [CITY, a_band(Band.TOWN, 0, 0, 0, 0, 0, 0, 0, 0)])
    assert both[0] == a_band(Band.CITY, 1800, 600, 80, 400, 420, 480, 520, 40)
    assert tables_of(a_count(*both), 10).bands == (Band.CITY,)
    assert tables_of(a_count(), 10).bands == ()


def test_figures_that_follow_each_other_closely_are_not_published() -> None:
    check_apart(None, date(2026, 9, 1))
    check_apart(a_count(), date(2026, 9, 29))
    with pytest.raises(TooSoon, match="2026-09-29"):
        check_apart(a_count(), date(2026, 9, 28))


def test_school_years_begin_in_july() -> None:
    assert [year_of(day) for day in (date(2026, 6, 30), date(2026, 7, 1))] == [2025, 2026]
    assert [year_words(year) for year in (2026, 2099)] == ["2026-27", "2099-00"]


@pytest.mark.parametrize(
    "wrong",
    [{"title": " "}, {"baseline": 0}, {"rate_hundredths": -10_000}, {"years": 0}, {"years": 16}, {"baseline_year": 26}],
)
def test_a_goal_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(FiguresRefused):
        check_goal(a_goal(**wrong))
