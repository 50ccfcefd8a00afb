"""Where people stand on the salary schedule."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from credentials.compensation.service import placements
from credentials.compensation.service.office import taking_part
from credentials.errors import Fault, Malformed
from credentials.people import service as people
from credentials.people.model import Act
from credentials.web.api.compensation.placements import NewPlacement
from credentials.web.pages.compensation.office import SHOWN, may
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.organisations import tabs
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

Words = Annotated[str, QueryParameter(max_length=200)]


@get("/organisations/{organisation_id:str}/pay/people")
async def staff(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    words: Words = "",
    cursor: FromQuery[str | None] = None,
) -> Template:
    """Where people stand on the salary schedule, by name, a page at a time."""
    return await _people(page, act, organisation_id, words=words, cursor=cursor)


async def _people(
    page: Page,
    act: Act,
    organisation_id: str,
    filled: Filled = BLANK,
    *,
    words: str = "",
    cursor: str | None = None,
) -> Template:
    name, at = read_cursor(cursor, 2)
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        found = await people.find_educators(
            session, [where.id], page.now, words=words, after=(name, at), limit=SHOWN + 1
        )
        shown = found[:SHOWN]
        placed = await placements.placements_of(session, act, where.id, {one.id: one.name for one in shown})
    return page.show(
        "compensation/people.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        may=may(act, where),
        educators=[(one.id, one.name) for one in shown],
        placed=placed,
        words=words,
        cursor=cursor or "",
        next=further(page.request.url.path, found, SHOWN, lambda one: (one.name, one.id), words=words),
    )


@post("/organisations/{organisation_id:str}/pay/people")
async def place(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Record where somebody stands."""
    try:
        asked = form.read(
            NewPlacement,
            educatorId=form["educator"],
            position=form.line("position"),
            effectiveOn=form.line("effective_on"),
            band=form.line("band"),
            lane=form.line("lane"),
            employeeNumber=form.line("employee_number"),
            creditHundredths=100 * _whole(form.line("credits")),
        )
        async with page.parts.database.write() as session:
            await placements.place(session, act, organisation_id=organisation_id, **msgspec.structs.asdict(asked))
    except MENDABLE as failure:
        back = form.back("place", failure)
        return await _people(page, act, organisation_id, back, words=form["words"], cursor=form["cursor"] or None)
    return page.go(f"/organisations/{organisation_id}/pay/people", "pay-placed")


def _whole(typed: str) -> int:
    """Credits as somebody types them; none where nothing was typed."""
    if not typed:
        return 0
    if not typed.isascii() or not typed.isdecimal():
        fault = Fault("write whole credits, such as 12: parts of one are counted from awards", "credits", "invalid")
        raise Malformed("whole credits are needed", faults=(fault,))
    return int(typed)


HANDLERS = [staff, place]
