"""A period's payments: what is due, what is left out and why."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from credentials.compensation.model.claims import Claim
from credentials.compensation.model.runs import LeftOut, PayLine, PayLineKind, PayPeriod, PayRun
from credentials.compensation.rules.calendar import share_of_year


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What stands open for one claim when a period is paid. ``stipend``: due in it. ``raises``: base pay a year with the day
    from which it is raised. ``decided``: the moment of the decision, ``paid``: periods whose share is paid already."""

    claim: Claim
    rule_slug: str
    rule_version: int
    name: str
    employee_number: str
    stipend: int = 0
    raises: tuple[tuple[date, int], ...] = ()
    paid: frozenset[str] = frozenset()
    has_open_case: bool = False
    is_member: bool = True


def pay_run(organisation: str, period: PayPeriod, calendar: Sequence[PayPeriod], owed: Iterable[Owed]) -> PayRun:
    """A period's payments, in an order that does not depend on anything but what is paid.

    A stipend is paid when it is due. Base pay is paid by shares of the year, each once: this period's, and those of periods
    that were exported before the decision that reaches back to them.
    """
    lines: list[PayLine] = []
    left_out: list[LeftOut] = []
    for one in owed:
        found = [*_lines_of(period, calendar, one)]
        if not found:
            continue
        stipends = [line for line in found if line.kind is PayLineKind.STIPEND]
        base = [line for line in found if line.kind is PayLineKind.BASE]
        if one.has_open_case and stipends:
            left_out.append(_left_out(one, stipends, "its award was withdrawn, and an officer has not decided yet"))
            stipends = []
        if not one.is_member and base:
            left_out.append(_left_out(one, base, "does not work here any more"))
            base = []
        lines += stipends + base
    lines.sort(key=lambda line: (line.educator_id, line.rule, line.award_id, line.kind, line.for_period))
    return PayRun(
        organisation=organisation,
        period=period.label,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        pays_on=period.pays_on,
        lines=tuple(lines),
        left_out=tuple(sorted(left_out, key=lambda one: (one.educator_id, one.claim_id, one.reason))),
        total_cents=sum(line.amount_cents for line in lines),
    )


def _lines_of(period: PayPeriod, calendar: Sequence[PayPeriod], one: Owed) -> Iterable[PayLine]:
    if one.stipend > 0:
        yield _line(one, PayLineKind.STIPEND, period.label, one.stipend)
    for share in calendar:
        is_this = share.id == period.id
        decided_at = one.claim.decided_at
        is_missed = (
            share.number < period.number
            and share.exported_at is not None
            and decided_at is not None
            and share.exported_at <= decided_at
        )
        if not (is_this or is_missed) or share.id in one.paid:
            continue
        amount = sum(
            share_of_year(annual, share.number, share.of)
            for effective_on, annual in one.raises
            if effective_on <= share.starts_on
        )
        if amount > 0:
            yield _line(one, PayLineKind.BASE, share.label, amount)


def _line(one: Owed, kind: PayLineKind, for_period: str, amount: int) -> PayLine:
    return PayLine(
        educator_id=one.claim.educator_id,
        employee_number=one.employee_number,
        name=one.name,
        rule=one.rule_slug,
        rule_version=one.rule_version,
        kind=kind,
        title=one.claim.title,
        award_id=one.claim.award_id,
        claim_id=one.claim.id,
        for_period=for_period,
        amount_cents=amount,
    )


def _left_out(one: Owed, lines: Sequence[PayLine], why: str) -> LeftOut:
    return LeftOut(
        educator_id=one.claim.educator_id,
        name=one.name,
        title=one.claim.title,
        claim_id=one.claim.id,
        amount_cents=sum(line.amount_cents for line in lines),
        reason=why,
    )
