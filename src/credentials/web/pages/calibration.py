"""Assessors who qualify, examples with their true scores, and the leader's figures."""

from datetime import timedelta

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.errors import Forbidden
from credentials.evidence import rules as evidence_rules
from credentials.evidence import service as evidence
from credentials.people.model import Act, Role
from credentials.review import service
from credentials.review.model import By
from credentials.web.pages.catalog import titles_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page

HALF_A_YEAR = timedelta(days=183)


@get("/review/calibration")
async def mine(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What I am qualified for and until when, what is closed to me, and the sets that I can take."""
    return await _mine(page, act)


async def _mine(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    if not act.actor.organisations(Role.ASSESSOR):
        raise Forbidden("this page is for assessors: ask an administrator of your organisation for the role")
    async with page.parts.database.read() as session:
        found = await service.my_calibration(session, act)
        versions = await catalog.versions_by_id(session, found.version_of.values())
    titles = {
        micro_credential_id: versions[version_id].specification.title
        for micro_credential_id, version_id in found.version_of.items()
    }
    open_ = {one.set_id: one for one in found.attempts if one.finished_at is None}
    done = [one for one in found.attempts if one.finished_at is not None][:20]
    return page.show("review/calibration.html", filled=filled, mine=found, titles=titles, open_=open_, done=done)


@post("/review/calibration/attempts")
async def begin(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Take a set, or go on with it."""
    try:
        async with page.parts.database.write() as session:
            begun = await service.begin_attempt(session, act, form["set"][:36])
    except MENDABLE as failure:
        return await _mine(page, act, form.back("begin", failure))
    return page.go(f"/review/calibration/{begun.id}")


@get("/review/calibration/{attempt_id:str}")
async def attempt(attempt_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """The works of a set beside the rubric; what it came to, once it is over."""
    return await _attempt(page, act, attempt_id)


async def _attempt(page: Page, act: Act, attempt_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        task = await service.task(session, act, attempt_id)
    return page.show(
        "review/attempt.html",
        filled=filled,
        task=task,
        rubric=task.version.specification.passing_rubric(),
        titles=titles_of(task.version.specification),
        levels={(one.anchor, one.criterion): one.level for one in task.answers},
        count_words=evidence_rules.count_words,
    )


@post("/review/calibration/{attempt_id:str}")
async def answer(
    attempt_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Save the levels of all works; and have them judged, if asked."""
    try:
        async with page.parts.database.write() as session:
            task = await service.task(session, act, attempt_id)
            for one in task.anchors:
                criteria = task.version.specification.rubric.criteria
                chosen = {criterion.id: form[f"{one.id}-{criterion.id}"] for criterion in criteria}
                given = {name: level for name, level in chosen.items() if level}
                if given:
                    await service.answer(session, act, attempt_id, one.id, given)
        if form["finish"]:
            async with page.parts.database.write() as session:
                await service.finish_attempt(session, act, attempt_id)
    except MENDABLE as failure:
        return await _attempt(page, act, attempt_id, msgspec.structs.replace(form.back("set", failure), faults={}))
    return page.go(f"/review/calibration/{attempt_id}", "" if form["finish"] else "scored")


@get("/review/examples/{anchor_id:str}")
async def example(anchor_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """A work with its true scores and why they are right."""
    async with page.parts.database.read() as session:
        found = await service.anchor(session, act, anchor_id)
        version = await catalog.version(session, found.version_id)
        artifacts = await evidence.artifacts_of(session, found.submission_id)
    return page.show(
        "review/example.html",
        anchor=found,
        version=version,
        rubric=version.specification.passing_rubric(),
        titles=titles_of(version.specification),
        scores={one.criterion: one for one in found.scores},
        artifacts=artifacts,
        count_words=evidence_rules.count_words,
    )


@get("/scoring/figures")
async def figures(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """How well assessors agree over time, who drifts, how long decisions take and how old the queue is."""
    database = page.parts.database
    since = act.now.date() - HALF_A_YEAR
    months = await service.agreement_report(database, act, by=By.MONTH, since=since)
    titles = await service.agreement_report(database, act, by=By.MICRO_CREDENTIAL, since=since)
    async with database.read() as session:
        severity = await service.severity(session, act)
        pace = await service.pace(session, act)
        roll = await service.roll(session, act)
    return page.show(
        "review/figures.html",
        months=months,
        titles=titles,
        severity=severity,
        pace=pace,
        roll=roll,
        longest=max((days for _, _, days in pace.turn_around), default=1.0) or 1.0,
        most=max((count for _, count in pace.waiting), default=1) or 1,
    )


HANDLERS = [mine, begin, attempt, answer, example, figures]
