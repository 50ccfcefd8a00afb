"""People of a founded world who ask the service over HTTP, and copies of that world's database."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import postgres
import pytest
from builders import CHEAP, PASSWORD, TestClock, World, a_png, a_specification, browser
from litestar import Litestar

from credentials.catalog.model import CatalogueEntry, Mode, Programme
from credentials.fetch import fetch_nothing
from credentials.people import service as people
from credentials.people.model import Organisation, Person, Role, Scope
from credentials.settings import Environment, Settings
from credentials.web.parts import Parts, open_parts

FOUNDED = datetime(2021, 1, 4, 12, tzinfo=UTC)
"""Before any day of which the scenarios tell."""
LEVELS = {"specificity": "demonstrated", "uptake": "demonstrated", "reflection": "demonstrated"}


class Founded(NamedTuple):
    """A world with its people as it was founded once; each test gets a copy of the database."""

    people: dict[str, Person]
    organisations: dict[str, Organisation]
    addresses: dict[str, str]


def found(url: str, folder: Path, *further: str, at: datetime = FOUNDED) -> Founded:
    """Found a world at a moment in an empty database; ``further`` assessors join it."""

    async def build() -> World:
        settings = Settings(
            environment=Environment.DEVELOPMENT, data_dir=folder / "data", keys_dir=folder / "keys", database_url=url
        )
        clock = TestClock(at)
        async with open_parts(
            settings, now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
        ) as parts:
            world = await World(parts, clock).found()
            for name in further:
                await world.join(name, "alder", Role.ASSESSOR)
            return world

    world = asyncio.run(build())
    return Founded(world.people, world.organisations, world.addresses)


def copy_of(request: pytest.FixtureRequest, kind: str, folder: Path) -> tuple[str, Founded]:
    """The URL of a fresh copy of the founded world."""
    if kind == "sqlite":
        template, founded = request.getfixturevalue("founded_sqlite")
        path = folder / f"{os.urandom(4).hex()}.sqlite3"
        shutil.copy(template, path)
        return f"sqlite:///{path}", founded
    name, founded = request.getfixturevalue("founded_postgres")
    server = request.getfixturevalue("postgres")
    context = postgres.copied(server, name)
    url = context.__enter__()
    request.addfinalizer(lambda: context.__exit__(None, None, None))
    return url, founded


def a_world(founded: Founded, parts: Parts, clock: TestClock) -> World:
    made = World(parts, clock)
    made.people |= founded.people
    made.organisations |= founded.organisations
    made.addresses |= founded.addresses
    return made


@contextlib.asynccontextmanager
async def signed_in(app: Litestar, world: World, who: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser."""
    async with browser(app) as client:
        login = {"email": world.addresses[who], "password": PASSWORD}
        answer = await client.post("/api/v1/sessions", json=login, headers={"Origin": "http://alder.test"})
        assert answer.status_code == 201, answer.text
        yield client


class Scene:
    """People of a world, each with an API token, who do their work over HTTP."""

    def __init__(self, world: World, app: Litestar) -> None:
        self.world = world
        self.client = browser(app)
        self._tokens: dict[str, str] = {}
        self.answers: dict[str, list[httpx.Response]] = {}

    def headers(self, who: str) -> dict[str, str]:
        """Of somebody who has asked before."""
        return {"Authorization": f"Bearer {self._tokens[who]}"}

    def forget_tokens(self) -> None:
        """Everybody makes a new one when they ask next: those of a year ago have expired."""
        self._tokens.clear()

    async def ask(
        self, who: str, method: str, path: str, *, status: int = 200, revision: int | None = None, **body: Any
    ) -> Any:
        """What somebody is answered, as JSON. Every answer is kept."""
        if who not in self._tokens:
            act = await self.world.act(who)
            expires = self.world.clock() + timedelta(days=365)
            _, self._tokens[who] = await self.world.do(
                people.make_token, act, name="scene", scopes=list(Scope), expires_at=expires
            )
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        answer = await self.client.request(method, f"/api/v1{path}", headers=headers, **body)
        self.answers.setdefault(who, []).append(answer)
        assert answer.status_code == status, f"{who}: {method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if "json" in answer.headers.get("content-type", "") and answer.content else answer

    async def publish(
        self, programme: Programme | None = None, *, slug: str = "feedback", **changed: Any
    ) -> CatalogueEntry:
        specification = a_specification(programme=programme or Programme(), **changed)
        return await self.world.publish(specification, slug)

    async def begin(self, entry: CatalogueEntry, who: str = "teacher", *, status: int = 201) -> Any:
        return await self.ask(who, "POST", "/submissions", status=status, json={"versionId": entry.version.id})

    async def fill(self, entry: CatalogueEntry, submission: str, who: str = "teacher", **attested: Any) -> None:
        """Evidence for every requirement, and the statements."""
        at = f"/submissions/{submission}"
        for wanted in entry.version.specification.evidence:
            if Mode.TEXT in wanted.modes:
                text = {"requirement": wanted.id, "text": f"What I did, in words of my own ({submission[-12:]})."}
                await self.ask(who, "POST", f"{at}/texts", status=201, json=text)
            else:
                file = {"data": ("work.png", a_png(submission), "image/png")}
                await self.ask(who, "POST", f"{at}/files?requirement={wanted.id}", status=201, files=file)
        said = {"ownWork": True, "studentConsent": True, **attested}
        await self.ask(who, "PUT", f"{at}/attestations", json=said)

    async def hand_in(self, entry: CatalogueEntry, who: str = "teacher") -> str:
        """A whole submission, handed in; answers its id."""
        submission = (await self.begin(entry, who))["id"]
        await self.fill(entry, submission, who)
        await self.ask(who, "POST", f"/submissions/{submission}/hand-in")
        return str(submission)

    async def claim(self, who: str, submission: str, *, status: int = 201) -> Any:
        return await self.ask(who, "POST", f"/submissions/{submission}/reviews", status=status)

    async def score(self, who: str, review: str, levels: Mapping[str, str]) -> None:
        """Found complete unless it is, and every criterion scored, with feedback that names who gave it."""
        shown = await self.ask(who, "GET", f"/reviews/{review}")
        if shown["review"]["stage"] == "claimed":
            await self.ask(who, "POST", f"/reviews/{review}/completeness", json={"complete": True})
        for criterion, level in levels.items():
            given = {"level": level, "feedback": f"{who} on {criterion}.", "note": f"{who}'s private note"}
            await self.ask(who, "PUT", f"/reviews/{review}/scores/{criterion}", status=204, json=given)

    async def read(self, who: str, submission: str, levels: Mapping[str, str] | None = None, **changed: str) -> Any:
        """Claimed, scored, done: all at passing, but for what is changed. Answers what the assessor is told."""
        review = (await self.claim(who, submission))["id"]
        await self.score(who, review, {**(levels or LEVELS), **changed})
        return await self.ask(who, "POST", f"/reviews/{review}/decision", status=201)

    async def stage(self, submission: str, who: str = "teacher") -> str:
        found = await self.ask(who, "GET", f"/submissions/{submission}")
        return str(found["submission"]["stage"])

    async def decision(self, submission: str, who: str = "teacher") -> Any:
        return await self.ask(who, "GET", f"/submissions/{submission}/decision")

    async def queue(self, who: str) -> list[str]:
        found = await self.ask(who, "GET", "/review-queue")
        return [item["submission"] for item in found["items"]]

    async def audit(self, subject: str) -> list[dict[str, Any]]:
        alder = self.world.organisations["alder"].id
        found = await self.ask("admin", "GET", f"/organisations/{alder}/audit", params={"subject": subject})
        entries: list[dict[str, Any]] = found["items"]
        return entries

    async def rename(self, who: str, name: str) -> None:
        person = self.world.people[who]
        values = {"name": name, "did": None, "name_in_credentials": False, "revision": person.revision}
        self.world.people[who] = await self.world.do(people.change_person, await self.world.act(who), **values)
