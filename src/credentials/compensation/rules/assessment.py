"""What a rule gives for a claim, from values alone: version, facts, history -> lines with reasons."""

from credentials.compensation.model.assessment import Assessment
from credentials.compensation.model.reasons import Code, Reason
from credentials.compensation.model.rules import PayRule, PayRuleVersion
from credentials.compensation.rules.days import school_year, year_words
from credentials.compensation.rules.eligibility import barred
from credentials.compensation.rules.facts import Facts, History
from credentials.compensation.rules.lanes import give_credits
from credentials.compensation.rules.money import give_money
from credentials.compensation.rules.terms import MONEY_KINDS
from credentials.compensation.rules.versions import basis_date
from credentials.compensation.rules.words import day_words


def assess(rule: PayRule, version: PayRuleVersion | None, facts: Facts, history: History) -> Assessment:
    """What one claim is worth. Everything that bars it is named; what is only over a cap is granted in part."""
    basis = basis_date(rule, facts.awarded_on, facts.claimed_on)
    if version is None:
        named = "the award is dated" if rule.basis == "award_date" else "the claim was made"
        text = f"“{rule.title}” was not in force on {day_words(basis)}, when {named}."
        return Assessment(payable=False, year=basis.year, reasons=(Reason(code=Code.RULE_NOT_IN_FORCE, text=text),))
    terms = version.terms
    year = school_year(terms, basis)
    reasons = [*barred(rule, terms, facts, history)]
    if terms.caps.count is not None and history.count >= terms.caps.count:
        text = (
            f"The rule pays for {terms.caps.count} awards in a school year, and {year_words(year)} has {history.count}."
        )
        reasons.append(Reason(code=Code.CAP_EXCEEDED, text=text))
    if reasons:
        return Assessment(payable=False, year=year, reasons=tuple(reasons))
    if rule.kind in MONEY_KINDS:
        return give_money(rule, terms, facts, history, year)
    return give_credits(terms, facts, history, year)
