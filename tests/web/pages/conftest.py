import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from builders import CHEAP, TestClock, World, browser, served
from litestar import Litestar
from plain_browser import PlainBrowser

from credentials.fetch import fetch_nothing
from credentials.people.model import Organisation, Person
from credentials.settings import Environment, Settings
from credentials.web.parts import Parts, open_parts

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


class Founded(NamedTuple):
    """A world with its people, as it was founded once: each test gets a copy of the file."""

    path: Path
    people: dict[str, Person]
    organisations: dict[str, Organisation]
    addresses: dict[str, str]


@pytest.fixture(scope="session")
def founded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    folder = tmp_path_factory.mktemp("founded")
    path = folder / "credentials.sqlite3"
    shutil.copy(sqlite_template, path)

    async def found() -> World:
        clock = TestClock(NOW)
        settings = Settings(
            environment=Environment.DEVELOPMENT,
            data_dir=folder / "data",
            keys_dir=folder / "keys",
            database_url=f"sqlite:///{path}",
        )
        async with open_parts(
            settings, now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
        ) as parts:
            return await World(parts, clock).found()

    world = asyncio.run(found())
    return Founded(path, world.people, world.organisations, world.addresses)


@pytest.fixture
def database_url(founded: Founded, tmp_path: Path) -> str:
    """Pages are asked on one database: what they stand on is tested on both, and so is the journey through them."""
    path = tmp_path / "credentials.sqlite3"
    shutil.copy(founded.path, path)
    return f"sqlite:///{path}"


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
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as opened:
        yield opened


@pytest.fixture
def anyone(client: httpx.AsyncClient) -> PlainBrowser:
    """Somebody who is not signed in."""
    return PlainBrowser(client)


class House:
    """Where people of the world come in."""

    def __init__(self, app: Litestar, world: World) -> None:
        self._app = app
        self._world = world

    async def signed_in(self, name: str) -> PlainBrowser:
        """A browser in which one of the people is signed in."""
        someone = PlainBrowser(browser(self._app))
        await someone.sign_in(self._world.addresses[name])
        return someone


@pytest.fixture
def house(app: Litestar, world: World) -> House:
    return House(app, world)
