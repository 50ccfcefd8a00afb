"""Where a verification looks first: our own database, and the registry of recognised issuers."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec

from credentials.db import Database, Session
from credentials.errors import NotFound
from credentials.fetch import Fetch, Unreachable
from credentials.log import service as issuance_log
from credentials.people import service as people
from credentials.proofs.model import JsonObject
from credentials.status import service as status
from credentials.trust import service as trust
from credentials.trust.model import TrustedIssuer
from credentials.trust.rules import did_of
from credentials.verification.gather import Sources
from credentials.verification.model import Turn


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Whose registry is asked: an organisation with those above it, nearest first, and their names by id. The operator's own
    registry stands above all of them, and is the only one that an empty view has."""

    lineage: tuple[str, ...] = ()
    names: Mapping[str, str] = {}


OPERATOR = View()


async def view_of(session: Session, slug: str) -> View:
    """The view of the organisation with this short name. Raises ``NotFound``."""
    found = await people.organisation_by_slug(session, slug)
    above = await people.organisations_by_id(session, found.lineage)
    return View(lineage=found.lineage, names={one.id: one.name for one in above.values()})


class OwnSources:
    """What a service knows by itself: its own organisations, their keys and lists; and whom it recognises."""

    def __init__(
        self, database: Database, base_url: str, fetch: Fetch, pinned: Mapping[str, bytes], view: View = OPERATOR
    ) -> None:
        self._database = database
        self._base_url = base_url
        self._did_prefix = did_of(base_url, "")
        self._view = view
        self._pinned = pinned
        self.fetch = fetch

    def at_hand(self, address: str) -> bytes | None:
        return self._pinned.get(address)

    async def own_document(self, did: str) -> JsonObject | None:
        if not did.startswith(self._did_prefix):
            return None
        async with self._database.read() as session:
            try:
                return await trust.document(session, did)
            except NotFound:
                return None

    async def own_status_list(self, url: str) -> bytes | None:
        list_id = self._list_id(url)
        if list_id is None:
            return None
        async with self._database.read() as session:
            found = await status.get_published(session, list_id)
        if found is None:
            raise Unreachable("this list of our own is not published yet")
        return found.body

    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        async with self._database.read() as session:
            root = await self._root(session, issuer)
            return await trust.view(session, issuer, self._view.lineage, self._view.names, root)

    async def _root(self, session: Session, issuer: str) -> TrustedIssuer | None:
        """The operator's word. Our own organisations are recognised by it."""
        if not issuer.startswith(self._did_prefix):
            return await trust.trusted_issuer(session, issuer)
        try:
            found = await people.organisation_by_slug(session, issuer.removeprefix(self._did_prefix))
        except NotFound:
            return None
        return TrustedIssuer(id=issuer, name=found.name)

    async def recognised_host(self, host: str) -> bool:
        async with self._database.read() as session:
            return await trust.recognised_host(session, host, self._view.lineage)

    async def own_signatures(self, digests: Collection[str]) -> Mapping[str, datetime]:
        async with self._database.read() as session:
            return await issuance_log.signed_at(session, digests)

    async def own_history(self, url: str, index: int) -> tuple[Turn, ...] | None:
        list_id = self._list_id(url)
        if list_id is None:
            return None
        async with self._database.read() as session:
            return tuple(Turn(at=at, set=set_) for at, set_ in await status.turns_of(session, list_id, index))

    def _list_id(self, url: str) -> str | None:
        prefix = f"{self._base_url}/status/"
        return url.removeprefix(prefix) if url.startswith(prefix) else None


class Kept:
    """Sources whose answers are kept for a few seconds: a thousand badges of one issuer ask the same of us.

    What this process itself writes is seen at once; what another one writes, after ``KEPT_FOR``.
    """

    def __init__(self, sources: Sources, database: Database) -> None:
        self._sources = sources
        self._database = database
        self._since: datetime | None = None
        self._writes = 0
        self._kept: dict[tuple[str, str], asyncio.Future[Any]] = {}

    def at(self, now: datetime) -> None:
        """Forget what is older than ``KEPT_FOR``, or than the last write of this process."""
        if (
            self._since is None
            or not timedelta(0) <= now - self._since < KEPT_FOR
            or self._writes != self._database.writes
        ):
            self._kept.clear()
            self._since, self._writes = now, self._database.writes

    @property
    def fetch(self) -> Fetch:
        return self._sources.fetch

    def at_hand(self, address: str) -> bytes | None:
        return self._sources.at_hand(address)

    async def own_document(self, did: str) -> JsonObject | None:
        return cast("JsonObject | None", await self._once("document", did, self._sources.own_document))

    async def own_status_list(self, url: str) -> bytes | None:
        return cast("bytes | None", await self._once("list", url, self._sources.own_status_list))

    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        return cast("TrustedIssuer | None", await self._once("issuer", issuer, self._sources.recognised))

    async def recognised_host(self, host: str) -> bool:
        return cast("bool", await self._once("host", host, self._sources.recognised_host))

    async def own_signatures(self, digests: Collection[str]) -> Mapping[str, datetime]:
        return await self._sources.own_signatures(digests)

    async def own_history(self, url: str, index: int) -> tuple[Turn, ...] | None:
        return await self._sources.own_history(url, index)

    async def _once(self, kind: str, name: str, ask: Callable[[str], Awaitable[Any]]) -> Any:
        """Whoever asks while the answer is on its way waits for the same one: else a crowd would ask all at once."""
        key = (kind, name)
        asked = self._kept.get(key)
        if asked is None:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            asked = self._kept[key] = asyncio.ensure_future(ask(name))
        try:
            return await asyncio.shield(asked)
        except Exception:
            if self._kept.get(key) is asked:  # a failure is not kept
                del self._kept[key]
            raise


KEPT_FOR = timedelta(seconds=5)
"""A revocation is published within a minute; five seconds of it may be ours, where another process publishes."""
MAX_KEPT = 1_000
"""Answers: a list is 16 KB and more."""


class NoSources:
    """What a machine without a service knows: the pinned contexts, and nobody."""

    def __init__(self, fetch: Fetch, pinned: Mapping[str, bytes]) -> None:
        self._pinned = pinned
        self.fetch = fetch

    def at_hand(self, address: str) -> bytes | None:
        return self._pinned.get(address)

    async def own_document(self, did: str) -> JsonObject | None:  # noqa: ARG002 - the protocol's
        return None

    async def own_status_list(self, url: str) -> bytes | None:  # noqa: ARG002 - the protocol's
        return None

    async def recognised(self, issuer: str) -> TrustedIssuer | None:  # noqa: ARG002 - the protocol's
        return None

    async def recognised_host(self, host: str) -> bool:  # noqa: ARG002 - the protocol's
        return False

    async def own_signatures(self, digests: Collection[str]) -> Mapping[str, datetime]:  # noqa: ARG002 - the protocol's
        return {}

    async def own_history(self, url: str, index: int) -> tuple[Turn, ...] | None:  # noqa: ARG002 - the protocol's
        return None
