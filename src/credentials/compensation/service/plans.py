"""Plans that the office approves before they are earned."""

from credentials.catalog import service as catalog
from credentials.compensation import store
from credentials.compensation.model.failures import AlreadyDecided
from credentials.compensation.model.plans import PriorApproval, RequestState
from credentials.compensation.rules.days import local_day
from credentials.compensation.service.office import READERS, answering, because, check_decider, record
from credentials.compensation.service.rulebook import rule_for
from credentials.db import Session
from credentials.errors import Conflict, NotFound
from credentials.ids import new_id
from credentials.pathways import service as pathways
from credentials.people.model import Act


async def request_approval(session: Session, act: Act, *, rule_id: str, achievement_id: str) -> PriorApproval:
    """Ask that a plan be approved, before it is earned."""
    rule, versions = await rule_for(session, None, rule_id)
    if not any(version.terms.prior_approval for version in versions):
        raise Conflict("this rule asks for no approval beforehand: earn the award, and claim then")
    title = await _title(session, achievement_id)
    mine = await store.plans.prior_approvals_of(session, act.actor.person_id, [rule_id], [achievement_id])
    for earlier in mine:
        if earlier.state is not RequestState.REFUSED:
            return earlier
    made = PriorApproval(
        id=new_id(act.ids, act.now),
        organisation_id=rule.organisation_id,
        rule_id=rule.id,
        educator_id=act.actor.person_id,
        achievement_id=achievement_id,
        title=title,
        requested_at=act.now,
    )
    await store.plans.add_prior_approval(session, made)
    await record(session, act, "pay.plan-requested", f"pay-plan:{made.id}", rule.organisation_id, rule=rule.id)
    return made


async def _title(session: Session, achievement_id: str) -> str:
    shown = await catalog.shown_of(session, [achievement_id])
    if achievement_id in shown:
        return shown[achievement_id].version.specification.title
    try:
        return (await pathways.stack_for(session, None, achievement_id)).title
    except NotFound:
        raise NotFound("there is no such micro-credential or stack in the catalogue") from None


async def decide_plan(session: Session, act: Act, request_id: str, *, approve: bool, reason: str) -> PriorApproval:
    found = await store.plans.prior_approval(session, request_id, lock=True)
    await check_decider(session, act, found.organisation_id, found.educator_id, "there is no such request")
    if found.state is not RequestState.REQUESTED:
        raise AlreadyDecided("this plan is decided already")
    rule = await store.rules.rule(session, found.rule_id)
    changed = await store.plans.change_prior_approval(
        session,
        found,
        state=RequestState.APPROVED if approve else RequestState.REFUSED,
        decided_at=act.now,
        decided_on=local_day(rule, act.now),
        decided_by=act.actor.person_id,
        reason=reason.strip() if approve else because(reason),
    )
    await record(
        session, act, f"pay.plan-{changed.state}", f"pay-plan:{found.id}", found.organisation_id, reason=changed.reason
    )
    return changed


async def my_plans(session: Session, act: Act, *, limit: int = 50) -> list[PriorApproval]:
    return await store.plans.my_prior_approvals(session, act.actor.person_id, limit=limit)


async def plans_in(
    session: Session, act: Act, organisation_id: str, *, after: str = "", limit: int = 50
) -> list[PriorApproval]:
    """The plans that wait for the office."""
    await answering(session, act.actor, organisation_id, *READERS)
    return await store.plans.prior_approvals_in(
        session, organisation_id, RequestState.REQUESTED, after=after, limit=limit
    )
