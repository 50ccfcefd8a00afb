import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from builders import CHEAP, TestClock, World, served
from litestar import Litestar
from payroll import BEGAN, PayOffice
from postgres import copied, copy

from credentials.fetch import fetch_nothing
from credentials.people.model import Organisation, Person
from credentials.settings import Environment, Settings
from credentials.web.parts import Parts, open_parts


class Founded(NamedTuple):
    """A world with its pay office, as it was founded once: each test gets a copy of the database."""

    source: str
    people: dict[str, Person]
    organisations: dict[str, Organisation]
    addresses: dict[str, str]


async def _found(database_url: str, folder: Path) -> World:
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        database_url=database_url,
    )
    async with open_parts(
        settings, now=TestClock(BEGAN), fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as parts:
        world = await World(parts, TestClock(BEGAN)).found()
        await PayOffice(None, world).found()
        return world


@pytest.fixture(scope="session")
def founded_on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    folder = tmp_path_factory.mktemp("payroll")
    path = folder / "credentials.sqlite3"
    shutil.copy(sqlite_template, path)
    world = asyncio.run(_found(f"sqlite:///{path}", folder))
    return Founded(str(path), world.people, world.organisations, world.addresses)


@pytest.fixture(scope="session")
def founded_on_postgresql(postgres: str, postgres_template: str, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    url = copy(postgres, postgres_template, "template_payroll")
    world = asyncio.run(_found(url, tmp_path_factory.mktemp("payroll")))
    return Founded("template_payroll", world.people, world.organisations, world.addresses)


@pytest.fixture(params=["sqlite", "postgresql"])
def founded(request: pytest.FixtureRequest) -> Founded:
    return request.getfixturevalue(f"founded_on_{request.param}")


@pytest.fixture
def database_url(founded: Founded, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if founded.source.endswith(".sqlite3"):
        path = tmp_path / "credentials.sqlite3"
        shutil.copy(founded.source, path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    with copied(server, founded.source) as url:
        yield url


@pytest.fixture
def clock() -> TestClock:
    return TestClock(BEGAN)


@pytest.fixture
def world(founded: Founded, parts: Parts, clock: TestClock) -> World:
    copied = World(parts, clock)
    copied.people |= founded.people
    copied.organisations |= founded.organisations
    copied.addresses |= founded.addresses
    return copied


@pytest.fixture
def app(parts: Parts) -> Litestar:
    return served(parts)


@pytest.fixture
def office(app: Litestar, world: World) -> PayOffice:
    return PayOffice(app, world)


@pytest.fixture
def fresh_life(founded: Founded, tmp_path: Path) -> Callable[[], Any]:
    """Opens a copy of the founded world, as often as it is asked: for tests that live many lives."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[PayOffice]:
        folder = tmp_path / os.urandom(6).hex()
        folder.mkdir()
        shutil.copy(founded.source, folder / "credentials.sqlite3")
        clock = TestClock(BEGAN)
        settings = Settings(
            environment=Environment.DEVELOPMENT,
            base_url="http://alder.test",
            data_dir=folder / "data",
            keys_dir=folder / "keys",
            database_url=f"sqlite:///{folder}/credentials.sqlite3",
        )
        async with open_parts(
            settings, now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
        ) as parts:
            app = served(parts)
            world = World(parts, clock)
            world.people |= founded.people
            world.organisations |= founded.organisations
            world.addresses |= founded.addresses
            yield PayOffice(app, world)

    return opened
