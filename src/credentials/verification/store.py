from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from credentials.db import Session, find_all, find_one, insert_one, known, to_struct
from credentials.verification.batches_model import Batch, Waiting
from credentials.verification.model import Verdict
from credentials.verification.tables import batches, items


async def add(session: Session, batch: Batch, waiting: Sequence[Waiting], results: Sequence[bytes | None]) -> None:
    """A batch with its items; those whose result is known already could not be had, and are done."""
    await insert_one(session, batches, batch)
    rows = [
        {
            "batch_id": batch.id,
            **msgspec.structs.asdict(item),
            "result": result,
            "verdict": None if result is None else Verdict.INDETERMINATE,
        }
        for item, result in zip(waiting, results, strict=True)
    ]
    for start in range(0, len(rows), 1_000):
        await session.execute(insert(items), rows[start : start + 1_000])


async def batch(session: Session, owner: str, batch_id: str) -> Batch:
    query = select(batches).where(batches.c.id == batch_id, batches.c.owner == owner)
    return known(await find_one(session, Batch, query), "there is no such batch, or it was forgotten")


async def batches_of(session: Session, owner: str, *, after: str = "", limit: int = 50) -> list[Batch]:
    """Newest first, beginning behind ``after``."""
    query = select(batches).where(batches.c.owner == owner)
    if after:
        query = query.where(batches.c.id < after)
    return await find_all(session, Batch, query.order_by(batches.c.id.desc()).limit(limit))


async def unfinished_of(session: Session, owner: str) -> int:
    query = select(func.count()).where(batches.c.owner == owner, batches.c.finished_at.is_(None))
    return int((await session.execute(query)).scalar_one())


async def take(session: Session, now: datetime, until: datetime) -> Batch | None:
    """The oldest batch that nobody is at work on; it is the taker's until then."""
    free = (batches.c.finished_at.is_(None), or_(batches.c.taken_until.is_(None), batches.c.taken_until <= now))
    query = select(batches).where(*free).order_by(batches.c.id).limit(1).with_for_update(skip_locked=True)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    taken: Batch = to_struct(row, Batch)
    await session.execute(update(batches).where(batches.c.id == taken.id).values(taken_until=until))
    return taken


async def waiting(session: Session, batch_id: str, *, after: int, limit: int) -> list[Waiting]:
    where = (items.c.batch_id == batch_id, items.c.number > after, items.c.result.is_(None))
    query = select(*(items.c[name] for name in Waiting.__struct_fields__)).where(*where)
    return await find_all(session, Waiting, query.order_by(items.c.number).limit(limit))


_RESULT = (
    update(items)
    .where(items.c.batch_id == bindparam("of_batch"), items.c.number == bindparam("at"))
    .values(result=bindparam("found"), verdict=bindparam("said"), octets=None, link=None)
)


async def answer(
    session: Session, batch_id: str, results: Sequence[tuple[int, str, bytes]], *, done: int, **values: Any
) -> None:
    """Keep results and forget what they are of; ``values`` are further columns of the batch."""
    if results:
        rows = [
            {"of_batch": batch_id, "at": number, "said": verdict, "found": found} for number, verdict, found in results
        ]
        await session.execute(_RESULT, rows)
    await session.execute(update(batches).where(batches.c.id == batch_id).values(done=done, **values))


async def results(session: Session, batch_id: str, *, after: int, limit: int) -> list[tuple[int, bytes]]:
    """Results behind a number, in order, up to the first that is not there yet."""
    query = select(items.c.number, items.c.result).where(items.c.batch_id == batch_id, items.c.number > after)
    found = []
    for row in await session.execute(query.order_by(items.c.number).limit(limit)):
        if row.result is None:
            break
        found.append((row.number, row.result))
    return found


async def results_by(session: Session, batch_id: str, verdict: str, *, after: int, limit: int) -> list[bytes]:
    """Results with a verdict behind a number, in order; with an empty one all that are there."""
    where = [items.c.batch_id == batch_id, items.c.number > after, items.c.result.is_not(None)]
    if verdict:
        where.append(items.c.verdict == verdict)
    query = select(items.c.result).where(*where).order_by(items.c.number).limit(limit)
    return list((await session.execute(query)).scalars())


async def counts(session: Session, batch_id: str) -> dict[Verdict, int]:
    """How many items of a batch have which verdict so far."""
    query = select(items.c.verdict, func.count()).where(items.c.batch_id == batch_id, items.c.verdict.is_not(None))
    found = await session.execute(query.group_by(items.c.verdict))
    return {Verdict(verdict): int(count) for verdict, count in found}


async def forget(session: Session, batch_id: str) -> None:
    await session.execute(delete(items).where(items.c.batch_id == batch_id))
    await session.execute(delete(batches).where(batches.c.id == batch_id))


async def older_than(session: Session, moment: datetime, *, limit: int = 100) -> list[str]:
    query = select(batches.c.id).where(batches.c.finished_at < moment).order_by(batches.c.id).limit(limit)
    return list((await session.execute(query)).scalars())
