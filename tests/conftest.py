"""What the tests stand on: real databases, a fixed moment, repeatable identifiers, the shared material."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import soft_hsm
from builders import CHEAP, TestClock, World, browser, served
from hypothesis import settings as drawing
from postgres import admin, copied, copy, in_database, server
from scene import Founded, a_world, found

from credentials import schema
from credentials.db import Database, migrate
from credentials.fetch import fetch_nothing
from credentials.ids import SeededIds
from credentials.settings import Cryptosuite, Environment, KeyStoreKind, Settings
from credentials.web.parts import Parts, open_parts
from credentials.web.server import settle

REPOSITORY = Path(__file__).parents[1]
NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

assert schema.ROOMS

drawing.register_profile("patient", deadline=None)  # no test may hang on how fast a machine is, or how busy
drawing.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long forms of the tests too")
    parser.addoption("--corpus", action="append", default=[], metavar="DIR", help="further folders of hostile samples")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="a long form: make test-long runs it")
    for item in items:
        if item.get_closest_marker("long"):  # and not by its keywords, among which the folder's name is
            item.add_marker(skip)


def pytest_collection_finish() -> None:
    """Thousands of tests, and all that they import, stay to the end: who looks for garbage need not walk through them, as in
    a service that has started. It was a tenth of the time."""
    settle()


def pytest_terminal_summary(terminalreporter: object, config: pytest.Config) -> None:
    if not shared_folder().is_dir():
        write = terminalreporter.write_line
        write(
            f"NOTE: shared material is absent ({shared_folder()}): the published vectors and samples were NOT checked"
        )


def shared_folder() -> Path:
    return Path(os.environ.get("CREDENTIALS_SHARED", REPOSITORY.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published vectors, contexts, schemas and samples; tests that need it are skipped without it."""
    folder = shared_folder()
    if not folder.is_dir():
        pytest.skip("shared material is absent")
    return folder


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def ids() -> SeededIds:
    return SeededIds(7)


# Databases. Each is migrated once for the whole run; every test gets a copy of its own.


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server, started here; answers the URI of its maintenance database."""
    with server() as uri:
        yield uri


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    admin(postgres, "CREATE DATABASE template_credentials")
    asyncio.run(_migrate(in_database(postgres, "template_credentials")))
    return "template_credentials"


@pytest.fixture(scope="session")
def world_on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Founded]:
    folder = tmp_path_factory.mktemp("world")
    path = folder / "world.sqlite3"
    shutil.copy(sqlite_template, path)
    return path, found(f"sqlite:///{path}", folder, at=NOW)


@pytest.fixture(scope="session")
def world_on_postgresql(
    postgres: str, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Founded]:
    name = "template_world"
    return name, found(copy(postgres, postgres_template, name), tmp_path_factory.mktemp("world"), at=NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database: once SQLite, once PostgreSQL. It is empty, but for a test that asks for ``world``."""
    founded = "world" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "credentials.sqlite3"
        template = (
            request.getfixturevalue("world_on_sqlite")[0] if founded else request.getfixturevalue("sqlite_template")
        )
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
        return
    name = (
        request.getfixturevalue("world_on_postgresql")[0] if founded else request.getfixturevalue("postgres_template")
    )
    with copied(request.getfixturevalue("postgres"), name) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, waits_for_disk=False)
    yield opened
    await opened.close()


# A whole service, without a network and with a clock that the test moves.


@pytest.fixture
def clock() -> TestClock:
    return TestClock(NOW)


@pytest.fixture
async def parts(database_url: str, tmp_path: Path, clock: TestClock) -> AsyncIterator[Parts]:
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        base_url="http://alder.test",
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        database_url=database_url,
    )
    async with open_parts(
        settings, now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as opened:
        yield opened


@pytest.fixture
def world(request: pytest.FixtureRequest, database_url: str, parts: Parts, clock: TestClock) -> World:
    """Founded once; each test has it in a database of its own."""
    kind = "sqlite" if database_url.startswith("sqlite:") else "postgresql"
    return a_world(request.getfixturevalue(f"world_on_{kind}")[1], parts, clock)


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser or program, not signed in."""
    async with browser(served(parts)) as opened:
        yield opened


@pytest.fixture(scope="session")
def hsm_token(tmp_path_factory: pytest.TempPathFactory) -> soft_hsm.Token:
    """A token of a software HSM. The library sees the tokens that were there when it was loaded, so there is one for all."""
    if not soft_hsm.LIBRARY.exists():
        reason = "SoftHSM is absent: apt-get install softhsm2"
        if os.environ.get("TESTS_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    pytest.importorskip("pkcs11")
    soft_hsm.begin(tmp_path_factory.mktemp("hsm"))
    return soft_hsm.new_token()


@pytest.fixture
async def hsm_parts(
    database_url: str, tmp_path: Path, clock: TestClock, hsm_token: soft_hsm.Token
) -> AsyncIterator[Parts]:
    """A service whose keys are in an HSM, and whose badges are signed with P-256 alone."""
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        base_url="http://alder.test",
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        database_url=database_url,
        key_store=KeyStoreKind.PKCS11,
        cryptosuite=Cryptosuite.ECDSA,
        **hsm_token.settings,
    )
    async with open_parts(
        settings, now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as opened:
        yield opened


async def _migrate(url: str) -> None:
    opened = Database(url, waits_for_disk=False)
    await migrate.upgrade(opened)
    await opened.close()
