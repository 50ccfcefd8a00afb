"""What my awards are worth where I work, my claims and my plans."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.compensation.rules.days import local_day
from credentials.compensation.rules.sentences import plain_words
from credentials.compensation.rules.versions import version_on
from credentials.compensation.service import claims, desk, plans, rulebook
from credentials.errors import Unavailable
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.verification.model import Report
from credentials.web.api.compensation.claims import NewClaim
from credentials.web.api.compensation.plans import NewPlan
from credentials.web.api.verification import check
from credentials.web.pages.compensation.office import SHOWN
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page


@get("/pay")
async def mine(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What my awards are worth where I work, my claims and plans."""
    return await _mine(page, act)


async def _mine(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        offers = await desk.offers(session, act)
        claimed = await claims.my_claims(session, act, limit=SHOWN)
        paid = await claims.paid_on(session, claimed)
        planned = await plans.my_plans(session, act, limit=SHOWN)
        places = await people.organisations_by_id(session, act.actor.organisations(Role.EDUCATOR))
        above = {ancestor for place in places.values() for ancestor in place.lineage}
        here = [
            (rule, versions)
            for recogniser in sorted(above)
            for rule, versions in await rulebook.rules_for(session, None, recogniser)
        ]
        in_force = [
            (rule, version) for rule, versions in here if (version := version_on(versions, local_day(rule, page.now)))
        ]
        titles = await rulebook.titles_of(session, (version.terms for _, version in in_force))
        named = {claim.rule_id for claim in claimed} | {plan.rule_id for plan in planned}
        known = await rulebook.rules_by_id(session, named)
        asks_plan = [rule for rule, version in in_force if version.terms.prior_approval]
        entries = await catalog.published(session, limit=200) if asks_plan else []
        recognisers = await people.organisations_by_id(session, above | {claim.organisation_id for claim in claimed})
    return page.show(
        "compensation/mine.html",
        filled=filled,
        offers=sorted(
            (offer for offer in offers if offer.claim is None),
            key=lambda offer: (not offer.assessment.payable, offer.award.title),
        ),
        claims=claimed,
        paid=paid,
        plans=planned,
        rules=known,
        in_force=[(rule, plain_words(rule, version.terms, titles)[0]) for rule, version in in_force],
        recognisers=recognisers,
        plan_rules=[(rule.id, rule.title) for rule in asks_plan],
        plannable=[(entry.micro_credential.id, entry.version.specification.title) for entry in entries],
    )


@post("/pay/claims")
async def claim(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Claim on one of my awards."""

    async def verify(octets: bytes) -> Report:
        return await check(page.parts, octets, page.now)

    try:
        asked = form.read(NewClaim, ruleId=form["rule"], awardId=form["award"])
        await claims.file_claim(page.parts.database, verify, act, rule_id=asked.rule_id, award_id=asked.award_id)
    except (*MENDABLE, Unavailable) as failure:
        return await _mine(page, act, form.back("claim", failure))
    return page.go("/pay", "pay-claimed")


@post("/pay/plans")
async def plan(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Ask that what I plan to earn be approved beforehand."""
    try:
        asked = form.read(NewPlan, ruleId=form["rule"], achievementId=form["achievement"])
        async with page.parts.database.write() as session:
            await plans.request_approval(session, act, rule_id=asked.rule_id, achievement_id=asked.achievement_id)
    except MENDABLE as failure:
        return await _mine(page, act, form.back("plan", failure))
    return page.go("/pay", "pay-planned")


HANDLERS = [mine, claim, plan]
