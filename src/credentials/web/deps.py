"""What handlers are given: the parts, a session, the time, and who asks."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide

from credentials.db import Session
from credentials.errors import Unauthenticated
from credentials.people import service as people
from credentials.people.model import TOKEN_PREFIX, Act, Actor, Scope
from credentials.people.rules import require_scope
from credentials.web.middleware import SAFE_METHODS, peer_of
from credentials.web.parts import Parts

SCOPE_KEY = "scope"
"""The handler option that names the scope an API token needs. Without it a token cannot be used at all."""


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


async def get_actor(request: Request[Any, Any, Any]) -> Actor | None:
    """Who asks, by session cookie or API token, with the roles of this moment; ``None`` for somebody without an account.

    Read in a transaction of its own, so that no handler holds one open for it. A token that is not good is refused; a
    cookie that is not good any more is somebody who signed out.
    """
    parts = get_parts(request)
    now = parts.now()
    header = request.headers.get("authorization")
    cookie = request.cookies.get(cookie_name(parts.settings.base_url), "")
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
        _check_scope(request, actor)
    if note:
        request.state.used_by = actor
    return actor


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


def _check_scope(request: Request[Any, Any, Any], actor: Actor) -> None:
    scope = request.route_handler.opt.get(SCOPE_KEY)
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


DEPENDENCIES = {
    "parts": Provide(get_parts, sync_to_thread=False),
    "session": Provide(get_session),
    "now": Provide(get_now, sync_to_thread=False),
    "actor": Provide(get_actor),
    "act": Provide(get_act),
    "peer": Provide(get_peer, sync_to_thread=False),
}
