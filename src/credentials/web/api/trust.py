"""The registry of issuers that an organisation recognises, for itself and for those below it."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.db import Session
from credentials.people.model import Act, Scope
from credentials.trust import service
from credentials.trust.model import Recognition, Use
from credentials.trust.registry import MAX_KINDS, MAX_LOGO, MAX_OCTETS, Line
from credentials.web import published_lists, registry
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import BODY_KEY, TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire, etag

KindText = Annotated[str, Meta(min_length=1, max_length=2_000)]


class NewRecognition(Asked):
    """``uses``: none of them means that the issuer is not accepted here, whatever those above say. Without
    ``achievementTypes`` and ``achievements`` it holds for everything that the issuer issues."""

    issuer: Annotated[str, Meta(min_length=1, max_length=2_000)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    uses: Annotated[list[Use], Meta(max_length=len(Use))]
    achievement_types: Annotated[tuple[KindText, ...], Meta(max_length=MAX_KINDS)] = ()
    achievements: Annotated[tuple[KindText, ...], Meta(max_length=MAX_KINDS)] = ()
    condition: Annotated[str, Meta(max_length=500)] = ""
    from_: datetime | None = None
    until: datetime | None = None
    logo: Annotated[str, Meta(max_length=MAX_LOGO)] = ""


class RecognitionShown(Wire):
    id: str
    organisation_id: str
    issuer: str
    name: str
    uses: list[Use]
    achievement_types: tuple[str, ...]
    achievements: tuple[str, ...]
    condition: str
    from_: datetime | None
    until: datetime | None
    logo: str
    source: str
    listed_at: datetime | None


class TakenShown(Wire):
    """What came of a list: lines that are new, that were there already, that an older edition had and this one not."""

    added: int
    unchanged: int
    ended: int


class PublishedShown(Wire):
    """``list``: the address of the signed list, for anybody."""

    list: str
    lines: int
    issued_at: datetime


class Ending(Asked):
    reason: Annotated[str, Meta(max_length=1_000)] = ""


LIST: dict[str, dict[str, Any]] = {
    kind: {"schema": {}} for kind in ("text/csv", "application/vc", "application/jwt", "application/octet-stream")
}


def line_of(data: NewRecognition) -> Line:
    return Line(
        issuer=data.issuer,
        name=data.name,
        uses=frozenset(data.uses),
        achievement_types=tuple(dict.fromkeys(data.achievement_types)),
        achievements=tuple(dict.fromkeys(data.achievements)),
        condition=data.condition,
        from_=data.from_,
        until=data.until,
        logo=data.logo,
    )


def show(found: Recognition) -> RecognitionShown:
    return RecognitionShown(
        id=found.id,
        organisation_id=found.owner,
        issuer=found.issuer,
        name=found.name,
        uses=sorted(found.uses),
        achievement_types=found.achievement_types,
        achievements=found.achievements,
        condition=found.condition,
        from_=found.from_,
        until=found.until,
        logo=found.logo,
        source=found.source,
        listed_at=found.listed_at,
    )


def _tagged(found: Recognition) -> Response[RecognitionShown]:
    return Response(show(found), headers={"ETag": etag(found.revision)})


@get("/organisations/{organisation_id:str}/recognitions", opt={SCOPE_KEY: Scope.TRUST_READ})
async def list_recognitions(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[RecognitionShown]]:
    """The lines of an organisation's own registry, ended ones among them, in the order of their making."""
    where = await registry.readable(session, act, organisation_id)
    (after,) = paging.after()
    found = await service.registry_of(session, where.id, after=after, limit=paging.enough)
    return paging.page(found, show)


@get("/organisations/{organisation_id:str}/recognitions/inherited", opt={SCOPE_KEY: Scope.TRUST_READ})
async def list_inherited(
    organisation_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[RecognitionShown]:
    """What the organisations above recognise now, which holds here too where no line of this organisation speaks."""
    where = await registry.readable(session, act, organisation_id)
    return [show(one) for one in await service.inherited(session, where.lineage[1:], act.now)]


@post("/organisations/{organisation_id:str}/recognitions", status_code=201, opt={SCOPE_KEY: Scope.TRUST_WRITE})
async def recognise(
    organisation_id: FromPath[str],
    data: JSONBody[NewRecognition],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    once: NamedDependency[Once],
) -> Response[RecognitionShown]:
    """Recognise an issuer: for which uses, which achievements, from when until when."""

    async def work() -> RecognitionShown:
        return show(await registry.recognise(session, act, organisation_id, line_of(data)))

    return await once(session, work)


@get(
    "/organisations/{organisation_id:str}/recognitions/{recognition_id:str}",
    opt={SCOPE_KEY: Scope.TRUST_READ},
    response_headers=TAGGED,
)
async def get_recognition(
    organisation_id: FromPath[str],
    recognition_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[RecognitionShown]:
    """One line of a registry."""
    where = await registry.readable(session, act, organisation_id)
    return _tagged(await service.recognition(session, where.id, recognition_id))


@put(
    "/organisations/{organisation_id:str}/recognitions/{recognition_id:str}",
    opt={SCOPE_KEY: Scope.TRUST_WRITE},
    response_headers=TAGGED,
)
async def change(
    organisation_id: FromPath[str],
    recognition_id: FromPath[str],
    data: JSONBody[NewRecognition],
    revision: NamedDependency[int],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[RecognitionShown]:
    """Say something else in a line."""
    return _tagged(
        await registry.change(session, act, organisation_id, recognition_id, line_of(data), revision=revision)
    )


@post(
    "/organisations/{organisation_id:str}/recognitions/{recognition_id:str}/end",
    status_code=200,
    opt={SCOPE_KEY: Scope.TRUST_WRITE},
    response_headers=TAGGED,
)
async def end(
    organisation_id: FromPath[str],
    recognition_id: FromPath[str],
    data: JSONBody[Ending],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[RecognitionShown]:
    """Recognise no longer by this line, from now on. What began before stays recognised."""
    return _tagged(await registry.end(session, act, organisation_id, recognition_id, reason=data.reason))


@post(
    "/organisations/{organisation_id:str}/recognitions/imports",
    status_code=200,
    request_max_body_size=MAX_OCTETS,
    opt={SCOPE_KEY: Scope.TRUST_WRITE, BODY_KEY: LIST},
)
async def take(
    organisation_id: FromPath[str],
    request: Request[Any, Any, Any],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> TakenShown:
    """Take a list: a CSV file with the columns `issuer,name,uses,achievement_types,achievements,condition,from,until,logo`,
    or a signed list (a verifiable credential whose subjects are profiles) of somebody whom this organisation lets name
    issuers. All of it or nothing is taken; a newer edition of a signed list replaces the older one."""
    taken = await registry.take(parts, act, organisation_id, await request.body())
    return TakenShown(added=taken.added, unchanged=taken.unchanged, ended=taken.ended)


@post(
    "/organisations/{organisation_id:str}/recognitions/publications",
    status_code=200,
    opt={SCOPE_KEY: Scope.TRUST_WRITE},
)
async def publish(
    organisation_id: FromPath[str], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> PublishedShown:
    """Publish the registry as a signed list, which others take by `imports`. Where it says what the last edition said, that
    one stays. Who may name issuers here is not passed on."""
    made = await published_lists.publish(parts, act, organisation_id)
    return PublishedShown(list=made.address, lines=made.lines, issued_at=made.issued_at)


ROUTES = Router(
    path="",
    tags=["trust"],
    route_handlers=[list_recognitions, list_inherited, recognise, get_recognition, change, end, take, publish],
)
