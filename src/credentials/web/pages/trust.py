"""The registry of an organisation: which issuers it recognises, for what, and what it has from above."""

from datetime import timedelta

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.errors import Malformed
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.trust import service
from credentials.trust.model import Use
from credentials.trust.registry import MAX_OCTETS, Line, read_day, read_uses
from credentials.web import published_lists, registry
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.organisations import tabs
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

SHOWN = 100
FORM_ROOM = 16 << 10
"""What a form may have besides the list itself."""


@get("/organisations/{organisation_id:str}/registry")
async def shown(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    cursor: FromQuery[str | None] = None,
) -> Template:
    """Whom the organisation recognises by its own lines, and by those of the organisations above it."""
    return await _registry(page, act, organisation_id, cursor=cursor)


async def _registry(
    page: Page, act: Act, organisation_id: str, filled: Filled = BLANK, cursor: str | None = None
) -> Template:
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        where = await registry.readable(session, act, organisation_id)
        found = await service.registry_of(session, where.id, after=after, limit=SHOWN + 1)
        above = await service.inherited(session, where.lineage[1:], page.now)
        names = await people.organisations_by_id(session, where.lineage[1:])
        operators = await service.trusted_issuers(session)
        published = await published_lists.latest(session, page.parts.settings.base_url, where)
    lines = found[:SHOWN]
    return page.show(
        "organisations/registry.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        lines=lines,
        inherited=above,
        names=names,
        operators=operators,
        uses=list(Use),
        published=published,
        published_at=published_lists.address_of(page.parts.settings.base_url, where.slug),
        last_day=lambda until: until - timedelta(seconds=1),  # an end is exclusive, and people name the last day
        may_change=act.actor.holds(Role.ADMINISTRATOR, where.lineage),
        next=further(f"/organisations/{where.id}/registry", found, SHOWN),
    )


@post("/organisations/{organisation_id:str}/registry")
async def enter(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Recognise an issuer."""
    try:
        line = Line(
            issuer=form.line("issuer"),
            name=form.line("name"),
            uses=read_uses(form.all("uses") or ["none"]),
            achievement_types=tuple(dict.fromkeys(form.line("achievement_types").replace(",", " ").split())),
            achievements=tuple(dict.fromkeys(form.lines("achievements"))),
            condition=form.line("condition"),
            from_=read_day(form.line("from"), "from"),
            until=read_day(form.line("until"), "until", end=True),
        )
        async with page.parts.database.write() as session:
            await registry.recognise(session, act, organisation_id, line)
    except MENDABLE as failure:
        return await _registry(page, act, organisation_id, form.back("enter", failure))
    return page.go(f"/organisations/{organisation_id}/registry", "recognition-entered")


@post("/organisations/{organisation_id:str}/registry/{recognition_id:str}/end")
async def end(
    organisation_id: FromPath[str],
    recognition_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Recognise no longer by this line."""
    try:
        async with page.parts.database.write() as session:
            await registry.end(session, act, organisation_id, recognition_id, reason=form.line("reason")[:1_000])
    except MENDABLE as failure:
        return await _registry(page, act, organisation_id, form.back("end", failure))
    return page.go(f"/organisations/{organisation_id}/registry", "recognition-ended")


@post("/organisations/{organisation_id:str}/registry/lists", request_max_body_size=MAX_OCTETS + FORM_ROOM)
async def take(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Take a list: CSV, or signed."""
    try:
        upload = form.files.get("list")
        octets = await upload.read() if upload and upload.filename else b""
        if not octets:
            raise Malformed("choose the file of a list")
        await registry.take(page.parts, act, organisation_id, octets)
    except MENDABLE as failure:
        return await _registry(page, act, organisation_id, form.back("take", failure, field="list"))
    return page.go(f"/organisations/{organisation_id}/registry", "list-taken")


@post("/organisations/{organisation_id:str}/registry/publications")
async def publish(
    organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template | Response[None]:
    """Publish the registry as a signed list."""
    try:
        made = await published_lists.publish(page.parts, act, organisation_id)
    except MENDABLE as failure:
        return await _registry(page, act, organisation_id, Form({}, {}).back("publish", failure))
    note = "registry-published" if made.new else "registry-published-already"
    return page.go(f"/organisations/{organisation_id}/registry", note)


HANDLERS = [shown, enter, end, take, publish]
