"""A request that is repeated with the same key is answered as it was, and carried out once."""

import asyncio
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from credentials.db import Database, Session
from credentials.errors import Conflict
from credentials.replies import service
from credentials.replies.model import KEPT, KeyReused, Reply

things = Table("things", MetaData(), Column("id", Integer, primary_key=True))


class Service:
    """Makes a thing for each request that it carries out, and answers which."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.fails = False
        self.begun = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def ask(self, asked: Reply) -> Reply:
        async with self.database.write() as session:

            async def work() -> Reply:
                await session.execute(insert(things))
                self.begun.set()
                await self.goes_on.wait()
                if self.fails:
                    raise Conflict("this cannot be done now")
                body = f"thing {await count(session)}".encode()
                return msgspec.structs.replace(asked, status=201, headers={"location": "/things/1"}, body=body)

            return await service.once(session, asked, work)

    async def made(self) -> int:
        async with self.database.read() as session:
            return await count(session)


async def count(session: Session) -> int:
    return (await session.execute(select(func.count()).select_from(things))).scalar_one()


@pytest.fixture
async def desk(database: Database) -> Service:
    async with database.write() as session:
        await session.run_sync(things.metadata.create_all)
    return Service(database)


def request(now: datetime, **changed: str) -> Reply:
    asked = Reply(caller="p1", key="k1", fingerprint="f" * 64, status=0, headers={}, body=b"", at=now)
    return msgspec.structs.replace(asked, **changed)


async def test_the_same_key_with_the_same_request_gets_the_same_answer_and_is_carried_out_once(
    desk: Service, now: datetime
) -> None:
    first = await desk.ask(request(now))
    again = await desk.ask(msgspec.structs.replace(request(now), at=now + timedelta(hours=1)))
    assert again == first
    assert (first.status, first.headers, first.body) == (201, {"location": "/things/1"}, b"thing 1")
    assert await desk.made() == 1


async def test_requests_that_arrive_at_the_same_time_are_carried_out_once(desk: Service, now: datetime) -> None:
    answers = await asyncio.gather(*(desk.ask(request(now)) for _ in range(6)))
    assert {answer.body for answer in answers} == {b"thing 1"}
    assert await desk.made() == 1


async def test_the_same_key_with_another_request_is_refused(desk: Service, now: datetime) -> None:
    await desk.ask(request(now))
    with pytest.raises(KeyReused, match="send a new key"):
        await desk.ask(request(now, fingerprint="e" * 64))
    assert await desk.made() == 1


async def test_the_key_of_another_caller_is_another_key(desk: Service, now: datetime) -> None:
    await desk.ask(request(now))
    answer = await desk.ask(request(now, caller="p2", fingerprint="e" * 64))
    assert answer.body == b"thing 2"


async def test_a_request_that_failed_leaves_no_claim_and_can_be_repeated(desk: Service, now: datetime) -> None:
    desk.fails = True
    with pytest.raises(Conflict):
        await desk.ask(request(now))
    assert await desk.made() == 0
    desk.fails = False
    assert (await desk.ask(request(now, fingerprint="e" * 64))).body == b"thing 1"


async def test_a_repetition_waits_for_the_first_and_takes_its_place_when_that_fails(
    desk: Service, now: datetime
) -> None:
    """Nobody is answered by a request that was not carried out."""
    other = Service(desk.database)
    desk.fails = True
    desk.goes_on.clear()
    first = asyncio.create_task(desk.ask(request(now)))
    await desk.begun.wait()  # it holds the key before the other one asks
    second = asyncio.create_task(other.ask(request(now)))
    await asyncio.sleep(0.05)  # as a rule the other one waits by now; if not, it comes to the same
    desk.goes_on.set()
    with pytest.raises(Conflict):
        await first
    assert (await second).body == b"thing 1"
    assert await desk.made() == 1


async def test_an_answer_is_kept_for_two_days_and_then_forgotten(desk: Service, now: datetime) -> None:
    await desk.ask(request(now))
    async with desk.database.write() as session:
        assert await service.forget_old(session, now + KEPT) == 0
    assert (await desk.ask(request(now))).body == b"thing 1"
    async with desk.database.write() as session:
        assert await service.forget_old(session, now + KEPT + timedelta(seconds=1)) == 1
    assert (await desk.ask(request(now))).body == b"thing 2"
