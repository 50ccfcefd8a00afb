import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from builders import World, browser
from litestar import Litestar
from plain_browser import PlainBrowser

from credentials.web.app import create_app
from credentials.web.limits import RateLimit
from credentials.web.parts import Parts


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Pages are asked on one database: what they stand on is tested on both, and so is the journey through them."""
    path = tmp_path / "credentials.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def built() -> list[Litestar]:
    """The application is put together once, which takes longer than most tests; each test gives it parts of its own."""
    return []


@pytest.fixture
def app(parts: Parts, built: list[Litestar]) -> Litestar:
    if not built:
        built.append(create_app(parts, work=False))
    built[0].state.parts = parts
    built[0].state.verify_limit = RateLimit(parts.settings.verify_per_minute)
    return built[0]


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
