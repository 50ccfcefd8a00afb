import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from credentials.db import Database, Session
from credentials.errors import Failure
from credentials.ids import Ids, new_id
from credentials.outbox import store
from credentials.outbox.model import Order
from credentials.outbox.store import find, retry, set_aside, waiting, waiting_of_kind

__all__ = ["Redeem", "find", "place", "place_for", "redeem_due", "retry", "set_aside", "waiting", "waiting_of_kind"]

log = logging.getLogger(__name__)

Redeem = Callable[[Order], Awaitable[None]]
"""Carries an order out, in transactions of its own. It may be called again for an order that was already carried out."""


async def place(session: Session, ids: Ids, now: datetime, kind: str, key: str, **payload: str) -> bool:
    """Place an order in the transaction of the decision that calls for it. A second one with the same key is ignored."""
    return await store.add(session, Order(id=new_id(ids, now), kind=kind, key=key, payload=payload, placed_at=now))


async def place_for(
    session: Session, ids: Ids, now: datetime, due_at: datetime, kind: str, key: str, **payload: str
) -> bool:
    """The same, for work that is to be done at a moment to come and not before."""
    order = Order(id=new_id(ids, now), kind=kind, key=key, payload=payload, placed_at=now)
    return await store.add(session, order, due_at=due_at)


async def redeem_due(
    database: Database, now: Callable[[], datetime], redeemers: Mapping[str, Redeem], *, limit: int = 20
) -> int:
    """Carry out orders that are due, one after another; answers how many were taken.

    One that fails goes back with a growing wait; the others go on. A worker that dies loses nothing: its lease runs out.
    """
    async with database.write() as session:
        taken = await store.lease(session, now(), kinds=tuple(redeemers), limit=limit)
    for order in taken:
        try:
            await redeemers[order.kind](order)
        except Exception as error:
            what = error.detail if isinstance(error, Failure) else type(error).__name__
            log.warning(
                "order put back",
                extra={"kind": order.kind, "order": order.id, "attempt": order.attempts, "error": what},
            )
            log.debug("order put back", exc_info=error)
            async with database.write() as session:
                await store.put_back(session, order, now(), what)
        else:
            async with database.write() as session:
                await store.finish(session, order.id, now())
    return len(taken)
