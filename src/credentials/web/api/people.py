"""Sign-in, accounts, organisations, roles, invitations, API tokens."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, Router, delete, get, post, put
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from credentials.db import Session
from credentials.errors import Conflict
from credentials.people import roster, service
from credentials.people.model import (
    SESSION_LIFETIME,
    Act,
    Address,
    ApiToken,
    Grant,
    Listed,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    RosterEntry,
    RosterPlan,
    Scope,
    Ticket,
)
from credentials.people.rules import check_password, require
from credentials.web import rosters
from credentials.web.deps import SCOPE_KEY, cookie_name
from credentials.web.once import Once
from credentials.web.openapi import ALSO_KEY, BODY_KEY, TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire, etag

EmailText = Annotated[str, Meta(min_length=3, max_length=254)]
PasswordText = Annotated[str, Meta(min_length=1, max_length=1_000)]
NameText = Annotated[str, Meta(min_length=1, max_length=200)]
SecretText = Annotated[str, Meta(min_length=1, max_length=200)]


class SignIn(Asked):
    email: EmailText
    password: PasswordText


class SignedIn(Wire):
    person_id: str
    expires_at: datetime


class RoleShown(Wire):
    id: str
    organisation_id: str
    role: Role
    from_: datetime
    until: datetime | None


class AddressShown(Wire):
    id: str
    address: str
    verified: bool
    primary: bool


class Me(Wire):
    """What the service knows of the person who asks."""

    id: str
    name: str
    subject: str
    did: str | None
    name_in_credentials: bool
    addresses: list[AddressShown]
    roles: list[RoleShown]


class MeChange(Asked):
    name: NameText
    did: Annotated[str, Meta(max_length=2_000)] | None = None
    name_in_credentials: bool = False


class NewAddress(Asked):
    address: EmailText


class LinkSecret(Asked):
    secret: SecretText


class PasswordReset(Asked):
    email: EmailText


class NewPassword(Asked):
    secret: SecretText
    password: PasswordText


class PasswordChange(Asked):
    old: PasswordText
    new: PasswordText


class NewToken(Asked):
    name: NameText
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(Scope))]
    expires_at: datetime


class TokenShown(Wire):
    id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


class TokenMade(Wire):
    """``secret`` is shown this once."""

    token: TokenShown
    secret: str


class OrganisationShown(Wire):
    id: str
    kind: OrganisationKind
    slug: str
    name: str
    parent_id: str | None
    url: str
    description: str


class NewOrganisation(Asked):
    kind: OrganisationKind
    slug: Annotated[str, Meta(min_length=1, max_length=62)]
    name: NameText
    parent_id: Annotated[str, Meta(max_length=36)]
    url: Annotated[str, Meta(max_length=500)] = ""
    description: Annotated[str, Meta(max_length=5_000)] = ""


class OrganisationChange(Asked):
    name: NameText
    url: Annotated[str, Meta(max_length=500)] = ""
    description: Annotated[str, Meta(max_length=5_000)] = ""


class HolderShown(Wire):
    grant: RoleShown
    person_id: str
    person_name: str


class NewGrant(Asked):
    person_id: Annotated[str, Meta(max_length=36)]
    role: Role
    from_: datetime | None = None
    until: datetime | None = None


class NewInvitation(Asked):
    email: EmailText
    role: Role


class InvitationShown(Wire):
    id: str
    email: str
    role: Role | None
    expires_at: datetime


class Invitation(Wire):
    """What an invited person sees before accepting. ``known``: the address has an account already. ``name``: as the
    organisation's roster has it; empty without one."""

    organisation: str
    role: Role | None
    email: str
    known: bool
    name: str


class RosterTaken(Wire):
    """What came of a list, or what would. ``invited``: people who get an invitation now. ``pending``: theirs is open already.
    ``here``: they are educators there. ``new`` and ``changed``: lines that were not listed before, or otherwise."""

    lines: int
    invited: int
    pending: int
    here: int
    new: int
    changed: int


class RosterEntryShown(Wire):
    id: str
    email: str
    first_name: str
    last_name: str
    educator_id: str
    district_id: str
    standing: Listed
    listed_at: datetime


ROSTER: dict[str, dict[str, Any]] = {kind: {"schema": {}} for kind in ("text/csv", "application/octet-stream")}


class Acceptance(Asked):
    """``name`` and ``password`` for a person who has no account yet."""

    name: Annotated[str, Meta(max_length=200)] = ""
    password: Annotated[str, Meta(max_length=1_000)] | None = None


def show_role(grant: Grant) -> RoleShown:
    return RoleShown(
        id=grant.id, organisation_id=grant.organisation_id, role=grant.role, from_=grant.from_, until=grant.until
    )


def show_organisation(organisation: Organisation) -> OrganisationShown:
    return OrganisationShown(
        id=organisation.id,
        kind=organisation.kind,
        slug=organisation.slug,
        name=organisation.name,
        parent_id=organisation.parent_id,
        url=organisation.url,
        description=organisation.description,
    )


def show_address(address: Address) -> AddressShown:
    return AddressShown(
        id=address.id, address=address.address, verified=address.verified_at is not None, primary=address.primary
    )


def show_token(token: ApiToken) -> TokenShown:
    return TokenShown(
        id=token.id,
        name=token.name,
        scopes=sorted(token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        used_at=token.used_at,
    )


def show_invitation(ticket: Ticket) -> InvitationShown:
    return InvitationShown(id=ticket.id, email=ticket.address, role=ticket.role, expires_at=ticket.expires_at)


def session_cookie(base_url: str, secret: str) -> Cookie:
    return Cookie(
        key=cookie_name(base_url),
        value=secret,
        path="/",
        httponly=True,
        samesite="lax",
        secure=base_url.startswith("https://"),
        max_age=int(SESSION_LIFETIME.total_seconds()),
    )


def show_roster_taken(done: RosterPlan) -> RosterTaken:
    return RosterTaken(
        lines=len(done.invite) + len(done.invited) + len(done.here),
        invited=len(done.invite),
        pending=len(done.invited),
        here=len(done.here),
        new=done.new,
        changed=done.changed,
    )


def show_roster_entry(pair: tuple[RosterEntry, Listed]) -> RosterEntryShown:
    entry, standing = pair
    return RosterEntryShown(
        id=entry.id,
        email=entry.address,
        first_name=entry.first_name,
        last_name=entry.last_name,
        educator_id=entry.educator_id,
        district_id=entry.district_id,
        standing=standing,
        listed_at=entry.listed_at,
    )


# Sign-in


@post("/sessions", status_code=201, opt={ALSO_KEY: (401, 429)})
async def sign_in(
    data: JSONBody[SignIn], parts: NamedDependency[Parts], now: NamedDependency[datetime], peer: NamedDependency[str]
) -> Response[SignedIn]:
    """Sign in. The answer sets the session cookie."""
    signed_in, secret = await service.sign_in(
        parts.database, parts.hasher, parts.ids, now, address=data.email, password=data.password, peer=peer
    )
    shown = SignedIn(person_id=signed_in.person_id, expires_at=signed_in.expires_at)
    return Response(shown, cookies=[session_cookie(parts.settings.base_url, secret)])


@delete("/sessions/current", status_code=204)
async def sign_out(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[None]:
    """Sign out."""
    await service.sign_out(session, act)
    response: Response[None] = Response(None, status_code=204)
    response.delete_cookie(cookie_name(parts.settings.base_url), path="/")
    return response


@post("/password-resets", status_code=202)
async def ask_for_password_reset(
    data: JSONBody[PasswordReset],
    session: NamedDependency[Session],
    parts: NamedDependency[Parts],
    now: NamedDependency[datetime],
) -> None:
    """Ask for a link to set a new password. The answer is the same whether the address has an account or not."""
    await service.ask_for_password_reset(session, service.nobody(now, parts.ids), data.email)


@post("/passwords", status_code=204)
async def set_password(
    data: JSONBody[NewPassword], parts: NamedDependency[Parts], now: NamedDependency[datetime]
) -> None:
    """Set a new password with the secret of a mailed link. Every session of the person ends."""
    check_password(data.password, about=())
    phc = await parts.hasher.hash(data.password)
    async with parts.database.write() as session:
        await service.reset_password(session, service.nobody(now, parts.ids), data.secret, phc)


# The person who asks


@get("/me", opt={SCOPE_KEY: Scope.PEOPLE_READ}, response_headers=TAGGED)
async def me(session: NamedDependency[Session], act: NamedDependency[Act]) -> Response[Me]:
    """Who I am: name, identifiers, addresses, roles."""
    return await _me(session, act)


@put("/me", opt={SCOPE_KEY: Scope.PEOPLE_WRITE}, response_headers=TAGGED)
async def change_me(
    data: JSONBody[MeChange],
    revision: NamedDependency[int],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[Me]:
    """Change my name, my own DID, and whether my name may stand in my credentials."""
    await service.change_person(
        session,
        act,
        name=data.name,
        did=data.did or None,
        name_in_credentials=data.name_in_credentials,
        revision=revision,
    )
    return await _me(session, act)


async def _me(session: Session, act: Act) -> Response[Me]:
    person: Person = await service.person(session, act.actor.person_id)
    shown = Me(
        id=person.id,
        name=person.name,
        subject=person.subject,
        did=person.did,
        name_in_credentials=person.name_in_credentials,
        addresses=[show_address(address) for address in await service.addresses_of(session, person.id)],
        roles=[show_role(grant) for grant in act.actor.grants],
    )
    return Response(shown, headers={"ETag": etag(person.revision)})


@put("/me/password", status_code=204)
async def change_password(
    data: JSONBody[PasswordChange], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> None:
    """Change my password. My other sessions end."""
    await service.change_password(parts.database, parts.hasher, act, old=data.old, new=data.new)


@post("/me/addresses", status_code=201)
async def add_address(
    data: JSONBody[NewAddress],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[AddressShown]:
    """Add an e-mail address. It counts once the link that is sent there was followed."""

    async def work() -> AddressShown:
        return show_address(await service.add_address(session, act, data.address))

    return await once(session, work)


@post("/address-verifications", status_code=204)
async def verify_address(
    data: JSONBody[LinkSecret],
    session: NamedDependency[Session],
    parts: NamedDependency[Parts],
    now: NamedDependency[datetime],
) -> None:
    """Prove an address with the secret of the link that was mailed there."""
    await service.verify_address(session, service.nobody(now, parts.ids), data.secret)


@delete("/me/addresses/{address_id:str}", status_code=204)
async def remove_address(
    address_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> None:
    """Remove an address. The last verified one stays."""
    await service.remove_address(session, act, address_id)


@put("/me/addresses/{address_id:str}/primary", status_code=204)
async def make_primary(address_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> None:
    """Have mail sent to this address."""
    await service.make_primary(session, act, address_id)


@get("/me/tokens")
async def list_tokens(session: NamedDependency[Session], act: NamedDependency[Act]) -> list[TokenShown]:
    """My API tokens, without their secrets."""
    return [show_token(token) for token in await service.tokens_of(session, act.actor.person_id)]


@post("/me/tokens", status_code=201)
async def make_token(
    data: JSONBody[NewToken],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> TokenMade:
    """Make an API token. Its secret is kept nowhere and answered this once: repeating the request with its key makes no
    second token, and does not show the secret again."""
    made: list[TokenMade] = []

    async def work() -> TokenShown:
        token, secret = await service.make_token(
            session, act, name=data.name, scopes=data.scopes, expires_at=data.expires_at
        )
        made.append(TokenMade(token=show_token(token), secret=secret))
        return made[0].token

    await once(session, work)
    if not made:
        raise Conflict("this token was made already, and its secret was shown then: revoke it and make another")
    return made[0]


@delete("/me/tokens/{token_id:str}", status_code=204)
async def revoke_token(token_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> None:
    """Revoke an API token."""
    await service.revoke_token(session, act, token_id)


# Organisations, roles, invitations


@get("/organisations")
async def list_organisations(
    session: NamedDependency[Session],
    paging: NamedDependency[Paging],
    kind: FromQuery[OrganisationKind | None] = None,
) -> Response[Page[OrganisationShown]]:
    """All organisations, in the order of their short names."""
    (after,) = paging.after()
    found = await service.list_organisations(session, kinds=(kind,) if kind else (), after=after, limit=paging.enough)
    return paging.page(found, show_organisation, lambda organisation: (organisation.slug,))


@get("/organisations/{organisation_id:str}", response_headers=TAGGED)
async def get_organisation(
    organisation_id: FromPath[str], session: NamedDependency[Session]
) -> Response[OrganisationShown]:
    """One organisation."""
    found = await service.organisation(session, organisation_id)
    return Response(show_organisation(found), headers={"ETag": etag(found.revision)})


@post("/organisations", status_code=201, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def found_organisation(
    data: JSONBody[NewOrganisation],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[OrganisationShown]:
    """Found an organisation under another one, as an administrator of that one."""

    async def work() -> OrganisationShown:
        founded = await service.found_organisation(
            session,
            act,
            kind=data.kind,
            slug=data.slug,
            name=data.name,
            parent_id=data.parent_id,
            url=data.url,
            description=data.description,
        )
        return show_organisation(founded)

    return await once(session, work)


@put("/organisations/{organisation_id:str}", opt={SCOPE_KEY: Scope.PEOPLE_WRITE}, response_headers=TAGGED)
async def change_organisation(
    organisation_id: FromPath[str],
    data: JSONBody[OrganisationChange],
    revision: NamedDependency[int],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[OrganisationShown]:
    """Change what an organisation says of itself."""
    changed = await service.change_organisation(
        session,
        act,
        organisation_id,
        name=data.name,
        url=data.url,
        description=data.description,
        revision=revision,
    )
    return Response(show_organisation(changed), headers={"ETag": etag(changed.revision)})


@get("/organisations/{organisation_id:str}/roles", opt={SCOPE_KEY: Scope.PEOPLE_READ})
async def list_roles(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[HolderShown]]:
    """Who holds which role in an organisation and in those below it, for its administrators."""
    where = await service.organisation(session, organisation_id)
    require(act.actor, where.lineage, Role.ADMINISTRATOR)
    (after,) = paging.after()
    reach = await service.below(session, (where.id,))
    found = await service.grants_in(session, reach, act.now, after=after, limit=paging.enough)
    return paging.page(
        found,
        lambda entry: HolderShown(grant=show_role(entry[0]), person_id=entry[0].person_id, person_name=entry[1]),
        lambda entry: (entry[0].id,),
    )


@post("/organisations/{organisation_id:str}/roles", status_code=201, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def grant_role(
    organisation_id: FromPath[str],
    data: JSONBody[NewGrant],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[RoleShown]:
    """Give somebody who has an account a role."""

    async def work() -> RoleShown:
        granted = await service.grant_role(
            session,
            act,
            person_id=data.person_id,
            organisation_id=organisation_id,
            role=data.role,
            from_=data.from_,
            until=data.until,
        )
        return show_role(granted)

    return await once(session, work)


@delete("/roles/{role_id:str}", status_code=204, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def end_role(
    role_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    reason: Annotated[str, QueryParameter(max_length=1_000)] = "",
) -> None:
    """Take a role away from now on."""
    await service.end_grant(session, act, role_id, reason=reason)


@get("/organisations/{organisation_id:str}/invitations", opt={SCOPE_KEY: Scope.PEOPLE_READ})
async def list_invitations(
    organisation_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[InvitationShown]:
    """Invitations that were not accepted yet, at most 200."""
    where = await service.organisation(session, organisation_id)
    require(act.actor, where.lineage, Role.ADMINISTRATOR)
    reach = await service.below(session, (where.id,))
    return [show_invitation(ticket) for ticket in await service.open_invitations(session, reach, act.now)]


@post("/organisations/{organisation_id:str}/invitations", status_code=201, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def invite(
    organisation_id: FromPath[str],
    data: JSONBody[NewInvitation],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[InvitationShown]:
    """Invite somebody by e-mail into a role."""

    async def work() -> InvitationShown:
        return show_invitation(
            await service.invite(session, act, address=data.email, organisation_id=organisation_id, role=data.role)
        )

    return await once(session, work)


# Rosters


@post(
    "/organisations/{organisation_id:str}/roster/imports",
    status_code=200,
    request_max_body_size=roster.MAX_OCTETS,
    opt={SCOPE_KEY: Scope.PEOPLE_WRITE, BODY_KEY: ROSTER},
)
async def take_roster(
    organisation_id: FromPath[str],
    request: Request[Any, Any, Any],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
    preview: FromQuery[bool] = False,
) -> RosterTaken:
    """Take a list of educators: CSV in UTF-8 with the columns `email,first_name,last_name` and perhaps
    `educator_id,district_id`. Whoever is no educator there yet and has no open invitation is invited. All of it or nothing is
    taken; taken again it invites nobody twice. With `preview` nothing is changed: the answer says what would be."""
    return show_roster_taken(await rosters.take(parts, act, organisation_id, await request.body(), preview=preview))


@get("/organisations/{organisation_id:str}/roster", opt={SCOPE_KEY: Scope.PEOPLE_READ})
async def list_roster(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[RosterEntryShown]]:
    """Who is on the list, in the order in which they came, and how far each is."""
    (after,) = paging.after()
    found = await service.roster_of(session, act, organisation_id, after=after, limit=paging.enough)
    return paging.page(found, show_roster_entry, lambda pair: (pair[0].id,))


@get(
    "/organisations/{organisation_id:str}/roster/export",
    opt={SCOPE_KEY: Scope.PEOPLE_READ},
    media_type="text/csv",
)
async def export_roster(
    organisation_id: FromPath[str], parts: NamedDependency[Parts], act: NamedDependency[Act]
) -> Response[bytes]:
    """The whole list as CSV. No cell of it is a formula to a spreadsheet."""
    return exported(await rosters.export(parts, act, organisation_id))


def exported(table: bytes) -> Response[bytes]:
    return Response(
        table,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="roster.csv"'},
    )


@delete("/organisations/{organisation_id:str}/roster/{entry_id:str}", opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def unlist(
    organisation_id: FromPath[str],
    entry_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> None:
    """Take somebody off the list. Their invitation or role stays as it is."""
    await service.unlist(session, act, organisation_id, entry_id)


@get("/invitations/{secret:str}", opt={ALSO_KEY: (409,)})
async def get_invitation(
    secret: FromPath[str], session: NamedDependency[Session], now: NamedDependency[datetime]
) -> Invitation:
    """What an invitation is for."""
    ticket, organisation, known = await service.invitation(session, secret, now)
    name = await service.listed_name(session, ticket)
    return Invitation(organisation=organisation.name, role=ticket.role, email=ticket.address, known=known, name=name)


@post("/invitations/{secret:str}/acceptance", status_code=204)
async def accept_invitation(
    secret: FromPath[str], data: JSONBody[Acceptance], parts: NamedDependency[Parts], now: NamedDependency[datetime]
) -> None:
    """Accept an invitation. A person without an account chooses a name and a password."""
    await accept(parts, now, secret, name=data.name, password=data.password)


async def accept(parts: Parts, now: datetime, secret: str, *, name: str, password: str | None) -> None:
    """What the API and the page do alike: the password is hashed while no transaction is open."""
    phc = None
    if password:
        check_password(password, about=(name,))
        phc = await parts.hasher.hash(password)
    async with parts.database.write() as session:
        await service.accept_invitation(session, service.nobody(now, parts.ids), secret, name=name, phc=phc)


ROUTES = Router(
    path="",
    tags=["people"],
    route_handlers=[
        sign_in,
        sign_out,
        ask_for_password_reset,
        set_password,
        me,
        change_me,
        change_password,
        add_address,
        verify_address,
        remove_address,
        make_primary,
        list_tokens,
        make_token,
        revoke_token,
        list_organisations,
        get_organisation,
        found_organisation,
        change_organisation,
        list_roles,
        grant_role,
        end_role,
        list_invitations,
        invite,
        take_roster,
        list_roster,
        export_roster,
        unlist,
        get_invitation,
        accept_invitation,
    ],
)
