"""Many at once: each with a verdict of its own, told as they come, taken up again after a crash."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import httpx
import pytest
from builders import PASSWORD, World, browser, served

from credentials.awards import service as awards
from credentials.db import Database
from credentials.ids import SeededIds
from credentials.issuing import service as issuing
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.verification import batches
from credentials.verification.batches import Batch, Result, row_of, table_of
from credentials.verification.containers import Item
from credentials.verification.model import Question, Report, Verdict
from credentials.web import batches as worker
from credentials.web.parts import Parts

ADDRESS = "/api/v1/verifications"

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not touch the store in another way than the tests of the worker, which are made on both databases."""


@pytest.fixture
async def badges(world: World) -> dict[str, bytes]:
    submission = await world.decide(await world.submission(await world.publish()))
    await world.redeem()
    award = await world.see(awards.by_submission, submission.id)
    await issuing.publish_due_lists(world.parts.office, world.clock())
    return {format_: (await world.see(sealing.sealed_as, award.intent_id, format_)).body for format_ in list(Format)}


@pytest.fixture
async def clerk(parts: Parts, world: World) -> httpx.AsyncClient:
    client = browser(served(parts))
    client.headers["Origin"] = "http://alder.test"
    await client.post("/api/v1/sessions", json={"email": world.addresses["admin"], "password": PASSWORD})
    return client


def lines_of(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


@ON_SQLITE
async def test_every_kind_of_file_is_split_and_every_item_has_its_own_verdict(
    clerk: httpx.AsyncClient, parts: Parts, badges: dict[str, bytes]
) -> None:
    good, token = badges[Format.DATA_INTEGRITY], badges[Format.JWT]
    forged = good.replace(b"Moves Work", b"Makes Gold")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in (("a.json", good), ("b.txt", b"nonsense"), ("c.jwt", token)):
            archive.writestr(name, content)
    files = {
        "lines": (b"\n".join([good, forged, b"{", json.dumps(token.decode()).encode()]), "a r r a"),
        "zip": (packed.getvalue(), "a r a"),
        "csv": (b"name,link\nAda,https://nowhere.example/1\nBob,\n", "i i"),
    }
    for kind, (content, outcomes) in files.items():
        made = (await clerk.post(ADDRESS, content=content)).json()
        assert (made["done"], made["finishedAt"]) == (0, None)
        assert await worker.work_all(parts) == 1
        found = lines_of(await clerk.get(made["results"]))
        assert [line["number"] for line in found] == list(range(1, len(outcomes.split()) + 1))
        assert " ".join(line["outcome"][0] for line in found) == outcomes, kind
        assert all("credential" not in line.get("report", {}) for line in found)
        state = (await clerk.get(f"{ADDRESS}/{made['id']}")).json()
        assert state["done"] == state["total"] == len(found)


@ON_SQLITE
async def test_a_batch_sent_twice_under_one_key_is_one_batch(
    clerk: httpx.AsyncClient, badges: dict[str, bytes]
) -> None:
    key = {"Idempotency-Key": "payroll-2026-09"}
    first, second = [
        (await clerk.post(ADDRESS, content=badges[Format.DATA_INTEGRITY], headers=key)).json() for _ in range(2)
    ]
    assert first == second
    assert len((await clerk.get(ADDRESS)).json()["items"]) == 1


@ON_SQLITE
async def test_results_are_read_on_from_where_one_is(
    clerk: httpx.AsyncClient, parts: Parts, badges: dict[str, bytes]
) -> None:
    made = (await clerk.post(ADDRESS, content=b"\n".join([badges[Format.JWT]] * 5))).json()
    assert lines_of(await clerk.get(made["results"], params={"follow": "false"})) == []
    await worker.work_all(parts)
    assert [line["number"] for line in lines_of(await clerk.get(made["results"], params={"after": "3"}))] == [4, 5]


@ON_SQLITE
async def test_somebody_elses_batch_looks_like_none_and_a_forgotten_one_is_gone(
    clerk: httpx.AsyncClient, parts: Parts, world: World, badges: dict[str, bytes]
) -> None:
    made = (await clerk.post(ADDRESS, content=badges[Format.JWT])).json()
    other = browser(served(parts))
    assert (await other.get(made["results"])).status_code == 401
    await other.post("/api/v1/sessions", json={"email": world.addresses["teacher"], "password": PASSWORD})
    for path in (made["results"], f"{ADDRESS}/{made['id']}"):
        assert (await other.get(path)).status_code == 404
    assert (await clerk.delete(f"{ADDRESS}/{made['id']}")).status_code == 204
    assert (await clerk.get(made["results"])).status_code == 404


@ON_SQLITE
async def test_what_is_no_file_of_many_is_refused_and_nobody_sends_without_end(
    clerk: httpx.AsyncClient, badges: dict[str, bytes]
) -> None:
    for content in (b"", b"PK\x03\x04", b"one,two\n"):
        assert (await clerk.post(ADDRESS, content=content)).status_code == 400
    answers = [(await clerk.post(ADDRESS, content=badges[Format.JWT])).status_code for _ in range(6)]
    assert answers == [201] * 5 + [429]


# The worker


async def a_batch(database: Database, count: int, now: Any) -> Batch:
    async with database.write() as session:
        items = [Item(label=f"line {number}", octets=b"%d" % number) for number in range(1, count + 1)]
        return await batches.add(session, SeededIds(count), now, "somebody", items, Question())


async def numbers_of(database: Database, batch: Batch) -> list[int]:
    async with database.read() as session:
        return [number for number, _ in await batches.results(session, batch.id, after=0, limit=10_000)]


def a_report(now: Any, **changed: Any) -> Report:
    return Report(
        **{"verdict": Verdict.ACCEPT, "summary": "-", "checks": (), "digest": "-", "checked_at": now, **changed}
    )


async def test_after_a_crash_the_next_worker_goes_on_where_results_end(database: Database, now: Any) -> None:
    batch = await a_batch(database, 120, now)
    asked: list[bytes] = []

    class Killed(BaseException):
        pass

    async def verify(octets: bytes) -> Report:
        asked.append(octets)
        if len(asked) == 70:
            raise Killed
        return a_report(now)

    async def with_it(_batch: Batch) -> Any:
        return verify, None

    with pytest.raises(Killed):
        await batches.work_on(database, lambda: now, with_it)
    assert await numbers_of(database, batch) == list(range(1, 51))
    assert not await batches.work_on(database, lambda: now, with_it), "it still belongs to the one that died"
    later = now + timedelta(minutes=2)
    assert await batches.work_on(database, lambda: later, with_it)
    assert await numbers_of(database, batch) == list(range(1, 121))
    assert asked[70:] == [b"%d" % number for number in range(51, 121)], "what has a result is not verified again"


async def test_an_item_that_finds_a_bug_of_ours_harms_no_other(database: Database, now: Any) -> None:
    batch = await a_batch(database, 3, now)

    async def verify(octets: bytes) -> Report:
        if octets == b"2":
            raise ZeroDivisionError
        return a_report(now)

    async def with_it(_batch: Batch) -> Any:
        return verify, None

    await batches.work_on(database, lambda: now, with_it)
    async with database.read() as session:
        found = [json.loads(line) for _, line in await batches.results(session, batch.id, after=0, limit=9)]
    assert [one["outcome"] for one in found] == ["accept", "indeterminate:internal-error", "accept"]


async def test_a_batch_is_forgotten_after_a_week(database: Database, now: Any) -> None:
    async def with_it(_batch: Batch) -> Any:
        return None, None

    await a_batch(database, 1, now)
    await batches.work_on(database, lambda: now, with_it)
    for days, forgotten in ((6, 0), (8, 1), (9, 0)):
        async with database.write() as session:
            assert await batches.forget_old(session, now + timedelta(days=days)) == forgotten


# As a table


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "a\n=1"])
def test_no_cell_is_a_formula(text: str, now: Any) -> None:
    result = Result(number=1, label=text, outcome="accept", report=a_report(now, achievement=text, summary=text))
    (cells,) = list(csv.reader(io.StringIO(table_of([row_of(result)], header=False))))
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert len(cells) == len(batches.COLUMNS)


# As many as one batch takes


@ON_SQLITE
@pytest.mark.long
async def test_ten_thousand_of_our_own_are_accepted_in_one_batch(
    clerk: httpx.AsyncClient, parts: Parts, badges: dict[str, bytes]
) -> None:
    """How long it takes is measured by ``bench/batch.py``."""
    made = (await clerk.post(ADDRESS, content=b"\n".join([badges[Format.DATA_INTEGRITY]] * 10_000))).json()
    await worker.work_all(parts)
    found = lines_of(await clerk.get(made["results"]))
    assert [line["outcome"] for line in found] == ["accept"] * 10_000
