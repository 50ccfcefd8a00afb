from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, insert, select, update

from credentials.db import Session, insert_once, to_struct
from credentials.errors import NotFound
from credentials.pathways.model import Stack
from credentials.pathways.tables import members, stacks
from credentials.people.model import SlugTaken


async def add(session: Session, stack: Stack) -> None:
    values = msgspec.structs.asdict(stack)
    in_order = values.pop("members")
    if not await insert_once(session, stacks, values):
        raise SlugTaken(f"the short name {stack.slug} is in use: choose another")
    rows = [
        {"stack_id": stack.id, "micro_credential_id": member, "place": place} for place, member in enumerate(in_order)
    ]
    await session.execute(insert(members), rows)


async def publish(session: Session, stack_id: str, person_id: str, now: datetime) -> None:
    values = {"published_at": now, "published_by": person_id}
    await session.execute(update(stacks).where(stacks.c.id == stack_id).values(**values))


async def stack(session: Session, stack_id: str) -> Stack:
    found = await _read(session, select(stacks).where(stacks.c.id == stack_id))
    if not found:
        raise NotFound("there is no such stack")
    return found[0]


async def stack_by_slug(session: Session, slug: str) -> Stack:
    found = await _read(session, select(stacks).where(stacks.c.slug == slug))
    if not found:
        raise NotFound("there is no such stack")
    return found[0]


async def published(session: Session, *, after: str = "", limit: int = 50) -> list[Stack]:
    query = select(stacks).where(stacks.c.published_at.is_not(None), stacks.c.slug > after)
    return await _read(session, query.order_by(stacks.c.slug).limit(limit))


async def drafts_of(session: Session, organisation_ids: Iterable[str]) -> list[Stack]:
    query = select(stacks).where(stacks.c.published_at.is_(None), stacks.c.organisation_id.in_(set(organisation_ids)))
    return await _read(session, query.order_by(stacks.c.slug))


async def with_member(session: Session, micro_credential_id: str) -> list[Stack]:
    """Published stacks that a micro-credential is a member of."""
    of = select(members.c.stack_id).where(members.c.micro_credential_id == micro_credential_id)
    return await _read(session, select(stacks).where(stacks.c.published_at.is_not(None), stacks.c.id.in_(of)))


async def _read(session: Session, query: Select[Any]) -> list[Stack]:
    rows = (await session.execute(query)).all()
    in_order: dict[str, list[str]] = {row.id: [] for row in rows}
    found = select(members.c.stack_id, members.c.micro_credential_id).where(members.c.stack_id.in_(in_order))
    for stack_id, member in await session.execute(found.order_by(members.c.place)):
        in_order[stack_id].append(member)
    return [to_struct(row, Stack, members=tuple(in_order[row.id])) for row in rows]
