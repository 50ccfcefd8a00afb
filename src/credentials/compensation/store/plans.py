"""Requests for prior approval."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import select, update

from credentials.compensation.model.plans import PriorApproval, RequestState
from credentials.compensation.tables import prior_approvals
from credentials.db import Session, find_all, insert_one, one_by_id


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
