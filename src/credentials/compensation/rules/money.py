"""What a rule that pays money gives for a claim, under its cap."""

from credentials.compensation.model.assessment import Assessment
from credentials.compensation.model.ledger import Account, Entry
from credentials.compensation.model.reasons import Code, Reason
from credentials.compensation.model.rules import PayKind, PayRule
from credentials.compensation.model.terms import CarryOver, Terms
from credentials.compensation.rules.facts import Facts, History
from credentials.compensation.rules.ledger import pair
from credentials.compensation.rules.schedule import lane_date, pay_date
from credentials.compensation.rules.words import day_words, dollars


def worth_cents(terms: Terms, achievement_id: str) -> int:
    """What an award pays before any cap. A rule that lists amounts only pays nothing for what it does not list."""
    own = {one.achievement: one.amount_cents for one in terms.amounts}
    return own.get(achievement_id, terms.amount_cents or 0)


def give_money(rule: PayRule, terms: Terms, facts: Facts, history: History, year: int) -> Assessment:
    worth = worth_cents(terms, facts.achievement_id)
    cap = terms.caps.amount_cents
    now = worth if cap is None else max(0, min(worth, cap - history.cents))
    over = worth - now
    carries = terms.caps.carry_over is CarryOver.IF_FUNDED
    entries: list[Entry] = []
    reasons = []
    if now:
        if rule.kind is PayKind.STIPEND:
            account, due = Account.STIPEND, pay_date(terms.pay_dates, facts.claimed_on, facts.today)
            text = f"{dollars(now)}, paid once, due {day_words(due)}."
        else:
            account, (due, _) = Account.SALARY_BASE, lane_date(terms, facts.today)
            text = f"{dollars(now)} more base pay a year, from {day_words(due)} on."
        entries += pair(account, now, Code.GRANTED, text, due)
        reasons.append(Reason(code=Code.GRANTED, text=text))
    if over:
        text = f"{dollars(over)} is over the cap of {dollars(cap or 0)} a school year"
        if carries:
            text += ": carried, and paid in a later year only if there are funds."
            entries += pair(Account.CARRIED, over, Code.CAP_EXCEEDED, text)
        else:
            text += " and lapses."
        reasons.append(Reason(code=Code.CAP_EXCEEDED, text=text))
    return Assessment(payable=bool(entries), year=year, entries=tuple(entries), reasons=tuple(reasons))
