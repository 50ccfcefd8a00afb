"""The nouns of pay.

Money is whole cents, credits and points are whole hundredths: nothing here is a fraction of a machine. A rule's terms are a
document that people write, in camel case; what a member means is said once, here.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from credentials.awards.model import AwardKind, AwardState
from credentials.errors import Conflict, Malformed

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


class CarryOver(StrEnum):
    """What happens to an amount over the cap: it lapses, or it waits until a later year has funds."""

    NONE = "none"
    IF_FUNDED = "if_funded"


class RoundingMode(StrEnum):
    DOWN = "down"
    NEAREST = "nearest"  # a half goes up
    UP = "up"


class _Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    pass


class _Written(_Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a document that people write: what it does not say is not shown either."""


class Accepts(_Written, frozen=True, kw_only=True):
    """Which awards count. An empty list sets no bound. ``tags``: one of them must be among the micro-credential's own, which
    is how a rule asks for a level (`advanced`)."""

    kinds: Annotated[tuple[AwardKind, ...], Meta(min_length=1, max_length=3)] = (AwardKind.MICRO_CREDENTIAL,)
    achievements: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()
    issuers: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()
    tags: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()


class Eligible(_Written, frozen=True, kw_only=True):
    """Who is paid: somebody in one of ``positions`` *or* one of ``bands``, as the office recorded them; with neither, everybody
    who works here. ``members_only`` is false where anybody may claim (a university)."""

    positions: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()
    bands: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()
    members_only: bool = True


class OwnAmount(_Written, frozen=True, kw_only=True):
    """What one micro-credential or stack pays, where it is not what all pay."""

    achievement: Annotated[str, Meta(min_length=1, max_length=36)]
    amount_cents: Cents


class Caps(_Written, frozen=True, kw_only=True):
    """The most that one person gets under the rule in one school year."""

    count: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    amount_cents: Cents | None = None
    credit_hundredths: Hundredths | None = None
    carry_over: CarryOver = CarryOver.NONE


class PayDate(_Written, frozen=True, kw_only=True):
    """Who claims up to and on ``cut_off`` is paid on ``pays``."""

    cut_off: MonthDay
    pays: MonthDay


class Conversion(_Written, frozen=True, kw_only=True):
    """Hours of one award, and how many make a credit. All hours of a person are added up first and converted then, so that
    rounding never adds up; ``to_hundredths`` is the smallest part of a credit that is written."""

    hours: Annotated[int, Meta(ge=1, le=2_000)]
    hours_per_credit: Annotated[int, Meta(ge=1, le=200)]
    rounding: RoundingMode
    to_hundredths: Annotated[int, Meta(ge=1, le=100)] = 1


class Step(_Written, frozen=True, kw_only=True):
    """From one lane to the next for so many credits. ``raise_cents``: what the move adds to a year's base pay."""

    lane: Line
    to: Line
    credit_hundredths: Hundredths
    raise_cents: Cents | None = None


class LaneDate(_Written, frozen=True, kw_only=True):
    """What is approved up to and on ``approved_by`` raises pay from ``effective_on``; ``share`` is what people call that."""

    approved_by: MonthDay
    effective_on: MonthDay
    share: Short


class Acceptance(_Written, frozen=True, kw_only=True):
    """A programme takes at most so many credits; more are recorded, and not accepted."""

    programme: Line
    maximum_hundredths: Hundredths


class Terms(_Written, frozen=True, kw_only=True):
    """What a rule says. Which members belong to it depends on its kind: ``rules.faults_of`` names every mistake."""

    words: Annotated[str, Meta(min_length=1, max_length=5_000)]
    source: Annotated[str, Meta(max_length=300)] = ""
    accepts: Accepts = Accepts()
    eligible: Eligible = Eligible()
    year_begins: MonthDay = "07-01"
    amount_cents: Cents | None = None
    amounts: Annotated[tuple[OwnAmount, ...], Meta(max_length=MAX_LIST)] = ()
    point_hundredths: Hundredths | None = None
    conversion: Conversion | None = None
    caps: Caps = Caps()
    pay_dates: Annotated[tuple[PayDate, ...], Meta(max_length=24)] = ()
    prior_approval: bool = False
    evidence_within_days: Annotated[int, Meta(ge=1, le=3_660)] | None = None
    exclusive: bool = True
    ladder: Annotated[tuple[Step, ...], Meta(max_length=40)] = ()
    lane_dates: Annotated[tuple[LaneDate, ...], Meta(max_length=12)] = ()
    acceptance: Acceptance | None = None


# Rules and their versions


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


class ApprovalRecord(_Wire, frozen=True, kw_only=True):
    """Who approved, when, and where that is written down."""

    kind: ApprovalKind
    body: Line
    on: date
    reference: Line


class Approval(_Wire, frozen=True, kw_only=True):
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


# What the office knows of a person


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person stands on the salary schedule, as the office recorded it or a claim moved it. The newest holds; none is
    changed. ``credit_hundredths`` count towards the next lane; credits of the ledger behind ``sequence`` come on top."""

    id: str
    organisation_id: str
    educator_id: str
    position: str
    band: str = ""
    lane: str = ""
    employee_number: str = ""
    credit_hundredths: int = 0
    sequence: int
    effective_on: date
    share: str = ""
    recorded_at: datetime
    recorded_by: str
    claim_id: str | None = None


# Prior approval, claims, cases


class RequestState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


class PriorApproval(msgspec.Struct, frozen=True, kw_only=True):
    """A plan to earn something, which the office approves before it is earned."""

    id: str
    organisation_id: str
    rule_id: str
    educator_id: str
    achievement_id: str
    title: str
    requested_at: datetime
    state: RequestState = RequestState.REQUESTED
    decided_at: datetime | None = None
    decided_on: date | None = None
    decided_by: str | None = None
    reason: str = ""


class Code(StrEnum):
    """Why something counts, counts in part, or does not."""

    GRANTED = "GRANTED"
    CAP_EXCEEDED = "CAP_EXCEEDED"
    ROLE_NOT_ELIGIBLE = "ROLE_NOT_ELIGIBLE"
    FACT_MISSING = "FACT_MISSING"
    NOT_PREAPPROVED = "NOT_PREAPPROVED"
    LATE = "LATE"
    ALREADY_COMPENSATED = "ALREADY_COMPENSATED"
    RULE_NOT_IN_FORCE = "RULE_NOT_IN_FORCE"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    ISSUER_NOT_ACCEPTED = "ISSUER_NOT_ACCEPTED"
    LEVEL_NOT_ACCEPTED = "LEVEL_NOT_ACCEPTED"
    REVOKED = "REVOKED"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"


class Reason(_Wire, frozen=True, kw_only=True):
    """A code for programs, a sentence for a person."""

    code: Code
    text: str


class Account(StrEnum):
    """Every posting moves amounts between these and comes to nothing in sum. What the recogniser owes stands against
    ``obligation``; ``recovery`` is what was paid and is asked back."""

    OBLIGATION = "obligation"
    SALARY_BASE = "salary_base"
    STIPEND = "stipend"
    CARRIED = "carried"
    PAID = "paid"
    RECOVERY = "recovery"
    CREDITS = "credits"
    CREDITS_OVER = "credits_over"


class Unit(StrEnum):
    CENTS = "cents"
    HUNDREDTHS = "hundredths"


UNIT: dict[Account, Unit] = {
    account: Unit.HUNDREDTHS if account in {Account.CREDITS, Account.CREDITS_OVER} else Unit.CENTS
    for account in Account
}
"""Of everything but ``obligation``, which has both."""


class Entry(_Wire, frozen=True, kw_only=True):
    """One line of a posting. ``due_on``: from when a stipend is owed, or base pay raised."""

    account: Account
    unit: Unit
    amount: int
    due_on: date | None = None
    reason: Code
    text: str = ""


class LaneMove(_Wire, frozen=True, kw_only=True):
    """``credit_hundredths`` is what is left towards the lane behind ``to``."""

    lane: str
    to: str
    effective_on: date
    share: str = ""
    credit_hundredths: int = 0


class Assessment(_Wire, frozen=True, kw_only=True):
    """What a claim comes to under a rule: what it would be granted, and why not more. ``hours``: what it adds to those that
    are converted together."""

    payable: bool
    year: int
    hours: int = 0
    entries: tuple[Entry, ...] = ()
    reasons: tuple[Reason, ...] = ()
    moves: tuple[LaneMove, ...] = ()

    def amount(self, account: Account) -> int:
        return sum(entry.amount for entry in self.entries if entry.account == account)


class ClaimState(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"  # approved once, and taken back by an officer who closed a case


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An educator's claim on one of their awards under one rule.

    ``covers``: the achievement and, of a stack, its members: what was paid for within one is not paid for within another.
    ``counts``: something was given and kept, so it uses up caps and bars a second payment.
    ``outstanding``: it may have something to pay: a stipend, a carried amount, a raise that stands.
    ``assessment`` is that of the decision, and before it the one that the educator was shown.
    """

    id: str
    organisation_id: str
    rule_id: str
    version_id: str | None = None
    educator_id: str
    award_id: str
    achievement_id: str
    title: str
    covers: tuple[str, ...]
    awarded_on: date
    claimed_at: datetime
    claimed_on: date
    verdict: str
    document_digest: str
    state: ClaimState = ClaimState.SUBMITTED
    year: int = 0
    exclusive: bool = True
    counts: bool = False
    outstanding: bool = False
    assessment: Assessment
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
    revision: int = 1


class Purpose(StrEnum):
    """Why something is posted. Of each there is one for an award, a rule, a period and a round."""

    GRANT = "grant"
    RELEASE = "release"
    PAYMENT = "payment"
    REVERSAL = "reversal"


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that belong together. ``sequence`` counts within the organisation, without a gap. ``round`` rises when an award is
    granted anew after a reversal."""

    id: str
    organisation_id: str
    sequence: int
    educator_id: str
    rule_id: str
    version_id: str
    claim_id: str
    award_id: str
    purpose: Purpose
    period: str
    round: int = 0
    year: int
    reason: str
    posted_at: datetime
    posted_by: str
    entries: tuple[Entry, ...] = ()


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """What an officer decides when a paid award is withdrawn."""

    KEEP = "keep"  # everything stays as it is
    END = "end"  # what is not paid yet falls away, what is paid stays
    RECOVER = "recover"  # and what is paid is recorded as owed back
    REINSTATED = "reinstated"  # the award is in force again: nothing was left to decide
    SUPERSEDED = "superseded"  # the award's state changed again: a newer case says how


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An award that pay rests on was suspended or revoked, at ``changed_at``. A person decides; until then nothing is taken
    back."""

    id: str
    organisation_id: str
    claim_id: str
    award_id: str
    educator_id: str
    title: str
    award_state: AwardState
    changed_at: datetime
    opened_at: datetime
    state: CaseState = CaseState.OPEN
    outcome: CaseOutcome | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""


# Paying


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


class PayLine(_Wire, frozen=True, kw_only=True):
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


class LeftOut(_Wire, frozen=True, kw_only=True):
    """Owed, and not in this run: why."""

    educator_id: str
    name: str
    title: str
    claim_id: str
    amount_cents: int
    reason: str


class PayRun(_Wire, frozen=True, kw_only=True):
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


class ForecastLine(_Wire, frozen=True, kw_only=True):
    rule: str
    kind: PayKind
    expected_cents: int
    ceiling_cents: int | None = None
    assumptions: tuple[str, ...]


class Forecast(_Wire, frozen=True, kw_only=True):
    """An estimate, never a promise: each line says on what it rests."""

    organisation: str
    year: int
    estimate: bool = True
    expected_cents: int
    lines: tuple[ForecastLine, ...]
    assumptions: tuple[str, ...]


# Failures


class TermsRefused(Malformed):
    """A rule that cannot be: each fault names its place."""

    code = "pay-terms-refused"


class ApprovalRefused(Malformed):
    code = "pay-approval-refused"


class ClaimRefused(Conflict):
    """This award cannot be claimed on, or this claim not be approved; the faults carry the reason codes."""

    code = "pay-claim-refused"


class AlreadyDecided(Conflict):
    code = "pay-already-decided"


class CalendarRefused(Malformed):
    code = "pay-calendar-refused"
