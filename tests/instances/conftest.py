"""A service whose VC-API is open."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import vc_api
from builders import TestClock, browser, served
from vc_api import opened, settings_of

from credentials.web.parts import Parts


@pytest.fixture
async def open_api(database_url: str, tmp_path: Path, clock: TestClock) -> AsyncIterator[Parts]:
    async with opened(settings_of(tmp_path, database_url), clock) as parts:
        yield parts


@pytest.fixture
async def api(open_api: Parts) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(served(open_api)) as client:
        yield client


@pytest.fixture(scope="module")
async def shared_api(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[httpx.AsyncClient]:
    """The same for tables, whose rows do not touch each other: one service for all of them."""
    assert anyio_backend == "asyncio"
    folder = tmp_path_factory.mktemp("vc-api")
    shutil.copy(sqlite_template, folder / "credentials.sqlite3")
    settings = settings_of(folder, f"sqlite:///{folder / 'credentials.sqlite3'}")
    async with vc_api.served(settings, TestClock(datetime(2026, 9, 1, 12, tzinfo=UTC))) as client:
        yield client
