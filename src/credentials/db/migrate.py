"""The database's shape, brought up to date and compared with what the rooms' tables say."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from credentials.db.engine import Database
from credentials.db.metadata import METADATA
from credentials.errors import Unavailable


class SchemaOutdated(Unavailable):
    code = "schema-outdated"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = METADATA
    return config


def newest() -> str | None:
    """The revision that this program was written for."""
    return ScriptDirectory.from_config(_config()).get_current_head()


async def upgrade(database: Database) -> None:
    """Bring the database to the newest revision, in one transaction."""
    async with database.write() as session:
        await session.run_sync(lambda connection: command.upgrade(_config(connection), "head"))


async def current(database: Database) -> str | None:
    async with database.read() as session:
        return await session.run_sync(_revision)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


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
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(difference) for difference in compare_metadata(context, METADATA)]


async def write_revision(database: Database, message: str, revision_id: str) -> None:
    """Draft a migration from what differs, for a developer to read and mend."""
    async with database.write() as session:
        await session.run_sync(
            lambda connection: command.revision(_config(connection), message, autogenerate=True, rev_id=revision_id)
        )
