"""The queue: what waits and for whom, who has how much of it, what is late, and the seeds by which samples are drawn."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, func, literal_column, or_, select

from credentials.db import Session, find_all, insert_once
from credentials.evidence.model import Stage, Submission, Wanted
from credentials.review.model import Load, ReviewStage, Standing
from credentials.review.rules import LIVE, RECIPROCAL_FOR
from credentials.review.store import OPEN
from credentials.review.tables import THEIR_PLACES, WAITING, papers, reviews, seeds


async def waiting(
    session: Session,
    organisation_ids: Iterable[str],
    standing: Standing,
    now: datetime,
    *,
    wants: Iterable[Wanted],
    micro_credential_id: str = "",
    overdue: bool = False,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    lock: bool = False,
) -> list[Submission]:
    """What waits and this assessor may take, longest waiting first.

    ``lock``: hold what is found until the transaction ends, and pass over what somebody else holds.
    """
    query = _FOR_ASSESSOR
    if micro_credential_id:
        query = query.where(WAITING.c.micro_credential_id == micro_credential_id)
    if overdue:
        query = query.where(WAITING.c.due_at <= now)
    if after:
        query = query.where(
            or_(
                WAITING.c.submitted_at > after[0],
                and_(WAITING.c.submitted_at == after[0], WAITING.c.id > after[1]),
            )
        )
    query = query.order_by(WAITING.c.submitted_at, WAITING.c.id).limit(limit)
    if lock:
        query = query.with_for_update(skip_locked=True)
    parameters = _parameters(organisation_ids, standing, now, wants)
    return await find_all(session, Submission, query, parameters)


async def count_waiting(
    session: Session, organisation_ids: Iterable[str], standing: Standing, now: datetime, *, wants: Iterable[Wanted]
) -> list[tuple[str, str, int, int]]:
    """Micro-credential, one of its versions, how many wait, how many are overdue."""
    late = func.count(case((WAITING.c.due_at <= now, 1)))
    query = (
        select(WAITING.c.micro_credential_id, func.max(WAITING.c.version_id), func.count(), late)
        .where(_MAY_SCORE)
        .group_by(WAITING.c.micro_credential_id)
        .order_by(WAITING.c.micro_credential_id)
    )
    rows = await session.execute(query, _parameters(organisation_ids, standing, now, wants))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _parameters(
    organisation_ids: Iterable[str], standing: Standing, now: datetime, wants: Iterable[Wanted]
) -> dict[str, Any]:
    return {
        "me": standing.person_id,
        "wanted": [one.value for one in wants],
        "reach": sorted(set(organisation_ids)),
        "related": sorted({standing.person_id, *standing.related}),
        "earned": sorted(standing.earned),
        "places": sorted(standing.places),
        "qualified": sorted(standing.qualified),
        "locked": sorted(standing.locked),
        "lately": now - RECIPROCAL_FOR,
    }


def _may_score() -> ColumnElement[bool]:
    """The same as ``rules.conflict`` says of one submission, for all of them at once; ``claim`` asks that one.

    It is written once, so that neither we nor the database read it anew for every claim. That something is wanted stands there
    as it does in the index, or a prepared statement would not use it.
    """
    me: BindParameter[str] = bindparam("me")
    near = select(THEIR_PLACES.c.submission_id).where(
        THEIR_PLACES.c.submission_id == WAITING.c.id,
        THEIR_PLACES.c.school_id.in_(bindparam("places", expanding=True)),
    )
    scored = select(reviews.c.id).where(
        reviews.c.assessor_id == me,
        reviews.c.educator_id == WAITING.c.educator_id,
        reviews.c.micro_credential_id == WAITING.c.micro_credential_id,
        or_(reviews.c.stage.in_(LIVE), reviews.c.stage == ReviewStage.VOID),
    )
    scored_me = select(reviews.c.id).where(
        reviews.c.assessor_id == WAITING.c.educator_id,
        reviews.c.educator_id == me,
        reviews.c.stage.in_(LIVE),
        reviews.c.claimed_at > bindparam("lately", type_=reviews.c.claimed_at.type),
    )
    for_another = select(papers.c.submission_id).where(papers.c.submission_id == WAITING.c.id, papers.c.person_id != me)
    return and_(
        WAITING.c.wants != literal_column("'nothing'"),
        WAITING.c.wants.in_(bindparam("wanted", expanding=True)),
        WAITING.c.organisation_id.in_(bindparam("reach", expanding=True)),
        WAITING.c.educator_id.not_in(bindparam("related", expanding=True)),
        or_(~WAITING.c.earned_only, WAITING.c.micro_credential_id.in_(bindparam("earned", expanding=True))),
        or_(WAITING.c.calibration == "", WAITING.c.calibration.in_(bindparam("qualified", expanding=True))),
        WAITING.c.micro_credential_id.not_in(bindparam("locked", expanding=True)),
        ~near.exists(),
        ~scored.exists(),
        ~scored_me.exists(),
        ~for_another.exists(),
    )


_MAY_SCORE = _may_score()
_FOR_ASSESSOR = select(WAITING).where(_MAY_SCORE)


async def loads(session: Session, person_ids: Iterable[str], now: datetime) -> dict[str, Load]:
    wanted = set(person_ids)
    query = select(reviews.c.assessor_id, reviews.c.stage, reviews.c.claimed_at, reviews.c.ended_at).where(
        reviews.c.assessor_id.in_(wanted),
        or_(
            reviews.c.stage.in_(OPEN),
            and_(reviews.c.stage == ReviewStage.DECIDED, reviews.c.ended_at > now - timedelta(days=30)),
        ),
    )
    opened = dict.fromkeys(wanted, 0)
    hours: dict[str, list[float]] = {person_id: [] for person_id in wanted}
    for row in await session.execute(query):
        if row.stage in OPEN:
            opened[row.assessor_id] += 1
        else:
            hours[row.assessor_id].append((row.ended_at - row.claimed_at).total_seconds() / 3600)
    return {
        person_id: Load(
            person_id=person_id,
            open=opened[person_id],
            decided=len(took),
            hours=sum(took) / len(took) if took else None,
        )
        for person_id, took in hours.items()
    }


def _undecided(organisation_ids: Iterable[str]) -> Select[Any]:
    return select(WAITING).where(
        WAITING.c.organisation_id.in_(set(organisation_ids)), WAITING.c.stage.in_((Stage.SUBMITTED, Stage.IN_REVIEW))
    )


async def undecided(
    session: Session,
    organisation_ids: Iterable[str],
    *,
    due_before: datetime | None = None,
    wants: Iterable[Wanted] = (),
    limit: int = 100,
) -> list[Submission]:
    """What is handed in and not decided, soonest due first."""
    query = _undecided(organisation_ids)
    if due_before is not None:
        query = query.where(WAITING.c.due_at <= due_before)
    if wants:
        query = query.where(WAITING.c.wants.in_(tuple(wants)))
    return await find_all(session, Submission, query.order_by(WAITING.c.due_at, WAITING.c.id).limit(limit))


async def newly_overdue(session: Session, now: datetime, since: datetime, *, limit: int = 500) -> list[Submission]:
    """What became overdue after ``since`` and is not decided, in all organisations."""
    query = select(WAITING).where(
        WAITING.c.stage.in_((Stage.SUBMITTED, Stage.IN_REVIEW)), WAITING.c.due_at <= now, WAITING.c.due_at > since
    )
    return await find_all(session, Submission, query.order_by(WAITING.c.due_at, WAITING.c.id).limit(limit))


_SEED = select(seeds.c.seed).where(seeds.c.version_id == bindparam("version"))


async def seed_of(session: Session, version_id: str) -> str | None:
    return (await session.execute(_SEED, {"version": version_id})).scalar_one_or_none()


async def add_seed(session: Session, version_id: str, seed: str) -> str:
    """The seed of a version: this one, unless it has one already."""
    await insert_once(session, seeds, {"version_id": version_id, "seed": seed})
    return await seed_of(session, version_id) or seed
