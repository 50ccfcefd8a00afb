"""Common tasks and what came of them: how districts score the same work."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.catalog.model import Stage
from credentials.people import service as people
from credentials.people.model import Act, OrganisationKind, Role
from credentials.review import service
from credentials.web.api import comparison as api
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page

SHOWN = 50
MOST_CHOICES = 500
"""Versions to choose from: more than a programme of a state has."""


@get("/scoring/comparability")
async def comparability(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """How one district scores what another has decided, and the common tasks by which that is known."""
    return await _comparability(page, act)


async def _comparability(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    report = await service.comparability(page.parts.database, act)
    async with page.parts.database.read() as session:
        tasks = await service.common_tasks(session, act, limit=SHOWN)
        reach = await people.within(session, act.actor, Role.SCORING_LEADER)
        places = await people.organisations_by_id(session, reach | {one.guest_id for one, _ in tasks})
        places |= await people.organisations_by_id(session, {one.home_id for one, _ in tasks})
        entries = await catalog.entries_of(session, reach, limit=MOST_CHOICES)
        versions = await catalog.versions_by_id(session, {one.version_id for one, _ in tasks})
    districts = sorted(
        (one for one in places.values() if one.id in reach and one.kind is OrganisationKind.DISTRICT),
        key=lambda one: (one.name, one.id),
    )
    return page.show(
        "review/comparability.html",
        filled=filled,
        report=report,
        tasks=tasks,
        places=places,
        versions=versions,
        districts=[(one.id, one.name) for one in districts],
        choices=[
            (one.version.id, one.version.specification.title) for one in entries if one.version.stage is Stage.PUBLISHED
        ],
    )


@post("/scoring/common-tasks")
async def draw(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Draw decided work of one district for another to score again."""
    try:
        asked = form.read(
            api.NewCommonTask,
            versionId=form["version"],
            homeId=form["home"],
            guestId=form["guest"],
            size=form.line("size"),
        )
        async with page.parts.database.write() as session:
            await service.draw(
                session,
                act,
                version_id=asked.version_id,
                home_id=asked.home_id,
                guest_id=asked.guest_id,
                size=asked.size,
            )
    except MENDABLE as failure:
        return await _comparability(page, act, form.back("draw", failure))
    return page.go("/scoring/comparability", "common-task-drawn")


@post("/scoring/common-tasks/{task_id:str}/closing")
async def close(task_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Response[None]:
    """End a common task before every work is scored."""
    async with page.parts.database.write() as session:
        await service.close_task(session, act, task_id)
    return page.go("/scoring/comparability", "common-task-closed")


HANDLERS = [comparability, draw, close]
