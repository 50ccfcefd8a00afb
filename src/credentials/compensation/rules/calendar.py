"""The pay periods of a school year, and the share of a year's pay that falls to each."""

from collections.abc import Sequence
from datetime import date, timedelta

from credentials.compensation.model.failures import CalendarRefused
from credentials.compensation.rules.days import year_words
from credentials.errors import Fault


def check_calendar(year: int, periods: Sequence[tuple[date, date, date]]) -> None:
    """The periods of one school year: in order, one behind the other without a gap, each with its pay day."""
    faults = []
    for place, (starts, ends, _) in enumerate(periods):
        if ends < starts:
            faults.append(Fault("it ends before it starts", f"/periods/{place}/endsOn", "order"))
        if place and starts != periods[place - 1][1] + timedelta(days=1):
            faults.append(
                Fault("it must start on the day after the one before it ends", f"/periods/{place}/startsOn", "gap")
            )
    if periods and periods[0][0].year not in {year, year + 1}:
        faults.append(
            Fault(f"the first period of {year_words(year)} cannot start then", "/periods/0/startsOn", "invalid")
        )
    if periods and (periods[-1][1] - periods[0][0]).days > 366:
        faults.append(Fault("a school year has at most 366 days", f"/periods/{len(periods) - 1}/endsOn", "invalid"))
    if faults:
        raise CalendarRefused("this is no calendar of pay periods: " + faults[0].detail, faults=tuple(faults))


def share_of_year(annual: int, number: int, of: int) -> int:
    """The ``number``-th share of a year's amount: all of them together are the amount to the cent."""
    return annual * number // of - annual * (number - 1) // of
