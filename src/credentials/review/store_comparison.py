"""The statements of common tasks: what can be drawn, what is scored again, and what was found."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from credentials.db import Session, find_all, insert_once, insert_one, one_by_id, to_struct
from credentials.evidence.model import Stage, Submission
from credentials.review.model import CommonTask, Rescored, Review, ReviewKind, ReviewStage
from credentials.review.rules import LIVE, RECIPROCAL_FOR
from credentials.review.store import OPEN, decisions_by_submission
from credentials.review.store import add as add_review
from credentials.review.tables import THEIR_PLACES, WAITING, common_tasks, common_works, reviews, scores

MOST = 5_000
"""Decided works of a version that are drawn from, latest first."""
MOST_RESCORED = 60_000
"""Scores of one report, latest first: as many as one of agreement."""


async def to_draw(
    session: Session, version_id: str, home: Iterable[str], guest_id: str, since: datetime
) -> list[Submission]:
    """What was decided on a version since a moment, of educators of these places or by a programme of theirs, and that the
    guest has not scored; latest first."""
    places = sorted(set(home))
    of_home = select(THEIR_PLACES.c.submission_id).where(
        THEIR_PLACES.c.submission_id == WAITING.c.id, THEIR_PLACES.c.school_id.in_(places)
    )
    had = select(common_works.c.submission_id).where(
        common_works.c.submission_id == WAITING.c.id, common_works.c.guest_id == guest_id
    )
    query = (
        select(WAITING)
        .where(
            WAITING.c.version_id == version_id,
            WAITING.c.stage.in_((Stage.EARNED, Stage.NOT_YET_EARNED)),
            WAITING.c.decided_at >= since,
            or_(of_home.exists(), WAITING.c.organisation_id.in_(places)),
            ~had.exists(),
        )
        .order_by(WAITING.c.decided_at.desc())
        .limit(MOST)
    )
    return await find_all(session, Submission, query)


async def scored_pairs(
    session: Session, micro_credential_id: str, person_ids: Sequence[str], educator_ids: Iterable[str], now: datetime
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Of these: who scored whose work of a micro-credential ever, as (assessor, educator); and whose work lately was scored by
    one of these educators, as (assessor, educator), too."""
    educators = sorted(set(educator_ids))
    ever = select(reviews.c.assessor_id, reviews.c.educator_id).where(
        reviews.c.assessor_id.in_(person_ids),
        reviews.c.educator_id.in_(educators),
        reviews.c.micro_credential_id == micro_credential_id,
        or_(reviews.c.stage.in_(LIVE), reviews.c.stage == ReviewStage.VOID),
    )
    lately = select(reviews.c.educator_id, reviews.c.assessor_id).where(
        reviews.c.assessor_id.in_(educators),
        reviews.c.educator_id.in_(person_ids),
        reviews.c.stage.in_(LIVE),
        reviews.c.claimed_at > now - RECIPROCAL_FOR,
    )
    return (
        {(row[0], row[1]) for row in await session.execute(ever)},
        {(row[0], row[1]) for row in await session.execute(lately)},
    )


async def add(session: Session, made: CommonTask, readings: Sequence[Review]) -> bool:
    """Whether it was added: not if somebody drew one of these works for the same guest meanwhile, or gave it to its reader."""
    await insert_one(session, common_tasks, made)
    for one in readings:
        work = {"task_id": made.id, "submission_id": one.submission_id, "guest_id": made.guest_id, "review_id": one.id}
        if not (await add_review(session, one) and await insert_once(session, common_works, work)):
            return False
    return True


async def task(session: Session, task_id: str, *, lock: bool = False) -> CommonTask:
    return await one_by_id(session, CommonTask, common_tasks, task_id, "there is no such common task", lock=lock)


async def tasks_in(
    session: Session, organisation_ids: Iterable[str], *, after: str = "", limit: int = 50
) -> list[tuple[CommonTask, int]]:
    """Those of these organisations, newest first, with how many works are scored."""
    done = (
        select(func.count())
        .select_from(common_works.join(reviews, reviews.c.id == common_works.c.review_id))
        .where(common_works.c.task_id == common_tasks.c.id, reviews.c.stage == ReviewStage.DECIDED)
        .scalar_subquery()
    )
    query = select(common_tasks, done.label("done")).where(common_tasks.c.organisation_id.in_(set(organisation_ids)))
    if after:
        query = query.where(common_tasks.c.id < after)
    rows = await session.execute(query.order_by(common_tasks.c.id.desc()).limit(limit))
    return [(to_struct(row, CommonTask), row.done) for row in rows]


async def open_readings(session: Session, task_id: str) -> list[Review]:
    query = (
        select(reviews)
        .join(common_works, common_works.c.review_id == reviews.c.id)
        .where(common_works.c.task_id == task_id, reviews.c.stage.in_(OPEN))
        .order_by(reviews.c.id)
    )
    return await find_all(session, Review, query)


async def close(session: Session, task_id: str, now: datetime) -> None:
    await session.execute(update(common_tasks).where(common_tasks.c.id == task_id).values(closed_at=now))


async def rescored(
    session: Session, organisation_ids: Iterable[str], *, micro_credential_id: str = ""
) -> list[Rescored]:
    """What was scored again in the common tasks of these organisations, beside the decision as it stands now."""
    query = (
        select(
            common_tasks.c.micro_credential_id,
            common_tasks.c.version_id,
            common_tasks.c.home_id,
            common_tasks.c.guest_id,
            common_works.c.submission_id,
            scores.c.criterion,
            scores.c.level,
        )
        .join(common_works, common_works.c.task_id == common_tasks.c.id)
        .join(reviews, reviews.c.id == common_works.c.review_id)
        .join(scores, scores.c.review_id == reviews.c.id)
        .where(
            common_tasks.c.organisation_id.in_(set(organisation_ids)),
            reviews.c.kind == ReviewKind.COMMON_TASK,
            reviews.c.stage == ReviewStage.DECIDED,
        )
        .order_by(reviews.c.ended_at.desc(), reviews.c.id, scores.c.criterion)
        .limit(MOST_RESCORED)
    )
    if micro_credential_id:
        query = query.where(common_tasks.c.micro_credential_id == micro_credential_id)
    rows: list[Any] = list(await session.execute(query))
    decided = await decisions_by_submission(session, {row.submission_id for row in rows})
    levels = {(one, score.criterion): score.level for one, made in decided.items() for score in made.scores}
    return [
        Rescored(
            micro_credential_id=row.micro_credential_id,
            version_id=row.version_id,
            home_id=row.home_id,
            guest_id=row.guest_id,
            criterion=row.criterion,
            home=levels[row.submission_id, row.criterion],
            guest=row.level,
        )
        for row in rows
        if (row.submission_id, row.criterion) in levels
    ]
