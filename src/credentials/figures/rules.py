"""Goals of growth, and what figures show of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor

import msgspec

from credentials.figures.model import Band, BandCount, Counted, FiguresRefused, Goal, Measure, TooSoon, YearLine
from credentials.figures.suppression import Table, protect

YEAR_BEGINS = 7
"""The month in which a school year begins; the year is named by the one in which it does."""
YEARS_SHOWN = 5
MAX_YEARS = 15
"""Years that a goal reaches. Nobody plans growth for longer."""
APART = timedelta(days=28)
"""Between two counts that are published: what changes from one day to the next tells of single people."""


def year_of(day: date) -> int:
    return day.year if day.month >= YEAR_BEGINS else day.year - 1


def year_words(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02d}"


def check_goal(goal: Goal) -> None:
    if not goal.title.strip():
        raise FiguresRefused("write a title: what shall grow")
    if goal.baseline < 1 or goal.baseline > 100_000_000:
        raise FiguresRefused("the baseline is a count of at least one")
    if not -10_000 < goal.rate_hundredths <= 100_000:
        raise FiguresRefused("the yearly rate is more than -100 and at most 1000 percent")
    if not 1 <= goal.years <= MAX_YEARS:
        raise FiguresRefused(f"a goal reaches over 1 to {MAX_YEARS} years")
    if not 1990 <= goal.baseline_year <= 2200:
        raise FiguresRefused("the year of the baseline is none")


def targets(goal: Goal) -> list[tuple[int, int]]:
    """Year and target, compounded exactly and then rounded to the nearest whole."""
    factor = 1 + Fraction(goal.rate_hundredths, 10_000)
    return [
        (goal.baseline_year + number, floor(goal.baseline * factor**number + Fraction(1, 2)))
        for number in range(1, goal.years + 1)
    ]


def lines(goal: Goal, actuals: Mapping[int, int | None], this_year: int) -> list[YearLine]:
    found = []
    for year, target in targets(goal):
        actual = actuals.get(year) if year <= this_year else None
        below = None if actual is None else target - actual
        found.append(YearLine(year=year, target=target, actual=actual, below=below, going_on=year == this_year))
    return found


def check_apart(last: Counted | None, today: date) -> None:
    if last is not None and today < last.counted_on + APART:
        raise TooSoon(
            f"figures were published on {last.counted_on}: publish again from {last.counted_on + APART} on. What changes from"
            " one day to the next would tell of single people"
        )


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """A count as it may be shown. ``awards``: the first column is all years before ``years``; ``holders``: who holds an award
    in force, and who does not. ``bands`` are the rows of both."""

    bands: tuple[Band, ...]
    years: tuple[int, ...]
    awards: Table
    holders: Table


def tables_of(counted: Counted, minimum: int) -> Tables:
    """Every number that is made public of a count comes from here. Bands without an educator and an award are left out."""
    bands = [one for one in counted.bands if one.educators or any(one.awards)]
    years = range(counted.first_year, counted.first_year + len(bands[0].awards) - 1 if bands else counted.first_year)
    return Tables(
        bands=tuple(one.band for one in bands),
        years=tuple(years),
        awards=protect([one.awards for one in bands], minimum=minimum),
        holders=protect([(one.holders, one.educators - one.holders) for one in bands], minimum=minimum),
    )


def share_words(hold: int | None, do_not: int | None) -> str:
    """The share of holders, in whole percent, where both numbers are shown."""
    if hold is None or do_not is None or hold + do_not == 0:
        return "not shown"
    return f"{floor(Fraction(100 * hold, hold + do_not) + Fraction(1, 2))}%"


def actuals_of(measure: Measure, counts: Sequence[Counted], minimum: int) -> dict[int, int | None]:
    """What was reached in each year, of published counts (oldest first), and only of what their tables show."""
    if not counts:
        return {}
    if measure is Measure.HOLDERS:
        return {year_of(one.counted_on): _first_total(tables_of(one, minimum).holders) for one in counts}
    newest = tables_of(counts[-1], minimum)
    before, *each = newest.awards.column_totals or (None,)
    if measure is Measure.AWARDS_IN_YEAR:
        return dict(zip(newest.years, each, strict=True))
    so_far: dict[int, int | None] = {}
    total = before
    for year, awards in zip(newest.years, each, strict=True):
        total = None if total is None or awards is None else total + awards
        so_far[year] = total
    return so_far


def _first_total(table: Table) -> int | None:
    return table.column_totals[0] if table.column_totals else None


def add_up(one: Iterable[BandCount], other: Iterable[BandCount]) -> tuple[BandCount, ...]:
    """Two parts of a count as one."""
    found: dict[Band, BandCount] = {}
    for count in (*one, *other):
        so_far = found.get(count.band)
        found[count.band] = (
            count
            if so_far is None
            else BandCount(
                band=count.band,
                educators=so_far.educators + count.educators,
                holders=so_far.holders + count.holders,
                awards=tuple(a + b for a, b in zip(so_far.awards, count.awards, strict=True)),
            )
        )
    return tuple(found[band] for band in Band if band in found)
