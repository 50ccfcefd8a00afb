from datetime import datetime

from sqlalchemy import delete, select, update

from credentials.db import Session, find_one, insert_once
from credentials.replies.model import Reply
from credentials.replies.tables import replies


async def claim(session: Session, caller: str, key: str, fingerprint: str, now: datetime) -> bool:
    """Hold a key for this transaction. A second holder waits for the first to commit, and is then told that it is taken."""
    values = {"caller": caller, "key": key, "fingerprint": fingerprint, "at": now}
    return await insert_once(session, replies, values)


async def find(session: Session, caller: str, key: str) -> Reply | None:
    query = select(replies).where(replies.c.caller == caller, replies.c.key == key, replies.c.status.is_not(None))
    return await find_one(session, Reply, query)


async def answer(session: Session, reply: Reply) -> None:
    where = (replies.c.caller == reply.caller, replies.c.key == reply.key)
    values = {"status": reply.status, "headers": reply.headers, "body": reply.body}
    await session.execute(update(replies).where(*where).values(**values))


async def forget_before(session: Session, moment: datetime) -> int:
    return (await session.execute(delete(replies).where(replies.c.at < moment))).rowcount
