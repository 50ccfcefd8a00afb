"""Pay runs: a clerk exports a period, and what is due is paid, once."""

import hashlib
from datetime import datetime

import msgspec

from credentials.compensation import store
from credentials.compensation.model.ledger import Account, Entry, Purpose
from credentials.compensation.model.reasons import Code
from credentials.compensation.model.runs import Export, PayLine, PayLineKind, PayPeriod, PayRun
from credentials.compensation.rules.exports import run_csv, run_json
from credentials.compensation.rules.ledger import pair, transfer
from credentials.compensation.rules.runs import Owed, pay_run
from credentials.compensation.rules.words import day_words
from credentials.compensation.service.office import CLERKS, READERS, record
from credentials.compensation.service.periods import period_for
from credentials.compensation.service.postings import MONEY, posting
from credentials.db import Session
from credentials.errors import Conflict
from credentials.people import service as people
from credentials.people.model import Act, Organisation, Role


async def run_of(session: Session, act: Act, period_id: str) -> tuple[PayPeriod, PayRun, Export | None]:
    """A period's payments: as exported, or as an export now would have them."""
    period, where = await period_for(session, act, period_id, *READERS)
    export = await store.periods.export_of(session, period_id)
    if export:
        return period, msgspec.json.decode(export.json, type=PayRun), export
    return period, await _run(session, act.now, period, where), None


async def _run(session: Session, now: datetime, period: PayPeriod, where: Organisation) -> PayRun:
    claims = await store.claims.outstanding(session, where.id)
    ids = [claim.id for claim in claims]
    calendar = await store.periods.calendar(session, where.id, period.year)
    known = await store.rules.rules_of(session, [where.id])
    slugs = {rule.id: rule.slug for rule in known}
    numbers = {
        version.id: version.number
        for versions in (await store.rules.versions_of(session, slugs)).values()
        for version in versions
    }
    educators = {claim.educator_id for claim in claims}
    names = await people.persons_by_id(session, educators)
    placed = await store.placements.placements_of(session, where.id, educators)
    due = await store.sums.stipends_due(session, ids, period.ends_on)
    raises = await store.sums.raises(session, ids)
    paid = await store.sums.paid_periods(session, ids, [one.id for one in calendar])
    held = await store.cases.with_open_case(session, ids)
    # Who worked here at the end of the period; before it is over, who works here now.
    end = datetime.combine(period.ends_on, datetime.max.time(), tzinfo=now.tzinfo)
    reach = await people.below(session, (where.id,))
    members = await people.holders_within(session, reach, Role.EDUCATOR, min(now, end), among=educators)
    return pay_run(
        where.name,
        period,
        calendar,
        [
            Owed(
                claim=claim,
                rule_slug=slugs[claim.rule_id],
                rule_version=numbers[claim.version_id or ""],
                name=names[claim.educator_id].name,
                employee_number=placed[claim.educator_id].employee_number if claim.educator_id in placed else "",
                stipend=due.get(claim.id, 0),
                raises=tuple(raises.get(claim.id, ())),
                paid=paid.get(claim.id, frozenset()),
                has_open_case=claim.id in held,
                is_member=claim.educator_id in members,
            )
            for claim in claims
        ],
    )


async def export_run(session: Session, act: Act, period_id: str) -> Export:
    """Pay a period: what is due is posted as paid, and the files are kept. Doing it again answers the same files."""
    period, where = await period_for(session, act, period_id, *CLERKS)
    sequence = await store.ledger.hold_book(session, where.id)
    there = await store.periods.export_of(session, period_id)
    if there:
        return there
    if act.now.date() < period.starts_on:
        raise Conflict(f"this period begins on {day_words(period.starts_on)}: it is not paid before")
    run = await _run(session, act.now, period, where)
    await _post_payments(session, act, period, run, sequence)
    csv, json = run_csv(run), run_json(run)
    made = Export(
        period_id=period.id,
        organisation_id=where.id,
        csv=csv,
        csv_digest=hashlib.sha256(csv).hexdigest(),
        json=json,
        json_digest=hashlib.sha256(json).hexdigest(),
        total_cents=run.total_cents,
        line_count=len(run.lines),
        exported_at=act.now,
        exported_by=act.actor.person_id,
    )
    await store.periods.add_export(session, made)
    await record(
        session,
        act,
        "pay.exported",
        f"pay-period:{period.id}",
        where.id,
        cents=str(run.total_cents),
        lines=str(len(run.lines)),
        csv=made.csv_digest,
        json=made.json_digest,
    )
    return made


async def _post_payments(session: Session, act: Act, period: PayPeriod, run: PayRun, sequence: int) -> None:
    claims = {claim.id: claim for claim in await store.claims.outstanding(session, period.organisation_id)}
    by_label = {one.label: one for one in await store.periods.calendar(session, period.organisation_id, period.year)}
    rounds: dict[str, dict[str, int]] = {}
    for rule_id in {claims[line.claim_id].rule_id for line in run.lines}:
        mine = {line.award_id for line in run.lines if claims[line.claim_id].rule_id == rule_id}
        rounds[rule_id] = await store.sums.rounds(session, rule_id, mine)
    made = [
        posting(
            act,
            claims[line.claim_id],
            sequence + number,
            Purpose.PAYMENT,
            period=by_label[line.for_period].id,
            year=period.year,
            round_=rounds[claims[line.claim_id].rule_id].get(line.award_id, 0),
            reason=f"pay run {run.period}",
            entries=_payment(line),
        )
        for number, line in enumerate(run.lines, start=1)
    ]
    await store.ledger.post(session, made)
    stands = await store.sums.balances(session, {line.claim_id for line in run.lines})
    settled = [claim_id for claim_id, balance in stands.items() if not any(balance.get(account) for account in MONEY)]
    await store.claims.settle(session, settled)


def _payment(line: PayLine) -> tuple[Entry, ...]:
    """A stipend was owed already; a share of base pay comes to be owed by the period's passing."""
    if line.kind is PayLineKind.STIPEND:
        return transfer(Account.STIPEND, Account.PAID, line.amount_cents, Code.GRANTED, "Paid.")
    return pair(Account.PAID, line.amount_cents, Code.GRANTED, f"Share of base pay for {line.for_period}.")
