"""Rules: what every licence, endorsement and stack asks, in plain words, for everybody; and the office's drafts, approvals
and trial runs."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.errors import Failure, Fault, Malformed, NotFound
from credentials.pathways import rule as rules
from credentials.pathways import service
from credentials.pathways.model import (
    EVALUATION_DATE,
    Approval,
    DocumentRefused,
    Pathway,
    PathwayVersion,
    Phase,
)
from credentials.pathways.rule import Rule
from credentials.pathways.service import RULE_WRITERS
from credentials.pathways.wording import outline, title
from credentials.people import service as people
from credentials.people.model import Act
from credentials.web.api import rulebook as api
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.organisations import tabs
from credentials.web.pages.page import Page, further
from credentials.web.pages.words import PATHWAY_VERDICT
from credentials.web.wire import read_cursor, write_cursor

SHOWN = 24

EXAMPLE = {
    "all": [
        {
            "label": "60 points",
            "text": "Sixty points earned during the licence.",
            "source": "Name the law or the policy here, with its section",
            "sum": {
                "unit": "point",
                "min": 60,
                "where": {"from": "$license.from", "to": "$license.to"},
                "rates": [
                    {"match": {"type": "micro_credential"}, "value": 6, "per": "item"},
                    {"match": {"type": "pd_hours"}, "value": 1, "cap": 30},
                ],
            },
        },
        {"fact": "experience.years", "op": ">=", "value": 3, "label": "experience"},
    ]
}
"""What the form for a new rule begins with."""


class Line(NamedTuple):
    """A line of a rule in plain words, with those under it."""

    words: str
    below: list["Line"]


class Quote(NamedTuple):
    """A rule's own words of one of its parts."""

    about: str
    text: str
    source: str


class Told(NamedTuple):
    """A version as its page tells it."""

    version: PathwayVersion
    phase: Phase
    words: list[Line]
    quotes: list[Quote]
    text: str
    may_approve: bool


def nested(lines: Iterable[tuple[int, str]]) -> list[Line]:
    """Lines with their depths as a list of lists."""
    whole: list[Line] = []
    above: list[tuple[int, list[Line]]] = [(-1, whole)]
    for depth, words in lines:
        while above[-1][0] >= depth:
            above.pop()
        line = Line(words, [])
        above[-1][1].append(line)
        above.append((depth, line.below))
    return whole


def quotes(rule: Rule) -> list[Quote]:
    return [Quote(title(node), node.text, node.source) for node in rules.walk(rule) if node.text or node.source]


def rule_text(rule: bytes) -> str:
    """A rule as somebody edits it."""
    return msgspec.json.format(rule, indent=2).decode()


@get("/rules")
async def all_rules(page: NamedDependency[Page], cursor: FromQuery[str | None] = None) -> Template:
    """Every rule that was approved once."""
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.list_pathways(session, after=after, limit=SHOWN + 1)
        shown = found[:SHOWN]
        offices = await people.organisations_by_id(session, {pathway.organisation_id for pathway in shown})
        versions = await service.versions_of(session, [pathway.id for pathway in shown])
    today = page.now.date()
    return page.show(
        "rules/rules.html",
        pathways=[(pathway, _phase(versions[pathway.id], today)) for pathway in shown],
        offices=offices,
        next=further("/rules", found, SHOWN, lambda pathway: (pathway.slug,)),
    )


def _phase(versions: Sequence[PathwayVersion], today: date) -> Phase:
    """Of a rule: in force if one of its versions is, else what its newest approved one is."""
    phases = [version.phase(today) for version in versions if version.approved_at is not None]
    return Phase.IN_FORCE if Phase.IN_FORCE in phases else phases[-1] if phases else Phase.DRAFT


@get("/rules/{slug:str}")
async def one_rule(slug: FromPath[str], page: NamedDependency[Page]) -> Template:
    """One rule: plain words, its own words with their source, versions and days, who approved them."""
    return await _rule(page, slug)


async def _rule(page: Page, slug: str, filled: Filled = BLANK) -> Template:
    today = page.now.date()
    async with page.parts.database.read() as session:
        pathway = await service.pathway_by_slug(session, slug)
        _, versions = await service.pathway_for(session, page.actor, pathway.id)
        office = await people.organisation(session, pathway.organisation_id)
        titles = await catalog.titles_by_slug(
            session, {ref for version in versions for ref in rules.refs_of(rules.decode(version.rule))}
        )
    writes = page.actor is not None and page.actor.holds_any(RULE_WRITERS, office.lineage)
    me = page.actor.person_id if page.actor else ""
    told = [_told(version, today, writes and version.author_id != me) for version in reversed(versions)]
    return page.show(
        "rules/rule.html",
        filled=filled,
        pathway=pathway,
        office=office,
        versions=told,
        titles=titles,
        phase=_phase(versions, today),
        writes=writes,
        has_draft=any(one.phase is Phase.DRAFT for one in told),
        tomorrow=today + timedelta(days=1),
        on_evaluation_date=pathway.basis == EVALUATION_DATE,
    )


def _told(version: PathwayVersion, today: date, may_approve: bool) -> Told:
    rule = rules.decode(version.rule)
    return Told(
        version, version.phase(today), nested(outline(rule)), quotes(rule), rule_text(version.rule), may_approve
    )


# The office


@get("/rules-office")
async def offices(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template | Response[None]:
    """Where I write rules; the only place at once."""
    async with page.parts.database.read() as session:
        found = await people.organisations_by_id(session, act.actor.organisations(*RULE_WRITERS))
    if len(found) == 1:
        return page.go(f"/organisations/{next(iter(found))}/rules")
    return page.show("rules/offices.html", places=sorted(found.values(), key=lambda one: one.name))


@get("/organisations/{organisation_id:str}/rules")
async def office(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    cursor: FromQuery[str | None] = None,
) -> Template:
    """The rules of an office, drafts too, with how many educators stand where."""
    (after,) = read_cursor(cursor)
    today = page.now.date()
    async with page.parts.database.read() as session:
        where = await service.office_of(session, act.actor, organisation_id)
        found = await service.list_pathways(session, organisation_ids=[where.id], after=after, limit=SHOWN + 1)
        shown = found[:SHOWN]
        ids = [pathway.id for pathway in shown]
        versions = await service.versions_of(session, ids)
        counts = await service.counts_of(session, ids)
    return page.show(
        "rules/office.html",
        organisation=where,
        tabs=tabs(page, where),
        pathways=[
            (
                pathway,
                _phase(versions[pathway.id], today),
                sum(version.approved_at is None for version in versions[pathway.id]),
                counts.get(pathway.id, {}),
            )
            for pathway in shown
        ],
        next=further(f"/organisations/{where.id}/rules", found, SHOWN, lambda pathway: (pathway.slug,)),
    )


@get("/organisations/{organisation_id:str}/rules/new")
async def new_rule(organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """The form for a rule."""
    return await _new(page, act, organisation_id)


async def _new(page: Page, act: Act, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await service.office_of(session, act.actor, organisation_id)
    return page.show(
        "rules/new.html",
        filled=filled,
        organisation=where,
        example=rule_text(msgspec.json.encode(EXAMPLE)),
        tomorrow=page.now.date() + timedelta(days=1),
    )


_AT = {"organisationId": "organisation", "effectiveFrom": "effective_from", "effectiveTo": "effective_to"}
_AT |= {"modelledOn": "modelled_on", "decidedOn": "decided_on"}


def _back(form: Form, name: str, failure: Failure) -> Filled:
    """A mistake in a rule stands at its field, with its place in the document."""
    if isinstance(failure, DocumentRefused):
        places = "; ".join(f"{fault.detail} (at {fault.pointer or 'the whole'})" for fault in failure.faults)
        failure = Malformed("the rule cannot be read", faults=(Fault(places or failure.detail, "rule", "invalid"),))
    return form.back(name, failure, at=_AT)


def _days(form: Form) -> dict[str, str | None]:
    return {"effectiveFrom": form.line("effective_from"), "effectiveTo": form.line("effective_to") or None}


@post("/organisations/{organisation_id:str}/rules/new")
async def draft_rule(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Begin a rule with the draft of its first version."""
    async with page.parts.database.read() as session:
        where = await service.office_of(session, act.actor, organisation_id)
    try:
        rules.decode(form["rule"].encode())
        asked = form.read(
            api.NewPathway,
            organisationId=where.id,
            slug=form.line("slug"),
            title=form.line("title"),
            description=form["description"].strip(),
            modelledOn=form.line("modelled_on"),
            basis=form.line("basis") or EVALUATION_DATE,
            name=form.line("name"),
            rule={},
            **_days(form),
        )
        async with page.parts.database.write() as session:
            pathway, _ = await service.draft_pathway(
                session, act, **{**msgspec.structs.asdict(asked), "rule": form["rule"].encode()}
            )
    except MENDABLE as failure:
        return await _new(page, act, organisation_id, _back(form, "rule", failure))
    return page.go(f"/rules/{pathway.slug}", "rule-drafted")


async def _mine(page: Page, act: Act, slug: str) -> Pathway:
    """A pathway whose rules the reader writes; to others there is nothing here to post to."""
    async with page.parts.database.read() as session:
        pathway = await service.pathway_by_slug(session, slug)
        await service.office_of(session, act.actor, pathway.organisation_id)
    return pathway


@post("/rules/{slug:str}/versions")
async def draft_version(
    slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Begin another version, or change its draft."""
    pathway = await _mine(page, act, slug)
    name = f"edit-{form.line('version')}" if form["version"] else "version"
    try:
        rules.decode(form["rule"].encode())
        asked = form.read(api.VersionAsked, rule={}, name=form.line("name"), **_days(form))
        words = {**msgspec.structs.asdict(asked), "rule": form["rule"].encode()}
        async with page.parts.database.write() as session:
            if form["version"]:
                revision = form.number("revision")
                await service.edit_version(session, act, await _of(page, pathway, form), revision=revision, **words)
            else:
                await service.draft_version(session, act, pathway.id, **words)
    except MENDABLE as failure:
        return await _rule(page, slug, _back(form, name, failure))
    return page.go(f"/rules/{slug}", "rule-drafted")


async def _of(page: Page, pathway: Pathway, form: Form) -> str:
    """The version that the form names, if it is one of this rule."""
    async with page.parts.database.read() as session:
        version = await service.version(session, form.line("version"))
    if version.pathway_id != pathway.id:
        raise NotFound("there is no such version of a pathway")
    return version.id


@post("/rules/{slug:str}/approval")
async def approve(
    slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Record which body approved a version that somebody else wrote."""
    pathway = await _mine(page, act, slug)
    try:
        asked = form.read(
            api.ApprovalAsked,
            board=form.line("board"),
            decidedOn=form.line("decided_on"),
            bargaining=form.line("bargaining"),
            note=form.line("note"),
        )
        approval = Approval(**msgspec.structs.asdict(asked))
        version, revision = await _of(page, pathway, form), form.number("revision")
        async with page.parts.database.write() as session:
            await service.approve_version(session, act, version, approval, revision=revision)
    except MENDABLE as failure:
        return await _rule(page, slug, _back(form, f"approve-{form.line('version')}", failure))
    return page.go(f"/rules/{slug}", "rule-approved")


@post("/rules/{slug:str}/end")
async def end(
    slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Say when an approved version ends."""
    pathway = await _mine(page, act, slug)
    try:
        asked = form.read(api.EndAsked, on=form.line("on"))
        version, revision = await _of(page, pathway, form), form.number("revision")
        async with page.parts.database.write() as session:
            await service.end_version(session, act, version, asked.on, revision=revision)
    except MENDABLE as failure:
        return await _rule(page, slug, _back(form, f"end-{form.line('version')}", failure))
    return page.go(f"/rules/{slug}", "rule-ended")


@post("/rules/{slug:str}/drop")
async def drop(
    slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Throw a draft away."""
    pathway = await _mine(page, act, slug)
    try:
        version, revision = await _of(page, pathway, form), form.number("revision")
        async with page.parts.database.write() as session:
            await service.drop_version(session, act, version, revision=revision)
    except MENDABLE as failure:
        return await _rule(page, slug, form.back("drop", failure))
    return page.go(f"/organisations/{pathway.organisation_id}/rules", "rule-dropped")


@get("/rules/{slug:str}/what-if/{version_id:str}")
async def what_if(
    slug: FromPath[str],
    version_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    cursor: FromQuery[str | None] = None,
) -> Template:
    """Try a version on the educators of its organisation, a batch at a time: who would gain by it and who would lose."""
    pathway = await _mine(page, act, slug)
    (after,) = read_cursor(cursor)
    today = page.now.date()
    async with page.parts.database.read() as session:
        office = await people.organisation(session, pathway.organisation_id)
        _, versions = await service.pathway_for(session, act.actor, pathway.id)
        version = next((one for one in versions if one.id == version_id), None)
        if version is None:
            raise NotFound("there is no such version of a pathway")
        found = await service.what_if(session, pathway, version, today, page.now, after=after)
        persons = await people.persons_by_id(session, {change.educator_id for change in (*found.gains, *found.loses)})
    return page.show(
        "rules/what_if.html",
        pathway=pathway,
        office=office,
        version=version,
        found=found,
        names={key: person.name for key, person in persons.items()},
        verdicts={verdict.value: word for verdict, word in PATHWAY_VERDICT.items()},
        first=not after,
        next=f"/rules/{slug}/what-if/{version_id}?{urlencode({'cursor': write_cursor((found.last,))})}"
        if found.last
        else "",
    )


HANDLERS = [
    all_rules,
    one_rule,
    offices,
    office,
    new_rule,
    draft_rule,
    draft_version,
    approve,
    end,
    drop,
    what_if,
]
