from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, insert, or_, select, update

from credentials.db import Session, find_all, find_groups, find_one, insert_once, one_by_id
from credentials.status.model import Place, Published, Purpose, StatusList
from credentials.status.tables import changes, lists, places, published

_OPEN_LIST = select(lists).where(
    lists.c.owner == bindparam("owner"), lists.c.purpose == bindparam("purpose"), ~lists.c.closed
)
_COUNT_USE = update(lists).where(lists.c.id == bindparam("of_id")).values(used=lists.c.used + 1)


async def add_list(session: Session, added: StatusList) -> bool:
    """Whether it was added: an owner has one open list of a purpose."""
    return await insert_once(session, lists, added, published_version=0)


async def open_list(session: Session, owner: str, purpose: Purpose) -> StatusList | None:
    return await find_one(session, StatusList, _OPEN_LIST, {"owner": owner, "purpose": purpose})


async def status_list(session: Session, list_id: str, *, lock: bool = False) -> StatusList:
    return await one_by_id(session, StatusList, lists, list_id, "there is no such status list", lock=lock)


async def all_lists(session: Session) -> list[StatusList]:
    return await find_all(session, StatusList, select(lists).order_by(lists.c.id))


async def count_use(session: Session, list_id: str) -> None:
    await session.execute(_COUNT_USE, {"of_id": list_id})


async def close_list(session: Session, list_id: str) -> None:
    await session.execute(update(lists).where(lists.c.id == list_id).values(closed=True))


async def take(session: Session, place: Place) -> bool:
    """Whether the place was free and is taken now."""
    return await insert_once(session, places, place)


async def places_of(session: Session, reference: str) -> list[Place]:
    query = select(places).where(places.c.reference == reference).order_by(places.c.purpose)
    return await find_all(session, Place, query)


async def places_of_many(session: Session, references: Iterable[str]) -> dict[str, list[Place]]:
    query = select(places).where(places.c.reference.in_(set(references)))
    return await find_groups(session, Place, places.c.reference, query)


async def set_place(session: Session, place: Place, *, to: bool, now: datetime) -> None:
    where = (places.c.list_id == place.list_id, places.c.index == place.index)
    await session.execute(update(places).where(*where).values(set=to, changed_at=now))
    await session.execute(insert(changes).values(list_id=place.list_id, index=place.index, at=now, set=to))
    newer = {"version": lists.c.version + 1, "changed_at": now}
    await session.execute(update(lists).where(lists.c.id == place.list_id).values(**newer))


async def indices_set(session: Session, list_id: str) -> list[int]:
    query = select(places.c.index).where(places.c.list_id == list_id, places.c.set).order_by(places.c.index)
    return list((await session.execute(query)).scalars())


async def turns_of(session: Session, list_id: str, index: int) -> list[tuple[datetime, bool]]:
    """Every change of a bit with its moment, oldest first. A bit begins cleared."""
    query = select(changes.c.at, changes.c.set).where(changes.c.list_id == list_id, changes.c.index == index)
    return [(row.at, row.set) for row in await session.execute(query.order_by(changes.c.at))]


async def due_for_publication(session: Session, *, older_than: datetime) -> list[StatusList]:
    """Lists with changes that are not published, and those whose publication is older than ``older_than``."""
    query = select(lists).where(
        or_(
            lists.c.version > lists.c.published_version,
            lists.c.published_at.is_(None),
            lists.c.published_at < older_than,
        )
    )
    return await find_all(session, StatusList, query)


async def sign_anew(session: Session, did: str, now: datetime) -> int:
    """Have every list of an issuer published again, with the key that it signs with now; answers how many."""
    newer = {"version": lists.c.version + 1, "changed_at": now}
    return (await session.execute(update(lists).where(lists.c.did == did).values(**newer))).rowcount


async def put_published(session: Session, made: Published) -> None:
    """Keep a signed list unless a newer one is there."""
    values = msgspec.structs.asdict(made)
    if not await insert_once(session, published, values):
        newer = published.c.list_id == made.list_id, published.c.version <= made.version
        await session.execute(update(published).where(*newer).values(**values))
    noted = lists.c.id == made.list_id, lists.c.published_version <= made.version
    marks = {"published_version": made.version, "published_at": made.published_at}
    await session.execute(update(lists).where(*noted).values(**marks))


async def get_published(session: Session, list_id: str) -> Published | None:
    return await find_one(session, Published, select(published).where(published.c.list_id == list_id))


async def published_mark(session: Session, list_id: str) -> tuple[int, str] | None:
    """Version and digest of what is published, without the list itself."""
    query = select(published.c.version, published.c.digest).where(published.c.list_id == list_id)
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None
