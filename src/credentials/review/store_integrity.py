"""Cases of integrity: what is alike, who is part of a case, how its panel votes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from credentials.db import Session, find_all, insert_once, insert_one, one_by_id, to_struct
from credentials.evidence.model import Stage
from credentials.review.model import IntegrityCase, Party, Verdict, Vote
from credentials.review.tables import EVIDENCE, WAITING, cases, marks, parties, votes

_COMPARED = (*(stage for stage in Stage if stage not in (Stage.DRAFT, Stage.WITHDRAWN, Stage.SPECIMEN)),)
"""A draft is nobody's claim yet; what came back as incomplete was handed in. A specimen is a copy on purpose."""


async def set_marks(
    session: Session, organisation_id: str, submission_id: str, sketches: Mapping[str, Sequence[int]]
) -> None:
    """The marks of a submission's texts, by artifact, in place of those before."""
    await session.execute(delete(marks).where(marks.c.submission_id == submission_id))
    rows = [
        {"artifact_id": artifact_id, "hash": one, "organisation_id": organisation_id, "submission_id": submission_id}
        for artifact_id, sketch in sketches.items()
        for one in sketch
    ]
    if rows:
        await session.execute(insert(marks), rows)


async def texts_like(
    session: Session,
    organisation_id: str,
    educator_id: str,
    sketch: Sequence[int],
    *,
    at_least: int,
    limit: int = 20,
) -> list[tuple[str, str]]:
    """Submission and text of those of other people that share most of these marks."""
    query = (
        select(marks.c.submission_id, marks.c.artifact_id)
        .join(WAITING, WAITING.c.id == marks.c.submission_id)
        .where(
            marks.c.organisation_id == organisation_id,
            marks.c.hash.in_(sketch),
            WAITING.c.educator_id != educator_id,
            WAITING.c.stage.in_(_COMPARED),
        )
        .group_by(marks.c.submission_id, marks.c.artifact_id)
        .having(func.count() >= at_least)
        .order_by(func.count().desc(), marks.c.artifact_id)
        .limit(limit)
    )
    found = [(row.submission_id, row.artifact_id) for row in await session.execute(query)]
    query = select(EVIDENCE.c.id, EVIDENCE.c.text).where(EVIDENCE.c.id.in_({artifact_id for _, artifact_id in found}))
    texts = {row.id: row.text for row in await session.execute(query)}
    return [(submission_id, texts[artifact_id]) for submission_id, artifact_id in found if artifact_id in texts]


async def files_like(
    session: Session, organisation_id: str, educator_id: str, digests: Iterable[str], *, limit: int = 50
) -> list[tuple[str, str]]:
    """Submission and digest where somebody else handed in one of these files."""
    query = (
        select(WAITING.c.id, EVIDENCE.c.digest)
        .join(EVIDENCE, EVIDENCE.c.submission_id == WAITING.c.id)
        .where(
            EVIDENCE.c.digest.in_(set(digests)),
            EVIDENCE.c.kind == "file",
            WAITING.c.organisation_id == organisation_id,
            WAITING.c.educator_id != educator_id,
            WAITING.c.stage.in_(_COMPARED),
            WAITING.c.submitted_at.is_not(None),
        )
        .order_by(WAITING.c.id)
        .limit(limit)
    )
    return [(row.id, row.digest) for row in await session.execute(query)]


async def add_case(session: Session, case: IntegrityCase) -> None:
    await insert_one(session, cases, case)


async def case_(session: Session, case_id: str, *, lock: bool = False) -> IntegrityCase:
    return await one_by_id(session, IntegrityCase, cases, case_id, "there is no such integrity case", lock=lock)


async def cases_in(
    session: Session, organisation_ids: Iterable[str], *, closed: bool, after: str = "", limit: int = 50
) -> list[IntegrityCase]:
    """Open ones oldest first; closed ones newest first."""
    query = select(cases).where(cases.c.organisation_id.in_(set(organisation_ids)))
    query = query.where(cases.c.closed_at.is_not(None) if closed else cases.c.closed_at.is_(None))
    if after:
        query = query.where(cases.c.id < after if closed else cases.c.id > after)
    return await find_all(
        session, IntegrityCase, query.order_by(cases.c.id.desc() if closed else cases.c.id).limit(limit)
    )


async def cases_about(session: Session, submission_ids: Iterable[str]) -> list[tuple[IntegrityCase, Party]]:
    """Cases that name one of these submissions, oldest first."""
    query = (
        select(
            cases, parties.c.submission_id, parties.c.educator_id, parties.c.held, parties.c.verdict, parties.c.reason
        )
        .join(parties, parties.c.case_id == cases.c.id)
        .where(parties.c.submission_id.in_(set(submission_ids)))
        .order_by(cases.c.id)
    )
    return [
        (
            to_struct(row, IntegrityCase),
            Party(
                case_id=row.id,
                submission_id=row.submission_id,
                educator_id=row.educator_id,
                held=row.held,
                verdict=row.verdict and Verdict(row.verdict),
                reason=row.reason,
            ),
        )
        for row in await session.execute(query)
    ]


async def close_case(session: Session, found: IntegrityCase, now: datetime) -> None:
    await session.execute(
        update(cases).where(cases.c.id == found.id).values(closed_at=now, revision=found.revision + 1)
    )


async def add_party(session: Session, party: Party) -> bool:
    return await insert_once(session, parties, party)


async def change_party(session: Session, party: Party, **values: Any) -> None:
    where = (parties.c.case_id == party.case_id, parties.c.submission_id == party.submission_id)
    await session.execute(update(parties).where(*where).values(**values))


async def parties_of(session: Session, case_id: str) -> list[Party]:
    query = select(parties).where(parties.c.case_id == case_id).order_by(parties.c.submission_id)
    return await find_all(session, Party, query)


async def add_vote(session: Session, vote: Vote) -> bool:
    """Whether it was added: each votes once."""
    return await insert_once(session, votes, vote)


async def votes_of(session: Session, case_id: str) -> list[Vote]:
    query = select(votes).where(votes.c.case_id == case_id).order_by(votes.c.at, votes.c.person_id)
    return await find_all(session, Vote, query)
