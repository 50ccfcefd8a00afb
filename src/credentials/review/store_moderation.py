"""The statements of moderation sessions. What is scored in them are readings, which ``store`` keeps."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import or_, select, update

from credentials.db import Session, find_all, find_one, insert_all, insert_once, one_by_id, revise, to_struct
from credentials.errors import NotFound
from credentials.review.model import Moderation, ModerationStage, Review, Seat
from credentials.review.tables import moderations, reviews, seats

_NOT_THERE = "there is no such moderation session"
UNDER_WAY = (ModerationStage.SCORING, ModerationStage.DISCUSSING)


async def add(session: Session, made: Moderation) -> bool:
    """Whether it was added: there is one session about a work at a time."""
    return await insert_once(session, moderations, made)


async def moderation(session: Session, moderation_id: str, *, lock: bool = False) -> Moderation:
    return await one_by_id(session, Moderation, moderations, moderation_id, _NOT_THERE, lock=lock)


def not_there() -> NotFound:
    return NotFound(_NOT_THERE)


async def of_review(session: Session, review_id: str) -> str | None:
    """The session that a reading belongs to."""
    query = select(seats.c.moderation_id).where(seats.c.review_id == review_id)
    return (await session.execute(query)).scalar_one_or_none()


async def change(session: Session, found: Moderation, **values: Any) -> Moderation:
    return await revise(session, moderations, found, "this session", **values)


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
    return await find_all(session, Moderation, query.order_by(moderations.c.id.desc()).limit(limit))


async def add_seats(session: Session, made: Sequence[Seat]) -> None:
    await insert_all(session, seats, made)


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
    return await find_one(session, Moderation, query)
