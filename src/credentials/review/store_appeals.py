"""Appeals and what is handed in with them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select

from credentials.db import Session, find_all, insert_once, one_by_id, revise
from credentials.evidence.model import Artifact, ArtifactKind
from credentials.review.model import Appeal, AppealStage
from credentials.review.tables import appeals, exhibits


async def add_appeal(session: Session, appeal: Appeal) -> bool:
    """Whether it was added: a decision is appealed once."""
    return await insert_once(session, appeals, appeal)


async def appeal(session: Session, appeal_id: str, *, lock: bool = False) -> Appeal:
    return await one_by_id(session, Appeal, appeals, appeal_id, "there is no such appeal", lock=lock)


async def appeals_about(session: Session, submission_id: str) -> list[Appeal]:
    query = select(appeals).where(appeals.c.submission_id == submission_id).order_by(appeals.c.id)
    return await find_all(session, Appeal, query)


async def appeals_in(
    session: Session,
    organisation_ids: Iterable[str],
    stage: AppealStage,
    *,
    but_not_of: str,
    after: str = "",
    limit: int = 50,
) -> list[Appeal]:
    """Longest waiting first."""
    query = (
        select(appeals)
        .where(appeals.c.organisation_id.in_(set(organisation_ids)), appeals.c.stage == stage, appeals.c.id > after)
        .where(appeals.c.educator_id != but_not_of)
    )
    return await find_all(session, Appeal, query.order_by(appeals.c.id).limit(limit))


async def change_appeal(session: Session, found: Appeal, **values: Any) -> Appeal:
    return await revise(session, appeals, found, "this appeal", **values)


async def add_exhibit(session: Session, appeal_id: str, artifact: Artifact) -> None:
    digest = artifact.digest if artifact.kind is ArtifactKind.FILE else None
    await session.execute(
        insert(exhibits).values(appeal_id=appeal_id, artifact_id=artifact.id, artifact=artifact, digest=digest)
    )


async def exhibits_of(session: Session, appeal_id: str) -> list[Artifact]:
    query = select(exhibits.c.artifact).where(exhibits.c.appeal_id == appeal_id).order_by(exhibits.c.artifact_id)
    return list((await session.execute(query)).scalars())


async def exhibit_digests(session: Session) -> set[str]:
    """Digests of all files that an appeal refers to."""
    query = select(exhibits.c.digest).where(exhibits.c.digest.is_not(None)).distinct()
    return set((await session.execute(query)).scalars())
