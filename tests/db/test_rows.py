"""What every room's store reads and writes its rows with. The rooms' own tests ask it of their nouns."""

from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select

from credentials.db import (
    Database,
    Moment,
    all_by_id,
    change_row,
    find_all,
    find_by,
    find_groups,
    find_one,
    insert_all,
    insert_once,
    insert_one,
    known,
    one_by_id,
    revise,
)
from credentials.errors import NotFound, Stale

boxes = Table(
    "boxes",
    MetaData(),
    Column("id", String(9), primary_key=True),
    Column("shelf", String(9), nullable=False),
    Column("packed_at", Moment),
    Column("secret", String(9)),
    Column("revision", Integer, nullable=False),
)
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
MISSING = "there is no such box"


class Box(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    shelf: str
    packed_at: datetime | None = None
    revision: int = 1


A, B, C = Box(id="a", shelf="low"), Box(id="b", shelf="high", packed_at=NOON), Box(id="c", shelf="low")
IN_ORDER = select(boxes).order_by(boxes.c.id)


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.write() as session:
        await session.run_sync(boxes.metadata.create_all)
        await insert_one(session, boxes, A, secret="hidden")
        await insert_all(session, boxes, [B, C])
        await insert_all(session, boxes, [])
    return database


async def test_what_was_written_is_read_as_the_same_nouns(filled: Database) -> None:
    async with filled.read() as session:
        assert await find_all(session, Box, IN_ORDER) == [A, B, C]
        assert await find_one(session, Box, select(boxes).where(boxes.c.secret == "hidden")) == A
        assert await find_one(session, Box, select(boxes).where(boxes.c.id == "x")) is None
        assert await find_by(session, Box, boxes.c.shelf, IN_ORDER) == {"low": C, "high": B}
        groups = await find_groups(session, Box, boxes.c.shelf, IN_ORDER)
        assert groups == {"low": [A, C], "high": [B]}
        assert groups["nowhere"] == []
        assert await all_by_id(session, Box, boxes, ["c", "a", "c", "x"]) == {"a": A, "c": C}
        assert await all_by_id(session, Box, boxes, []) == {}


@pytest.mark.parametrize("lock", [False, True])
async def test_one_is_found_by_its_id_or_the_room_says_that_there_is_none(filled: Database, lock: bool) -> None:
    async with filled.write() as session:
        assert await one_by_id(session, Box, boxes, "b", MISSING, lock=lock) == B
        with pytest.raises(NotFound, match=MISSING):
            await one_by_id(session, Box, boxes, "x", MISSING, lock=lock)
    assert known(0, MISSING) == 0


async def test_a_row_is_inserted_once_and_the_first_one_stays(filled: Database) -> None:
    async with filled.write() as session:
        assert not await insert_once(session, boxes, Box(id="a", shelf="high"))
        assert await insert_once(session, boxes, {**msgspec.structs.asdict(A), "id": "d"})
        assert await insert_once(session, boxes, Box(id="e", shelf="low"), secret="spare", shelf="top")
        assert await find_by(session, Box, boxes.c.id, IN_ORDER) == {
            "a": A,
            "b": B,
            "c": C,
            "d": Box(id="d", shelf="low"),
            "e": Box(id="e", shelf="top"),
        }
        await insert_all(session, boxes, [Box(id="f", shelf="low"), Box(id="g", shelf="low")], secret="both")
        assert len(await find_all(session, Box, select(boxes).where(boxes.c.secret == "both"))) == 2


async def test_a_noun_is_changed_as_it_was_read_and_by_nobody_who_read_it_before(filled: Database) -> None:
    async with filled.write() as session:
        moved = await revise(session, boxes, A, "this box", shelf="top", packed_at=NOON)
        assert moved == Box(id="a", shelf="top", packed_at=NOON, revision=2)
        with pytest.raises(Stale, match="this box was changed meanwhile"):
            await revise(session, boxes, A, "this box", shelf="floor")
        assert not await change_row(session, boxes, "a", 1, {"shelf": "floor"})
        assert await change_row(session, boxes, "b", 1, {"packed_at": None})
        assert await find_all(session, Box, IN_ORDER) == [moved, Box(id="b", shelf="high", revision=2), C]


async def test_a_row_that_is_locked_is_nobody_elses_until_the_transaction_ends(filled: Database) -> None:
    free = IN_ORDER.with_for_update(skip_locked=True)
    async with filled.write() as session:
        await one_by_id(session, Box, boxes, "a", MISSING, lock=True)
        await find_one(session, Box, select(boxes).where(boxes.c.packed_at == NOON), lock=True)
        await one_by_id(session, Box, boxes, "c", MISSING)
        if not filled.is_sqlite:  # which has one writer at a time
            async with filled.write() as another:
                assert await find_all(another, Box, free) == [C]
    async with filled.write() as session:
        assert await find_all(session, Box, free) == [A, B, C]
