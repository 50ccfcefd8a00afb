"""Appeals and what is handed in with them."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from credentials.db import Session, insert_once, to_struct
from credentials.errors import NotFound, Stale
from credentials.evidence.model import Artifact, ArtifactKind
from credentials.review.model import Appeal, AppealStage
from credentials.review.tables import appeals, exhibits


async def add_appeal(session: Session, appeal: Appeal) -> bool:
    """Whether it was added: a decision is appealed once."""
    return await insert_once(session, appeals, msgspec.structs.asdict(appeal))


async def appeal(session: Session, appeal_id: str, *, lock: bool = False) -> Appeal:
    query = select(appeals).where(appeals.c.id == appeal_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("there is no such appeal")
    return to_struct(row, Appeal)


async def appeals_about(session: Session, submission_id: str) -> list[Appeal]:
    query = select(appeals).where(appeals.c.submission_id == submission_id).order_by(appeals.c.id)
    return [to_struct(row, Appeal) for row in await session.execute(query)]


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
    return [to_struct(row, Appeal) for row in await session.execute(query.order_by(appeals.c.id).limit(limit))]


async def change_appeal(session: Session, found: Appeal, **values: Any) -> Appeal:
    where = (appeals.c.id == found.id, appeals.c.revision == found.revision)
    query = update(appeals).where(*where).values(**values, revision=found.revision + 1)
    if (await session.execute(query)).rowcount == 0:
        raise Stale("this appeal was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)


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
