"""SQLite through aiosqlite, with no trip to its thread for what is short, and one for each other statement.

A trip hands the interpreter's lock over twice and wakes two threads, which costs more than most statements do: a row found by
its key takes twenty microseconds. So what cannot take long is done at once: a BEGIN, the insertion of a row, the change of the
row that has an id, a ROLLBACK, and whatever is read, up to ``SHORT`` steps of SQLite's machine; a read that is not done by then
is begun again in the thread. COMMIT (which waits for the disk), any other UPDATE, DELETE and everything else go to the thread
straight away, and so does whatever finds the database locked: nobody waits for another process on the loop.

Results are read whole, as SQLAlchemy's adapter does too; it would make four trips for each statement.
"""

import asyncio
import re
import sqlite3
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import await_

BUSY_MS = 30_000
"""How long a writer of another process is waited for, in the thread."""
SHORT = 5_000
"""Steps of SQLite's machine that a read may take at once: a few hundred rows, a fraction of a millisecond."""
FEW_VALUES = 64
"""Values of an insertion that is done at once: a row or two, and not a table."""
TURNS = 16
"""Statements that are done at once before everybody else gets a turn: about a millisecond."""


class _Done(NamedTuple):
    """What is left of a statement: what a cursor tells afterwards, and its rows."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1


class _Watch:
    """Stops a read that is done at once and takes long. SQLite asks it every ``SHORT`` steps of any statement, and only a
    read may be stopped: a change that is stopped takes its whole transaction with it."""

    __slots__ = ("stops",)

    def __init__(self) -> None:
        self.stops = False

    def __call__(self) -> bool:
        return self.stops


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
        connection: OneTripConnection = self._adapt_connection  # type: ignore[assignment]  # made for it alone
        found = await connection.at_once(operation, parameters)
        if found is None:
            found = await connection.in_thread(patiently, operation, parameters)
        self._cursor, rows = found  # type: ignore[assignment]
        self._rows = deque(rows)
        return self._cursor

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        connection: OneTripConnection = self._adapt_connection  # type: ignore[assignment]
        self._cursor = await connection.in_thread(_execute_many, operation, seq_of_parameters)
        return self._cursor


Found = tuple[_Done, list[Any]]


def _execute(connection: sqlite3.Connection, operation: str, parameters: Any) -> Found:
    cursor = connection.execute(operation, () if parameters is None else parameters)
    try:
        rows = cursor.fetchall() if cursor.description else []
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid), rows
    finally:
        cursor.close()


def patiently(connection: sqlite3.Connection, operation: str, parameters: Any) -> Found:
    """In the thread: where the database is locked, wait for it."""
    try:
        return _execute(connection, operation, parameters)
    except sqlite3.OperationalError as error:
        if not _is_busy(error):
            raise
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    try:
        return _execute(connection, operation, parameters)
    finally:
        connection.execute("PRAGMA busy_timeout = 0")


def _execute_many(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Done:
    cursor = connection.executemany(operation, parameters)
    try:
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


def _code(error: sqlite3.OperationalError) -> int:
    return getattr(error, "sqlite_errorcode", 0)  # what the module itself finds wrong has none


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return _code(error) & 0xFF == sqlite3.SQLITE_BUSY  # the rest says how


_OF_ONE_ROW = re.compile(
    r"INSERT INTO (?!.* SELECT ).* VALUES \("
    r"|UPDATE (\w+) SET (?!.*SELECT ).* WHERE \1\.id = \?( AND \1\.\w+ (= \?|IS NULL|IS NOT NULL))*$",
    re.DOTALL,
)
"""An insertion of what is handed in, and a change of the row that has an id: a test sees to it that ``id`` is a table's key."""


@lru_cache(maxsize=2_000)
def is_of_one_row(operation: str) -> bool:
    return _OF_ONE_ROW.match(operation) is not None


def _is_one_row(operation: str, parameters: Any) -> bool:
    return len(parameters or ()) <= FEW_VALUES and is_of_one_row(operation)


class OneTripConnection(AsyncAdapt_aiosqlite_connection):
    """``away``: something of this connection is with the thread, or was when whoever waited for it was cancelled: from then on
    everything goes there, in its order."""

    __slots__ = ("_watch", "away")

    _cursor_cls = OneTripCursor

    def __init__(self, dbapi: "OneTripDriver", connection: aiosqlite.Connection) -> None:
        super().__init__(dbapi, connection)  # type: ignore[arg-type]  # what SQLAlchemy describes by a protocol
        self.away = False
        self._watch = _Watch()
        connection._conn.set_progress_handler(self._watch, SHORT)

    async def at_once(self, operation: str, parameters: Any) -> Found | None:
        """The statement's outcome, or ``None`` where it must go to the thread."""
        raw = self._connection._connection
        if self.away or raw is None:
            return None
        reads = operation.startswith("SELECT ")
        if not (reads or operation.startswith("BEGIN") or _is_one_row(operation, parameters)):
            return None
        self.dbapi.turns += 1
        if self.dbapi.turns % TURNS == 0:
            await asyncio.sleep(0)
        self._watch.stops = reads
        try:
            return _execute(raw, operation, parameters)
        except sqlite3.OperationalError as error:
            if _code(error) == sqlite3.SQLITE_INTERRUPT or _is_busy(error):
                return None
            raise
        finally:
            self._watch.stops = False

    async def in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        self.away = True
        try:
            found = await self._connection._execute(call, self._connection._conn, *arguments)
        except Exception:  # and not where whoever waits is cancelled: then it is still there
            self.away = False
            raise
        self.away = False
        return found

    def _ended(self) -> bool:
        """Whether there is no transaction to end: it was ended before this connection was given back."""
        raw = self._connection._connection
        return raw is None or not (self.away or raw.in_transaction)

    def rollback(self) -> None:
        if self._ended():
            return
        if self.away:
            super().rollback()
            return
        try:
            self._connection._conn.rollback()
        except (sqlite3.Error, ValueError) as error:  # what SQLAlchemy's adapter expects of a driver
            self._handle_exception(error)

    def commit(self) -> None:
        if self._ended():
            return
        try:
            await_(self.in_thread(patiently, "COMMIT", ()))
        except (sqlite3.Error, ValueError) as error:  # what SQLAlchemy's adapter expects of a driver
            self._handle_exception(error)


class OneTripDriver(AsyncAdapt_aiosqlite_dbapi):
    """What SQLAlchemy takes for the DBAPI module (``create_async_engine(module=…)``)."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)
        self.turns = 0
        self.prepared: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
        """What `credentials.db.prepared` knows of the statements of this engine."""

    def connect(self, *args: Any, **options: Any) -> OneTripConnection:
        """The connection is used by the loop and by its thread, never by both at a time."""
        adapted = super().connect(*args, **{**options, "check_same_thread": False})
        return OneTripConnection(self, adapted._connection)  # type: ignore[arg-type]  # aiosqlite's, of which there is one
