"""How an amount, a day and a choice are said."""

from collections.abc import Iterable
from datetime import date


def dollars(cents: int) -> str:
    """$1,600 or $110.50"""
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}" + (f".{part:02d}" if part else "")


def credits(hundredths: int) -> str:  # noqa: A001 - it is what the field calls them
    """1 credit, 0.67 credits"""
    whole, part = divmod(abs(hundredths), 100)
    text = f"{'-' if hundredths < 0 else ''}{whole}" + (f".{part:02d}".rstrip("0") if part else "")
    return f"{text} credit" if hundredths == 100 else f"{text} credits"


def day_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def every(month_day: str) -> str:
    day = date(2001, int(month_day[:2]), int(month_day[3:]))
    return f"{day:%B} {day.day}"


def either(words: Iterable[str]) -> str:
    *most, last = list(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last
