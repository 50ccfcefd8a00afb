import shutil
from pathlib import Path

import httpx
import pytest
from builders import World, browser
from litestar import Litestar
from plain_browser import PlainBrowser, Shown

from credentials.web.app import create_app
from credentials.web.parts import Parts


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Pages are asked on one database: what they stand on is tested on both, and so is the journey through them."""
    path = tmp_path / "credentials.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def app(parts: Parts) -> Litestar:
    return create_app(parts, work=False)


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


__all__ = ["Shown"]
