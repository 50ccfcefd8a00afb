"""Who must not score whose work, and who saw whose it is."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import bindparam, or_, select, update

from credentials.db import Session, find_all, insert_once, insert_one, one_by_id
from credentials.review.model import DeclaredConflict, ReviewStage
from credentials.review.rules import LIVE, RECIPROCAL_FOR
from credentials.review.tables import conflicts, reviews, unblindings

_SCORED = (
    select(reviews.c.id)
    .where(
        reviews.c.assessor_id == bindparam("assessor"),
        reviews.c.educator_id == bindparam("educator"),
        reviews.c.micro_credential_id == bindparam("micro_credential"),
        or_(reviews.c.stage.in_(LIVE), reviews.c.stage == ReviewStage.VOID),
    )
    .limit(1)
)
_SCORED_LATELY = (
    select(reviews.c.id)
    .where(
        reviews.c.assessor_id == bindparam("assessor"),
        reviews.c.educator_id == bindparam("educator"),
        reviews.c.stage.in_(LIVE),
        reviews.c.claimed_at > bindparam("since"),
    )
    .limit(1)
)


async def has_scored(session: Session, assessor_id: str, educator_id: str, micro_credential_id: str) -> bool:
    """Whether this assessor has read an attempt of this educator at this micro-credential."""
    of = {"assessor": assessor_id, "educator": educator_id, "micro_credential": micro_credential_id}
    return (await session.execute(_SCORED, of)).one_or_none() is not None


async def has_scored_lately(session: Session, assessor_id: str, educator_id: str, now: datetime) -> bool:
    """Whether ``assessor_id`` scored work of ``educator_id`` within ``RECIPROCAL_FOR``."""
    of = {"assessor": assessor_id, "educator": educator_id, "since": now - RECIPROCAL_FOR}
    return (await session.execute(_SCORED_LATELY, of)).one_or_none() is not None


async def add_conflict(session: Session, declared: DeclaredConflict) -> None:
    await insert_one(session, conflicts, declared)


async def conflict(session: Session, conflict_id: str) -> DeclaredConflict:
    return await one_by_id(session, DeclaredConflict, conflicts, conflict_id, "there is no such relationship on record")


async def end_conflict(session: Session, conflict_id: str, until: date) -> None:
    await session.execute(update(conflicts).where(conflicts.c.id == conflict_id).values(until=until))


_CONFLICTS = (
    select(conflicts)
    .where(
        or_(
            conflicts.c.person_id == bindparam("person"),
            conflicts.c.other_id == bindparam("person"),
            conflicts.c.other_address.in_(bindparam("addresses", expanding=True)),
        )
    )
    .order_by(conflicts.c.id)
)


async def conflicts_of(session: Session, person_id: str, addresses: Iterable[str]) -> list[DeclaredConflict]:
    """Whatever is on record about a person, declared by either side."""
    of = {"person": person_id, "addresses": sorted(set(addresses))}
    return await find_all(session, DeclaredConflict, _CONFLICTS, of)


async def add_unblinding(
    session: Session, submission_id: str, person_id: str, educator_id: str, reason: str, now: datetime
) -> None:
    values = {
        "submission_id": submission_id,
        "person_id": person_id,
        "educator_id": educator_id,
        "reason": reason,
        "at": now,
    }
    await insert_once(session, unblindings, values)


_UNBLINDED = select(unblindings.c.educator_id).where(unblindings.c.person_id == bindparam("person"))


async def unblinded_by(session: Session, person_id: str) -> set[str]:
    """The educators whose name this person asked for."""
    return set((await session.execute(_UNBLINDED, {"person": person_id})).scalars())
