"""What is executed without SQLAlchemy's machinery answers and refuses what SQLAlchemy would."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError, InvalidRequestError, StatementError

from credentials.db import METADATA, Database, Document, Moment, Session
from credentials.db.prepared import MAX_FORMS
from credentials.db.sqlite import is_of_one_row

rows = Table(
    "rows",
    MetaData(),
    Column("id", String(9), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("at", Moment),
    Column("said", Document(dict[str, int])),
    Column("made", Integer, default=lambda: 7),
)
WITHOUT_MADE = insert(rows).values(id="d", number=4)
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
ROWS = [
    {"id": "a", "number": 1, "at": NOON, "said": {"x": 1}, "made": 1},
    {"id": "b", "number": 2, "at": None, "said": None, "made": 2},
    {"id": "c", "number": 3, "at": NOON, "said": {"y": 2}, "made": 3},
]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'rows.sqlite3'}")
    async with opened.write() as session:
        await session.run_sync(rows.metadata.create_all)
        await session.execute(insert(rows), ROWS)
    yield opened
    await opened.close()


def listen(database: Database, heard: list[str]) -> None:
    """From here on everything goes SQLAlchemy's own way, where a listener hears of it."""
    for engine in (database._reader, database._writer):
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: heard.append(call[2]))


BY_ID = select(rows).where(rows.c.id == bindparam("id"))
AMONG = select(rows.c.id, rows.c.at).where(rows.c.id.in_(bindparam("ids", expanding=True))).order_by(rows.c.id)

READS: dict[str, tuple[Any, list[dict[str, Any] | None]]] = {
    "a row by its key": (BY_ID, [{"id": "a"}, {"id": "b"}, {"id": "none"}]),
    "built anew, with its value": (select(rows).where(rows.c.number > 1).order_by(rows.c.id), [None]),
    "a list, longer and shorter and empty": (AMONG, [{"ids": ids} for ids in (["a", "b"], ["c"], [], ["a", "b", "c"])]),
    "a list that stands in it": (select(rows.c.said).where(rows.c.id.in_({"a", "c"})).order_by(rows.c.id), [None]),
    "two lists and a value": (
        AMONG.where(rows.c.number.in_([1, 2, 3]), rows.c.at == bindparam("at")),
        [{"ids": ["a", "b"], "at": NOON}, {"ids": ["c", "a"], "at": NOON}],
    ),
    "moments in a list": (select(rows.c.id).where(rows.c.at.in_([NOON])).order_by(rows.c.id), [None]),
    "a page": (select(rows.c.id).order_by(rows.c.id).limit(2).offset(1), [None]),
    "what is counted": (select(func.count().label("many"), func.max(rows.c.at)), [None]),
    "one column twice": (select(rows.c.id, rows.c.id).order_by(rows.c.id), [None]),
    "two selects in one": (select(rows.c.id).union_all(select(rows.c.number.label("id"))).order_by("id"), [None]),
    "text": (text("SELECT id FROM rows ORDER BY id"), [None]),
}
"""Statements, each with the values that it is executed with, one after another."""


@pytest.mark.parametrize("read", READS)
async def test_a_read_answers_the_same_rows(database: Database, read: str) -> None:
    statement, with_values = READS[read]

    async def answers() -> list[Any]:
        async with database.read() as session:
            return [
                [(row._asdict(), tuple(row)) for row in await session.execute(statement, values)]
                for values in [*with_values, *with_values]
            ]

    mine, heard = await answers(), []
    listen(database, heard)
    assert mine == await answers()
    assert len(heard) == 1 + 2 * len(with_values)  # and a BEGIN


CHANGES: dict[str, tuple[Any, dict[str, Any] | None]] = {
    "a row more": (insert(rows), {"id": "d", "number": 4, "at": NOON, "said": {}, "made": 1}),
    "a row more, whose default is worked out": (WITHOUT_MADE, None),
    "the row with an id": (update(rows).where(rows.c.id == "a").values(at=NOON, number=rows.c.number + 10), None),
    "no row": (update(rows).where(rows.c.id == "none").values(number=9), None),
    "many rows": (update(rows).where(rows.c.number > 1).values(said={"z": 3}), None),
    "rows that are answered": (
        update(rows).where(rows.c.number > 1).values(made=9).returning(rows.c.id, rows.c.at),
        None,
    ),
    "rows that go": (delete(rows).where(rows.c.id.in_(["a", "b"])), None),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_changes_and_answers_the_same(database: Database, change: str) -> None:
    async def outcome() -> tuple[Any, list[Any]]:
        async with database.write() as session:
            result = await session.execute(*CHANGES[change])
            answer = sorted(result.all()) if change == "rows that are answered" else result.rowcount
            after = (await session.execute(select(rows).order_by(rows.c.id))).all()
            await session.rollback()
            return answer, after

    mine, heard = await outcome(), []
    listen(database, heard)
    assert mine == await outcome()
    assert heard


REFUSED: dict[str, tuple[Callable[[], Any], dict[str, Any] | None, type[Exception]]] = {
    "a second row of a key": (lambda: insert(rows), {"id": "a", "number": 9, "made": 1}, IntegrityError),
    "a number that is taken": (lambda: update(rows).where(rows.c.id == "a").values(number=2), None, IntegrityError),
    "a moment without a zone": (lambda: BY_ID.where(rows.c.at == datetime(2026, 9, 1)), {"id": "a"}, StatementError),  # noqa: DTZ001
    "a value that is missing": (lambda: BY_ID, {"other": "a"}, StatementError),
    "a number that is too large": (lambda: BY_ID.where(rows.c.number == 2**70), {"id": "a"}, OverflowError),
}


@pytest.mark.parametrize("refused", REFUSED)
async def test_what_is_wrong_is_said_as_sqlalchemy_says_it(database: Database, refused: str) -> None:
    statement, values, kind = REFUSED[refused]

    async def said() -> tuple[str, list[Any]]:
        async with database.write() as session:
            await session.execute(update(rows).where(rows.c.id == "c").values(number=30))
            with pytest.raises(kind) as caught:
                await session.execute(statement(), values)
            kept = (await session.execute(select(rows.c.number).order_by(rows.c.id))).scalars().all()
            await session.rollback()
            return str(caught.value), list(kept)

    mine = await said()
    assert mine[1] == [1, 2, 30]
    listen(database, [])
    assert mine == await said()


async def test_a_result_is_used_as_those_of_sqlalchemy(database: Database) -> None:
    async with database.read() as session:
        ids = select(rows.c.id).order_by(rows.c.id)
        assert (await session.execute(ids)).scalars().all() == ["a", "b", "c"]
        assert (await session.execute(BY_ID, {"id": "none"})).one_or_none() is None
        assert (await session.execute(ids.limit(1))).scalar_one() == "a"
        row = (await session.execute(BY_ID, {"id": "a"})).one()
        assert (row.said, row._mapping["at"], row._mapping[rows.c.number]) == ({"x": 1}, NOON, 1)
        with pytest.raises(InvalidRequestError):
            (await session.execute(ids)).one()


async def test_a_list_may_have_any_number_of_members(database: Database) -> None:
    """More forms of one statement than are kept."""
    async with database.read() as session:
        for many in [*range(MAX_FORMS + 2), 3, 1]:
            ids = ["a", "b", "c", *map(str, range(many))][:many]
            assert len((await session.execute(AMONG, {"ids": ids})).all()) == min(many, 3)


async def test_a_reader_sees_one_moment_from_its_first_read_on(database: Database) -> None:
    async def numbers(session: Session) -> list[int]:
        return list((await session.execute(select(rows.c.number).order_by(rows.c.id))).scalars())

    async with database.read() as reader:
        before = await numbers(reader)
        async with database.write() as writer:
            await writer.execute(update(rows).where(rows.c.id == "a").values(number=100))
        assert await numbers(reader) == before
    async with database.read() as reader:
        assert await numbers(reader) == [100, 2, 3]


async def test_who_need_not_wait_for_the_disk_commits_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hasty.sqlite3'}"
    hasty, other = Database(url, waits_for_disk=False), Database(url)
    async with hasty.write() as session:
        await session.run_sync(rows.metadata.create_all)
        await session.execute(insert(rows), ROWS)

    async def fail() -> None:
        async with hasty.write() as session:
            await session.execute(delete(rows).where(rows.c.id == "a"))
            await session.execute(insert(rows), ROWS)

    with pytest.raises(IntegrityError):
        await fail()
    for database in (hasty, other):
        async with database.read() as session:
            assert (await session.execute(select(func.count()).select_from(rows))).scalar_one() == 3
        await database.close()


def test_a_change_at_once_is_of_one_row() -> None:
    """``id`` alone is the key of each table that has it, and what is not bound to it goes to the thread."""
    for table in METADATA.tables.values():
        assert "id" not in table.c or [column.name for column in table.primary_key] == ["id"], table.name
    assert is_of_one_row("UPDATE rows SET number=(rows.number + ?) WHERE rows.id = ? AND rows.at IS NULL")
    for longer in (
        "UPDATE rows SET number=? WHERE rows.number = ?",
        "UPDATE rows SET number=? WHERE rows.id = ? OR rows.number = ?",
        "UPDATE rows SET number=? WHERE rows.id IN (?, ?)",
        "UPDATE rows SET number=(SELECT count(*) FROM others) WHERE rows.id = ?",
        "UPDATE rows SET number=? WHERE others.id = ?",
        "INSERT INTO rows (id) SELECT others.id FROM others",
        "DELETE FROM rows WHERE rows.id = ?",
    ):
        assert not is_of_one_row(longer), longer
