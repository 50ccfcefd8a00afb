"""The statements of figures: pairs of readings, turn-around, age of the queue, and reports that were worked out."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import aliased

from credentials.db import Session, insert_once
from credentials.evidence.model import Stage
from credentials.review.model import Pair, ReviewKind, ReviewStage
from credentials.review.tables import WAITING, reports, reviews, scores

MOST_PAIRS = 60_000
"""Scores of one report: two years of a large programme; older ones are left out."""
MOST_DECIDED = 20_000
KEPT_FOR = timedelta(days=7)


async def pairs(
    session: Session,
    organisation_ids: Iterable[str],
    since: datetime,
    until: datetime,
    *,
    micro_credential_id: str = "",
) -> list[Pair]:
    """What two assessors scored, of which the second was done between these moments, latest first."""
    first, second = aliased(reviews), aliased(reviews)
    by_first, by_second = aliased(scores), aliased(scores)
    query = (
        select(
            WAITING.c.id,
            WAITING.c.micro_credential_id,
            WAITING.c.version_id,
            WAITING.c.school_ids,
            first.c.assessor_id.label("first_id"),
            second.c.assessor_id.label("second_id"),
            by_first.c.criterion,
            by_first.c.level.label("first_level"),
            by_second.c.level.label("second_level"),
            second.c.ended_at,
        )
        .join(second, second.c.submission_id == WAITING.c.id)
        .join(first, first.c.submission_id == WAITING.c.id)
        .join(by_first, by_first.c.review_id == first.c.id)
        .join(by_second, (by_second.c.review_id == second.c.id) & (by_second.c.criterion == by_first.c.criterion))
        .where(
            WAITING.c.organisation_id.in_(set(organisation_ids)),
            first.c.kind == ReviewKind.FIRST,
            first.c.stage == ReviewStage.DECIDED,
            second.c.kind == ReviewKind.SECOND,
            second.c.stage == ReviewStage.DECIDED,
            second.c.ended_at >= since,
            second.c.ended_at < until,
        )
        .order_by(second.c.ended_at.desc(), WAITING.c.id, by_first.c.criterion)
        .limit(MOST_PAIRS)
    )
    if micro_credential_id:
        query = query.where(WAITING.c.micro_credential_id == micro_credential_id)
    return [
        Pair(
            submission_id=row.id,
            micro_credential_id=row.micro_credential_id,
            version_id=row.version_id,
            schools=row.school_ids,
            first_id=row.first_id,
            second_id=row.second_id,
            criterion=row.criterion,
            first=row.first_level,
            second=row.second_level,
            at=row.ended_at,
        )
        for row in await session.execute(query)
    ]


async def decided_times(
    session: Session, organisation_ids: Iterable[str], since: datetime
) -> list[tuple[datetime, datetime]]:
    """When what was decided since a moment was handed in and decided, latest first."""
    query = (
        select(WAITING.c.submitted_at, WAITING.c.decided_at)
        .where(
            WAITING.c.organisation_id.in_(set(organisation_ids)),
            WAITING.c.stage.in_((Stage.EARNED, Stage.NOT_YET_EARNED)),
            WAITING.c.submitted_at.is_not(None),
            WAITING.c.decided_at >= since,
        )
        .order_by(WAITING.c.decided_at.desc())
        .limit(MOST_DECIDED)
    )
    return [(row.submitted_at, row.decided_at) for row in await session.execute(query)]


async def waiting_since(session: Session, organisation_ids: Iterable[str]) -> list[datetime]:
    """When what is not decided was handed in."""
    query = (
        select(WAITING.c.submitted_at)
        .where(
            WAITING.c.organisation_id.in_(set(organisation_ids)),
            WAITING.c.stage.in_((Stage.SUBMITTED, Stage.IN_REVIEW)),
            WAITING.c.submitted_at.is_not(None),
        )
        .order_by(WAITING.c.submitted_at)
        .limit(MOST_DECIDED)
    )
    return list((await session.execute(query)).scalars())


async def report(session: Session, key: str) -> bytes | None:
    return (await session.execute(select(reports.c.body).where(reports.c.key == key))).scalar_one_or_none()


async def keep_report(session: Session, key: str, made_on: date, body: bytes) -> None:
    """Keep what was worked out, and forget what nobody asked for lately."""
    await session.execute(delete(reports).where(reports.c.made_on < made_on - KEPT_FOR))
    await insert_once(session, reports, {"key": key, "made_on": made_on, "body": body})
