"""A claim before the office, and the decision."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.compensation.model.claims import ClaimState
from credentials.compensation.rules.sentences import plain_words
from credentials.compensation.service import claims, placements, rulebook
from credentials.compensation.service.office import taking_part
from credentials.errors import NotFound
from credentials.people.model import Act
from credentials.web.api.compensation.asked import Decided
from credentials.web.pages.compensation.office import may, names_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page


@get("/organisations/{organisation_id:str}/pay/claims/{claim_id:str}")
async def one_claim(
    organisation_id: FromPath[str], claim_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template:
    """A claim, what the rule gives for it today and why, and the decision."""
    return await _claim(page, act, organisation_id, claim_id)


async def _claim(page: Page, act: Act, organisation_id: str, claim_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        found = await claims.claim_for(session, act, claim_id)
        if found.organisation_id != where.id:
            raise NotFound("there is no such claim")
        waits = found.state is ClaimState.SUBMITTED
        assessment = await claims.assess_now(session, act, found) if waits else found.assessment
        rule, versions = await rulebook.rule_for(session, act.actor, found.rule_id)
        placement = await placements.placement_of(session, act, where.id, found.educator_id)
        postings = await claims.postings_of_claim(session, act, found)
        names = await names_of(session, {found.educator_id, found.decided_by or ""})
        applied = next((version for version in versions if version.id == found.version_id), None)
        titles = await rulebook.titles_of(session, [applied.terms] if applied else [])
    return page.show(
        "compensation/claim.html",
        filled=filled,
        organisation=where,
        claim=found,
        assessment=assessment,
        rule=rule,
        version=applied,
        plain_words=plain_words(rule, applied.terms, titles) if applied else (),
        placement=placement,
        postings=postings,
        names=names,
        may_decide=waits and may(act, where)["decide"] and found.educator_id != act.actor.person_id,
    )


@post("/organisations/{organisation_id:str}/pay/claims/{claim_id:str}")
async def decide_claim(
    organisation_id: FromPath[str],
    claim_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Approve a claim, or refuse it with a reason."""
    approve = form["decision"] == "approve"
    try:
        asked = form.read(Decided, approve=approve, reason=form["reason"].strip())
        async with page.parts.database.write() as session:
            await claims.decide_claim(session, act, claim_id, approve=asked.approve, reason=asked.reason)
    except MENDABLE as failure:
        filled = form.back("decide", failure, field="reason" if failure.code == "malformed" else "")
        return await _claim(page, act, organisation_id, claim_id, filled)
    return page.go(f"/organisations/{organisation_id}/pay", "pay-approved" if approve else "pay-refused")


HANDLERS = [one_claim, decide_claim]
