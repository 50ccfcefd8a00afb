"""A service with something of every kind in it, made once; and whoever may ask it, signed in or with an API token."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from builders import CHEAP, PASSWORD, TestClock, World, a_specification, browser, served

from credentials.awards import service as awards
from credentials.catalog import service as catalog
from credentials.evidence import service as evidence
from credentials.fetch import fetch_nothing
from credentials.issuing import service as issuing
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.people.model import Role, Scope
from credentials.review import service as review
from credentials.settings import Environment, Settings
from credentials.status import service as status
from credentials.web.parts import Parts, open_parts

BASE_URL = "http://alder.test"
NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

PEOPLE = ("teacher", "assessor", "developer", "publisher", "admin")
SESSIONS = 6
"""For each of them: whoever asks often enough signs out."""

Headers = dict[str, str]


class Populated(NamedTuple):
    """``things``: ids by the names that they have in addresses and bodies. ``sessions`` and ``tokens`` by whose they are."""

    folder: Path
    things: dict[str, list[str]]
    sessions: dict[str, list[str]]
    tokens: dict[str, str]


def settings_in(folder: Path) -> Settings:
    return Settings(
        environment=Environment.DEVELOPMENT,
        base_url=BASE_URL,
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        database_url=f"sqlite:///{folder / 'credentials.sqlite3'}",
        verify_per_minute=1_000_000,
    )


@pytest.fixture(scope="session")
def populated(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Populated:
    folder = tmp_path_factory.mktemp("populated")
    shutil.copy(sqlite_template, folder / "credentials.sqlite3")

    async def fill() -> Populated:
        clock = TestClock(NOW)
        async with open_parts(
            settings_in(folder), now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
        ) as parts:
            world = await World(parts, clock).found()
            things = await everything(world)
            sessions = {who: await signed_in(world, who) for who in (*PEOPLE, "outsider")}
            tokens = {who: await a_token(world, who) for who in (*PEOPLE, "outsider")}
            return Populated(folder, things, sessions, tokens)

    return asyncio.run(fill())


async def everything(world: World) -> dict[str, list[str]]:
    """One of each kind at least, all of the state agency and its people; and an outsider, who administers a provider."""
    entries = [await world.publish(slug=slug) for slug in ("feedback", "questioning")]
    developer = await world.act("developer")
    alder = world.organisations["alder"].id
    draft = await world.do(
        catalog.draft, developer, organisation_id=alder, slug="draft", specification=a_specification()
    )
    earned = [await world.decide(await world.submission(entry)) for entry in entries]
    await world.redeem()
    await issuing.publish_due_lists(world.parts.office, world.clock())
    members = tuple(entry.micro_credential.id for entry in entries)
    stacks = [
        await world.do(
            pathways.draft,
            developer,
            organisation_id=alder,
            slug=slug,
            title=slug.title(),
            description="Two that belong together.",
            members=members,
        )
        for slug in ("assessment", "unpublished")
    ]
    await world.do(pathways.publish, await world.act("publisher"), stacks[0].id)
    issued = [await world.see(awards.by_submission, submission.id) for submission in earned]
    await pathways.check_award(world.parts.office, world.clock(), issued[0].id)
    shared = await world.do(awards.share, await world.act("teacher"), issued[0].id)
    begun = await world.submission(entries[0], "colleague", submit=False)
    await world.join("third", "heron-school", Role.EDUCATOR)
    waiting = await world.submission(entries[0], "third")
    await world.join("fourth", "wren-school", Role.EDUCATOR)
    claimed = await world.submission(entries[0], "fourth")
    reviewed = await review.claim(world.parts.database, await world.act("assessor"), claimed.id)
    submissions = [*earned, begun, waiting, claimed]
    async with world.parts.database.read() as session:
        artifacts = [one.id for found in submissions for one in await evidence.artifacts_of(session, found.id)]
        lists = [found.id for found in await status.all_lists(session)]
        grants = [
            grant.id for who in PEOPLE for grant in await people.store.grants_of(session, world.people[who].id, NOW)
        ]
        addresses = [one.id for who in PEOPLE for one in await people.addresses_of(session, world.people[who].id)]
        frameworks = [found.id for found in await catalog.list_frameworks(session)]
        items = [a_specification().competencies[0]]
        stack_awards = await awards.stacks_of(session, world.people["teacher"].id, [stacks[0].id])
    invited = "invited@heron-school.example"
    await world.do(people.invite, await world.act("admin"), address=invited, organisation_id=alder, role=Role.EDUCATOR)
    await _an_outsider(world)
    return {
        "organisation_id": [found.id for found in world.organisations.values()],
        "parent_id": [alder],
        "slug": list(world.organisations),
        "person_id": [person.id for person in world.people.values()],
        "role_id": grants,
        "address_id": addresses,
        "secret": [await world.secret_of("invitation", invited)],
        "framework_id": frameworks,
        "identifier": items,
        "micro_credential_id": list(members),
        "members": list(members),
        "version_id": [entry.version.id for entry in (*entries, draft)],
        "submission_id": [found.id for found in submissions],
        "artifact_id": artifacts,
        "review_id": [reviewed.id],
        "criterion": [one.id for one in a_specification().rubric.criteria],
        "level": ["demonstrated", "developing"],
        "requirement": [one.id for one in a_specification().evidence],
        "award_id": [award.id for award in (*issued, *stack_awards)],
        "share": [shared.share],
        "stack_id": [stack.id for stack in stacks],
        "list_id": lists,
        "token_id": [],
        "subject": [f"award:{issued[0].id}", f"submission:{waiting.id}"],
    }


async def _an_outsider(world: World) -> None:
    """Every role there is, in another tree."""
    act = await world.act("admin")
    provider = await world.do(
        people.make_first_administrator,
        act,
        kind="provider",
        slug="elsewhere",
        organisation_name="Elsewhere Learning",
        address="outsider@elsewhere.example",
        name="Olive Outsider",
        phc=await world.parts.hasher.hash(PASSWORD),
    )
    world.people["outsider"] = provider[1]
    world.addresses["outsider"] = "outsider@elsewhere.example"
    for role in Role:
        if role is not Role.ADMINISTRATOR:
            await world.do(
                people.grant_role,
                await world.act("outsider"),
                person_id=provider[1].id,
                organisation_id=provider[0].id,
                role=role,
                from_=None,
                until=None,
            )


async def signed_in(world: World, who: str) -> list[str]:
    parts = world.parts
    found = []
    for _ in range(SESSIONS):
        _, secret = await people.sign_in(
            parts.database,
            parts.hasher,
            parts.ids,
            world.clock(),
            address=world.addresses[who],
            password=PASSWORD,
            peer="192.0.2.1",
        )
        found.append(secret)
    return found


async def a_token(world: World, who: str) -> str:
    """For everything that a token can be for."""
    expires = world.clock() + timedelta(days=30)
    _, secret = await world.do(
        people.make_token, await world.act(who), name="tests", scopes=list(Scope), expires_at=expires
    )
    return secret


@pytest.fixture
def copied(populated: Populated, tmp_path: Path) -> Populated:
    """The same in a folder of its own, to be changed."""
    for name in ("credentials.sqlite3", "data", "keys"):
        source = populated.folder / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return populated._replace(folder=tmp_path)


@pytest.fixture
async def opened(copied: Populated) -> AsyncIterator[Parts]:
    clock = TestClock(NOW)
    async with open_parts(
        settings_in(copied.folder), now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as parts:
        yield parts


@pytest.fixture
async def nobody(opened: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without an account."""
    async with browser(served(opened)) as client:
        yield client


@pytest.fixture
def unlocked(copied: Populated) -> Parts:
    """Parts that no event loop has used yet."""
    context = open_parts(
        settings_in(copied.folder), now=TestClock(NOW), fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    )
    return asyncio.run(context.__aenter__())
