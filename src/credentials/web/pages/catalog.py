"""The public catalogue: what can be earned, and how."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from credentials.awards import service as awards
from credentials.catalog import service
from credentials.catalog.model import CatalogueEntry, PartKind, Specification
from credentials.db import Session
from credentials.errors import NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import AttemptOpen, Stage
from credentials.issuing import addresses
from credentials.issuing.rules import achievement_of
from credentials.openbadges.build import achievement_document
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.web.api.public import ANYWHERE
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page, further
from credentials.web.pages.programme import told
from credentials.web.pages.words import SUBMISSION, Word
from credentials.web.wire import read_cursor

SHOWN = 24
"""Cards on one page of the catalogue: whole rows whether two, three or four stand in one."""

Words = Annotated[str, QueryParameter(max_length=200)]
Id = Annotated[str, QueryParameter(max_length=36)]


@get("/catalogue")
async def catalogue(
    page: NamedDependency[Page],
    words: Words = "",
    organisation: Id = "",
    cursor: FromQuery[str | None] = None,
) -> Template:
    """What can be earned now, by words and by who issues it."""
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.published(
            session, words=words, organisation_id=organisation, after=after, limit=SHOWN + 1
        )
        issuers = await people.organisations_by_id(session, await service.publishers(session))
        competencies = await service.competencies(
            session, {item for entry in found for item in entry.version.specification.competencies}
        )
        entries = found[:SHOWN]
        mine = await _mine_of(session, page, [entry.micro_credential.id for entry in entries])
    return page.show(
        "catalog/catalogue.html",
        entries=entries,
        issuers=issuers,
        choices=sorted(((issuer.id, issuer.name) for issuer in issuers.values()), key=lambda choice: choice[1]),
        competencies=competencies,
        mine=mine,
        words=words,
        organisation=organisation,
        next=further(
            "/catalogue",
            found,
            SHOWN,
            lambda entry: (entry.micro_credential.slug,),
            words=words,
            organisation=organisation,
        ),
    )


async def _mine_of(session: Session, page: Page, ids: list[str]) -> dict[str, Word]:
    """How far the reader is with each of these, in a word: earned, or what they have open."""
    if page.actor is None:
        return {}
    open_ones = await evidence.open_among(session, page.actor.person_id, ids)
    held = await awards.active_of(session, page.actor.person_id, ids)
    current = [award.achievement_id for award in held if award.is_current(page.now)]  # what ran out can be earned anew
    return {of: SUBMISSION[one.stage] for of, one in open_ones.items()} | dict.fromkeys(
        current, SUBMISSION[Stage.EARNED]
    )


@get("/micro-credentials/{slug:str}")
async def micro_credential(slug: FromPath[str], page: NamedDependency[Page]) -> Template:
    """A micro-credential as it can be earned now."""
    async with page.parts.database.read() as session:
        entry = await entry_of(session, slug)
    return await _whole(page, entry)


async def entry_of(session: Session, slug: str) -> CatalogueEntry:
    of = await service.micro_credential_by_slug(session, slug)
    entry = (await service.shown_of(session, [of.id])).get(of.id)
    if entry is None:
        raise NotFound("there is no such micro-credential")
    return entry


@get("/achievements/{version_id:str}", media_type="text/html")
async def achievement(version_id: FromPath[str], page: NamedDependency[Page]) -> Template | Response[bytes]:
    """Exactly the version that credentials name: a page for people, JSON-LD for programs that ask for JSON."""
    async with page.parts.database.read() as session:
        entry = await service.version_for(session, page.actor, version_id)
        if wants_json(page.request.headers.get("accept", "")):
            return await _as_json(session, entry, page.parts.settings.base_url)
    return await _whole(page, entry)


def wants_json(accept: str) -> bool:
    """Whether the first kind that is asked for and had here is JSON. A browser names HTML first."""
    for part in accept.lower().split(","):
        kind = part.partition(";")[0].strip()
        if kind in {"application/ld+json", "application/json"}:
            return True
        if kind in {"text/html", "application/xhtml+xml"}:
            return False
    return False


async def _as_json(session: Session, entry: CatalogueEntry, base_url: str) -> Response[bytes]:
    specification = entry.version.specification
    named = {*specification.competencies, *specification.alignments}
    document = achievement_document(achievement_of(entry, await service.competencies(session, named), base_url))
    headers = {**ANYWHERE, "Vary": "Accept", "Cache-Control": "no-cache"}
    return Response(msgspec.json.encode(document), media_type="application/ld+json", headers=headers)


async def _whole(page: Page, entry: CatalogueEntry, filled: Filled = BLANK) -> Template:
    """Everything that a version says, where it belongs, and how far the reader is with it."""
    of, specification = entry.micro_credential, entry.version.specification
    async with page.parts.database.read() as session:
        issuer = await people.organisation(session, of.organisation_id)
        competencies = await service.competencies(session, {*specification.competencies, *specification.alignments})
        stacks = await pathways.with_members(session, [of.id])
        current = (await service.shown_of(session, [of.id])).get(of.id, entry)
        earned, open_one, met = None, None, []
        if page.actor:
            held = await awards.active_of(session, page.actor.person_id, [of.id])
            current_ones = [award for award in held if award.is_current(page.now)]  # what ran out can be earned anew
            earned = current_ones[-1] if current_ones else None
            open_one = await evidence.open_one(session, page.actor.person_id, of.id)
            if specification.programme.coach_after:
                met = await evidence.meetings(session, page.actor.person_id, of.id)
    return page.show(
        "catalog/micro_credential.html",
        filled=filled,
        headers={"Vary": "Accept, Cookie"},
        entry=entry,
        specification=specification,
        issuer=issuer,
        competencies=competencies,
        stacks=stacks,
        current=current,
        earned=earned,
        open_one=open_one,
        met=met,
        records_meetings=bool(page.actor and page.actor.organisations(*evidence.COACHES)),
        leads=bool(page.actor and page.actor.holds(Role.SCORING_LEADER, issuer.lineage)),
        is_educator=bool(page.actor and page.actor.organisations(Role.EDUCATOR)),
        parts=[(part, [one for one in specification.evidence if one.part is part]) for part in PartKind],
        titles=titles_of(specification),
        level_names=level_names(specification),
        programme=told(specification),
        framework_item=addresses.framework_item,
        base_url=page.parts.settings.base_url,
    )


def titles_of(specification: Specification) -> dict[str, str]:
    """What each evidence requirement is called."""
    return {requirement.id: requirement.title for requirement in specification.evidence}


def level_names(specification: Specification) -> tuple[str, ...]:
    """The names of the levels, where they are the same for every criterion: then they head the columns of the rubric."""
    names = {tuple(level.name for level in criterion.levels) for criterion in specification.rubric.criteria}
    return names.pop() if len(names) == 1 else ()


@post("/micro-credentials/{slug:str}/start")
async def start(
    slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Begin a submission, or go on with the one that is open."""
    async with page.parts.database.read() as session:
        entry = await entry_of(session, slug)
    try:
        async with page.parts.database.write() as session:
            started = await evidence.start(session, act, entry.version.id)
    except AttemptOpen:
        async with page.parts.database.read() as session:
            open_one = await evidence.open_one(session, act.actor.person_id, entry.micro_credential.id)
        return page.go(f"/submissions/{open_one.id}" if open_one else "/submissions")
    except MENDABLE as failure:
        return await _whole(page, entry, form.back("start", failure))
    return page.go(f"/submissions/{started.id}", "started")


HANDLERS = [catalogue, micro_credential, achievement, start]
