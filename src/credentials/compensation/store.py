from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from credentials.compensation.model import (
    Account,
    Case,
    CaseState,
    Claim,
    ClaimRefused,
    ClaimState,
    Entry,
    Export,
    PayPeriod,
    PayRule,
    PayRuleVersion,
    Placement,
    Posting,
    PriorApproval,
    Purpose,
    RequestState,
    VersionState,
)
from credentials.compensation.tables import (
    books,
    cases,
    claims,
    entries,
    exports,
    periods,
    placements,
    postings,
    prior_approvals,
    rules,
    versions,
)
from credentials.db import (
    Session,
    all_by_id,
    change_row,
    find_all,
    find_by,
    find_one,
    insert_all,
    insert_once,
    insert_one,
    one_by_id,
    revise,
    to_struct,
)
from credentials.errors import Stale
from credentials.people.model import SlugTaken

# Rules


async def add_rule(session: Session, rule: PayRule) -> None:
    if not await insert_once(session, rules, rule):
        raise SlugTaken(f"the short name {rule.slug} is in use here: choose another")


async def rule(session: Session, rule_id: str) -> PayRule:
    return await one_by_id(session, PayRule, rules, rule_id, "there is no such pay rule")


async def rules_of(session: Session, organisation_ids: Iterable[str]) -> list[PayRule]:
    """All rules of these recognisers, in the order of their short names: a recogniser has a handful."""
    query = select(rules).where(rules.c.organisation_id.in_(set(organisation_ids)))
    return await find_all(session, PayRule, query.order_by(rules.c.slug, rules.c.id))


async def rules_by_id(session: Session, ids: Iterable[str]) -> dict[str, PayRule]:
    return await all_by_id(session, PayRule, rules, ids)


async def add_version(session: Session, version: PayRuleVersion) -> None:
    await insert_one(session, versions, version)


async def version(session: Session, version_id: str, *, lock: bool = False) -> PayRuleVersion:
    return await one_by_id(
        session, PayRuleVersion, versions, version_id, "there is no such version of a pay rule", lock=lock
    )


async def versions_of(session: Session, rule_ids: Iterable[str]) -> dict[str, list[PayRuleVersion]]:
    wanted = set(rule_ids)
    found: dict[str, list[PayRuleVersion]] = {rule_id: [] for rule_id in wanted}
    query = select(versions).where(versions.c.rule_id.in_(wanted)).order_by(versions.c.number)
    for row in await session.execute(query):
        found[row.rule_id].append(to_struct(row, PayRuleVersion))
    return found


async def versions_by_id(session: Session, ids: Iterable[str]) -> dict[str, PayRuleVersion]:
    return await all_by_id(session, PayRuleVersion, versions, ids)


async def change_version(session: Session, found: PayRuleVersion, **values: Any) -> PayRuleVersion:
    return await revise(session, versions, found, "this version", **values)


async def approved_rules(session: Session, *, limit: int) -> list[PayRule]:
    """Rules of all recognisers that have a version which was approved."""
    approved = select(versions.c.rule_id).where(versions.c.state == VersionState.APPROVED)
    query = select(rules).where(rules.c.id.in_(approved)).order_by(rules.c.organisation_id, rules.c.slug)
    return await find_all(session, PayRule, query.limit(limit))


# Placements


async def add_placement(session: Session, placement: Placement) -> None:
    await insert_one(session, placements, placement)


async def placement_of(session: Session, organisation_id: str, educator_id: str) -> Placement | None:
    """The newest; of two in one moment the one that was recorded later."""
    query = (
        select(placements)
        .where(placements.c.organisation_id == organisation_id, placements.c.educator_id == educator_id)
        .order_by(placements.c.recorded_at.desc(), placements.c.sequence.desc(), placements.c.id.desc())
        .limit(1)
    )
    return await find_one(session, Placement, query)


async def placements_of(session: Session, organisation_id: str, educator_ids: Iterable[str]) -> dict[str, Placement]:
    """The newest of each of these people."""
    query = (
        select(placements)
        .where(placements.c.organisation_id == organisation_id, placements.c.educator_id.in_(set(educator_ids)))
        .order_by(placements.c.recorded_at, placements.c.sequence, placements.c.id)
    )
    return await find_by(session, Placement, placements.c.educator_id, query)


# Prior approval


async def add_prior_approval(session: Session, request: PriorApproval) -> None:
    await insert_one(session, prior_approvals, request)


async def prior_approval(session: Session, request_id: str, *, lock: bool = False) -> PriorApproval:
    return await one_by_id(session, PriorApproval, prior_approvals, request_id, "there is no such request", lock=lock)


async def prior_approvals_of(
    session: Session, educator_id: str, rule_ids: Iterable[str], achievement_ids: Iterable[str] | None = None
) -> list[PriorApproval]:
    query = select(prior_approvals).where(
        prior_approvals.c.educator_id == educator_id, prior_approvals.c.rule_id.in_(set(rule_ids))
    )
    if achievement_ids is not None:
        query = query.where(prior_approvals.c.achievement_id.in_(set(achievement_ids)))
    return await find_all(session, PriorApproval, query.order_by(prior_approvals.c.id))


async def prior_approvals_in(
    session: Session, organisation_id: str, state: RequestState, *, after: str = "", limit: int = 50
) -> list[PriorApproval]:
    query = select(prior_approvals).where(
        prior_approvals.c.organisation_id == organisation_id,
        prior_approvals.c.state == state,
        prior_approvals.c.id > after,
    )
    return await find_all(session, PriorApproval, query.order_by(prior_approvals.c.id).limit(limit))


async def my_prior_approvals(
    session: Session, educator_id: str, *, after: str = "", limit: int = 50
) -> list[PriorApproval]:
    query = select(prior_approvals).where(prior_approvals.c.educator_id == educator_id, prior_approvals.c.id > after)
    return await find_all(session, PriorApproval, query.order_by(prior_approvals.c.id).limit(limit))


async def change_prior_approval(session: Session, found: PriorApproval, **values: Any) -> PriorApproval:
    await session.execute(update(prior_approvals).where(prior_approvals.c.id == found.id).values(**values))
    return msgspec.structs.replace(found, **values)


# Claims


async def add_claim(session: Session, claim: Claim) -> bool:
    """Whether it was added: one on the same award under the same rule may be open or granted already."""
    return await insert_once(session, claims, claim)


async def claim(session: Session, claim_id: str, *, lock: bool = False) -> Claim:
    return await one_by_id(session, Claim, claims, claim_id, "there is no such claim", lock=lock)


async def open_claim(session: Session, rule_id: str, award_id: str) -> Claim | None:
    live = (ClaimState.SUBMITTED, ClaimState.APPROVED)
    query = select(claims).where(claims.c.rule_id == rule_id, claims.c.award_id == award_id, claims.c.state.in_(live))
    return await find_one(session, Claim, query)


async def claims_of(session: Session, educator_id: str, *, before: str = "", limit: int = 50) -> list[Claim]:
    """Somebody's own, newest first."""
    query = select(claims).where(claims.c.educator_id == educator_id)
    if before:
        query = query.where(claims.c.id < before)
    return await find_all(session, Claim, query.order_by(claims.c.id.desc()).limit(limit))


async def claims_in(
    session: Session, organisation_id: str, state: ClaimState, *, after: str = "", limit: int = 50
) -> list[Claim]:
    """Those of a recogniser in a state, longest waiting first."""
    query = select(claims).where(
        claims.c.organisation_id == organisation_id, claims.c.state == state, claims.c.id > after
    )
    return await find_all(session, Claim, query.order_by(claims.c.id).limit(limit))


async def counting(session: Session, organisation_id: str, educator_id: str) -> list[Claim]:
    """What a person was given by a recogniser, and kept."""
    query = select(claims).where(
        claims.c.educator_id == educator_id, claims.c.organisation_id == organisation_id, claims.c.counts.is_(True)
    )
    return await find_all(session, Claim, query.order_by(claims.c.id))


async def granted_on(session: Session, award_id: str) -> list[Claim]:
    """Claims on an award that were granted and not ended."""
    query = select(claims).where(claims.c.award_id == award_id, claims.c.state == ClaimState.APPROVED)
    return await find_all(session, Claim, query.order_by(claims.c.id))


async def recognisers_of(session: Session, award_id: str) -> set[str]:
    """Whom an award was claimed from."""
    query = select(claims.c.organisation_id).where(claims.c.award_id == award_id).distinct()
    return set((await session.execute(query)).scalars())


async def outstanding(session: Session, organisation_id: str) -> list[Claim]:
    query = select(claims).where(claims.c.organisation_id == organisation_id, claims.c.outstanding.is_(True))
    return await find_all(session, Claim, query.order_by(claims.c.id))


async def change_claim(session: Session, found: Claim, **values: Any) -> Claim:
    try:
        changed = await change_row(session, claims, found.id, found.revision, values)
    except IntegrityError as error:
        raise ClaimRefused("another claim on this award is open or granted under this rule") from error
    if not changed:
        raise Stale("this claim was changed meanwhile: read it again")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)


async def settle(session: Session, claim_ids: Iterable[str]) -> None:
    """These have nothing left to pay."""
    query = update(claims).where(claims.c.id.in_(set(claim_ids))).values(outstanding=False)
    await session.execute(query)


# The ledger


async def hold_book(session: Session, organisation_id: str) -> int:
    """Hold a recogniser's ledger until the transaction ends; answers the sequence of its last posting."""
    await insert_once(session, books, {"organisation_id": organisation_id, "sequence": 0})
    query = select(books.c.sequence).where(books.c.organisation_id == organisation_id).with_for_update()
    return int((await session.execute(query)).scalar_one())


async def post(session: Session, posted: Sequence[Posting]) -> None:
    """Write postings, of which the last has the book's new sequence. One that is there already breaks the transaction."""
    if not posted:
        return
    heads = [msgspec.structs.asdict(posting) for posting in posted]
    for head in heads:
        del head["entries"]
    await session.execute(insert(postings), heads)
    rows = [
        {"posting_id": posting.id, "place": place, **msgspec.structs.asdict(entry)}
        for posting in posted
        for place, entry in enumerate(posting.entries)
    ]
    if rows:
        await session.execute(insert(entries), rows)
    last = posted[-1]
    where = books.c.organisation_id == last.organisation_id
    await session.execute(update(books).where(where).values(sequence=last.sequence))


async def postings_of(
    session: Session, organisation_id: str, educator_id: str | None, *, after: int = 0, limit: int = 50
) -> list[Posting]:
    """In the order of the ledger; of one person, or of all."""
    query = select(postings).where(postings.c.organisation_id == organisation_id, postings.c.sequence > after)
    if educator_id:
        query = query.where(postings.c.educator_id == educator_id)
    return await _postings(session, query.order_by(postings.c.sequence).limit(limit))


async def postings_of_claims(session: Session, claim_ids: Iterable[str]) -> list[Posting]:
    query = select(postings).where(postings.c.claim_id.in_(set(claim_ids)))
    return await _postings(session, query.order_by(postings.c.organisation_id, postings.c.sequence))


async def _postings(session: Session, query: Select[Any]) -> list[Posting]:
    rows = (await session.execute(query)).all()
    lines: dict[str, list[Entry]] = {row.id: [] for row in rows}
    found = select(entries).where(entries.c.posting_id.in_(lines)).order_by(entries.c.place)
    for row in await session.execute(found):
        lines[row.posting_id].append(
            Entry(
                account=Account(row.account),
                unit=row.unit,
                amount=row.amount,
                due_on=row.due_on,
                reason=row.reason,
                text=row.text,
            )
        )
    return [to_struct(row, Posting, entries=tuple(lines[row.id])) for row in rows]


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


# Cases


async def add_case(session: Session, case: Case) -> bool:
    return await insert_once(session, cases, case)


async def case(session: Session, case_id: str, *, lock: bool = False) -> Case:
    return await one_by_id(session, Case, cases, case_id, "there is no such case", lock=lock)


async def cases_in(
    session: Session, organisation_id: str, state: CaseState, *, after: str = "", limit: int = 50
) -> list[Case]:
    query = select(cases).where(cases.c.organisation_id == organisation_id, cases.c.state == state, cases.c.id > after)
    return await find_all(session, Case, query.order_by(cases.c.id).limit(limit))


async def open_cases_on(session: Session, award_id: str) -> list[Case]:
    query = select(cases).where(cases.c.award_id == award_id, cases.c.state == CaseState.OPEN)
    return await find_all(session, Case, query.order_by(cases.c.id))


async def open_cases_of(session: Session, claim_id: str) -> list[Case]:
    query = select(cases).where(cases.c.claim_id == claim_id, cases.c.state == CaseState.OPEN)
    return await find_all(session, Case, query.order_by(cases.c.id))


async def with_open_case(session: Session, claim_ids: Iterable[str]) -> set[str]:
    query = select(cases.c.claim_id).where(cases.c.claim_id.in_(set(claim_ids)), cases.c.state == CaseState.OPEN)
    return set((await session.execute(query)).scalars())


async def close_case(session: Session, found: Case, **values: Any) -> Case:
    values = {**values, "state": CaseState.CLOSED}
    await session.execute(update(cases).where(cases.c.id == found.id).values(**values))
    return msgspec.structs.replace(found, **values)


# Periods and exports


async def add_periods(session: Session, added: Sequence[PayPeriod]) -> bool:
    """Whether they were added: the year may have its calendar already."""
    first = added[0]
    if await calendar(session, first.organisation_id, first.year):
        return False
    await insert_all(session, periods, added)
    return True


async def period(session: Session, period_id: str) -> PayPeriod:
    return await one_by_id(session, PayPeriod, periods, period_id, "there is no such pay period")


async def calendar(session: Session, organisation_id: str, year: int) -> list[PayPeriod]:
    query = select(periods).where(periods.c.organisation_id == organisation_id, periods.c.year == year)
    return await find_all(session, PayPeriod, query.order_by(periods.c.number))


async def periods_of(session: Session, organisation_id: str, *, limit: int = 200) -> list[PayPeriod]:
    """Newest year first, each in its order."""
    query = select(periods).where(periods.c.organisation_id == organisation_id)
    return await find_all(session, PayPeriod, query.order_by(periods.c.year.desc(), periods.c.number).limit(limit))


async def add_export(session: Session, export: Export) -> None:
    await insert_one(session, exports, export)
    query = update(periods).where(periods.c.id == export.period_id).values(exported_at=export.exported_at)
    await session.execute(query)


async def export_of(session: Session, period_id: str) -> Export | None:
    return await find_one(session, Export, select(exports).where(exports.c.period_id == period_id))


# What fsck looks at


async def unbalanced(session: Session) -> list[str]:
    """Postings whose entries do not come to nothing."""
    query = select(entries.c.posting_id).group_by(entries.c.posting_id, entries.c.unit)
    rows = await session.execute(query.having(func.sum(entries.c.amount) != 0))
    return sorted(set(rows.scalars()))


async def books_with_gaps(session: Session) -> list[str]:
    """Recognisers whose ledger does not have as many postings as its last one says."""
    query = (
        select(books.c.organisation_id)
        .join(postings, postings.c.organisation_id == books.c.organisation_id, isouter=True)
        .group_by(books.c.organisation_id, books.c.sequence)
        .having(func.count(postings.c.id) != books.c.sequence)
    )
    return sorted((await session.execute(query)).scalars())


async def all_exports(session: Session) -> list[Export]:
    return await find_all(session, Export, select(exports).order_by(exports.c.period_id))
