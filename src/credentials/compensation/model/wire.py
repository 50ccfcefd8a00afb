"""The measures of pay, and what its documents have in common.

Money is whole cents, credits and points are whole hundredths: nothing here is a fraction of a machine.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

Line = Annotated[str, Meta(min_length=1, max_length=300)]
Short = Annotated[str, Meta(max_length=80)]
Cents = Annotated[int, Meta(ge=1, le=100_000_000)]
"""At most a million: a slip of the hand in a rule must not become a debt of the district."""
Hundredths = Annotated[int, Meta(ge=1, le=100_000)]
"""Of a credit or a point: 100 is one."""
MonthDay = Annotated[str, Meta(pattern=r"^[0-9]{2}-[0-9]{2}(?![\s\S])")]
"""A day of every year, as MM-DD."""

MAX_LIST = 200
"""Entries of a list in a rule: more than any rule that was found, and little to look through."""


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A document or a part of one, or what is answered: in camel case, and nothing in it that is not known."""


class Written(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a document that people write: what it does not say is not shown either."""
