"""A rule, its versions and their approval."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from credentials.compensation.model.terms import Terms
from credentials.compensation.model.wire import Line, Wire


class PayKind(StrEnum):
    """What a rule gives. ``base_building`` stays, a ``stipend`` is paid once, the other two move a person along lanes."""

    BASE_BUILDING = "base_building"
    STIPEND = "stipend"
    POINTS_TO_LANE = "points_to_lane"
    HOURS_TO_CREDITS = "hours_to_credits"


class Basis(StrEnum):
    """The date that decides which version of a rule applies, and in which year an award counts."""

    AWARD_DATE = "award_date"
    CLAIM_DATE = "claim_date"


class PayRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of a recogniser. ``time_zone`` (IANA) says which day a moment is: a cut-off is the district's midnight."""

    id: str
    organisation_id: str
    slug: str
    title: str
    kind: PayKind
    basis: Basis
    time_zone: str
    created_at: datetime
    author_id: str


class VersionState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"


class ApprovalKind(StrEnum):
    BOARD = "board"
    BARGAINING = "bargaining"


class ApprovalRecord(Wire, frozen=True, kw_only=True):
    """Who approved, when, and where that is written down."""

    kind: ApprovalKind
    body: Line
    on: date
    reference: Line


class Approval(Wire, frozen=True, kw_only=True):
    """The board's record, and that of bargaining or the sentence why there is none."""

    records: Annotated[tuple[ApprovalRecord, ...], Meta(min_length=1, max_length=10)]
    without_bargaining_because: Annotated[str, Meta(max_length=1_000)] = ""


class PayRuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One wording of a rule with its days: ``effective_from`` inclusive, ``effective_to`` exclusive. Once approved, its terms
    do not change any more."""

    id: str
    rule_id: str
    number: int
    terms: Terms
    state: VersionState = VersionState.DRAFT
    author_id: str
    created_at: datetime
    effective_from: date | None = None
    effective_to: date | None = None
    approval: Approval | None = None
    approved_at: datetime | None = None
    approved_by: str | None = None
    revision: int = 1


class Standing(StrEnum):
    """Where a version is on a day."""

    DRAFT = "draft"
    APPROVED = "approved"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    SUNSET = "sunset"
