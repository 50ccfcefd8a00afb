"""Moderation sessions: a leader opens one and records what is agreed; those who take part score and see the spread."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.catalog.model import Mode, Version
from credentials.db import Session
from credentials.errors import Fault, Forbidden, NotFound
from credentials.evidence import rules as evidence_rules
from credentials.people.model import Act, Role
from credentials.review import service
from credentials.review.model import AnchorUse, ModerationStage, ReviewStage
from credentials.web.api import moderation as api
from credentials.web.pages.anchors import led_versions, score_fields, writable, written
from credentials.web.pages.catalog import titles_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form, FormRefused
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

SHOWN = 50


@get("/moderations")
async def list_moderations(
    page: NamedDependency[Page], act: NamedDependency[Act], cursor: FromQuery[str | None] = None
) -> Template:
    """The sessions that I lead or take part in, newest first."""
    if not act.actor.organisations(Role.ASSESSOR, Role.SCORING_LEADER):
        raise Forbidden("this page is for assessors: ask an administrator of your organisation for the role")
    (after,) = read_cursor(cursor, 1)
    async with page.parts.database.read() as session:
        found = await service.moderations(session, act, after=after, limit=SHOWN + 1)
    shown = found[:SHOWN]
    return page.show(
        "review/moderations.html",
        found=shown,
        leads=bool(act.actor.organisations(Role.SCORING_LEADER)),
        next=further("/moderations", found, SHOWN, lambda one: (one[0].id,)),
    )


@get("/moderations/new")
async def new(
    page: NamedDependency[Page], act: NamedDependency[Act], of: FromQuery[str] = "", version: FromQuery[str] = ""
) -> Template:
    """Choose a decided work, or a version for which work is prepared; then who scores it."""
    return await _new(page, act, of, version)


async def _new(page: Page, act: Act, of: str, version_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        works = await service.to_moderate(session, act)
        versions = await led_versions(session, act)
        work = next((found for found, _ in works if found.id == of), None)
        every = [version for found, version in works if found.id == of] if of else versions
        chosen = next((one for one in every if of or one.id == version_id), None)
        if (of or version_id) and chosen is None:
            raise NotFound("there is no such work")
        able = await _able(session, act, chosen) if chosen else {}
    return page.show(
        "review/new_moderation.html",
        filled=filled,
        works=works,
        versions=versions,
        work=work,
        chosen=chosen,
        wanted=writable(chosen.specification) if chosen and not of else [],
        able=sorted(able.items(), key=lambda one: (one[1], one[0])),
    )


async def _able(session: Session, act: Act, version: Version) -> dict[str, str]:
    of = await catalog.micro_credential(session, version.micro_credential_id)
    return await service.candidates(session, act, of.organisation_id)


@post("/moderations/new")
async def open_moderation(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Have several assessors score one work apart."""
    of, version_id = form["of"][:36], form["version"][:36]
    try:
        asked = form.read(
            api.NewModeration,
            title=form.line("title"),
            assessorIds=form.all("assessors"),
            submissionId=of or None,
            versionId="" if of else version_id,
            work=[] if of else await _written(page, form, version_id),
        )
        made = await service.open_moderation(
            page.parts.database,
            act,
            title=asked.title,
            assessor_ids=asked.assessor_ids,
            submission_id=asked.submission_id,
            version_id=asked.version_id,
            pieces=[(one.requirement, one.text, one.url) for one in asked.work],
        )
    except MENDABLE as failure:
        # What is wrong with prepared work, or with who is asked for it, is said above the form.
        filled = form.back("open", failure, field="assessors" if of else "")
        return await _new(page, act, of, "" if of else version_id, filled)
    return page.go(f"/moderations/{made.id}", "moderation-opened")


async def _written(page: Page, form: Form, version_id: str) -> list[dict[str, str]]:
    async with page.parts.database.read() as session:
        specification = (await catalog.version(session, version_id)).specification
    pieces = written(form, specification)
    if not pieces:
        fields = [("text-" if Mode.TEXT in one.modes else "link-") + one.id for one in writable(specification)]
        faults = (Fault("write what an educator would hand in", fields[0] if fields else "", "invalid"),)
        raise FormRefused("there is no work yet", faults=faults)
    return pieces


@get("/moderations/{moderation_id:str}")
async def moderation(moderation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """A session as its leader or somebody who takes part sees it."""
    return await _moderation(page, act, moderation_id)


async def _moderation(page: Page, act: Act, moderation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        view = await service.moderation(session, act, moderation_id)
        found = view.moderation
        is_open = view.leads and found.stage is ModerationStage.SCORING
        able = await service.candidates(session, act, found.organisation_id) if is_open else {}
        places = sorted(one.place for one in view.seats if one.stage is ReviewStage.DECIDED)
    taken = {one.person_id for one in view.seats if one.stage is not ReviewStage.RELEASED}
    return page.show(
        "review/moderation.html",
        filled=filled,
        view=view,
        session=found,
        rubric=view.version.specification.passing_rubric(),
        titles=titles_of(view.version.specification),
        places=places,
        names={one.place: one.name or ("You" if one.is_mine else f"Assessor {one.place}") for one in view.seats},
        consensus={one.criterion: one for one in found.consensus},
        able=sorted(
            ((person, name) for person, name in able.items() if person not in taken), key=lambda one: (one[1], one[0])
        ),
        uses=list(AnchorUse),
        count_words=evidence_rules.count_words,
    )


@post("/moderations/{moderation_id:str}/seats")
async def seat(
    moderation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Ask one more assessor, or one again."""
    try:
        await service.seat(page.parts.database, act, moderation_id, form["assessor"][:36])
    except MENDABLE as failure:
        return await _moderation(page, act, moderation_id, form.back("seat", failure, field="assessor"))
    return page.go(f"/moderations/{moderation_id}", "moderation-seated")


@post("/moderations/{moderation_id:str}/closing")
async def close(
    moderation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """End scoring before everybody has."""
    try:
        async with page.parts.database.write() as session:
            await service.close_scoring(session, act, moderation_id)
    except MENDABLE as failure:
        return await _moderation(page, act, moderation_id, form.back("close", failure))
    return page.go(f"/moderations/{moderation_id}", "moderation-closed")


@post("/moderations/{moderation_id:str}/consensus")
async def agree(
    moderation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Record what the group agrees on."""
    try:
        async with page.parts.database.write() as session:
            view = await service.moderation(session, act, moderation_id)
            version = await catalog.version(session, view.moderation.version_id)
            said = [
                {"criterion": one.id, "level": form[f"level-{one.id}"], "rationale": form[f"why-{one.id}"]}
                for one in version.specification.passing_rubric().criteria
                if form[f"level-{one.id}"]
            ]
            await service.agree(session, act, moderation_id, form.read(api.Consensus, scores=said).scores)
    except MENDABLE as failure:
        return await _moderation(page, act, moderation_id, form.back("agree", failure, at=score_fields(failure.faults)))
    return page.go(f"/moderations/{moderation_id}", "moderation-agreed")


@post("/moderations/{moderation_id:str}/cancellation")
async def cancel(
    moderation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Give a session up."""
    try:
        asked = form.read(api.Cancelled, reason=form["reason"].strip())
        async with page.parts.database.write() as session:
            await service.cancel(session, act, moderation_id, reason=asked.reason)
    except MENDABLE as failure:
        return await _moderation(page, act, moderation_id, form.back("cancel", failure, field="reason"))
    return page.go(f"/moderations/{moderation_id}", "moderation-cancelled")


@post("/moderations/{moderation_id:str}/anchor")
async def make_anchor(
    moderation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Make an anchor of the work, with the consensus as its true scores."""
    try:
        if not form["use"]:
            raise FormRefused("an anchor has a use", faults=(Fault("choose what it is for", "use", "invalid"),))
        asked = form.read(api.AnchorOf, title=form.line("title"), use=form["use"])
        async with page.parts.database.write() as session:
            await service.anchor_of(session, act, moderation_id, title=asked.title, use=asked.use)
    except MENDABLE as failure:
        return await _moderation(page, act, moderation_id, form.back("anchor", failure))
    return page.go(f"/moderations/{moderation_id}", "anchor-made")


HANDLERS = [list_moderations, new, open_moderation, moderation, seat, close, agree, cancel, make_anchor]
