"""The days of the salary schedule: when a stipend is due, and from when a lane counts."""

from collections.abc import Sequence
from datetime import date

from credentials.compensation.model.terms import LaneDate, PayDate, Terms
from credentials.compensation.rules.days import on_or_after, school_year, year_start


def pay_date(pay_dates: Sequence[PayDate], claimed_on: date, decided_on: date) -> date:
    """When a stipend is due: by the first cut-off that is not over on the day of the claim; without any, at the decision."""
    if not pay_dates:
        return decided_on
    cut_off, pays = min((on_or_after(paid.cut_off, claimed_on), paid.pays) for paid in pay_dates)
    return on_or_after(pays, cut_off)


def lane_date(terms: Terms, approved_on: date) -> tuple[date, str]:
    """From when an approval raises base pay, and what that is called. After the year's last date: the next year's first."""
    if not terms.lane_dates:
        return approved_on, ""
    start = year_start(terms, school_year(terms, approved_on))
    for lane in terms.lane_dates:
        if approved_on <= on_or_after(lane.approved_by, start):
            return on_or_after(lane.effective_on, start), lane.share
    first: LaneDate = terms.lane_dates[0]
    return on_or_after(first.effective_on, start.replace(year=start.year + 1)), f"{first.share} of the next year"
