"""Where people stand on the salary schedule."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.compensation.model.placements import Placement
from credentials.compensation.service import placements
from credentials.db import Session
from credentials.errors import NotFound
from credentials.people.model import Act
from credentials.web.api.compensation.asked import READ, WRITE, Identifier, Short
from credentials.web.once import Once
from credentials.web.wire import Asked, Wire


class NewPlacement(Asked):
    """``creditHundredths``: credits towards the next lane that stand outside this ledger (a university's, say)."""

    educator_id: Identifier
    position: Annotated[str, Meta(min_length=1, max_length=80)]
    effective_on: date
    band: Short = ""
    lane: Short = ""
    employee_number: Short = ""
    credit_hundredths: Annotated[int, Meta(ge=0, le=100_000)] = 0


class PlacementShown(Wire):
    educator_id: str
    position: str
    band: str
    lane: str
    employee_number: str
    credit_hundredths: int
    effective_on: date
    share: str
    recorded_at: datetime


def show_placement(placement: Placement) -> PlacementShown:
    return msgspec.convert(placement, PlacementShown, from_attributes=True)


@post("/organisations/{organisation_id:str}/pay-placements", status_code=201, opt=WRITE)
async def place(
    organisation_id: FromPath[str],
    data: JSONBody[NewPlacement],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[PlacementShown]:
    """Record where somebody stands on the salary schedule."""

    async def work() -> PlacementShown:
        asked = msgspec.structs.asdict(data)
        return show_placement(await placements.place(session, act, organisation_id=organisation_id, **asked))

    return await once(session, work)


@get("/organisations/{organisation_id:str}/pay-placements/{educator_id:str}", opt=READ)
async def get_placement(
    organisation_id: FromPath[str],
    educator_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> PlacementShown:
    """Where somebody stands: one's own, or for the office anybody's."""
    found = await placements.placement_of(session, act, organisation_id, educator_id)
    if found is None:
        raise NotFound("nothing is recorded of this person here")
    return show_placement(found)


HANDLERS = [place, get_placement]
