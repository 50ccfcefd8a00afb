"""Rows in and out, as every room's store reads and writes them: one, some, all, by id; added, and changed as it was read.

``shape`` is the room's noun, a frozen struct whose fields are columns of the table. What is asked by id, and every insertion
and change here, is a statement that is built once for its table: recognising one that is built anew is most of its cost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Column, Executable, Insert, Row, Select, Table, Update, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from credentials.db.engine import Session
from credentials.errors import NotFound, Stale


class Revised(Protocol):
    """A noun that counts its changes."""

    @property
    def id(self) -> str: ...
    @property
    def revision(self) -> int: ...


T = TypeVar("T")
R = TypeVar("R", bound=Revised)


def to_struct(row: Row[Any], shape: type[T], **more: Any) -> T:
    """A row as the room's noun, with ``more`` beside its columns. Columns that the noun does not know are left out."""
    values = {**row._mapping, **more}  # noqa: SLF001 - SQLAlchemy's documented name, not a private one
    return msgspec.convert({wire: values[name] for name, wire in _members(shape) if name in values}, shape)  # type: ignore[arg-type]  # a class is hashable


@cache
def _members(shape: type) -> tuple[tuple[str, str], ...]:
    """The names of a struct's fields, in Python and on the wire."""
    return tuple((field.name, field.encode_name) for field in msgspec.structs.fields(shape))


# Reading


async def find_row(
    session: Session, query: Select[Any], values: dict[str, Any] | None = None, *, lock: bool = False
) -> Row[Any] | None:
    """The one row that a query finds, if it finds one. ``lock``: held until the transaction ends."""
    asked = query.with_for_update() if lock else query
    row: Row[Any] | None = (await session.execute(asked, values)).one_or_none()
    return row


async def find_one(
    session: Session,
    shape: type[T],
    query: Select[Any],
    values: dict[str, Any] | None = None,
    *,
    lock: bool = False,
) -> T | None:
    """The same as the room's noun."""
    row = await find_row(session, query, values, lock=lock)
    return None if row is None else to_struct(row, shape)


async def find_all(
    session: Session, shape: type[T], query: Executable, values: dict[str, Any] | None = None
) -> list[T]:
    """Whatever a query finds, in its order."""
    return [to_struct(row, shape) for row in await session.execute(query, values)]


async def find_by(
    session: Session, shape: type[T], by: Column[str], query: Select[Any], values: dict[str, Any] | None = None
) -> dict[str, T]:
    """The same, each by what it has in a column; of several the last."""
    rows = await session.execute(query, values)
    return {getattr(row, by.key): to_struct(row, shape) for row in rows}


async def find_groups(
    session: Session, shape: type[T], by: Column[str], query: Select[Any], values: dict[str, Any] | None = None
) -> dict[str, list[T]]:
    """The same, those together that have the same in a column; of what nothing was found the empty list."""
    found: dict[str, list[T]] = defaultdict(list)
    for row in await session.execute(query, values):
        found[getattr(row, by.key)].append(to_struct(row, shape))
    return found


async def one_by_id(
    session: Session, shape: type[T], table: Table, row_id: str, missing: str, *, lock: bool = False
) -> T:
    """The row with an id. ``missing``: what ``NotFound`` says where there is none. ``lock`` as above."""
    query = _by_id_locked(table) if lock else _by_id(table)
    return known(await find_one(session, shape, query, {"id": row_id}), missing)


async def all_by_id(session: Session, shape: type[T], table: Table, ids: Iterable[str]) -> dict[str, T]:
    """Those of these rows that there are, by id."""
    return await find_by(session, shape, table.c.id, _by_ids(table), {"ids": sorted(set(ids))})


def known(found: T | None, missing: str) -> T:
    """What was found; ``NotFound`` with these words where nothing was."""
    if found is None:
        raise NotFound(missing)
    return found


@cache
def _by_id(table: Table) -> Select[Any]:
    return select(table).where(table.c.id == bindparam("id"))


@cache
def _by_id_locked(table: Table) -> Select[Any]:
    return _by_id(table).with_for_update()


@cache
def _by_ids(table: Table) -> Select[Any]:
    return select(table).where(table.c.id.in_(bindparam("ids", expanding=True)))


# Writing


async def insert_one(session: Session, table: Table, noun: msgspec.Struct, **more: Any) -> None:
    """A noun as a row, with ``more`` beside its members or in their place."""
    await session.execute(_insert(table), {**msgspec.structs.asdict(noun), **more})


async def insert_all(session: Session, table: Table, nouns: Iterable[msgspec.Struct], **more: Any) -> None:
    """The same of several; ``more`` is the same for each."""
    rows = [{**msgspec.structs.asdict(noun), **more} for noun in nouns]
    if rows:
        await session.execute(_insert(table), rows)


async def insert_once(session: Session, table: Table, values: Mapping[str, Any] | msgspec.Struct, **more: Any) -> bool:
    """Insert a row, or a noun as one with ``more``, unless one with the same unique key is there. Says whether it was
    inserted."""
    row = msgspec.structs.asdict(values) if isinstance(values, msgspec.Struct) else values
    statement = _insert_once(table, session.dialect.name)
    result = await session.execute(statement, {**row, **more}, execution_options={"preserve_rowcount": True})
    return result.rowcount == 1


async def change_row(session: Session, table: Table, row_id: str, revision: int, values: Mapping[str, Any]) -> bool:
    """Write these columns of a row that has an id, and count its revision up. Whether it was written: not if anybody changed it
    since that revision."""
    of = {"of_id": row_id, "of_revision": revision}
    return (await session.execute(_change(table), {**values, "revision": revision + 1, **of})).rowcount == 1


async def revise(session: Session, table: Table, found: R, what: str, /, **values: Any) -> R:
    """A noun with these changes, written. Raises ``Stale``, which says ``what`` it is, if it is no longer as it was found."""
    if not await change_row(session, table, found.id, found.revision, values):
        raise Stale(f"{what} was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)  # type: ignore[type-var]  # nouns are structs


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _insert_once(table: Table, dialect: str) -> Executable:
    one = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return one(table).on_conflict_do_nothing()


@cache
def _change(table: Table) -> Update:
    """Which columns it writes is what it is executed with."""
    return update(table).where(table.c.id == bindparam("of_id"), table.c.revision == bindparam("of_revision"))
