"""What a rule says: a document that people write, in camel case. What a member means is said here, once."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from credentials.awards.model import AwardKind
from credentials.compensation.model.wire import MAX_LIST, Cents, Hundredths, Line, MonthDay, Short, Written


class CarryOver(StrEnum):
    """What happens to an amount over the cap: it lapses, or it waits until a later year has funds."""

    NONE = "none"
    IF_FUNDED = "if_funded"


class RoundingMode(StrEnum):
    DOWN = "down"
    NEAREST = "nearest"  # a half goes up
    UP = "up"


class Accepts(Written, frozen=True, kw_only=True):
    """Which awards count. An empty list sets no bound. ``tags``: one of them must be among the micro-credential's own, which
    is how a rule asks for a level (`advanced`)."""

    kinds: Annotated[tuple[AwardKind, ...], Meta(min_length=1, max_length=3)] = (AwardKind.MICRO_CREDENTIAL,)
    achievements: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()
    issuers: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()
    tags: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()


class Eligible(Written, frozen=True, kw_only=True):
    """Who is paid: somebody in one of ``positions`` *or* one of ``bands``, as the office recorded them; with neither, everybody
    who works here. ``members_only`` is false where anybody may claim (a university)."""

    positions: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()
    bands: Annotated[tuple[Short, ...], Meta(max_length=MAX_LIST)] = ()
    members_only: bool = True


class OwnAmount(Written, frozen=True, kw_only=True):
    """What one micro-credential or stack pays, where it is not what all pay."""

    achievement: Annotated[str, Meta(min_length=1, max_length=36)]
    amount_cents: Cents


class Caps(Written, frozen=True, kw_only=True):
    """The most that one person gets under the rule in one school year."""

    count: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    amount_cents: Cents | None = None
    credit_hundredths: Hundredths | None = None
    carry_over: CarryOver = CarryOver.NONE


class PayDate(Written, frozen=True, kw_only=True):
    """Who claims up to and on ``cut_off`` is paid on ``pays``."""

    cut_off: MonthDay
    pays: MonthDay


class Conversion(Written, frozen=True, kw_only=True):
    """Hours of one award, and how many make a credit. All hours of a person are added up first and converted then, so that
    rounding never adds up; ``to_hundredths`` is the smallest part of a credit that is written."""

    hours: Annotated[int, Meta(ge=1, le=2_000)]
    hours_per_credit: Annotated[int, Meta(ge=1, le=200)]
    rounding: RoundingMode
    to_hundredths: Annotated[int, Meta(ge=1, le=100)] = 1


class Step(Written, frozen=True, kw_only=True):
    """From one lane to the next for so many credits. ``raise_cents``: what the move adds to a year's base pay."""

    lane: Line
    to: Line
    credit_hundredths: Hundredths
    raise_cents: Cents | None = None


class LaneDate(Written, frozen=True, kw_only=True):
    """What is approved up to and on ``approved_by`` raises pay from ``effective_on``; ``share`` is what people call that."""

    approved_by: MonthDay
    effective_on: MonthDay
    share: Short


class Acceptance(Written, frozen=True, kw_only=True):
    """A programme takes at most so many credits; more are recorded, and not accepted."""

    programme: Line
    maximum_hundredths: Hundredths


class Terms(Written, frozen=True, kw_only=True):
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
