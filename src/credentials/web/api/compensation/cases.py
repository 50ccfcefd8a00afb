"""Awards that pay rests on and that were withdrawn."""

from datetime import datetime
from typing import Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from credentials.compensation.model.cases import Case, CaseOutcome, CaseState
from credentials.compensation.service import cases
from credentials.db import Session
from credentials.people.model import Act
from credentials.web.api.compensation.asked import READ, WRITE, Because
from credentials.web.wire import Asked, Page, Paging, Wire


class CaseShown(Wire):
    id: str
    claim_id: str
    award_id: str
    educator_id: str
    title: str
    award_state: str
    opened_at: datetime
    state: CaseState
    outcome: CaseOutcome | None
    decided_at: datetime | None
    reason: str


class CaseDecided(Asked):
    """``keep`` leaves everything; ``end`` cancels what is not paid yet; ``recover`` also records what is paid as owed back."""

    outcome: Literal["keep", "end", "recover"]
    reason: Because


def show_case(case: Case) -> CaseShown:
    return msgspec.convert(case, CaseShown, from_attributes=True)


@get("/organisations/{organisation_id:str}/pay-cases", opt=READ)
async def list_cases(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    stage: FromQuery[CaseState] = CaseState.OPEN,
) -> Response[Page[CaseShown]]:
    """Awards that pay rests on and that were withdrawn, longest waiting first."""
    (after,) = paging.after()
    found = await cases.cases_in(session, act, organisation_id, stage, after=after, limit=paging.enough)
    return paging.page(found, show_case)


@post("/pay-cases/{case_id:str}/decision", status_code=200, opt=WRITE)
async def decide_case(
    case_id: FromPath[str], data: JSONBody[CaseDecided], session: NamedDependency[Session], act: NamedDependency[Act]
) -> CaseShown:
    """Decide what a withdrawn award means for what was granted on it. What is written stays; a reversal is added."""
    decided = await cases.decide_case(session, act, case_id, outcome=CaseOutcome(data.outcome), reason=data.reason)
    return show_case(decided)


HANDLERS = [list_cases, decide_case]
