"""Meetings with a coach, which some programmes ask for before a further attempt: where they are put on record."""

from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Meta

from credentials.catalog import service as catalog
from credentials.evidence import service
from credentials.people.model import Act, RoleNeeded
from credentials.web.pages.catalog import entry_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page
from credentials.web.wire import Asked


class MeetingTold(Asked):
    educator: Annotated[str, Meta(max_length=254)]
    coach: Annotated[str, Meta(max_length=254)]
    note: Annotated[str, Meta(max_length=5_000)]


@get("/micro-credentials/{slug:str}/coach-meetings")
async def meeting(slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """The form for a meeting about this micro-credential."""
    return await _meeting(page, act, slug)


async def _meeting(page: Page, act: Act, slug: str, filled: Filled = BLANK) -> Template:
    if not act.actor.organisations(*service.COACHES):
        raise RoleNeeded("who answers for a school, a district or a programme records meetings: ask one of them")
    async with page.parts.database.read() as session:
        entry = await entry_of(session, slug)
    return page.show(
        "evidence/coaching.html",
        filled=filled,
        slug=slug,
        specification=entry.version.specification,
        today=page.now.date().isoformat(),
    )


@post("/micro-credentials/{slug:str}/coach-meetings")
async def record(
    slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Put a meeting on record."""
    try:
        held_on = form.day("held_on")
        said = form.read(MeetingTold, educator=form.line("educator"), coach=form.line("coach"), note=form["note"])
        async with page.parts.database.write() as session:
            of = await catalog.micro_credential_by_slug(session, slug)
            await service.record_meeting_of(
                session,
                act,
                educator_address=said.educator,
                micro_credential_id=of.id,
                held_on=held_on,
                coach_address=said.coach,
                note=said.note,
            )
    except MENDABLE as failure:
        return await _meeting(page, act, slug, form.back("meeting", failure))
    return page.go(f"/micro-credentials/{slug}/coach-meetings", "meeting-recorded")


HANDLERS = [meeting, record]
