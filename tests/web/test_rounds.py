"""The rounds of a running service: orders are carried out, and a revocation is published in time whatever else goes on."""

import asyncio
import dataclasses
import time
from collections.abc import Callable
from typing import Any

import pytest
from builders import World

from credentials.awards import service as awards
from credentials.awards.model import Award
from credentials.issuing import service as issuing
from credentials.issuing.service import LIST_TTL
from credentials.status import service as status
from credentials.status.model import Purpose
from credentials.web import orders
from credentials.web.parts import Parts
from credentials.web.status_lists import FRESH


async def an_award(world: World) -> Award:
    submission = await world.decide(await world.submission(await world.publish()))
    return await issuing.issue_for_submission(world.parts.office, world.clock(), submission.id)


async def at_work(parts: Parts, until: Callable[[], Any], seconds: float = 20) -> None:
    """Let the rounds go on until something holds."""
    stop = asyncio.Event()
    rounds = asyncio.create_task(orders.work(parts, stop))
    end = time.monotonic() + seconds
    try:
        while not await until():
            assert time.monotonic() < end, "it was waited for in vain"
            await asyncio.sleep(0.02)
    finally:
        stop.set()
        rounds.cancel()
        await asyncio.gather(rounds, return_exceptions=True)


async def published_version(world: World, award: Award) -> int:
    (place,) = [
        place for place in await world.see(status.places_of, award.intent_id) if place.purpose is Purpose.REVOCATION
    ]
    mark = await world.see(status.published_mark, place.list_id)
    return mark[0] if mark else 0


def test_a_change_of_status_shows_within_a_minute() -> None:
    """The longest way: it just missed a round, and what is served just missed the publication. A verifier that keeps a list
    for as long as its ``ttl`` says asks again within another minute."""
    assert orders.PUBLISH_EVERY + FRESH.total_seconds() < 30, "the other half is for signing"
    assert LIST_TTL <= 60_000


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_mail_server_that_answers_nobody_does_not_keep_a_revocation_from_being_published(world: World) -> None:
    award = await an_award(world)
    await world.do(issuing.revoke, await world.act("leader"), award.id, reason="The work was somebody else's.")
    asked = asyncio.Event()

    async def never(**_: Any) -> None:
        asked.set()
        await asyncio.Event().wait()

    async def is_published() -> bool:
        return asked.is_set() and await published_version(world, award) == 2

    await at_work(dataclasses.replace(world.parts, send_mail=never), is_published)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_cannot_be_finished_does_not_keep_orders_from_being_carried_out(world: World) -> None:
    """An intent is left over whose organisation has lost its keys: decisions and letters go on."""
    award = await an_award(world)
    await issuing.publish_due_lists(world.parts.office, world.clock())
    submission = await world.decide(await world.submission(await world.publish(slug="other"), "colleague"))
    poisoned = dataclasses.replace(world.parts.office.gate, keystore=NoKeys())
    office = dataclasses.replace(world.parts.office, gate=poisoned)
    with pytest.raises(OSError, match="no keys"):
        await issuing.issue_for_submission(office, world.clock(), submission.id)
    sent: list[str] = []

    async def send(*, to: str, **_: Any) -> None:
        sent.append(to)

    async def is_sent() -> bool:
        return world.addresses["teacher"] in sent

    await at_work(dataclasses.replace(world.parts, office=office, send_mail=send), is_sent)
    assert await world.see(awards.by_submission, submission.id) is None
    assert await world.see(awards.award, award.id)


class NoKeys:
    def create(self, *_: Any) -> Any:
        raise OSError("no keys")

    def signer(self, *_: Any) -> Any:
        raise OSError("no keys")

    def discard(self, *_: Any) -> None:
        raise OSError("no keys")
