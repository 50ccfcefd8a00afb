from datetime import datetime, timedelta

import msgspec

from credentials.errors import Fault, TooMany
from credentials.verification.model import NOTHING_MORE, Question, Report, Verdict

KEPT = timedelta(days=7)
"""After so long a finished batch is forgotten: whoever needs its results has fetched them."""

MAX_UNFINISHED = 5
"""Batches of one person that wait at a time."""

TAKEN = timedelta(seconds=60)
"""For so long a batch belongs to a worker that says nothing more; another one goes on after that."""

CHUNK = 50
"""Items that are verified before their results are kept: a tenth of a second's work, and all that a crash costs."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Many credentials to verify, sent as one. ``owner`` is the person who did, ``organisation`` the short name of whose
    registry answers; ``done`` counts the items that have a result."""

    id: str
    owner: str
    organisation: str = ""
    question: Question = NOTHING_MORE
    total: int
    done: int = 0
    created_at: datetime
    finished_at: datetime | None = None
    taken_until: datetime | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An item without a result yet: its octets or the link to it. Numbers begin at 1."""

    number: int
    label: str
    octets: bytes | None = None
    link: str | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What came of one item: a ``report`` (without the credential itself, which is not kept), or the ``fault`` why there is
    none."""

    number: int
    label: str
    outcome: str
    report: Report | None = None
    fault: Fault | None = None

    @property
    def verdict(self) -> Verdict:
        return Verdict.INDETERMINATE if self.report is None else self.report.verdict


class TooManyBatches(TooMany):
    code = "too-many-batches"
