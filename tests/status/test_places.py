"""Places of status lists: drawn at random, each given away once, also after an older copy of the database was restored."""

import asyncio
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from credentials.db import Database
from credentials.errors import NotFound
from credentials.files import Fence
from credentials.ids import Ids, SeededIds, SystemIds
from credentials.proofs.multibase import base64url_decode
from credentials.status import bitstring, service
from credentials.status.model import FULL_AT, LIST_SIZE, NoFreePlace, Place, Published, Purpose, StatusList
from credentials.status.tables import lists

ALDER = "a" * 36
DID = "did:web:alder.test:orgs:alder"


class Drawing(SystemIds):
    """Draws these places, one after another, and nothing when they are used up."""

    def __init__(self, places: Iterable[int]) -> None:
        self._places: Iterator[int] = iter(places)

    def below(self, limit: int) -> int:
        return next(self._places)


class Registry:
    """The status lists of one organisation."""

    def __init__(self, database: Database, fence: Fence, now: datetime) -> None:
        self.database = database
        self.fence = fence
        self.now = now

    async def allocate(self, reference: str, ids: Ids, purpose: Purpose = Purpose.REVOCATION) -> Place:
        async with self.database.write() as session:
            return await service.allocate(
                session, ids, self.now, self.fence, owner=ALDER, did=DID, purpose=purpose, reference=reference
            )

    async def lists(self) -> list[StatusList]:
        async with self.database.read() as session:
            return await service.all_lists(session)

    async def bits(self) -> list[int]:
        """The places that stand set in the list as it would be published now."""
        (found,) = await self.lists()
        async with self.database.read() as session:
            bits = bitstring.decode(await service.encoded_list(session, found))
        return [index for index in range(found.size) if bits[index >> 3] and bitstring.value_at(bits, index)]

    async def set(self, reference: str, *, to: bool, purpose: Purpose = Purpose.REVOCATION) -> Place:
        async with self.database.write() as session:
            return await service.set_status(session, reference, purpose, to=to, now=self.now)

    async def due(self, *, older_than: datetime) -> int:
        async with self.database.read() as session:
            return len(await service.due_for_publication(session, older_than=older_than))

    async def publish(self, version: int, body: bytes = b"signed") -> None:
        (found,) = await self.lists()
        made = Published(list_id=found.id, version=version, body=body, digest="0" * 64, published_at=self.now)
        async with self.database.write() as session:
            await service.put_published(session, made)


@pytest.fixture
def registry(database: Database, tmp_path: Path, now: datetime) -> Registry:
    return Registry(database, Fence(tmp_path / "fence"), now)


def reference(number: int) -> str:
    return f"{number:036d}"


async def test_places_tell_nothing_of_the_order_in_which_they_were_given(registry: Registry) -> None:
    ids = SystemIds()
    given = [(await registry.allocate(reference(number), ids)).index for number in range(40)]
    assert len(set(given)) == 40
    assert given != sorted(given)
    assert min(given) < LIST_SIZE // 2 < max(given), "one half would be empty once in 2^39 times"
    (found,) = await registry.lists()
    assert (found.size, found.used, found.closed) == (131_072, 40, False)


async def test_a_place_that_is_taken_is_not_given_again_and_another_is_drawn(registry: Registry) -> None:
    await registry.allocate(reference(1), Drawing([7]))
    assert (await registry.allocate(reference(2), Drawing([7, 7, 8]))).index == 8


async def test_workers_that_draw_the_same_places_at_the_same_moment_get_different_ones(registry: Registry) -> None:
    await registry.allocate(reference(0), Drawing([0]))
    given = await asyncio.gather(*(registry.allocate(reference(number), Drawing(range(20))) for number in range(1, 11)))
    assert len({place.index for place in given}) == 10
    (found,) = await registry.lists()
    assert found.used == 11


async def test_an_organisation_that_issues_its_first_awards_side_by_side_has_one_list(registry: Registry) -> None:
    given = await asyncio.gather(*(registry.allocate(reference(number), SeededIds(number)) for number in range(6)))
    assert len({(place.list_id, place.index) for place in given}) == 6
    assert len(await registry.lists()) == 1


async def test_a_place_of_a_transaction_that_was_rolled_back_is_not_given_again(registry: Registry) -> None:
    """As after a restored copy: the database is as it was; the fence stands beside the keys and remembers."""
    await registry.allocate(reference(1), Drawing([1]))

    async def take_and_fail() -> None:
        async with registry.database.write() as session:
            for drawing in ([2], [1] * 64):  # the place 2 is free and is taken; then none is found
                await service.allocate(
                    session,
                    Drawing(drawing),
                    registry.now,
                    registry.fence,
                    owner=ALDER,
                    did=DID,
                    purpose=Purpose.REVOCATION,
                    reference=reference(2),
                )

    with pytest.raises(NoFreePlace):
        await take_and_fail()
    assert (await registry.allocate(reference(3), Drawing([2, 1, 3]))).index == 3


async def test_a_restored_file_of_the_database_gives_no_place_away_twice(
    sqlite_template: Path, tmp_path: Path, now: datetime
) -> None:
    path, copy, fence = tmp_path / "live.sqlite3", tmp_path / "backup.sqlite3", Fence(tmp_path / "fence")
    shutil.copy(sqlite_template, path)

    async def give(numbers: range, draws: Iterable[int]) -> list[int]:
        database = Database(f"sqlite:///{path}")
        drawing = Drawing(draws)
        try:
            registry = Registry(database, fence, now)
            return [(await registry.allocate(reference(number), drawing)).index for number in numbers]
        finally:
            await database.close()

    before = await give(range(5), range(100))
    shutil.copy(path, copy)
    lost = await give(range(5, 10), range(100))
    shutil.copy(copy, path)
    after = await give(range(5, 10), range(100))
    assert (before, lost, after) == ([0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12, 13, 14])


async def test_the_fence_is_one_for_all_processes_and_survives_them(tmp_path: Path) -> None:
    assert Fence(tmp_path / "fence").pass_once("list", 131_071)
    again = Fence(tmp_path / "fence")
    assert not again.pass_once("list", 131_071)
    assert again.pass_once("list", 131_070)
    assert again.pass_once("another", 131_071)


async def test_a_list_that_is_half_in_use_is_closed_and_another_one_begun(registry: Registry) -> None:
    await registry.allocate(reference(1), Drawing([1]))
    async with registry.database.write() as session:
        await session.execute(update(lists).values(used=FULL_AT - 1))
    last = await registry.allocate(reference(2), Drawing([2]))
    next_ = await registry.allocate(reference(3), Drawing([2]))
    assert last.list_id != next_.list_id
    assert sorted(found.closed for found in await registry.lists()) == [False, True]


async def test_when_no_free_place_is_found_it_says_so_and_nothing_is_kept(registry: Registry) -> None:
    await registry.allocate(reference(1), Drawing([1]))
    with pytest.raises(NoFreePlace, match="try again"):
        await registry.allocate(reference(2), Drawing([1] * 64))
    (found,) = await registry.lists()
    assert found.used == 1


async def test_a_bit_is_set_and_cleared_and_set_twice_changes_nothing(registry: Registry) -> None:
    first = await registry.allocate(reference(1), Drawing([0]))
    await registry.allocate(reference(2), Drawing([131_071]))
    assert await registry.bits() == []
    await registry.set(reference(1), to=True)
    await registry.set(reference(2), to=True)
    assert await registry.bits() == [0, 131_071]
    (before,) = await registry.lists()
    await registry.set(reference(2), to=True)
    (after,) = await registry.lists()
    assert before.version == after.version == 3
    await registry.set(reference(1), to=False)
    assert await registry.bits() == [131_071]
    assert first.purpose is Purpose.REVOCATION
    with pytest.raises(NotFound, match="no suspension status"):
        await registry.set(reference(1), to=True, purpose=Purpose.SUSPENSION)


async def test_a_list_is_due_when_it_changed_and_when_its_publication_is_old(registry: Registry) -> None:
    yesterday, tomorrow = registry.now - timedelta(days=1), registry.now + timedelta(days=1)
    await registry.allocate(reference(1), Drawing([1]))
    assert await registry.due(older_than=yesterday) == 1, "it was never published"
    await registry.publish(1)
    assert await registry.due(older_than=yesterday) == 0
    await registry.allocate(reference(2), Drawing([2]))
    assert await registry.due(older_than=yesterday) == 0, "a place that is given away changes no bit"
    await registry.set(reference(1), to=True)
    assert await registry.due(older_than=yesterday) == 1
    await registry.publish(2)
    assert await registry.due(older_than=yesterday) == 0
    assert await registry.due(older_than=tomorrow) == 1


async def test_what_two_publish_at_once_ends_with_the_newer(registry: Registry) -> None:
    await registry.allocate(reference(1), Drawing([1]))
    for _ in range(2):
        await registry.set(reference(1), to=True)
        await registry.set(reference(1), to=False)
    await registry.publish(5, b"newer")
    await registry.publish(4, b"older, and late")
    (found,) = await registry.lists()
    async with registry.database.read() as session:
        made = await service.get_published(session, found.id)
    assert made is not None
    assert (made.version, made.body) == (5, b"newer")
    assert await registry.due(older_than=registry.now - timedelta(days=1)) == 0


def test_an_encoded_list_is_gzip_in_multibase_and_its_first_bit_is_the_leftmost() -> None:
    encoded = bitstring.encode(LIST_SIZE, [0, 9])
    assert encoded.startswith("u")
    assert base64url_decode(encoded[1:].encode())[:2] == b"\x1f\x8b"
    bits = bitstring.decode(encoded)
    assert len(bits) == LIST_SIZE // 8
    assert bits[:2] == b"\x80\x40"
