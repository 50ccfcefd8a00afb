"""What a handler answers a person with: a page, or the way to the next one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.response import Template

from credentials.people.model import Actor
from credentials.web.pages.forms import BLANK, Filled
from credentials.web.pages.frame import ACTOR_KEY
from credentials.web.pages.notes import NOTE_COOKIE, NOTE_SECONDS
from credentials.web.parts import Parts
from credentials.web.wire import by_id, write_cursor

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """One request for a page: the parts, who asks, when; and how it is answered."""

    request: Request[Any, Any, Any]
    parts: Parts
    actor: Actor | None
    now: datetime

    def show(
        self,
        template: str,
        *,
        filled: Filled = BLANK,
        status: HTTPStatus | None = None,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Template:
        """A page. ``filled``: the form that came back, if one did; it decides the status, too.

        What belongs to somebody is kept by no cache; what anybody may see is asked for again each time.
        """
        kept = {"Cache-Control": "no-store" if self.actor else "no-cache", "Vary": "Cookie"}
        wait = {"Retry-After": str(filled.retry_after)} if filled.retry_after else {}
        answer = Template(
            template_name=template,
            context={**context, "filled": filled, "actor": self.actor, "now": self.now},
            status_code=status or filled.status,
            headers={**kept, **wait, **(headers or {})},
            media_type="text/html",
        )
        if NOTE_COOKIE in self.request.cookies:
            answer.delete_cookie(NOTE_COOKIE, path="/")
        return answer

    def go(self, path: str, note: str = "") -> Response[None]:
        """On to another page (303), with a note of ``notes.NOTES`` to be shown there."""
        answer: Response[None] = Response(None, status_code=HTTPStatus.SEE_OTHER, headers={"Location": path})
        if note:
            secure = self.parts.settings.base_url.startswith("https://")
            answer.set_cookie(
                NOTE_COOKIE, note, max_age=NOTE_SECONDS, path="/", httponly=True, samesite="lax", secure=secure
            )
        return answer


def get_page(
    request: Request[Any, Any, Any],
    parts: NamedDependency[Parts],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> Page:
    request.state[ACTOR_KEY] = actor
    return Page(request, parts, actor, now)


def sign_in_address(request: Request[Any, Any, Any]) -> str:
    """Where to sign in, and to come back from to where this request wants to go."""
    query = request.url.query
    return "/sign-in?" + urlencode({"next": request.url.path + (f"?{query}" if query else "")})


def local_path(path: str) -> str:
    """An address on this site, or the home page in place of anything else: nobody is sent to another site from here.

    A browser takes a backslash for a slash, and drops tabs and line ends before it looks.
    """
    harmless = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if harmless and path.isascii() else "/"


def further(path: str, found: Sequence[T], shown: int, place: Callable[[T], Sequence[str]] = by_id, **kept: str) -> str:
    """The address at which a list goes on behind as many items as are ``shown``, of which one more was looked for; empty where
    there is no more. ``place``: where an item stands in the order of the list; ``kept``: what else the address asks for."""
    if len(found) <= shown:
        return ""
    return f"{path}?{urlencode({**kept, 'cursor': write_cursor(place(found[shown - 1]))})}"
