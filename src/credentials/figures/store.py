from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from credentials.db import Session, find_all, insert_once, insert_one, one_by_id, to_struct
from credentials.figures.model import Band, Counted, Goal
from credentials.figures.tables import bands, counts, goals

MOST_COUNTS = 200
"""Published counts that are read: more than fifteen years of them."""


async def add_goal(session: Session, goal: Goal) -> None:
    await insert_one(session, goals, goal)


async def goal(session: Session, goal_id: str) -> Goal:
    return await one_by_id(session, Goal, goals, goal_id, "there is no such goal")


async def goals_of(session: Session, organisation_id: str) -> list[Goal]:
    """The goals that hold, oldest first."""
    query = select(goals).where(goals.c.organisation_id == organisation_id, goals.c.ended_at.is_(None))
    return await find_all(session, Goal, query.order_by(goals.c.id))


async def end_goal(session: Session, goal_id: str, now: datetime) -> bool:
    where = (goals.c.id == goal_id, goals.c.ended_at.is_(None))
    return (await session.execute(update(goals).where(*where).values(ended_at=now))).rowcount == 1


async def put_band(session: Session, organisation_id: str, band: Band) -> None:
    await session.execute(delete(bands).where(bands.c.organisation_id == organisation_id))
    await session.execute(insert(bands).values(organisation_id=organisation_id, band=band))


async def bands_of(session: Session, organisation_ids: Iterable[str]) -> dict[str, Band]:
    query = select(bands).where(bands.c.organisation_id.in_(set(organisation_ids)))
    return {row.organisation_id: Band(row.band) for row in await session.execute(query)}


async def add_count(session: Session, counted: Counted) -> bool:
    return await insert_once(session, counts, counted)


async def counts_of(session: Session, organisation_id: str) -> list[Counted]:
    """The published counts, oldest first."""
    query = select(counts).where(counts.c.organisation_id == organisation_id)
    rows = await session.execute(query.order_by(counts.c.counted_on.desc()).limit(MOST_COUNTS))
    return [to_struct(row, Counted) for row in reversed(rows.all())]
