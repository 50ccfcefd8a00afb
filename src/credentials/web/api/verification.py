"""Is this credential good? Without an account."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter
from litestar.response import Stream

from credentials.db import Session
from credentials.errors import Malformed, NotFound
from credentials.people.model import Act, Scope
from credentials.verification import batches, service
from credentials.verification.batches import Batch
from credentials.verification.containers import MAX_ITEMS, MAX_UNPACKED
from credentials.verification.gather import Sources
from credentials.verification.model import Report
from credentials.web.asking import PLAIN, Asking, policy_of, read_asking
from credentials.web.deps import SCOPE_KEY, get_parts
from credentials.web.limits import RateLimit
from credentials.web.middleware import peer_of
from credentials.web.once import Once
from credentials.web.openapi import ALSO_KEY, BODY_KEY, MEDIA_TYPES_KEY
from credentials.web.parts import Parts
from credentials.web.sources import OPERATOR, OwnSources
from credentials.web.wire import Page, Paging, Wire

MAX_BODY = 8 << 20
"""A picture with a credential in it (SECURITY.md, section 3, step 1)."""


LINK = "text/uri-list"
"""The body is an address and nothing else (RFC 2483, section 5)."""

KINDS = (
    "application/json",
    "application/vc",
    "application/jwt",
    "image/png",
    "image/svg+xml",
    "image/jpeg",
    "image/webp",
    LINK,
    "application/octet-stream",
)
PRESENTED: dict[str, dict[str, Any]] = {kind: {"schema": {}} for kind in KINDS}
"""What may be sent. What it is, is seen from its bytes, whatever it is said to be."""


@post("/verify", status_code=200, request_max_body_size=MAX_BODY, opt={BODY_KEY: PRESENTED, ALSO_KEY: (429,)})
async def verify(
    request: Request[Any, Any, Any],
    organisation: Annotated[str, QueryParameter(max_length=62)] = "",
    use: Annotated[str, QueryParameter(max_length=20)] = "",
    as_of: Annotated[str, QueryParameter(name="asOf", max_length=40)] = "",
    recipient: Annotated[str, HeaderParameter(name="Verify-Recipient", max_length=6_000)] = "",
    domain: Annotated[str, QueryParameter(max_length=2_000)] = "",
    challenge: Annotated[str, QueryParameter(max_length=2_000)] = "",
    holder: Annotated[str, QueryParameter(max_length=2_000)] = "",
) -> Report:
    """Verify a credential. Send its bytes as they are: JSON (a credential, a presentation, a learner record, a badge of Open
    Badges 2.0), a compact JWT, a PNG or SVG with one baked in, or a picture of its QR code. Or send its address, as
    `text/uri-list`.

    The answer is 200 whenever the check could be carried out, whatever its verdict: `accept`, `accept-untrusted`, `reject`
    or `indeterminate`, with each check, its outcome, its code and a sentence.

    `organisation`: the short name of an organisation here, whose registry decides which issuers are recognised, and for
    what. `use`: `licence`, `pay` or `display`; the issuer must be accepted for it. `asOf`: a past day or moment; was the
    credential good then? `Verify-Recipient`: a name, e-mail address or id, percent-encoded; is it about this person?
    `domain`, `challenge`, `holder`: what the holder of a presentation was asked to sign, and who that is.
    """
    # Not injected: Litestar makes a task for each of several dependencies, which costs as much as checking a signature.
    parts = get_parts(request)
    now = parts.now()
    limit: RateLimit = request.app.state.verify_limit
    limit.take(peer_of(request.scope, parts.settings.trusted_proxies), now)
    asking = await read_asking(
        parts.database,
        now,
        organisation=organisation,
        use=use,
        as_of=as_of,
        recipient=recipient,
        domain=domain,
        challenge=challenge,
        holder=holder,
    )
    octets = await request.body()
    if request.content_type[0] == LINK:
        return await check_link(parts, octets.decode("utf-8", "replace"), now, asking)
    if not octets:
        raise Malformed("send the credential as the body of the request")
    return await check(parts, octets, now, asking)


def _sources(parts: Parts, now: datetime, asking: Asking) -> Sources:
    """The operator's view, which strangers ask, is kept for a moment."""
    if asking.view != OPERATOR or parts.sources.fetch is not parts.fetch:
        return OwnSources(parts.database, parts.settings.base_url, parts.fetch, parts.pinned, asking.view)
    parts.sources.at(now)
    return parts.sources


async def check(parts: Parts, octets: bytes, now: datetime, asking: Asking = PLAIN) -> Report:
    """What the API, the page and the command line do alike."""
    sources = _sources(parts, now, asking)
    policy = policy_of(parts.settings)
    return await service.verify(
        octets, parts.contexts, sources, now=now, policy=policy, memory=parts.memory, question=asking.question
    )


async def check_link(parts: Parts, link: str, now: datetime, asking: Asking = PLAIN) -> Report:
    """The same for what is at an address."""
    sources = _sources(parts, now, asking)
    policy = policy_of(parts.settings)
    return await service.verify_link(
        link, parts.contexts, sources, now=now, policy=policy, memory=parts.memory, question=asking.question
    )


# Many at once

MANY: dict[str, dict[str, Any]] = {
    kind: {"schema": {}}
    for kind in ("application/x-ndjson", "application/jsonl", "application/zip", "text/csv", "application/octet-stream")
}
NDJSON = "application/x-ndjson"
PAGE = 500
"""Results that are read at a time."""
LOOK_AGAIN = 0.5
"""Seconds between two looks for further results."""
LONGEST = 300.0
"""Seconds that an answer stays open: whoever waits longer asks again from where they are."""


class BatchShown(Wire):
    """``done`` counts the items that have a result; ``finishedAt`` is null until all have."""

    id: str
    total: int
    done: int
    created_at: datetime
    finished_at: datetime | None
    results: str


def show(batch: Batch) -> BatchShown:
    return BatchShown(
        id=batch.id,
        total=batch.total,
        done=batch.done,
        created_at=batch.created_at,
        finished_at=batch.finished_at,
        results=f"/api/v1/verifications/{batch.id}/results",
    )


@post(
    "/verifications",
    status_code=201,
    request_max_body_size=MAX_UNPACKED,
    opt={SCOPE_KEY: Scope.VERIFICATION, BODY_KEY: MANY, ALSO_KEY: (429,)},
)
async def verify_many(
    request: Request[Any, Any, Any],
    parts: NamedDependency[Parts],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    once: NamedDependency[Once],
    organisation: Annotated[str, QueryParameter(max_length=62)] = "",
    use: Annotated[str, QueryParameter(max_length=20)] = "",
    as_of: Annotated[str, QueryParameter(name="asOf", max_length=40)] = "",
) -> Response[BatchShown]:
    """Verify up to 10,000 credentials: JSON lines (a credential, a token or a link each), a ZIP of files, or a CSV of links.

    The verdicts are at `results`, as they come. Sent again with the same `Idempotency-Key` it is the same batch. Each item
    has a verdict of its own, whatever the others are. A batch is forgotten a week after it is finished.
    """
    asking = await read_asking(parts.database, act.now, organisation=organisation, use=use, as_of=as_of)
    items = batches.items_of(await request.body())

    async def work() -> BatchShown:
        owner = act.actor.person_id
        return show(await batches.add(session, act.ids, act.now, owner, items, asking.question, organisation))

    return await once(session, work)


@get("/verifications", opt={SCOPE_KEY: Scope.VERIFICATION})
async def list_batches(
    session: NamedDependency[Session], act: NamedDependency[Act], paging: NamedDependency[Paging]
) -> Response[Page[BatchShown]]:
    """My batches, newest first."""
    (after,) = paging.after()
    found = await batches.batches_of(session, act.actor.person_id, after=after, limit=paging.enough)
    return paging.page(found, show)


@get("/verifications/{batch_id:str}", opt={SCOPE_KEY: Scope.VERIFICATION})
async def get_batch(
    batch_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> BatchShown:
    """How far a batch is."""
    return show(await batches.batch(session, act.actor.person_id, batch_id))


@delete("/verifications/{batch_id:str}", status_code=204, opt={SCOPE_KEY: Scope.VERIFICATION})
async def forget_batch(batch_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> None:
    """Forget a batch and its results now."""
    await batches.forget(session, (await batches.batch(session, act.actor.person_id, batch_id)).id)


@get(
    "/verifications/{batch_id:str}/results",
    opt={SCOPE_KEY: Scope.VERIFICATION, MEDIA_TYPES_KEY: [NDJSON]},
    media_type=NDJSON,
)
async def batch_results(
    batch_id: FromPath[str],
    parts: NamedDependency[Parts],
    act: NamedDependency[Act],
    after: Annotated[int, QueryParameter(ge=0, le=MAX_ITEMS)] = 0,
    follow: FromQuery[bool] = True,
) -> Stream:
    """The results behind number `after`, a line of JSON each, in order and as they come. When the answer ends before the
    batch does, ask again behind the last `number` that you have. `follow=false`: only those that are there."""
    owner = act.actor.person_id
    async with parts.database.read() as session:
        await batches.batch(session, owner, batch_id)
    return Stream(_lines(parts, owner, batch_id, after, follow=follow), media_type=NDJSON)


async def _lines(parts: Parts, owner: str, batch_id: str, after: int, *, follow: bool) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST
    while True:
        async with parts.database.read() as session:
            try:
                total = (await batches.batch(session, owner, batch_id)).total
            except NotFound:
                return  # it was forgotten meanwhile
            found = await batches.results(session, batch_id, after=after, limit=PAGE)
        if found:
            yield b"".join(line + b"\n" for _, line in found)
            after = found[-1][0]
        if after >= total or (len(found) < PAGE and not follow) or loop.time() > end:
            return
        if len(found) < PAGE:
            await asyncio.sleep(LOOK_AGAIN)


ROUTES = Router(
    path="",
    tags=["verification"],
    route_handlers=[verify, verify_many, list_batches, get_batch, forget_batch, batch_results],
)
