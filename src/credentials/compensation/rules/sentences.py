"""The terms of a rule as sentences, whole."""

from collections.abc import Iterable, Mapping

from credentials.awards.model import AwardKind
from credentials.compensation.model.rules import PayKind, PayRule
from credentials.compensation.model.terms import CarryOver, OwnAmount, RoundingMode, Terms
from credentials.compensation.rules.words import credits, dollars, either, every  # noqa: A004 - it is what the field calls them


def plain_words(rule: PayRule, terms: Terms, titles: Mapping[str, str]) -> tuple[str, ...]:
    """The terms as sentences, whole: what is not said here is not asked. ``titles``: of achievements and issuers, by id."""
    return tuple(_sentences(rule, terms, titles))


def _worth_words(rule: PayRule, terms: Terms) -> str:
    of = {AwardKind.MICRO_CREDENTIAL: "micro-credential", AwardKind.STACK: "stack", AwardKind.LICENCE: "licence"}
    what = either(of[kind] for kind in terms.accepts.kinds)
    match rule.kind:
        case PayKind.STIPEND if terms.amount_cents:
            return f"Each {what} pays {dollars(terms.amount_cents)}, once."
        case PayKind.BASE_BUILDING if terms.amount_cents:
            return f"Each {what} raises base pay by {dollars(terms.amount_cents)} a year, for good."
        case PayKind.POINTS_TO_LANE:
            return f"Each {what} counts {credits(terms.point_hundredths or 0)} towards the next lane."
        case PayKind.HOURS_TO_CREDITS if terms.conversion:
            part = terms.conversion.to_hundredths
            how = {RoundingMode.DOWN: "down", RoundingMode.NEAREST: "to the nearest", RoundingMode.UP: "up"}
            to = "whole credits" if part == 100 else f"steps of {part / 100:g} of a credit"
            return (
                f"Each {what} counts {terms.conversion.hours} hours, and {terms.conversion.hours_per_credit} hours make a "
                f"credit. All hours are added up first and rounded {how[terms.conversion.rounding]}, in {to}."
            )
        case _:
            return f"What is listed pays what stands beside it; no other {what} pays."


def own_amount(own: OwnAmount, titles: Mapping[str, str]) -> str:
    return f"“{titles.get(own.achievement, own.achievement)}” pays {dollars(own.amount_cents)}."


def _sentences(rule: PayRule, terms: Terms, titles: Mapping[str, str]) -> Iterable[str]:
    yield _worth_words(rule, terms)
    for own in terms.amounts:
        yield own_amount(own, titles)
    if terms.accepts.achievements:
        yield "Only these count: " + "; ".join(titles.get(one, one) for one in terms.accepts.achievements) + "."
    if terms.accepts.issuers:
        yield "Only awards of " + either(titles.get(one, one) for one in terms.accepts.issuers) + " count."
    if terms.accepts.tags:
        yield f"Only awards marked {either(terms.accepts.tags)} count."
    if terms.eligible.positions or terms.eligible.bands:
        groups = [
            *(f"the position {position}" for position in terms.eligible.positions),
            *(f"pay band {band}" for band in terms.eligible.bands),
        ]
        yield f"It is for {either(groups)}."
    if not terms.eligible.members_only:
        yield "Anybody may claim, whoever employs them."
    yield from _bounds(terms)
    if terms.prior_approval:
        yield "Your plan must be approved before you earn the award."
    if terms.evidence_within_days:
        yield f"Claim within {terms.evidence_within_days} days of the award."
    yield from _dates_words(terms)
    yield (
        "An award that another rule here has paid for is not paid for again."
        if terms.exclusive
        else "It may come beside another rule that does not forbid it; the same achievement is never paid twice under it."
    )
    day = "the award's date" if rule.basis == "award_date" else "the day of the claim"
    yield f"Which version of the rule applies, and in which school year it counts, is decided by {day}."


def _dates_words(terms: Terms) -> Iterable[str]:
    for paid in terms.pay_dates:
        yield f"What is claimed by {every(paid.cut_off)} is paid on {every(paid.pays)}."
    for step in terms.ladder:
        more = f", which adds {dollars(step.raise_cents)} a year" if step.raise_cents else ""
        yield f"{credits(step.credit_hundredths)} lead from lane {step.lane} to {step.to}{more}."
    for lane in terms.lane_dates:
        yield f"What is approved by {every(lane.approved_by)} counts from {every(lane.effective_on)} ({lane.share})."
    if terms.acceptance:
        yield f"{terms.acceptance.programme} takes at most {credits(terms.acceptance.maximum_hundredths)}."


def _bounds(terms: Terms) -> Iterable[str]:
    caps, begins = terms.caps, every(terms.year_begins)
    if caps.count is not None:
        yield f"At most {caps.count} for each person in a school year, which begins on {begins}."
    if caps.amount_cents is not None:
        over = (
            "what is over is carried, and paid in a later year only if there are funds"
            if caps.carry_over is CarryOver.IF_FUNDED
            else "what is over lapses"
        )
        yield f"At most {dollars(caps.amount_cents)} for each person in a school year, which begins on {begins}; {over}."
    if caps.credit_hundredths is not None:
        yield f"At most {credits(caps.credit_hundredths)} in a school year, which begins on {begins}."
