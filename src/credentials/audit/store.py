from collections.abc import AsyncIterator, Collection, Iterable

import msgspec
from sqlalchemy import bindparam, insert, select, update

from credentials.audit.model import GENESIS, Entry, Link, Recorded
from credentials.audit.tables import entries, head
from credentials.db import Session, insert_once

_HEAD = select(head.c.sequence, head.c.hash).where(head.c.id == 1)
_HEAD_LOCKED = _HEAD.with_for_update()
_MOVE_HEAD = update(head).where(head.c.id == 1).values(sequence=bindparam("to_sequence"), hash=bindparam("to_hash"))
_ADD = insert(entries)


async def lock_head(session: Session) -> tuple[int, str]:
    """The chain's last sequence and hash, held until the transaction ends: decisions are chained one after another."""
    found = await read_head(session, lock=True)
    if found == (0, GENESIS):
        await insert_once(session, head, {"id": 1, "sequence": 0, "hash": GENESIS})
        return await read_head(session, lock=True)
    return found


async def read_head(session: Session, *, lock: bool = False) -> tuple[int, str]:
    row = (await session.execute(_HEAD_LOCKED if lock else _HEAD)).one_or_none()
    return (row.sequence, row.hash) if row else (0, GENESIS)


async def add(session: Session, link: Link, entry: Entry) -> None:
    row = {
        "sequence": link.sequence,
        "body": link.body,
        "hash": link.hash,
        "at": entry.at,
        "actor": entry.actor,
        "organisation": entry.organisation,
        "action": entry.action,
        "subject": entry.subject,
    }
    await session.execute(_ADD, row)
    await session.execute(_MOVE_HEAD, {"to_sequence": link.sequence, "to_hash": link.hash})


async def chain(session: Session, *, batch: int = 5_000) -> AsyncIterator[Link]:
    """All links in order, a batch at a time."""
    last = 0
    while True:
        query = (
            select(entries.c.sequence, entries.c.body, entries.c.hash)
            .where(entries.c.sequence > last)
            .order_by(entries.c.sequence)
            .limit(batch)
        )
        rows = (await session.execute(query)).all()
        for row in rows:
            yield Link(row.sequence, row.body, row.hash)
        if len(rows) < batch:
            return
        last = rows[-1].sequence


async def about(
    session: Session, subject: str, *, within: Collection[str] | None = None, after: int = 0, limit: int = 200
) -> list[Recorded]:
    """What was decided about one thing, oldest first, behind the place ``after``; of these organisations, if they are named."""
    query = select(entries.c.sequence, entries.c.body).where(entries.c.subject == subject, entries.c.sequence > after)
    if within is not None:
        query = query.where(entries.c.organisation.in_(within))
    rows = await session.execute(query.order_by(entries.c.sequence).limit(limit))
    return [
        Recorded(sequence=row.sequence, **msgspec.structs.asdict(msgspec.json.decode(row.body, type=Entry)))
        for row in rows
    ]


async def last(session: Session, subject: str, action: str) -> Entry | None:
    """The newest decision of one kind about one thing, however many others there are."""
    query = select(entries.c.body).where(entries.c.subject == subject, entries.c.action == action)
    body = (await session.execute(query.order_by(entries.c.sequence.desc()).limit(1))).scalar_one_or_none()
    return msgspec.json.decode(body, type=Entry) if body else None


async def about_all(session: Session, subjects: Iterable[str]) -> dict[str, list[Entry]]:
    """The same of several things."""
    wanted = set(subjects)
    found: dict[str, list[Entry]] = {subject: [] for subject in wanted}
    if wanted:
        query = select(entries.c.subject, entries.c.body).where(entries.c.subject.in_(wanted))
        for row in await session.execute(query.order_by(entries.c.sequence)):
            found[row.subject].append(msgspec.json.decode(row.body, type=Entry))
    return found


async def columns_that_disagree(session: Session, *, batch: int = 5_000) -> AsyncIterator[int]:
    """Sequences of entries whose look-up columns do not say what their body says."""
    last = 0
    while True:
        rows = (
            await session.execute(
                select(entries).where(entries.c.sequence > last).order_by(entries.c.sequence).limit(batch)
            )
        ).all()
        for row in rows:
            try:
                entry = msgspec.json.decode(row.body, type=Entry)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                yield row.sequence
                continue
            said = (entry.at, entry.actor, entry.organisation, entry.action, entry.subject)
            if said != (row.at, row.actor, row.organisation, row.action, row.subject):
                yield row.sequence
        if len(rows) < batch:
            return
        last = rows[-1].sequence
