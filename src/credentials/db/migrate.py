"""The database's shape, brought up to date and compared with what the rooms' tables say."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from credentials.db.engine import Database
from credentials.db.metadata import METADATA
from credentials.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is slow to import, and a service that only looks which revision it has does not need it.

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaOutdated(Unavailable):
    code = "schema-outdated"


def newest() -> str:
    """The revision that this program was written for: the name of its last migration begins with it."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


async def current(database: Database) -> str | None:
    """The revision of a database; ``None`` for an empty one."""
    async with database.read() as session:
        try:
            found = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
        except DatabaseError:  # there is no such table
            return None
    return str(found) if found else None


async def upgrade(database: Database) -> None:
    """Bring the database to the newest revision, in one transaction."""
    from alembic import command

    async with database.write() as session:
        await session.run_sync(lambda connection: command.upgrade(_config(connection), "head"))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = METADATA
    return config


async def check_current(database: Database) -> None:
    """Raises ``SchemaOutdated`` unless the database has the shape that this program was written for."""
    found = await current(database)
    if found != newest():
        raise SchemaOutdated(
            f"the database is at revision {found or 'none'}, this program needs {newest()}: run `credentials db upgrade`"
        )


async def differences(database: Database) -> list[str]:
    """What a database that was upgraded has otherwise than the tables say: nothing, unless a migration is missing."""
    async with database.read() as session:
        return await session.run_sync(_differences)


def _differences(connection: Connection) -> list[str]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(difference) for difference in compare_metadata(context, METADATA)]


async def write_revision(database: Database, message: str, revision_id: str) -> None:
    """Draft a migration from what differs, for a developer to read and mend."""
    from alembic import command

    async with database.write() as session:
        await session.run_sync(
            lambda connection: command.revision(_config(connection), message, autogenerate=True, rev_id=revision_id)
        )
