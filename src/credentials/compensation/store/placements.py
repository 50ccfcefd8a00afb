"""Where people stand on the salary schedule."""

from collections.abc import Iterable

from sqlalchemy import select

from credentials.compensation.model.placements import Placement
from credentials.compensation.tables import placements
from credentials.db import Session, find_by, find_one, insert_one


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
