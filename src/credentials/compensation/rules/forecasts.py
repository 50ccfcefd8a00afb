"""Next year's cost, as an estimate that says what it rests on."""

from collections.abc import Iterable

import msgspec

from credentials.compensation.model.forecasts import Forecast, ForecastLine
from credentials.compensation.model.rules import PayRule, PayRuleVersion
from credentials.compensation.rules.days import year_words
from credentials.compensation.rules.terms import MONEY_KINDS
from credentials.compensation.rules.words import dollars


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a forecast rests on, for one rule: grants of the last twelve months and what they came to, what stands already."""

    rule: PayRule
    version: PayRuleVersion | None
    grants: int
    granted_cents: int
    people: int
    standing_cents: int
    carried_cents: int


def estimate(organisation: str, year: int, members: int, growth_percent: int, known: Iterable[Known]) -> Forecast:
    """Next year's cost: as many claims as in the last twelve months, changed by ``growth_percent``, and what stands already."""
    lines = tuple(_line_of(one, year, members, growth_percent) for one in known)
    return Forecast(
        organisation=organisation,
        year=year,
        expected_cents=sum(line.expected_cents for line in lines),
        lines=lines,
        assumptions=(
            f"{members} educators work here, as today.",
            f"As many claims are approved as in the last twelve months, {growth_percent:+d} percent.",
            "Benefits, taxes and the salary schedule itself are not in it.",
        ),
    )


def _line_of(one: Known, year: int, members: int, growth_percent: int) -> ForecastLine:
    assumptions = [f"{one.grants} claims of {one.people} people were approved in the last twelve months."]
    if one.version is None:
        assumptions.append(f"The rule is not in force in {year_words(year)}: nothing new is expected.")
    grown = one.granted_cents * (100 + growth_percent) // 100 if one.version else 0
    ceiling = None
    caps = one.version.terms.caps if one.version else None
    if one.version and caps and one.rule.kind in MONEY_KINDS:
        most = [caps.amount_cents] if caps.amount_cents is not None else []
        if caps.count is not None:
            largest = max(
                [one.version.terms.amount_cents or 0, *(own.amount_cents for own in one.version.terms.amounts)]
            )
            most.append(caps.count * largest)
        if most:
            ceiling = members * min(most)
            grown = min(grown, ceiling)
            assumptions.append(f"No more than {dollars(ceiling)} can be new: everybody at the cap.")
    if one.standing_cents:
        assumptions.append(f"{dollars(one.standing_cents)} of base pay stands already and is paid again.")
    if one.carried_cents:
        assumptions.append(f"{dollars(one.carried_cents)} is carried: in it, as if all of it found funds.")
    if one.rule.kind not in MONEY_KINDS:
        assumptions.append("Credits cost when somebody changes lanes; only raises that the rule names are in it.")
    return ForecastLine(
        rule=one.rule.title,
        kind=one.rule.kind,
        expected_cents=grown + one.standing_cents + one.carried_cents,
        ceiling_cents=None if ceiling is None else ceiling + one.standing_cents + one.carried_cents,
        assumptions=tuple(assumptions),
    )
