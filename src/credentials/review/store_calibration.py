"""The statements of anchors, qualification and hidden checks. The queue, which asks for them too, is in ``store``."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, union_all, update
from sqlalchemy.sql import literal

from credentials.db import Session, all_by_id, find_all, find_one, insert_once, insert_one, one_by_id, to_struct
from credentials.review.model import Anchor, AnchorUse, Answer, Attempt, Lock, Paper, Qualification, QualificationSet
from credentials.review.tables import anchors, answers, attempts, locks, papers, qualification_sets, qualifications

MOST = 500
"""Anchors or sets of one programme that are looked at together: more than any programme keeps."""


_STANDING = union_all(
    select(literal("key").label("kind"), qualifications.c.key.label("what")).where(
        qualifications.c.person_id == bindparam("person"), qualifications.c.expires_at > bindparam("now")
    ),
    select(literal("lock").label("kind"), locks.c.micro_credential_id.label("what")).where(
        locks.c.person_id == bindparam("person"), locks.c.unlocked_at.is_(None)
    ),
)


async def standing(session: Session, person_id: str, now: datetime) -> tuple[frozenset[str], frozenset[str]]:
    """What somebody is qualified for (keys), and of what their queue is locked (micro-credentials), in one statement."""
    rows = list(await session.execute(_STANDING, {"person": person_id, "now": now}))
    return (
        frozenset(row.what for row in rows if row.kind == "key"),
        frozenset(row.what for row in rows if row.kind == "lock"),
    )


# Anchors


async def add_anchor(session: Session, anchor: Anchor) -> None:
    await insert_one(session, anchors, anchor)


async def anchor(session: Session, anchor_id: str, *, lock: bool = False) -> Anchor:
    return await one_by_id(session, Anchor, anchors, anchor_id, "there is no such anchor", lock=lock)


async def anchor_of_submission(session: Session, submission_id: str) -> Anchor | None:
    return await find_one(session, Anchor, select(anchors).where(anchors.c.submission_id == submission_id))


async def anchors_by_id(session: Session, anchor_ids: Iterable[str]) -> dict[str, Anchor]:
    return await all_by_id(session, Anchor, anchors, anchor_ids)


async def anchors_in(
    session: Session,
    organisation_ids: Iterable[str],
    *,
    micro_credential_id: str = "",
    after: str = "",
    limit: int = 50,
) -> list[Anchor]:
    """Those of these organisations that are not retired, newest first."""
    query = select(anchors).where(anchors.c.organisation_id.in_(set(organisation_ids)), anchors.c.retired_at.is_(None))
    if micro_credential_id:
        query = query.where(anchors.c.micro_credential_id == micro_credential_id)
    if after:
        query = query.where(anchors.c.id < after)
    return await find_all(session, Anchor, query.order_by(anchors.c.id.desc()).limit(limit))


async def anchors_for(session: Session, key: str, use: AnchorUse) -> list[Anchor]:
    """What is in use for something, oldest first."""
    query = (
        select(anchors)
        .where(anchors.c.key == key, anchors.c.use == use, anchors.c.retired_at.is_(None))
        .order_by(anchors.c.id)
        .limit(MOST)
    )
    return await find_all(session, Anchor, query)


async def retire_anchor(session: Session, anchor_id: str, now: datetime) -> None:
    await session.execute(update(anchors).where(anchors.c.id == anchor_id).values(retired_at=now))


# Sets and attempts


async def add_set(session: Session, made: QualificationSet) -> None:
    await insert_one(session, qualification_sets, made)


async def set_(session: Session, set_id: str) -> QualificationSet:
    return await one_by_id(session, QualificationSet, qualification_sets, set_id, "there is no such qualification set")


async def sets_in(
    session: Session, organisation_ids: Iterable[str], *, after: str = "", limit: int = 50
) -> list[QualificationSet]:
    """Those of these organisations that are not retired, oldest first."""
    query = select(qualification_sets).where(
        qualification_sets.c.organisation_id.in_(set(organisation_ids)),
        qualification_sets.c.retired_at.is_(None),
        qualification_sets.c.id > after,
    )
    return await find_all(session, QualificationSet, query.order_by(qualification_sets.c.id).limit(limit))


async def sets_for(session: Session, key: str) -> list[QualificationSet]:
    query = (
        select(qualification_sets)
        .where(qualification_sets.c.key == key, qualification_sets.c.retired_at.is_(None))
        .order_by(qualification_sets.c.id)
        .limit(MOST)
    )
    return await find_all(session, QualificationSet, query)


async def retire_set(session: Session, set_id: str, now: datetime) -> None:
    await session.execute(update(qualification_sets).where(qualification_sets.c.id == set_id).values(retired_at=now))


async def add_attempt(session: Session, attempt: Attempt) -> bool:
    """Whether it was added: nobody has two attempts at a set open."""
    return await insert_once(session, attempts, attempt)


async def attempt(session: Session, attempt_id: str, *, lock: bool = False) -> Attempt:
    return await one_by_id(session, Attempt, attempts, attempt_id, "there is no such attempt", lock=lock)


async def attempts_of(session: Session, person_id: str, key: str = "") -> list[Attempt]:
    """Newest first; ``key``: only for that."""
    query = select(attempts).where(attempts.c.person_id == person_id)
    if key:
        query = query.where(attempts.c.key == key)
    return await find_all(session, Attempt, query.order_by(attempts.c.id.desc()).limit(MOST))


async def finish_attempt(session: Session, attempt_id: str, **values: Any) -> None:
    await session.execute(update(attempts).where(attempts.c.id == attempt_id).values(**values))


async def save_answers(session: Session, attempt_id: str, anchor_id: str, levels: Sequence[Answer]) -> None:
    for one in levels:
        if not await insert_once(session, answers, one, attempt_id=attempt_id):
            where = (
                answers.c.attempt_id == attempt_id,
                answers.c.anchor == anchor_id,
                answers.c.criterion == one.criterion,
            )
            await session.execute(update(answers).where(*where).values(level=one.level))


async def answers_of(session: Session, attempt_id: str) -> list[Answer]:
    query = select(answers).where(answers.c.attempt_id == attempt_id).order_by(answers.c.anchor, answers.c.criterion)
    return await find_all(session, Answer, query)


# Qualifications and locks


async def add_qualification(session: Session, made: Qualification) -> None:
    await insert_one(session, qualifications, made)


async def qualifications_of(session: Session, person_id: str, now: datetime) -> list[Qualification]:
    """Those in force, the one that lasts longest first."""
    query = (
        select(qualifications)
        .where(qualifications.c.person_id == person_id, qualifications.c.expires_at > now)
        .order_by(qualifications.c.expires_at.desc())
    )
    return await find_all(session, Qualification, query)


async def qualified_in(session: Session, keys: Iterable[str], now: datetime) -> list[Qualification]:
    """Who is qualified for these, each once for each, soonest expiring first."""
    query = (
        select(qualifications)
        .where(qualifications.c.key.in_(set(keys)), qualifications.c.expires_at > now)
        .order_by(qualifications.c.expires_at)
        .limit(MOST)
    )
    latest = {(row.person_id, row.key): to_struct(row, Qualification) for row in await session.execute(query)}
    return sorted(latest.values(), key=lambda one: (one.expires_at, one.id))


async def add_lock(session: Session, made: Lock) -> bool:
    """Whether it was added: a queue is locked once."""
    return await insert_once(session, locks, made)


async def lock_of(session: Session, person_id: str, micro_credential_id: str) -> Lock | None:
    query = select(locks).where(
        locks.c.person_id == person_id,
        locks.c.micro_credential_id == micro_credential_id,
        locks.c.unlocked_at.is_(None),
    )
    return await find_one(session, Lock, query)


async def locks_of(session: Session, person_id: str) -> list[Lock]:
    """Those that are closed now."""
    query = select(locks).where(locks.c.person_id == person_id, locks.c.unlocked_at.is_(None)).order_by(locks.c.id)
    return await find_all(session, Lock, query)


async def last_unlock(session: Session, person_id: str, micro_credential_id: str) -> datetime | None:
    query = (
        select(locks.c.unlocked_at)
        .where(
            locks.c.person_id == person_id,
            locks.c.micro_credential_id == micro_credential_id,
            locks.c.unlocked_at.is_not(None),
        )
        .order_by(locks.c.unlocked_at.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def locks_in(session: Session, organisation_ids: Iterable[str], *, limit: int = 100) -> list[Lock]:
    """Of these organisations, newest first, open and closed."""
    query = select(locks).where(locks.c.organisation_id.in_(set(organisation_ids)))
    return await find_all(session, Lock, query.order_by(locks.c.id.desc()).limit(limit))


async def unlock(session: Session, lock_id: str, now: datetime, attempt_id: str) -> None:
    await session.execute(update(locks).where(locks.c.id == lock_id).values(unlocked_at=now, attempt_id=attempt_id))


# Hidden checks


async def add_paper(session: Session, paper: Paper) -> bool:
    """Whether it was added: nobody is dealt the same anchor twice."""
    return await insert_once(session, papers, paper)


async def paper(session: Session, submission_id: str, *, lock: bool = False) -> Paper | None:
    query = select(papers).where(papers.c.submission_id == submission_id)
    return await find_one(session, Paper, query, lock=lock)


async def dealt_to(session: Session, person_id: str, micro_credential_id: str) -> list[Paper]:
    """Every check of a micro-credential that somebody was ever dealt, the latest judged first."""
    query = (
        select(papers)
        .where(papers.c.person_id == person_id, papers.c.micro_credential_id == micro_credential_id)
        .order_by(papers.c.judged_at.desc(), papers.c.submission_id.desc())
        .limit(MOST)
    )
    return await find_all(session, Paper, query)


async def judged_in(
    session: Session, organisation_ids: Iterable[str], since: datetime, *, limit: int = 5_000
) -> list[Paper]:
    """Checks that were judged since a moment, newest first."""
    query = (
        select(papers)
        .where(papers.c.organisation_id.in_(set(organisation_ids)), papers.c.judged_at >= since)
        .order_by(papers.c.judged_at.desc(), papers.c.submission_id)
        .limit(limit)
    )
    return await find_all(session, Paper, query)


async def judge_paper(session: Session, submission_id: str, **values: Any) -> None:
    await session.execute(update(papers).where(papers.c.submission_id == submission_id).values(**values))
