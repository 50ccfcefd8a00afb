from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from credentials.db import Session, insert_once, to_struct
from credentials.errors import NotFound, Stale
from credentials.review.model import Decision, Review, ReviewStage, Score
from credentials.review.tables import decisions, reviews, scores

OPEN = (ReviewStage.CLAIMED, ReviewStage.SCORING)


_REVIEW = select(reviews).where(reviews.c.id == bindparam("id"))
_REVIEW_LOCKED = _REVIEW.with_for_update()


async def add(session: Session, review: Review) -> bool:
    """Whether it was added: a submission has one open review."""
    return await insert_once(session, reviews, msgspec.structs.asdict(review))


async def review(session: Session, review_id: str, *, lock: bool = False) -> Review:
    row = (await session.execute(_REVIEW_LOCKED if lock else _REVIEW, {"id": review_id})).one_or_none()
    if row is None:
        raise NotFound("there is no such review")
    return to_struct(row, Review)


async def open_reviews(session: Session, assessor_id: str) -> list[Review]:
    query = (
        select(reviews).where(reviews.c.assessor_id == assessor_id, reviews.c.stage.in_(OPEN)).order_by(reviews.c.id)
    )
    return [to_struct(row, Review) for row in await session.execute(query)]


async def open_review_of(session: Session, submission_id: str, assessor_id: str) -> Review | None:
    query = select(reviews).where(
        reviews.c.submission_id == submission_id, reviews.c.assessor_id == assessor_id, reviews.c.stage.in_(OPEN)
    )
    row = (await session.execute(query)).one_or_none()
    return to_struct(row, Review) if row else None


async def last_return_note(session: Session, submission_id: str) -> str:
    query = (
        select(reviews.c.return_note)
        .where(reviews.c.submission_id == submission_id, reviews.c.stage == ReviewStage.RETURNED)
        .order_by(reviews.c.id.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none() or ""


async def change(session: Session, found: Review, **values: Any) -> Review:
    where = (reviews.c.id == found.id, reviews.c.revision == found.revision)
    query = update(reviews).where(*where).values(**values, revision=found.revision + 1)
    if (await session.execute(query)).rowcount == 0:
        raise Stale("this review was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)


async def save_score(session: Session, review_id: str, score: Score) -> None:
    values = msgspec.structs.asdict(score)
    if not await insert_once(session, scores, {"review_id": review_id, **values}):
        where = (scores.c.review_id == review_id, scores.c.criterion == score.criterion)
        await session.execute(update(scores).where(*where).values(**values))


async def scores_of(session: Session, review_id: str) -> tuple[Score, ...]:
    query = select(scores).where(scores.c.review_id == review_id).order_by(scores.c.criterion)
    return tuple(
        Score(criterion=row.criterion, level=row.level, feedback=row.feedback, note=row.note)
        for row in await session.execute(query)
    )


async def add_decision(session: Session, decision: Decision) -> bool:
    """Whether it was added: a submission is decided once."""
    return await insert_once(session, decisions, msgspec.structs.asdict(decision))


async def decision(session: Session, submission_id: str) -> Decision:
    row = (await session.execute(select(decisions).where(decisions.c.submission_id == submission_id))).one_or_none()
    if row is None:
        raise NotFound("nothing was decided on this submission yet")
    return to_struct(row, Decision)
