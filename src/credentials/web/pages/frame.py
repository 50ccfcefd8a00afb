"""What stands around every page: who is signed in, where one can go from here, and the note about what was just done."""

from typing import Any, NamedTuple

from litestar import Request

from credentials.people.model import Actor, Role
from credentials.web.deps import cookie_name, get_parts
from credentials.web.pages.notes import NOTE_COOKIE, Note, note_of

SITE = "Educator Micro-credentials"

ACTOR_KEY = "actor"
"""Where in the request's state the frame finds who asks: an error page, which no handler shows, is framed, too."""


class Link(NamedTuple):
    """``here``: the page that is shown is this one, or below it."""

    path: str
    text: str
    here: bool


class Frame(NamedTuple):
    """``known`` is false on an error page that was shown before anybody asked who it is for."""

    site: str
    actor: Actor | None
    known: bool
    links: tuple[Link, ...]
    note: Note | None


def frame_of(request: Request[Any, Any, Any]) -> Frame:
    path = request.scope["path"]
    known = ACTOR_KEY in request.state
    actor: Actor | None = request.state.get(ACTOR_KEY)
    has_cookie = cookie_name(get_parts(request).settings.base_url) in request.cookies
    return Frame(
        site=SITE,
        actor=actor,
        known=known or not has_cookie,
        links=tuple(
            Link(address, text, path == address or path.startswith(f"{address}/")) for address, text in _links(actor)
        ),
        note=note_of(request.cookies.get(NOTE_COOKIE, "")),
    )


def _links(actor: Actor | None) -> list[tuple[str, str]]:
    links = [("/catalogue", "Catalogue"), ("/stacks", "Stacks"), ("/verify", "Verify")]
    if actor is None:
        return links
    if actor.organisations(Role.EDUCATOR) or not actor.grants:
        links += [("/submissions", "My work"), ("/credentials", "My credentials")]
        links += [("/standing", "Standing"), ("/licences", "Licences"), ("/pay", "My pay")]
    if actor.organisations(Role.ASSESSOR):
        links.append(("/review", "Review"))
    if actor.organisations(Role.SCORING_LEADER):
        links.append(("/scoring", "Scoring"))
    if actor.organisations(Role.CATALOGUE_DEVELOPER, Role.ADMINISTRATOR):
        links.append(("/develop", "Develop"))
    if actor.organisations(Role.LICENSING_OFFICER):
        links += [("/rules-office", "Rules"), ("/licences-office", "Licence office")]
    if actor.organisations(Role.DISTRICT_OFFICER, Role.PAYROLL_CLERK):
        links.append(("/pay-office", "Pay office"))
    if actor.organisations(Role.ADMINISTRATOR, Role.SCORING_LEADER):
        links.append(("/organisations", "Organisations"))
    return links
