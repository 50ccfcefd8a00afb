"""The one door to other machines.

A URL inside a credential was written by somebody else. What is fetched is https on port 443 at a public address that was
checked *and then connected to*, so that a name which changes its address between the two gains nothing; no redirect is
followed, no cookie or compression accepted; bytes, time and number are capped. Every way it can fail has a name.

What was fetched may be used again for as long as its publisher says (``CachedFetch``), and never longer: where a list cannot be
had any more, an old one is not shown in its place.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpcore2
import msgspec

from credentials.errors import Refused, Unavailable

MAX_BYTES = 1 << 20
MAX_SECONDS = 3.0
MAX_URL = 2_048

_HOST = re.compile(r"(?!-)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")


class Trouble(StrEnum):
    """Why nothing was had."""

    SILENT = "silent"
    """No such name, no connection, no answer in time, or one that broke off."""
    UNVOUCHED = "unvouched"
    """TLS: nobody who is believed vouches for the machine."""
    DISTURBED = "disturbed"
    """It does not speak HTTP."""
    STATUS = "status"
    """An answer, and not with the thing."""
    GONE = "gone"
    """410: it was there, and its publisher took it away."""
    ELSEWHERE = "elsewhere"
    """A redirect, which is not followed here."""
    TOO_MUCH = "too-much"
    PACKED = "packed"
    """Compressed, which was not asked for."""


class Unreachable(Unavailable):
    """The other machine did not answer, or not with the thing. Nothing is known, neither good nor bad. ``location`` is where a
    redirect leads, as it was written."""

    code = "unreachable"

    def __init__(self, detail: str, why: Trouble = Trouble.SILENT, *, location: str = "") -> None:
        super().__init__(detail)
        self.why = why
        self.location = location


class Fetched(msgspec.Struct, frozen=True):
    """``media_type`` as the answer names it, without parameters. ``fresh`` is for how many seconds the publisher lets it be
    used again: ``None`` where it says nothing, below zero where it must not be kept. ``tags`` are the names of this version,
    to ask whether there is a newer one."""

    url: str
    media_type: str
    body: bytes
    fresh: float | None = None
    tags: tuple[tuple[str, str], ...] = ()


class Fetch(Protocol):
    async def __call__(self, url: str, *, accept: str) -> Fetched:
        """The body of a 200 answer. Raises ``Refused`` with ``url-not-allowed``, or ``Unreachable``."""


async def fetch_nothing(url: str, *, accept: str) -> Fetched:  # noqa: ARG001 - it is a Fetch
    """A machine without a network."""
    raise Unreachable(f"{url} was not fetched: this check runs without a network")


def check_url(url: str, *, ports: Iterable[int] = (443,)) -> tuple[str, int]:
    """The host and port of a URL that may be fetched. Raises ``Refused`` with ``url-not-allowed``."""
    try:
        parts = urlsplit(url)
        port = 443 if parts.port is None else parts.port
    except ValueError:
        raise Refused("url-not-allowed", "the address cannot be read") from None
    host = parts.hostname or ""
    if len(url) > MAX_URL or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused("url-not-allowed", "the address is too long or has characters that do not belong there")
    if parts.scheme != "https" or not url.startswith("https://"):
        raise Refused("url-not-allowed", "only https addresses are fetched")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise Refused("url-not-allowed", "the address names a user")
    if port not in set(ports):
        raise Refused("url-not-allowed", f"port {port} is not one that is fetched from")
    if parts.netloc != parts.netloc.lower() or not _HOST.fullmatch(host) or len(host) > 253:
        raise Refused(
            "url-not-allowed", "the host must be a domain name in small letters, not a number or a local name"
        )
    return host, port


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet: not private, loopback, link-local, multicast or a way around that."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed in _NAT64 or parsed in _NAT64_LOCAL or parsed.sixtofour or parsed.teredo:
            return False
        if parsed.ipv4_mapped:
            return is_public(str(parsed.ipv4_mapped))
    return parsed.is_global and not parsed.is_multicast


Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as numbers. Raises ``OSError`` for a name that is not known."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """What the operating system says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to an address that was checked, by number; the name is still what TLS must prove."""

    def __init__(self, resolve: Resolve, network: httpcore2.AsyncNetworkBackend) -> None:
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """To the first address that was looked up. A name that is inside at a second look has been made to change: what it
        serves now is not wanted either."""
        addresses = await self._resolve(host, port)
        again = await self._resolve(host, port)
        if not addresses or not all(is_public(address) for address in (*addresses, *again)):
            raise Refused("url-not-allowed", "the host is not at a public address")
        return await self._network.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore2.AsyncNetworkStream:
        raise Refused("url-not-allowed", "only https addresses are fetched")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Door(Protocol):
    """A ``Fetch`` that can be asked whether there is a newer version than the one that is ``known``."""

    async def __call__(self, url: str, *, accept: str, known: Fetched | None = None) -> Fetched: ...


class HttpsFetch:
    """A ``Fetch`` over the network. One connection for each request: nothing of one fetch is there for the next.

    ``tls`` says whose certificates are believed, ``resolve`` where a name is, ``network`` how a connection is made to a
    number; left out, they are those of the operating system. ``ports`` are those that a deployment lets be asked.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = look_up,
        network: httpcore2.AsyncNetworkBackend | None = None,
        seconds: float = MAX_SECONDS,
        ports: Iterable[int] = (443,),
    ) -> None:
        self._headers = [("User-Agent", user_agent), ("Accept-Encoding", "identity")]
        self._tls = tls or ssl.create_default_context()
        self._backend = _CheckedBackend(resolve, network or httpcore2.AnyIOBackend())
        self._seconds = seconds
        self._ports = frozenset(ports)

    async def __call__(self, url: str, *, accept: str, known: Fetched | None = None) -> Fetched:
        host, port = check_url(url, ports=self._ports)
        named = host if port == 443 else f"{host}:{port}"
        headers = [("Host", named), *self._headers, ("Accept", accept), *(known.tags if known else ())]
        try:
            async with asyncio.timeout(self._seconds):
                async with (
                    httpcore2.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._backend) as pool,
                    pool.stream("GET", url, headers=headers) as response,
                ):
                    return await _read(url, response, known)
        except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
            raise _silent(url, error, Trouble.DISTURBED) from error
        except (TimeoutError, OSError, httpcore2.NetworkError, httpcore2.TimeoutException) as error:
            raise _silent(url, error, Trouble.UNVOUCHED if _is_of_tls(error) else Trouble.SILENT) from error


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether a certificate is at the bottom of it: the libraries between raise errors of their own."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _silent(url: str, error: Exception, why: Trouble) -> Unreachable:
    return Unreachable(f"{url} did not answer: {type(error).__name__}", why)


_VERSION = {b"etag": "If-None-Match", b"last-modified": "If-Modified-Since"}
_MAX_TAG = 512


async def _read(url: str, response: httpcore2.Response, known: Fetched | None) -> Fetched:
    headers = {name.lower(): value for name, value in response.headers}
    if known is not None and response.status == 304:
        return msgspec.structs.replace(known, fresh=_fresh(headers))
    if response.status != 200:
        why = Trouble.GONE if response.status == 410 else Trouble.STATUS
        location = headers.get(b"location", b"").decode("latin-1")[: MAX_URL + 1]
        if 300 <= response.status < 400 and location:
            why = Trouble.ELSEWHERE
        raise Unreachable(f"{url} answered {response.status}", why, location=location)
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise Unreachable(f"{url} answered compressed, which was not asked for", Trouble.PACKED)
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise Unreachable(f"{url} answered with more than {MAX_BYTES >> 20} MiB", Trouble.TOO_MUCH)
    media_type = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    tags = tuple(
        (ask, headers[name].decode("latin-1"))
        for name, ask in _VERSION.items()
        if name in headers and len(headers[name]) <= _MAX_TAG
    )
    return Fetched(url, media_type, bytes(body), _fresh(headers), tags)


def _fresh(headers: Mapping[bytes, bytes]) -> float | None:
    """For how many more seconds an answer may be used (RFC 9111, sections 4.2 and 5.2.2). ``private`` counts as ``no-store``:
    this cache is everybody's."""
    control = headers.get(b"cache-control", b"").decode("latin-1").lower()
    said = dict(part.strip().partition("=")[::2] for part in control.split(","))
    if not said.keys().isdisjoint({"no-store", "private"}) or headers.get(b"vary", b"").strip() == b"*":
        return -1
    if "no-cache" in said:
        return 0
    for name in ("s-maxage", "max-age"):
        if name in said:
            return max(_seconds(said[name]) - _seconds(headers.get(b"age", b"0").decode("latin-1")), 0)
    if b"expires" in headers:
        try:
            until, sent = (parsedate_to_datetime(headers[name].decode("latin-1")) for name in (b"expires", b"date"))
            return max((until - sent).total_seconds(), 0)
        except (KeyError, ValueError, TypeError, OverflowError):
            return 0  # a date that cannot be read has passed
    return None


def _seconds(text: str) -> float:
    found = re.fullmatch(r"\"?([0-9]{1,9})\"?", text)
    return float(found[1]) if found else 0.0


MAX_FRESH = 300.0
"""Seconds: however long a publisher lets its list be used, a revocation is seen within five minutes."""

UNSAID_FRESH = 60.0
"""Seconds, where the publisher says nothing: our own lists are published within a minute, too."""

MAX_KEPT = 512
MAX_KEPT_BYTES = 32 << 20
"""Of all that is kept: two thousand lists of 16 KB, or thirty-two of the largest answers."""


class CachedFetch:
    """A ``Fetch`` that asks again only when what it has is no longer fresh, and then whether there is a newer version.

    ``life`` says what the thing itself allows, in seconds, beside the answer's headers (a status list has a ``ttl``): the
    shorter one counts. Several that ask for one thing at a time share one request. Failures are not kept.
    """

    def __init__(
        self,
        door: Door,
        *,
        life: Callable[[Fetched], float | None] = lambda _: None,
        elapsed: Callable[[], float] = lambda: asyncio.get_running_loop().time(),
    ) -> None:
        self._door = door
        self._life = life
        self._elapsed = elapsed
        self._kept: OrderedDict[tuple[str, str], tuple[float, Fetched]] = OrderedDict()
        self._bytes = 0
        self._asked: dict[tuple[str, str], asyncio.Task[Fetched]] = {}

    async def __call__(self, url: str, *, accept: str) -> Fetched:
        key = (url, accept)
        until, known = self._kept.get(key, (0.0, None))
        if known is not None and self._elapsed() < until:
            self._kept.move_to_end(key)
            return known
        if key not in self._asked:
            task = asyncio.create_task(self._ask(key, known))
            task.add_done_callback(lambda done: self._answered(key, done))
            self._asked[key] = task
        return await asyncio.shield(self._asked[key])  # whoever goes away does not take the answer from the others

    def _answered(self, key: tuple[str, str], done: "asyncio.Task[Fetched]") -> None:
        self._asked.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, though nobody may have waited for it

    async def _ask(self, key: tuple[str, str], known: Fetched | None) -> Fetched:
        began = self._elapsed()
        url, accept = key
        try:
            found = await self._door(url, accept=accept, known=known if known is not None and known.tags else None)
        except Exception:
            self._forget(key)
            raise
        self._forget(key)
        fresh = self._allowed(found)
        if fresh > 0 or (fresh == 0 and found.tags):
            self._keep(key, began + fresh, found)
        return found

    def _allowed(self, found: Fetched) -> float:
        said = [seconds for seconds in (found.fresh, self._life(found)) if seconds is not None]
        return min(*said, MAX_FRESH) if said else UNSAID_FRESH

    def _keep(self, key: tuple[str, str], until: float, found: Fetched) -> None:
        self._kept[key] = (until, found)
        self._bytes += len(found.body)
        while len(self._kept) > MAX_KEPT or self._bytes > MAX_KEPT_BYTES:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._bytes -= len(oldest.body)

    def _forget(self, key: tuple[str, str]) -> None:
        if key in self._kept:
            self._bytes -= len(self._kept.pop(key)[1].body)
