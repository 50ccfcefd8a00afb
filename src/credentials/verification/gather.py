"""Get what judging needs. The only part of a verification that waits for anybody.

What is fetched: documents with the issuer's keys, and status lists. Never contexts, schemas, images, evidence or a refreshed
credential. And only for issuers that the registry knows: an address in a credential of a stranger is a stranger's way to
make us knock on doors (SECURITY.md, section 5, defences 18 and 19).
"""

import asyncio
from collections.abc import Container, Iterable
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from credentials.errors import Malformed, Refused
from credentials.fetch import Fetch, Unreachable, check_url
from credentials.jsonld.contexts import Contexts
from credentials.proofs.model import JsonObject
from credentials.trust.model import TrustedIssuer
from credentials.trust.rules import did_web_url
from credentials.verification.keys import addresses
from credentials.verification.model import Absence, Absent, Barred, Gathered, Materials, Policy, Present
from credentials.verification.reading import Presented, Signed, read_signed
from credentials.verification.status_lists import list_urls

_ACCEPT = {
    "keys": "application/did+json, application/jwk-set+json, application/json;q=0.9",
    "list": "application/vc, application/vc+jwt, application/jwt, application/json;q=0.9",
}


class Sources(Protocol):
    """Where things are known: at home, or with others."""

    @property
    def fetch(self) -> Fetch:
        """The way to other machines; ``fetch.fetch_nothing`` for a machine without a network."""

    async def own_document(self, did: str) -> JsonObject | None:
        """The DID document of one of our own organisations."""

    async def own_status_list(self, url: str) -> bytes | None:
        """A list of our own as it is published, if the address is that of one."""

    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        """The registry's entry for an issuer's id."""


class _Want(msgspec.Struct, frozen=True):
    """One thing that is needed: a key document or a status list, where it is, and whose word it is."""

    kind: Literal["keys", "list"]
    address: str
    issuer: str


_Found = dict[tuple[str, str], Gathered]
"""By kind and address."""


async def gather(presented: Presented, sources: Sources, contexts: Contexts, policy: Policy, now: datetime) -> Materials:
    """The materials for judging what was presented. Raises nothing that another machine could bring about."""
    if presented.signed is None:
        return Materials(gathered_at=now)
    credentials = (presented.signed, *presented.endorsements)
    issuers = await _registered(credentials, sources)
    wants = [want for signed in credentials for want in _wants(signed, policy)]
    found, fetched = await _have(wants, issuers, sources, policy.max_fetches)
    more = [want for want in wants if want.kind == "list" for want in _keys_of_list(want, found, contexts, policy)]
    of_lists, _ = await _have(more, issuers, sources, policy.max_fetches - fetched, known=found)
    found |= of_lists
    return Materials(
        gathered_at=now,
        key_documents={address: body for (kind, address), body in found.items() if kind == "keys"},
        status_lists={address: body for (kind, address), body in found.items() if kind == "list"},
        issuers=issuers,
    )


async def _registered(credentials: Iterable[Signed], sources: Sources) -> dict[str, TrustedIssuer]:
    entries = {issuer: await sources.recognised(issuer) for issuer in dict.fromkeys(one.issuer for one in credentials)}
    return {issuer: entry for issuer, entry in entries.items() if entry is not None}


def _wants(signed: Signed, policy: Policy) -> list[_Want]:
    return [
        *(_Want("keys", address, signed.issuer) for address in addresses(signed)),
        *(_Want("list", url, signed.issuer) for url in list_urls(signed, policy)),
    ]


def _keys_of_list(want: _Want, found: _Found, contexts: Contexts, policy: Policy) -> list[_Want]:
    """A list is signed, too: by the credential's issuer, but perhaps with a key that is published elsewhere."""
    body = found.get((want.kind, want.address))
    if not isinstance(body, Present):
        return []
    try:
        listed = read_signed(body.body, contexts, policy)
    except Malformed:
        return []  # the judge will say what is wrong with it
    return [_Want("keys", address, want.issuer) for address in addresses(listed)] if listed.issuer == want.issuer else []


async def _have(
    wants: Iterable[_Want],
    issuers: Container[str],
    sources: Sources,
    budget: int,
    known: _Found | None = None,
) -> tuple[_Found, int]:
    """What could be had, and how many requests it took. What is ours is taken from home, one thing after the other (a
    database session answers one question at a time); the rest is fetched at once."""
    found: _Found = dict(known or {})
    to_fetch: dict[tuple[str, str], str] = {}
    for want in wants:
        place = (want.kind, want.address)
        if place in to_fetch or not _may_change(found.get(place)):
            continue
        body = await _own(want, sources)
        if body is not None:
            found[place] = Present(body)
            continue
        url = _url(want)
        if isinstance(url, Barred):
            found[place] = url
        elif want.issuer not in issuers:
            found[place] = Absent(Absence.UNRECOGNISED, f"{want.issuer} is not recognised, so nothing is fetched for it.")
        elif len(to_fetch) == budget:
            found[place] = Absent(Absence.TOO_MANY, f"{url} was one more than is fetched for one credential.")
        else:
            to_fetch[place] = url
    bodies = await asyncio.gather(*(_fetched(url, kind, sources) for (kind, _), url in to_fetch.items()))
    return found | dict(zip(to_fetch, bodies, strict=True)), len(to_fetch)


def _may_change(found: Gathered | None) -> bool:
    """What one issuer was too unknown for, another one may still ask for."""
    return found is None or (isinstance(found, Absent) and found.why is Absence.UNRECOGNISED)


async def _own(want: _Want, sources: Sources) -> bytes | None:
    if want.kind == "list":
        return await sources.own_status_list(want.address)
    if not want.address.startswith("did:"):
        return None
    document = await sources.own_document(want.address)
    return msgspec.json.encode(document) if document is not None else None


def _url(want: _Want) -> str | Barred:
    """Where it would be fetched from. What is no place to fetch from is said so whoever asks."""
    try:
        url = did_web_url(want.address) if want.address.startswith("did:") else want.address
        check_url(url)
    except Refused as refused:
        return Barred(refused.code, refused.detail)
    return url


async def _fetched(url: str, kind: str, sources: Sources) -> Gathered:
    try:
        answer = await sources.fetch(url, accept=_ACCEPT[kind])
    except Unreachable as error:
        return Absent(Absence.UNREACHABLE, error.detail)
    except Refused as refused:
        if refused.code == "url-not-allowed":  # the name turned out to be at an address that is none of the open internet
            return Barred(refused.code, refused.detail)
        return Absent(Absence.UNREACHABLE, refused.detail)
    return Present(answer.body)
