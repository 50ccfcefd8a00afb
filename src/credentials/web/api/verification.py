"""Is this credential good? Without an account."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Router, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter

from credentials.errors import Malformed
from credentials.verification import service
from credentials.verification.model import Policy, Report
from credentials.web.asking import PLAIN, Asking, read_asking
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
    organisation: Annotated[str, QueryParameter(max_length=62)] = "",
    use: Annotated[str, QueryParameter(max_length=20)] = "",
    as_of: Annotated[str, QueryParameter(name="asOf", max_length=40)] = "",
    recipient: Annotated[str, HeaderParameter(name="Verify-Recipient", max_length=6_000)] = "",
) -> Report:
    """Verify a credential. Send its bytes as they are: JSON, a compact JWT, or a baked PNG or SVG.

    The answer is 200 whenever the check could be carried out, whatever its verdict: `accept`, `accept-untrusted`, `reject`
    or `indeterminate`, with each check, its outcome, its code and a sentence.

    `organisation`: the short name of an organisation here, whose registry decides which issuers are recognised, and for
    what. `use`: `licence`, `pay` or `display`; the issuer must be accepted for it. `asOf`: a past day or moment; was the
    credential good then? `Verify-Recipient`: a name, e-mail address or id, percent-encoded; is it about this person?
    """
    limit: RateLimit = request.app.state.verify_limit
    limit.take(peer, now)
    asking = await read_asking(
        parts.database, now, organisation=organisation, use=use, as_of=as_of, recipient=recipient
    )
    octets = await request.body()
    if not octets:
        raise Malformed("send the credential as the body of the request")
    return await check(parts, octets, now, asking)


async def check(parts: Parts, octets: bytes, now: datetime, asking: Asking = PLAIN) -> Report:
    """What the API, the page and the command line do alike."""
    sources = OwnSources(parts.database, parts.settings.base_url, parts.fetch, asking.view)
    policy = Policy(fetch_unregistered=parts.settings.fetch_unregistered)
    return await service.verify(
        octets, parts.contexts, sources, now=now, policy=policy, memory=parts.memory, question=asking.question
    )


ROUTES = Router(path="", tags=["verification"], route_handlers=[verify])
