"""Signing in, links from mails, and one's own account."""

from datetime import datetime, timedelta

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.errors import Failure
from credentials.people import service
from credentials.people.model import Act, Scope, WrongPassword
from credentials.people.rules import check_password
from credentials.web.api import people as api
from credentials.web.deps import cookie_name
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page, local_path

TOKEN_DAYS = (30, 90, 180, 365)
"""For how long a token can be made."""

UNSEEN = {"X-Robots-Tag": "noindex, nofollow"}
"""For pages behind a secret link."""


# Signing in


@get("/sign-in")
async def sign_in_page(page: NamedDependency[Page], next: FromQuery[str] = "/") -> Template | Response[None]:  # noqa: A002
    """Sign in."""
    if page.actor:
        return page.go(local_path(next))
    return page.show("people/sign_in.html", next=local_path(next))


@post("/sign-in")
async def sign_in(
    page: NamedDependency[Page], form: NamedDependency[Form], peer: NamedDependency[str]
) -> Template | Response[None]:
    parts = page.parts
    onward = local_path(form["next"])
    try:
        asked = form.read(api.SignIn, email=form.line("email"), password=form["password"])
        _, secret = await service.sign_in(
            parts.database, parts.hasher, parts.ids, page.now, address=asked.email, password=asked.password, peer=peer
        )
    except (*MENDABLE, WrongPassword) as failure:
        return page.show("people/sign_in.html", filled=form.back("sign-in", failure), next=onward)
    answer = page.go(onward)
    answer.cookies.append(api.session_cookie(parts.settings.base_url, secret))
    return answer


@post("/sign-out")
async def sign_out(page: NamedDependency[Page]) -> Response[None]:
    """Sign out; whoever is signed out already is so again."""
    if page.actor:
        async with page.parts.database.write() as session:
            await service.sign_out(session, Act(page.actor, page.now, page.parts.ids))
    answer = page.go("/", "signed-out")
    answer.delete_cookie(cookie_name(page.parts.settings.base_url), path="/")
    return answer


# Links from mails. A mail scanner follows them, too, so looking at one spends nothing.


@get("/password")
async def password_page(page: NamedDependency[Page]) -> Template:
    """Ask for a link to set a new password."""
    return page.show("people/password.html")


@post("/password")
async def ask_for_password(page: NamedDependency[Page], form: NamedDependency[Form]) -> Template | Response[None]:
    """The answer is the same whether the address has an account or not."""
    try:
        asked = form.read(api.PasswordReset, email=form.line("email"))
        async with page.parts.database.write() as session:
            await service.ask_for_password_reset(session, service.nobody(page.now, page.parts.ids), asked.email)
    except MENDABLE as failure:
        return page.show("people/password.html", filled=form.back("password", failure, field="email"))
    return page.go("/sign-in", "reset-asked")


@get("/password/{secret:str}")
async def new_password_page(secret: FromPath[str], page: NamedDependency[Page]) -> Template:
    """Set a new password, with the secret of a mailed link."""
    return page.show("people/new_password.html", secret=secret, headers=UNSEEN)


@post("/password/{secret:str}")
async def set_password(
    secret: FromPath[str], page: NamedDependency[Page], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(api.NewPassword, secret=secret, password=form["password"])
        check_password(asked.password, about=())
        phc = await page.parts.hasher.hash(asked.password)
        async with page.parts.database.write() as session:
            await service.reset_password(session, service.nobody(page.now, page.parts.ids), asked.secret, phc)
    except MENDABLE as failure:
        filled = form.back("new-password", failure, field=_field_of(failure))
        return page.show("people/new_password.html", filled=filled, secret=secret, headers=UNSEEN)
    return page.go("/sign-in", "password-set")


@get("/address-verifications/{secret:str}")
async def address_page(secret: FromPath[str], page: NamedDependency[Page]) -> Template:
    """Confirm an address, with the secret of a mailed link."""
    return page.show("people/address.html", secret=secret, headers=UNSEEN)


@post("/address-verifications/{secret:str}")
async def verify_address(
    secret: FromPath[str], page: NamedDependency[Page], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.verify_address(session, service.nobody(page.now, page.parts.ids), secret)
    except MENDABLE as failure:
        return page.show("people/address.html", filled=form.back("confirm", failure), secret=secret, headers=UNSEEN)
    return page.go("/account" if page.actor else "/sign-in", "address-verified")


@get("/invitations/{secret:str}")
async def invitation_page(secret: FromPath[str], page: NamedDependency[Page]) -> Template:
    """What an invitation is for, and accept it."""
    return await _invitation(page, secret, BLANK)


@post("/invitations/{secret:str}")
async def accept_invitation(
    secret: FromPath[str], page: NamedDependency[Page], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(api.Acceptance, name=form.line("name"), password=form["password"] or None)
        await api.accept(page.parts, page.now, secret, name=asked.name, password=asked.password)
    except MENDABLE as failure:
        return await _invitation(page, secret, form.back("accept", failure, field=_field_of(failure)))
    return page.go("/account" if page.actor else "/sign-in", "welcome")


async def _invitation(page: Page, secret: str, filled: Filled) -> Template:
    async with page.parts.database.read() as session:
        ticket, organisation, known = await service.invitation(session, secret, page.now)
        name = await service.listed_name(session, ticket)
    return page.show(
        "people/invitation.html",
        filled=filled,
        headers=UNSEEN,
        secret=secret,
        ticket=ticket,
        organisation=organisation,
        known=known,
        name=name,
    )


def _field_of(failure: Failure) -> str:
    return "password" if failure.code == "weak-password" else ""


# One's own account


@get("/account")
async def account(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What the service knows of the person who asks."""
    return await _account(page, act)


async def _account(page: Page, act: Act, filled: Filled = BLANK, made: str = "") -> Template:
    async with page.parts.database.read() as session:
        person = await service.person(session, act.actor.person_id)
        addresses = await service.addresses_of(session, person.id)
        tokens = await service.tokens_of(session, person.id)
        organisations = await service.organisations_by_id(
            session, {grant.organisation_id for grant in act.actor.grants}
        )
    return page.show(
        "people/account.html",
        filled=filled,
        person=person,
        addresses=addresses,
        tokens=[token for token in tokens if token.revoked_at is None and token.expires_at > page.now],
        organisations=organisations,
        grants=act.actor.grants,
        scopes=list(Scope),
        days=TOKEN_DAYS,
        made=made,
    )


@post("/account")
async def change_account(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Change my name, my own DID, and whether my name may stand in my credentials."""
    try:
        asked = form.read(
            api.MeChange,
            name=form.line("name"),
            did=form.line("did") or None,
            nameInCredentials=form.flag("name_in_credentials"),
        )
        async with page.parts.database.write() as session:
            await service.change_person(
                session,
                act,
                name=asked.name,
                did=asked.did,
                name_in_credentials=asked.name_in_credentials,
                revision=form.number("revision"),
            )
    except MENDABLE as failure:
        field = "did" if "DID" in failure.detail else ""
        return await _account(page, act, form.back("me", failure, field=field))
    return page.go("/account", "account-changed")


@post("/account/addresses")
async def add_address(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(api.NewAddress, address=form.line("address"))
        async with page.parts.database.write() as session:
            await service.add_address(session, act, asked.address)
    except MENDABLE as failure:
        return await _account(page, act, form.back("address", failure, field="address"))
    return page.go("/account#addresses", "address-added")


@post("/account/addresses/{address_id:str}/remove")
async def remove_address(
    address_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.remove_address(session, act, address_id)
    except MENDABLE as failure:
        return await _account(page, act, form.back("addresses", failure))
    return page.go("/account#addresses", "address-removed")


@post("/account/addresses/{address_id:str}/primary")
async def make_primary(
    address_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Response[None]:
    async with page.parts.database.write() as session:
        await service.make_primary(session, act, address_id)
    return page.go("/account#addresses", "address-primary")


@post("/account/password")
async def change_password(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(api.PasswordChange, old=form["old"], new=form["new"])
        await service.change_password(page.parts.database, page.parts.hasher, act, old=asked.old, new=asked.new)
    except WrongPassword as failure:
        return await _account(page, act, form.back("password", failure, field="old"))
    except MENDABLE as failure:
        return await _account(page, act, form.back("password", failure, field="new"))
    return page.go("/account", "password-changed")


@post("/account/tokens")
async def make_token(page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]) -> Template:
    """Make an API token. Its secret is on the page that answers, and never again."""
    try:
        expires_at: datetime = page.now + timedelta(days=min(form.number("days"), max(TOKEN_DAYS)))
        asked = form.read(api.NewToken, name=form.line("name"), scopes=form.all("scopes"), expiresAt=expires_at)
        async with page.parts.database.write() as session:
            _, secret = await service.make_token(
                session, act, name=asked.name, scopes=asked.scopes, expires_at=asked.expires_at
            )
    except MENDABLE as failure:
        return await _account(page, act, form.back("token", failure))
    return await _account(page, act, made=secret)


@post("/account/tokens/{token_id:str}/revoke")
async def revoke_token(
    token_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Response[None]:
    async with page.parts.database.write() as session:
        await service.revoke_token(session, act, token_id)
    return page.go("/account#tokens", "token-revoked")


HANDLERS = [
    sign_in_page,
    sign_in,
    sign_out,
    password_page,
    ask_for_password,
    new_password_page,
    set_password,
    address_page,
    verify_address,
    invitation_page,
    accept_invitation,
    account,
    change_account,
    add_address,
    remove_address,
    make_primary,
    change_password,
    make_token,
    revoke_token,
]
