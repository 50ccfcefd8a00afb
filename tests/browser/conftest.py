"""A real browser before a real server: Chromium, and the service on a socket with its rounds."""

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import pytest
import uvicorn
from builders import CHEAP, PASSWORD, World
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from credentials import clock
from credentials.fetch import fetch_nothing
from credentials.settings import Environment, Settings
from credentials.web.app import create_app
from credentials.web.parts import Parts, open_parts

T = TypeVar("T")

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Service:
    """The service in a thread of its own, with an event loop of its own."""

    def __init__(self, folder: Path, template: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        self._settings = Settings(
            environment=Environment.DEVELOPMENT,
            base_url=self.address,
            data_dir=folder / "data",
            keys_dir=folder / "keys",
            database_url=f"sqlite:///{folder / 'credentials.sqlite3'}",
            verify_per_minute=10_000,
        )
        shutil.copy(template, folder / "credentials.sqlite3")
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._server: uvicorn.Server
        self.parts: Parts
        self.world: World

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with open_parts(
            self._settings, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
        ) as self.parts:
            self.world = await World(self.parts, clock.now).found()  # type: ignore[arg-type]  # it is only asked
            config = uvicorn.Config(
                create_app(self.parts),
                host="127.0.0.1",
                port=self.port,
                log_config=None,
                access_log=False,
                lifespan="on",
            )
            self._server = uvicorn.Server(config)
            self._ready.set()
            await self._server.serve()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Carry something out where the service lives."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        while not self._server.started:
            assert self._thread.is_alive()
            threading.Event().wait(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@pytest.fixture(scope="module")
def service(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("service"), sqlite_template) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(service: Service) -> Iterator[Browser]:
    """Open for one module only, and behind the service: while it is open the thread has an event loop that others would
    stumble over."""
    assert service
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        reason = "Chromium is absent: apt-get install chromium"
        if os.environ.get("TESTS_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visit:
    """Somebody at a browser. What the browser complains of is remembered: a script that fails, a policy that is broken."""

    def __init__(self, context: BrowserContext, service: Service) -> None:
        self._service = service
        self.context = context
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        # That an answer was a refusal is what some tests are about, and no fault of a page.
        if message.type in {"error", "warning"} and "the server responded with a status of 4" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> Page:
        self.page.goto(self._service.address + path)
        return self.page

    def sign_in(self, name: str) -> Page:
        page = self.go("/sign-in")
        page.get_by_label("E-mail address").fill(self._service.world.addresses[name])
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Go on,").wait_for()
        return page


@pytest.fixture
def visit(chromium: Browser, service: Service) -> Iterator[Callable[..., Visit]]:
    """Opens a browser window of its own for each visitor, and asks at the end whether anything went wrong in it."""
    visits: list[Visit] = []

    def open_window(*, width: int = 1280, height: int = 900, javascript: bool = True) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=javascript, accept_downloads=True
        )
        context.set_default_timeout(30_000)
        visits.append(Visit(context, service))
        return visits[-1]

    yield open_window
    for one in visits:
        one.context.close()
    assert [complaint for one in visits for complaint in one.complaints] == []
