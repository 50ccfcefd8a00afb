"""What keeps a rule from being carried out as it is written, each mistake with its place."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from credentials.compensation.model.failures import TermsRefused
from credentials.compensation.model.rules import PayKind
from credentials.compensation.model.terms import CarryOver, Step, Terms
from credentials.compensation.rules.days import on_or_after, year_start
from credentials.errors import Fault

MONEY_KINDS = frozenset({PayKind.BASE_BUILDING, PayKind.STIPEND})


def read_terms(octets: bytes) -> Terms:
    """Terms from a JSON document. Raises ``TermsRefused`` with the path of the mistake."""
    try:
        return msgspec.json.decode(octets, type=Terms)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        message, _, place = str(error).partition(" - at `$")
        pointer = place.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise TermsRefused(
            "the rule cannot be read", faults=(Fault(message, pointer if place else "", "invalid"),)
        ) from error


def check_terms(kind: PayKind, terms: Terms) -> None:
    faults = tuple(faults_of(kind, terms))
    if faults:
        raise TermsRefused("this rule cannot be carried out as it is written: " + faults[0].detail, faults=faults)


def faults_of(kind: PayKind, terms: Terms) -> Iterable[Fault]:
    """Everything that keeps a rule of this kind from being carried out, each with its JSON Pointer into the terms."""
    is_money = kind in MONEY_KINDS
    needed: dict[PayKind, tuple[str, Any]] = {
        PayKind.BASE_BUILDING: ("amountCents", terms.amount_cents),
        PayKind.STIPEND: ("amountCents", terms.amount_cents),
        PayKind.POINTS_TO_LANE: ("pointHundredths", terms.point_hundredths),
        PayKind.HOURS_TO_CREDITS: ("conversion", terms.conversion),
    }
    name, value = needed[kind]
    if value is None and not (is_money and terms.amounts):
        yield Fault(f"a rule of this kind says {name}", f"/{name}", "missing")
    for other, given in (
        ("amountCents", terms.amount_cents),
        ("pointHundredths", terms.point_hundredths),
        ("conversion", terms.conversion),
    ):
        if other != name and given is not None:
            yield Fault(f"a rule of this kind does not say {other}", f"/{other}", "not-of-this-kind")
    if terms.amounts and not is_money:
        yield Fault("only a rule that pays money says amounts", "/amounts", "not-of-this-kind")
    if is_money:
        for member, is_given in (("ladder", bool(terms.ladder)), ("acceptance", terms.acceptance is not None)):
            if is_given:
                yield Fault(f"only a rule that gives credits says {member}", f"/{member}", "not-of-this-kind")
        if terms.caps.credit_hundredths is not None:
            yield Fault("a rule that pays money has no cap of credits", "/caps/creditHundredths", "not-of-this-kind")
    elif terms.caps.amount_cents is not None:
        yield Fault("a rule that gives credits has no cap of money", "/caps/amountCents", "not-of-this-kind")
    if kind is not PayKind.STIPEND and terms.pay_dates:
        yield Fault("only a stipend has pay dates: base pay is paid with every period", "/payDates", "not-of-this-kind")
    if terms.caps.carry_over is not CarryOver.NONE and (kind is not PayKind.STIPEND or terms.caps.amount_cents is None):
        yield Fault("only a stipend with a cap of money is carried over", "/caps/carryOver", "not-of-this-kind")
    if kind is PayKind.STIPEND and terms.lane_dates:
        yield Fault("a stipend has pay dates, not lane dates", "/laneDates", "not-of-this-kind")
    yield from _twice(terms)
    yield from _days(terms)
    yield from _ladder(terms.ladder)
    if terms.conversion and 100 % terms.conversion.to_hundredths:
        yield Fault(
            "a whole credit must be made of such parts: 1, 5, 10, 25, 50 or 100", "/conversion/toHundredths", "invalid"
        )


def _twice(terms: Terms) -> Iterable[Fault]:
    for place, own in enumerate(terms.amounts):
        if any(own.achievement == earlier.achievement for earlier in terms.amounts[:place]):
            yield Fault("this achievement has an amount already", f"/amounts/{place}/achievement", "duplicate")
    for place, paid in enumerate(terms.pay_dates):
        if any(paid.cut_off == earlier.cut_off for earlier in terms.pay_dates[:place]):
            yield Fault("this cut-off stands there already", f"/payDates/{place}/cutOff", "duplicate")


def _days(terms: Terms) -> Iterable[Fault]:
    named = [("/yearBegins", terms.year_begins)]
    for place, paid in enumerate(terms.pay_dates):
        named += [(f"/payDates/{place}/cutOff", paid.cut_off), (f"/payDates/{place}/pays", paid.pays)]
    for place, lane in enumerate(terms.lane_dates):
        named += [
            (f"/laneDates/{place}/approvedBy", lane.approved_by),
            (f"/laneDates/{place}/effectiveOn", lane.effective_on),
        ]
    bad = [(pointer, text) for pointer, text in named if not _is_day(text)]
    for pointer, text in bad:
        yield Fault(f"{text} is not a day of every year: write MM-DD, such as 09-01", pointer, "invalid")
    if not bad:
        in_year = [on_or_after(lane.approved_by, year_start(terms, 2001)) for lane in terms.lane_dates]
        for place in range(1, len(in_year)):
            if in_year[place] <= in_year[place - 1]:
                yield Fault(
                    "the dates stand in the order of the school year", f"/laneDates/{place}/approvedBy", "order"
                )


def _is_day(text: str) -> bool:
    try:
        date(2001, int(text[:2]), int(text[3:]))  # not a leap year: 29 February is not a day of every year
    except ValueError:
        return False
    return True


def _ladder(ladder: Sequence[Step]) -> Iterable[Fault]:
    for place, step in enumerate(ladder):
        if any(step.lane == earlier.lane for earlier in ladder[:place]):
            yield Fault("one step leads from each lane", f"/ladder/{place}/lane", "duplicate")
        if step.to in {earlier.lane for earlier in ladder[: place + 1]}:
            yield Fault("the lanes stand in their order: none leads back", f"/ladder/{place}/to", "order")
