"""The record of decisions, for administrators."""

from datetime import datetime
from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from credentials.audit import service
from credentials.db import Session
from credentials.people import service as people
from credentials.people.model import Act, Role, Scope
from credentials.people.rules import require
from credentials.web.deps import SCOPE_KEY
from credentials.web.wire import Wire


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
    organisation_id: FromPath[str], subject: Subject, session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[EntryShown]:
    """What was decided about one thing in an organisation, oldest first, at most 200 entries."""
    where = await people.organisation(session, organisation_id)
    require(act.actor, where.lineage, Role.ADMINISTRATOR)
    reach = await people.below(session, (where.id,))
    return [
        EntryShown(
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            reason=entry.reason,
            detail=entry.detail,
        )
        for entry in await service.about(session, subject)
        if entry.organisation in reach
    ]


ROUTES = Router(path="", tags=["audit"], route_handlers=[about])
