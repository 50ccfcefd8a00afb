from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import func, insert, or_, select, update

from credentials.db import Session, insert_once, to_struct
from credentials.errors import NotFound, Stale
from credentials.licensing.model import Appeal, AppealStage, Application, LicenceType, Stage
from credentials.licensing.tables import appeals, applications, counted, types
from credentials.people.model import SlugTaken

# Types


async def add_type(session: Session, made: LicenceType) -> None:
    if not await insert_once(session, types, msgspec.structs.asdict(made)):
        raise SlugTaken(f"the short name {made.slug} is in use: choose another")


async def licence_type(session: Session, type_id: str) -> LicenceType:
    row = (await session.execute(select(types).where(types.c.id == type_id))).one_or_none()
    if row is None:
        raise NotFound("there is no such licence")
    return to_struct(row, LicenceType)


async def list_types(
    session: Session, *, organisation_ids: Iterable[str] | None = None, after: str = "", limit: int = 50
) -> list[LicenceType]:
    """Those that are open, in the order of their short names."""
    query = select(types).where(types.c.closed_at.is_(None), types.c.slug > after).order_by(types.c.slug).limit(limit)
    if organisation_ids is not None:
        query = query.where(types.c.organisation_id.in_(set(organisation_ids)))
    return [to_struct(row, LicenceType) for row in await session.execute(query)]


async def types_by_rule(session: Session, pathway_ids: Iterable[str]) -> list[LicenceType]:
    """Those that are open and granted or renewed by one of these pathways, in the order of their short names."""
    wanted = set(pathway_ids)
    by = or_(types.c.pathway_id.in_(wanted), types.c.renewal_pathway_id.in_(wanted))
    query = select(types).where(types.c.closed_at.is_(None), by).order_by(types.c.slug)
    return [to_struct(row, LicenceType) for row in await session.execute(query)]


async def types_by_id(session: Session, ids: Iterable[str]) -> dict[str, LicenceType]:
    rows = await session.execute(select(types).where(types.c.id.in_(set(ids))))
    return {row.id: to_struct(row, LicenceType) for row in rows}


async def change_type(session: Session, found: LicenceType, **values: Any) -> LicenceType:
    where = (types.c.id == found.id, types.c.revision == found.revision)
    if (await session.execute(update(types).where(*where).values(**values, revision=found.revision + 1))).rowcount == 0:
        raise Stale("this licence was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)


# Applications


async def add_application(session: Session, made: Application) -> bool:
    return await insert_once(session, applications, msgspec.structs.asdict(made))


async def application(session: Session, application_id: str, *, lock: bool = False) -> Application:
    query = select(applications).where(applications.c.id == application_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("there is no such application")
    return to_struct(row, Application)


async def open_application(session: Session, educator_id: str, type_id: str) -> Application | None:
    query = select(applications).where(
        applications.c.educator_id == educator_id,
        applications.c.type_id == type_id,
        applications.c.stage.in_([Stage.SUBMITTED, Stage.RETURNED]),
    )
    row = (await session.execute(query)).one_or_none()
    return to_struct(row, Application) if row else None


async def applications_of(session: Session, educator_id: str, *, limit: int = 100) -> list[Application]:
    """Newest first."""
    query = select(applications).where(applications.c.educator_id == educator_id)
    rows = await session.execute(query.order_by(applications.c.id.desc()).limit(limit))
    return [to_struct(row, Application) for row in rows]


async def applications_to(
    session: Session,
    organisation_ids: Iterable[str],
    *,
    stage: Stage | None = None,
    with_concern: bool = False,
    after: str = "",
    limit: int = 50,
) -> list[Application]:
    """In the order in which they were begun: the oldest waits longest."""
    query = select(applications).where(
        applications.c.organisation_id.in_(set(organisation_ids)), applications.c.id > after
    )
    if stage is not None:
        query = query.where(applications.c.stage == stage)
    if with_concern:
        query = query.where(applications.c.concern != "")
    rows = await session.execute(query.order_by(applications.c.id).limit(limit))
    return [to_struct(row, Application) for row in rows]


async def count_stages(session: Session, organisation_ids: Iterable[str]) -> dict[str, int]:
    query = (
        select(applications.c.stage, func.count())
        .where(applications.c.organisation_id.in_(set(organisation_ids)))
        .group_by(applications.c.stage)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def change_application(session: Session, found: Application, **values: Any) -> Application:
    where = (applications.c.id == found.id, applications.c.revision == found.revision)
    query = update(applications).where(*where).values(**values, revision=found.revision + 1)
    if (await session.execute(query)).rowcount == 0:
        raise Stale("this application was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)


async def put_counted(session: Session, application_id: str, items: Iterable[str]) -> None:
    rows = [{"application_id": application_id, "item": item} for item in sorted(set(items))]
    if rows:
        await session.execute(insert(counted), rows)


async def resting_on(session: Session, item: str) -> list[Application]:
    """Approved applications whose decision counted an item."""
    query = (
        select(applications)
        .join(counted, counted.c.application_id == applications.c.id)
        .where(counted.c.item == item, applications.c.stage == Stage.APPROVED)
        .order_by(applications.c.id)
    )
    return [to_struct(row, Application) for row in await session.execute(query)]


# Appeals


async def add_appeal(session: Session, made: Appeal) -> bool:
    return await insert_once(session, appeals, msgspec.structs.asdict(made))


async def appeal(session: Session, appeal_id: str, *, lock: bool = False) -> Appeal:
    query = select(appeals).where(appeals.c.id == appeal_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("there is no such appeal")
    return to_struct(row, Appeal)


async def appeals_against(session: Session, application_ids: Iterable[str]) -> dict[str, Appeal]:
    rows = await session.execute(select(appeals).where(appeals.c.application_id.in_(set(application_ids))))
    return {row.application_id: to_struct(row, Appeal) for row in rows}


async def appeals_to(session: Session, organisation_ids: Iterable[str], *, limit: int = 100) -> list[Appeal]:
    """Those that wait, oldest first."""
    query = select(appeals).where(
        appeals.c.organisation_id.in_(set(organisation_ids)), appeals.c.stage == AppealStage.FILED
    )
    return [to_struct(row, Appeal) for row in await session.execute(query.order_by(appeals.c.id).limit(limit))]


async def change_appeal(session: Session, found: Appeal, **values: Any) -> Appeal:
    where = (appeals.c.id == found.id, appeals.c.revision == found.revision)
    query = update(appeals).where(*where).values(**values, revision=found.revision + 1)
    if (await session.execute(query)).rowcount == 0:
        raise Stale("this appeal was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)
