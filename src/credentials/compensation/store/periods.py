"""Pay periods and what was exported in them."""

from collections.abc import Sequence

from sqlalchemy import select, update

from credentials.compensation.model.runs import Export, PayPeriod
from credentials.compensation.tables import exports, periods
from credentials.db import Session, find_all, find_one, insert_all, insert_one, one_by_id


async def add_periods(session: Session, added: Sequence[PayPeriod]) -> bool:
    """Whether they were added: the year may have its calendar already."""
    first = added[0]
    if await calendar(session, first.organisation_id, first.year):
        return False
    await insert_all(session, periods, added)
    return True


async def period(session: Session, period_id: str) -> PayPeriod:
    return await one_by_id(session, PayPeriod, periods, period_id, "there is no such pay period")


async def calendar(session: Session, organisation_id: str, year: int) -> list[PayPeriod]:
    query = select(periods).where(periods.c.organisation_id == organisation_id, periods.c.year == year)
    return await find_all(session, PayPeriod, query.order_by(periods.c.number))


async def periods_of(session: Session, organisation_id: str, *, limit: int = 200) -> list[PayPeriod]:
    """Newest year first, each in its order."""
    query = select(periods).where(periods.c.organisation_id == organisation_id)
    return await find_all(session, PayPeriod, query.order_by(periods.c.year.desc(), periods.c.number).limit(limit))


async def add_export(session: Session, export: Export) -> None:
    await insert_one(session, exports, export)
    query = update(periods).where(periods.c.id == export.period_id).values(exported_at=export.exported_at)
    await session.execute(query)


async def export_of(session: Session, period_id: str) -> Export | None:
    return await find_one(session, Export, select(exports).where(exports.c.period_id == period_id))


async def all_exports(session: Session) -> list[Export]:
    return await find_all(session, Export, select(exports).order_by(exports.c.period_id))
