"""Plans that are approved before they are earned."""

from datetime import datetime

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from credentials.compensation.model.plans import PriorApproval, RequestState
from credentials.compensation.service import plans
from credentials.db import Session
from credentials.people.model import Act
from credentials.web.api.compensation.asked import READ, WRITE, Decided, Identifier
from credentials.web.once import Once
from credentials.web.wire import Asked, Page, Paging, Wire


class NewPlan(Asked):
    rule_id: Identifier
    achievement_id: Identifier


class PlanShown(Wire):
    id: str
    rule_id: str
    educator_id: str
    achievement_id: str
    title: str
    state: RequestState
    requested_at: datetime
    decided_at: datetime | None
    reason: str


def show_plan(plan: PriorApproval) -> PlanShown:
    return msgspec.convert(plan, PlanShown, from_attributes=True)


@post("/pay-plans", status_code=201, opt=WRITE)
async def request_approval(
    data: JSONBody[NewPlan],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[PlanShown]:
    """Ask that what I plan to earn be approved beforehand."""

    async def work() -> PlanShown:
        made = await plans.request_approval(session, act, rule_id=data.rule_id, achievement_id=data.achievement_id)
        return show_plan(made)

    return await once(session, work)


@get("/organisations/{organisation_id:str}/pay-plans", opt=READ)
async def list_plans(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[PlanShown]]:
    """The plans that wait for the office, longest waiting first."""
    (after,) = paging.after()
    found = await plans.plans_in(session, act, organisation_id, after=after, limit=paging.enough)
    return paging.page(found, show_plan)


@post("/pay-plans/{plan_id:str}/decision", status_code=200, opt=WRITE)
async def decide_plan(
    plan_id: FromPath[str], data: JSONBody[Decided], session: NamedDependency[Session], act: NamedDependency[Act]
) -> PlanShown:
    """Approve a plan, or refuse it with a reason."""
    return show_plan(await plans.decide_plan(session, act, plan_id, approve=data.approve, reason=data.reason))


HANDLERS = [request_approval, list_plans, decide_plan]
