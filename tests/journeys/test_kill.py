"""Kill -9 at any moment of issuance: every decision that was acknowledged is awarded once, none twice, none unrecorded."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from builders import CHEAP, TestClock, World
from server import Server
from warm_start import WarmStart

from credentials import clock, fsck
from credentials.awards import service as awards
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage
from credentials.fetch import fetch_nothing
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Role, Scope
from credentials.review import service as review
from credentials.review.model import Score
from credentials.sealing import service as sealing
from credentials.settings import Settings
from credentials.status import service as status
from credentials.status.model import Purpose
from credentials.web.parts import Parts, open_parts

PER_KILL = 4


@pytest.fixture
def kek(tmp_path: Path) -> Path:
    path = tmp_path / "kek"
    path.write_bytes(os.urandom(32))
    path.chmod(0o600)
    return path


@pytest.fixture
def server(tmp_path: Path, database_url: str, kek: Path) -> Iterator[Server]:
    with WarmStart(tmp_path) as warm:
        yield Server(tmp_path, database_url=database_url, kek=kek, warm=warm)


@pytest.fixture
async def parts(server: Server, tmp_path: Path, database_url: str, kek: Path) -> AsyncIterator[Parts]:
    settings = Settings(
        base_url=server.base_url,
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        kek_file=kek,
        database_url=database_url,
    )
    async with open_parts(
        settings, now=clock.now, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as opened:
        yield opened


async def ready_to_decide(world: World, count: int) -> list[str]:
    """Reviews in which everything is scored; only the decision is missing."""
    entry = await world.publish()
    found = []
    for number in range(count):
        teacher = f"teacher{number}"
        await world.join(teacher, "heron-school", Role.EDUCATOR)
        submission = await world.submission(entry, teacher)
        act = await world.act("assessor")
        claimed = await review.claim(world.parts.database, act, submission.id)
        await world.do(review.confirm_complete, act, claimed.id)
        for criterion in entry.version.specification.rubric.criteria:
            await world.do(review.score, act, claimed.id, Score(criterion=criterion.id, level="demonstrated"))
        found.append(claimed.id)
    return found


async def token_of(world: World, name: str) -> str:
    act = await world.act(name)
    expires = world.clock() + timedelta(days=1)
    _, secret = await world.do(people.make_token, act, name="kill", scopes=[Scope.REVIEW_WRITE], expires_at=expires)
    return secret


async def decide_until_killed(server: Server, token: str, reviews: list[str], acknowledged: set[str]) -> None:
    """Ask for decisions side by side; remember those that were answered."""
    async with httpx.AsyncClient(base_url=server.base_url, headers={"Authorization": f"Bearer {token}"}) as client:

        async def decide(review_id: str) -> None:
            try:
                answer = await client.post(f"/api/v1/reviews/{review_id}/decision", timeout=10)
            except httpx.HTTPError:
                return
            if answer.status_code == 201:
                acknowledged.add(review_id)
            else:  # it was decided, and killed before it could say so
                assert answer.status_code == 409, answer.text

        await asyncio.gather(*(decide(review_id) for review_id in reviews))


@pytest.mark.parametrize("kills", [15, pytest.param(200, marks=pytest.mark.long)], ids=["15 kills", "200 kills"])
async def test_a_server_killed_again_and_again_loses_no_award_and_makes_none_twice(
    kills: int, server: Server, parts: Parts
) -> None:
    world = await World(parts, TestClock(clock.now() - timedelta(days=1))).found()
    reviews = await ready_to_decide(world, kills * PER_KILL)
    world.clock.moment = clock.now()
    token = await token_of(world, "assessor")
    acknowledged: set[str] = set()
    seeded = random.Random(kills)
    try:
        for kill in range(kills):
            server.start()
            mine = reviews[kill * PER_KILL : (kill + 1) * PER_KILL]
            deciding = asyncio.create_task(decide_until_killed(server, token, mine, acknowledged))
            # From the first byte of the first request to well into the round that issues.
            await asyncio.sleep(seeded.uniform(0.0, 0.9))
            server.kill()
            await deciding
        server.start()
        await decide_until_killed(server, token, [one for one in reviews if one not in acknowledged], acknowledged)
        await until_nothing_waits(parts)
    finally:
        server.kill()
    await check_everything(world, reviews, acknowledged)


async def until_nothing_waits(parts: Parts, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        async with parts.database.read() as session:
            waiting = await outbox.waiting(session)
            intents = await sealing.waiting(session, kinds=("submission", "stack", "correction", "status-list"))
        if waiting == 0 and not intents:
            return
        # An order that a killed worker held is free again when its lease runs out: here the lease is cut short.
        await free_leases(parts)
        await asyncio.sleep(0.3)
    raise AssertionError(f"{waiting} orders and {len(intents)} intents still wait")


async def free_leases(parts: Parts) -> None:
    from sqlalchemy import update

    from credentials.outbox.tables import orders

    async with parts.database.write() as session:
        held = orders.c.due_at > clock.now()
        await session.execute(update(orders).where(held).values(due_at=clock.now()))


async def check_everything(world: World, reviews: list[str], acknowledged: set[str]) -> None:
    parts = world.parts
    async with parts.database.read() as session:
        decided = {}
        for review_id in reviews:
            found = await review.store.review(session, review_id)
            submission = await evidence.submission(session, found.submission_id)
            decided[review_id] = submission
            issued = await awards.of_organisations(session, [world.organisations["alder"].id], limit=10_000)
    assert acknowledged, "nothing was ever acknowledged: the kills came too early to prove anything"
    by_submission = [award.submission_id for award in issued]
    assert len(by_submission) == len(set(by_submission)), "an award was made twice"
    assert set(by_submission) == {submission.id for submission in decided.values()}
    assert all(submission.stage is Stage.EARNED for submission in decided.values())
    places = await world.see(status.places_of_many, [award.intent_id for award in issued])
    seen = [(place.list_id, place.index) for found in places.values() for place in found]
    assert len(seen) == len(set(seen)) == len(issued) * len(Purpose), "a status place was given twice"
    findings = [
        finding
        async for finding in fsck.findings(
            parts.database, parts.blobs, parts.office.gate.keystore, parts.contexts, lambda _what, _count: None
        )
        if finding.severe
    ]
    assert findings == []
