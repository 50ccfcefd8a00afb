"""What handlers are given: the parts, a session, the time, who asks, and what the request says besides its body."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler

from credentials.db import Session
from credentials.errors import Unauthenticated
from credentials.people import service as people
from credentials.people.model import TOKEN_PREFIX, Act, Actor, Scope
from credentials.people.rules import require_scope
from credentials.web.errors import PreconditionRequired
from credentials.web.middleware import SAFE_METHODS, peer_of
from credentials.web.once import KEY, Once, key_of
from credentials.web.parts import Parts
from credentials.web.wire import Paging, paging_of, revision_of

SCOPE_KEY = "scope"
"""The handler option that names the scope an API token needs. Without it a token cannot be used at all."""

ACTOR_KEY = "actor"
"""Where in the request's state stands who asks, from when it is known."""

SIGNED_IN = frozenset({"act", "once"})
"""Whatever takes one of these is only for somebody with an account."""

Connection = ASGIConnection[Any, Any, Any, Any]


def cookie_name(base_url: str) -> str:
    """Over https the name itself keeps the cookie from being set by a neighbouring host (RFC 6265bis, section 4.1.3.2)."""
    return "__Host-session" if base_url.startswith("https://") else "session"


def get_parts(request: Request[Any, Any, Any]) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def get_session(request: Request[Any, Any, Any]) -> AsyncGenerator[Session, None]:
    """One request, one transaction: committed before the answer is sent, rolled back when the handler raises."""
    parts = get_parts(request)
    opened = parts.database.read() if request.method in SAFE_METHODS else parts.database.write()
    async with opened as session:
        yield session


def get_now(request: Request[Any, Any, Any]) -> datetime:
    return get_parts(request).now()


async def admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """A guard, which comes before the body is read and before a transaction is opened: asking in vain costs us little.

    Here stands everything around the body that can be refused: who asks, and what the headers and the paging say. Litestar
    resolves dependencies side by side, and one that raised would leave the session of another one open.
    """
    taken = handler.parsed_fn_signature.parameters.keys()
    if taken & {*SIGNED_IN, "actor"} and await actor_of(connection) is None and taken & SIGNED_IN:
        raise Unauthenticated("sign in first")
    headers, state = connection.headers, connection.state
    if "paging" in taken:
        state.paging = paging_of(connection.url.path, list(connection.query_params.multi_items()))
    if "once" in taken:
        state.key = key_of(headers.get(KEY, ""))
    if taken & {"known", "revision"}:
        if_match = headers.get("if-match")
        if if_match is None and "revision" in taken:
            raise PreconditionRequired("say in If-Match which state you edit: the ETag of what you read")
        state.known = None if if_match is None else revision_of(if_match)


async def actor_of(connection: Connection) -> Actor | None:
    """Who asks, by session cookie or API token, with the roles of this moment; ``None`` for somebody without an account.

    Read once for a request, in a transaction of its own, so that no handler holds one open for it. A token that is not good
    is refused; a cookie that is not good any more is somebody who signed out.
    """
    if ACTOR_KEY not in connection.state:
        connection.state[ACTOR_KEY] = await _read_actor(connection)
    actor: Actor | None = connection.state[ACTOR_KEY]
    return actor


async def _read_actor(connection: Connection) -> Actor | None:
    parts: Parts = connection.app.state.parts
    now = parts.now()
    header = connection.headers.get("authorization")
    cookie = connection.cookies.get(cookie_name(parts.settings.base_url), "")
    if header is None and not cookie:
        return None
    async with parts.database.read() as session:
        if header is None:
            found = await people.actor_of_session(session, cookie, now)
        else:
            found = await people.actor_of_token(session, _bearer(header), now)
    if found is None:
        if header is None:
            return None
        raise Unauthenticated("this API token is not known, was revoked, or has run out")
    actor, note = found
    if actor.token_id:
        _check_scope(connection, actor)
    if note:
        connection.state.used_by = actor
    return actor


async def get_actor(request: Request[Any, Any, Any]) -> Actor | None:
    return await actor_of(request)


async def note_use(request: Request[Any, Any, Any]) -> None:
    """After the answer was sent: that this session or token was used. Not before, because the handler's transaction may be
    the one that writes."""
    actor = request.state.get("used_by")
    if actor is not None:
        parts = get_parts(request)
        async with parts.database.write() as session:
            await people.note_use(session, actor, parts.now())


def _bearer(header: str) -> str:
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.startswith(TOKEN_PREFIX):
        raise Unauthenticated("send an API token as: Authorization: Bearer ecr_…")
    return secret


def _check_scope(connection: Connection, actor: Actor) -> None:
    scope = connection.route_handler.opt.get(SCOPE_KEY)
    if scope is None:
        raise Unauthenticated("this address is for people who signed in, not for API tokens")
    require_scope(actor, Scope(scope))


async def get_act(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor | None], now: NamedDependency[datetime]
) -> Act:
    """An act of somebody who has an account; anybody else is asked to sign in."""
    if actor is None:
        raise Unauthenticated("sign in first")
    return Act(actor, now, get_parts(request).ids)


def get_peer(request: Request[Any, Any, Any]) -> str:
    return peer_of(request.scope, get_parts(request).settings.trusted_proxies)


def get_paging(request: Request[Any, Any, Any]) -> Paging:
    paging: Paging = request.state.paging
    return paging


def get_once(request: Request[Any, Any, Any], act: NamedDependency[Act]) -> Once:
    return Once(request, act, request.state.key)


def get_known(request: Request[Any, Any, Any]) -> int | None:
    """The revision that the caller has read, if they say so in ``If-Match``."""
    known: int | None = request.state.known
    return known


def get_revision(request: Request[Any, Any, Any]) -> int:
    """The same where an edit cannot be made without it."""
    revision: int = request.state.known
    return revision


DEPENDENCIES = {
    "parts": Provide(get_parts, sync_to_thread=False),
    "session": Provide(get_session),
    "now": Provide(get_now, sync_to_thread=False),
    "actor": Provide(get_actor),
    "act": Provide(get_act),
    "peer": Provide(get_peer, sync_to_thread=False),
    "paging": Provide(get_paging, sync_to_thread=False),
    "once": Provide(get_once, sync_to_thread=False),
    "known": Provide(get_known, sync_to_thread=False),
    "revision": Provide(get_revision, sync_to_thread=False),
}
