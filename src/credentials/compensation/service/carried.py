"""Amounts carried from earlier years, once there are funds."""

from credentials.compensation import store
from credentials.compensation.model.claims import ClaimState
from credentials.compensation.model.ledger import Account, Posting, Purpose
from credentials.compensation.model.reasons import Code
from credentials.compensation.rules.carried import Waiting, release
from credentials.compensation.rules.days import local_day, school_year, year_words
from credentials.compensation.rules.ledger import transfer
from credentials.compensation.rules.versions import version_on
from credentials.compensation.service.office import DECIDERS, because, record, taking_part
from credentials.compensation.service.postings import posting
from credentials.db import Session
from credentials.errors import Conflict
from credentials.people.model import Act
from credentials.people.rules import require


async def release_carried(session: Session, act: Act, rule_id: str, *, funds_cents: int, reason: str) -> list[Posting]:
    """There are funds in this school year: pay amounts carried from earlier ones, oldest first, up to this year's cap each."""
    rule = await store.rules.rule(session, rule_id)
    where = await taking_part(session, act.actor, rule.organisation_id, "there is no such pay rule")
    require(act.actor, where.lineage, *DECIDERS)
    why = because(reason)
    sequence = await store.ledger.hold_book(session, rule.organisation_id)
    today = local_day(rule, act.now)
    version = version_on((await store.rules.versions_of(session, [rule_id]))[rule_id], today)
    if version is None:
        raise Conflict("the rule is not in force today: nothing says what this year's cap is")
    year = school_year(version.terms, today)
    claims = {
        claim.id: claim
        for claim in await store.claims.outstanding(session, rule.organisation_id)
        if claim.rule_id == rule_id and claim.state is ClaimState.APPROVED and claim.year < year
    }
    held = await store.cases.with_open_case(session, claims)
    stands = await store.sums.balances(session, claims)
    waiting = [
        Waiting(claim_id=claim.id, educator_id=claim.educator_id, cents=stands[claim.id][Account.CARRIED])
        for claim in sorted(claims.values(), key=lambda claim: (claim.year, claim.decided_at or act.now, claim.id))
        if claim.id not in held
        and claim.educator_id != act.actor.person_id
        and stands[claim.id].get(Account.CARRIED, 0) > 0
    ]
    used = await store.sums.given(session, rule_id, {one.educator_id for one in waiting}, year, (Account.STIPEND,))
    released = release(waiting, funds_cents, version.terms.caps.amount_cents, used)
    rounds = await store.sums.rounds(session, rule_id, {claims[one.claim_id].award_id for one, _ in released})
    text = f"Carried from an earlier year, and paid from funds of {year_words(year)}."
    made = [
        posting(
            act,
            claims[one.claim_id],
            sequence + number,
            Purpose.RELEASE,
            period=f"{year}:{sequence}",
            year=year,
            round_=rounds.get(claims[one.claim_id].award_id, 0),
            reason=why,
            entries=transfer(Account.CARRIED, Account.STIPEND, amount, Code.GRANTED, text, today),
        )
        for number, (one, amount) in enumerate(released, start=1)
    ]
    await store.ledger.post(session, made)
    await record(
        session,
        act,
        "pay.released",
        f"pay-rule:{rule_id}",
        rule.organisation_id,
        reason=why,
        cents=str(sum(amount for _, amount in released)),
        claims=str(len(released)),
    )
    return made
