"""Get what judging needs. The only part of a verification that waits for anybody.

What is fetched: documents with the issuer's keys, status lists, the documents of a badge of Open Badges 2.0, what is at an
address that was presented, and, where a deployment wants it, a newer edition. Never contexts, schemas, images or evidence. And
only for issuers that the registry knows: an address in a stranger's credential is a stranger's way to make us knock on doors
(SECURITY.md, section 5, defences 18 and 19).
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import urljoin

import msgspec

from credentials.errors import Malformed, Refused
from credentials.fetch import Fetch, Trouble, Unreachable, check_url
from credentials.jsonld.contexts import Contexts
from credentials.openbadges.terms import one_or_many
from credentials.openbadges.version2 import Needed, origin
from credentials.proofs.model import JsonObject
from credentials.status.bitstring import read_index
from credentials.trust.model import TrustedIssuer
from credentials.trust.rules import did_web_url
from credentials.verification.checks import digest_of, verified_document
from credentials.verification.keys import addresses
from credentials.verification.links import behind, refresh_url
from credentials.verification.memory import Memory
from credentials.verification.model import (
    NOTHING_MORE,
    Absence,
    Absent,
    Barred,
    Gathered,
    Materials,
    Policy,
    Present,
    Question,
    Turn,
    Undecided,
)
from credentials.verification.older import MAX_DOCUMENTS, followed
from credentials.verification.reading import Followable, Presented, Signed, everything, read, read_signed
from credentials.verification.status_lists import entries_of, list_urls

Kind = Literal["keys", "list", "link", "hosted"]

MAX_REDIRECTS = 3
"""Of a document of Open Badges 2.0 (SECURITY.md, section 6)."""

_ACCEPT: Mapping[Kind, str] = {
    "keys": "application/did+json, application/jwk-set+json, application/json;q=0.9",
    "list": "application/vc, application/vc+jwt, application/jwt, application/json;q=0.9",
    "link": "application/vc, application/vc+jwt, application/ld+json, application/json;q=0.9, image/png;q=0.8, */*;q=0.5",
    "hosted": "application/ld+json, application/json;q=0.9",
}


class Sources(Protocol):
    """Where things are known: at home, or with others."""

    @property
    def fetch(self) -> Fetch:
        """The way to other machines; ``fetch.fetch_nothing`` for a machine without a network."""

    async def own_document(self, did: str) -> JsonObject | None:
        """The DID document of one of our own organisations; ``None`` for a DID that is not ours."""

    async def own_status_list(self, url: str) -> bytes | None:
        """A list of our own as it is published; ``None`` for an address that is not ours, and ``Unreachable`` for one that is,
        but has no list (yet)."""

    def at_hand(self, address: str) -> bytes | None:
        """The octets of a public resource that is kept here anyway, such as a pinned context: nothing is looked up for it."""

    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        """The registry's entry for an issuer's id."""

    async def recognised_host(self, host: str) -> bool:
        """Whether the registry knows any issuer whose id is at a host."""

    async def own_signatures(self, digests: Collection[str]) -> Mapping[str, datetime]:
        """When our own log says that documents were signed, by their digests; those that it does not know are not there."""

    async def own_history(self, url: str, index: int) -> tuple[Turn, ...] | None:
        """Every change of a bit in a list of our own; ``None`` for an address that is not ours."""


class Want(msgspec.Struct, frozen=True):
    """One thing that is needed: what it is, where it is, and whose word it is."""

    kind: Kind
    address: str
    issuer: str


async def gather(
    presented: Presented,
    sources: Sources,
    contexts: Contexts,
    policy: Policy,
    now: datetime,
    memory: Memory | None = None,
    question: Question = NOTHING_MORE,
) -> Materials:
    """The materials for judging what was presented. Raises nothing that another machine could bring about.

    First the keys, then the status lists, and of those that others have only the ones whose address is signed: else anybody
    could write a known issuer's name above any address, and send us there.
    """
    errands = _Errands(sources, policy)
    if presented.link is not None:
        await errands.behind(presented.link)
        presented = behind(presented, presented.link, errands.materials(now), contexts, policy)
    every = tuple(everything(presented))
    if len(every) > 1:
        errands.have_members()
    for one in every:
        if one.older is not None:
            await errands.along(one.older, now)
    holders = [one.shown for one in every if one.shown is not None and one.shown.signatures]
    await errands.recognise(holder.issuer for holder in holders)
    of_holders = [Want("keys", address, holder.issuer) for holder in holders for address in addresses(holder)]
    await errands.at_home(of_holders)
    await errands.abroad(of_holders)
    credentials = [signed for one in every if one.signed is not None for signed in (one.signed, *one.endorsements)]
    await _for_credentials(credentials, errands, contexts, policy, now, memory)
    if policy.refresh:
        newer = await _newer(every, errands, contexts, policy, now, memory)
        await _for_credentials(newer, errands, contexts, policy, now, memory)
        credentials += newer
    if question.as_of is not None:
        await errands.in_our_history(credentials, policy)
    errands.at_hand(credentials)
    return errands.materials(now)


async def _for_credentials(
    credentials: Sequence[Signed],
    errands: "_Errands",
    contexts: Contexts,
    policy: Policy,
    now: datetime,
    memory: Memory | None,
) -> None:
    await errands.recognise(one.issuer for one in credentials)
    keys = [want for one in credentials for want in _keys(one)]
    await errands.at_home(keys)
    await errands.in_our_log(credentials)
    await errands.abroad(keys)
    lists = [want for one in credentials for want in _lists(one, policy)]
    await errands.at_home(lists)
    signed_for: list[Want] = []
    for one in credentials:
        away = errands.missing(_lists(one, policy))
        if away and _holds(one, errands.materials(now), contexts, policy, now, memory):
            signed_for += away
    await errands.abroad(signed_for)
    of_lists = [want for one in lists for want in _keys_of_list(one, errands.materials(now), contexts, policy, memory)]
    await errands.at_home(of_lists)
    await errands.abroad(of_lists)


async def _newer(
    every: Iterable[Presented],
    errands: "_Errands",
    contexts: Contexts,
    policy: Policy,
    now: datetime,
    memory: Memory | None,
) -> list[Signed]:
    """The newer editions of credentials that hold: once, so what a newer edition leads to is not asked for."""
    found: list[Signed] = []
    for one in every:
        url = refresh_url(one.signed) if one.signed is not None else None
        if one.signed is None or url is None:
            continue
        if not _holds(one.signed, errands.materials(now), contexts, policy, now, memory):
            continue
        body = await errands.refreshed(url, one.signed.issuer)
        newer = read(body, contexts, policy) if body is not None else None
        if newer is not None and newer.signed is not None:
            found += (newer.signed, *newer.endorsements)
    return found


def _keys(signed: Signed) -> list[Want]:
    return [Want("keys", address, signed.issuer) for address in addresses(signed)]


def _lists(signed: Signed, policy: Policy) -> list[Want]:
    return [Want("list", url, signed.issuer) for url in list_urls(signed, policy)]


def _holds(
    signed: Signed, materials: Materials, contexts: Contexts, policy: Policy, now: datetime, memory: Memory | None
) -> bool:
    try:
        logged_at = materials.logged.get(digest_of(signed)) if materials.logged else None
        verified_document(signed, materials.key_documents, contexts, policy, now, memory, logged_at)
    except (Malformed, Undecided):
        return False  # the judge will say why
    return True


def _keys_of_list(
    want: Want, materials: Materials, contexts: Contexts, policy: Policy, memory: Memory | None
) -> list[Want]:
    """A list is signed by the credential's issuer, but perhaps with a key that is published elsewhere: an https issuer has
    one place for the keys of proofs and another one for those of tokens. A DID has one document."""
    found = materials.status_lists.get(want.address)
    if not isinstance(found, Present) or not want.issuer.startswith("https://"):
        return []
    known = memory.status_list(found.body) if memory is not None else None
    try:
        listed = known.signed if known is not None else read_signed(found.body, contexts, policy)
    except Malformed:
        return []  # the judge will say why
    return _keys(listed) if listed.issuer == want.issuer else []


def check_link(link: str, policy: Policy) -> None:
    """Whether an address that somebody presented may be looked at. Raises ``Refused`` with ``url-not-allowed``."""
    host, _ = check_url(link, ports=policy.ports)
    if policy.link_hosts is not None and host not in policy.link_hosts:
        raise Refused("url-not-allowed", f"{host} is not a host that is looked at here.")


class _Errands:
    """What was had so far, and how many requests are left. What was had, or could not be had, is not asked for again."""

    def __init__(self, sources: Sources, policy: Policy) -> None:
        self._sources = sources
        self._policy = policy
        self._asked_about: set[str] = set()
        self._issuers: dict[str, TrustedIssuer] = {}
        self._open = policy.fetch_unregistered
        self._requests = policy.max_fetches
        self._hosts: dict[str, bool] = {}
        self._hosted: dict[str, Gathered] = {}
        self._links: dict[str, Gathered] = {}
        self._refreshed: dict[str, Gathered] = {}
        self._resources: dict[str, bytes] = {}
        self._logged: Mapping[str, datetime] = {}
        self._histories: dict[str, tuple[Turn, ...]] = {}
        self._found: dict[Kind, dict[str, Gathered]] = {"keys": {}, "list": {}}

    def materials(self, now: datetime) -> Materials:
        return Materials(
            gathered_at=now,
            key_documents=dict(self._found["keys"]),
            status_lists=dict(self._found["list"]),
            issuers=dict(self._issuers),
            logged=self._logged,
            histories=dict(self._histories),
            hosted=dict(self._hosted),
            links=dict(self._links),
            refreshed=dict(self._refreshed),
            resources=dict(self._resources),
        )

    def have_members(self) -> None:
        """Each of several may ask for what one may, and all together no more than for all."""
        self._requests += self._policy.max_all_fetches - self._policy.max_fetches

    async def recognise(self, issuers: Iterable[str]) -> None:
        for issuer in dict.fromkeys(issuers):
            if issuer and issuer not in self._asked_about:
                self._asked_about.add(issuer)
                entry = await self._sources.recognised(issuer)
                if entry is not None:
                    self._issuers[issuer] = entry

    async def behind(self, link: str) -> None:
        """What is at an address that was presented."""
        try:
            check_link(link, self._policy)
        except Refused as refused:
            self._links[link] = Barred(refused.code, refused.detail)
            return
        self._links[link] = await self._one("link", link)

    async def refreshed(self, url: str, issuer: str) -> bytes | None:
        if url not in self._refreshed and (issuer in self._issuers or self._open):
            self._refreshed[url] = await self._one("link", url)
        found = self._refreshed.get(url)
        return found.body if isinstance(found, Present) else None

    async def _one(self, kind: Kind, url: str) -> Gathered:
        if self._requests < 1:
            return Absent(Absence.TOO_MANY, f"{url} was one more than is fetched for one credential.")
        self._requests -= 1
        return await self._fetched(kind, url)

    async def along(self, older_badge: Followable, now: datetime) -> None:
        """Along the way that a badge of Open Badges 2.0 leads, one document after the other."""
        for _ in range(MAX_DOCUMENTS):
            try:
                found = followed(older_badge, self.materials(now))
            except Needed as needed:
                self._hosted[needed.url] = await self._hosted_at(needed.url)
            except (Malformed, Undecided):
                return  # the judge will say why
            else:
                await self.recognise([found.issuer_id])
                return

    async def _hosted_at(self, url: str) -> Gathered:
        """Such documents alone may be moved within their origin: three times at most."""
        if url in self._links:
            return self._links[url]
        if (barred := await self._barred(url)) is not None:
            return barred
        at = url
        for _ in range(1 + MAX_REDIRECTS):
            if self._requests < 1:
                return Absent(Absence.TOO_MANY, f"{url} was one more than is fetched for one credential.")
            self._requests -= at == url  # a document that was moved is one document
            try:
                return Present((await self._sources.fetch(at, accept=_ACCEPT["hosted"])).body)
            except Unreachable as error:
                at = urljoin(at, error.location)
                if error.why is Trouble.GONE:
                    return Absent(Absence.GONE, error.detail)
                if error.why is not Trouble.ELSEWHERE or origin(at) != origin(url):
                    return Absent(Absence.UNREACHABLE, error.detail)
            except Refused as refused:
                return Barred(refused.code, refused.detail)
        return Absent(Absence.UNREACHABLE, f"{url} was moved more than {MAX_REDIRECTS} times.")

    async def _barred(self, url: str) -> Gathered | None:
        """Why a document is not asked for: where it is, or that nobody here knows anybody there."""
        try:
            host, _ = check_url(url, ports=self._policy.ports)
        except Refused as refused:
            return Barred(refused.code, refused.detail)
        hosts = self._policy.badge_hosts
        if hosts is None or host in hosts or self._open:
            return None
        if host not in self._hosts:
            self._hosts[host] = await self._sources.recognised_host(host)
        if self._hosts[host]:
            return None
        return Absent(
            Absence.UNRECOGNISED, f"No issuer at {host} is recognised here, so nothing is fetched from there."
        )

    def at_hand(self, credentials: Iterable[Signed]) -> None:
        """What credentials bind by a digest and is kept here anyway. The rest is not asked for: a stranger's credential is no
        way to make us knock on doors."""
        for one in credentials:
            for resource in one_or_many(one.credential.relatedResource):
                octets = self._sources.at_hand(resource.id)
                if octets is not None:
                    self._resources[resource.id] = octets

    async def in_our_log(self, credentials: Iterable[Signed]) -> None:
        """When we signed what is said to be ours. It matters only where a key of ours was revoked since."""
        digests = {digest_of(one) for one in credentials if self._is_revoked(one)}
        if digests:
            self._logged = await self._sources.own_signatures(digests)

    def _is_revoked(self, signed: Signed) -> bool:
        found = [self._found["keys"].get(address) for address in addresses(signed)]
        return any(isinstance(one, Present) and b'"revoked"' in one.body for one in found)

    async def in_our_history(self, credentials: Iterable[Signed], policy: Policy) -> None:
        for entry in (entry for one in credentials for entry in entries_of(one, policy)):
            try:
                index = read_index(entry.statusListIndex)
            except Refused:
                continue  # the judge will say why
            turns = await self._sources.own_history(entry.statusListCredential, index)
            if turns is not None:
                self._histories[f"{entry.statusListCredential}#{index}"] = turns

    def missing(self, wants: Iterable[Want]) -> list[Want]:
        """Those that may still be had. What one issuer was not known well enough for, another one may ask for."""
        found = [(want, self._found[want.kind].get(want.address)) for want in wants]
        return [
            want for want, one in found if one is None or (isinstance(one, Absent) and one.why is Absence.UNRECOGNISED)
        ]

    async def at_home(self, wants: Iterable[Want]) -> None:
        """One after the other: a database session answers one question at a time."""
        for want in self.missing(wants):
            try:
                body = await self._own(want)
            except Unreachable as error:
                self._found[want.kind][want.address] = Absent(Absence.UNREACHABLE, error.detail)
            else:
                if body is not None:
                    self._found[want.kind][want.address] = Present(body)

    async def _own(self, want: Want) -> bytes | None:
        if want.kind == "list":
            return await self._sources.own_status_list(want.address)
        if not want.address.startswith("did:"):
            return None
        document = await self._sources.own_document(want.address)
        return msgspec.json.encode(document) if document is not None else None

    async def abroad(self, wants: Iterable[Want]) -> None:
        """All at once. What is no place to fetch from is recorded so whoever asks."""
        to_fetch: dict[tuple[Kind, str], str] = {}
        for want in self.missing(wants):
            url = _url(want, self._policy)
            if isinstance(url, Barred):
                self._found[want.kind][want.address] = url
            elif want.issuer not in self._issuers and not self._open:
                reason = f"{want.issuer} is not recognised here, so nothing is fetched for it."
                self._found[want.kind][want.address] = Absent(Absence.UNRECOGNISED, reason)
            elif (want.kind, want.address) in to_fetch:
                continue
            elif len(to_fetch) == self._requests:
                reason = f"{url} was one more than is fetched for one credential."
                self._found[want.kind][want.address] = Absent(Absence.TOO_MANY, reason)
            else:
                to_fetch[want.kind, want.address] = url
        if not to_fetch:
            return
        self._requests -= len(to_fetch)
        answers = await asyncio.gather(*(self._fetched(kind, url) for (kind, _), url in to_fetch.items()))
        for (kind, address), answer in zip(to_fetch, answers, strict=True):
            self._found[kind][address] = answer

    async def _fetched(self, kind: Kind, url: str) -> Gathered:
        try:
            return Present((await self._sources.fetch(url, accept=_ACCEPT[kind])).body)
        except Unreachable as error:
            elsewhere = error.why is Trouble.ELSEWHERE
            return Absent(Absence.ELSEWHERE if elsewhere else Absence.UNREACHABLE, error.detail)
        except Refused as refused:
            if refused.code == "url-not-allowed":  # the host turned out to be at an address inside some network
                return Barred(refused.code, refused.detail)
            return Absent(Absence.UNREACHABLE, refused.detail)


def _url(want: Want, policy: Policy) -> str | Barred:
    """Where it would be fetched from."""
    try:
        url = did_web_url(want.address) if want.address.startswith("did:") else want.address
        check_url(url, ports=policy.ports)
    except Refused as refused:
        return Barred(refused.code, refused.detail)
    return url
