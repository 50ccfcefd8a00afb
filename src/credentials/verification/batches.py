"""Many credentials at once: kept as they came, verified one after the other, each with a result of its own.

A batch survives a crash: what has a result is not verified again, and what has none is still there. One bad item never harms
the next: whatever goes wrong with it is its result.
"""

import asyncio
import csv
import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import PurePosixPath

import msgspec

from credentials.db import Database, Session
from credentials.errors import Failure, Fault, Refused
from credentials.ids import Ids, new_id
from credentials.spreadsheets import neutral
from credentials.verification import containers, store
from credentials.verification.batches_model import (
    CHUNK,
    KEPT,
    MAX_UNFINISHED,
    TAKEN,
    Batch,
    Result,
    TooManyBatches,
    Waiting,
)
from credentials.verification.containers import Item
from credentials.verification.model import Question, Report
from credentials.verification.store import batch, batches_of, counts, forget, results, results_by

__all__ = [
    "KEPT",
    "Batch",
    "Result",
    "add",
    "batch",
    "batches_of",
    "counts",
    "faulty",
    "forget",
    "forget_old",
    "items_of",
    "items_of_files",
    "result_of",
    "results",
    "results_by",
    "row_of",
    "table_of",
    "work_on",
]

log = logging.getLogger(__name__)

Verify = Callable[[bytes], Awaitable[Report]]
Follow = Callable[[str], Awaitable[bytes]]
"""The octets at a link. Raises a ``Failure`` that says why there are none."""

AT_A_TIME = 16
"""Links that are followed side by side: most of that is waiting for other machines."""


def items_of(octets: bytes) -> tuple[Item, ...]:
    """What a file of many holds, told by its octets: an archive, lines of JSON or tokens, or a table of links. Raises
    ``Refused``."""
    if octets.startswith(b"PK"):
        return containers.items_of_zip(octets)
    if octets.lstrip(b" \t\r\n")[:1] in {b"{", b'"'} or octets.lstrip(b" \t\r\n").startswith(b"eyJ"):
        return containers.items_of_json_lines(octets)
    return containers.links_of_csv(octets)


OF_MANY = frozenset({".zip", ".csv", ".jsonl", ".ndjson"})
"""How the names of files of many end."""


def items_of_files(files: Sequence[tuple[str, bytes]]) -> tuple[Item, ...]:
    """The items of some files, each with its name; which of them hold many is told by their names. Raises ``Refused`` for one
    file that cannot be split; among several it is an item that says so."""
    found: list[Item] = []
    for name, octets in files:
        label = name if len(files) > 1 else ""
        if PurePosixPath(name).suffix.lower() not in OF_MANY:
            found.append(Item(label=name, octets=octets))
            continue
        try:
            items = items_of(octets)
        except Refused as refused:
            if not label:
                raise
            items = (Item(label="", fault=Fault(refused.detail, code=refused.code)),)
        found += [msgspec.structs.replace(item, label=": ".join(filter(None, (label, item.label)))) for item in items]
    if len(found) > containers.MAX_ITEMS:
        raise Refused("payload-too-large", f"A batch has at most {containers.MAX_ITEMS:,} items: send it in parts.")
    return tuple(found)


async def add(
    session: Session,
    ids: Ids,
    now: datetime,
    owner: str,
    items: Sequence[Item],
    question: Question,
    organisation: str = "",
) -> Batch:
    """Keep a batch; a worker takes it up. Raises ``TooManyBatches``."""
    if await store.unfinished_of(session, owner) >= MAX_UNFINISHED:
        raise TooManyBatches(f"{MAX_UNFINISHED} batches of yours are waiting: wait until one is done", retry_after=30)
    made = Batch(
        id=new_id(ids, now),
        owner=owner,
        organisation=organisation,
        question=question,
        total=len(items),
        created_at=now,
    )
    waiting = [
        Waiting(number=number, label=item.label[:400], octets=item.octets or None, link=item.link or None)
        for number, item in enumerate(items, start=1)
    ]
    known = [
        msgspec.json.encode(faulty(waiting_.number, item.label, item.fault)) if item.fault else None
        for waiting_, item in zip(waiting, items, strict=True)
    ]
    await store.add(session, made, waiting, known)
    return made


async def work_on(
    database: Database,
    now: Callable[[], datetime],
    verifier: Callable[[Batch], Awaitable[tuple[Verify, Follow]]],
    *,
    go_on: Callable[[], bool] = lambda: True,
) -> bool:
    """Verify the oldest batch that nobody works on, chunk by chunk; whether there was one.

    ``verifier`` answers what verifies and what follows links, for that batch. Asked to ``go_on`` no more, it leaves the rest
    to whoever comes next.
    """
    async with database.write() as session:
        taken = await store.take(session, now(), now() + TAKEN)
    if taken is None:
        return False
    verify, follow = await verifier(taken)
    last = 0
    while True:
        async with database.read() as session:
            chunk = await store.waiting(session, taken.id, after=last, limit=CHUNK)
        done = await _results_of(chunk, verify, follow)
        finished = len(chunk) < CHUNK
        last = chunk[-1].number if chunk else last
        leaves = not finished and not go_on()
        async with database.write() as session:
            await store.answer(
                session,
                taken.id,
                [(result.number, result.verdict, msgspec.json.encode(result)) for result in done],
                done=taken.total if finished else last,
                finished_at=now() if finished else None,
                taken_until=None if leaves else now() + TAKEN,
            )
        if finished or leaves:
            return True


async def _results_of(chunk: Sequence[Waiting], verify: Verify, follow: Follow) -> list[Result]:
    """The links first, side by side; then one after the other, with a pause in which others are served."""
    gate = asyncio.Semaphore(AT_A_TIME)

    async def followed(item: Waiting) -> bytes | Fault:
        if item.link is None:
            return item.octets or b""
        async with gate:
            try:
                return await follow(item.link)
            except Failure as failure:
                return Fault(failure.detail, code=failure.code)

    found = await asyncio.gather(*(followed(item) for item in chunk))
    done = []
    for item, octets in zip(chunk, found, strict=True):
        if isinstance(octets, Fault):
            done.append(faulty(item.number, item.label, octets))
        else:
            done.append(await result_of(item.number, item.label, octets, verify))
        await asyncio.sleep(0)
    return done


async def result_of(number: int, label: str, octets: bytes, verify: Verify) -> Result:
    """The result of one item, whatever happens."""
    try:
        report = await verify(octets)
    except Exception:  # a bug of ours: the others still get their verdicts, and this one is not called a forgery
        log.exception("an item of a batch could not be verified")
        fault = Fault("this one could not be checked: the fault is ours", code="internal-error")
        return faulty(number, label, fault)
    kept = msgspec.structs.replace(report, credential=None)
    return Result(number=number, label=label, outcome=report.outcome, report=kept)


def faulty(number: int, label: str, fault: Fault) -> Result:
    """The result of an item that could not be had."""
    return Result(number=number, label=label, outcome=f"indeterminate:{fault.code or 'unreadable'}", fault=fault)


async def forget_old(session: Session, now: datetime) -> int:
    old = await store.older_than(session, now - KEPT)
    for batch_id in old:
        await store.forget(session, batch_id)
    return len(old)


# As a table

COLUMNS = (
    "item",
    "verdict",
    "code",
    "summary",
    "achievement",
    "issuer",
    "issuer id",
    "accepted for",
    "awarded",
    "valid from",
    "valid until",
    "as of",
    "checked at",
    "sha-256",
)


def row_of(result: Result) -> tuple[str, ...]:
    """A result as cells that no spreadsheet takes for anything but text."""
    report = result.report
    if report is None:
        fault = result.fault or Fault("")
        return tuple(map(neutral, (result.label, "indeterminate", fault.code, fault.detail, *[""] * 10)))
    issuer = report.issuer
    moments = (report.awarded, report.valid_from, report.valid_until, report.as_of, report.checked_at)
    return tuple(
        map(
            neutral,
            (
                result.label,
                report.verdict.value,
                report.code,
                report.summary,
                report.achievement,
                issuer.name if issuer else "",
                issuer.id if issuer else "",
                " ".join(issuer.uses) if issuer else "",
                *(moment.isoformat() if moment else "" for moment in moments),
                report.digest,
            ),
        )
    )


def table_of(rows: Sequence[tuple[str, ...]], *, header: bool = True) -> str:
    """CSV (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if header:
        writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue()
