"""The list of an organisation's educators: checked, taken, read, handed out."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.errors import Malformed
from credentials.people import roster, service
from credentials.people.model import Act, RosterPlan
from credentials.web import rosters
from credentials.web.api.people import exported
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.organisations import tabs
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

SHOWN = 100
FORM_ROOM = 16 << 10
"""What a form may have besides the list itself."""
EXPANSION = 3
"""A list that comes back from being checked is a field of a form, in which most characters that are no letter take three."""


@get("/organisations/{organisation_id:str}/roster")
async def shown(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    cursor: FromQuery[str | None] = None,
) -> Template:
    """Who is on the list, and how far each is."""
    return await _roster(page, act, organisation_id, cursor=cursor)


async def _roster(
    page: Page,
    act: Act,
    organisation_id: str,
    filled: Filled = BLANK,
    cursor: str | None = None,
    checked: RosterPlan | None = None,
    text: str = "",
) -> Template:
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.roster_of(session, act, organisation_id, after=after, limit=SHOWN + 1)
        where = await service.organisation(session, organisation_id)
    lines = found[:SHOWN]
    return page.show(
        "organisations/roster.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        lines=lines,
        checked=checked,
        text=text,
        most=roster.MAX_LINES,
        next=further(f"/organisations/{where.id}/roster", found, SHOWN, lambda line: (line[0].id,)),
    )


@post(
    "/organisations/{organisation_id:str}/roster/imports",
    request_max_body_size=roster.MAX_OCTETS * EXPANSION + FORM_ROOM,
)
async def take(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Check a file, which comes back with what taking it would do; or take what was checked."""
    try:
        upload = form.files.get("list")
        octets = await upload.read() if upload and upload.filename else form["text"].encode()
        if not octets:
            raise Malformed("choose the file of a list")
        preview = not form.flag("take")
        planned = await rosters.take(page.parts, act, organisation_id, octets, preview=preview)
    except MENDABLE as failure:
        return await _roster(page, act, organisation_id, form.back("take", failure, field="list"))
    if preview:
        text = (
            octets.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", " ")
        )  # a form would make a line end of CR alone
        return await _roster(page, act, organisation_id, checked=planned, text=text)
    return page.go(f"/organisations/{organisation_id}/roster", "roster-taken")


@post("/organisations/{organisation_id:str}/roster/{entry_id:str}/removal")
async def remove(
    organisation_id: FromPath[str], entry_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Response[None]:
    """Take somebody off the list."""
    async with page.parts.database.write() as session:
        await service.unlist(session, act, organisation_id, entry_id)
    return page.go(f"/organisations/{organisation_id}/roster", "roster-entry-removed")


@get("/organisations/{organisation_id:str}/roster.csv")
async def export(
    organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Response[bytes]:
    """The whole list as CSV."""
    return exported(await rosters.export(page.parts, act, organisation_id))


HANDLERS = [shown, take, remove, export]
