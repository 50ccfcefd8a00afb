"""Reviews, their scores and decisions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from credentials.db import (
    Session,
    find_all,
    find_by,
    find_groups,
    find_one,
    insert_once,
    known,
    one_by_id,
    revise,
    to_struct,
)
from credentials.evidence.model import Stage
from credentials.review.model import DECIDING, Decision, Reading, Review, ReviewKind, ReviewStage, Score
from credentials.review.rules import LIVE
from credentials.review.tables import WAITING, decisions, reviews, scores

OPEN = (ReviewStage.CLAIMED, ReviewStage.SCORING)


async def add(session: Session, review: Review) -> bool:
    """Whether it was added: a submission has one live review of a kind, and one of a person."""
    return await insert_once(session, reviews, review)


async def review(session: Session, review_id: str, *, lock: bool = False) -> Review:
    return await one_by_id(session, Review, reviews, review_id, "there is no such review", lock=lock)


async def open_reviews(session: Session, assessor_id: str) -> list[Review]:
    query = (
        select(reviews).where(reviews.c.assessor_id == assessor_id, reviews.c.stage.in_(OPEN)).order_by(reviews.c.id)
    )
    return await find_all(session, Review, query)


_OPEN_OF = select(reviews).where(
    reviews.c.submission_id == bindparam("submission"),
    reviews.c.assessor_id == bindparam("assessor"),
    reviews.c.stage.in_(OPEN),
)


async def open_review_of(session: Session, submission_id: str, assessor_id: str) -> Review | None:
    return await find_one(session, Review, _OPEN_OF, {"submission": submission_id, "assessor": assessor_id})


_READINGS = (
    select(reviews)
    .where(
        reviews.c.submission_id == bindparam("submission"),
        reviews.c.stage.in_(LIVE),
        reviews.c.kind.in_(DECIDING),
    )
    .order_by(reviews.c.id)
)
_SCORES = (
    select(scores).where(scores.c.review_id.in_(bindparam("reviews", expanding=True))).order_by(scores.c.criterion)
)


async def readings(session: Session, submission_id: str) -> list[Reading]:
    """The live readings of a submission on which its decision rests, with their scores."""
    found = await find_all(session, Review, _READINGS, {"submission": submission_id})
    given = await scores_by_review(session, [one.id for one in found])
    return [Reading(review=one, scores=given[one.id]) for one in found]


async def scores_by_review(session: Session, review_ids: Sequence[str]) -> dict[str, tuple[Score, ...]]:
    found: dict[str, list[Score]] = {review_id: [] for review_id in review_ids}
    for row in await session.execute(_SCORES, {"reviews": list(found)}) if found else ():
        found[row.review_id].append(to_struct(row, Score))
    return {review_id: tuple(given) for review_id, given in found.items()}


async def returns(session: Session, submission_id: str) -> list[tuple[datetime, str]]:
    """When and with which notes it went back as incomplete, first to last."""
    query = (
        select(reviews.c.ended_at, reviews.c.return_note)
        .where(reviews.c.submission_id == submission_id, reviews.c.stage == ReviewStage.RETURNED)
        .order_by(reviews.c.ended_at)
    )
    return [(row.ended_at, row.return_note) for row in await session.execute(query)]


async def last_return_note(session: Session, submission_id: str) -> str:
    query = (
        select(reviews.c.return_note)
        .where(reviews.c.submission_id == submission_id, reviews.c.stage == ReviewStage.RETURNED)
        .order_by(reviews.c.ended_at.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none() or ""


async def change(session: Session, found: Review, **values: Any) -> Review:
    return await revise(session, reviews, found, "this review", **values)


async def expired(session: Session, now: datetime, *, limit: int = 200) -> list[tuple[str, str]]:
    """Reviews whose lease has run out, with their submissions, longest expired first."""
    query = (
        select(reviews.c.id, reviews.c.submission_id)
        .where(reviews.c.stage.in_(OPEN), reviews.c.lease_until <= now)
        .order_by(reviews.c.lease_until)
        .limit(limit)
    )
    return [(row.id, row.submission_id) for row in await session.execute(query)]


_DRAFTS_LEFT = (
    select(reviews.c.id)
    .where(
        reviews.c.submission_id == bindparam("submission"),
        reviews.c.assessor_id == bindparam("assessor"),
        reviews.c.manifest_digest == bindparam("digest"),
        reviews.c.stage.in_((ReviewStage.RELEASED, ReviewStage.EXPIRED)),
    )
    .order_by(reviews.c.ended_at.desc())
    .limit(1)
)


async def drafts_left(session: Session, of: Review) -> str | None:
    """The last review of the same evidence that this assessor gave up or let expire: its scores are still there."""
    same = {"submission": of.submission_id, "assessor": of.assessor_id, "digest": of.manifest_digest}
    return (await session.execute(_DRAFTS_LEFT, same)).scalar_one_or_none()


async def save_score(session: Session, review_id: str, score: Score) -> None:
    if not await insert_once(session, scores, score, review_id=review_id):
        where = (scores.c.review_id == review_id, scores.c.criterion == score.criterion)
        await session.execute(update(scores).where(*where).values(**msgspec.structs.asdict(score)))


async def scores_of(session: Session, review_id: str) -> tuple[Score, ...]:
    return (await scores_by_review(session, [review_id]))[review_id]


async def add_decision(session: Session, decision: Decision) -> bool:
    """Whether it was added: a submission is decided once."""
    return await insert_once(session, decisions, decision)


async def replace_decision(session: Session, decision: Decision) -> None:
    """What an upheld appeal puts in place of the decision; the appeal keeps the one before."""
    values = msgspec.structs.asdict(decision)
    await session.execute(update(decisions).where(decisions.c.submission_id == decision.submission_id).values(**values))


_DECISION = select(decisions).where(decisions.c.submission_id == bindparam("submission"))


async def decision(session: Session, submission_id: str) -> Decision:
    found = await find_one(session, Decision, _DECISION, {"submission": submission_id})
    return known(found, "nothing was decided on this submission yet")


async def decisions_by_submission(session: Session, submission_ids: Iterable[str]) -> dict[str, Decision]:
    query = select(decisions).where(decisions.c.submission_id.in_(set(submission_ids)))
    return await find_by(session, Decision, decisions.c.submission_id, query)


async def decisions_of(
    session: Session, organisation_ids: Iterable[str], *, since: datetime, limit: int = 2_000
) -> list[tuple[Decision, str]]:
    """Decisions of these organisations since a moment, newest first, each with the version that it is on."""
    query = (
        select(decisions, WAITING.c.version_id)
        .join(WAITING, WAITING.c.id == decisions.c.submission_id)
        .where(WAITING.c.organisation_id.in_(set(organisation_ids)), decisions.c.decided_at >= since)
        .order_by(decisions.c.decided_at.desc())
        .limit(limit)
    )
    return [(to_struct(row, Decision), row.version_id) for row in await session.execute(query)]


async def open_by_submission(session: Session, submission_ids: Iterable[str]) -> dict[str, list[Review]]:
    """The reviews that count or are open, of each of these submissions."""
    query = select(reviews).where(reviews.c.submission_id.in_(set(submission_ids)), reviews.c.stage.in_(LIVE))
    return await find_groups(session, Review, reviews.c.submission_id, query.order_by(reviews.c.id))


async def with_kind(
    session: Session, organisation_ids: Iterable[str], kind: ReviewKind, *, limit: int = 100
) -> list[Review]:
    """Finished reviews of a kind, newest first."""
    query = (
        select(reviews)
        .join(WAITING, WAITING.c.id == reviews.c.submission_id)
        .where(
            WAITING.c.organisation_id.in_(set(organisation_ids)),
            reviews.c.kind == kind,
            reviews.c.stage == ReviewStage.DECIDED,
        )
        .order_by(reviews.c.ended_at.desc())
        .limit(limit)
    )
    return await find_all(session, Review, query)


async def handed_in_of_version(session: Session, version_id: str, *, limit: int = 100_000) -> list[str]:
    """The ids of what was ever handed in on a version."""
    query = select(WAITING.c.id).where(
        WAITING.c.version_id == version_id,
        WAITING.c.submitted_at.is_not(None),
        WAITING.c.stage != Stage.SPECIMEN,
    )
    return list((await session.execute(query.order_by(WAITING.c.id).limit(limit))).scalars())
