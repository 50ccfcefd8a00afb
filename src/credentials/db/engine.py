"""Two databases, one behaviour.

*SQLite* (WAL, ``synchronous=FULL``): writers begin with ``BEGIN IMMEDIATE``, because a transaction that reads first and
writes later would otherwise lose updates without an error; within one process they queue on a lock, so that nobody polls.
*PostgreSQL* (psycopg): READ COMMITTED, with row locks where a store asks for them.

A session is a SQLAlchemy connection inside a transaction. ``Database.read()`` cannot write; ``Database.write()`` commits
when the block ends and rolls back when it raises.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from credentials.db.prepared import PreparedEngine, ReadingEngine
from credentials.db.sqlite import OneTripDriver
from credentials.errors import Malformed

Session = AsyncConnection


class Database:
    """One database and its connections. ``url`` as SQLAlchemy reads it; ``postgres://`` is understood too.

    Readers and writers have engines of their own: on SQLite a reader's connection cannot write, whatever it is asked.
    ``waits_for_disk``: whether on SQLite a commit is on the disk when it is acknowledged. Without it a power cut takes the last
    ones back or spoils the whole file, so it is left out only where all of it can be made anew.
    """

    def __init__(self, url: str, *, pool_size: int = 10, waits_for_disk: bool = True) -> None:
        self.url = engine_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self._writing = asyncio.Lock()
        self.writes = 0
        """How many writing sessions of this process have ended: what was read before the last one may be out of date."""
        if self.is_sqlite:
            self._reader = _sqlite_engine(self.url, pool_size, waits_for_disk=waits_for_disk, read_only=True)
            self._writer = _sqlite_engine(self.url, pool_size, waits_for_disk=waits_for_disk, read_only=False)
        else:
            self._writer = create_async_engine(self.url, pool_size=pool_size, max_overflow=pool_size)
            self._reader = self._writer.execution_options(postgresql_readonly=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """A session that sees the database and cannot change it."""
        async with self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """A session in one transaction: committed at the end of the block, rolled back when it raises."""
        async with AsyncExitStack() as stack:
            if self.is_sqlite:
                await stack.enter_async_context(self._writing)
            stack.callback(self._written)
            yield await stack.enter_async_context(self._writer.begin())

    def _written(self) -> None:
        self.writes += 1

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()


def engine_url(url: str) -> str:
    """The URL with the asynchronous driver that this project uses named in it.

    >>> engine_url("postgres://u@h/d")
    'postgresql+psycopg://u@h/d'
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as problem:
        raise Malformed(
            "the database URL cannot be read: write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from problem
    match parsed.get_backend_name():
        case "sqlite":
            driver = "sqlite+aiosqlite"
        case "postgres" | "postgresql":
            driver = "postgresql+psycopg"
        case other:
            raise Malformed(f"the database must be SQLite or PostgreSQL, not {other}")
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def _sqlite_engine(url: str, pool_size: int, *, waits_for_disk: bool, read_only: bool) -> AsyncEngine:
    made = create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, module=OneTripDriver())
    engine = ReadingEngine(made.sync_engine) if read_only else PreparedEngine(made.sync_engine)

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        # NORMAL loses acknowledged commits when the power fails
        cursor.execute(f"PRAGMA synchronous = {'FULL' if waits_for_disk else 'OFF'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA busy_timeout = 0")  # the driver waits, and where it holds up nobody
        cursor.execute(f"PRAGMA query_only = {int(read_only)}")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def constraint_of(error: IntegrityError) -> str:
    """What the database says was violated: the constraint's name on PostgreSQL, the columns on SQLite."""
    diagnostic = getattr(error.orig, "diag", None)
    return str(getattr(diagnostic, "constraint_name", None) or error.orig)
