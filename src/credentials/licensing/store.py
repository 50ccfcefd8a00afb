from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, insert, or_, select

from credentials.db import Session, all_by_id, find_all, find_by, find_one, insert_once, one_by_id, revise
from credentials.licensing.model import Appeal, AppealStage, Application, LicenceType, Stage
from credentials.licensing.tables import appeals, applications, counted, types
from credentials.people.model import SlugTaken

# Types


async def add_type(session: Session, made: LicenceType) -> None:
    if not await insert_once(session, types, made):
        raise SlugTaken(f"the short name {made.slug} is in use: choose another")


async def licence_type(session: Session, type_id: str) -> LicenceType:
    return await one_by_id(session, LicenceType, types, type_id, "there is no such licence")


async def list_types(
    session: Session, *, organisation_ids: Iterable[str] | None = None, after: str = "", limit: int = 50
) -> list[LicenceType]:
    """Those that are open, in the order of their short names."""
    query = select(types).where(types.c.closed_at.is_(None), types.c.slug > after).order_by(types.c.slug).limit(limit)
    if organisation_ids is not None:
        query = query.where(types.c.organisation_id.in_(set(organisation_ids)))
    return await find_all(session, LicenceType, query)


async def types_by_rule(session: Session, pathway_ids: Iterable[str]) -> list[LicenceType]:
    """Those that are open and granted or renewed by one of these pathways, in the order of their short names."""
    wanted = set(pathway_ids)
    by = or_(types.c.pathway_id.in_(wanted), types.c.renewal_pathway_id.in_(wanted))
    query = select(types).where(types.c.closed_at.is_(None), by).order_by(types.c.slug)
    return await find_all(session, LicenceType, query)


async def types_by_id(session: Session, ids: Iterable[str]) -> dict[str, LicenceType]:
    return await all_by_id(session, LicenceType, types, ids)


async def change_type(session: Session, found: LicenceType, **values: Any) -> LicenceType:
    return await revise(session, types, found, "this licence", **values)


# Applications


async def add_application(session: Session, made: Application) -> bool:
    return await insert_once(session, applications, made)


async def application(session: Session, application_id: str, *, lock: bool = False) -> Application:
    return await one_by_id(
        session, Application, applications, application_id, "there is no such application", lock=lock
    )


async def open_application(session: Session, educator_id: str, type_id: str) -> Application | None:
    query = select(applications).where(
        applications.c.educator_id == educator_id,
        applications.c.type_id == type_id,
        applications.c.stage.in_([Stage.SUBMITTED, Stage.RETURNED]),
    )
    return await find_one(session, Application, query)


async def applications_of(session: Session, educator_id: str, *, limit: int = 100) -> list[Application]:
    """Newest first."""
    query = select(applications).where(applications.c.educator_id == educator_id)
    return await find_all(session, Application, query.order_by(applications.c.id.desc()).limit(limit))


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
    return await find_all(session, Application, query.order_by(applications.c.id).limit(limit))


async def count_stages(session: Session, organisation_ids: Iterable[str]) -> dict[str, int]:
    query = (
        select(applications.c.stage, func.count())
        .where(applications.c.organisation_id.in_(set(organisation_ids)))
        .group_by(applications.c.stage)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def change_application(session: Session, found: Application, **values: Any) -> Application:
    return await revise(session, applications, found, "this application", **values)


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
    return await find_all(session, Application, query)


# Appeals


async def add_appeal(session: Session, made: Appeal) -> bool:
    return await insert_once(session, appeals, made)


async def appeal(session: Session, appeal_id: str, *, lock: bool = False) -> Appeal:
    return await one_by_id(session, Appeal, appeals, appeal_id, "there is no such appeal", lock=lock)


async def appeals_against(session: Session, application_ids: Iterable[str]) -> dict[str, Appeal]:
    query = select(appeals).where(appeals.c.application_id.in_(set(application_ids)))
    return await find_by(session, Appeal, appeals.c.application_id, query)


async def appeals_to(session: Session, organisation_ids: Iterable[str], *, limit: int = 100) -> list[Appeal]:
    """Those that wait, oldest first."""
    query = select(appeals).where(
        appeals.c.organisation_id.in_(set(organisation_ids)), appeals.c.stage == AppealStage.FILED
    )
    return await find_all(session, Appeal, query.order_by(appeals.c.id).limit(limit))


async def change_appeal(session: Session, found: Appeal, **values: Any) -> Appeal:
    return await revise(session, appeals, found, "this appeal", **values)
