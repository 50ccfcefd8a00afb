import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from builders import World, browser, served
from litestar import Litestar
from plain_browser import PlainBrowser
from scene import Founded

from credentials.web.parts import Parts


@pytest.fixture
def database_url(world_on_sqlite: tuple[Path, Founded], tmp_path: Path) -> str:
    """Pages are asked on one database: what they stand on is tested on both, and so is the journey through them."""
    path = tmp_path / "credentials.sqlite3"
    shutil.copy(world_on_sqlite[0], path)
    return f"sqlite:///{path}"


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
