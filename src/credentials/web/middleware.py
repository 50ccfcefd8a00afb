"""What every answer has, and what no request gets past."""

import logging
import re
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from credentials.errors import Forbidden
from credentials.ids import Ids

access = logging.getLogger("credentials.access")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
}

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class Headings(ASGIMiddleware):
    """A number for the request, the security headers, and one line in the access log that names no person."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, ids: Ids, *, https: bool) -> None:
        self._ids = ids
        self._headers = dict(SECURITY_HEADERS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        began = time.perf_counter()
        request_id = self._ids.octets(8).hex()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableScopeHeaders.from_message(message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = request_id
                if "cache-control" not in headers:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            await next_app(scope, receive, send_with_headers)
        finally:
            # The route's template, not the path: a path may hold the secret of a link.
            access.info(
                "request",
                extra={
                    "request_id": request_id,
                    "method": scope.get("method", ""),
                    "route": scope.get("path_template", ""),
                    "status": status,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                },
            )


class SameOrigin(ASGIMiddleware):
    """No other site can make somebody's browser change anything here (cross-site request forgery, also of the sign-in).

    A browser says where a request comes from, in ``Sec-Fetch-Site`` or ``Origin``, and a page cannot change that. What
    changes something must come from our own pages. Another site's form cannot send ``Authorization``, so a request with a
    token passes; so does a program that has neither a cookie nor anything that only browsers send.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, base_url: str) -> None:
        self._origin = base_url

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        method = scope.get("method", "GET")
        if method not in SAFE_METHODS and not self._is_ours(Headers.from_scope(scope)):
            raise Forbidden("this came from another site: open the service's own page and try again there")
        await next_app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        if "authorization" in headers:
            return True
        if (site := headers.get("sec-fetch-site")) is not None:
            return site in {"same-origin", "none"}
        if (origin := headers.get("origin")) is not None:
            return origin == self._origin or urlsplit(origin).netloc == headers.get("host", "").lower()
        return "cookie" not in headers


def peer_of(scope: Scope, trusted_proxies: Iterable[str]) -> str:
    """The network address that a request comes from. ``X-Forwarded-For`` is believed only from the proxies named in the
    settings, and only its last entry that is not itself one of them."""
    client = scope.get("client")
    address = client[0] if client else ""
    proxies = set(trusted_proxies)
    if address not in proxies:
        return address
    forwarded = Headers.from_scope(scope).get("x-forwarded-for", "")
    for entry in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if entry not in proxies:
            return entry
    return address
