"""The ledger, amounts that were carried, and a forecast."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from credentials.compensation.model.forecasts import Forecast
from credentials.compensation.model.ledger import Entry, Posting, Purpose
from credentials.compensation.service import carried, forecasts, postings
from credentials.db import Session
from credentials.people.model import Act
from credentials.web.api.compensation.asked import READ, WRITE, Because, Identifier
from credentials.web.once import Once
from credentials.web.wire import Asked, Page, Paging, Wire


class PostingShown(Wire):
    """The entries of a posting come to nothing in sum, by unit."""

    sequence: int
    educator_id: str
    rule_id: str
    version_id: str
    claim_id: str
    award_id: str
    purpose: Purpose
    period: str
    year: int
    reason: str
    posted_at: datetime
    entries: list[Entry]


class NewRelease(Asked):
    funds_cents: Annotated[int, Meta(ge=1, le=10_000_000_000)]
    reason: Because


def show_posting(posting: Posting) -> PostingShown:
    return msgspec.convert(posting, PostingShown, from_attributes=True)


@post("/pay-rules/{rule_id:str}/releases", status_code=201, opt=WRITE)
async def release_carried(
    rule_id: FromPath[str],
    data: JSONBody[NewRelease],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[list[PostingShown]]:
    """There are funds this year: release amounts carried from earlier ones, oldest first."""

    async def work() -> list[PostingShown]:
        made = await carried.release_carried(session, act, rule_id, funds_cents=data.funds_cents, reason=data.reason)
        return [show_posting(one) for one in made]

    return await once(session, work)


@get("/organisations/{organisation_id:str}/pay-ledger", opt=READ)
async def ledger(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    educator: FromQuery[Identifier | None] = None,
) -> Response[Page[PostingShown]]:
    """The postings of a recogniser in their order; of one person, who may read their own."""
    (after,) = paging.after()
    begun = int(after) if after.isascii() and after.isdecimal() and len(after) <= 9 else 0
    found = await postings.ledger(session, act, organisation_id, educator, after=begun, limit=paging.enough)
    return paging.page(found, show_posting, lambda posting: (str(posting.sequence),))


@get("/organisations/{organisation_id:str}/pay-forecast", opt=READ)
async def forecast(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    growth: FromQuery[Annotated[int, Meta(ge=-100, le=1_000)]] = 0,
) -> Forecast:
    """An estimate of the next school year's cost with all that it rests on. ``growth``: of claims, in percent."""
    return await forecasts.forecast(session, act, organisation_id, growth_percent=growth)


HANDLERS = [release_carried, ledger, forecast]
