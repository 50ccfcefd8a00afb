"""On SQLite what is short is done at once and nothing else: nobody waits on the loop, nothing of a transaction is lost."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import QueuePool

from credentials.db import Database, Session

rows = Table("rows", MetaData(), Column("id", Integer, primary_key=True), Column("said", Text, nullable=False))
MANY = 30_000


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.sqlite3"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{file}")
    async with opened.write() as session:
        await session.run_sync(rows.metadata.create_all)
    yield opened
    await opened.close()


async def _fill(database: Database) -> None:
    async with database.write() as session:
        await session.execute(insert(rows), [{"id": number, "said": str(number)} for number in range(MANY)])


async def _count(session: Session) -> int:
    return (await session.execute(select(func.count()).select_from(rows))).scalar_one()


def _long_read() -> object:
    """Far more steps than a read may take at once."""
    return select(func.sum(func.length(rows.c.said + literal("x"))))


async def test_a_long_read_is_answered_whole_and_whatever_was_written_before_it_stays(database: Database) -> None:
    """It is stopped on the loop and begun again in the thread: SQLite keeps the transaction of a read that is stopped."""
    await _fill(database)
    async with database.write() as session:
        await session.execute(update(rows).where(rows.c.id == 1).values(said="changed"))
        await session.execute(insert(rows).values(id=MANY, said="new"))
        total = (await session.execute(_long_read())).scalar_one()  # type: ignore[call-overload]
        assert total == sum(len(str(number)) for number in range(MANY)) + MANY + len("changed") - 1 + len("new") + 1
        found = (await session.execute(select(rows.c.said).order_by(rows.c.id))).scalars().all()
        assert len(found) == MANY + 1
    async with database.read() as session:
        assert (await session.execute(select(rows.c.said).where(rows.c.id == 1))).scalar_one() == "changed"
        assert await _count(session) == MANY + 1


async def test_a_change_is_never_stopped_however_often_its_statement_was_used(database: Database) -> None:
    """SQLite counts the steps of a statement over all its uses; one that is stopped would take its transaction along."""
    async with database.write() as session:
        for number in range(2_000):
            await session.execute(insert(rows).values(id=number, said="x"))
        await session.execute(update(rows).values(said="y"))
    async with database.read() as session:
        assert (await session.execute(select(func.count()).where(rows.c.said == "y"))).scalar_one() == 2_000


async def test_everybody_gets_a_turn_while_somebody_reads_row_after_row(database: Database) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    async with database.read() as session:
        for _ in range(200):
            await session.execute(select(rows.c.id).where(rows.c.id == 1))
    other.cancel()
    assert turns >= 10


async def test_a_refused_insertion_leaves_the_transaction_as_it_was(database: Database) -> None:
    async with database.write() as session:
        await session.execute(insert(rows).values(id=1, said="x"))
        with pytest.raises(IntegrityError):
            await session.execute(insert(rows).values(id=1, said="again"))
        await session.execute(insert(rows).values(id=2, said="y"))
    async with database.read() as session:
        assert await _count(session) == 2


async def test_another_process_that_writes_is_waited_for_and_not_on_the_loop(database: Database, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO rows VALUES (1, 'theirs')")

    async def write() -> None:
        async with database.write() as session:
            await session.execute(insert(rows).values(id=2, said="ours"))

    writing = asyncio.create_task(write())
    async with database.read() as session:  # the loop goes on, and readers see what was there before
        for _ in range(50):
            assert await _count(session) == 0
            await asyncio.sleep(0)
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await asyncio.wait_for(writing, 30)
    async with database.read() as session:
        assert await _count(session) == 2


async def test_who_is_cancelled_while_waiting_for_another_process_leaves_nothing_locked(
    database: Database, file: Path
) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waits = asyncio.Event()

    async def write() -> None:
        waits.set()
        async with database.write() as session:
            await session.execute(insert(rows).values(id=1, said="never"))

    writing = asyncio.create_task(write())
    await waits.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    writing.cancel()
    other.execute("COMMIT")
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with database.write() as session:
        await session.execute(insert(rows).values(id=2, said="ours"))
    other.execute("PRAGMA busy_timeout = 30000")
    other.execute("BEGIN IMMEDIATE")  # nobody holds the lock
    assert other.execute("SELECT said FROM rows").fetchall() == [("ours",)]
    other.execute("COMMIT")
    other.close()


async def test_who_is_cancelled_at_any_step_of_reading_gives_the_connection_back(database: Database) -> None:
    """Each sixteenth statement lets others have a turn: a BEGIN now, a read then."""
    pool: QueuePool = database._reader.sync_engine.pool  # type: ignore[assignment]
    async with AsyncExitStack() as stack:
        for _ in range(pool.size()):
            await _count(await stack.enter_async_context(database.read()))

    async def read(times: int) -> None:
        async with database.read() as session:
            for _ in range(times):
                await _count(session)

    for times in range(40):
        reading = asyncio.create_task(read(times))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert (pool.checkedout(), pool.checkedin()) == (0, pool.size())


async def test_a_session_that_is_given_back_has_no_transaction_open(database: Database, file: Path) -> None:
    """A reader that kept its snapshot would show the next one what is old."""
    for number in range(12):
        async with database.read() as session:
            assert await _count(session) == number
        other = sqlite3.connect(file)
        other.execute("INSERT INTO rows VALUES (?, 'theirs')", (number,))
        other.commit()
        other.close()
