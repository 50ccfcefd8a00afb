"""The one door to other machines.

A URL inside a credential was written by somebody else. What is fetched is https on port 443 at a public address that was
checked *and then connected to*, so that a name which changes its address between the two gains nothing; no redirect is
followed, no cookie or compression accepted; bytes, time and number are capped. Every way it can fail has a name.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpcore2
import msgspec

from credentials.errors import Refused, Unavailable

MAX_BYTES = 1 << 20
MAX_SECONDS = 3.0
MAX_URL = 2_048

_HOST = re.compile(r"(?!-)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")


class Unreachable(Unavailable):
    """The other machine did not answer, or not with the thing. Nothing is known, neither good nor bad."""

    code = "unreachable"


class Fetched(msgspec.Struct, frozen=True):
    """``media_type`` as the answer names it, without parameters."""

    url: str
    media_type: str
    body: bytes


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
        addresses = await self._resolve(host, port)
        if not addresses or not all(is_public(address) for address in addresses):
            raise Refused("url-not-allowed", "the host is not at a public address")
        return await self._network.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore2.AsyncNetworkStream:
        raise Refused("url-not-allowed", "only https addresses are fetched")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class HttpsFetch:
    """A ``Fetch`` over the network. One connection for each request: nothing of one fetch is there for the next.

    ``tls`` says whose certificates are believed, ``resolve`` where a name is, ``network`` how a connection is made to a
    number; left out, they are those of the operating system.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = look_up,
        network: httpcore2.AsyncNetworkBackend | None = None,
        seconds: float = MAX_SECONDS,
    ) -> None:
        self._headers = [("User-Agent", user_agent), ("Accept-Encoding", "identity")]
        self._tls = tls or ssl.create_default_context()
        self._backend = _CheckedBackend(resolve, network or httpcore2.AnyIOBackend())
        self._seconds = seconds

    async def __call__(self, url: str, *, accept: str) -> Fetched:
        host, _port = check_url(url)
        headers = [("Host", host), *self._headers, ("Accept", accept)]
        try:
            async with asyncio.timeout(self._seconds):
                async with (
                    httpcore2.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._backend) as pool,
                    pool.stream("GET", url, headers=headers) as response,
                ):
                    return await _read(url, response)
        except (
            TimeoutError,
            OSError,
            httpcore2.NetworkError,
            httpcore2.TimeoutException,
            httpcore2.ProtocolError,
        ) as error:
            raise Unreachable(f"{url} did not answer: {type(error).__name__}") from error


async def _read(url: str, response: httpcore2.Response) -> Fetched:
    if response.status != 200:
        raise Unreachable(f"{url} answered {response.status}")
    headers = {name.lower(): value for name, value in response.headers}
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise Unreachable(f"{url} answered compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise Unreachable(f"{url} answered with more than {MAX_BYTES >> 20} MiB")
    media_type = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    return Fetched(url, media_type, bytes(body))
