"""Pay periods, what is paid in one, and how it was exported."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from credentials.compensation.model.wire import Wire


class PayPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """The ``number``-th of ``of`` periods of a school year (named by the calendar year in which it begins)."""

    id: str
    organisation_id: str
    year: int
    number: int
    of: int
    starts_on: date
    ends_on: date
    pays_on: date
    exported_at: datetime | None = None

    @property
    def label(self) -> str:
        return f"{self.year}-{(self.year + 1) % 100:02d}/{self.number:02d}"


class PayLineKind(StrEnum):
    STIPEND = "stipend"
    BASE = "base"


class PayLine(Wire, frozen=True, kw_only=True):
    """What one person is paid for one award in a run. ``for_period``: whose share of a year's base pay this is."""

    educator_id: str
    employee_number: str
    name: str
    rule: str
    rule_version: int
    kind: PayLineKind
    title: str
    award_id: str
    claim_id: str
    for_period: str
    amount_cents: int


class LeftOut(Wire, frozen=True, kw_only=True):
    """Owed, and not in this run: why."""

    educator_id: str
    name: str
    title: str
    claim_id: str
    amount_cents: int
    reason: str


class PayRun(Wire, frozen=True, kw_only=True):
    """A pay period's payments. As a JSON export this is the whole file."""

    organisation: str
    period: str
    starts_on: date
    ends_on: date
    pays_on: date
    currency: str = "USD"
    lines: tuple[PayLine, ...]
    left_out: tuple[LeftOut, ...] = ()
    total_cents: int


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it was exported, once and for all: the bytes and their SHA-256."""

    period_id: str
    organisation_id: str
    csv: bytes
    csv_digest: str
    json: bytes
    json_digest: str
    total_cents: int
    line_count: int
    exported_at: datetime
    exported_by: str
