"""The answer of an evaluation: the verdict, its reasons, the requirements as they were judged, and every item."""

from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from credentials.pathways.record import Known


class Verdict(StrEnum):
    MET = "met"
    MET_BY_WAIVER = "met_by_waiver"
    MET_BY_OVERRIDE = "met_by_override"
    NOT_MET = "not_met"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"
    UNDECIDED = "undecided"
    """The work budget ran out: never a refusal; an operator is told."""

    @property
    def good(self) -> bool:
        return self in {Verdict.MET, Verdict.MET_BY_WAIVER, Verdict.MET_BY_OVERRIDE}


class State(StrEnum):
    """Of one requirement. ``waived``: not met, and a waiver in force covers it. ``unknown``: a condition lacks a fact."""

    MET = "met"
    WAIVED = "waived"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    UNDECIDED = "undecided"
    UNKNOWN = "unknown"

    @property
    def good(self) -> bool:
        return self in {State.MET, State.WAIVED}


class Code(StrEnum):
    BEFORE_WINDOW = "BEFORE_WINDOW"
    AFTER_WINDOW = "AFTER_WINDOW"
    NOT_RELATED = "NOT_RELATED"
    NOT_DOCUMENTED = "NOT_DOCUMENTED"
    DUPLICATE = "DUPLICATE"
    ALREADY_USED = "ALREADY_USED"
    CAP_EXCEEDED = "CAP_EXCEEDED"
    MAX_ITEMS = "MAX_ITEMS"
    CATEGORY_SHORT = "CATEGORY_SHORT"
    AREAS_SHORT = "AREAS_SHORT"
    SHORT = "SHORT"
    NO_VALID_ALLOCATION = "NO_VALID_ALLOCATION"
    LEVEL_TOO_LOW = "LEVEL_TOO_LOW"
    ISSUER_NOT_ACCEPTED = "ISSUER_NOT_ACCEPTED"
    NOT_PREAPPROVED = "NOT_PREAPPROVED"
    PREREQUISITE_NOT_MET = "PREREQUISITE_NOT_MET"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    SUSPENDED = "SUSPENDED"
    PENDING_REVIEW = "PENDING_REVIEW"
    ROLE_NOT_ELIGIBLE = "ROLE_NOT_ELIGIBLE"
    OPTION_CLOSED = "OPTION_CLOSED"
    NO_RULE_IN_FORCE = "NO_RULE_IN_FORCE"
    FACT_MISSING = "FACT_MISSING"
    FACT_NOT_MET = "FACT_NOT_MET"
    NOT_NEEDED = "NOT_NEEDED"
    LATE = "LATE"
    ALREADY_COMPENSATED = "ALREADY_COMPENSATED"


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``requirement`` is a label, or ``#`` and a JSON Pointer into the rule; ``text`` is a sentence for the educator."""

    code: Code
    requirement: str | None = None
    item: str | None = None
    have: Any = None
    need: Any = None
    text: str


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """``units`` of the requirement's own unit; for a credential requirement, items."""

    requirement: str
    units: float | int


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    requirement: str
    code: Code


class ItemReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item. A use and an exclusion by one requirement together mean that a cap cut it."""

    item: str
    uses: tuple[Use, ...]
    exclusions: tuple[Exclusion, ...]


class Counted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item that a requirement counts; ``category`` where it was put in one only."""

    item: str
    units: float | int
    category: str | None = None


class RateTotal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one rate of a sum was offered and gave."""

    area: str
    offered: float | int
    counted: float | int
    items: int
    cap: float | int | None = None
    max_items: int | None = None


class CategoryTotal(msgspec.Struct, frozen=True, kw_only=True):
    category: str
    have: float | int
    need: float | int


class Requirement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One node as it was judged. ``words`` says the node in plain words, ``text`` is the rule's own."""

    requirement: str
    at: str
    kind: str
    state: State
    words: str
    text: str = ""
    source: str = ""
    unit: str = ""
    have: Any = None
    need: Any = None
    counted: tuple[Counted, ...] = ()
    rates: tuple[RateTotal, ...] = ()
    categories: tuple[CategoryTotal, ...] = ()
    areas: CategoryTotal | None = None
    version: str = ""
    condition: "Requirement | None" = None
    children: tuple["Requirement", ...] = ()


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A nearest way to ``met``: what would have to be added to the record.

    ``cost`` is the share of requirements that is missing: one whole requirement costs 1. ``items`` and ``facts`` are written
    as in a record document; an item with the id of one in the record takes its place. It was tried: with them the verdict is
    ``met``.
    """

    cost: float
    text: str
    items: tuple[dict[str, Any], ...] = ()
    facts: dict[str, Any] = {}


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    verdict: Verdict
    as_of: date
    known: Known
    reasons: tuple[Reason, ...]
    requirement: Requirement
    items: tuple[ItemReport, ...]
    nearest: tuple[Way, ...] = ()


def plain(value: float) -> float | int:
    """A total as it is compared and shown: nine decimals, and no decimals where there are none."""
    rounded = round(value, 9)
    return int(rounded) if float(rounded).is_integer() else rounded
