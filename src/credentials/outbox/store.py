from datetime import datetime

from sqlalchemy import bindparam, select, update

from credentials.db import Session, find_all, find_one, insert_once, known, to_struct
from credentials.outbox.model import LEASE, MAX_ATTEMPTS, Order
from credentials.outbox.rules import wait_before_next
from credentials.outbox.tables import orders

ERROR_LENGTH = 500


_FINISH = (
    update(orders)
    .where(orders.c.id == bindparam("of_id"))
    .values(due_at=None, done_at=bindparam("now"), last_error="", payload={})
)


async def add(session: Session, order: Order, *, due_at: datetime | None = None) -> bool:
    return await insert_once(session, orders, order, due_at=due_at or order.placed_at)


async def lease(session: Session, now: datetime, *, kinds: tuple[str, ...], limit: int) -> list[Order]:
    """Take orders that are due, oldest first, so that no other worker takes them while the lease lasts."""
    due = (
        select(orders.c.id)
        .where(orders.c.due_at <= now, orders.c.kind.in_(kinds))
        .order_by(orders.c.due_at, orders.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = (await session.execute(due)).scalars().all()
    if not ids:
        return []
    taken = (
        update(orders)
        .where(orders.c.id.in_(ids))
        .values(due_at=now + LEASE, attempts=orders.c.attempts + 1)
        .returning(orders)
    )
    rows = (await session.execute(taken)).all()
    return sorted((to_struct(row, Order) for row in rows), key=lambda order: order.id)


async def finish(session: Session, order_id: str, now: datetime) -> None:
    """Done: what it carried (a link's secret, say) is no longer needed and is forgotten."""
    await session.execute(_FINISH, {"of_id": order_id, "now": now})


async def put_back(session: Session, order: Order, now: datetime, error: str) -> None:
    """For another attempt, unless another worker took it meanwhile, because the lease had run out."""
    due_at = None if order.attempts >= MAX_ATTEMPTS else now + wait_before_next(order.attempts)
    values = {"due_at": due_at, "last_error": error.replace("\0", "")[:ERROR_LENGTH]}
    mine = (orders.c.id == order.id, orders.c.attempts == order.attempts, orders.c.done_at.is_(None))
    await session.execute(update(orders).where(*mine).values(**values))


async def set_aside(session: Session) -> list[Order]:
    """Orders that nobody will redeem any more unless a person looks at them."""
    query = select(orders).where(orders.c.due_at.is_(None), orders.c.done_at.is_(None)).order_by(orders.c.id)
    return await find_all(session, Order, query)


async def waiting(session: Session) -> int:
    """How many orders are not done."""
    query = select(orders.c.id).where(orders.c.due_at.is_not(None))
    return len((await session.execute(query)).all())


async def find(session: Session, kind: str, key: str) -> Order:
    query = select(orders).where(orders.c.kind == kind, orders.c.key == key)
    return known(await find_one(session, Order, query), "there is no such order")


async def waiting_of_kind(session: Session, kind: str) -> list[Order]:
    """Orders of a kind that are not done, oldest first."""
    query = select(orders).where(orders.c.kind == kind, orders.c.due_at.is_not(None)).order_by(orders.c.id)
    return await find_all(session, Order, query)


async def retry(session: Session, order_id: str, now: datetime) -> bool:
    """Give an order that was set aside a new start."""
    query = (
        update(orders)
        .where(orders.c.id == order_id, orders.c.due_at.is_(None), orders.c.done_at.is_(None))
        .values(due_at=now, attempts=0)
    )
    return (await session.execute(query)).rowcount == 1
