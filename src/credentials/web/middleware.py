"""What every answer has, and what no request gets past."""

import ipaddress
import logging
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from credentials.errors import Forbidden, Malformed, NotFound
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


class Headings:
    """A number for the request, the security headers, and one line in the access log that names no person.

    It stands around all of the service: also an address that there is not, and a host that is not ours, are answered so.
    What can be got can also be asked for without its body (HEAD; RFC 9110, section 9.1).
    """

    def __init__(self, ids: Ids, *, https: bool) -> None:
        self._ids = ids
        headers = {**SECURITY_HEADERS, "Cache-Control": "no-store"}
        if https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        began = time.perf_counter()
        request_id = self._ids.octets(8).hex()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500
        method = scope.get("method", "")
        if method == "HEAD":
            scope["method"] = "GET"  # type: ignore[typeddict-unknown-key]  # only HTTP has methods, and HEAD is one

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.body" and method == "HEAD":
                message["body"] = b""
            if message["type"] == "http.response.start":
                status = message["status"]
                if method == "OPTIONS":
                    headers = MutableScopeHeaders.from_message(message)
                    if "allow" in headers:
                        headers["Allow"] = _methods_at(scope)
                said = list(message["headers"])
                named = {name.lower() for name, _ in said}
                said += [header for header in self._headers if header[0] not in named]
                message["headers"] = [*said, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await next_app(scope, receive, send_with_headers)
        finally:
            # The route's template, not the path: a path may hold the secret of a link.
            access.info(
                "request",
                extra={
                    "request_id": request_id,
                    "method": method,
                    "route": scope.get("path_template", ""),
                    "status": status,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                },
            )


def _methods_at(scope: Scope) -> str:
    """Every method of an address, whichever handler takes it: Litestar's own answer knows those of one of them."""
    template = scope["path_template"]
    routes = [route for route in scope["litestar_app"].routes if isinstance(route, HTTPRoute)]
    methods = {str(method) for route in routes if route.path_format == template for method in route.methods}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


class OwnHost(ASGIMiddleware):
    """The service is asked under its own names alone, so that no link or answer is made for another's."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if Headers.from_scope(scope).get("host", "").lower() not in self._names:
            raise Malformed("this service is not known under that name: use the address that it was given out with")
        await next_app(scope, receive, send)


class Writable(ASGIMiddleware):
    """No address of ours has a NUL in it, and a database that is asked for one answers with an error.

    The same for bodies: ``requests.ServiceRequest``.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            raise NotFound("there is nothing at this address")
        await next_app(scope, receive, send)


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
    if address in proxies:
        # A proxy may add a line of its own to one that a client sent: all of them are one list (RFC 9110, section 5.3).
        lines = Headers.from_scope(scope).getall("x-forwarded-for", [])
        named = [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
        address = next((entry for entry in reversed(named) if entry not in proxies), address)
    return _neighbourhood(address)


def _neighbourhood(address: str) -> str:
    """An IPv4 address as it is, of an IPv6 address its /64: one household has as many of those as it likes."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
