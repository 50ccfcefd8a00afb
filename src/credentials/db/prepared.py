"""Statements that were met before, executed on SQLite without SQLAlchemy's machinery around each execution.

That machinery (a greenlet, an execution context, a cursor, the columns of the result) takes several times as long as most
statements do, and what it works out is the same each time: the SQL, the order in which the values go in, how each is turned
into what SQLite keeps, and back. So that is kept beside the compiled statement. Whatever is out of the ordinary (nothing has
begun yet, many rows at once, a default that is worked out in Python, somebody who listens) is left to SQLAlchemy.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlalchemy.engine import Connection, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.compiler import WARN_LINTING, SQLCompiler
from sqlalchemy.util import greenlet_spawn

from credentials.db.sqlite import OneTripConnection, patiently

MAX_FORMS = 64
"""Forms of one statement that are kept: it has another one for each number of values of an ``IN``."""


class Changed:
    """What a statement answers that has no rows."""

    __slots__ = ("rowcount",)

    def __init__(self, rowcount: int) -> None:
        self.rowcount = rowcount


class _Form:
    """A statement as SQLite reads it. ``lists``: for each list of values the names of its members."""

    __slots__ = ("_lists", "_places", "sql")

    def __init__(
        self, sql: str, places: Sequence[str], processors: Mapping[str, Any], lists: Mapping[str, Sequence[str]]
    ) -> None:
        self.sql = sql
        self._places = tuple((name, processors.get(name)) for name in places)
        self._lists = tuple(lists.items())

    def fill(self, values: dict[str, Any]) -> tuple[Any, ...]:
        """The values in their places, as SQLite keeps them."""
        for name, members in self._lists:
            values.update(zip(members, values[name], strict=True))
        return tuple(values[name] if processor is None else processor(values[name]) for name, processor in self._places)


class Prepared:
    """What is the same whenever a statement is executed. ``columns``: ``None`` where it answers no rows."""

    __slots__ = ("_compiled", "_forms", "columns")

    def __init__(self, compiled: SQLCompiler, columns: SimpleResultMetaData | None) -> None:
        self._compiled = compiled
        self._forms: dict[tuple[int, ...], _Form] = {}
        self.columns = columns

    def form(self, values: dict[str, Any]) -> _Form:
        """For as many members as its lists have here."""
        compiled = self._compiled
        lengths = tuple(len(values[compiled.bind_names[one]]) for one in compiled.post_compile_params)
        known = self._forms.get(lengths)
        if known is not None:
            return known
        if lengths:
            state = compiled._process_parameters_for_postcompile(dict(values))
            processors = {**compiled._bind_processors, **state.processors}
            made = _Form(state.statement, state.positiontup or (), processors, state.parameter_expansion)
        else:
            made = _Form(compiled.string, compiled.positiontup or (), compiled._bind_processors, {})
        if len(self._forms) == MAX_FORMS:
            self._forms.clear()
        self._forms[lengths] = made
        return made


Known = WeakKeyDictionary[SQLCompiler, Prepared | None]
"""By the compiled statement, of which SQLAlchemy keeps a number; ``None`` for one that is left to it."""


def prepare(compiled: SQLCompiler, dialect: Dialect) -> Prepared | None:
    """``None`` for a statement that takes more than its values."""
    if (
        compiled.isplaintext
        or compiled.escaped_bind_names
        or compiled.literal_execute_params
        or not compiled.positional
    ):
        return None
    if any(one.type._is_tuple_type for one in compiled.post_compile_params):
        return None
    if compiled.insert_prefetch or compiled.update_prefetch or compiled.implicit_returning:
        return None
    entries = compiled._result_columns
    if not entries:
        return Prepared(compiled, None)
    keys = [entry.keyname for entry in entries]
    if not compiled._ordered_columns or compiled._ad_hoc_textual or len(set(keys)) < len(keys):
        return None
    columns = SimpleResultMetaData(
        keys,
        extra=[tuple(one for one in entry.objects if not isinstance(one, str)) for entry in entries],
        _processors=[entry.type._cached_result_processor(dialect, None) for entry in entries],
    )
    return Prepared(compiled, columns)


class PreparedSession(AsyncConnection):
    __slots__ = ()

    async def execute(
        self, statement: Any, parameters: Any = None, *, execution_options: Mapping[str, Any] | None = None
    ) -> Any:
        ordinary = execution_options is None or execution_options.keys() == {"preserve_rowcount"}
        connection = self.sync_connection
        if ordinary and connection is not None and _is_usual(connection, statement, parameters):
            driver = _driver(connection)
            found = _ready(connection, driver.dbapi.prepared, statement, parameters)
            if found is not None:
                return await _executed(connection, driver, *found)
        return await super().execute(statement, parameters, execution_options=execution_options)

    async def __aexit__(self, *outcome: object) -> None:
        """Where nothing of it is with the thread and the pool has room, nothing is waited for that could be cancelled, and no
        task need guard it."""
        connection = self.sync_connection
        if connection is None or connection.invalidated or _driver(connection).away or _overflows(connection):
            await super().__aexit__(*outcome)
        else:
            await self.close()


class ReadingSession(PreparedSession):
    __slots__ = ()

    async def start(self, is_ctxmanager: bool = False) -> "ReadingSession":  # noqa: ARG002 - SQLAlchemy's
        """Its transaction begins with it. SQLite takes the snapshot at the first read."""
        self.sync_connection = self._assign_proxied(await greenlet_spawn(self._begun))
        return self

    def _begun(self) -> Connection:
        connection = self.sync_engine.connect()
        try:
            connection.begin()
        except BaseException:  # whoever is cancelled here, too, gives it back
            connection.close()
            raise
        return connection


class PreparedEngine(AsyncEngine):
    __slots__ = ()
    _connection_cls = PreparedSession


class ReadingEngine(AsyncEngine):
    __slots__ = ()
    _connection_cls = ReadingSession


def _driver(connection: Connection) -> OneTripConnection:
    return connection.connection.dbapi_connection  # type: ignore[return-value]  # what `db.sqlite` makes


def _overflows(connection: Connection) -> bool:
    """Whether the pool closes one of its connections when this one comes back, which takes a trip to a thread."""
    pool = connection.engine.pool
    return not isinstance(pool, QueuePool) or pool.overflow() > 0


def _is_usual(connection: Connection, statement: Any, parameters: Any) -> bool:
    """Whether it is one statement with its values, in a transaction that has begun, which nobody else watches."""
    watched = connection.engine.dispatch
    return (
        (parameters is None or isinstance(parameters, dict))
        and (statement.is_select or statement.is_dml)
        and not statement._execution_options
        and connection.in_transaction()
        and connection.get_nested_transaction() is None
        and not (connection._echo or watched.before_execute or watched.before_cursor_execute)
    )


def _ready(
    connection: Connection, prepared: Known, statement: Any, parameters: dict[str, Any] | None
) -> tuple[Prepared, str, tuple[Any, ...]] | None:
    dialect = connection.dialect
    compiled, extracted, collected, _ = statement._compile_w_cache(
        dialect=dialect,
        compiled_cache=connection.engine._compiled_cache,
        column_keys=sorted(parameters) if parameters else [],
        linting=dialect.compiler_linting | WARN_LINTING,
    )
    try:
        known = prepared[compiled]
    except KeyError:
        known = prepared[compiled] = prepare(compiled, dialect)
    if known is None:
        return None
    try:
        values = compiled.construct_params(
            parameters, escape_names=False, extracted_parameters=extracted, _collected_params=collected
        )
        form = known.form(values)
        return known, form.sql, form.fill(values)
    except Exception:  # noqa: BLE001 - nothing was done yet: SQLAlchemy meets it again, and says which statement it is
        return None


async def _executed(
    connection: Connection, driver: OneTripConnection, known: Prepared, sql: str, values: tuple[Any, ...]
) -> IteratorResult[Any] | Changed:
    try:
        found = await driver.at_once(sql, values)
        if found is None:
            found = await driver.in_thread(patiently, sql, values)
    except sqlite3.Error as error:
        raise DBAPIError.instance(
            sql,
            values,
            error,
            sqlite3.Error,
            hide_parameters=connection.engine.hide_parameters,
            dialect=connection.dialect,
        ) from error
    done, rows = found
    if known.columns is None:
        return Changed(done.rowcount)
    return IteratorResult(known.columns, iter(rows))
