"""The developer's desk: versions of micro-credentials, from draft to retirement, and drafts of stacks."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.catalog import service
from credentials.catalog.model import (
    AiUse,
    CatalogueEntry,
    EvidenceRequirement,
    FrameworkRecord,
    KeyMethod,
    Programme,
    PublicationRefused,
    Rubric,
    Specification,
    Stage,
)
from credentials.catalog.rules import check_publishable
from credentials.catalog.service import DEVELOPERS
from credentials.db import Session
from credentials.errors import Fault, Forbidden, NotFound
from credentials.pathways import service as pathways
from credentials.pathways.model import Effect, Loss
from credentials.people import service as people
from credentials.people.model import Act, Organisation
from credentials.web.api import catalog as api
from credentials.web.api import pathways as pathways_api
from credentials.web.pages import words
from credentials.web.pages.catalog import level_names, titles_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form, FormRefused
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

SHOWN = 50
MOST_CHOICES = 200
"""Of frameworks and micro-credentials that a form offers."""


def _check_developer(act: Act) -> None:
    if not act.actor.organisations(*DEVELOPERS):
        raise Forbidden("this page is for catalogue developers: ask an administrator of your organisation for the role")


@get("/develop")
async def versions(
    page: NamedDependency[Page], act: NamedDependency[Act], cursor: FromQuery[str | None] = None
) -> Template:
    """Every version of the organisations in which I develop the catalogue, and the stacks that are not published."""
    _check_developer(act)
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        reach = await people.within(session, act.actor, *DEVELOPERS)
        found = await service.entries_of(session, reach, after=after, limit=SHOWN + 1)
        shown = found[:SHOWN]
        stacks = await pathways.drafts_of(session, reach)
        organisations = await people.organisations_by_id(
            session,
            {entry.micro_credential.organisation_id for entry in shown} | {one.organisation_id for one in stacks},
        )
    return page.show(
        "develop/versions.html",
        entries=shown,
        stacks=stacks,
        organisations=organisations,
        next=further("/develop", found, SHOWN, lambda entry: (entry.version.id,)),
    )


# A new micro-credential


@get("/develop/new")
async def new_page(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """Begin a micro-credential."""
    return await _new(page, act)


async def _new(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    _check_developer(act)
    async with page.parts.database.read() as session:
        choices = await _organisations(session, act)
    return page.show("develop/new.html", filled=filled, choices=choices)


async def _organisations(session: Session, act: Act) -> list[tuple[str, str]]:
    """The organisations in which the actor develops, for a choice."""
    reach = await people.within(session, act.actor, *DEVELOPERS)
    found: dict[str, Organisation] = await people.organisations_by_id(session, reach)
    return sorted(((one.id, one.name) for one in found.values()), key=lambda choice: choice[1])


@post("/develop/new")
async def begin(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(
            api.NewMicroCredential,
            organisationId=form["organisation"],
            slug=form.line("slug"),
            specification={"title": form.line("title")},
        )
        async with page.parts.database.write() as session:
            entry = await service.draft(
                session, act, organisation_id=asked.organisation_id, slug=asked.slug, specification=asked.specification
            )
    except MENDABLE as failure:
        field = "slug" if "short name" in failure.detail else ""
        return await _new(page, act, form.back("new", failure, field=field, at={"specification": "title"}))
    return page.go(f"/develop/{entry.version.id}", "drafted")


# One version


@get("/develop/{version_id:str}")
async def version(version_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """One version: what it says, which gates are open, and what can be done with it now."""
    return await _version(page, act, version_id)


async def _version(page: Page, act: Act, version_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        entry = await service.version_for(session, act.actor, version_id)
        issuer = await people.organisation(session, entry.micro_credential.organisation_id)
        if not act.actor.holds_any(DEVELOPERS, issuer.lineage):
            raise NotFound("there is no such version")
        specification = entry.version.specification
        named = {*specification.competencies, *specification.alignments}
        competencies = await service.competencies(session, named)
        faults = gates(specification, frozenset(competencies))
        frameworks = (
            await service.list_frameworks(session, limit=MOST_CHOICES) if entry.version.stage is Stage.DRAFT else []
        )
        others = await service.versions_of(session, entry.micro_credential.id)
        author = (await people.persons_by_id(session, [entry.version.author_id])).get(entry.version.author_id)
    return page.show(
        "develop/version.html",
        filled=filled,
        entry=entry,
        specification=specification,
        issuer=issuer,
        competencies=competencies,
        faults=faults,
        frameworks=choices_of(frameworks),
        others=others,
        author=author.name if author else "",
        is_author=entry.version.author_id == act.actor.person_id,
        has_open=any(one.stage in {Stage.DRAFT, Stage.IN_REVIEW} for one in others),
        as_json={
            name: pretty(getattr(specification, name)) for name in ("key_method", "evidence", "rubric", "programme")
        },
        titles=titles_of(specification),
        level_names=level_names(specification),
        policies=list(AiUse),
    )


def gates(specification: Specification, known: frozenset[str]) -> tuple[Fault, ...]:
    """The gates that fail, each with its place."""
    try:
        check_publishable(specification, known_items=known)
    except PublicationRefused as refused:
        return refused.faults
    return ()


def choices_of(frameworks: Sequence[FrameworkRecord]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Framework items by framework, for a choice."""
    return [
        (
            record.framework.title,
            [
                (item.identifier, f"{item.human_coding_scheme} {item.full_statement}"[:140])
                for item in record.framework.items
            ],
        )
        for record in frameworks
    ]


def pretty(value: Any) -> str:
    """A part of a specification as JSON that a person can edit."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


@post("/develop/{version_id:str}")
async def edit(
    version_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Rewrite a draft."""
    try:
        specification = read_specification(form)
        async with page.parts.database.write() as session:
            await service.edit(session, act, version_id, specification, revision=form.number("revision"))
    except MENDABLE as failure:
        return await _version(page, act, version_id, form.back("edit", failure))
    return page.go(f"/develop/{version_id}", "draft-saved")


def read_specification(form: Form) -> Specification:
    """The specification that a form describes. Raises ``FormRefused`` with every field that cannot be read."""
    faults: list[Fault] = []

    def part(name: str, shape: Any) -> Any:
        try:
            return msgspec.json.decode(form[name], type=shape) if form[name].strip() else None
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            faults.append(Fault(f"this cannot be read: {error}", name, "invalid"))
            return None

    values: dict[str, Any] = {
        "title": form.line("title"),
        "summary": form["summary"].strip(),
        "competencies": [one for one in [form["competency"]] if one],
        "alignments": form.all("alignments"),
        "keyMethod": part("key_method", KeyMethod | None),
        "evidence": part("evidence", tuple[EvidenceRequirement, ...]) or (),
        "rubric": part("rubric", Rubric) or Rubric(),
        "programme": part("programme", Programme) or Programme(),
        "effortHours": _number(form, "effort_hours", faults),
        "licence": form.line("licence"),
        "authors": form.lines("authors"),
        "prerequisites": form.lines("prerequisites"),
        "tags": [tag.strip() for tag in form["tags"].split(",") if tag.strip()],
        "aiUse": form["ai_use"] or AiUse.DISCLOSED,
        "attempts": _number(form, "attempts", faults),
        "validityMonths": _number(form, "validity_months", faults),
        "language": form.line("language") or "en-US",
    }
    if faults:
        raise FormRefused("some fields cannot be read", faults=tuple(faults))
    return form.read(Specification, **values)


_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?")


def _number(form: Form, name: str, faults: list[Fault]) -> float | None:
    """A field that holds a number or nothing."""
    text = form.line(name)
    if text and not _NUMBER.fullmatch(text):
        faults.append(Fault("write a number, or leave it empty", name, "invalid"))
        return None
    return float(text) if text else None


async def _step(
    page: Page, act: Act, form: Form, version_id: str, step: str, verb: Any, note: str, **options: Any
) -> Template | Response[None]:
    """One move in the life of a version; a refusal is shown on its page."""
    try:
        async with page.parts.database.write() as session:
            await verb(session, act, version_id, **options)
    except MENDABLE as failure:
        return await _version(page, act, version_id, form.back(step, failure, field="reason" if options else ""))
    return page.go(f"/develop/{version_id}", note)


@post("/develop/{version_id:str}/review")
async def submit_for_review(
    version_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Hand a draft to somebody else for publication."""
    return await _step(page, act, form, version_id, "review", service.submit_for_review, "in-review")


@post("/develop/{version_id:str}/return")
async def return_to_draft(
    version_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Give a version back to its author, with a reason."""
    return await _step(
        page, act, form, version_id, "return", service.return_to_draft, "back-to-draft", reason=form["reason"][:5_000]
    )


@post("/develop/{version_id:str}/publication")
async def publish(
    version_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Publish a version that somebody else wrote."""
    return await _step(page, act, form, version_id, "publish", service.publish, "published")


@post("/develop/{version_id:str}/retirement")
async def retire(
    version_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Take a version out of the catalogue."""
    return await _step(page, act, form, version_id, "retire", service.retire, "retired", reason=form["reason"][:5_000])


@post("/develop/{version_id:str}/next")
async def next_version(
    version_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Begin the next version from the newest one."""
    try:
        async with page.parts.database.write() as session:
            entry: CatalogueEntry = await service.version_for(session, act.actor, version_id)
            entry = await service.new_version(session, act, entry.micro_credential.id)
    except MENDABLE as failure:
        return await _version(page, act, version_id, form.back("next", failure))
    return page.go(f"/develop/{entry.version.id}", "drafted")


# Stacks


@get("/develop/stacks/new")
async def new_stack_page(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """Begin a stack."""
    return await _new_stack(page, act)


async def _new_stack(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    _check_developer(act)
    async with page.parts.database.read() as session:
        choices = await _organisations(session, act)
        entries = await service.published(session, limit=MOST_CHOICES)
        issuers = await people.organisations_by_id(
            session, {entry.micro_credential.organisation_id for entry in entries}
        )
    return page.show(
        "develop/new_stack.html",
        filled=filled,
        choices=choices,
        entries=entries,
        issuers=issuers,
        effects=[(effect.value, words.EFFECT[effect].text) for effect in Effect],
    )


@post("/develop/stacks/new")
async def begin_stack(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(
            pathways_api.NewStack,
            organisationId=form["organisation"],
            slug=form.line("slug"),
            title=form.line("title"),
            description=form["description"].strip(),
            members=form.all("members"),
            policy={loss.value: form[f"when-{loss}"] for loss in Loss if form[f"when-{loss}"]},
        )
        async with page.parts.database.write() as session:
            made = await pathways.draft(
                session,
                act,
                organisation_id=asked.organisation_id,
                slug=asked.slug,
                title=asked.title,
                description=asked.description,
                members=tuple(asked.members),
                policy=asked.policy,
            )
    except MENDABLE as failure:
        field = "slug" if "short name" in failure.detail else ""
        return await _new_stack(page, act, form.back("stack", failure, field=field))
    return page.go(f"/stacks/{made.id}", "stack-drafted")


HANDLERS = [
    versions,
    new_page,
    begin,
    version,
    edit,
    submit_for_review,
    return_to_draft,
    publish,
    retire,
    next_version,
    new_stack_page,
    begin_stack,
]
