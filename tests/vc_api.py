"""A service whose VC-API is open, as an interoperability test finds it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import builders
import httpx
import msgspec
from builders import CHEAP, TestClock, browser

from credentials.fetch import fetch_nothing
from credentials.files import pin_context
from credentials.settings import Environment, Settings
from credentials.web.parts import Parts, open_parts

EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"


def settings_of(folder: Path, database_url: str, **changed: Any) -> Settings:
    """With a context that has nothing but ``@vocab``, as the standards' own for examples."""
    own = folder / "vocab.json"
    own.write_text('{"@context": {"@vocab": "https://alder.example/examples#"}}')
    pin_context(folder / "contexts", EXAMPLES_V2, own)
    whole = Settings(
        environment=Environment.DEVELOPMENT,
        base_url="http://alder.test",
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        database_url=database_url,
        contexts_dir=folder / "contexts",
        vc_api=True,
        vc_api_open=True,
        verify_per_minute=100_000,
    )
    return msgspec.structs.replace(whole, **changed)


@asynccontextmanager
async def opened(settings: Settings, clock: TestClock) -> AsyncIterator[Parts]:
    async with open_parts(settings, now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False) as parts:
        yield parts


@asynccontextmanager
async def served(settings: Settings, clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        opened(settings, clock) as parts,
        browser(builders.served(parts, "a service for a whole module")) as client,
    ):
        yield client
