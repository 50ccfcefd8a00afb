"""The one place where parts are chosen and joined."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.static_files import create_static_files_router

from credentials.web import batches, errors, openapi, orders, pages
from credentials.web.api import (
    agreement,
    appeals,
    audit,
    awards,
    calibration,
    catalog,
    comparison,
    compensation,
    evidence,
    figures,
    health,
    licensing,
    moderation,
    pathways,
    people,
    prior,
    proposals,
    public,
    receipts,
    recognition,
    review,
    rulebook,
    trust,
    vcapi,
    verification,
)
from credentials.web.deps import DEPENDENCIES, admit, note_use
from credentials.web.limits import RateLimit
from credentials.web.middleware import Headings, OwnHost, SameOrigin, Writable
from credentials.web.pages.engine import template_config
from credentials.web.parts import Parts
from credentials.web.requests import ServiceRequest
from credentials.web.status_lists import PublishedLists

HERE = Path(__file__).parent
MAX_BODY = 1 << 20
"""Of a request that does not say otherwise."""


class Service(Litestar):
    """Litestar has middleware only behind its routes. What every answer has, also that of an address that there is not,
    stands around them all."""

    def __init__(self, headings: Headings, **options: Any) -> None:
        super().__init__(**options)
        self._headings = headings

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._headings.handle(scope, receive, send, super().__call__)
        else:
            await super().__call__(scope, receive, send)


def state_of(parts: Parts) -> dict[str, Any]:
    """What handlers find in the application's state: all of it hangs on these parts."""
    return {
        "parts": parts,
        "verify_limit": RateLimit(parts.settings.verify_per_minute),
        "published_lists": PublishedLists(parts.database),
    }


def create_app(parts: Parts, *, work: bool = True) -> Litestar:
    """The service as an ASGI application. ``work``: whether it also makes the rounds (orders, status lists)."""
    base_url = parts.settings.base_url
    api = Router(
        path="/api/v1",
        route_handlers=[
            people.ROUTES,
            catalog.ROUTES,
            proposals.ROUTES,
            evidence.ROUTES,
            prior.ROUTES,
            review.ROUTES,
            calibration.ROUTES,
            moderation.ROUTES,
            comparison.ROUTES,
            agreement.ROUTES,
            appeals.ROUTES,
            awards.ROUTES,
            pathways.ROUTES,
            rulebook.ROUTES,
            compensation.ROUTES,
            recognition.ROUTES,
            figures.ROUTES,
            licensing.ROUTES,
            receipts.ROUTES,
            trust.ROUTES,
            verification.ROUTES,
            audit.ROUTES,
        ],
    )

    @contextlib.asynccontextmanager
    async def rounds(_app: Litestar) -> AsyncIterator[None]:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(round_(parts, stop)) for round_ in (orders.work, batches.work) if work]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    return Service(
        Headings(parts.ids, https=base_url.startswith("https://")),
        route_handlers=[
            api,
            catalog.CASE_ROUTES,
            *public.ROUTES,
            *receipts.PUBLIC,
            rulebook.SCHEMAS,
            awards.shared_credential,
            *health.ROUTES,
            *([vcapi.ROUTES] if parts.instances else []),
            *pages.ROUTES,
            create_static_files_router(path="/static", directories=[HERE / "static"], cache_control=openapi.FOREVER),
        ],
        dependencies=DEPENDENCIES,
        guards=[admit],
        exception_handlers=errors.HANDLERS,
        middleware=[OwnHost(openapi.hosts_of(base_url)), SameOrigin(base_url), Writable()],
        request_class=ServiceRequest,
        compression_config=CompressionConfig(
            backend="gzip",
            minimum_size=1_000,
            gzip_compress_level=6,
            exclude=["^/status/", "^/api/v1/verifications/"],  # packed already; told line by line
        ),
        template_config=template_config(HERE / "templates", HERE / "static"),
        request_max_body_size=MAX_BODY,
        after_response=note_use,
        openapi_config=openapi.config(base_url),
        lifespan=[rounds],
        state=State(state_of(parts)),
        logging_config=None,  # ``logs.configure`` has done that, and Litestar's own would undo it
        debug=False,
    )
