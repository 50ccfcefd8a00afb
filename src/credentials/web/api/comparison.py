"""Common tasks: work that was decided in one district is scored again by another, and the two are compared."""

from datetime import datetime
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from credentials.db import Session
from credentials.people.model import Act, Scope
from credentials.review import service
from credentials.review.model import CommonTask
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire


class NewCommonTask(Asked):
    """``size`` works of a version that were decided in the district ``homeId``, for assessors of ``guestId``."""

    version_id: Annotated[str, Meta(max_length=36)]
    home_id: Annotated[str, Meta(max_length=36)]
    guest_id: Annotated[str, Meta(max_length=36)]
    size: Annotated[int, Meta(ge=1, le=200)]


class CommonTaskShown(Wire):
    """``drawn`` works of ``of`` are scored again, ``asked`` were wanted, ``scored`` are done. ``seed`` draws them again: those
    with the lowest SHA-256 over ``seed:common:submission``, less what nobody could score."""

    id: str
    micro_credential_id: str
    version_id: str
    home_id: str
    guest_id: str
    seed: str
    asked: int
    drawn: int
    of: int
    scored: int
    opened_at: datetime
    closed_at: datetime | None


def _show(row: tuple[CommonTask, int]) -> CommonTaskShown:
    found, scored = row
    return CommonTaskShown(
        id=found.id,
        micro_credential_id=found.micro_credential_id,
        version_id=found.version_id,
        home_id=found.home_id,
        guest_id=found.guest_id,
        seed=found.seed,
        asked=found.asked,
        drawn=found.drawn,
        of=found.of,
        scored=scored,
        opened_at=found.opened_at,
        closed_at=found.closed_at,
    )


@post("/common-tasks", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def draw(
    data: JSONBody[NewCommonTask],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[CommonTaskShown]:
    """Draw decided work of one district for another to score again, as who leads the programme and both districts. It stands
    among the reviews of those who score it; nothing is decided by what they find."""

    async def work() -> CommonTaskShown:
        made = await service.draw(
            session,
            act,
            version_id=data.version_id,
            home_id=data.home_id,
            guest_id=data.guest_id,
            size=data.size,
        )
        return _show((made, 0))

    return await once(session, work)


@get("/common-tasks", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_tasks(
    session: NamedDependency[Session], act: NamedDependency[Act], paging: NamedDependency[Paging]
) -> Response[Page[CommonTaskShown]]:
    """Those of the programmes that I lead, newest first."""
    (after,) = paging.after()
    found = await service.common_tasks(session, act, after=after, limit=paging.enough)
    return paging.page(found, _show, lambda one: (one[0].id,))


@post("/common-tasks/{task_id:str}/closing", status_code=204, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def close(task_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> None:
    """End it before every work is scored. What is scored counts."""
    await service.close_task(session, act, task_id)


@get("/comparability", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def comparability(
    act: NamedDependency[Act], parts: NamedDependency[Parts], micro_credential: FromQuery[str] = ""
) -> service.Comparability:
    """How one district scored what another had decided, by micro-credential and criterion: agreement, and how much harsher or
    softer. A figure of fewer than 20 scores is null with its reason."""
    return await service.comparability(parts.database, act, micro_credential_id=micro_credential)


ROUTES = Router(path="", tags=["comparability"], route_handlers=[draw, list_tasks, close, comparability])
