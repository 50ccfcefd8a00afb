"""The record of decisions, for administrators."""

from datetime import datetime
from typing import Annotated

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from credentials.audit import service
from credentials.audit.model import Recorded
from credentials.db import Session
from credentials.people import service as people
from credentials.people.model import Act, Role, Scope
from credentials.people.rules import require
from credentials.web.deps import SCOPE_KEY
from credentials.web.wire import Page, Paging, Wire, not_our_cursor

PLACE_DIGITS = 9
"""Of a place in the record: so many fit into its column on every database."""


class EntryShown(Wire):
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    detail: dict[str, str]


Subject = Annotated[
    str,
    QueryParameter(
        description="What the entries are about, as kind:id, such as award:0190…", min_length=3, max_length=120
    ),
]


@get("/organisations/{organisation_id:str}/audit", opt={SCOPE_KEY: Scope.AUDIT_READ})
async def about(
    organisation_id: FromPath[str],
    subject: Subject,
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[EntryShown]]:
    """What was decided about one thing in an organisation and below, oldest first."""
    (place,) = paging.after()
    after = read_place(place)
    where = await people.organisation(session, organisation_id)
    require(act.actor, where.lineage, Role.ADMINISTRATOR)
    reach = await people.below(session, (where.id,))
    found = await service.about(session, subject, within=reach, after=after, limit=paging.enough)
    return paging.page(found, _show, lambda entry: (str(entry.sequence),))


def read_place(place: str) -> int:
    """Behind which entry a page begins, from a cursor; 0 for the first page."""
    if not place:
        return 0
    if not place.isascii() or not place.isdecimal() or len(place) > PLACE_DIGITS:
        raise not_our_cursor()
    return int(place)


def _show(entry: Recorded) -> EntryShown:
    return EntryShown(
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        reason=entry.reason,
        detail=entry.detail,
    )


ROUTES = Router(path="", tags=["audit"], route_handlers=[about])
