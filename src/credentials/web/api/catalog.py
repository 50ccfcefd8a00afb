"""Frameworks, micro-credentials and their versions; the public catalogue."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from credentials.catalog import case, service
from credentials.catalog.model import (
    CatalogueEntry,
    Framework,
    FrameworkRecord,
    MicroCredential,
    Specification,
    Stage,
    Version,
)
from credentials.db import Session
from credentials.errors import NotFound
from credentials.issuing import addresses
from credentials.people.model import Act, Actor, Role, Scope
from credentials.people.service import within
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire, etag

Reason = Annotated[str, Meta(max_length=5_000)]


class FrameworkShown(Wire):
    id: str
    organisation_id: str
    framework: Framework


class NewFramework(Asked):
    organisation_id: Annotated[str, Meta(max_length=36)]
    framework: Framework


class NewMicroCredential(Asked):
    organisation_id: Annotated[str, Meta(max_length=36)]
    slug: Annotated[str, Meta(min_length=1, max_length=62)]
    specification: Specification


class VersionShown(Wire):
    """``achievement``: the address that stands in credentials."""

    id: str
    micro_credential_id: str
    organisation_id: str
    slug: str
    number: int
    stage: Stage
    achievement: str
    digest: str
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None
    specification: Specification


class Because(Asked):
    reason: Reason = ""


def show_framework(record: FrameworkRecord) -> FrameworkShown:
    return FrameworkShown(id=record.id, organisation_id=record.organisation_id, framework=record.framework)


def show_version(of: MicroCredential, version: Version, base_url: str) -> VersionShown:
    return VersionShown(
        id=version.id,
        micro_credential_id=of.id,
        organisation_id=of.organisation_id,
        slug=of.slug,
        number=version.number,
        stage=version.stage,
        achievement=addresses.achievement(base_url, version.id),
        digest=version.digest,
        created_at=version.created_at,
        published_at=version.published_at,
        retired_at=version.retired_at,
        specification=version.specification,
    )


def show_entry(entry: CatalogueEntry, base_url: str) -> VersionShown:
    return show_version(entry.micro_credential, entry.version, base_url)


@get("/frameworks")
async def list_frameworks(
    session: NamedDependency[Session], paging: NamedDependency[Paging]
) -> Response[Page[FrameworkShown]]:
    """Competency frameworks, in the order in which they were added."""
    (after,) = paging.after()
    found = await service.list_frameworks(session, after=after, limit=paging.enough)
    return paging.page(found, show_framework)


@get("/frameworks/{framework_id:str}")
async def get_framework(framework_id: FromPath[str], session: NamedDependency[Session]) -> FrameworkShown:
    """One framework with its items."""
    return show_framework(await service.framework(session, framework_id))


@post("/frameworks", status_code=201, opt={SCOPE_KEY: Scope.CATALOG_WRITE})
async def add_framework(
    data: JSONBody[NewFramework],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[FrameworkShown]:
    """Add a framework. It does not change afterwards."""

    async def work() -> FrameworkShown:
        return show_framework(await service.add_framework(session, act, data.organisation_id, data.framework))

    return await once(session, work)


@get("/catalogue")
async def list_catalogue(
    session: NamedDependency[Session],
    parts: NamedDependency[Parts],
    paging: NamedDependency[Paging],
    words: Annotated[str, QueryParameter(max_length=200)] = "",
    organisation_id: Annotated[str, QueryParameter(max_length=36)] = "",
) -> Response[Page[VersionShown]]:
    """What can be earned now: the published version of every micro-credential. ``words`` are looked for in titles,
    summaries, names of methods and tags."""
    (after,) = paging.after()
    found = await service.published(
        session, words=words, organisation_id=organisation_id, after=after, limit=paging.enough
    )
    return paging.page(
        found,
        lambda entry: show_entry(entry, parts.settings.base_url),
        lambda entry: (entry.micro_credential.slug,),
    )


@get("/versions", opt={SCOPE_KEY: Scope.CATALOG_READ})
async def list_versions(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
    paging: NamedDependency[Paging],
) -> Response[Page[VersionShown]]:
    """Every version of the organisations in which I develop the catalogue."""
    (after,) = paging.after()
    reach = await within(session, act.actor, Role.CATALOGUE_DEVELOPER, Role.ADMINISTRATOR)
    found = await service.entries_of(session, reach, after=after, limit=paging.enough)
    return paging.page(
        found, lambda entry: show_entry(entry, parts.settings.base_url), lambda entry: (entry.version.id,)
    )


@get("/versions/{version_id:str}", opt={SCOPE_KEY: Scope.CATALOG_READ}, response_headers=TAGGED)
async def get_version(
    version_id: FromPath[str],
    session: NamedDependency[Session],
    actor: NamedDependency[Actor | None],
    parts: NamedDependency[Parts],
) -> Response[VersionShown]:
    """One version: everybody sees what was ever published, developers their drafts too."""
    entry = await service.version_for(session, actor, version_id)
    return Response(show_entry(entry, parts.settings.base_url), headers={"ETag": etag(entry.version.revision)})


@post("/micro-credentials", status_code=201, opt={SCOPE_KEY: Scope.CATALOG_WRITE})
async def draft(
    data: JSONBody[NewMicroCredential],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[VersionShown]:
    """Begin a micro-credential with a draft, which may be unfinished."""

    async def work() -> VersionShown:
        entry = await service.draft(
            session, act, organisation_id=data.organisation_id, slug=data.slug, specification=data.specification
        )
        return show_entry(entry, parts.settings.base_url)

    return await once(session, work)


@post("/micro-credentials/{micro_credential_id:str}/versions", status_code=201, opt={SCOPE_KEY: Scope.CATALOG_WRITE})
async def new_version(
    micro_credential_id: FromPath[str],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[VersionShown]:
    """Begin the next version from the newest one."""

    async def work() -> VersionShown:
        return show_entry(await service.new_version(session, act, micro_credential_id), parts.settings.base_url)

    return await once(session, work)


@put("/versions/{version_id:str}", opt={SCOPE_KEY: Scope.CATALOG_WRITE}, response_headers=TAGGED)
async def edit(
    version_id: FromPath[str],
    data: JSONBody[Specification],
    revision: NamedDependency[int],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[VersionShown]:
    """Rewrite a draft."""
    version = await service.edit(session, act, version_id, data, revision=revision)
    return await _shown(session, version, parts)


@post(
    "/versions/{version_id:str}/review", status_code=200, opt={SCOPE_KEY: Scope.CATALOG_WRITE}, response_headers=TAGGED
)
async def submit_for_review(
    version_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[VersionShown]:
    """Hand a draft to somebody else for publication. The gates that fail are named."""
    return await _shown(session, await service.submit_for_review(session, act, version_id), parts)


@post(
    "/versions/{version_id:str}/return", status_code=200, opt={SCOPE_KEY: Scope.CATALOG_WRITE}, response_headers=TAGGED
)
async def return_to_draft(
    version_id: FromPath[str],
    data: JSONBody[Because],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[VersionShown]:
    """Give a version back to its author, with a reason."""
    return await _shown(session, await service.return_to_draft(session, act, version_id, reason=data.reason), parts)


@post(
    "/versions/{version_id:str}/publication",
    status_code=200,
    opt={SCOPE_KEY: Scope.CATALOG_WRITE},
    response_headers=TAGGED,
)
async def publish(
    version_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[VersionShown]:
    """Publish a version that somebody else wrote. The version before it is retired."""
    return await _shown(session, await service.publish(session, act, version_id), parts)


@post(
    "/versions/{version_id:str}/retirement",
    status_code=200,
    opt={SCOPE_KEY: Scope.CATALOG_WRITE},
    response_headers=TAGGED,
)
async def retire(
    version_id: FromPath[str],
    data: JSONBody[Because],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[VersionShown]:
    """Take a version out of the catalogue. What was begun goes on; awards stay valid."""
    return await _shown(session, await service.retire(session, act, version_id, reason=data.reason), parts)


async def _shown(session: Session, version: Version, parts: Parts) -> Response[VersionShown]:
    of = await service.micro_credential(session, version.micro_credential_id)
    return Response(show_version(of, version, parts.settings.base_url), headers={"ETag": etag(version.revision)})


ROUTES = Router(
    path="",
    tags=["catalogue"],
    route_handlers=[
        list_frameworks,
        get_framework,
        add_framework,
        list_catalogue,
        list_versions,
        get_version,
        draft,
        new_version,
        edit,
        submit_for_review,
        return_to_draft,
        publish,
        retire,
    ],
)


# CASE 1.1, the read side: what alignments in credentials point at.


@get("/CFPackages/{framework_id:str}")
async def cf_package(
    framework_id: FromPath[str], session: NamedDependency[Session], parts: NamedDependency[Parts]
) -> dict[str, Any]:
    """A framework as a CFPackage."""
    record = await service.framework(session, framework_id)
    return case.cf_package(record, parts.settings.base_url)


@get("/CFItems/{identifier:str}")
async def cf_item(
    identifier: FromPath[str], session: NamedDependency[Session], parts: NamedDependency[Parts]
) -> dict[str, Any]:
    """One item of a framework as a CFItem."""
    found = (await service.competencies(session, [identifier])).get(identifier)
    if found is None:
        raise NotFound("there is no such framework item")
    record = await service.framework(session, found.framework_id)
    return case.cf_item(record, identifier, parts.settings.base_url)


CASE_ROUTES = Router(path="/ims/case/v1p1", tags=["CASE"], route_handlers=[cf_package, cf_item])
