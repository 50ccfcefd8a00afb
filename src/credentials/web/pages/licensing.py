"""Licences: what offices grant, an application as both sides of the desk see it, the office's queue."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.errors import Fault, Malformed, NotFound
from credentials.licensing import service
from credentials.licensing.model import Decision, LicenceKind, LicenceType, Stage
from credentials.pathways import service as pathways
from credentials.pathways.rule import decode, refs_of, walk
from credentials.people import service as people
from credentials.people.model import Act
from credentials.web.acceptance import verifier
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

SHOWN = 50


# Everybody's pages


@get("/licences")
async def licences(page: NamedDependency[Page], cursor: FromQuery[str | None] = None) -> Template:
    """What can be applied for; and my applications."""
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.list_types(session, after=after, limit=SHOWN + 1)
        mine = await service.applications_of(session, page.actor.person_id) if page.actor else []
        types = await service.types_by_id(session, {one.type_id for one in mine})
        offices = await people.organisations_by_id(session, {one.organisation_id for one in [*found, *types.values()]})
    shown = found[:SHOWN]
    return page.show(
        "licences/licences.html",
        licences=shown,
        applications=mine,
        types=types,
        offices=offices,
        next=further("/licences", found, SHOWN, lambda one: (one.slug,)),
    )


@get("/licences/{licence_id:str}")
async def licence(licence_id: FromPath[str], page: NamedDependency[Page]) -> Template:
    """One licence: what it is, by which rule it is granted, and the way to apply."""
    return await _licence(page, licence_id)


async def _licence(page: Page, licence_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found = await service.licence_type(session, licence_id)
        office = await people.organisation(session, found.organisation_id)
        ids = [found.pathway_id, *([found.renewal_pathway_id] if found.renewal_pathway_id else [])]
        rules = [await pathways.pathway(session, one) for one in ids]
        me = page.actor.person_id if page.actor else ""
        may_apply = bool(me) and bool(await people.are_educators_in(session, office.id, [me], page.now))
    return page.show(
        "licences/licence.html", filled=filled, licence=found, office=office, rules=rules, may_apply=may_apply
    )


@post("/licences/{licence_id:str}/applications")
async def apply(
    licence_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            made = await service.apply(session, act, licence_id, statement=form["statement"])
    except MENDABLE as failure:
        return await _licence(page, licence_id, form.back("apply", failure, field="statement"))
    return page.go(f"/licence-applications/{made.id}", "licence-applied")


# An application


@get("/licence-applications/{application_id:str}")
async def application(
    application_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template:
    """An application of mine, or one to my office, with the verdict of today and its reasons."""
    return await _application(page, act, application_id)


async def _application(page: Page, act: Act, application_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found, type_ = await service.application_for(session, act.actor, application_id)
        evaluation = await service.evaluate(session, found, page.now)
        pathway = await pathways.pathway(session, service.rule_for(type_, found.kind))
        versions = (await pathways.versions_of(session, [pathway.id]))[pathway.id]
        office = await people.organisation(session, found.organisation_id)
        appeal = (await service.appeals_against(session, [found.id])).get(found.id)
        decided = await pathways.exceptions_of(session, [pathway.id], [found.educator_id])
        names = await people.persons_by_id(
            session, {found.educator_id, *([found.decided_by] if found.decided_by else [])}
        )
        rules = [decode(version.rule) for version in versions]
        titles = await catalog.titles_by_slug(session, {ref for rule in rules for ref in refs_of(rule)})
    mine = found.educator_id == act.actor.person_id
    labels = sorted({node.label for rule in rules for node in walk(rule) if node.label})
    return page.show(
        "licences/application.html",
        filled=filled,
        application=found,
        licence=type_,
        office=office,
        pathway=pathway,
        evaluation=evaluation,
        titles=titles,
        appeal=appeal,
        exceptions=decided.get((pathway.id, found.educator_id), ()),
        names={one.id: one.name for one in names.values()},
        mine=mine,
        may_decide=not mine and act.actor.holds_any(service.DECIDERS, office.lineage),
        labels=labels,
        waivable=[label for label in labels if label not in type_.not_waivable],
    )


@post("/licence-applications/{application_id:str}/decision")
async def decide(
    application_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        chosen = form["decision"]
        if chosen not in set(Decision):
            raise Malformed("choose a decision", faults=(Fault("choose one of these", "decision", "invalid"),))
        verify = verifier(page.parts, page.now)
        await service.look_before(page.parts.database, verify, act, application_id, Decision(chosen))
        async with page.parts.database.write() as session:
            await service.decide(
                session,
                act,
                application_id,
                Decision(chosen),
                reason=form["reason"],
                revision=form.number("revision"),
            )
    except MENDABLE as failure:
        return await _application(page, act, application_id, form.back("decide", failure, field="reason"))
    return page.go(f"/licence-applications/{application_id}", "licence-decided")


@post("/licence-applications/{application_id:str}/resubmission")
async def resubmit(
    application_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.resubmit(session, act, application_id, statement=form["statement"])
    except MENDABLE as failure:
        return await _application(page, act, application_id, form.back("resubmit", failure, field="statement"))
    return page.go(f"/licence-applications/{application_id}", "licence-applied")


@post("/licence-applications/{application_id:str}/withdrawal")
async def withdraw(
    application_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.withdraw(session, act, application_id)
    except MENDABLE as failure:
        return await _application(page, act, application_id, form.back("withdraw", failure))
    return page.go("/licences", "licence-withdrawn")


@post("/licence-applications/{application_id:str}/appeals")
async def appeal(
    application_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.file_appeal(
                session,
                act,
                application_id,
                statement=form["statement"],
                waive=tuple(form.all("waive"))[:50],
                good_cause=form["good_cause"],
            )
    except MENDABLE as failure:
        return await _application(page, act, application_id, form.back("appeal", failure, field="statement"))
    return page.go(f"/licence-applications/{application_id}", "licence-appealed")


@post("/licence-applications/{application_id:str}/appeals/{appeal_id:str}/decision")
async def decide_appeal(
    application_id: FromPath[str],
    appeal_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.appeal_decided(
                session,
                act,
                appeal_id,
                upheld=form["outcome"] == "upheld",
                reason=form["reason"],
                revision=form.number("revision"),
            )
    except MENDABLE as failure:
        return await _application(page, act, application_id, form.back("decide-appeal", failure, field="reason"))
    return page.go(f"/licence-applications/{application_id}", "licence-decided")


@post("/licence-applications/{application_id:str}/waivers")
async def waive(
    application_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Set one requirement aside, as the office, from the page of the application that needs it."""
    try:
        async with page.parts.database.write() as session:
            found, type_ = await service.application_for(session, act.actor, application_id)
            await pathways.waive(
                session,
                act,
                service.rule_for(type_, found.kind),
                found.educator_id,
                requirement=form["requirement"],
                rationale=form["rationale"],
                replacement_plan=form["replacement_plan"],
                closes=form.day("closes") if form.line("closes") else None,
            )
    except MENDABLE as failure:
        return await _application(page, act, application_id, form.back("waive", failure, field="rationale"))
    return page.go(f"/licence-applications/{application_id}", "exception-recorded")


@post("/licence-applications/{application_id:str}/overrides")
async def override(
    application_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Let the whole rule count as met until a day."""
    try:
        async with page.parts.database.write() as session:
            found, type_ = await service.application_for(session, act.actor, application_id)
            await pathways.override(
                session,
                act,
                service.rule_for(type_, found.kind),
                found.educator_id,
                reason=form["reason"],
                evidence=form["evidence"],
                closes=form.day("closes"),
            )
    except MENDABLE as failure:
        return await _application(page, act, application_id, form.back("override", failure, field="reason"))
    return page.go(f"/licence-applications/{application_id}", "exception-recorded")


# The office


@get("/licences-office")
async def office(
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    stage: FromQuery[str] = "submitted",
    cursor: FromQuery[str | None] = None,
) -> Template:
    """The queue: what waits, oldest first, and what is to be looked at again."""
    return await _office(page, act, stage, cursor)


async def _office(
    page: Page, act: Act, stage: str = "submitted", cursor: str | None = None, filled: Filled = BLANK
) -> Template:
    held = act.actor.organisations(*service.DECIDERS)
    if not held:
        raise NotFound("there is nothing at this address")
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        reach = await people.below(session, held)
        found = await service.applications_to(
            session,
            reach,
            stage=Stage(stage) if stage in set(Stage) else None,
            with_concern=stage == "concern",
            after=after,
            limit=SHOWN + 1,
        )
        shown = found[:SHOWN]
        types = await service.types_by_id(session, {one.type_id for one in shown})
        names = await people.persons_by_id(session, {one.educator_id for one in shown})
        counts = await service.count_stages(session, reach)
        appeals = await service.appeals_to(session, reach)
        places = await people.organisations_by_id(session, held)
        granted = await service.list_types(session, organisation_ids=reach, limit=200)
        above = {one for place in places.values() for one in place.lineage}
        rules = [
            one for one in await pathways.pathways_in_force(session, page.now.date()) if one.organisation_id in above
        ]
    return page.show(
        "licences/office.html",
        filled=filled,
        stage=stage,
        stages=list(Stage),
        counts=counts,
        applications=shown,
        types=types,
        names={one.id: one.name for one in names.values()},
        appeals=appeals,
        places=sorted(places.values(), key=lambda one: one.name),
        granted=granted,
        rules=rules,
        kinds=list(LicenceKind),
        next=further("/licences-office", found, SHOWN, stage=stage),
    )


@post("/licences-office/licences")
async def open_licence(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Open a licence for applications."""
    try:
        months = form.line("term_months")
        asked: dict[str, Any] = {
            "id": "",
            "organisation_id": form["organisation"],
            "slug": form.line("slug"),
            "title": form.line("title"),
            "description": form["description"].strip(),
            "kind": form["kind"],
            "pathway_id": form["rule"],
            "renewal_pathway_id": form["renewal_rule"] or None,
            "term_months": months or None,
            "consumes": form.flag("consumes"),
            "not_waivable": form.lines("not_waivable"),
            "author_id": "",
            "created_at": page.now,
        }
        async with page.parts.database.write() as session:
            made = await service.found_type(session, act, msgspec.convert(asked, LicenceType, strict=False))
    except msgspec.ValidationError:
        fault = Fault("write a whole number of months, or leave it out", "term_months", "invalid")
        failure = Malformed("something is not right here yet", faults=(fault,))
        return await _office(page, act, filled=form.back("open", failure))
    except MENDABLE as failure:
        return await _office(page, act, filled=form.back("open", failure, field="title"))
    return page.go(f"/licences/{made.id}", "licence-opened")


HANDLERS = [
    licences,
    licence,
    apply,
    application,
    decide,
    resubmit,
    withdraw,
    appeal,
    decide_appeal,
    waive,
    override,
    office,
    open_licence,
]
