"""Stacks, and how far I am."""

from datetime import datetime
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.db import Session
from credentials.pathways import schema, service
from credentials.pathways.model import Progress, Stack, StackPolicy
from credentials.pathways.wording import policy_in_words
from credentials.people.model import Act, Actor, Scope
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.wire import Asked, Page, Paging, Wire


class StackShown(Wire):
    """``policyInWords`` is the policy as its public page has it."""

    id: str
    organisation_id: str
    slug: str
    title: str
    description: str
    members: list[str]
    policy: StackPolicy
    policy_in_words: list[str]
    published_at: datetime | None


class NewStack(Asked):
    """``members`` are ids of micro-credentials."""

    organisation_id: Annotated[str, Meta(max_length=schema.ID_LENGTH)]
    slug: Annotated[str, Meta(min_length=1, max_length=schema.SLUG_LENGTH)]
    title: Annotated[str, Meta(min_length=1, max_length=schema.STACK_TITLE_LENGTH)]
    description: Annotated[str, Meta(min_length=1, max_length=schema.STACK_DESCRIPTION_LENGTH)]
    members: Annotated[
        list[Annotated[str, Meta(max_length=schema.ID_LENGTH)]], Meta(min_length=2, max_length=schema.MAX_MEMBERS)
    ]
    policy: StackPolicy = StackPolicy()


class ProgressShown(Wire):
    """``earned`` maps a member to the award that counts for it."""

    stack: StackShown
    complete: bool
    earned: dict[str, str]
    missing: list[str]


def show_stack(stack: Stack) -> StackShown:
    return StackShown(
        id=stack.id,
        organisation_id=stack.organisation_id,
        slug=stack.slug,
        title=stack.title,
        description=stack.description,
        members=list(stack.members),
        policy=stack.policy,
        policy_in_words=policy_in_words(stack.policy),
        published_at=stack.published_at,
    )


def show_progress(progress: Progress) -> ProgressShown:
    return ProgressShown(
        stack=show_stack(progress.stack),
        complete=progress.complete,
        earned=progress.earned,
        missing=list(progress.missing),
    )


@get("/stacks")
async def list_stacks(session: NamedDependency[Session], paging: NamedDependency[Paging]) -> Response[Page[StackShown]]:
    """The published stacks, in the order of their short names."""
    (after,) = paging.after()
    found = await service.published(session, after=after, limit=paging.enough)
    return paging.page(found, show_stack, lambda stack: (stack.slug,))


@get("/stacks/{stack_id:str}", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def get_stack(
    stack_id: FromPath[str], session: NamedDependency[Session], actor: NamedDependency[Actor | None]
) -> StackShown:
    """One stack."""
    return show_stack(await service.stack_for(session, actor, stack_id))


@post("/stacks", status_code=201, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def draft(
    data: JSONBody[NewStack],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[StackShown]:
    """Begin a stack."""

    async def work() -> StackShown:
        made = await service.draft(
            session,
            act,
            organisation_id=data.organisation_id,
            slug=data.slug,
            title=data.title,
            description=data.description,
            members=tuple(data.members),
            policy=data.policy,
        )
        return show_stack(made)

    return await once(session, work)


@post("/stacks/{stack_id:str}/publication", status_code=200, opt={SCOPE_KEY: Scope.PATHWAYS_WRITE})
async def publish(stack_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> StackShown:
    """Publish a stack that somebody else wrote. From then on it does not change."""
    return show_stack(await service.publish(session, act, stack_id))


@get("/stack-progress", opt={SCOPE_KEY: Scope.PATHWAYS_READ})
async def my_progress(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[ProgressShown]]:
    """How far I am in each published stack."""
    (after,) = paging.after()
    stacks = await service.published(session, after=after, limit=paging.enough)
    found = await service.progress(session, act.actor.person_id, stacks, act.now)
    return paging.page(found, show_progress, lambda progress: (progress.stack.slug,))


ROUTES = Router(path="", tags=["stacks"], route_handlers=[list_stacks, get_stack, draft, publish, my_progress])
