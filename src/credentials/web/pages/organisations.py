"""Organisations: what they are to everybody; and their people, roles and awards to those who answer for them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.audit import service as audit
from credentials.audit.model import Entry
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardState
from credentials.awards.rules import MOVES
from credentials.catalog import service as catalog
from credentials.compensation.service import office as pay_office
from credentials.db import Session
from credentials.errors import NotFound
from credentials.issuing import service as issuing
from credentials.issuing.service import AWARDERS
from credentials.pathways.service import RULE_WRITERS
from credentials.people import service
from credentials.people.model import Act, Organisation, OrganisationKind, Role
from credentials.people.rules import PARENTS
from credentials.web.api import awards as awards_api
from credentials.web.api import people as api
from credentials.web.api.audit import read_place
from credentials.web.pages.awards import picture_of, state_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page, further
from credentials.web.registry import READERS
from credentials.web.wire import read_cursor

SHOWN = 50


class Step(NamedTuple):
    """What can be decided about an award: the state that it leads to, who carries it out, the note that is left."""

    to: AwardState
    verb: Callable[..., Awaitable[Award]]
    note: str


STEPS = {
    "revocation": Step(AwardState.REVOKED, issuing.revoke, "award-revoked"),
    "suspension": Step(AwardState.SUSPENDED, issuing.suspend, "award-suspended"),
    "reinstatement": Step(AwardState.ACTIVE, issuing.reinstate, "award-reinstated"),
}
"""By their addresses."""


@get("/organisations")
async def organisations(page: NamedDependency[Page], cursor: FromQuery[str | None] = None) -> Template:
    """All organisations; those that I answer for first."""
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.list_organisations(session, after=after, limit=SHOWN + 1)
        held = page.actor.organisations(*AWARDERS) if page.actor else ()
        mine = await service.organisations_by_id(session, held)
    shown = found[:SHOWN]
    return page.show(
        "organisations/list.html",
        organisations=shown,
        mine=sorted(mine.values(), key=lambda one: one.name),
        next=further("/organisations", found, SHOWN, lambda one: (one.slug,)),
    )


@get("/organisations/{organisation_id:str}")
async def organisation(organisation_id: FromPath[str], page: NamedDependency[Page]) -> Template:
    """What an organisation is and what it issues."""
    async with page.parts.database.read() as session:
        found = await service.organisation(session, organisation_id)
        above = await service.organisations_by_id(session, found.lineage[1:])
        below = await service.organisations_by_id(session, await service.below(session, (found.id,)))
        entries = await catalog.published(session, organisation_id=found.id, limit=SHOWN)
    return page.show(
        "organisations/organisation.html",
        organisation=found,
        tabs=tabs(page, found),
        above=[above[ancestor] for ancestor in found.lineage[1:] if ancestor in above],
        children=sorted((one for one in below.values() if one.parent_id == found.id), key=lambda one: one.name),
        entries=entries,
    )


def tabs(page: Page, of: Organisation) -> list[tuple[str, str]]:
    """The pages of an organisation that the reader may open."""
    found = [(f"/organisations/{of.id}", "About")]
    if page.actor and page.actor.holds(Role.ADMINISTRATOR, of.lineage):
        found.append((f"/organisations/{of.id}/people", "People and roles"))
        found.append((f"/organisations/{of.id}/roster", "Roster"))
    if page.actor and page.actor.holds_any(AWARDERS, of.lineage):
        found.append((f"/organisations/{of.id}/awards", "Awards"))
    if page.actor and page.actor.holds_any(READERS, of.lineage):
        found.append((f"/organisations/{of.id}/registry", "Recognised issuers"))
    if page.actor and page.actor.holds_any(RULE_WRITERS, of.lineage):
        found.append((f"/organisations/{of.id}/rules", "Rules"))
    if page.actor and of.kind in pay_office.RECOGNISERS and page.actor.holds_any(pay_office.READERS, of.lineage):
        found.append((f"/organisations/{of.id}/pay", "Pay"))
    if page.actor and page.actor.holds(Role.ADMINISTRATOR, of.lineage):
        found.append((f"/organisations/{of.id}/settings", "Settings"))
    return found if len(found) > 1 else []


# People and roles


@get("/organisations/{organisation_id:str}/people")
async def people(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    cursor: FromQuery[str | None] = None,
) -> Template:
    """Who holds which role here and below, and who is invited."""
    return await _people(page, act, organisation_id, cursor=cursor)


async def _people(
    page: Page, act: Act, organisation_id: str, filled: Filled = BLANK, cursor: str | None = None
) -> Template:
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        where = await service.organisation_for(session, act.actor, organisation_id, Role.ADMINISTRATOR)
        reach = await service.below(session, (where.id,))
        found = await service.grants_in(session, reach, page.now, after=after, limit=SHOWN + 1)
        shown = found[:SHOWN]
        invited = await service.open_invitations(session, reach, page.now)
        names = await service.organisations_by_id(
            session,
            {grant.organisation_id for grant, _ in shown} | {ticket.organisation_id or "" for ticket in invited},
        )
    return page.show(
        "organisations/people.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        grants=shown,
        invited=invited,
        names=names,
        roles=list(Role),
        next=further(f"/organisations/{where.id}/people", found, SHOWN, lambda pair: (pair[0].id,)),
    )


@post("/organisations/{organisation_id:str}/invitations")
async def invite(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Invite somebody by e-mail into a role."""
    try:
        asked = form.read(api.NewInvitation, email=form.line("email"), role=form["role"])
        async with page.parts.database.write() as session:
            await service.invite(session, act, address=asked.email, organisation_id=organisation_id, role=asked.role)
    except MENDABLE as failure:
        field = "email" if failure.code == "malformed" else ""
        return await _people(page, act, organisation_id, form.back("invite", failure, field=field))
    return page.go(f"/organisations/{organisation_id}/people", "invited")


@post("/organisations/{organisation_id:str}/roles/{role_id:str}/end")
async def end_role(
    organisation_id: FromPath[str],
    role_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Take a role away from now on."""
    try:
        async with page.parts.database.write() as session:
            await service.end_grant(session, act, role_id, reason=form["reason"].strip()[:1_000])
    except MENDABLE as failure:
        return await _people(page, act, organisation_id, form.back("end", failure))
    return page.go(f"/organisations/{organisation_id}/people", "role-ended")


# Settings


@get("/organisations/{organisation_id:str}/settings")
async def settings(organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What the organisation says of itself, and the organisations below it."""
    return await _settings(page, act, organisation_id)


async def _settings(page: Page, act: Act, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await service.organisation_for(session, act.actor, organisation_id, Role.ADMINISTRATOR)
    return page.show(
        "organisations/settings.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        kinds=[kind for kind in OrganisationKind if where.kind in PARENTS[kind]],
    )


@post("/organisations/{organisation_id:str}/settings")
async def change(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    try:
        asked = form.read(
            api.OrganisationChange,
            name=form.line("name"),
            url=form.line("url"),
            description=form["description"].strip(),
        )
        async with page.parts.database.write() as session:
            await service.change_organisation(
                session,
                act,
                organisation_id,
                name=asked.name,
                url=asked.url,
                description=asked.description,
                revision=form.number("revision"),
            )
    except MENDABLE as failure:
        return await _settings(page, act, organisation_id, form.back("change", failure))
    return page.go(f"/organisations/{organisation_id}", "organisation-changed")


@post("/organisations/{organisation_id:str}/below")
async def found_below(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Found an organisation under this one."""
    try:
        asked = form.read(
            api.NewOrganisation,
            kind=form["kind"],
            slug=form.line("slug"),
            name=form.line("name"),
            parentId=organisation_id,
        )
        async with page.parts.database.write() as session:
            founded = await service.found_organisation(
                session, act, kind=asked.kind, slug=asked.slug, name=asked.name, parent_id=asked.parent_id
            )
    except MENDABLE as failure:
        field = "slug" if "short name" in failure.detail else ""
        return await _settings(page, act, organisation_id, form.back("below", failure, field=field))
    return page.go(f"/organisations/{founded.id}", "organisation-founded")


# Awards


@get("/organisations/{organisation_id:str}/awards")
async def issued(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    cursor: FromQuery[str | None] = None,
) -> Template:
    """What this organisation and those below it awarded, in order."""
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        where = await service.organisation_for(session, act.actor, organisation_id, *AWARDERS)
        reach = await service.below(session, (where.id,))
        found = await awards.of_organisations(session, reach, after=after, limit=SHOWN + 1)
        shown = found[:SHOWN]
        holders = await service.persons_by_id(session, {award.educator_id for award in shown})
    return page.show(
        "organisations/awards.html",
        organisation=where,
        tabs=tabs(page, where),
        awards=shown,
        holders=holders,
        state_of=state_of,
        next=further(f"/organisations/{where.id}/awards", found, SHOWN),
    )


def _step(name: str) -> Step:
    if name not in STEPS:
        raise NotFound("there is nothing at this address")
    return STEPS[name]


async def _award(session: Session, where: Organisation, award_id: str) -> Award:
    """An award of this organisation or of one below it."""
    award = await awards.award(session, award_id)
    if award.organisation_id not in await service.below(session, (where.id,)):
        raise NotFound("there is no such award")
    return award


@get("/organisations/{organisation_id:str}/awards/{award_id:str}")
async def award(
    organisation_id: FromPath[str],
    award_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    cursor: FromQuery[str | None] = None,
) -> Template:
    """One award, what was decided about it, and what can be."""
    (place,) = read_cursor(cursor)
    after = read_place(place)
    async with page.parts.database.read() as session:
        where = await service.organisation_for(session, act.actor, organisation_id, *AWARDERS)
        found = await _award(session, where, award_id)
        issuer = await service.organisation(session, found.organisation_id)
        recorded = await audit.about(session, f"award:{found.id}", after=after, limit=SHOWN + 1)
        entries = recorded[:SHOWN]
        names = await _names(session, found, entries)
    onward = further(page.request.url.path, recorded, SHOWN, lambda entry: (str(entry.sequence),))
    return page.show(
        "organisations/award.html",
        organisation=where,
        tabs=tabs(page, where),
        award=found,
        issuer=issuer,
        entries=entries,
        names=names,
        is_first=after == 0,
        next=f"{onward}#record" if onward else "",
        state=state_of(found, page.now),
        picture=picture_of(found),
        steps=[name for name, step in STEPS.items() if step.to in MOVES[found.state]],
    )


async def _names(session: Session, found: Award, entries: Sequence[Entry]) -> dict[str, str]:
    """The names of the holder and of those who decided; what the service did by itself is said so."""
    persons = await service.persons_by_id(session, {found.educator_id, *(entry.actor for entry in entries)})
    return {person.id: person.name for person in persons.values()}


@get("/organisations/{organisation_id:str}/awards/{award_id:str}/{step:str}")
async def confirm(
    organisation_id: FromPath[str],
    award_id: FromPath[str],
    step: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
) -> Template:
    """What is about to be done to an award, and why: asked before it is done."""
    return await _confirm(page, act, organisation_id, award_id, step)


async def _confirm(
    page: Page, act: Act, organisation_id: str, award_id: str, step: str, filled: Filled = BLANK
) -> Template:
    to = _step(step).to
    async with page.parts.database.read() as session:
        where = await service.organisation_for(session, act.actor, organisation_id, *AWARDERS)
        found = await _award(session, where, award_id)
        holder = await service.person(session, found.educator_id)
    return page.show(
        "organisations/confirm.html",
        filled=filled,
        organisation=where,
        award=found,
        holder=holder,
        step=step,
        possible=to in MOVES[found.state],
    )


@post("/organisations/{organisation_id:str}/awards/{award_id:str}/{step:str}")
async def carry_out(
    organisation_id: FromPath[str],
    award_id: FromPath[str],
    step: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    chosen = _step(step)
    try:
        asked = form.read(awards_api.Because, reason=form["reason"].strip())
        async with page.parts.database.write() as session:
            where = await service.organisation_for(session, act.actor, organisation_id, *AWARDERS)
            await _award(session, where, award_id)
            await chosen.verb(session, act, award_id, reason=asked.reason)
    except MENDABLE as failure:
        return await _confirm(page, act, organisation_id, award_id, step, form.back("step", failure, field="reason"))
    return page.go(f"/organisations/{organisation_id}/awards/{award_id}", chosen.note)


HANDLERS = [
    organisations,
    organisation,
    people,
    invite,
    end_role,
    settings,
    change,
    found_below,
    issued,
    award,
    confirm,
    carry_out,
]
