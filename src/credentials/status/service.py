from datetime import datetime
from typing import Protocol

import msgspec

from credentials.db import Session
from credentials.errors import NotFound
from credentials.ids import Ids, random_uuid
from credentials.status import bitstring, store
from credentials.status.model import FULL_AT, LIST_SIZE, NoFreePlace, Place, Purpose, StatusList
from credentials.status.store import (
    all_lists,
    due_for_publication,
    get_published,
    indices_set,
    places_of,
    places_of_many,
    published_mark,
    put_published,
    sign_anew,
    status_list,
    turns_of,
)

__all__ = [
    "Fence",
    "all_lists",
    "allocate",
    "due_for_publication",
    "encoded_list",
    "get_published",
    "indices_set",
    "places_of",
    "places_of_many",
    "published_mark",
    "put_published",
    "set_status",
    "sign_anew",
    "status_list",
    "turns_of",
]

DRAWS = 64
"""With half a list free, so many draws in a row fail once in 2^64 times."""


class Fence(Protocol):
    """Remembers outside the database which places were ever handed out."""

    def pass_once(self, list_id: str, index: int) -> bool:
        """Whether nobody passed here before. The passage is on the disk when this returns."""


async def allocate(
    session: Session, ids: Ids, now: datetime, fence: Fence, *, owner: str, did: str, purpose: Purpose, reference: str
) -> Place:
    """A free place in the owner's open list, drawn at random, so that it tells nothing of the order of awards.

    The fence stands outside the database: when an older copy of the database is restored, a place that was given away
    after the copy was made is not given away again.
    """
    found = await _open_list(session, ids, now, owner=owner, did=did, purpose=purpose)
    for _ in range(DRAWS):
        index = ids.below(found.size)
        if not fence.pass_once(found.id, index):
            continue
        place = Place(list_id=found.id, index=index, purpose=purpose, reference=reference)
        if await store.take(session, place):
            await store.count_use(session, found.id)
            if found.used + 1 >= FULL_AT:
                await store.close_list(session, found.id)
            return place
    raise NoFreePlace("no free place was found in the status list: try again")


async def _open_list(
    session: Session, ids: Ids, now: datetime, *, owner: str, did: str, purpose: Purpose
) -> StatusList:
    found = await store.open_list(session, owner, purpose)
    if found:
        return found
    made = StatusList(
        id=random_uuid(ids),
        owner=owner,
        did=did,
        purpose=purpose,
        size=LIST_SIZE,
        used=0,
        closed=False,
        version=1,
        changed_at=now,
    )
    if await store.add_list(session, made):
        return made
    found = await store.open_list(session, owner, purpose)
    if found is None:
        raise NoFreePlace("the status list was closed meanwhile: try again")
    return found


async def set_status(session: Session, reference: str, purpose: Purpose, *, to: bool, now: datetime) -> Place:
    """Set or clear a credential's bit. It is published within a minute. Answers the place as it is now."""
    mine = [place for place in await store.places_of(session, reference) if place.purpose is purpose]
    if not mine:
        raise NotFound(f"this credential has no {purpose.value} status")
    place = mine[0]
    if place.set is not to:
        await store.set_place(session, place, to=to, now=now)
    return msgspec.structs.replace(place, set=to, changed_at=now)


async def encoded_list(session: Session, found: StatusList) -> str:
    return bitstring.encode(found.size, await store.indices_set(session, found.id))
