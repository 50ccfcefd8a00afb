"""Pathways: the rules of offices as data, what is on record about educators, and where somebody stands."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from credentials.db import Session
from credentials.pathways import rule as rules
from credentials.pathways import schema, service
from credentials.pathways.model import (
    EVALUATION_DATE,
    Approval,
    Change,
    FactRecord,
    Holding,
    HoldingKind,
    Pathway,
    PathwayVersion,
    Phase,
)
from credentials.pathways.record import Known, Record
from credentials.pathways.verdict import Evaluation, Reason, Verdict
from credentials.pathways.wording import outline
from credentials.people import service as people
from credentials.people.model import Act, Actor, Scope
from credentials.people.rules import require
from credentials.web.acceptance import verifier
from credentials.web.api.public import ANYWHERE
from credentials.web.api.verification import PRESENTED
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import ALSO_KEY, BODY_KEY, MEDIA_TYPES_KEY, TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire, etag, write_cursor

SCHEMA_TYPE = "application/schema+json"

Id = Annotated[str, Meta(max_length=36)]
Words = Annotated[str, Meta(min_length=1, max_length=2_000)]


class Line(Wire):
    """A line of the rule in plain words, ``depth`` steps in."""

    depth: int
    words: str


class VersionShown(Wire):
    """``rule`` is the document; ``words`` says it in plain words."""

    id: str
    number: int
    name: str
    phase: Phase
    effective_from: date
    effective_to: date | None
    approval: Approval | None
    approved_at: datetime | None
    revision: int
    words: list[Line]
    rule: dict[str, Any]


class PathwayShown(Wire):
    """``basis`` is the fact whose date chooses the version that applies; ``modelledOn`` the law or contract it follows."""

    id: str
    organisation_id: str
    slug: str
    title: str
    description: str
    modelled_on: str
    basis: str


class PathwayWhole(Wire):
    pathway: PathwayShown
    versions: list[VersionShown]


class VersionAsked(Asked):
    """``effectiveTo`` is the first day on which it is no longer in force."""

    rule: dict[str, Any]
    effective_from: date
    effective_to: date | None = None
    name: Annotated[str, Meta(max_length=300)] = ""


class NewPathway(VersionAsked, kw_only=True):
    organisation_id: Id
    slug: Annotated[str, Meta(min_length=1, max_length=62)]
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    description: Annotated[str, Meta(max_length=5_000)] = ""
    modelled_on: Annotated[str, Meta(max_length=2_000)] = ""
    basis: Annotated[str, Meta(min_length=1, max_length=200)] = EVALUATION_DATE


class ApprovalAsked(Asked):
    """``board`` is the body that decided, ``bargaining`` the agreement with the union where one was needed."""

    board: Annotated[str, Meta(min_length=1, max_length=300)]
    decided_on: date
    bargaining: Annotated[str, Meta(max_length=2_000)] = ""
    note: Annotated[str, Meta(max_length=2_000)] = ""


class EndAsked(Asked):
    on: date


class ChangeShown(Wire):
    educator_id: str
    before: str
    after: str


class WhatIfShown(Wire):
    """One batch of a trial run. Ask for the next with ``cursor`` = ``next``, until it is null."""

    judged: int
    gains: list[ChangeShown]
    loses: list[ChangeShown]
    undecided: int
    next: str | None


class ItemNamed(Wire):
    """What an id in an evaluation is of. ``earned`` is null where nobody recorded the day."""

    id: str
    title: str
    type: str | None
    earned: date | None


class StandingShown(Wire):
    """``evaluation`` is written as the command line writes it; ``items`` names the items of the record in it."""

    pathway: PathwayShown
    educator_id: str
    evaluation: Evaluation
    items: list[ItemNamed]


class Beside(Wire):
    """A pathway that takes items from another, because their rules count nothing that was used before. ``verdict`` is what
    comes of it if all of them are pursued, ``alone`` if only this one is; ``kept`` are the ids of items kept for it."""

    pathway_id: str
    alone: Verdict
    verdict: Verdict
    kept: list[str]
    reasons: list[Reason]


class Standings(Wire):
    """Every pathway that applies, each by itself; ``together``: those that compete for items, beside one another, where as
    many as can be are met."""

    items: list[StandingShown]
    together: list[Beside]


class NewFact(Asked):
    """``value`` is a text, a number, true or false, or a list of these. Both days of validity are inclusive."""

    organisation_id: Id
    path: Annotated[str, Meta(min_length=1, max_length=200)]
    value: Any
    evidence: Words
    valid_from: date | None = None
    valid_to: date | None = None


class FactShown(Wire):
    id: str
    educator_id: str
    organisation_id: str
    path: str
    value: Any
    evidence: str
    valid_from: date | None
    valid_to: date | None
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawal: str


class NewItem(Asked):
    """``item`` is written as in a record document, without an ``id``: ``{"type": "pd_hours", "qty": 12, "earned": …}``."""

    organisation_id: Id
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    item: dict[str, Any]
    evidence: Words


class ItemShown(Wire):
    id: str
    educator_id: str
    organisation_id: str
    kind: HoldingKind
    title: str
    item: dict[str, Any]
    evidence: str
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawal: str


class OnRecord(Wire):
    """All that was recorded, also what was withdrawn."""

    facts: list[FactShown]
    items: list[ItemShown]


class LookShown(Wire):
    checked_at: datetime
    verdict: str
    code: str
    summary: str
    report: dict[str, Any]


class OutsideShown(Wire):
    """``report`` is that of the verification by which it was accepted, written as `/verify` answers it."""

    item: ItemShown
    report: dict[str, Any]
    later: list[LookShown]


class Withdrawal(Asked):
    reason: Words


class RuleShown(Wire):
    """A rule that can be read, in plain words."""

    words: list[Line]


def show(pathway: Pathway) -> PathwayShown:
    return PathwayShown(**{name: getattr(pathway, name) for name in PathwayShown.__struct_fields__})


def lines(rule: rules.Rule) -> list[Line]:
    return [Line(depth=depth, words=words) for depth, words in outline(rule)]


def show_version(version: PathwayVersion, today: date) -> VersionShown:
    return VersionShown(
        id=version.id,
        number=version.number,
        name=version.name,
        phase=version.phase(today),
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        approval=version.approval,
        approved_at=version.approved_at,
        revision=version.revision,
        words=lines(rules.decode(version.rule)),
        rule=msgspec.json.decode(version.rule),
    )


def show_whole(pathway: Pathway, versions: Sequence[PathwayVersion], today: date) -> PathwayWhole:
    return PathwayWhole(pathway=show(pathway), versions=[show_version(version, today) for version in versions])


def show_fact(fact: FactRecord) -> FactShown:
    return FactShown(**{name: getattr(fact, name) for name in FactShown.__struct_fields__})


def show_item(holding: Holding) -> ItemShown:
    return ItemShown(**{name: getattr(holding, name) for name in ItemShown.__struct_fields__})


def show_change(change: Change) -> ChangeShown:
    return ChangeShown(educator_id=change.educator_id, before=change.before, after=change.after)


def show_standing(pathway: Pathway, educator_id: str, record: Record, evaluation: Evaluation) -> StandingShown:
    named = [ItemNamed(id=one.id, title=one.name, type=one.type, earned=one.earned) for one in record.items]
    return StandingShown(pathway=show(pathway), educator_id=educator_id, evaluation=evaluation, items=named)


# Rules


@get("/pathways")
async def list_pathways(
    session: NamedDependency[Session], paging: NamedDependency[Paging]
) -> Response[Page[PathwayShown]]:
    """The pathways that have an approved version, in the order of their short names."""
    (after,) = paging.after()
    found = await service.list_pathways(session, after=after, limit=paging.enough)
    return paging.page(found, show, lambda pathway: (pathway.slug,))


@get("/pathways/{pathway_id:str}", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def get_pathway(
    pathway_id: FromPath[str],
    session: NamedDependency[Session],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> PathwayWhole:
    """One pathway with its versions, in plain words and as data. Drafts are shown to their office only."""
    pathway, versions = await service.pathway_for(session, actor, pathway_id)
    return show_whole(pathway, versions, now.date())


@post("/pathway-rules", status_code=200, opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def check_rule(data: JSONBody[dict[str, Any]], act: NamedDependency[Act]) -> RuleShown:  # noqa: ARG001
    """Read a rule without keeping it: its plain words, or the place of the first mistake."""
    return RuleShown(words=lines(rules.read(data)))


@post("/pathways", status_code=201, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def draft_pathway(
    data: JSONBody[NewPathway],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[PathwayWhole]:
    """Begin a pathway with the draft of its first version."""

    async def work() -> PathwayWhole:
        pathway, version = await service.draft_pathway(
            session,
            act,
            organisation_id=data.organisation_id,
            slug=data.slug,
            title=data.title,
            description=data.description,
            modelled_on=data.modelled_on,
            basis=data.basis,
            name=data.name,
            rule=msgspec.json.encode(data.rule),
            effective_from=data.effective_from,
            effective_to=data.effective_to,
        )
        return show_whole(pathway, [version], act.now.date())

    return await once(session, work)


@post("/pathways/{pathway_id:str}/versions", status_code=201, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def draft_version(
    pathway_id: FromPath[str],
    data: JSONBody[VersionAsked],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[VersionShown]:
    """Begin another version."""

    async def work() -> VersionShown:
        version = await service.draft_version(
            session,
            act,
            pathway_id,
            rule=msgspec.json.encode(data.rule),
            effective_from=data.effective_from,
            effective_to=data.effective_to,
            name=data.name,
        )
        return show_version(version, act.now.date())

    return await once(session, work)


@get("/pathway-versions/{version_id:str}", opt={SCOPE_KEY: Scope.PATHWAYS_READ}, response_headers=TAGGED)
async def get_version(
    version_id: FromPath[str],
    session: NamedDependency[Session],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> Response[VersionShown]:
    """One version; its ETag is what an edit must name."""
    _, version = await service.version_for(session, actor, version_id)
    return _tagged(version, now)


@put("/pathway-versions/{version_id:str}", opt={SCOPE_KEY: Scope.PATHWAYS_WRITE}, response_headers=TAGGED)
async def edit_version(
    version_id: FromPath[str],
    data: JSONBody[VersionAsked],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    revision: NamedDependency[int],
) -> Response[VersionShown]:
    """Change a draft."""
    version = await service.edit_version(
        session,
        act,
        version_id,
        revision=revision,
        rule=msgspec.json.encode(data.rule),
        effective_from=data.effective_from,
        effective_to=data.effective_to,
        name=data.name,
    )
    return _tagged(version, act.now)


@delete("/pathway-versions/{version_id:str}", opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def drop_version(
    version_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    revision: NamedDependency[int],
) -> None:
    """Throw a draft away."""
    await service.drop_version(session, act, version_id, revision=revision)


@post(
    "/pathway-versions/{version_id:str}/approval",
    status_code=200,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE},
    response_headers=TAGGED,
)
async def approve(
    version_id: FromPath[str],
    data: JSONBody[ApprovalAsked],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    revision: NamedDependency[int],
) -> Response[VersionShown]:
    """Put on record that a body approved a version that somebody else wrote. From then on it does not change."""
    approval = Approval(board=data.board, decided_on=data.decided_on, bargaining=data.bargaining, note=data.note)
    return _tagged(await service.approve_version(session, act, version_id, approval, revision=revision), act.now)


@put("/pathway-versions/{version_id:str}/end", opt={SCOPE_KEY: Scope.PATHWAYS_WRITE}, response_headers=TAGGED)
async def end(
    version_id: FromPath[str],
    data: JSONBody[EndAsked],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    revision: NamedDependency[int],
) -> Response[VersionShown]:
    """Say when an approved version ends: the first day on which it is no longer in force."""
    return _tagged(await service.end_version(session, act, version_id, data.on, revision=revision), act.now)


def _tagged(version: PathwayVersion, now: datetime) -> Response[VersionShown]:
    return Response(show_version(version, now.date()), headers={"ETag": etag(version.revision)})


@get("/pathway-versions/{version_id:str}/what-if", opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def what_if(
    version_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> WhatIfShown:
    """Try a version on the educators of its organisation, a batch at a time: who would gain by it and who would lose."""
    pathway, version = await service.version_for(session, act.actor, version_id)
    where = await people.organisation(session, pathway.organisation_id)
    require(act.actor, where.lineage, *service.RULE_WRITERS)
    (after,) = paging.after()
    found = await service.what_if(session, pathway, version, act.now.date(), act.now, after=after, limit=paging.limit)
    return WhatIfShown(
        judged=found.judged,
        gains=[show_change(change) for change in found.gains],
        loses=[show_change(change) for change in found.loses],
        undecided=found.undecided,
        next=write_cursor((found.last,)) if found.last else None,
    )


# Where somebody stands


@get("/pathways/{pathway_id:str}/standing", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def standing(
    pathway_id: FromPath[str],
    parts: NamedDependency[Parts],
    act: NamedDependency[Act],
    educator: FromQuery[str] = "",
    as_of: FromQuery[date | None] = None,
    as_known: FromQuery[Known] = Known.THEN,
) -> StandingShown:
    """Where I stand, or an educator of my organisation, today or as of another day: verdict, reasons, nearest ways."""
    educator_id = educator or act.actor.person_id
    day = as_of or act.now.date()
    async with parts.database.read() as session:
        pathway, _ = await service.pathway_for(session, act.actor, pathway_id)
        await service.may_see(session, act.actor, educator_id, pathway.organisation_id, act.now)
    if day == act.now.date():
        await service.look_again(parts.database, verifier(parts, act.now), act.ids, act.now, educator_id)
    async with parts.database.read() as session:
        record, evaluation = await service.standing_of(session, pathway, educator_id, day, as_known)
    return show_standing(pathway, educator_id, record, evaluation)


@get("/standings", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def standings(
    parts: NamedDependency[Parts],
    act: NamedDependency[Act],
    educator: FromQuery[str] = "",
    as_of: FromQuery[date | None] = None,
    as_known: FromQuery[Known] = Known.THEN,
) -> Standings:
    """Where I stand in every pathway of the organisations that I work in and of those above, or where an educator of my
    organisation does. `as_of`: as of another day; `as_known`: with what was known `then`, or with what is known `now`."""
    educator_id = educator or act.actor.person_id
    day = as_of or act.now.date()
    async with parts.database.read() as session:
        applying = await service.pathways_of(session, act.actor, educator_id, act.now)
    if day == act.now.date():
        await service.look_again(parts.database, verifier(parts, act.now), act.ids, act.now, educator_id)
    async with parts.database.read() as session:
        found = await service.standings_in(session, applying, educator_id, day, as_known)
    return Standings(
        items=[show_standing(one.pathway, educator_id, one.record, one.evaluation) for one in found],
        together=[
            Beside(
                pathway_id=one.stood.pathway.id,
                alone=one.share.alone,
                verdict=one.share.verdict,
                kept=list(one.share.kept),
                reasons=list(one.evaluation.reasons),
            )
            for one in service.rivals_in(found, day, as_known)
        ],
    )


# What is on record


@get("/educators/{educator_id:str}/record", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def on_record(
    educator_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> OnRecord:
    """Facts and items that offices recorded: about me all of them, about an educator of my organisation those that it or
    one below it recorded."""
    facts, items = await service.recorded_about(session, act.actor, educator_id, act.now)
    return OnRecord(facts=[show_fact(fact) for fact in facts], items=[show_item(item) for item in items])


@post("/educators/{educator_id:str}/facts", status_code=201, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def record_fact(
    educator_id: FromPath[str],
    data: JSONBody[NewFact],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[FactShown]:
    """Record a fact with its evidence. A later one at the same path replaces it."""

    async def work() -> FactShown:
        fact = await service.record_fact(
            session,
            act,
            educator_id=educator_id,
            organisation_id=data.organisation_id,
            path=data.path,
            value=data.value,
            evidence=data.evidence,
            valid_from=data.valid_from,
            valid_to=data.valid_to,
        )
        return show_fact(fact)

    return await once(session, work)


@post("/educators/{educator_id:str}/items", status_code=201, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def record_item(
    educator_id: FromPath[str],
    data: JSONBody[NewItem],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ItemShown]:
    """Record an item that is no award of ours, such as hours of training, with its evidence."""

    async def work() -> ItemShown:
        item = await service.record_item(
            session,
            act,
            educator_id=educator_id,
            organisation_id=data.organisation_id,
            title=data.title,
            item=data.item,
            evidence=data.evidence,
        )
        return show_item(item)

    return await once(session, work)


@post(
    "/educators/{educator_id:str}/outside-credentials",
    status_code=201,
    request_max_body_size=2 * service.MAX_PRESENTED,
    opt={SCOPE_KEY: Scope.PATHWAYS_WRITE, BODY_KEY: PRESENTED, ALSO_KEY: (429,)},
)
async def hand_in(
    request: Request[Any, Any, Any],
    educator_id: FromPath[str],
    parts: NamedDependency[Parts],
    act: NamedDependency[Act],
    peer: NamedDependency[str],
    organisation: Annotated[str, QueryParameter(max_length=36)] = "",
    evidence: Annotated[str, QueryParameter(max_length=2_000)] = "",
) -> ItemShown:
    """Have a credential of another issuer count in an organisation (its id) and below it. Send its bytes as they are: JSON, a
    compact JWT, a PNG or SVG with one baked in.

    It is verified at this moment: it must hold, the organisation's registry must accept its issuer for licences, and it must
    name an e-mail address that the educator confirmed here. An officer hands in for an educator with `evidence`: how they
    know that it is about them. A refusal names every check that was not passed, and changes nothing. It is verified again
    whenever its holder is judged.
    """
    request.app.state.verify_limit.take(peer, act.now)
    return show_item(
        await service.hand_in(
            parts.database,
            verifier(parts, act.now),
            act,
            educator_id=educator_id,
            organisation_id=organisation,
            octets=await request.body(),
            evidence=evidence,
        )
    )


@get("/educator-items/{item_id:str}/report", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def outside_report(
    item_id: FromPath[str], parts: NamedDependency[Parts], act: NamedDependency[Act]
) -> OutsideShown:
    """The report by which an outside credential was accepted, and every later look that found a change."""
    holding, report, checks = await service.report_on(parts.database, act.actor, item_id, act.now)
    looks = [
        LookShown(
            checked_at=one.checked_at,
            verdict=one.verdict,
            code=one.code,
            summary=one.summary,
            report=msgspec.json.decode(one.report),
        )
        for one in checks
    ]
    return OutsideShown(item=show_item(holding), report=msgspec.json.decode(report), later=looks)


@post("/educator-facts/{fact_id:str}/withdrawal", status_code=200, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def withdraw_fact(
    fact_id: FromPath[str],
    data: JSONBody[Withdrawal],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> FactShown:
    """Take a fact back that was wrong. It stays on record with the reason."""
    return show_fact(await service.withdraw_fact(session, act, fact_id, reason=data.reason))


@post("/educator-items/{item_id:str}/withdrawal", status_code=200, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def withdraw_item(
    item_id: FromPath[str],
    data: JSONBody[Withdrawal],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> ItemShown:
    """Take an item back that was wrong. It stays on record with the reason."""
    return show_item(await service.withdraw_item(session, act, item_id, reason=data.reason))


# Schemas, for everybody


@get(schema.RULE_PATH, media_type=SCHEMA_TYPE, opt={MEDIA_TYPES_KEY: [SCHEMA_TYPE]})
async def rule_schema(parts: NamedDependency[Parts]) -> Response[dict[str, Any]]:
    """The JSON Schema of rules."""
    return Response(schema.rule_schema(parts.settings.base_url), media_type=SCHEMA_TYPE, headers=ANYWHERE)


@get(schema.RECORD_PATH, media_type=SCHEMA_TYPE, opt={MEDIA_TYPES_KEY: [SCHEMA_TYPE]})
async def record_schema(parts: NamedDependency[Parts]) -> Response[dict[str, Any]]:
    """The JSON Schema of records."""
    return Response(schema.record_schema(parts.settings.base_url), media_type=SCHEMA_TYPE, headers=ANYWHERE)


@get(schema.STACK_PATH, media_type=SCHEMA_TYPE, opt={MEDIA_TYPES_KEY: [SCHEMA_TYPE]})
async def stack_schema(parts: NamedDependency[Parts]) -> Response[dict[str, Any]]:
    """The JSON Schema of stacks."""
    return Response(schema.stack_schema(parts.settings.base_url), media_type=SCHEMA_TYPE, headers=ANYWHERE)


SCHEMAS = Router(path="", tags=["public"], route_handlers=[rule_schema, record_schema, stack_schema])

ROUTES = Router(
    path="",
    tags=["pathways"],
    route_handlers=[
        list_pathways,
        get_pathway,
        check_rule,
        draft_pathway,
        draft_version,
        get_version,
        edit_version,
        drop_version,
        approve,
        end,
        what_if,
        standing,
        standings,
        on_record,
        record_fact,
        record_item,
        hand_in,
        outside_report,
        withdraw_fact,
        withdraw_item,
    ],
)
