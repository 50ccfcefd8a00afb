"""A withdrawn award that pay rests on, and the decision."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.compensation.model.cases import CaseOutcome, CaseState
from credentials.compensation.service import cases, claims
from credentials.compensation.service.office import taking_part
from credentials.errors import NotFound
from credentials.people.model import Act
from credentials.web.api.compensation.cases import CaseDecided
from credentials.web.pages.compensation.office import may, names_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page


@get("/organisations/{organisation_id:str}/pay/cases/{case_id:str}")
async def one_case(
    organisation_id: FromPath[str], case_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template:
    """A withdrawn award that pay rests on: what was granted and paid, and the decision."""
    return await _case(page, act, organisation_id, case_id)


async def _case(page: Page, act: Act, organisation_id: str, case_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        found = await cases.case_for(session, act, case_id)
        if found.organisation_id != where.id:
            raise NotFound("there is no such case")
        claimed = await claims.claim_for(session, act, found.claim_id)
        postings = await claims.postings_of_claim(session, act, claimed)
        names = await names_of(session, {found.educator_id, found.decided_by or ""})
    may_decide = (
        found.state is CaseState.OPEN and may(act, where)["decide"] and found.educator_id != act.actor.person_id
    )
    return page.show(
        "compensation/case.html",
        filled=filled,
        organisation=where,
        case=found,
        claim=claimed,
        postings=postings,
        names=names,
        may_decide=may_decide,
        outcomes=[CaseOutcome.KEEP, CaseOutcome.END, CaseOutcome.RECOVER],
    )


@post("/organisations/{organisation_id:str}/pay/cases/{case_id:str}")
async def decide_case(
    organisation_id: FromPath[str],
    case_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Decide a case."""
    try:
        asked = form.read(CaseDecided, outcome=form["outcome"], reason=form["reason"].strip())
        async with page.parts.database.write() as session:
            await cases.decide_case(session, act, case_id, outcome=CaseOutcome(asked.outcome), reason=asked.reason)
    except MENDABLE as failure:
        return await _case(page, act, organisation_id, case_id, form.back("case", failure))
    return page.go(f"/organisations/{organisation_id}/pay", "pay-case-decided")


HANDLERS = [one_case, decide_case]
