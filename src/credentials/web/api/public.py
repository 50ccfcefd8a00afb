"""What other machines read without an account: status lists, DID documents, key sets, achievements, rubrics."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from credentials.catalog import service as catalog
from credentials.catalog.rules import rubric_octets
from credentials.db import Session
from credentials.errors import NotFound
from credentials.issuing.service import LIST_TTL
from credentials.licensing import service as licensing
from credentials.openbadges import art
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.trust import service as trust
from credentials.trust.rules import did_of
from credentials.web import published_lists
from credentials.web.openapi import MEDIA_TYPES_KEY, TAGGED
from credentials.web.parts import Parts
from credentials.web.status_lists import PublishedLists

ANYWHERE = {"Access-Control-Allow-Origin": "*"}
"""Verifiers that run in somebody's browser read these too; there is nothing in them that is not for everybody."""


@get(
    "/status/{list_id:str}",
    media_type="application/vc",
    opt={MEDIA_TYPES_KEY: ["application/vc"]},
    response_headers=TAGGED,
    responses={304: ResponseSpec(None, description="You have it already (If-None-Match)", generate_examples=False)},
)
async def status_list(
    request: Request[Any, Any, Any], list_id: FromPath[str], now: NamedDependency[datetime]
) -> Response[bytes]:
    """A signed status list. It is the same for everybody and says nothing of who asks about what."""
    lists: PublishedLists = request.app.state.published_lists
    found = await lists.get(list_id, now)
    if found is None:
        raise NotFound("there is no such status list")
    tag = f'"{found.digest}"'
    headers = {**ANYWHERE, "ETag": tag, "Cache-Control": f"public, max-age={LIST_TTL // 1000}"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(b"", status_code=304, headers=headers)
    return Response(found.body, media_type="application/vc", headers=headers)


def _has(if_none_match: str, tag: str) -> bool:
    """Whether the asker's copies are of this state (RFC 9110, section 13.1.2: weak comparison)."""
    held = [entry.strip().removeprefix("W/") for entry in if_none_match.split(",")]
    return tag in held or held == ["*"]


@get("/registries/{slug:str}", opt={MEDIA_TYPES_KEY: ["application/vc"]}, media_type="application/vc")
async def registry(
    slug: FromPath[str], session: NamedDependency[Session], parts: NamedDependency[Parts]
) -> Response[bytes]:
    """Which issuers an organisation recognises, as it signed it: a list that others take into their own registries."""
    found = await published_lists.served(session, parts.settings.base_url, slug)
    headers = {**ANYWHERE, "Cache-Control": "public, max-age=300"}
    return Response(found.body, media_type="application/vc", headers=headers)


@get("/orgs/{slug:str}/did.json", opt={MEDIA_TYPES_KEY: ["application/did+json"]})
async def did_document(
    slug: FromPath[str], session: NamedDependency[Session], parts: NamedDependency[Parts]
) -> Response[dict[str, Any]]:
    """The DID document of an organisation: its keys, with their history."""
    found = await people.organisation_by_slug(session, slug)
    document = await trust.document(session, did_of(parts.settings.base_url, found.slug))
    headers = {**ANYWHERE, "Cache-Control": "public, max-age=300"}
    return Response(document, media_type="application/did+json", headers=headers)


@get("/orgs/{slug:str}/jwks.json", opt={MEDIA_TYPES_KEY: ["application/jwk-set+json"]})
async def key_set(
    slug: FromPath[str], session: NamedDependency[Session], parts: NamedDependency[Parts]
) -> Response[dict[str, Any]]:
    """The key set of an organisation, for readers of VC-JWTs."""
    found = await people.organisation_by_slug(session, slug)
    keys = await trust.key_set(session, did_of(parts.settings.base_url, found.slug))
    return Response(
        keys, media_type="application/jwk-set+json", headers={**ANYWHERE, "Cache-Control": "public, max-age=300"}
    )


@get("/.well-known/jwks.json", opt={MEDIA_TYPES_KEY: ["application/jwk-set+json"]})
async def host_key_set(session: NamedDependency[Session]) -> Response[dict[str, Any]]:
    """The keys of all organisations of this service, for readers who look for a VC-JWT's key at its issuer's host. No
    member names an issuer: see each organisation's own set."""
    headers = {**ANYWHERE, "Cache-Control": "public, max-age=300"}
    return Response(await trust.host_key_set(session), media_type="application/jwk-set+json", headers=headers)


@get("/achievements/{version_id:str}/rubric.json", opt={MEDIA_TYPES_KEY: ["application/json"]})
async def rubric(version_id: FromPath[str], session: NamedDependency[Session]) -> Response[bytes]:
    """The very bytes of a rubric whose digest stands in the credentials that were awarded by it."""
    entry = await catalog.version_for(session, None, version_id)
    headers = {**ANYWHERE, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(rubric_octets(entry.version.specification), media_type="application/json", headers=headers)


@get("/achievements/{version_id:str}/badge.svg", opt={MEDIA_TYPES_KEY: ["image/svg+xml"]})
async def badge_art(version_id: FromPath[str], session: NamedDependency[Session]) -> Response[bytes]:
    """The picture of a micro-credential, without anybody's award in it."""
    entry = await catalog.version_for(session, None, version_id)
    issuer = await people.organisation(session, entry.micro_credential.organisation_id)
    title = entry.version.specification.title
    return _picture(art.Face(id=entry.micro_credential.id, title=title, issuer=issuer.name))


@get("/stacks/{stack_id:str}/badge.svg", opt={MEDIA_TYPES_KEY: ["image/svg+xml"]})
async def stack_art(stack_id: FromPath[str], session: NamedDependency[Session]) -> Response[bytes]:
    """The picture of a stack."""
    stack = await pathways.stack_for(session, None, stack_id)
    issuer = await people.organisation(session, stack.organisation_id)
    return _picture(art.Face(id=stack.id, title=stack.title, issuer=issuer.name, label="Stack", stacked=True))


@get("/licences/{licence_id:str}/badge.svg", opt={MEDIA_TYPES_KEY: ["image/svg+xml"]})
async def licence_art(licence_id: FromPath[str], session: NamedDependency[Session]) -> Response[bytes]:
    """The picture of a licence."""
    found = await licensing.licence_type(session, licence_id)
    issuer = await people.organisation(session, found.organisation_id)
    return _picture(art.Face(id=found.id, title=found.title, issuer=issuer.name, label="Licence", stacked=True))


def _picture(face: art.Face) -> Response[bytes]:
    headers = {**ANYWHERE, "Cache-Control": "public, max-age=86400"}
    return Response(art.render_svg(face), media_type="image/svg+xml", headers=headers)


ROUTES = [status_list, registry, did_document, key_set, host_key_set, rubric, badge_art, stack_art, licence_art]
