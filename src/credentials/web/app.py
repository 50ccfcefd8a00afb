"""The one place where parts are chosen and joined."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from litestar import Litestar, Router
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.static_files import create_static_files_router

from credentials.web import errors, openapi, orders, pages
from credentials.web.api import audit, awards, catalog, evidence, health, pathways, people, public, review, verification
from credentials.web.deps import DEPENDENCIES, note_use
from credentials.web.limits import RateLimit
from credentials.web.middleware import Headings, SameOrigin
from credentials.web.pages.engine import template_config
from credentials.web.parts import Parts

HERE = Path(__file__).parent
MAX_BODY = 1 << 20
"""Of a request that does not say otherwise."""


def create_app(parts: Parts, *, work: bool = True) -> Litestar:
    """The service as an ASGI application. ``work``: whether it also makes the rounds (orders, status lists)."""
    base_url = parts.settings.base_url
    api = Router(
        path="/api/v1",
        route_handlers=[
            people.ROUTES,
            catalog.ROUTES,
            evidence.ROUTES,
            review.ROUTES,
            awards.ROUTES,
            pathways.ROUTES,
            verification.ROUTES,
            audit.ROUTES,
        ],
    )

    @contextlib.asynccontextmanager
    async def rounds(_app: Litestar) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(orders.work(parts, stop)) if work else None
        try:
            yield
        finally:
            stop.set()
            if task:
                await task

    return Litestar(
        route_handlers=[
            api,
            catalog.CASE_ROUTES,
            *public.ROUTES,
            awards.shared_credential,
            *health.ROUTES,
            *pages.ROUTES,
            create_static_files_router(path="/static", directories=[HERE / "static"], cache_control=openapi.FOREVER),
        ],
        dependencies=DEPENDENCIES,
        exception_handlers=errors.HANDLERS,
        middleware=[Headings(parts.ids, https=base_url.startswith("https://")), SameOrigin(base_url)],
        allowed_hosts=AllowedHostsConfig(allowed_hosts=openapi.hosts_of(base_url)),
        compression_config=CompressionConfig(backend="gzip", minimum_size=1_000, gzip_compress_level=6),
        template_config=template_config(HERE / "templates", HERE / "static"),
        request_max_body_size=MAX_BODY,
        after_response=note_use,
        openapi_config=openapi.config(),
        lifespan=[rounds],
        state=State({"parts": parts, "verify_limit": RateLimit(parts.settings.verify_per_minute)}),
        debug=False,
    )
