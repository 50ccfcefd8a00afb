"""The pages: one module for each room, named like it, with its templates in the folder of the same name.

Every page works without JavaScript: a form is posted, and the answer to a post that did something is a redirect (303) to a
page that shows it. A form that is refused comes back with what was typed and with each fault at its field.
"""

from typing import Any

from litestar import Request, Response, Router
from litestar.di import Provide

from credentials.errors import NotFound, Unauthenticated
from credentials.web import errors
from credentials.web.middleware import SAFE_METHODS
from credentials.web.pages import (
    about,
    anchors,
    appeals,
    awards,
    batches,
    calibration,
    catalog,
    coaching,
    comparison,
    compensation,
    develop,
    evidence,
    figures,
    licensing,
    moderation,
    organisations,
    pathways,
    people,
    prior,
    proposals,
    recognition,
    review,
    rosters,
    rules,
    standing,
    trust,
    verification,
)
from credentials.web.pages.forms import read_form
from credentials.web.pages.page import get_page, sign_in_address


async def refuse_unwritable(request: Request[Any, Any, Any]) -> None:
    """No address of ours has a NUL in it, and a database that is asked for one answers with an error."""
    if "\x00" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise NotFound("there is nothing at this address")


def ask_to_sign_in(request: Request[Any, Any, Any], refused: Unauthenticated) -> Response[Any]:
    """Somebody who wants to see a page of their own is sent to sign in, and from there back to it."""
    if request.method in SAFE_METHODS and "authorization" not in request.headers:
        return Response(None, status_code=303, headers={"Location": sign_in_address(request)})
    return errors.failure_response(request, refused)


ROUTES = [
    Router(
        path="/",
        route_handlers=[
            *about.HANDLERS,
            *people.HANDLERS,
            *licensing.HANDLERS,
            *organisations.HANDLERS,
            *rosters.HANDLERS,
            *trust.HANDLERS,
            *catalog.HANDLERS,
            *coaching.HANDLERS,
            *develop.HANDLERS,
            *proposals.HANDLERS,
            *evidence.HANDLERS,
            *prior.HANDLERS,
            *review.HANDLERS,
            *calibration.HANDLERS,
            *anchors.HANDLERS,
            *moderation.HANDLERS,
            *comparison.HANDLERS,
            *appeals.HANDLERS,
            *awards.HANDLERS,
            *pathways.HANDLERS,
            *standing.HANDLERS,
            *rules.HANDLERS,
            *compensation.HANDLERS,
            *recognition.HANDLERS,
            *figures.HANDLERS,
            *verification.HANDLERS,
            *batches.HANDLERS,
        ],
        dependencies={"page": Provide(get_page, sync_to_thread=False), "form": Provide(read_form)},
        before_request=refuse_unwritable,
        exception_handlers={Unauthenticated: ask_to_sign_in},
        include_in_schema=False,
    )
]
