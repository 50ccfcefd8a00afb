"""Licences: what offices grant, applications, decisions, appeals; waivers and overrides."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from credentials.db import Session
from credentials.licensing import service
from credentials.licensing.model import (
    Appeal,
    AppealStage,
    Application,
    ApplicationKind,
    Decision,
    LicenceKind,
    LicenceType,
    Stage,
)
from credentials.pathways import service as pathways
from credentials.pathways.model import ExceptionKind, RecordedException
from credentials.pathways.verdict import Evaluation
from credentials.people import service as people
from credentials.people.model import Act, Scope
from credentials.people.rules import require
from credentials.web.acceptance import verifier
from credentials.web.api.awards import AwardShown, show_award
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire, etag

Id = Annotated[str, Meta(max_length=36)]
Words = Annotated[str, Meta(min_length=1, max_length=5_000)]
Label = Annotated[str, Meta(min_length=1, max_length=300)]


class NewLicence(Asked):
    """``pathwayId`` is the rule by which it is granted, ``renewalPathwayId`` that of its renewal. Without ``termMonths`` it is
    for life. ``consumes``: what a decision counted counts for no other one. ``notWaivable`` are labels of requirements that
    nothing sets aside."""

    slug: Annotated[str, Meta(min_length=1, max_length=62)]
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    description: Words
    pathway_id: Id
    kind: LicenceKind = LicenceKind.LICENSE
    renewal_pathway_id: Id | None = None
    term_months: Annotated[int, Meta(ge=1, le=1_200)] | None = None
    renewal_days: Annotated[int, Meta(ge=0, le=3_650)] = 365
    consumes: bool = False
    not_waivable: Annotated[tuple[Label, ...], Meta(max_length=50)] = ()
    appeal_days: Annotated[int, Meta(ge=1, le=3_650)] = 60


class LicenceShown(Wire):
    id: str
    organisation_id: str
    slug: str
    title: str
    description: str
    kind: LicenceKind
    pathway_id: str
    renewal_pathway_id: str | None
    term_months: int | None
    renewal_days: int
    consumes: bool
    not_waivable: tuple[str, ...]
    appeal_days: int
    created_at: datetime
    closed_at: datetime | None
    revision: int


class NewApplication(Asked):
    licence_id: Id
    statement: Annotated[str, Meta(max_length=5_000)] = ""


class Restatement(Asked):
    statement: Annotated[str, Meta(max_length=5_000)] = ""


class ApplicationShown(Wire):
    """``verdict`` is the one on which it was handed in or decided. ``concern``: what became of something that the decision
    counted. ``validUntil`` is the first day on which the licence is valid no more."""

    id: str
    licence_id: str
    title: str
    organisation_id: str
    educator_id: str
    kind: ApplicationKind
    stage: Stage
    statement: str
    submitted_at: datetime
    verdict: str
    decided_at: datetime | None
    reason: str
    valid_until: date | None
    counted: tuple[str, ...]
    concern: str
    award_id: str | None
    revision: int


class AppealShown(Wire):
    id: str
    application_id: str
    statement: str
    waive: tuple[str, ...]
    late: bool
    good_cause: str
    stage: AppealStage
    filed_at: datetime
    decided_at: datetime | None
    reason: str
    revision: int


class ApplicationWhole(Wire):
    """``decidedOn`` is the evaluation on which it was handed in or decided, ``today`` the one as of now; both as the command
    line writes them."""

    application: ApplicationShown
    educator: str
    decided_on: Evaluation
    today: Evaluation
    appeal: AppealShown | None


class Queue(Wire):
    """``counts``: how many applications are in each stage."""

    items: list[ApplicationShown]
    next: str | None
    counts: dict[str, int]


class DecisionAsked(Asked):
    """``reason`` is read by the educator; an approval may have none."""

    decision: Decision
    reason: Annotated[str, Meta(max_length=5_000)] = ""


class NewAppeal(Asked):
    statement: Words
    waive: Annotated[tuple[Label, ...], Meta(max_length=50)] = ()
    good_cause: Annotated[str, Meta(max_length=5_000)] = ""


class AppealDecision(Asked):
    upheld: bool
    reason: Words


class Revocation(Asked):
    reason: Words


class NewWaiver(Asked):
    """``requirement`` is its label in the rule. Both days are inclusive."""

    requirement: Label
    rationale: Words
    replacement_plan: Annotated[str, Meta(max_length=5_000)] = ""
    from_: date | None = None
    to: date | None = None


class NewOverride(Asked):
    """``to`` is the last day on which the rule counts as met."""

    reason: Words
    evidence: Words
    to: date


class ExceptionShown(Wire):
    id: str
    pathway_id: str
    educator_id: str
    kind: ExceptionKind
    requirement: str
    reason: str
    replacement_plan: str
    evidence: str
    from_: date
    to: date | None
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawal: str


def show_licence(found: LicenceType) -> LicenceShown:
    return LicenceShown(**{name: getattr(found, name) for name in LicenceShown.__struct_fields__})


def show(found: Application, type_: LicenceType) -> ApplicationShown:
    more: dict[str, Any] = {"licence_id": found.type_id, "title": type_.title}
    return ApplicationShown(
        **more, **{name: getattr(found, name) for name in ApplicationShown.__struct_fields__ if name not in more}
    )


def show_appeal(found: Appeal) -> AppealShown:
    return AppealShown(**{name: getattr(found, name) for name in AppealShown.__struct_fields__})


def show_exception(found: RecordedException) -> ExceptionShown:
    more: dict[str, Any] = {"from_": found.opens, "to": found.closes}
    return ExceptionShown(
        **more, **{name: getattr(found, name) for name in ExceptionShown.__struct_fields__ if name not in more}
    )


# What offices grant


@get("/licences")
async def list_licences(
    session: NamedDependency[Session], paging: NamedDependency[Paging]
) -> Response[Page[LicenceShown]]:
    """Licences and endorsements that can be applied for, in the order of their short names."""
    (after,) = paging.after()
    found = await service.list_types(session, after=after, limit=paging.enough)
    return paging.page(found, show_licence, lambda one: (one.slug,))


@get("/licences/{licence_id:str}", response_headers=TAGGED)
async def get_licence(licence_id: FromPath[str], session: NamedDependency[Session]) -> Response[LicenceShown]:
    """One of them."""
    return _tagged_licence(await service.licence_type(session, licence_id))


@post("/organisations/{organisation_id:str}/licences", status_code=201, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def open_licence(
    organisation_id: FromPath[str],
    data: JSONBody[NewLicence],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[LicenceShown]:
    """Open a licence for applications."""

    async def work() -> LicenceShown:
        asked = LicenceType(
            **msgspec.structs.asdict(data), id="", organisation_id=organisation_id, author_id="", created_at=act.now
        )
        return show_licence(await service.found_type(session, act, asked))

    return await once(session, work)


@post(
    "/licences/{licence_id:str}/closure",
    status_code=200,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE},
    response_headers=TAGGED,
)
async def close_licence(
    licence_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    revision: NamedDependency[int],
) -> Response[LicenceShown]:
    """Take no more applications. What was granted stays."""
    return _tagged_licence(await service.close_type(session, act, licence_id, revision=revision))


def _tagged_licence(found: LicenceType) -> Response[LicenceShown]:
    return Response(show_licence(found), headers={"ETag": etag(found.revision)})


# Applications


@post("/licence-applications", status_code=201, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def apply(
    data: JSONBody[NewApplication],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ApplicationShown]:
    """Apply for a licence, or for the renewal of the one that I hold. Applying again answers the application that is open."""

    async def work() -> ApplicationShown:
        made = await service.apply(session, act, data.licence_id, statement=data.statement)
        return show(made, await service.licence_type(session, made.type_id))

    return await once(session, work)


@get("/licence-applications", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def list_mine(session: NamedDependency[Session], act: NamedDependency[Act]) -> list[ApplicationShown]:
    """My applications, newest first, at most a hundred."""
    found = await service.applications_of(session, act.actor.person_id)
    types = await service.types_by_id(session, {one.type_id for one in found})
    return [show(one, types[one.type_id]) for one in found]


@get("/organisations/{organisation_id:str}/licence-applications", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def queue(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    stage: FromQuery[Stage | None] = None,
    concern: FromQuery[bool] = False,
) -> Response[Queue]:
    """The office's queue, oldest first; with `stage` only those, with `concern` only what is to be looked at again."""
    where = await people.organisation(session, organisation_id)
    require(act.actor, where.lineage, *service.DECIDERS)
    reach = await people.below(session, [where.id])
    (after,) = paging.after()
    found = await service.applications_to(
        session, reach, stage=stage, with_concern=concern, after=after, limit=paging.enough
    )
    types = await service.types_by_id(session, {one.type_id for one in found})
    page = paging.page(found, lambda one: show(one, types[one.type_id]))
    counts = await service.count_stages(session, reach)
    return Response(Queue(items=list(page.content.items), next=page.content.next, counts=counts), headers=page.headers)


@get("/licence-applications/{application_id:str}", opt={SCOPE_KEY: Scope.PATHWAYS_READ}, response_headers=TAGGED)
async def get_application(
    application_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[ApplicationWhole]:
    """An application of mine, or one to my office: what it was decided on, and where its educator stands today."""
    found, type_ = await service.application_for(session, act.actor, application_id)
    educator = await people.person(session, found.educator_id)
    appeal = (await service.appeals_against(session, [found.id])).get(found.id)
    whole = ApplicationWhole(
        application=show(found, type_),
        educator=educator.name,
        decided_on=msgspec.json.decode(found.evaluation, type=Evaluation),
        today=await service.evaluate(session, found, act.now),
        appeal=show_appeal(appeal) if appeal else None,
    )
    return Response(whole, headers={"ETag": etag(found.revision)})


@post(
    "/licence-applications/{application_id:str}/decision",
    status_code=200,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE},
    response_headers=TAGGED,
)
async def decide(
    application_id: FromPath[str],
    data: JSONBody[DecisionAsked],
    parts: NamedDependency[Parts],
    act: NamedDependency[Act],
    revision: NamedDependency[int],
) -> Response[ApplicationShown]:
    """Approve, return or refuse. What the rule does not carry cannot be approved: record a waiver or an override first.

    Credentials of other issuers are verified again first; where that cannot be done and the verdict hangs on it, nothing is
    decided.
    """
    await service.look_before(parts.database, verifier(parts, act.now), act, application_id, data.decision)
    async with parts.database.write() as session:
        found = await service.decide(session, act, application_id, data.decision, reason=data.reason, revision=revision)
        return await _tagged(session, found)


@post(
    "/licence-applications/{application_id:str}/resubmission",
    status_code=200,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE},
    response_headers=TAGGED,
)
async def resubmit(
    application_id: FromPath[str],
    data: JSONBody[Restatement],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ApplicationShown]:
    """Hand in again what was returned."""
    return await _tagged(session, await service.resubmit(session, act, application_id, statement=data.statement))


@post(
    "/licence-applications/{application_id:str}/withdrawal",
    status_code=200,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE},
    response_headers=TAGGED,
)
async def withdraw(
    application_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[ApplicationShown]:
    """Take my application back."""
    return await _tagged(session, await service.withdraw(session, act, application_id))


async def _tagged(session: Session, found: Application) -> Response[ApplicationShown]:
    type_ = await service.licence_type(session, found.type_id)
    return Response(show(found, type_), headers={"ETag": etag(found.revision)})


@post("/licence-awards/{award_id:str}/revocation", status_code=200, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def revoke(
    award_id: FromPath[str],
    data: JSONBody[Revocation],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> AwardShown:
    """Take a licence back for good. Its bit is published within a minute."""
    return show_award(await service.revoke(session, act, award_id, reason=data.reason), parts.settings.base_url)


# Appeals


@post("/licence-applications/{application_id:str}/appeals", status_code=201, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def appeal(
    application_id: FromPath[str],
    data: JSONBody[NewAppeal],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[AppealShown]:
    """Appeal a refusal, in the licence's days; later only with the good cause that kept me."""

    async def work() -> AppealShown:
        made = await service.file_appeal(
            session,
            act,
            application_id,
            statement=data.statement,
            waive=data.waive,
            good_cause=data.good_cause,
        )
        return show_appeal(made)

    return await once(session, work)


@get("/organisations/{organisation_id:str}/licence-appeals", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def list_appeals(
    organisation_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[AppealShown]:
    """Appeals that wait for a decision, oldest first, at most a hundred."""
    where = await people.organisation(session, organisation_id)
    require(act.actor, where.lineage, *service.DECIDERS)
    return [show_appeal(one) for one in await service.appeals_to(session, await people.below(session, [where.id]))]


@post(
    "/licence-appeals/{appeal_id:str}/decision",
    status_code=200,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE},
    response_headers=TAGGED,
)
async def decide_appeal(
    appeal_id: FromPath[str],
    data: JSONBody[AppealDecision],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    revision: NamedDependency[int],
) -> Response[AppealShown]:
    """Decide an appeal, as somebody who did not decide the application. Upheld, it opens the application again with the waivers
    that it asked for."""
    found = await service.appeal_decided(
        session, act, appeal_id, upheld=data.upheld, reason=data.reason, revision=revision
    )
    return Response(show_appeal(found), headers={"ETag": etag(found.revision)})


# Waivers and overrides


@get("/pathways/{pathway_id:str}/educators/{educator_id:str}/exceptions", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def list_exceptions(
    pathway_id: FromPath[str], educator_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[ExceptionShown]:
    """Waivers and overrides of an educator in a pathway, withdrawn ones among them."""
    pathway = await pathways.pathway(session, pathway_id)
    await pathways.may_see(session, act.actor, educator_id, pathway.organisation_id, act.now)
    found = await pathways.exceptions_of(session, [pathway_id], [educator_id])
    return [show_exception(one) for one in found.get((pathway_id, educator_id), ())]


@post(
    "/pathways/{pathway_id:str}/educators/{educator_id:str}/waivers",
    status_code=201,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE},
)
async def waive(
    pathway_id: FromPath[str],
    educator_id: FromPath[str],
    data: JSONBody[NewWaiver],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ExceptionShown]:
    """Decide that one requirement need not be met. The verdict then reads `met_by_waiver`."""

    async def work() -> ExceptionShown:
        made = await pathways.waive(
            session,
            act,
            pathway_id,
            educator_id,
            requirement=data.requirement,
            rationale=data.rationale,
            replacement_plan=data.replacement_plan,
            opens=data.from_,
            closes=data.to,
        )
        return show_exception(made)

    return await once(session, work)


@post(
    "/pathways/{pathway_id:str}/educators/{educator_id:str}/overrides",
    status_code=201,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE},
)
async def override(
    pathway_id: FromPath[str],
    educator_id: FromPath[str],
    data: JSONBody[NewOverride],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ExceptionShown]:
    """Decide that the rule counts as met until the end of a day. The verdict then reads `met_by_override`."""

    async def work() -> ExceptionShown:
        made = await pathways.override(
            session, act, pathway_id, educator_id, reason=data.reason, evidence=data.evidence, closes=data.to
        )
        return show_exception(made)

    return await once(session, work)


@post("/pathway-exceptions/{exception_id:str}/withdrawal", status_code=200, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def withdraw_exception(
    exception_id: FromPath[str],
    data: JSONBody[Revocation],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> ExceptionShown:
    """Take a waiver or an override back, from now on."""
    return show_exception(await pathways.withdraw_exception(session, act, exception_id, reason=data.reason))


ROUTES = Router(
    path="",
    tags=["licences"],
    route_handlers=[
        list_licences,
        get_licence,
        open_licence,
        close_licence,
        apply,
        list_mine,
        queue,
        get_application,
        decide,
        resubmit,
        withdraw,
        revoke,
        appeal,
        list_appeals,
        decide_appeal,
        list_exceptions,
        waive,
        override,
        withdraw_exception,
    ],
)
