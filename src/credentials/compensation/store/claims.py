"""Claims."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from credentials.compensation.model.claims import Claim, ClaimState
from credentials.compensation.model.failures import ClaimRefused
from credentials.compensation.tables import claims
from credentials.db import Session, change_row, find_all, find_one, insert_once, one_by_id
from credentials.errors import Stale


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


async def count_in(session: Session, organisation_ids: Iterable[str], state: ClaimState) -> int:
    """How many of these recognisers are in a state."""
    query = select(func.count()).where(claims.c.organisation_id.in_(set(organisation_ids)), claims.c.state == state)
    return int((await session.execute(query)).scalar_one())


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
