"""What the ledger comes to, by person, claim, award or rule."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, or_, select

from credentials.compensation.model.ledger import Account, Purpose
from credentials.compensation.tables import claims, entries, postings
from credentials.db import Session


async def given(
    session: Session, rule_id: str, educator_ids: Iterable[str], year: int, accounts: tuple[Account, ...]
) -> dict[str, int]:
    """What each of these people was granted into these accounts under a rule in a school year, and kept."""
    query = (
        select(postings.c.educator_id, func.sum(entries.c.amount))
        .join(entries, entries.c.posting_id == postings.c.id)
        .join(claims, claims.c.id == postings.c.claim_id)
        .where(
            postings.c.educator_id.in_(set(educator_ids)),
            postings.c.rule_id == rule_id,
            postings.c.year == year,
            postings.c.purpose.in_((Purpose.GRANT, Purpose.RELEASE)),
            entries.c.account.in_(accounts),
            claims.c.counts.is_(True),
        )
        .group_by(postings.c.educator_id)
    )
    return {row[0]: int(row[1]) for row in await session.execute(query)}


async def credits_since(
    session: Session, organisation_id: str, educator_id: str, *, after: int, rule_id: str | None = None
) -> int:
    """Credits of a person, less what was taken back, in postings behind ``after``."""
    query = (
        select(func.coalesce(func.sum(entries.c.amount), 0))
        .join(postings, postings.c.id == entries.c.posting_id)
        .where(
            postings.c.organisation_id == organisation_id,
            postings.c.educator_id == educator_id,
            postings.c.sequence > after,
            entries.c.account == Account.CREDITS,
        )
    )
    if rule_id:
        query = query.where(postings.c.rule_id == rule_id)
    return int((await session.execute(query)).scalar_one())


async def balances(session: Session, claim_ids: Iterable[str]) -> dict[str, dict[Account, int]]:
    """Where the postings of each claim stand, by account (without ``obligation``, which is all of it)."""
    wanted = set(claim_ids)
    query = (
        select(postings.c.claim_id, entries.c.account, func.sum(entries.c.amount))
        .join(entries, entries.c.posting_id == postings.c.id)
        .where(postings.c.claim_id.in_(wanted), entries.c.account != Account.OBLIGATION)
        .group_by(postings.c.claim_id, entries.c.account)
    )
    found: dict[str, dict[Account, int]] = {claim_id: {} for claim_id in wanted}
    for claim_id, account, amount in await session.execute(query):
        found[claim_id][Account(account)] = int(amount)
    return found


async def stipends_due(session: Session, claim_ids: Iterable[str], until: date) -> dict[str, int]:
    """What of each claim's stipends is due by a day and not paid."""
    query = (
        select(postings.c.claim_id, func.sum(entries.c.amount))
        .join(entries, entries.c.posting_id == postings.c.id)
        .where(
            postings.c.claim_id.in_(set(claim_ids)),
            entries.c.account == Account.STIPEND,
            or_(entries.c.due_on.is_(None), entries.c.due_on <= until),
        )
        .group_by(postings.c.claim_id)
    )
    return {row[0]: int(row[1]) for row in await session.execute(query)}


async def raises(session: Session, claim_ids: Iterable[str]) -> dict[str, list[tuple[date, int]]]:
    """The raises of base pay that each claim brought, with their first days."""
    query = (
        select(postings.c.claim_id, entries.c.due_on, entries.c.amount)
        .join(entries, entries.c.posting_id == postings.c.id)
        .where(
            postings.c.claim_id.in_(set(claim_ids)),
            entries.c.account == Account.SALARY_BASE,
            postings.c.purpose == Purpose.GRANT,
            entries.c.due_on.is_not(None),
        )
        .order_by(postings.c.sequence, entries.c.place)
    )
    found: dict[str, list[tuple[date, int]]] = {}
    for claim_id, due_on, amount in await session.execute(query):
        found.setdefault(claim_id, []).append((due_on, amount))
    return found


async def paid_periods(
    session: Session, claim_ids: Iterable[str], period_ids: Iterable[str]
) -> dict[str, frozenset[str]]:
    """For each claim the periods of which something is paid."""
    query = select(postings.c.claim_id, postings.c.period).where(
        postings.c.claim_id.in_(set(claim_ids)),
        postings.c.purpose == Purpose.PAYMENT,
        postings.c.period.in_(set(period_ids)),
    )
    found: dict[str, set[str]] = {}
    for claim_id, period in await session.execute(query):
        found.setdefault(claim_id, set()).add(period)
    return {claim_id: frozenset(paid) for claim_id, paid in found.items()}


async def rounds(session: Session, rule_id: str, award_ids: Iterable[str]) -> dict[str, int]:
    """How often what was granted for each award under a rule was reversed."""
    query = (
        select(postings.c.award_id, func.count())
        .where(
            postings.c.award_id.in_(set(award_ids)),
            postings.c.rule_id == rule_id,
            postings.c.purpose == Purpose.REVERSAL,
        )
        .group_by(postings.c.award_id)
    )
    return {row[0]: int(row[1]) for row in await session.execute(query)}


async def grants_since(session: Session, organisation_id: str, since: datetime) -> dict[str, tuple[int, int, int]]:
    """For each rule: claims granted since a moment, the people, and the cents."""
    money = entries.c.account.in_((Account.STIPEND, Account.SALARY_BASE, Account.CARRIED))
    query = (
        select(
            postings.c.rule_id,
            func.count(postings.c.claim_id.distinct()),
            func.count(postings.c.educator_id.distinct()),
            func.coalesce(func.sum(entries.c.amount).filter(money), 0),
        )
        .join(entries, entries.c.posting_id == postings.c.id, isouter=True)
        .where(
            postings.c.organisation_id == organisation_id,
            postings.c.purpose == Purpose.GRANT,
            postings.c.posted_at >= since,
        )
        .group_by(postings.c.rule_id)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in await session.execute(query)}


async def standing_by_rule(session: Session, organisation_id: str, account: Account) -> dict[str, int]:
    """What stands in an account for each rule, of claims that are outstanding."""
    query = (
        select(postings.c.rule_id, func.sum(entries.c.amount))
        .join(entries, entries.c.posting_id == postings.c.id)
        .join(claims, claims.c.id == postings.c.claim_id)
        .where(
            claims.c.organisation_id == organisation_id,
            claims.c.outstanding.is_(True),
            entries.c.account == account,
        )
        .group_by(postings.c.rule_id)
    )
    return {row[0]: int(row[1]) for row in await session.execute(query)}
