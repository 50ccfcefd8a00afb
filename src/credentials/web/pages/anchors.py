"""Anchors and qualification sets, as a scoring leader makes and retires them."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.catalog.model import EvidenceRequirement, Mode, Specification, Stage, Version
from credentials.db import Session
from credentials.errors import Fault, Forbidden, NotFound
from credentials.evidence.model import Submission
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.review import service
from credentials.review.model import Anchor, AnchorUse
from credentials.web.api import calibration as api
from credentials.web.pages.catalog import titles_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page

MOST = 200
"""Anchors and sets that are listed, newest first: what a large programme uses. The rest is in the API."""
MOST_VERSIONS = 500


@get("/scoring/anchors")
async def anchors(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """The anchors and sets of the programmes that I lead."""
    return await _anchors(page, act)


async def _anchors(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    if not act.actor.organisations(Role.SCORING_LEADER):
        raise Forbidden("this is for scoring leaders: ask an administrator of your organisation for the role")
    async with page.parts.database.read() as session:
        found = await service.anchors(session, act, limit=MOST)
        reach = await people.within(session, act.actor, Role.SCORING_LEADER)
        sets = [one for one in await service.sets(session, act, limit=MOST) if one.organisation_id in reach]
        used = {one.version_id for one in found} | {one.version_id for one in sets}
        versions = await catalog.versions_by_id(session, used)
    groups: dict[str, list[Anchor]] = {}
    for one in found:
        if one.use is AnchorUse.QUALIFICATION:
            groups.setdefault(one.key, []).append(one)
    return page.show(
        "review/anchors.html", filled=filled, anchors=found, sets=sets, versions=versions, groups=list(groups.values())
    )


@get("/scoring/anchors/new")
async def new(
    page: NamedDependency[Page], act: NamedDependency[Act], of: FromQuery[str] = "", version: FromQuery[str] = ""
) -> Template:
    """Choose a decided work, or a version for which work is prepared; then say which levels are right."""
    return await _new(page, act, of, version)


async def _new(page: Page, act: Act, of: str, version_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        works = await service.to_moderate(session, act)
        versions = await led_versions(session, act)
    chosen = _chosen(works, versions, of, version_id)
    return page.show(
        "review/new_anchor.html",
        filled=filled,
        works=works,
        versions=versions,
        of=of,
        chosen=chosen,
        rubric=chosen.specification.passing_rubric() if chosen else None,
        wanted=writable(chosen.specification) if chosen and not of else [],
        titles=titles_of(chosen.specification) if chosen else {},
        uses=list(AnchorUse),
    )


async def led_versions(session: Session, act: Act) -> list[Version]:
    """What is published in the programmes that the actor leads: work can be prepared for it."""
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    entries = await catalog.entries_of(session, reach, limit=MOST_VERSIONS)
    return [one.version for one in entries if one.version.stage is Stage.PUBLISHED]


def writable(specification: Specification) -> list[EvidenceRequirement]:
    """What a leader can write by themselves: files are an educator's."""
    return [one for one in specification.evidence if {Mode.TEXT, Mode.LINK} & set(one.modes)]


def written(form: Form, specification: Specification) -> list[dict[str, str]]:
    """The pieces of prepared work that a form holds, as the API takes them."""
    wanted = [one.id for one in writable(specification)]
    texts = [{"requirement": name, "text": form[f"text-{name}"]} for name in wanted if form.line(f"text-{name}")]
    links = [{"requirement": name, "url": form.line(f"link-{name}")} for name in wanted if form.line(f"link-{name}")]
    return texts + links


def _chosen(
    works: list[tuple[Submission, Version]], versions: list[Version], of: str, version_id: str
) -> Version | None:
    if not of and not version_id:
        return None
    every = [version for work, version in works if work.id == of] if of else versions
    found = next((one for one in every if of or one.id == version_id), None)
    if found is None:
        raise NotFound("there is no such work")
    return found


@post("/scoring/anchors/new")
async def make(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Keep the work with its true scores."""
    of, version_id = form["of"][:36], form["version"][:36]
    try:
        async with page.parts.database.write() as session:
            version = await catalog.version(session, version_id)
            criteria = version.specification.passing_rubric().criteria
            said = [
                {"criterion": one.id, "level": form[f"level-{one.id}"], "rationale": form[f"why-{one.id}"]}
                for one in criteria
                if form[f"level-{one.id}"]
            ]
            asked = form.read(
                api.NewAnchor,
                versionId=version_id,
                title=form.line("title"),
                use=form["use"],
                scores=said,
                submissionId=of or None,
                work=[] if of else written(form, version.specification),
            )
            await service.add_anchor(
                session,
                act,
                version_id=version_id,
                title=asked.title,
                use=asked.use,
                scores=asked.scores,
                submission_id=of or None,
                pieces=[(one.requirement, one.text, one.url) for one in asked.work],
            )
    except MENDABLE as failure:
        filled = form.back("anchor", failure, at=score_fields(failure.faults))
        return await _new(page, act, of, "" if of else version_id, filled)
    return page.go("/scoring/anchors", "anchor-made")


def score_fields(faults: tuple[Fault, ...]) -> dict[str, str]:
    """Faults of true scores by the fields of their form."""
    field = {"rationale-missing": "why"}
    return {
        one.pointer: f"{field.get(one.code, 'level')}-{one.pointer.rpartition('/')[2]}"
        for one in faults
        if one.pointer.startswith("/scores")
    }


@post("/scoring/anchors/{anchor_id:str}/retirement")
async def retire(
    anchor_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Use an anchor no longer."""
    try:
        async with page.parts.database.write() as session:
            await service.retire_anchor(session, act, anchor_id)
    except MENDABLE as failure:
        return await _anchors(page, act, form.back("retire", failure))
    return page.go("/scoring/anchors", "anchor-retired")


@post("/scoring/qualification-sets")
async def make_set(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Make a set of anchors by which assessors are qualified."""
    version_id = form["version"][:36]
    try:
        asked = form.read(api.NewSet, versionId=version_id, title=form.line("title"), anchorIds=form.all("anchorIds"))
        async with page.parts.database.write() as session:
            await service.add_set(session, act, version_id=version_id, title=asked.title, anchor_ids=asked.anchor_ids)
    except MENDABLE as failure:
        return await _anchors(page, act, form.back(f"set-{version_id}", failure))
    return page.go("/scoring/anchors", "set-made")


@post("/scoring/qualification-sets/{set_id:str}/retirement")
async def retire_set(set_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Response[None]:
    """Use a set no longer."""
    async with page.parts.database.write() as session:
        await service.retire_set(session, act, set_id)
    return page.go("/scoring/anchors", "set-retired")


HANDLERS = [anchors, new, make, retire, make_set, retire_set]
