"""Every hostile sample gets the outcome that its manifest expects, in its time, with no other fetch, through every door.

A door is a way in: each takes the world and what is presented, and answers the outcome. The API, the page and the command line
are those of a whole service with a database, which recognises whom the samples' profile trusts.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from builders import CHEAP, PASSWORD, browser
from click.testing import CliRunner
from hostile_world import Row, World, urls
from lxml import html

from credentials.cli import Surroundings, main
from credentials.db import Database
from credentials.evidence.intake import examine
from credentials.evidence.model import FileRefused
from credentials.fetch import Fetched
from credentials.jsonld.contexts import Contexts
from credentials.people import service as people
from credentials.people.model import Organisation, OrganisationKind, RosterRefused
from credentials.people.roster import read_roster
from credentials.settings import Environment, Settings
from credentials.trust import service as trust
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Policy, Report
from credentials.verification.service import Memory, verify, verify_link
from credentials.web.app import create_app
from credentials.web.parts import open_parts

Presented = bytes | str
"""The octets of a file, or an address."""

T = TypeVar("T")

Door = Callable[[World, Contexts, Presented, "Home"], Awaitable[str]]

SLOW_MACHINE = 4
"""How much slower than the machine of the manifest a loaded CI machine may be."""

ROOM = 0.25
"""Seconds of CPU that a whole service needs for a request besides: its database, its pages."""

MEMORY = Memory()

DISTRICT, ADMINISTRATOR = "d1", "admin@d1.example"


def in_library(*, as_deployed: bool = False, memory: Memory | None = None) -> Door:
    """``as_deployed``: with every pinned context, as production has them, and not only with those of the samples' profile."""

    async def door(world: World, contexts: Contexts, presented: Presented, _home: Home) -> str:
        options: dict[str, Any] = {
            "now": world.now,
            "policy": Policy() if as_deployed else world.policy,
            "memory": memory,
        }
        if isinstance(presented, str):
            return (await verify_link(presented, contexts, world, **options)).outcome
        return (await verify(presented, contexts, world, **options)).outcome

    return door


class Service:
    """A whole service in a thread with an event loop of its own, for all samples: what is changed between two is the world."""

    def __init__(self, home: Path, world: World) -> None:
        self.world = world
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        settings = Settings(
            environment=Environment.DEVELOPMENT,
            base_url="http://alder.test",
            data_dir=home,
            keys_dir=home / "keys",
            verify_per_minute=1_000_000,
        )
        self._open = open_parts(
            settings, now=lambda: self.world.now, fetch=self._fetch, password_cost=CHEAP, waits_for_disk=False
        )
        self._parts = self.do(self._open.__aenter__())
        self._client = browser(create_app(self._parts, work=False))

    async def _fetch(self, url: str, *, accept: str) -> Fetched:
        return await self.world.fetch(url, accept=accept)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def post(self, world: World, address: str, **content: Any) -> httpx.Response:
        self.world = world
        return self.do(self._client.post(address, **content))

    def found_district(self) -> str:
        """The address of a district whose administrator is signed in here."""
        founded = self.do(self._found_district())
        credentials = {"email": ADMINISTRATOR, "password": PASSWORD}
        assert self.do(self._client.post("/api/v1/sessions", json=credentials)).status_code == 201
        return f"/organisations/{founded.id}"

    async def _found_district(self) -> Organisation:
        async with self._parts.database.write() as session:
            founded, _ = await people.make_first_administrator(
                session,
                people.nobody(self._parts.now(), self._parts.ids),
                kind=OrganisationKind.DISTRICT,
                slug=DISTRICT,
                organisation_name="District 1",
                address=ADMINISTRATOR,
                name="Ada Admin",
                phc=await self._parts.hasher.hash(PASSWORD),
            )
        return founded

    def send_roster(self, address: str, **content: Any) -> httpx.Response:
        headers = {"Sec-Fetch-Site": "same-origin"} | (
            {} if "files" in content or "data" in content else {"Content-Type": "text/csv"}
        )
        return self.do(self._client.post(address, headers=headers, **content))

    def close(self) -> None:
        self.do(self._client.aclose())
        self.do(self._open.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def api(world: World, _contexts: Contexts, presented: Presented, home: Home) -> str:
    kind = "text/uri-list" if isinstance(presented, str) else "application/octet-stream"
    content = presented.encode() if isinstance(presented, str) else presented
    answer = home.service.post(world, "/api/v1/verify", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    return outcome_of(answer.json())


async def page(world: World, _contexts: Contexts, presented: Presented, home: Home) -> str:
    sent: dict[str, Any] = {"data": {"text": presented if isinstance(presented, str) else ""}}
    if isinstance(presented, bytes):
        sent["files"] = {"file": ("sample", presented)}
    answer = home.service.post(world, "/verify", headers={"Sec-Fetch-Site": "same-origin"}, **sent)
    shown = unescape(answer.text)
    assert answer.status_code == (200 if presented else 400), answer.text
    found = re.search(
        r'<pre class="code document"[^>]*>\s*\{\s*"verdict": "([a-z-]+)",\s*(?:"code": "([^"]+)")?', shown
    )
    assert found is not None, re.findall(r"usa-error-message[^>]*>([^<]+)", shown)
    assert "<script>alert" not in answer.text
    return outcome_of({"verdict": found[1], "code": found[2] or ""})


async def command_line(world: World, _contexts: Contexts, presented: Presented, place: Home) -> str:
    home = place.folder
    environment = {
        "CREDENTIALS_DATA_DIR": str(home),
        "CREDENTIALS_KEYS_DIR": str(home / "keys"),
        "CREDENTIALS_FETCH": "true",
    }
    what = ["--link", presented] if isinstance(presented, str) else [str(home / "sample")]
    if isinstance(presented, bytes):
        (home / "sample").write_bytes(presented)
    around = Surroundings(now=lambda: world.now, fetch=world.fetch)

    def work() -> str:
        result = CliRunner(env=environment).invoke(main, ["verify", "--json", *what], obj=around)
        assert result.exit_code in {0, 1}, result.output
        said = json.loads(result.stdout)
        assert (result.exit_code == 0) is said["verdict"].startswith("accept")
        return outcome_of(said)

    return await asyncio.to_thread(work)  # a command has an event loop of its own


def outcome_of(said: dict[str, Any]) -> str:
    report = Report(
        verdict=said["verdict"], code=said.get("code", ""), summary="", checks=(), digest="", checked_at=NEVER
    )
    return str(report.outcome)


NEVER: Any = None

DOORS: dict[str, Door] = {
    "library": in_library(),
    "library, every context": in_library(as_deployed=True),
    "library, remembering": in_library(memory=MEMORY),
    "API": api,
    "page": page,
    "command line": command_line,
}


class Home:
    """The folder of a service that recognises whom a corpus trusts, and the service."""

    def __init__(self, folder: Path, corpus: Path) -> None:
        self.folder = folder
        self._corpus = corpus

    @cached_property
    def service(self) -> Service:
        return Service(self.folder, World(self._corpus))

    @cached_property
    def district(self) -> str:
        return self.service.found_district()

    def found_district(self) -> None:
        assert self.district


@pytest.fixture(scope="session")
def homes(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Home]]:
    made: dict[Path, Home] = {}

    def home(corpus: Path) -> Home:
        if corpus not in made:
            folder = tmp_path_factory.mktemp("home")
            shutil.copy(sqlite_template, folder / "credentials.sqlite3")
            asyncio.run(_trust(folder / "credentials.sqlite3", World(corpus)))
            made[corpus] = Home(folder, corpus)
        return made[corpus]

    yield home
    for one in made.values():
        if "service" in vars(one):
            one.service.close()


async def _trust(path: Path, world: World) -> None:
    database = Database(f"sqlite:///{path}")
    async with database.write() as session:
        for issuer, name in world.trusted.items():
            await trust.trust_issuer(session, TrustedIssuer(id=issuer, name=name))
    await database.close()


@pytest.fixture
def home(homes: Callable[[Path], Home], row: Row) -> Home:
    return homes(row.corpus)


@pytest.mark.channels("verify-json", "verify-jwt", "verify-png", "verify-svg")
@pytest.mark.parametrize("door", DOORS)
async def test_a_sample_gets_its_outcome_in_its_time_with_no_other_fetch(
    row: Row, door: str, contexts: Contexts, home: Home
) -> None:
    world = World(row.corpus)
    octets = row.octets
    began = time.process_time()
    outcome = await DOORS[door](world, contexts, octets, home)
    took = time.process_time() - began
    assert outcome in row.outcomes, row.attack
    assert set(world.fetched) <= row.allowed_fetch
    assert took <= row.limit * SLOW_MACHINE + (0 if door.startswith("library") else ROOM * SLOW_MACHINE)


@pytest.mark.channels("verify-url")
@pytest.mark.parametrize("door", ["library", "API", "page", "command line"])
async def test_of_addresses_only_the_harmless_are_gone_to(row: Row, door: str, contexts: Contexts, home: Home) -> None:
    """What leads inside some network is refused before any connection, and nearly always before any name is looked up; where
    another machine misbehaves, nothing of what it says is taken."""
    for url, expected in urls(row):
        world = World(row.corpus)
        began = time.process_time()
        outcome = await DOORS[door](world, contexts, url, home)
        took = time.process_time() - began
        assert outcome == expected, url
        assert took <= (row.limit + ROOM) * SLOW_MACHINE, url
        if expected == "reject:url-not-allowed" and "redirect" not in url:
            assert world.fetched == [], url
            assert not {"127.0.0.1", "localhost", "169.254.169.254"} & set(world.resolved), url


@pytest.mark.channels("upload")
async def test_a_file_that_is_handed_in_as_evidence_is_kept_or_refused(row: Row) -> None:
    began = time.process_time()
    try:
        await examine(MEMORY.apart, row.corpus / row.file, Path(row.file).name)
    except FileRefused as refused:
        outcome = f"reject:{refused.code}"
    else:
        outcome = "store"
    assert outcome in row.outcomes, row.attack
    assert time.process_time() - began <= row.limit * SLOW_MACHINE


async def roster_in_library(_home: Home, octets: bytes) -> str:
    try:
        read_roster(octets)
    except RosterRefused as refused:
        return f"reject:{refused.code}"
    return "accept"


async def roster_by_api(home: Home, octets: bytes) -> str:
    answer = home.service.send_roster(f"/api/v1{home.district}/roster/imports", content=octets)
    return "accept" if answer.status_code == 200 else f"reject:{answer.json()['code']}"


async def roster_on_page(home: Home, octets: bytes) -> str:
    """A file is checked first; what was checked is taken."""
    taking = f"{home.district}/roster/imports"
    answer = home.service.send_roster(taking, files={"list": ("roster.csv", octets, "text/csv")})
    found = html.fromstring(answer.text)
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 400:
        (wrong,) = found.find_class("error-summary")
        return f"reject:{wrong.get('data-code')}"
    (text,) = found.xpath("//input[@name='text']/@value")
    assert home.service.send_roster(taking, data={"text": text, "take": "yes"}).status_code == 303
    return "accept"


async def roster_by_command(home: Home, octets: bytes) -> str:
    (home.folder / "roster.csv").write_bytes(octets)
    what = ["roster", str(home.folder / "roster.csv"), "--organisation", DISTRICT]
    environment = {"CREDENTIALS_DATA_DIR": str(home.folder), "CREDENTIALS_KEYS_DIR": str(home.folder / "keys")}
    environment |= {"CREDENTIALS_ENVIRONMENT": "development"}
    result = await asyncio.to_thread(lambda: CliRunner(env=environment).invoke(main, what))
    return "accept" if result.exit_code == 0 else f"reject:{result.stderr.partition(':')[0]}"


ROSTER_DOORS = {
    "library": roster_in_library,
    "API": roster_by_api,
    "page": roster_on_page,
    "command line": roster_by_command,
}


@pytest.mark.channels("csv-import")
@pytest.mark.parametrize("door", ROSTER_DOORS)
async def test_a_list_of_people_is_read_or_refused(row: Row, door: str, home: Home) -> None:
    octets = row.octets
    home.found_district()
    began = time.process_time()
    outcome = await ROSTER_DOORS[door](home, octets)
    assert outcome in row.outcomes, row.attack
    assert time.process_time() - began <= (row.limit + ROOM) * SLOW_MACHINE


def test_every_channel_of_the_manifest_has_a_test(shared: Path) -> None:
    from hostile_world import rows

    tested = {"verify-json", "verify-jwt", "verify-png", "verify-svg", "verify-url", "upload", "csv-import"}
    assert {row.channel for row in rows(shared / "security" / "samples")} <= tested
