"""Is this credential good? Without an account."""

from datetime import datetime
from typing import Any

from litestar import Request, Router, post
from litestar.di import NamedDependency

from credentials.errors import Malformed
from credentials.verification import service
from credentials.verification.model import Report
from credentials.web.limits import RateLimit
from credentials.web.openapi import ALSO_KEY, BODY_KEY
from credentials.web.parts import Parts
from credentials.web.sources import OwnSources

MAX_BODY = 8 << 20
"""A picture with a credential in it (SECURITY.md, section 3, step 1)."""


KINDS = (
    "application/json",
    "application/vc",
    "application/jwt",
    "image/png",
    "image/svg+xml",
    "application/octet-stream",
)
PRESENTED: dict[str, dict[str, Any]] = {kind: {"schema": {}} for kind in KINDS}
"""What may be sent. What it is, is seen from its bytes, whatever it is said to be."""


@post("/verify", status_code=200, request_max_body_size=MAX_BODY, opt={BODY_KEY: PRESENTED, ALSO_KEY: (429,)})
async def verify(
    request: Request[Any, Any, Any],
    parts: NamedDependency[Parts],
    now: NamedDependency[datetime],
    peer: NamedDependency[str],
) -> Report:
    """Verify a credential. Send its bytes as they are: JSON, a compact JWT, or a baked PNG or SVG.

    The answer is 200 whenever the check could be carried out, whatever its verdict: `accept`, `accept-untrusted`, `reject`
    or `indeterminate`, with each check, its outcome, its code and a sentence.
    """
    limit: RateLimit = request.app.state.verify_limit
    limit.take(peer, now)
    octets = await request.body()
    if not octets:
        raise Malformed("send the credential as the body of the request")
    return await check(parts, octets, now)


async def check(parts: Parts, octets: bytes, now: datetime) -> Report:
    """What the API, the page and the command line do alike."""
    sources = OwnSources(parts.database, parts.settings.base_url, parts.fetch)
    return await service.verify(octets, parts.contexts, sources, now=now, memory=parts.memory)


ROUTES = Router(path="", tags=["verification"], route_handlers=[verify])
