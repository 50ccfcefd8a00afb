"""The record of what our keys signed: append-only, chained, and found again by the digest of the bytes."""

import asyncio
import hashlib
from datetime import datetime

import pytest
from sentences import sentences
from sqlalchemy import text

from credentials.db import Database
from credentials.errors import Conflict
from credentials.log import service
from credentials.log.model import Leaf


def a_leaf(now: datetime, number: int) -> Leaf:
    return Leaf(
        at=now,
        document=f"urn:uuid:{number}",
        format="data-integrity",
        digest=hashlib.sha256(str(number).encode()).hexdigest(),
        key="did:web:alder.example#k1",
    )


async def append(database: Database, leaf: Leaf) -> int:
    async with database.write() as session:
        return await service.append(session, leaf)


@sentences(
    ("statement", "place", "says"),
    {
        "a leaf edited": (
            "UPDATE log_leaves SET body = (SELECT body FROM log_leaves WHERE sequence = 3) WHERE sequence = 2",
            2,
            "does not follow",
        ),
        "a leaf removed": ("DELETE FROM log_leaves WHERE sequence = 2", 2, "entry 2 is missing"),
        "the newest leaf cut off": ("DELETE FROM log_leaves WHERE sequence = 4", 4, "its head says 4"),
        "the head moved on": ("UPDATE log_head SET sequence = 9", 5, "its head says 9"),
        "all leaves cut off": ("DELETE FROM log_leaves", 1, "ends at entry 0"),
    },
)
async def test_damage_is_found_and_named(
    database: Database, now: datetime, statement: str, place: int, says: str
) -> None:
    for number in range(1, 5):
        assert await append(database, a_leaf(now, number)) == number
    async with database.read() as session:
        assert await service.breaks(session) == []
    async with database.write() as session:
        await session.execute(text(statement))
    async with database.read() as session:
        (found,) = await service.breaks(session)
    assert found.sequence == place
    assert says in found.detail


async def test_signatures_logged_at_the_same_time_make_one_chain_and_each_is_found(
    database: Database, now: datetime
) -> None:
    leaves = [a_leaf(now, number) for number in range(8)]
    places = await asyncio.gather(*(append(database, leaf) for leaf in leaves))
    assert sorted(places) == list(range(1, 9))
    async with database.read() as session:
        assert await service.breaks(session) == []
        for leaf in leaves:
            assert await service.find(session, leaf.digest) == [leaf]
        assert await service.find(session, "0" * 64) == []


async def test_a_signature_that_was_not_stored_is_not_logged(database: Database, now: datetime) -> None:
    async def one_that_fails() -> None:
        async with database.write() as session:
            await service.append(session, a_leaf(now, 1))
            raise Conflict("the document could not be stored")

    with pytest.raises(Conflict):
        await one_that_fails()
    async with database.read() as session:
        assert await service.find(session, a_leaf(now, 1).digest) == []
        assert (await service.read_head(session))[0] == 0
