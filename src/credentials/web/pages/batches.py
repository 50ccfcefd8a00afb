"""Many badges at once, for whoever has an account: files, archives, tables of links; each with a verdict of its own."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream, Template

from credentials.errors import Malformed
from credentials.people.model import Act
from credentials.trust.model import GENERAL
from credentials.verification import batches
from credentials.verification.batches import Result
from credentials.verification.containers import MAX_ARCHIVE, MAX_ITEMS, MAX_UNPACKED, Item
from credentials.verification.model import Verdict
from credentials.web.asking import read_asking
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form, read_form
from credentials.web.pages.page import Page
from credentials.web.parts import Parts
from credentials.web.wire import read_cursor, write_cursor

SHOWN = 100
FORM_ROOM = 1 << 20
"""What a form may have besides the files: their names, and addresses that are pasted."""
MAX_ADDRESS = 2_048
PART = 500
"""Results that are read at a time for a file."""


@get("/verify/many")
async def many(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """Choose files, or paste addresses; and the batches that I sent."""
    return await _many(page, act)


async def _many(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        mine = await batches.batches_of(session, act.actor.person_id, limit=SHOWN)
    return page.show(
        "verification/many.html", filled=filled, batches=mine, uses=sorted(GENERAL), most=MAX_ITEMS, kept=batches.KEPT
    )


@post("/verify/many", request_max_body_size=MAX_ARCHIVE + FORM_ROOM)
async def send(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template | Response[None]:
    """Keep a batch; its verdicts come on a page of its own."""
    form = Form({}, {})
    try:
        form = await read_form(page.request)
        asking = await read_asking(
            page.parts.database,
            page.now,
            organisation=form.line("organisation"),
            use=form.line("use"),
            as_of=form.line("as_of"),
        )
        files = [(upload.filename, await upload.read()) for upload in form.uploads("files")]
        items = (*batches.items_of_files(files), *_addresses(form))
        if not items:
            raise Malformed("choose files, or paste addresses")
        if len(items) > MAX_ITEMS or sum(len(item.octets) for item in items) > MAX_UNPACKED:
            raise Malformed(f"a batch has at most {MAX_ITEMS:,} items and {MAX_UNPACKED >> 20} MiB: send it in parts")
        async with page.parts.database.write() as session:
            made = await batches.add(
                session,
                act.ids,
                act.now,
                act.actor.person_id,
                items,
                asking.question,
                form.line("organisation"),
            )
    except MENDABLE as failure:
        return await _many(page, act, form.back("many", failure, field="files", at={"asOf": "as_of", "": "files"}))
    return page.go(f"/verify/many/{made.id}")


def _addresses(form: Form) -> list[Item]:
    return [Item(label=line[:MAX_ADDRESS], link=line[: MAX_ADDRESS + 1]) for line in form.lines("links")]


@get("/verify/many/{batch_id:str}")
async def batch(
    batch_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    verdict: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Template:
    """How far a batch is, and its results: all, or those of one verdict."""
    only = verdict if verdict in {one.value for one in Verdict} else ""
    (after,) = read_cursor(cursor)
    if after and not (after.isascii() and after.isdecimal() and len(after) <= len(str(MAX_ITEMS))):
        raise Malformed("this page of the list is not one of ours: begin at the first one")
    async with page.parts.database.read() as session:
        found = await batches.batch(session, act.actor.person_id, batch_id)
        counts = await batches.counts(session, found.id)
        lines = await batches.results_by(session, found.id, only, after=int(after or 0), limit=SHOWN + 1)
    results = [msgspec.json.decode(line, type=Result) for line in lines[:SHOWN]]
    onward = {"cursor": write_cursor((str(results[-1].number),))} if len(lines) > SHOWN else {}
    return page.show(
        "verification/batch.html",
        batch=found,
        results=results,
        counts=[(one, counts[one]) for one in Verdict if one in counts],
        only=only,
        verdict_of=lambda result: result.verdict,
        next=f"/verify/many/{found.id}?{urlencode({**({'verdict': only} if only else {}), **onward})}"
        if onward
        else "",
    )


@post("/verify/many/{batch_id:str}/removal")
async def remove(batch_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Response[None]:
    """Forget a batch and its results now."""
    async with page.parts.database.write() as session:
        found = await batches.batch(session, act.actor.person_id, batch_id)
        await batches.forget(session, found.id)
    return page.go("/verify/many", "batch-forgotten")


@get("/verify/many/{batch_id:str}/results.csv", media_type="text/csv")
async def as_table(batch_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Stream:
    """The results that are there, as a table that no spreadsheet takes for anything but text."""
    return await _file(page.parts, act, batch_id, "csv", "text/csv; charset=utf-8")


@get("/verify/many/{batch_id:str}/results.jsonl", media_type="application/x-ndjson")
async def as_lines(batch_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Stream:
    """The results that are there, with their reports, a line of JSON each."""
    return await _file(page.parts, act, batch_id, "jsonl", "application/x-ndjson")


async def _file(parts: Parts, act: Act, batch_id: str, kind: str, media_type: str) -> Stream:
    async with parts.database.read() as session:
        found = await batches.batch(session, act.actor.person_id, batch_id)
    name = f"verified-{found.created_at:%Y-%m-%d}-{found.id[-6:]}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Stream(_written(parts, found.id, as_csv=kind == "csv"), media_type=media_type, headers=headers)


async def _written(parts: Parts, batch_id: str, *, as_csv: bool) -> AsyncIterator[bytes]:
    after = 0
    if as_csv:
        yield (
            b"\xef\xbb\xbf" + batches.table_of([]).encode()
        )  # without the mark a spreadsheet takes it for an old alphabet
    while True:
        async with parts.database.read() as session:
            lines = await batches.results_by(session, batch_id, "", after=after, limit=PART)
        results = [msgspec.json.decode(line, type=Result) for line in lines]
        if as_csv:
            yield batches.table_of([batches.row_of(result) for result in results], header=False).encode()
        else:
            yield b"".join(line + b"\n" for line in lines)
        if len(lines) < PART:
            return
        after = results[-1].number


HANDLERS = [many, send, batch, remove, as_table, as_lines]
