"""The statements of moderation sessions. What is scored in them are readings, which ``store`` keeps."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import insert, or_, select, update

from credentials.db import Session, insert_once, to_struct
from credentials.errors import NotFound, Stale
from credentials.review.model import Moderation, ModerationStage, Review, Seat
from credentials.review.tables import moderations, reviews, seats

UNDER_WAY = (ModerationStage.SCORING, ModerationStage.DISCUSSING)


async def add(session: Session, made: Moderation) -> bool:
    """Whether it was added: there is one session about a work at a time."""
    return await insert_once(session, moderations, msgspec.structs.asdict(made))


async def moderation(session: Session, moderation_id: str, *, lock: bool = False) -> Moderation:
    query = select(moderations).where(moderations.c.id == moderation_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise not_there()
    return to_struct(row, Moderation)


def not_there() -> NotFound:
    return NotFound("there is no such moderation session")


async def of_review(session: Session, review_id: str) -> str | None:
    """The session that a reading belongs to."""
    query = select(seats.c.moderation_id).where(seats.c.review_id == review_id)
    return (await session.execute(query)).scalar_one_or_none()


async def change(session: Session, found: Moderation, **values: Any) -> Moderation:
    revised = {**values, "revision": found.revision + 1}
    where = (moderations.c.id == found.id, moderations.c.revision == found.revision)
    if (await session.execute(update(moderations).where(*where).values(**revised))).rowcount == 0:
        raise Stale("this session was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **revised)


async def seen_by(
    session: Session, organisation_ids: Iterable[str], person_id: str, *, after: str = "", limit: int = 50
) -> list[Moderation]:
    """The sessions of these organisations and those in which somebody has a seat, newest first."""
    mine = select(seats.c.moderation_id).where(seats.c.person_id == person_id)
    query = select(moderations).where(
        or_(moderations.c.organisation_id.in_(set(organisation_ids)), moderations.c.id.in_(mine))
    )
    if after:
        query = query.where(moderations.c.id < after)
    rows = await session.execute(query.order_by(moderations.c.id.desc()).limit(limit))
    return [to_struct(row, Moderation) for row in rows]


async def add_seats(session: Session, made: Sequence[Seat]) -> None:
    await session.execute(insert(seats), [msgspec.structs.asdict(one) for one in made])


async def renew_seat(session: Session, seat: Seat, review_id: str) -> None:
    where = (seats.c.moderation_id == seat.moderation_id, seats.c.place == seat.place)
    await session.execute(update(seats).where(*where).values(review_id=review_id))


async def seats_of(session: Session, moderation_ids: Iterable[str]) -> dict[str, list[tuple[Seat, Review]]]:
    """Who takes part in these, by place, with their readings."""
    query = (
        select(seats.c.moderation_id, seats.c.place, seats.c.person_id, reviews)
        .join(reviews, reviews.c.id == seats.c.review_id)
        .where(seats.c.moderation_id.in_(set(moderation_ids)))
        .order_by(seats.c.moderation_id, seats.c.place)
    )
    found: dict[str, list[tuple[Seat, Review]]] = {}
    for row in await session.execute(query):
        review = to_struct(row, Review)
        seat = Seat(moderation_id=row.moderation_id, person_id=row.person_id, review_id=review.id, place=row.place)
        found.setdefault(row.moderation_id, []).append((seat, review))
    return found


async def has_seat(session: Session, moderation_ids: Iterable[str], person_id: str) -> frozenset[str]:
    """Those of these sessions in which somebody takes part."""
    query = select(seats.c.moderation_id).where(
        seats.c.moderation_id.in_(set(moderation_ids)), seats.c.person_id == person_id
    )
    return frozenset((await session.execute(query)).scalars())


async def open_to(session: Session, submission_id: str, person_id: str) -> Moderation | None:
    """The session about a work that is being discussed, for somebody who takes part in it or opened it."""
    mine = select(seats.c.moderation_id).where(seats.c.person_id == person_id)
    query = select(moderations).where(
        moderations.c.submission_id == submission_id,
        moderations.c.stage == ModerationStage.DISCUSSING,
        or_(moderations.c.opened_by == person_id, moderations.c.id.in_(mine)),
    )
    row = (await session.execute(query)).one_or_none()
    return to_struct(row, Moderation) if row else None
