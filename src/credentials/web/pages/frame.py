"""What stands around every page: who is signed in, where one can go from here, and the note about what was just done."""

import re
from typing import Any, NamedTuple

from litestar import Request

from credentials.people.model import Actor, Role
from credentials.web.deps import cookie_name, get_parts
from credentials.web.pages.notes import NOTE_COOKIE, Note, note_of

SITE = "Educator Micro-credentials"

ACTOR_KEY = "actor"
"""Where in the request's state the frame finds who asks: an error page, which no handler shows, is framed, too."""


class Link(NamedTuple):
    """``here``: the page that is shown is this one, or belongs to it."""

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
    links = _links(actor)
    here = place_of(path, {address for address, _ in links})
    has_cookie = cookie_name(get_parts(request).settings.base_url) in request.cookies
    return Frame(
        site=SITE,
        actor=actor,
        known=known or not has_cookie,
        links=tuple(Link(address, text, address == here) for address, text in links),
        note=note_of(request.cookies.get(NOTE_COOKIE, "")),
    )


_BELONGS = (
    (re.compile(r"/organisations/[^/]+/pay(/.*)?"), "/pay-office"),
    (re.compile(r"/organisations/[^/]+/rules(/.*)?"), "/rules-office"),
    (re.compile(r"/licence-applications/.+"), "/licences-office"),
    (re.compile(r"/licence-applications/.+"), "/licences"),
    (re.compile(r"/micro-credentials/.+|/achievements/.+"), "/catalogue"),
    (re.compile(r"/standing(/.*)?"), "/standing"),
    (re.compile(r"/standing(/.*)?"), "/educators"),
)
"""Pages that stand in a place of the navigation whose address theirs does not begin with."""


def place_of(path: str, places: set[str]) -> str:
    """The place of the navigation in which a page stands, if any."""
    for pattern, place in _BELONGS:
        if place in places and pattern.fullmatch(path):
            return place
    above = [place for place in places if path == place or path.startswith(f"{place}/")]
    return max(above, key=len, default="")


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
    if actor.organisations(Role.LICENSING_OFFICER, Role.DISTRICT_OFFICER):
        links.append(("/educators", "Educators"))
    if actor.organisations(Role.ADMINISTRATOR, Role.SCORING_LEADER):
        links.append(("/organisations", "Organisations"))
    return links
