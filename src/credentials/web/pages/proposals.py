"""Proposals on pages: an educator writes one, a committee reads it and votes."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.catalog import service
from credentials.catalog.rules import PROPOSAL_EDITABLE
from credentials.db import Session
from credentials.errors import Fault
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.people.rules import normal_address
from credentials.web.api import proposals as api
from credentials.web.pages.catalog import level_names, titles_of
from credentials.web.pages.develop import MOST_CHOICES, choices_of, gates, pretty, read_specification
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form, FormRefused
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

SHOWN = 50
MOST_LINES = 100
"""Of addresses that are looked up: a committee has fifteen members at most."""


@get("/proposals")
async def proposals(
    page: NamedDependency[Page], act: NamedDependency[Act], cursor: FromQuery[str | None] = None
) -> Template:
    """My proposals, those on whose committee I am, and those handed in where I develop the catalogue."""
    (before,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.proposals_for(session, act, before=before, limit=SHOWN + 1)
        organisations = await people.organisations_by_id(session, {one.organisation_id for one in found})
    shown = found[:SHOWN]
    return page.show(
        "proposals/list.html",
        proposals=shown,
        organisations=organisations,
        is_educator=bool(act.actor.organisations(Role.EDUCATOR)),
        me=act.actor.person_id,
        next=further("/proposals", found, SHOWN),
    )


@get("/proposals/new")
async def new_page(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """Begin a proposal."""
    return await _new(page, act)


async def _new(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        mine = await people.organisations_by_id(session, act.actor.organisations(Role.EDUCATOR))
        above = await people.organisations_by_id(session, {one for found in mine.values() for one in found.lineage})
    choices = sorted(((one.id, one.name) for one in above.values()), key=lambda choice: choice[1])
    return page.show("proposals/new.html", filled=filled, choices=choices)


@post("/proposals/new")
async def begin(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(
            api.NewProposal,
            organisationId=form["organisation"],
            slug=form.line("slug"),
            specification={"title": form.line("title")},
        )
        async with page.parts.database.write() as session:
            made = await service.propose(
                session, act, organisation_id=asked.organisation_id, slug=asked.slug, specification=asked.specification
            )
    except MENDABLE as failure:
        field = "slug" if "short name" in failure.detail else ""
        return await _new(page, act, form.back("new", failure, field=field, at={"specification": "title"}))
    return page.go(f"/proposals/{made.id}", "proposed")


@get("/proposals/{proposal_id:str}")
async def proposal(proposal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """One proposal: what it says, where it stands, and what I can do with it."""
    return await _proposal(page, act, proposal_id)


async def _proposal(page: Page, act: Act, proposal_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        view = await service.proposal_for(session, act, proposal_id)
        found = view.proposal
        specification = found.specification
        issuer = await people.organisation(session, found.organisation_id)
        competencies = await service.competencies(session, {*specification.competencies, *specification.alignments})
        editable = view.is_author and found.stage in PROPOSAL_EDITABLE
        frameworks = await service.list_frameworks(session, limit=MOST_CHOICES) if editable else []
        persons = await people.persons_by_id(session, {*view.members, *(one.person_id for one in view.votes)})
    return page.show(
        "proposals/proposal.html",
        filled=filled,
        view=view,
        proposal=found,
        specification=specification,
        issuer=issuer,
        competencies=competencies,
        faults=gates(specification, frozenset(competencies)),
        frameworks=choices_of(frameworks),
        editable=editable,
        names={one.id: one.name for one in persons.values()},
        as_json={
            name: pretty(getattr(specification, name)) for name in ("key_method", "evidence", "rubric", "programme")
        },
        titles=titles_of(specification),
        level_names=level_names(specification),
    )


@post("/proposals/{proposal_id:str}")
async def change(
    proposal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Rewrite a proposal."""
    try:
        specification = read_specification(form)
        async with page.parts.database.write() as session:
            await service.change_proposal(session, act, proposal_id, specification, revision=form.number("revision"))
    except MENDABLE as failure:
        return await _proposal(page, act, proposal_id, form.back("edit", failure))
    return page.go(f"/proposals/{proposal_id}", "draft-saved")


async def _step(
    page: Page, act: Act, form: Form, proposal_id: str, step: str, verb: Any, note: str
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await verb(session, act, proposal_id)
    except MENDABLE as failure:
        return await _proposal(page, act, proposal_id, form.back(step, failure))
    return page.go(f"/proposals/{proposal_id}", note)


@post("/proposals/{proposal_id:str}/review")
async def hand_in(
    proposal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Hand a proposal to the committee."""
    return await _step(page, act, form, proposal_id, "review", service.hand_in_proposal, "proposal-handed-in")


@post("/proposals/{proposal_id:str}/withdrawal")
async def withdraw(
    proposal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Take a proposal back."""
    return await _step(page, act, form, proposal_id, "withdrawal", service.withdraw_proposal, "proposal-withdrawn")


@post("/proposals/{proposal_id:str}/committee")
async def name_committee(
    proposal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Name the committee by its members' e-mail addresses."""
    try:
        async with page.parts.database.write() as session:
            view = await service.proposal_for(session, act, proposal_id)
            members = await _members(session, form) if view.may_name else []
            await service.name_committee(session, act, proposal_id, members)
    except MENDABLE as failure:
        return await _proposal(page, act, proposal_id, form.back("committee", failure, field="members"))
    return page.go(f"/proposals/{proposal_id}", "committee-named")


async def _members(session: Session, form: Form) -> list[str]:
    """Who has the addresses that were typed. Those that nobody has are named."""
    addresses = [normal_address(line) for line in form.lines("members")[:MOST_LINES]]
    known = await people.persons_of_addresses(session, addresses)
    missing = [one for one in addresses if one not in known]
    if missing:
        detail = f"nobody here has the address {', '.join(missing[:5])}: write it as it is in their account"
        raise FormRefused(detail, faults=(Fault(detail, "members", "invalid"),))
    return [known[one] for one in addresses]


@post("/proposals/{proposal_id:str}/votes")
async def vote(
    proposal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Vote, once in each round."""
    try:
        said = form.read(api.ProposalVote, choice=form["choice"], reason=form.line("reason"))
        async with page.parts.database.write() as session:
            await service.vote_on_proposal(session, act, proposal_id, said.choice, reason=said.reason)
    except MENDABLE as failure:
        return await _proposal(page, act, proposal_id, form.back("vote", failure))
    return page.go(f"/proposals/{proposal_id}", "voted")


HANDLERS = [proposals, new_page, begin, proposal, change, hand_in, withdraw, name_committee, vote]
