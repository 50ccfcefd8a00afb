"""The office: what waits for it, its rules and pay periods, and what the next year may cost."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.compensation.model.cases import CaseState
from credentials.compensation.model.claims import ClaimState
from credentials.compensation.rules.days import local_day, year_words
from credentials.compensation.rules.versions import standing
from credentials.compensation.service import cases, claims, forecasts, periods, plans, rulebook
from credentials.compensation.service.office import CLERKS, DECIDERS, READERS, RECOGNISERS, RULERS, taking_part
from credentials.db import Session
from credentials.people import service as people
from credentials.people.model import Act, Organisation
from credentials.web.api.compensation.asked import Decided
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.organisations import tabs
from credentials.web.pages.page import Page

SHOWN = 50
"""Of each list on a page: what is longer says so."""


@get("/pay-office")
async def offices(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template | Response[None]:
    """Where I take part in pay; the only place at once."""
    async with page.parts.database.read() as session:
        found = await people.organisations_by_id(session, act.actor.organisations(*READERS))
    places = sorted((one for one in found.values() if one.kind in RECOGNISERS), key=lambda one: one.name)
    if len(places) == 1:
        return page.go(f"/organisations/{places[0].id}/pay")
    return page.show("compensation/offices.html", places=places)


async def names_of(session: Session, ids: set[str]) -> dict[str, str]:
    return {key: person.name for key, person in (await people.persons_by_id(session, ids)).items()}


def may(act: Act, where: Organisation) -> dict[str, bool]:
    """What the reader may do here besides reading."""
    lineage = where.lineage
    return {
        "rule": act.actor.holds_any(RULERS, lineage),
        "decide": act.actor.holds_any(DECIDERS, lineage),
        "export": act.actor.holds_any(CLERKS, lineage),
    }


@get("/organisations/{organisation_id:str}/pay")
async def overview(organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What waits for the office, the rules, the pay periods."""
    return await show_overview(page, act, organisation_id)


async def show_overview(page: Page, act: Act, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        submitted = await claims.claims_in(session, act, where.id, ClaimState.SUBMITTED, limit=SHOWN + 1)
        planned = await plans.plans_in(session, act, where.id, limit=SHOWN + 1)
        opened = await cases.cases_in(session, act, where.id, CaseState.OPEN, limit=SHOWN + 1)
        found = await rulebook.rules_for(session, act.actor, where.id)
        calendar = await periods.periods_of(session, act, where.id)
        concerned = {one.educator_id for one in submitted} | {one.educator_id for one in planned}
        names = await names_of(session, concerned | {one.educator_id for one in opened})
    return page.show(
        "compensation/office.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        may=may(act, where),
        claims=submitted,
        plans=planned,
        cases=opened,
        names=names,
        rules=[
            (rule, [(version, standing(version, versions, local_day(rule, page.now))) for version in versions])
            for rule, versions in found
        ],
        titles={rule.id: rule.title for rule, _ in found},
        periods=calendar,
        today=page.now.date(),
        this_year=page.now.year if page.now.month >= 7 else page.now.year - 1,
        shown=SHOWN,
    )


@post("/organisations/{organisation_id:str}/pay/plans/{plan_id:str}")
async def decide_plan(
    organisation_id: FromPath[str],
    plan_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Approve a plan, or refuse it with a reason."""
    try:
        asked = form.read(Decided, approve=form["decision"] == "approve", reason=form["reason"].strip())
        async with page.parts.database.write() as session:
            await plans.decide_plan(session, act, plan_id, approve=asked.approve, reason=asked.reason)
    except MENDABLE as failure:
        return await show_overview(page, act, organisation_id, form.back("plan", failure))
    return page.go(f"/organisations/{organisation_id}/pay", "pay-plan-decided")


@get("/organisations/{organisation_id:str}/pay/forecast")
async def forecast(organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What the next school year is likely to cost: an estimate."""
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        found = await forecasts.forecast(session, act, where.id)
    return page.show(
        "compensation/forecast.html",
        organisation=where,
        tabs=tabs(page, where),
        forecast=found,
        year=year_words(found.year),
    )


HANDLERS = [offices, overview, decide_plan, forecast]
