"""How a document of the pathway language is read: strictly, under caps, and every refusal names the place."""

import codecs
from collections.abc import Iterable
from datetime import date
from math import isfinite
from typing import Any

import msgspec

from credentials.errors import Fault
from credentials.pathways.model import DocumentRefused

MAX_BYTES = 4 << 20
"""A rule or a record as a file. The largest real record that we know of is under 100 KiB."""
MAX_DEPTH = 40
"""Nodes inside nodes. Real rules have four levels; the reader and the evaluator recurse."""
MAX_TEXT = 4000
"""Characters of one text, such as the rule's own words."""
MAX_NUMBER = 1_000_000_000
"""Largest quantity, rate or minimum: far above any unit that is counted, and far inside double precision."""


def parse(data: bytes, what: str) -> Any:
    """The JSON value of a file. ``what`` names it in a refusal."""
    if len(data) > MAX_BYTES:
        raise DocumentRefused(f"this {what} is longer than {MAX_BYTES >> 20} MiB", faults=(Fault("it is too long"),))
    try:
        return msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8))  # editors on Windows begin with one
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refused(f"this {what} is not JSON: {error}", "") from None


def refused(detail: str, at: str) -> DocumentRefused:
    """A refusal that names the place, a JSON Pointer (RFC 6901)."""
    return DocumentRefused(f"{at or '/'}: {detail}", faults=(Fault(detail, at or "/"),))


def step(at: str, member: str | int) -> str:
    """The pointer to a member of what ``at`` points to."""
    return f"{at}/{str(member).replace('~', '~0').replace('/', '~1')}"


def members(value: Any, at: str, allowed: Iterable[str], required: Iterable[str] = ()) -> dict[str, Any]:
    """The members of an object that are not null; an unknown or a missing one is refused."""
    if not isinstance(value, dict):
        raise refused("there must be an object here", at)
    known = list(allowed)
    for name in value:
        if name not in known:
            raise refused(f"there is no member of this name here; known are: {', '.join(known)}", step(at, name))
    found = {name: member for name, member in value.items() if member is not None}
    for name in required:
        if name not in found:
            raise refused("this member is missing", step(at, name))
    return found


def elements(value: Any, at: str, *, least: int = 0, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise refused("there must be a list here", at)
    if len(value) < least:
        raise refused(f"there must be at least {least} here", at)
    if len(value) > most:
        raise refused(f"there are {len(value)} here, and at most {most} are read", at)
    return value


def text(value: Any, at: str, *, blank: bool = False) -> str:
    if not isinstance(value, str):
        raise refused("there must be a text here", at)
    if not blank and not value.strip():
        raise refused("this text is empty", at)
    if len(value) > MAX_TEXT:
        raise refused(f"this text is longer than {MAX_TEXT} characters", at)
    return value


def texts(value: Any, at: str, *, least: int = 1, most: int = 500) -> tuple[str, ...]:
    """One text or a list of texts."""
    if isinstance(value, str):
        return (text(value, at),)
    if not isinstance(value, list):
        raise refused("there must be a text or a list of texts here", at)
    listed = elements(value, at, least=least, most=most)
    return tuple(text(one, step(at, place)) for place, one in enumerate(listed))


def flag(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        raise refused("there must be true or false here", at)
    return value


def number(value: Any, at: str, *, least: float | None = 0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused("there must be a number here", at)
    if least is not None and value < least:
        raise refused(f"this number must be at least {least:g}", at)
    if abs(value) > MAX_NUMBER or not isfinite(value):
        raise refused(f"this number is larger than {MAX_NUMBER}", at)
    return float(value)


def whole(value: Any, at: str, *, least: int = 0) -> int:
    found = number(value, at, least=least)
    if not found.is_integer():
        raise refused("there must be a whole number here", at)
    return int(found)


def as_day(value: Any) -> date | None:
    """The day that a text names as ISO 8601 writes it (``2024-03-01``, or a moment of that day); else nothing."""
    if not isinstance(value, str) or len(value) < 10 or value[4] != "-" or value[7] != "-":
        return None
    if len(value) > 10 and value[10] not in "T ":
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def day(value: Any, at: str) -> date:
    found = as_day(value)
    if found is None:
        raise refused("there must be a date here, such as 2024-03-01", at)
    return found
