import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.exc import DBAPIError

from credentials.db import Database, migrate
from credentials.db.engine import engine_url
from credentials.errors import Malformed
from credentials.outbox.tables import orders

counters = Table("counters", MetaData(), Column("id", Integer, primary_key=True), Column("value", Integer))


async def test_many_read_modify_writes_lose_no_update(database: Database) -> None:
    """SQLite with its default BEGIN loses most of them without an error; PostgreSQL needs the row lock."""
    async with database.write() as session:
        await session.run_sync(counters.metadata.create_all)
        await session.execute(insert(counters).values(id=1, value=0))

    async def add_five() -> None:
        for _ in range(5):
            async with database.write() as session:
                query = select(counters.c.value).with_for_update()
                value = (await session.execute(query)).scalar_one()
                await session.execute(update(counters).values(value=value + 1))

    await asyncio.gather(*(add_five() for _ in range(8)))
    async with database.read() as session:
        assert (await session.execute(select(counters.c.value))).scalar_one() == 40


async def test_a_reading_session_cannot_write(database: Database, now: datetime) -> None:
    values = {"id": "1", "kind": "k", "key": "k", "payload": {}, "placed_at": now, "attempts": 0, "last_error": ""}
    with pytest.raises(DBAPIError):
        async with database.read() as session:
            await session.execute(insert(orders).values(**values))
    async with database.write() as session:
        await session.execute(insert(orders).values(**values))
    async with database.read() as session:
        assert len((await session.execute(select(orders.c.id))).all()) == 1


async def test_a_block_that_raises_leaves_nothing(database: Database, now: datetime) -> None:
    values = {"id": "1", "kind": "k", "key": "k", "payload": {}, "placed_at": now, "attempts": 0, "last_error": ""}

    async def a_block_that_raises() -> None:
        async with database.write() as session:
            await session.execute(insert(orders).values(**values))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await a_block_that_raises()
    async with database.read() as session:
        assert (await session.execute(select(orders.c.id))).all() == []


async def test_a_moment_comes_back_with_its_zone_and_to_the_microsecond(database: Database) -> None:
    moment = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-6)))
    values = {"id": "1", "kind": "k", "key": "k", "payload": {}, "placed_at": moment, "attempts": 0, "last_error": ""}
    async with database.write() as session:
        await session.execute(insert(orders).values(**values))
    async with database.read() as session:
        found = (await session.execute(select(orders.c.placed_at))).scalar_one()
    assert found == moment
    assert found.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"):
        async with database.write() as session:
            await session.execute(select(orders.c.id).where(orders.c.placed_at < datetime(2026, 1, 1)))  # noqa: DTZ001


async def test_a_migrated_database_has_the_shape_that_the_tables_say(database: Database) -> None:
    assert await migrate.differences(database) == []
    await migrate.check_current(database)


async def test_an_empty_database_is_told_apart_and_can_be_upgraded(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with pytest.raises(migrate.SchemaOutdated, match="credentials db upgrade"):
        await migrate.check_current(database)
    await migrate.upgrade(database)
    await migrate.check_current(database)
    await database.close()


async def test_sqlite_is_opened_so_that_a_commit_survives_a_power_cut(sqlite_template) -> None:
    database = Database(f"sqlite:///{sqlite_template}")
    async with database.read() as session:
        pragmas = {
            name: (await session.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    await database.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+psycopg://h/d?sslmode=require"),
    ],
)
def test_the_urls_that_operators_write_are_understood(url: str, expected: str) -> None:
    assert engine_url(url) == expected


@pytest.mark.parametrize("url", ["mysql://h/d", "not a url", ""])
def test_another_database_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(Malformed, match="database"):
        engine_url(url)
