"""Cases."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import select, update

from credentials.compensation.model.cases import Case, CaseState
from credentials.compensation.tables import cases
from credentials.db import Session, find_all, insert_once, one_by_id


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
