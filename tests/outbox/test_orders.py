"""Work that follows a decision: carried out whatever fails, whoever dies, and however many look for it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from builders import TestClock
from sentences import sentences

from credentials.db import Database
from credentials.errors import Conflict, NotFound, Unavailable
from credentials.ids import Ids
from credentials.outbox import service, store
from credentials.outbox.model import LEASE, MAX_ATTEMPTS, Order
from credentials.outbox.rules import wait_before_next

KIND = "award.issue"


class Redeemer:
    """Carries orders out, and keeps which ones and what they said; fails, dies or dawdles when it is told to."""

    def __init__(self) -> None:
        self.redeemed: list[Order] = []
        self.failure: BaseException | None = None
        self.busy = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self, order: Order) -> None:
        self.busy.set()
        await self.go_on.wait()
        if self.failure:
            raise self.failure
        self.redeemed.append(order)

    @property
    def keys(self) -> list[str]:
        return [order.key for order in self.redeemed]


@pytest.fixture
def redeemer() -> Redeemer:
    return Redeemer()


class Desk:
    """The outbox of one database, by one clock."""

    def __init__(self, database: Database, clock: TestClock, ids: Ids) -> None:
        self.database = database
        self.clock = clock
        self.ids = ids

    async def place(self, key: str, kind: str = KIND, **payload: str) -> bool:
        async with self.database.write() as session:
            return await service.place(session, self.ids, self.clock(), kind, key, **payload)

    async def redeem(self, redeemer: service.Redeem, kind: str = KIND) -> int:
        return await service.redeem_due(self.database, self.clock, {kind: redeemer})

    async def find(self, key: str) -> Order:
        async with self.database.read() as session:
            return await service.find(session, KIND, key)

    async def waiting(self) -> int:
        async with self.database.read() as session:
            return await service.waiting(session)

    async def set_aside(self) -> list[str]:
        async with self.database.read() as session:
            return [order.key for order in await service.set_aside(session)]


@pytest.fixture
def desk(database: Database, clock: TestClock, ids: Ids) -> Desk:
    return Desk(database, clock, ids)


@sentences(
    ("attempts", "seconds"),
    {
        "a second after the first failure": (1, 1),
        "twice as long after the second": (2, 2),
        "four times after the third": (3, 4),
        "over four minutes before the last attempt": (MAX_ATTEMPTS - 1, 256),
        "never more than an hour": (40, 3600),
    },
)
def test_the_pause_doubles(attempts: int, seconds: int) -> None:
    assert wait_before_next(attempts) == timedelta(seconds=seconds)


async def test_an_order_is_carried_out_once_and_what_it_carried_is_forgotten(desk: Desk, redeemer: Redeemer) -> None:
    await desk.place("s1", submission="s1", secret="a link that works once")
    assert await desk.redeem(redeemer) == 1
    assert redeemer.redeemed[0].payload == {"submission": "s1", "secret": "a link that works once"}
    assert await desk.redeem(redeemer) == 0
    assert (await desk.find("s1")).payload == {}
    assert await desk.waiting() == 0


async def test_the_same_order_placed_again_is_ignored_before_and_after_it_is_done(
    desk: Desk, redeemer: Redeemer
) -> None:
    assert await desk.place("s1", submission="s1") is True
    assert await desk.place("s1", submission="another") is False
    await desk.redeem(redeemer)
    assert await desk.place("s1", submission="s1") is False
    assert await desk.redeem(redeemer) == 0
    assert [order.payload for order in redeemer.redeemed] == [{"submission": "s1"}]
    assert await desk.place("s1", kind="mail.send"), "the key of another kind of order is another key"


async def test_an_order_of_a_decision_that_did_not_hold_is_not_there(desk: Desk, redeemer: Redeemer) -> None:
    async def a_decision_that_fails() -> None:
        async with desk.database.write() as session:
            await service.place(session, desk.ids, desk.clock(), KIND, "s1")
            raise Conflict("decided already")

    with pytest.raises(Conflict):
        await a_decision_that_fails()
    assert await desk.redeem(redeemer) == 0


async def test_orders_of_a_kind_that_this_worker_does_not_know_are_left_for_another(
    desk: Desk, redeemer: Redeemer
) -> None:
    await desk.place("s1")
    assert await desk.redeem(redeemer, kind="mail.send") == 0
    assert await desk.redeem(redeemer) == 1


async def test_two_workers_at_once_take_each_order_once(desk: Desk) -> None:
    first, second = Redeemer(), Redeemer()
    for number in range(10):
        await desk.place(f"s{number}")
    taken = await asyncio.gather(desk.redeem(first), desk.redeem(second), desk.redeem(first), desk.redeem(second))
    assert sum(taken) == 10
    assert sorted(first.keys + second.keys) == sorted(f"s{number}" for number in range(10))


async def test_one_that_fails_waits_ever_longer_and_the_others_go_on(
    desk: Desk, redeemer: Redeemer, clock: TestClock
) -> None:
    await desk.place("good")
    await desk.place("bad")

    async def one_fails(order: Order) -> None:
        if order.key == "bad":
            raise Unavailable("the mail server does not answer")
        await redeemer(order)

    assert await desk.redeem(one_fails) == 2
    assert redeemer.keys == ["good"]
    assert (await desk.find("bad")).last_error == "the mail server does not answer"
    for pause in (1, 2, 4, 8):
        clock.advance(seconds=pause - 0.001)
        assert await desk.redeem(one_fails) == 0, "not before its pause is over"
        clock.advance(seconds=0.001)
        assert await desk.redeem(one_fails) == 1
    clock.advance(seconds=16)
    assert await desk.redeem(redeemer) == 1
    assert redeemer.keys == ["good", "bad"]
    assert (await desk.find("bad")).last_error == ""


async def test_one_that_always_fails_is_set_aside_and_can_be_given_a_new_start(
    desk: Desk, redeemer: Redeemer, clock: TestClock
) -> None:
    """Our own mistakes are told by their kind only: what they say may hold what is private."""
    await desk.place("s1", submission="s1")
    redeemer.failure = KeyError("ada@heron.example")
    for _ in range(MAX_ATTEMPTS):
        assert await desk.set_aside() == []
        assert await desk.redeem(redeemer) == 1
        clock.advance(hours=1)
    assert await desk.redeem(redeemer) == 0
    assert await desk.set_aside() == ["s1"]
    order = await desk.find("s1")
    assert (order.last_error, order.attempts) == ("KeyError", MAX_ATTEMPTS)

    redeemer.failure = None
    async with desk.database.write() as session:
        assert await service.retry(session, order.id, clock()) is True
    async with desk.database.write() as session:
        assert await service.retry(session, order.id, clock()) is False, "it is not set aside any more"
    assert await desk.redeem(redeemer) == 1
    assert redeemer.redeemed[0].payload == {"submission": "s1"}, "nothing of it was forgotten meanwhile"
    assert await desk.set_aside() == []


async def test_a_worker_that_dies_loses_nothing_its_lease_runs_out(
    desk: Desk, redeemer: Redeemer, clock: TestClock
) -> None:
    await desk.place("s1", submission="s1")
    redeemer.failure = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await desk.redeem(redeemer)
    redeemer.failure = None
    assert await desk.redeem(redeemer) == 0, "it could still be at work"
    clock.advance(seconds=LEASE.total_seconds())
    assert await desk.redeem(redeemer) == 1
    assert redeemer.redeemed[0].payload == {"submission": "s1"}


@sentences("finished_by_another", {"which has finished it": True, "which is still at work": False})
async def test_a_worker_that_outlived_its_lease_and_failed_leaves_the_order_to_the_one_that_took_it(
    desk: Desk, redeemer: Redeemer, clock: TestClock, finished_by_another: bool
) -> None:
    await desk.place("s1", submission="s1")
    slow = Redeemer()
    slow.go_on.clear()
    slow.failure = Unavailable("too late")
    at_work = asyncio.create_task(desk.redeem(slow))
    await slow.busy.wait()
    clock.advance(seconds=LEASE.total_seconds())
    if finished_by_another:
        assert await desk.redeem(redeemer) == 1
    else:
        async with desk.database.write() as session:
            assert len(await store.lease(session, clock(), kinds=(KIND,), limit=1)) == 1
    slow.go_on.set()
    await at_work
    clock.advance(seconds=60)
    assert await desk.redeem(redeemer) == 0
    assert await desk.waiting() == (0 if finished_by_another else 1)
    assert (await desk.find("s1")).last_error == ""


async def test_due_orders_are_taken_oldest_first_and_no_more_than_asked(
    desk: Desk, redeemer: Redeemer, clock: TestClock
) -> None:
    for number in range(5):
        await desk.place(f"s{number}")
        clock.advance(seconds=1)
    redeemers: Mapping[str, service.Redeem] = {KIND: redeemer}
    assert await service.redeem_due(desk.database, clock, redeemers, limit=2) == 2
    assert redeemer.keys == ["s0", "s1"]
    async with desk.database.read() as session:
        assert [order.key for order in await service.waiting_of_kind(session, KIND)] == ["s2", "s3", "s4"]


async def test_a_sentence_of_any_length_and_any_character_is_kept_of_a_failure(
    desk: Desk, redeemer: Redeemer, now: datetime
) -> None:
    await desk.place("s1")
    redeemer.failure = Unavailable("no \x00 end " + "…" * 2_000)
    await desk.redeem(redeemer)
    kept = (await desk.find("s1")).last_error
    assert kept.startswith("no ")
    assert len(kept) == store.ERROR_LENGTH


async def test_an_order_that_nobody_placed_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.find("s1")
