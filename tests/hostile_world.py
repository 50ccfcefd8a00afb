"""The world that hostile samples are checked in: their manifest, their network, their registry, their clock.

A folder of samples has a ``manifest.tsv`` and, under ``_fixtures``, ``profile.json`` (whom to trust, what time it is),
``http.json`` (what each address answers) and ``dns.json`` (where each name is). What is fetched goes through the real door;
behind it is a network that plays the other machine instead of connecting to it.
"""

import asyncio
import csv
import json
import ssl
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import msgspec

from credentials.fetch import Fetched, HttpsFetch, is_public
from credentials.proofs.model import JsonObject
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Policy, Turn


class Row(msgspec.Struct, frozen=True):
    """One line of a manifest. ``outcomes`` are the expected one and those accepted besides; ``limit`` is in seconds."""

    corpus: Path
    file: str
    attack: str
    channel: str
    outcomes: frozenset[str]
    limit: float
    allowed_fetch: frozenset[str]

    @property
    def octets(self) -> bytes:
        return (self.corpus / self.file).read_bytes()


def rows(corpus: Path) -> Iterator[Row]:
    """The rows of a folder's manifest, in their order."""
    with (corpus / "manifest.tsv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            allowed = line["allowed_fetch"]
            yield Row(
                corpus=corpus,
                file=line["file"],
                attack=line["attack"],
                channel=line["channel"],
                outcomes=frozenset([line["expected"], *line["also_ok"].split()]),
                limit=int(line["max_ms"]) / 1000,
                allowed_fetch=frozenset() if allowed == "-" else frozenset(allowed.split()),
            )


def urls(row: Row) -> Iterator[tuple[str, str]]:
    """The addresses in the table that a row is, each with what is expected of it."""
    for line in row.octets.decode().splitlines()[1:]:
        url, expected = line.split("\t")
        yield url, expected


class World:
    """A folder's fixtures as ``Sources``: nothing is our own, the registry and the network are the folder's."""

    def __init__(self, corpus: Path) -> None:
        self._folder = corpus / "_fixtures"
        self.fetched: list[str] = []
        """The addresses that a connection was made to."""
        self.resolved: list[str] = []
        """The names that were looked up."""

    @cached_property
    def _profile(self) -> dict[str, Any]:
        return self._read("profile.json")

    @cached_property
    def _names(self) -> dict[str, Any]:
        return self._read("dns.json")

    @cached_property
    def _answers(self) -> dict[str, Any]:
        return self._read("http.json")

    def _read(self, name: str) -> Any:
        return json.loads((self._folder / name).read_bytes())

    @property
    def trusted(self) -> dict[str, str]:
        """The names of those whom the folder's profile trusts, by their ids."""
        found: dict[str, str] = self._profile["trusted_issuers"]
        return found

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self._profile["now"])

    @property
    def policy(self) -> Policy:
        """The rules of the folder's own profile, which knows fewer contexts than a deployment does."""
        return Policy(
            contexts=frozenset(map(tuple, self._profile["allowed_contexts"])),
            skew=timedelta(seconds=self._profile["skew_seconds"]),
            max_fetches=self._profile["fetch_policy"]["max_fetches"],
        )

    async def own_document(self, did: str) -> JsonObject | None:
        return None

    async def own_status_list(self, url: str) -> bytes | None:
        return None

    async def recognised_host(self, host: str) -> bool:
        known = self._profile["trusted_issuers"]
        return any(issuer.startswith((f"https://{host}/", f"did:web:{host}")) for issuer in known)

    async def own_signatures(self, digests: Collection[str]) -> Mapping[str, datetime]:
        return {}

    def at_hand(self, address: str) -> bytes | None:
        return None

    async def own_history(self, url: str, index: int) -> tuple[Turn, ...] | None:
        return None

    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        name = self._profile["trusted_issuers"].get(issuer)
        return TrustedIssuer(id=issuer, name=name) if name else None

    async def fetch(self, url: str, *, accept: str) -> Fetched:
        """Through the real door, over a network that plays the other machine."""
        door = HttpsFetch("tests/1", resolve=self._resolve, network=_Network(self, url), seconds=SECONDS)
        return await door(url, accept=accept)

    async def _resolve(self, host: str, _port: int) -> list[str]:
        """Where a name is; one with several answers gives them one after the other."""
        self.resolved.append(host)
        found = self._names.get(host) or self._names.get(f"*.{host.rpartition('.')[2]}")
        if not found:
            raise OSError(f"{host} is not known")
        if isinstance(found[0], list):
            return found[min(self.resolved.count(host), len(found)) - 1]
        return found

    def answer(self, url: str) -> dict[str, Any]:
        host = urlsplit(url).netloc.removesuffix(":443")
        found = self._answers.get(url.replace(f"{host}:443/", f"{host}/", 1))
        return found or _BY_NAME.get(host.partition(".")[0], {"status": 404, "body": "", "ct": "text/plain"})


SECONDS = 0.2
"""How long the door waits here for a machine that says nothing: three seconds would be much for so many of them."""

_BY_NAME: dict[str, dict[str, Any]] = {
    "slow": {"status": 200, "body": "{}" * 500, "ct": "application/json", "slow_bytes_per_s": 1},
    "endless": {"status": 200, "body": "", "ct": "application/json", "endless": True},
    "bigheader": {"status": 200, "body": "{}", "ct": "a" * 1_000_000},
    "gzipbomb": {"status": 200, "body": "", "ct": "application/json", "gzip_expands_to": 1 << 30},
    "wrongtype": {"status": 200, "body": "<html><title>A page</title></html>", "ct": "text/html"},
    "selfsigned": {"status": 0, "body": "", "ct": "application/json", "tls_error": True},
    "redirect-internal": {"status": 302, "body": "", "ct": "", "location": "http://169.254.169.254/latest/meta-data/"},
    "redirect-loop": {"status": 302, "body": "", "ct": "", "location": "https://redirect-loop.attacker.example/"},
}
"""What a machine without an answer in the fixtures does, by the first part of its name, which says it."""


class _Network(httpcore2.AsyncNetworkBackend):
    def __init__(self, world: World, url: str) -> None:
        self._world, self._url = world, url

    async def connect_tcp(self, host: str, *_rest: Any, **_options: Any) -> httpcore2.AsyncNetworkStream:
        assert is_public(host), host
        self._world.fetched.append(self._url)
        return _Played(self._world.answer(self._url))


class _Played(httpcore2.AsyncNetworkStream):
    """The other machine, as far as one request goes."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer
        self._octets = self._written()
        self._rest = b""

    def _written(self) -> Iterator[bytes]:
        answer = self._answer
        headers = [f"HTTP/1.1 {answer['status']} Played", f"Content-Type: {answer['ct']}", "Connection: close"]
        if "location" in answer:
            headers.append(f"Location: {answer['location']}")
        if answer.get("gzip_expands_to"):
            headers.append("Content-Encoding: gzip")
        yield "\r\n".join((*headers, "", "")).encode()
        body = answer["body"].encode()
        if answer.get("slow_bytes_per_s"):
            yield from (body[place : place + 1] for place in range(len(body)))
        while answer.get("endless"):
            yield bytes(1 << 16)
        yield body

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - the library's
        if self._answer.get("hang"):
            await asyncio.sleep(3_600)
        if self._answer.get("reset"):
            raise httpcore2.ReadError("reset")
        if self._answer.get("slow_bytes_per_s"):
            await asyncio.sleep(0.01)
        if not self._rest:
            self._rest = next(self._octets, b"")
        read, self._rest = self._rest[:max_bytes], self._rest[max_bytes:]
        return read

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the library's
        pass

    async def aclose(self) -> None:
        pass

    async def start_tls(self, *_rest: Any, **_options: Any) -> httpcore2.AsyncNetworkStream:
        if self._answer.get("tls_error"):
            raise httpcore2.ConnectError("nobody vouches") from ssl.SSLCertVerificationError()
        return self

    def get_extra_info(self, info: str) -> Any:
        return None
