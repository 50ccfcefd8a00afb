"""What a rule that gives credits gives for a claim, under its cap, and the lanes that they lead along."""

from collections.abc import Iterable

from credentials.compensation.model.assessment import Assessment, LaneMove
from credentials.compensation.model.ledger import Account, Entry
from credentials.compensation.model.reasons import Code, Reason
from credentials.compensation.model.terms import Conversion, RoundingMode, Terms
from credentials.compensation.rules.facts import Facts, History
from credentials.compensation.rules.ledger import pair
from credentials.compensation.rules.schedule import lane_date
from credentials.compensation.rules.words import credits, day_words, dollars  # noqa: A004 - it is what the field calls them


def to_credits(conversion: Conversion, hours: int) -> int:
    """Hours as hundredths of a credit: 30 hours at 15 to the credit are 200."""
    part = conversion.to_hundredths
    numerator, denominator = hours * 100, conversion.hours_per_credit * part
    match conversion.rounding:
        case RoundingMode.DOWN:
            parts = numerator // denominator
        case RoundingMode.UP:
            parts = -(-numerator // denominator)
        case _:
            parts = (2 * numerator + denominator) // (2 * denominator)
    return parts * part


def give_credits(terms: Terms, facts: Facts, history: History, year: int) -> Assessment:
    worth = _credit_worth(terms, history)
    cap = terms.caps.credit_hundredths
    rest = worth if cap is None else max(0, min(worth, cap - history.hundredths))
    limit = terms.acceptance.maximum_hundredths if terms.acceptance else None
    accepted = rest if limit is None else max(0, min(rest, limit - history.accepted))
    entries: list[Entry] = []
    reasons = []
    if accepted:
        text = f"{credits(accepted)} counted."
        entries += pair(Account.CREDITS, accepted, Code.GRANTED, text)
        reasons.append(Reason(code=Code.GRANTED, text=text))
    if rest - accepted and terms.acceptance:
        text = (
            f"{credits(rest - accepted)} recorded and not accepted: {terms.acceptance.programme} takes at most "
            f"{credits(terms.acceptance.maximum_hundredths)}."
        )
        entries += pair(Account.CREDITS_OVER, rest - accepted, Code.CAP_EXCEEDED, text)
        reasons.append(Reason(code=Code.CAP_EXCEEDED, text=text))
    if worth - rest:
        text = f"{credits(worth - rest)} over the cap of {credits(cap or 0)} a school year: not counted."
        reasons.append(Reason(code=Code.CAP_EXCEEDED, text=text))
    moves = tuple(_moves(terms, facts, history.towards + accepted))
    for move in moves:
        text = f"From lane {move.lane} to {move.to}, effective {day_words(move.effective_on)}"
        reasons.append(Reason(code=Code.GRANTED, text=f"{text} ({move.share})." if move.share else f"{text}."))
        gained = next(step.raise_cents for step in terms.ladder if step.lane == move.lane)
        if gained:
            words = f"{dollars(gained)} more base pay a year for lane {move.to}."
            entries += pair(Account.SALARY_BASE, gained, Code.GRANTED, words, move.effective_on)
    if terms.ladder and (facts.placement is None or not facts.placement.lane):
        text = "The office has recorded no lane for you: credits count, and nothing moves until it does."
        reasons.append(Reason(code=Code.FACT_MISSING, text=text))
    # Hours that make no whole part of a credit yet are granted all the same: the next award brings them over.
    waits = terms.conversion is not None and worth == 0
    if waits and not entries:
        text = f"{terms.conversion.hours if terms.conversion else 0} hours counted; they become a credit with the next ones."
        reasons.append(Reason(code=Code.GRANTED, text=text))
    return Assessment(
        payable=bool(entries) or waits,
        year=year,
        hours=terms.conversion.hours if terms.conversion else 0,
        entries=tuple(entries),
        reasons=tuple(reasons),
        moves=moves,
    )


def _credit_worth(terms: Terms, history: History) -> int:
    if terms.conversion is None:
        return terms.point_hundredths or 0
    before, after = history.hours, history.hours + terms.conversion.hours
    return to_credits(terms.conversion, after) - to_credits(terms.conversion, before)


def _moves(terms: Terms, facts: Facts, ledger_credits: int) -> Iterable[LaneMove]:
    if facts.placement is None:
        return
    lane, have = facts.placement.lane, facts.placement.credit_hundredths + ledger_credits
    effective_on, share = lane_date(terms, facts.today)
    for step in terms.ladder:
        if step.lane == lane and have >= step.credit_hundredths:
            have -= step.credit_hundredths
            yield LaneMove(lane=lane, to=step.to, effective_on=effective_on, share=share, credit_hundredths=have)
            lane = step.to
