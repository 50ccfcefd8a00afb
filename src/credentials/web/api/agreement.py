"""How well assessors agree, who scores harsher or softer, and the same figures of any table of ratings."""

import asyncio
from datetime import date
from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from msgspec import Meta

from credentials.db import Session
from credentials.errors import Fault, Forbidden, Malformed
from credentials.people.model import Act, Role, Scope
from credentials.review import service
from credentials.review.model import By
from credentials.web.deps import SCOPE_KEY
from credentials.web.parts import Parts
from credentials.web.wire import Asked

MAX_RATINGS = 5_000
"""Units of one question: an answer takes a second."""


class RatingsAsked(Asked):
    """A row for each unit, in it the ratings that it was given; null where a rater gave none. Kappas look at the first two."""

    ratings: Annotated[
        list[Annotated[list[float | None], Meta(max_length=50)]], Meta(min_length=1, max_length=MAX_RATINGS)
    ]
    scale: Annotated[list[float], Meta(min_length=1, max_length=50)]
    measurement: service.Measurement = service.Measurement.ORDINAL
    seed: Annotated[int, Meta(ge=0, le=2**32)] = 0


@get("/agreement", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def told(
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
    by: FromQuery[By] = By.MICRO_CREDENTIAL,
    micro_credential: FromQuery[str] = "",
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
) -> service.AgreementReport:
    """How first and second readings agree in the programmes that I lead, of days that are over. A figure that is not defined,
    or would be of fewer than 20, is null with its reason."""
    return await service.agreement_report(
        parts.database, act, by=by, micro_credential_id=micro_credential, since=since, until=until
    )


@get("/severity", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def severity(
    session: NamedDependency[Session], act: NamedDependency[Act], micro_credential: FromQuery[str] = ""
) -> list[service.SeverityRow]:
    """Who scores harsher or softer than the other readers of the same work, over their last 100 scores."""
    return await service.severity(session, act, micro_credential_id=micro_credential)


@get("/review-pace", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def pace(session: NamedDependency[Session], act: NamedDependency[Act]) -> service.Pace:
    """How long decisions take, by month, and how long what is not decided has waited."""
    return await service.pace(session, act)


@post("/agreement-figures", status_code=200, opt={SCOPE_KEY: Scope.REVIEW_READ})
async def figures(data: JSONBody[RatingsAsked], act: NamedDependency[Act]) -> service.Agreement:
    """The same figures of a table of ratings that is sent, such as that of a session on paper; of few units, too, because they
    are the asker's own. Nothing of it is kept."""
    if not act.actor.organisations(Role.ASSESSOR, Role.SCORING_LEADER):
        raise Forbidden(
            "this is for assessors and scoring leaders: ask an administrator of your organisation for the role"
        )
    try:
        return await asyncio.to_thread(
            service.agreement, data.ratings, data.scale, seed=data.seed, measurement=data.measurement, min_units=0
        )
    except ValueError as error:
        raise Malformed(str(error), faults=(Fault(str(error), "/ratings", "invalid"),)) from None


ROUTES = Router(path="", tags=["agreement"], route_handlers=[told, severity, pace, figures])
