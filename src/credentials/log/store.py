from collections.abc import AsyncIterator, Collection
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, insert, select, update

from credentials.audit.model import GENESIS, Link
from credentials.db import Session, insert_once
from credentials.log.model import Leaf
from credentials.log.tables import head, leaves

_HEAD = select(head.c.sequence, head.c.hash).where(head.c.id == 1)
_HEAD_LOCKED = _HEAD.with_for_update()
_MOVE_HEAD = update(head).where(head.c.id == 1).values(sequence=bindparam("to_sequence"), hash=bindparam("to_hash"))
_ADD = insert(leaves)
_FIND = select(leaves.c.body).where(leaves.c.digest == bindparam("of_digest")).order_by(leaves.c.sequence)


async def lock_head(session: Session) -> tuple[int, str]:
    found = await read_head(session, lock=True)
    if found == (0, GENESIS):
        await insert_once(session, head, {"id": 1, "sequence": 0, "hash": GENESIS})
        return await read_head(session, lock=True)
    return found


async def read_head(session: Session, *, lock: bool = False) -> tuple[int, str]:
    row = (await session.execute(_HEAD_LOCKED if lock else _HEAD)).one_or_none()
    return (row.sequence, row.hash) if row else (0, GENESIS)


async def add(session: Session, link: Link, digest: str) -> None:
    row = {"sequence": link.sequence, "body": link.body, "hash": link.hash, "digest": digest}
    await session.execute(_ADD, row)
    await session.execute(_MOVE_HEAD, {"to_sequence": link.sequence, "to_hash": link.hash})


async def find(session: Session, digest: str) -> list[Leaf]:
    bodies = (await session.execute(_FIND, {"of_digest": digest})).scalars()
    return [msgspec.json.decode(body, type=Leaf) for body in bodies]


async def signed_at(session: Session, digests: Collection[str]) -> dict[str, datetime]:
    """When documents were signed, the first time, by their digests; of those that are in the log."""
    query = (
        select(leaves.c.digest, leaves.c.body).where(leaves.c.digest.in_(digests)).order_by(leaves.c.sequence.desc())
    )
    rows = (await session.execute(query)).all()
    return {row.digest: msgspec.json.decode(row.body, type=Leaf).at for row in rows}


async def chain(session: Session, *, batch: int = 5_000) -> AsyncIterator[Link]:
    last = 0
    while True:
        query = (
            select(leaves.c.sequence, leaves.c.body, leaves.c.hash)
            .where(leaves.c.sequence > last)
            .order_by(leaves.c.sequence)
            .limit(batch)
        )
        rows = (await session.execute(query)).all()
        for row in rows:
            yield Link(row.sequence, row.body, row.hash)
        if len(rows) < batch:
            return
        last = rows[-1].sequence
