"""Days of every year, and the school year that a day is in."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from credentials.compensation.model.rules import PayRule
from credentials.compensation.model.terms import Terms


def on_or_after(month_day: str, start: date) -> date:
    """The first such day from ``start`` on."""
    found = date(start.year, int(month_day[:2]), int(month_day[3:]))
    return found if found >= start else found.replace(year=start.year + 1)


def year_start(terms: Terms, year: int) -> date:
    return date(year, int(terms.year_begins[:2]), int(terms.year_begins[3:]))


def school_year(terms: Terms, day: date) -> int:
    """The calendar year in which the school year of a day begins."""
    return day.year if day >= year_start(terms, day.year) else day.year - 1


def year_words(year: int) -> str:
    return f"{year}–{(year + 1) % 100:02d}"


def local_day(rule: PayRule, moment: datetime) -> date:
    """Which day a moment is where the rule holds."""
    return moment.astimezone(ZoneInfo(rule.time_zone)).date()
