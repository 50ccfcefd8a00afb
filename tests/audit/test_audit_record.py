"""The record of decisions: chained, so that no later hand can change it unseen."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentences import sentences
from sqlalchemy import insert, text

from credentials.audit import chain, service
from credentials.audit.model import GENESIS, Break, Entry, Link
from credentials.audit.tables import entries, head
from credentials.db import Database
from credentials.errors import Conflict


def an_entry(now: datetime, number: int = 1, **changed: Any) -> Entry:
    entry = Entry(at=now, actor="p1", action="version.published", subject=f"version:{number}", organisation="o1")
    return msgspec.structs.replace(entry, **changed)


async def record(database: Database, entry: Entry) -> int:
    async with database.write() as session:
        return await service.record(session, entry)


async def breaks(database: Database) -> list[Break]:
    async with database.read() as session:
        return await service.breaks(session)


# The chain, from values alone


def links_of(bodies: list[bytes]) -> list[Link]:
    links = [chain.START]
    for body in bodies:
        links.append(chain.following((links[-1].sequence, links[-1].hash), body))
    return links


def first_break(links: list[Link]) -> Break | None:
    """What reading the chain from its start finds."""
    last = chain.START
    for link in links:
        if broken := chain.follows(last, link):
            return broken
        last = link
    return None


def test_the_hash_of_an_entry_is_over_the_hash_before_it_and_its_bytes() -> None:
    """Worked out by another program: { head -c 32 /dev/zero; printf a; } | sha256sum."""
    assert chain.next_hash(GENESIS, b"a") == "41a0370c3d9f42773a59e8e01651911cf43b1e3f66944cbb690029debc4eb647"


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=6), st.data())
def test_whatever_is_changed_in_a_chain_the_first_place_that_is_not_as_it_was_is_named(
    bodies: list[bytes], data: st.DataObject
) -> None:
    links = links_of(bodies)[1:]
    assert first_break(links) is None
    place = data.draw(st.integers(0, len(links) - 2), label="place")
    link = links[place]
    what = data.draw(st.sampled_from(["body", "hash", "removed", "twice", "swapped", "inserted"]), label="what")
    changed = {
        "body": [*links[:place], Link(link.sequence, link.body + b"!", link.hash), *links[place + 1 :]],
        "hash": [*links[:place], Link(link.sequence, link.body, chain.next_hash(link.hash, b"")), *links[place + 1 :]],
        "removed": [*links[:place], *links[place + 1 :]],
        "twice": [*links[: place + 1], link, *links[place + 1 :]],
        "swapped": [*links[:place], links[place + 1], link, *links[place + 2 :]],
        "inserted": [*links[: place + 1], Link(link.sequence + 1, b"new", link.hash), *links[place + 1 :]],
    }[what]
    broken = first_break(changed)
    assert broken is not None
    assert broken.sequence == place + (2 if what in {"twice", "inserted"} else 1)


# The record, in a database


@dataclass(frozen=True)
class Damage:
    """What somebody did with SQL, and the places that are named."""

    statements: tuple[str, ...]
    found: tuple[int, ...]
    says: str


COPY = """
INSERT INTO audit_entries (sequence, body, hash, at, actor, organisation, action, subject)
SELECT {to}, body, hash, at, actor, organisation, action, subject FROM audit_entries WHERE sequence = {of}
"""

DAMAGES = {
    "nothing: the chain holds": Damage((), (), ""),
    "the text of an entry edited": Damage(
        ("UPDATE audit_entries SET body = (SELECT body FROM audit_entries WHERE sequence = 4) WHERE sequence = 3",),
        (3, 3),
        "does not follow",
    ),
    "the hash of an entry edited": Damage(
        ("UPDATE audit_entries SET hash = '{genesis}' WHERE sequence = 2",), (2,), "does not follow"
    ),
    "an entry removed": Damage(("DELETE FROM audit_entries WHERE sequence = 3",), (3,), "entry 3 is missing"),
    "the first entry removed": Damage(("DELETE FROM audit_entries WHERE sequence = 1",), (1,), "entry 1 is missing"),
    "an entry removed and the rest moved up": Damage(
        (
            "DELETE FROM audit_entries WHERE sequence = 3",
            "UPDATE audit_entries SET sequence = 3 WHERE sequence = 4",
            "UPDATE audit_entries SET sequence = 4 WHERE sequence = 5",
            "UPDATE audit_head SET sequence = 4",
        ),
        (3,),
        "does not follow",
    ),
    "an entry inserted between two": Damage(
        (
            "UPDATE audit_entries SET sequence = 6 WHERE sequence = 5",
            COPY.format(to=5, of=4),
        ),
        (5,),
        "does not follow",
    ),
    "the last entry cut off": Damage(("DELETE FROM audit_entries WHERE sequence = 5",), (5,), "its head says 5"),
    "all entries cut off": Damage(("DELETE FROM audit_entries",), (1,), "ends at entry 0"),
    "an entry put behind the end": Damage(
        (COPY.format(to=6, of=5),),
        (6,),
        "does not follow",
    ),
    "the head taken away": Damage(("DELETE FROM audit_head",), (6,), "its head says 0"),
    "the head set back with the last entry": Damage(
        (
            "DELETE FROM audit_entries WHERE sequence = 5",
            "UPDATE audit_head SET sequence = 4",
        ),
        (5,),
        "the chain ends",
    ),
    "a look-up column that hides an entry from a search": Damage(
        ("UPDATE audit_entries SET subject = 'version:9' WHERE sequence = 2",), (2,), "do not say what its body says"
    ),
    "a look-up column that names another actor": Damage(
        ("UPDATE audit_entries SET actor = 'p2' WHERE sequence = 4",), (4,), "do not say what its body says"
    ),
    "an entry with octets that are no text": Damage(
        ("UPDATE audit_entries SET body = {octets} WHERE sequence = 2",), (2, 2), "does not follow"
    ),
}


@sentences("damage", DAMAGES)
async def test_damage_is_found_and_named(database: Database, now: datetime, damage: Damage) -> None:
    for number in range(1, 6):
        assert await record(database, an_entry(now, number)) == number
    octets = "x'7B226163746F72223A22FF227D'" if database.is_sqlite else r"'\x7B226163746F72223A22FF227D'"
    async with database.write() as session:
        for statement in damage.statements:
            await session.execute(text(statement.replace("{genesis}", GENESIS).replace("{octets}", octets)))
    found = await breaks(database)
    assert tuple(one.sequence for one in found) == damage.found
    assert damage.says in " ".join(one.detail for one in found)


async def test_decisions_recorded_at_the_same_time_make_one_chain(database: Database, now: datetime) -> None:
    """From the very first on, when there is no head to hold yet."""
    places = await asyncio.gather(*(record(database, an_entry(now, number)) for number in range(12)))
    assert sorted(places) == list(range(1, 13))
    assert await breaks(database) == []


async def test_a_decision_that_is_not_carried_out_is_not_recorded(database: Database, now: datetime) -> None:
    async def one_that_fails() -> None:
        async with database.write() as session:
            await service.record(session, an_entry(now, 2))
            raise Conflict("something else did not hold")

    await record(database, an_entry(now, 1))
    with pytest.raises(Conflict):
        await one_that_fails()
    assert await record(database, an_entry(now, 3)) == 2
    assert await breaks(database) == []


async def test_what_was_decided_about_a_thing_is_read_oldest_first(database: Database, now: datetime) -> None:
    decided = [
        an_entry(now, 1, action="version.drafted"),
        an_entry(now, 2),
        an_entry(now, 1, reason="a typing error", detail={"digest": "00"}),
    ]
    for entry in decided:
        await record(database, entry)
    async with database.read() as session:
        first, third = await service.about(session, "version:1")
        assert [(one.sequence, one.action, one.detail) for one in (first, third)] == [
            (1, "version.drafted", {}),
            (3, "version.published", {"digest": "00"}),
        ]
        assert await service.about(session, "version:9") == []
        assert await service.about(session, "version:1", limit=1) == [first]
        assert await service.about(session, "version:1", after=1) == [third]
        assert await service.about(session, "version:1", within={"o2"}) == []
        assert await service.about(session, "version:1", within={"o2", "o1"}) == [first, third]
        assert await service.last(session, "version:1", "version.drafted") == decided[0]
        assert await service.last(session, "version:2", "version.drafted") is None


async def test_a_long_record_is_read_to_its_end(database: Database, now: datetime) -> None:
    """More than one batch of 5 000 rows: damage behind the first batch is found."""
    link, rows = chain.START, []
    for number in range(1, 5_003):
        entry = an_entry(now, number)
        link = chain.following((link.sequence, link.hash), msgspec.json.encode(entry, order="deterministic"))
        rows.append({"sequence": link.sequence, "body": link.body, "hash": link.hash, "at": now, **_columns(entry)})
    async with database.write() as session:
        await session.execute(insert(entries), rows)
        await session.execute(insert(head), {"id": 1, "sequence": link.sequence, "hash": link.hash})
    assert await breaks(database) == []
    async with database.write() as session:
        await session.execute(text("UPDATE audit_entries SET action = 'x' WHERE sequence = 5001"))
        await session.execute(text("UPDATE audit_entries SET hash = :hash WHERE sequence = 5002"), {"hash": GENESIS})
    assert [found.sequence for found in await breaks(database)] == [5002, 5001]


def _columns(entry: Entry) -> dict[str, str]:
    return {name: getattr(entry, name) for name in ("actor", "organisation", "action", "subject")}
