"""Moments as proofs and credentials write them: ``dateTimeStamp`` of XML Schema 1.1, part 2, section 3.4.28."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from credentials.errors import Malformed

MAX_CLOCK_SKEW = timedelta(seconds=60)
"""How far ahead of ours another machine's clock may be. Never added to an end: what has expired has expired."""

# The offset is part of the type. 24:00:00 and a 60th second are left out: no two libraries agree what they mean.
_DATE_TIME_STAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)


_FORM = "A date and time has an offset, as in 2026-01-31T12:00:00Z."


def moment(text: object) -> datetime:
    """The moment that a ``dateTimeStamp`` names, to the microsecond. ``Malformed`` for anything else."""
    if not isinstance(text, str):
        raise Malformed(_FORM)
    return _moment(text)


@lru_cache(maxsize=1024)  # asked again and again of one document; what is refused is not kept
def _moment(text: str) -> datetime:
    if not _DATE_TIME_STAMP.fullmatch(text):
        raise Malformed(_FORM)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:  # the thirtieth of February, the year zero
        raise Malformed(f"No such date: {error}.") from error
