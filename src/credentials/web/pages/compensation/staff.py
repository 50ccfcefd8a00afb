"""Where people stand on the salary schedule."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.compensation.service import placements
from credentials.compensation.service.office import taking_part
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.web.api.compensation.placements import NewPlacement
from credentials.web.pages.compensation.office import SHOWN, may
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.organisations import tabs
from credentials.web.pages.page import Page


@get("/organisations/{organisation_id:str}/pay/people")
async def staff(organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """Where people stand on the salary schedule."""
    return await _people(page, act, organisation_id)


async def _people(page: Page, act: Act, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        reach = await people.below(session, (where.id,))
        grants = await people.grants_in(session, reach, page.now, limit=4 * SHOWN)
        educators = {grant.person_id: name for grant, name in grants if grant.role is Role.EDUCATOR}
        placed = await placements.placements_of(session, act, where.id, educators)
    return page.show(
        "compensation/people.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        may=may(act, where),
        educators=sorted(educators.items(), key=lambda one: one[1]),
        placed=placed,
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
            creditHundredths=100 * int(form.line("credits") or "0") if form.line("credits").isdecimal() else 0,
        )
        async with page.parts.database.write() as session:
            await placements.place(session, act, organisation_id=organisation_id, **msgspec.structs.asdict(asked))
    except MENDABLE as failure:
        return await _people(page, act, organisation_id, form.back("place", failure))
    return page.go(f"/organisations/{organisation_id}/pay/people", "pay-placed")


HANDLERS = [staff, place]
