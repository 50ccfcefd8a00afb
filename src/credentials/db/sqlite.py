"""SQLite through aiosqlite, one trip to its thread for each statement.

SQLAlchemy's adapter goes there four times: to make a cursor, execute, fetch and close. Each trip hands the interpreter's lock
over twice, and costs more than most statements. Here the whole of a statement is one function that runs in the thread.
Results are read whole, as the adapter does too.
"""

import sqlite3
from collections import deque
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)


class _Done(NamedTuple):
    """What is left of a statement: what a cursor tells afterwards."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor = _Done()  # type: ignore[assignment]  # it answers what is asked of a cursor from here on
        self._soft_closed_memoized = {}  # type: ignore[assignment]  # the adapter's empty mapping
        self._rows = deque()

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """There is nothing to close."""

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        done, rows = await self._connection._execute(_execute, self._connection._conn, operation, parameters)
        self._cursor = done
        self._rows = deque(rows)
        return self._cursor

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        done = await self._connection._execute(_execute_many, self._connection._conn, operation, seq_of_parameters)
        self._cursor = done
        return self._cursor


def _execute(connection: sqlite3.Connection, operation: str, parameters: Any) -> tuple[_Done, list[Any]]:
    cursor = connection.execute(operation, () if parameters is None else parameters)
    try:
        rows = cursor.fetchall() if cursor.description else []
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid), rows
    finally:
        cursor.close()


def _execute_many(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Done:
    cursor = connection.executemany(operation, parameters)
    try:
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


class OneTripConnection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    _cursor_cls = OneTripCursor


class OneTripDriver(AsyncAdapt_aiosqlite_dbapi):
    """What SQLAlchemy takes for the DBAPI module (``create_async_engine(module=…)``)."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *args: Any, **options: Any) -> OneTripConnection:
        return OneTripConnection(self, super().connect(*args, **options)._connection)
