from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from credentials.db import Session
from credentials.replies import store
from credentials.replies.model import KEPT, KeyReused, Reply
from credentials.replies.store import find

__all__ = ["find", "forget_old", "once"]


async def once(session: Session, asked: Reply, work: Callable[[], Awaitable[Reply]]) -> Reply:
    """Do ``work`` unless the same caller's same key was answered before; then answer that again.

    ``asked`` carries caller, key, fingerprint and time. Claim, work and answer share the transaction: either all are
    there after a crash, or none is and the request can be repeated. Raises ``KeyReused`` when the key came with another
    request.
    """
    if await store.claim(session, asked.caller, asked.key, asked.fingerprint, asked.at):
        done = await work()
        reply = msgspec.structs.replace(asked, status=done.status, headers=done.headers, body=done.body)
        await store.answer(session, reply)
        return reply
    before = await store.find(session, asked.caller, asked.key)
    if before is None or before.fingerprint != asked.fingerprint:
        raise KeyReused("this Idempotency-Key was used for another request: send a new key with a new request")
    return before


async def forget_old(session: Session, now: datetime) -> int:
    return await store.forget_before(session, now - KEPT)
