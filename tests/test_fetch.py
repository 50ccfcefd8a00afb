"""The one door to other machines: what is never asked, and what is not believed of what was answered."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from local_tls import Authority
from sentences import refusal, sentences

from credentials.errors import Refused
from credentials.fetch import (
    MAX_BYTES,
    MAX_KEPT,
    MAX_KEPT_BYTES,
    MAX_URL,
    CachedFetch,
    Fetched,
    HttpsFetch,
    Trouble,
    Unreachable,
    check_url,
    fetch_nothing,
    is_public,
    look_up,
)

HOST = "issuer.example"
PUBLIC = "93.184.216.34"


# Which addresses are asked


@sentences(
    ("url", "expected"),
    {
        "a document": ("https://issuer.example/credentials/1", (HOST, 443)),
        "one with the port written out": ("https://issuer.example:443/", (HOST, 443)),
        "one with a query and a fragment": ("https://issuer.example/a?b=c&d=%2F#e", (HOST, 443)),
        "one of a name in another alphabet, as it is encoded": (
            "https://xn--bcher-kva.example/",
            ("xn--bcher-kva.example", 443),
        ),
        "one of as many characters as there may be": (
            "https://issuer.example/" + "a" * (MAX_URL - 23),
            (HOST, 443),
        ),
    },
)
def test_an_address_that_is_fetched(url: str, expected: tuple[str, int]) -> None:
    assert check_url(url) == expected


@sentences(
    "url",
    {
        "plain http": "http://issuer.example/",
        "no scheme": "//issuer.example/",
        "a scheme in capitals": "HTTPS://issuer.example/",
        "a file": "file:///etc/passwd",
        "a path alone": "/etc/passwd",
        "nothing": "",
        "a scheme without slashes": "https:issuer.example",
        "no host": "https:///path",
        "a host in capitals": "https://Issuer.example/",
        "a name without a dot": "https://localhost/",
        "a name that ends with a dot": "https://issuer.example./",
        "a name that begins with a hyphen": "https://-issuer.example/",
        "a label of 64 letters": f"https://{'a' * 64}.example/",
        "a name of 254 letters": f"https://{'a.' * 124}example/",
        "a number": "https://2130706433/",
        "a number in parts": "https://127.0.0.1/",
        "a number in octal": "https://0177.0.0.1/",
        "a number whose last part has letters": "https://0x7f.0.0.0x1/",
        "a number of version 6": "https://[::1]/",
        "half a number of version 6": "https://[::1/",
        "another port": "https://issuer.example:8443/",
        "a port that is none": "https://issuer.example:99999/",
        "a port of letters": "https://issuer.example:https/",
        "port zero": "https://issuer.example:0/",
        "a user": "https://user@issuer.example/",
        "an empty user": "https://@issuer.example/",
        "a user that looks like a host": "https://issuer.example@attacker.example/",
        "a backslash": "https://issuer.example\\@attacker.example/",
        "a space before": " https://issuer.example/",
        "a space within": "https://issuer.example/a b",
        "a line end": "https://issuer.example/\r\nHost: x",
        "a tab in the scheme": "ht\ttps://issuer.example/",
        "a nul": "https://issuer.example/\0",
        "a name that only looks like one": "https://ⓘssuer.example/",
        "a full stop of another alphabet": "https://issuer。example/",
        "a character more than there may be": "https://issuer.example/" + "a" * (MAX_URL - 22),
    },
)
def test_an_address_that_is_not_fetched(url: str) -> None:
    assert refusal(check_url, url) == ("url-not-allowed", "")


def test_an_address_of_another_port_is_fetched_where_that_port_is_allowed() -> None:
    assert check_url("https://issuer.example:8443/", ports=(443, 8443)) == (HOST, 8443)


def test_of_the_shared_addresses_only_the_good_ones_and_those_of_misbehaving_servers_are_asked(shared: Path) -> None:
    """Where a server misbehaves, or a name leads inside, the address alone does not tell: the connection does (below)."""
    lines = (shared / "security" / "samples" / "url" / "url_inputs.tsv").read_text().splitlines()[1:]
    assert len(lines) == 58
    for line in lines:
        url, expected = line.split("\t")
        refused = refusal(check_url, url) is not None
        by_name_only = "attacker.example/" in url and "@" not in url
        inside_by_name = url in ("https://metadata.google.internal/", "https://127.0.0.1.nip.io/")
        assert refused is (expected != "accept" and not by_name_only and not inside_by_name), url


@sentences(
    ("address", "public"),
    {
        "of the open internet": (PUBLIC, True),
        "of the open internet, version 6": ("2606:2800:220:1:248:1893:25c8:1946", True),
        "of this machine": ("127.0.0.1", False),
        "of this machine, another one": ("127.255.255.254", False),
        "of this machine, version 6": ("::1", False),
        "of any machine": ("0.0.0.0", False),
        "of any machine, version 6": ("::", False),
        "of a private network, ten": ("10.0.0.1", False),
        "of a private network, 172": ("172.31.255.255", False),
        "of a private network, 192": ("192.168.1.1", False),
        "of a private network, version 6": ("fd00::1", False),
        "of a carrier's network": ("100.64.0.1", False),
        "of the link, where clouds keep their secrets": ("169.254.169.254", False),
        "of the link, version 6 with a zone": ("fe80::1%eth0", False),
        "of a test of speed": ("198.18.0.1", False),
        "of documentation": ("192.0.2.1", False),
        "of documentation, version 6": ("2001:db8::1", False),
        "of many machines": ("224.0.0.1", False),
        "of many machines, version 6": ("ff0e::1", False),
        "of everybody": ("255.255.255.255", False),
        "of version 4 in version 6, public": ("::ffff:93.184.216.34", True),
        "of version 4 in version 6, private": ("::ffff:10.0.0.1", False),
        "of version 4 behind a translator": ("64:ff9b::5db8:d822", False),
        "of version 4 behind a translator of one's own": ("64:ff9b:1::7f00:1", False),
        "of version 4 in a tunnel": ("2002:7f00:1::", False),
        "of version 4 in a tunnel of another kind": ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    },
)
def test_an_address_is_of_the_open_internet_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public


# What is fetched, from a real server on this machine that plays one of the open internet

Play = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Network(httpcore2.AnyIOBackend):
    """Leads every connection to the server of the test, and keeps which address was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.asked: list[tuple[str, int]] = []

    async def connect_tcp(self, host: str, port: int, *rest: Any) -> httpcore2.AsyncNetworkStream:
        self.asked.append((host, port))
        return await super().connect_tcp("127.0.0.1", self.port, *rest)


class Server:
    """Answers every request by ``play``; ``requests`` is what was sent to it."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.requests: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            await self.play(writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def answers(*lines: str, body: bytes = b"") -> Play:
    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join((*lines, "Connection: close", "", "")).encode() + body)

    return play


async def is_silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def dawdles(writer: asyncio.StreamWriter) -> None:
    """An octet now and then, for ever: no pause is long, the whole is."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"{")
        await writer.drain()
        await asyncio.sleep(0.05)


async def never_ends(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(bytes(1 << 16))
        await writer.drain()


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


GOOD = answers("HTTP/1.1 200 OK", "Content-Type: Application/JSON; charset=utf-8", body=b'{"a": 1}')


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def patience(play: Play) -> float:
    """Short only with those who would use up all of it: a busy machine is no reason to fail."""
    return 2 if play in (is_silent, dawdles) else 30


class World:
    def __init__(self, server: Server, network: Network, authority: Authority) -> None:
        self.server = server
        self.network = network
        self.authority = authority

    async def fetch(
        self, *addresses: str, tls: ssl.SSLContext | None = None, seconds: float = 30, **options: Any
    ) -> Fetched:
        async def resolve(host: str, port: int) -> Sequence[str]:
            assert (host, port) == (HOST, 443)
            return addresses or (PUBLIC,)

        fetch = HttpsFetch(
            "tests/1",
            tls=tls or self.authority.client,
            network=self.network,
            resolve=resolve,
            seconds=seconds,
            **options,
        )
        return await fetch(f"https://{HOST}/status/1?a=b", accept="application/vc")


@pytest.fixture
async def world(authority: Authority) -> AsyncIterator[World]:
    server = Server(GOOD)
    listening = await asyncio.start_server(server, "127.0.0.1", 0, ssl=authority.server(HOST))
    yield World(server, Network(listening.sockets[0].getsockname()[1]), authority)
    listening.close()


async def test_a_document_is_fetched_from_the_very_address_that_was_checked(world: World) -> None:
    assert await world.fetch() == Fetched(f"https://{HOST}/status/1?a=b", "application/json", b'{"a": 1}')
    assert world.network.asked == [(PUBLIC, 443)]


async def test_the_request_says_who_asks_for_what_and_nothing_else(world: World) -> None:
    await world.fetch()
    (request,) = world.server.requests
    assert request.decode().split("\r\n")[:-2] == [
        "GET /status/1?a=b HTTP/1.1",
        "Host: issuer.example",
        "User-Agent: tests/1",
        "Accept-Encoding: identity",
        "Accept: application/vc",
    ]


@sentences(
    "addresses",
    {
        "this machine": ("127.0.0.1",),
        "a private network": ("10.1.2.3",),
        "the link": ("169.254.169.254",),
        "this machine in version 6": ("::1",),
        "an open and a private one": (PUBLIC, "192.168.0.1"),
    },
)
async def test_a_name_that_leads_inside_is_refused_before_any_connection(
    world: World, addresses: tuple[str, ...]
) -> None:
    with pytest.raises(Refused) as refused:
        await world.fetch(*addresses)
    assert refused.value.code == "url-not-allowed"
    assert (world.network.asked, world.server.requests) == ([], [])


@sentences(
    ("play", "says"),
    {
        "leads elsewhere": (answers("HTTP/1.1 302 Found", "Location: https://127.0.0.1/"), "answered 302"),
        "leads elsewhere for good": (
            answers("HTTP/1.1 301 Moved", "Location: https://issuer.example/"),
            "answered 301",
        ),
        "has no such thing": (answers("HTTP/1.1 404 Not Found"), "answered 404"),
        "fails": (answers("HTTP/1.1 500 Oops", body=b'{"a": 1}'), "answered 500"),
        "answers nothing": (answers("HTTP/1.1 204 No Content"), "answered 204"),
        "answers compressed": (answers("HTTP/1.1 200 OK", "Content-Encoding: gzip", body=b"\x1f\x8b"), "compressed"),
        "answers too much": (
            answers("HTTP/1.1 200 OK", f"Content-Length: {MAX_BYTES + 1}", body=bytes(MAX_BYTES + 1)),
            "more than 1 MiB",
        ),
        "never ends": (never_ends, "more than 1 MiB"),
        "is silent": (is_silent, "did not answer"),
        "dawdles": (dawdles, "did not answer"),
        "hangs up": (hangs_up, "did not answer"),
        "speaks another language": (answers("SSH-2.0-OpenSSH"), "did not answer"),
        "has too many headers": (
            answers("HTTP/1.1 200 OK", *(f"X-{number}: {'a' * 1000}" for number in range(200))),
            "did not answer",
        ),
    },
)
async def test_a_server_that(world: World, play: Play, says: str) -> None:
    world.server.play = play
    with pytest.raises(Unreachable, match=says):
        await world.fetch(seconds=patience(play))
    assert len(world.server.requests) == 1


async def test_an_answer_of_exactly_the_limit_and_without_a_type_is_taken(world: World) -> None:
    world.server.play = answers("HTTP/1.1 200 OK", body=bytes(MAX_BYTES))
    found = await world.fetch()
    assert (found.media_type, len(found.body)) == ("", MAX_BYTES)


async def test_a_server_for_which_nobody_vouches_is_not_asked(world: World) -> None:
    with pytest.raises(Unreachable):
        await world.fetch(tls=ssl.create_default_context())
    assert world.server.requests == []


async def test_a_server_that_proves_another_name_is_not_asked(authority: Authority) -> None:
    server = Server(GOOD)
    listening = await asyncio.start_server(server, "127.0.0.1", 0, ssl=authority.server("attacker.example"))
    with pytest.raises(Unreachable):
        await World(server, Network(listening.sockets[0].getsockname()[1]), authority).fetch()
    assert server.requests == []
    listening.close()


async def test_a_machine_that_is_not_there_or_a_name_that_nobody_knows_is_not_reached(authority: Authority) -> None:
    async def nobody_knows(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    async def knows(host: str, port: int) -> Sequence[str]:
        return [PUBLIC]

    with pytest.raises(Unreachable):
        await HttpsFetch("tests/1", resolve=nobody_knows)(f"https://{HOST}/", accept="*/*")
    with pytest.raises(Unreachable):  # nothing listens at port 1
        await HttpsFetch("tests/1", resolve=knows, network=Network(1))(f"https://{HOST}/", accept="*/*")


async def test_by_default_the_operating_system_is_asked_and_a_local_server_is_refused(world: World) -> None:
    assert set(await look_up("localhost", 443)) <= {"127.0.0.1", "::1"}

    async def as_localhost(_host: str, port: int) -> Sequence[str]:
        return await look_up("localhost", port)

    with pytest.raises(Refused, match="not at a public address"):
        await HttpsFetch("tests/1", tls=world.authority.client, resolve=as_localhost)(f"https://{HOST}/", accept="*/*")
    assert world.server.requests == []


async def test_an_address_that_may_not_be_fetched_is_not_even_looked_up() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        pytest.fail("looked up")

    with pytest.raises(Refused):
        await HttpsFetch("tests/1", resolve=resolve)("https://127.0.0.1/", accept="*/*")


async def test_a_socket_in_the_file_system_is_no_other_machine(world: World) -> None:
    backend = HttpsFetch("tests/1", network=world.network)._backend
    with pytest.raises(Refused):
        await backend.connect_unix_socket("/var/run/docker.sock")
    await backend.sleep(0)


async def test_a_machine_without_a_network_says_so() -> None:
    with pytest.raises(Unreachable, match="without a network"):
        await fetch_nothing("https://issuer.example/", accept="*/*")


async def test_a_name_that_leads_inside_at_a_second_look_is_refused_before_any_connection(world: World) -> None:
    answers_of_the_name = iter([(PUBLIC,), ("127.0.0.1",)])

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return next(answers_of_the_name)

    fetch = HttpsFetch("tests/1", tls=world.authority.client, network=world.network, resolve=resolve)
    with pytest.raises(Refused) as refused:
        await fetch(f"https://{HOST}/", accept="*/*")
    assert refused.value.code == "url-not-allowed"
    assert world.network.asked == []


@sentences(
    ("play", "why", "location"),
    {
        "leads elsewhere": (answers("HTTP/1.1 302 Found", "Location: /other"), Trouble.ELSEWHERE, "/other"),
        "says that it is elsewhere, and not where": (answers("HTTP/1.1 302 Found"), Trouble.STATUS, ""),
        "says that it is gone": (answers("HTTP/1.1 410 Gone"), Trouble.GONE, ""),
        "fails": (answers("HTTP/1.1 500 Oops"), Trouble.STATUS, ""),
        "was never asked for a newer version, and says that there is none": (
            answers("HTTP/1.1 304 Not Modified"),
            Trouble.STATUS,
            "",
        ),
        "answers compressed": (answers("HTTP/1.1 200 OK", "Content-Encoding: br"), Trouble.PACKED, ""),
        "never ends": (never_ends, Trouble.TOO_MUCH, ""),
        "is silent": (is_silent, Trouble.SILENT, ""),
        "speaks another language": (answers("SSH-2.0-OpenSSH"), Trouble.DISTURBED, ""),
    },
)
async def test_the_trouble_has_a_name_with_a_server_that(world: World, play: Play, why: Trouble, location: str) -> None:
    world.server.play = play
    with pytest.raises(Unreachable) as trouble:
        await world.fetch(seconds=patience(play))
    assert (trouble.value.why, trouble.value.location) == (why, location)


async def test_the_trouble_with_a_server_for_which_nobody_vouches_has_a_name_of_its_own(world: World) -> None:
    with pytest.raises(Unreachable) as trouble:
        await world.fetch(tls=ssl.create_default_context())
    assert trouble.value.why is Trouble.UNVOUCHED


async def test_another_port_is_asked_only_where_the_deployment_allows_it(world: World) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return (PUBLIC,)

    def door(**options: Any) -> HttpsFetch:
        return HttpsFetch(
            "tests/1", tls=world.authority.client, network=world.network, resolve=resolve, seconds=30, **options
        )

    with pytest.raises(Refused):
        await door()(f"https://{HOST}:8443/", accept="*/*")
    await door(ports=(443, 8443))(f"https://{HOST}:8443/", accept="*/*")
    assert world.network.asked == [(PUBLIC, 8443)]
    assert b"Host: issuer.example:8443\r\n" in world.server.requests[0]


# What is used again


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def cached(world: World, clock: Clock, **options: Any) -> CachedFetch:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return (PUBLIC,)

    door = HttpsFetch("tests/1", tls=world.authority.client, network=world.network, resolve=resolve, seconds=30)
    return CachedFetch(door, elapsed=clock, **options)


def ok(*headers: str, body: bytes = b"[]") -> Play:
    return answers("HTTP/1.1 200 OK", *headers, body=body)


@sentences(
    ("headers", "life", "seconds"),
    {
        "says how long": (("Cache-Control: public, max-age=40",), None, 40),
        "says how long, and how old it is": (("Cache-Control: max-age=40", "Age: 30"), None, 10),
        "says how long for those who share": (("Cache-Control: max-age=5, s-maxage=40",), None, 40),
        "says until when": (
            ("Date: Sat, 28 Nov 2026 10:00:00 GMT", "Expires: Sat, 28 Nov 2026 10:00:40 GMT"),
            None,
            40,
        ),
        "says longer than the list itself": (("Cache-Control: max-age=200",), 40.0, 40),
        "says shorter than the list itself": (("Cache-Control: max-age=40",), 200.0, 40),
        "leaves it to the list": ((), 40.0, 40),
        "says nothing": ((), None, 60),
        "says a year": (("Cache-Control: max-age=31536000",), None, 300),
        "says never": (("Cache-Control: no-store, max-age=40",), None, 0),
        "says that it is for one alone": (("Cache-Control: private, max-age=40",), None, 0),
        "says to ask each time": (("Cache-Control: no-cache",), None, 0),
        "says a date that is none": (("Expires: 0", "Date: Sat, 28 Nov 2026 10:00:00 GMT"), None, 0),
        "says what is no number": (("Cache-Control: max-age=soon",), None, 0),
    },
)
async def test_an_answer_is_used_again_as_long_as_its_publisher_allows_where_it(
    world: World, headers: tuple[str, ...], life: float | None, seconds: int
) -> None:
    clock = Clock()
    fetch = cached(world, clock, life=lambda _: life)
    world.server.play = ok(*headers)
    await fetch(f"https://{HOST}/", accept="*/*")
    clock.seconds += seconds - 1
    await fetch(f"https://{HOST}/", accept="*/*")
    assert len(world.server.requests) == (1 if seconds else 2)
    clock.seconds += 2
    await fetch(f"https://{HOST}/", accept="*/*")
    assert len(world.server.requests) == (2 if seconds else 3)


async def test_what_is_no_longer_fresh_is_asked_for_by_the_name_of_its_version(world: World) -> None:
    clock = Clock()
    fetch = cached(world, clock)
    world.server.play = ok('ETag: "v1"', "Cache-Control: max-age=10", body=b"[1]")
    first = await fetch(f"https://{HOST}/", accept="*/*")
    clock.seconds += 11
    world.server.play = answers("HTTP/1.1 304 Not Modified", "Cache-Control: max-age=30")
    assert (await fetch(f"https://{HOST}/", accept="*/*")).body == first.body
    assert b'If-None-Match: "v1"\r\n' in world.server.requests[1]
    clock.seconds += 29
    await fetch(f"https://{HOST}/", accept="*/*")
    assert len(world.server.requests) == 2
    clock.seconds += 2
    world.server.play = ok('ETag: "v2"', body=b"[2]")
    assert (await fetch(f"https://{HOST}/", accept="*/*")).body == b"[2]"


async def test_an_old_answer_is_never_shown_in_the_place_of_one_that_cannot_be_had(world: World) -> None:
    clock = Clock()
    fetch = cached(world, clock)
    world.server.play = ok('ETag: "v1"', "Cache-Control: max-age=10")
    await fetch(f"https://{HOST}/", accept="*/*")
    clock.seconds += 11
    world.server.play = answers("HTTP/1.1 503 Busy")
    for _ in range(2):
        with pytest.raises(Unreachable):
            await fetch(f"https://{HOST}/", accept="*/*")
    assert len(world.server.requests) == 3


async def test_those_who_ask_at_a_time_share_one_request_and_one_who_leaves_does_not_take_it_along(
    world: World,
) -> None:
    fetch = cached(world, Clock())
    asking = [asyncio.create_task(fetch(f"https://{HOST}/", accept="*/*")) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(isinstance(one, Fetched) for one in found[1:])
    assert len(world.server.requests) == 1


async def test_what_is_kept_is_bounded_in_number_and_in_bytes(world: World) -> None:
    asked: list[str] = []

    async def door(url: str, *, accept: str, known: Fetched | None = None) -> Fetched:
        asked.append(url)
        return Fetched(url, "", b"x" * size)

    fetch = CachedFetch(door, elapsed=Clock())
    size = 1
    for number in range(MAX_KEPT + 1):
        await fetch(f"https://{HOST}/{number}", accept="*/*")
    await fetch(f"https://{HOST}/{MAX_KEPT}", accept="*/*")
    assert len(asked) == MAX_KEPT + 1
    await fetch(f"https://{HOST}/0", accept="*/*")
    assert len(asked) == MAX_KEPT + 2
    size = MAX_KEPT_BYTES // 2 + 1
    for name in ("large", "larger", "large"):
        await fetch(f"https://{HOST}/{name}", accept="*/*")
    assert len(asked) == MAX_KEPT + 5
