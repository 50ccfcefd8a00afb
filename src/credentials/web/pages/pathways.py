"""Stacks: what they are made of, and how far I am."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.awards import service as awards
from credentials.catalog import service as catalog
from credentials.catalog.service import DEVELOPERS
from credentials.pathways import service
from credentials.pathways.wording import policy_in_words
from credentials.people import service as people
from credentials.people.model import Act
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

SHOWN = 24


@get("/stacks")
async def stacks(page: NamedDependency[Page], cursor: FromQuery[str | None] = None) -> Template:
    """The published stacks, with my progress if I am signed in."""
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.published(session, after=after, limit=SHOWN + 1)
        shown = found[:SHOWN]
        issuers = await people.organisations_by_id(session, {stack.organisation_id for stack in shown})
        progress = await service.progress(session, page.actor.person_id, shown, page.now) if page.actor else []
    return page.show(
        "pathways/stacks.html",
        stacks=shown,
        issuers=issuers,
        progress={one.stack.id: one for one in progress},
        next=further("/stacks", found, SHOWN, lambda stack: (stack.slug,)),
    )


@get("/stacks/{stack_id:str}")
async def stack(stack_id: FromPath[str], page: NamedDependency[Page]) -> Template:
    """One stack with its members."""
    return await _stack(page, stack_id)


async def _stack(page: Page, stack_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found = await service.stack_for(session, page.actor, stack_id)
        issuer = await people.organisation(session, found.organisation_id)
        entries = await catalog.shown_of(session, found.members)
        issuers = await people.organisations_by_id(
            session, {entry.micro_credential.organisation_id for entry in entries.values()}
        )
        progress, award = None, None
        if page.actor:
            (progress,) = await service.progress(session, page.actor.person_id, [found], page.now)
            given = await awards.stacks_of(session, page.actor.person_id, [found.id])
            award = given[0] if given else None
    may_publish = (
        page.actor is not None
        and found.published_at is None
        and page.actor.holds_any(DEVELOPERS, issuer.lineage)
        and found.author_id != page.actor.person_id
    )
    return page.show(
        "pathways/stack.html",
        filled=filled,
        stack=found,
        issuer=issuer,
        members=[entries[member] for member in found.members if member in entries],
        issuers=issuers,
        progress=progress,
        award=award,
        may_publish=may_publish,
        policy_in_words=policy_in_words(found.policy),
    )


@post("/stacks/{stack_id:str}/publication")
async def publish(
    stack_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Publish a stack that somebody else wrote."""
    try:
        async with page.parts.database.write() as session:
            await service.publish(session, act, stack_id)
    except MENDABLE as failure:
        return await _stack(page, stack_id, form.back("publish", failure))
    return page.go(f"/stacks/{stack_id}", "stack-published")


HANDLERS = [stacks, stack, publish]
