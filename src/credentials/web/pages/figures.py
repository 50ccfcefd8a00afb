"""Growth and equity: an organisation's goals and figures, for everybody; and for those who answer for it, setting them."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.errors import Fault, Malformed
from credentials.figures import service
from credentials.figures.model import Band, Measure
from credentials.figures.rules import MAX_YEARS, year_of
from credentials.people import service as people
from credentials.people.model import Act, OrganisationKind, Role
from credentials.web.api import figures as api
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page


@get("/organisations/{organisation_id:str}/growth")
async def growth(organisation_id: FromPath[str], page: NamedDependency[Page]) -> Template:
    """Goals, and counts in which nobody can be found."""
    return await _growth(page, organisation_id)


async def _growth(page: Page, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found = await service.growth_of(session, organisation_id, page.now.date())
        answers = page.actor is not None and page.actor.holds(Role.ADMINISTRATOR, found.organisation.lineage)
        below = await people.below(session, [found.organisation.id]) if answers else frozenset()
        places = await people.organisations_by_id(session, below)
        districts = sorted(
            (one for one in places.values() if one.kind is OrganisationKind.DISTRICT), key=lambda one: one.name
        )
        bands = await service.bands_of(session, [one.id for one in districts])
    return page.show(
        "figures/growth.html",
        filled=filled,
        growth=found,
        organisation=found.organisation,
        answers=answers,
        districts=[(one, bands.get(one.id, Band.NONE)) for one in districts],
        bands=list(Band),
        measures=list(Measure),
        this_year=year_of(page.now.date()),
        most_years=MAX_YEARS,
    )


def _whole(form: Form, name: str) -> int:
    """A whole number that somebody typed."""
    text = form.line(name).replace(",", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Malformed("a whole number is needed", faults=(Fault("write a whole number", name, "invalid"),))
    return int(text)


def _rate(form: Form) -> int:
    """A percentage with up to two decimals, as hundredths of a percent."""
    text = form.line("rate").removesuffix("%").strip()
    whole, _, part = text.partition(".")
    if not (whole.isascii() and whole.isdecimal() and len(whole) <= 4 and len(part) <= 2):
        raise Malformed("a percentage is needed", faults=(Fault("write a percentage, such as 10", "rate", "invalid"),))
    if part and not (part.isascii() and part.isdecimal()):
        raise Malformed("a percentage is needed", faults=(Fault("write a percentage, such as 7.5", "rate", "invalid"),))
    return 100 * int(whole) + int(part.ljust(2, "0") or "0")


async def _answers(page: Page, act: Act, organisation_id: str) -> None:
    async with page.parts.database.read() as session:
        await service.answers_for(session, act.actor, organisation_id)


@post("/organisations/{organisation_id:str}/growth/goals")
async def set_goal(
    organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Set a goal."""
    await _answers(page, act, organisation_id)
    try:
        asked = form.read(
            api.NewGoal,
            title=form.line("title"),
            measure=form["measure"],
            baselineYear=_whole(form, "baseline_year"),
            baseline=_whole(form, "baseline"),
            rateHundredths=_rate(form),
            years=_whole(form, "years"),
            source=form.line("source"),
        )
        async with page.parts.database.write() as session:
            await service.set_goal(
                session,
                act,
                organisation_id=organisation_id,
                title=asked.title,
                measure=asked.measure,
                baseline_year=asked.baseline_year,
                baseline=asked.baseline,
                rate_hundredths=asked.rate_hundredths,
                years=asked.years,
                source=asked.source,
            )
    except MENDABLE as failure:
        return await _growth(page, organisation_id, form.back("goal", failure))
    return page.go(f"/organisations/{organisation_id}/growth", "goal-set")


@post("/organisations/{organisation_id:str}/growth/goals/{goal_id:str}/end")
async def end_goal(
    organisation_id: FromPath[str], goal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Response[None]:
    """End a goal."""
    await _answers(page, act, organisation_id)
    async with page.parts.database.write() as session:
        await service.end_goal(session, act, goal_id)
    return page.go(f"/organisations/{organisation_id}/growth", "goal-ended")


@post("/organisations/{organisation_id:str}/growth/band")
async def set_band(
    organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Say what kind of place a district below is in."""
    await _answers(page, act, organisation_id)
    try:
        asked = form.read(api.BandAsked, band=form["band"])
        async with page.parts.database.write() as session:
            await service.set_band(session, act, form["district"], asked.band)
    except MENDABLE as failure:
        return await _growth(page, organisation_id, form.back("band", failure))
    return page.go(f"/organisations/{organisation_id}/growth", "band-set")


@post("/organisations/{organisation_id:str}/growth/counts")
async def count(
    organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Have everybody counted."""
    try:
        async with page.parts.database.write() as session:
            await service.ask_for_count(session, act, organisation_id)
    except MENDABLE as failure:
        return await _growth(page, organisation_id, form.back("count", failure))
    return page.go(f"/organisations/{organisation_id}/growth", "count-asked")


HANDLERS = [growth, set_goal, end_goal, set_band, count]
