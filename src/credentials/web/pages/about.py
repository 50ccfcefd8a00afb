"""The home page, and what the service says of itself."""

from http import HTTPStatus

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.compensation.service import claims
from credentials.db import Session
from credentials.errors import NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Submission
from credentials.evidence.rules import OPEN
from credentials.licensing import model as licensing_model
from credentials.licensing import service as licensing
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.review import service as review
from credentials.web.pages.page import Page
from credentials.web.pages.problems import meaning_of

SHOWN_AT_HOME = 6
OPEN_AT_HOME = 6
"""Submissions that somebody has begun and not ended, newest first."""
LOOKED_AT = 50
"""Submissions among which these are looked for: the newest, as under My work."""


@get("/")
async def home(page: NamedDependency[Page]) -> Template:
    """What this is, for whom, and where to begin; whoever is signed in finds first where they were."""
    grants = page.actor.grants if page.actor else ()
    may_begin = not grants or any(grant.role is Role.EDUCATOR for grant in grants)
    async with page.parts.database.read() as session:
        entries = await catalog.published(session, limit=SHOWN_AT_HOME)
        issuers = await people.organisations_by_id(
            session, {entry.micro_credential.organisation_id for entry in entries}
        )
        open_ones: list[Submission] = []
        if page.actor:
            mine = await evidence.of_educator(session, page.actor.person_id, limit=LOOKED_AT)
            open_ones = [one for one in mine if one.stage in OPEN][:OPEN_AT_HOME]
        begun = await catalog.entries_by_version(session, {one.version_id for one in open_ones})
        waits = await _waits(session, Act(page.actor, page.now, page.parts.ids)) if page.actor else {}
    return page.show(
        "about/home.html",
        entries=entries,
        issuers=issuers,
        open_ones=open_ones,
        begun=begun,
        may_begin=may_begin,
        waits=waits,
        tour=page.parts.tour,
    )


async def _waits(session: Session, act: Act) -> dict[str, str]:
    """How much waits for whoever is signed in, by the page where it does."""
    found: dict[str, str] = {}
    if act.actor.organisations(Role.ASSESSOR):
        found["/review"] = _told(sum(one.waiting for one in await review.counts(session, act)))
    if offices := act.actor.organisations(Role.LICENSING_OFFICER):
        counts = await licensing.count_stages(session, await people.below(session, offices))
        found["/licences-office"] = _told(counts.get(licensing_model.Stage.SUBMITTED, 0))
    if act.actor.organisations(Role.DISTRICT_OFFICER):
        found["/pay-office"] = _told(await claims.count_to_decide(session, act.actor))
    return found


def _told(waiting: int) -> str:
    return f"{waiting} {'waits' if waiting == 1 else 'wait'}" if waiting else ""


@get("/privacy")
async def privacy(page: NamedDependency[Page]) -> Template:
    """What is kept of people, and why."""
    return page.show("about/privacy.html")


@get("/accessibility")
async def accessibility(page: NamedDependency[Page]) -> Template:
    """What was done so that everybody can use the pages, and what to do where it was not enough."""
    return page.show("about/accessibility.html")


@get("/problems/{code:str}")
async def problem(code: FromPath[str], page: NamedDependency[Page]) -> Template:
    """What the code of a refusal means."""
    meaning = meaning_of(code)
    if meaning is None:
        raise NotFound("there is no such code")
    return page.show("about/code.html", status=HTTPStatus.OK, code=code, meaning=meaning)


HANDLERS = [home, privacy, accessibility, problem]
