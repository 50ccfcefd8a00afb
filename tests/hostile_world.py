"""The world that hostile samples are checked in: their manifest, their network, their registry, their clock.

A folder of samples has a ``manifest.tsv`` and, under ``_fixtures``, ``profile.json`` (whom to trust, what time it is),
``http.json`` (what each address answers) and ``dns.json`` (where each name is). The network here *is* a ``Fetch``: it does
to an address what ``HttpsFetch`` does, and then plays the other machine instead of connecting to it.
"""

import csv
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from credentials.errors import Refused
from credentials.fetch import MAX_BYTES, Fetched, Unreachable, check_url, is_public
from credentials.proofs.model import JsonObject
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Policy, Turn

_NO_ANSWER = ("hang", "reset", "tls_error", "endless", "slow_bytes_per_s", "gzip_expands_to")


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

    async def own_history(self, url: str, index: int) -> tuple[Turn, ...] | None:
        return None

    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        name = self._profile["trusted_issuers"].get(issuer)
        return TrustedIssuer(id=issuer, name=name) if name else None

    async def fetch(self, url: str, *, accept: str) -> Fetched:
        host, _ = check_url(url)
        addresses = self._addresses(host)
        if not addresses:
            raise Unreachable(f"{host} is not known")
        if not all(map(is_public, addresses)):
            raise Refused("url-not-allowed", "the host is not at a public address")
        self.fetched.append(url)
        answer = self._answers.get(url.replace(f"{host}:443/", f"{host}/", 1))
        if answer is None or answer["status"] != 200 or any(answer.get(way) for way in _NO_ANSWER):
            raise Unreachable(f"{url} did not answer")
        body = answer["body"].encode()
        if len(body) > MAX_BYTES:
            raise Unreachable(f"{url} answered with too much")
        return Fetched(url, answer["ct"], body)

    def _addresses(self, host: str) -> list[str]:
        self.resolved.append(host)
        found = self._names.get(host) or self._names.get(f"*.{host.rpartition('.')[2]}") or []
        return found[0] if found and isinstance(found[0], list) else found
