"""A founded world on each database, and people who ask the service over HTTP."""

import shutil
from pathlib import Path

import pytest
from builders import TestClock, World, served
from litestar import Litestar
from postgres import copy
from scene import Founded, Scene, a_world, copy_of, found

from credentials.web.parts import Parts


@pytest.fixture(scope="session")
def founded_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Founded]:
    folder = tmp_path_factory.mktemp("review-sqlite")
    path = folder / "founded.sqlite3"
    shutil.copy(sqlite_template, path)
    return path, found(f"sqlite:///{path}", folder, "third")


@pytest.fixture(scope="session")
def founded_postgres(
    postgres: str, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Founded]:
    name = "founded_for_review"
    return name, found(copy(postgres, postgres_template, name), tmp_path_factory.mktemp("review-postgres"), "third")


@pytest.fixture(params=["sqlite", "postgresql"])
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Founded]:
    return copy_of(request, request.param, tmp_path)


@pytest.fixture
def database_url(copied: tuple[str, Founded]) -> str:
    return copied[0]


@pytest.fixture
def world(copied: tuple[str, Founded], parts: Parts, clock: TestClock) -> World:
    return a_world(copied[1], parts, clock)


@pytest.fixture
def app(parts: Parts) -> Litestar:
    return served(parts)


@pytest.fixture
async def scene(world: World, app: Litestar) -> Scene:
    return Scene(world, app)
