import math
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from credentials.audit import service as audit
from credentials.audit.model import Entry
from credentials.db import Database, Session
from credentials.errors import Conflict, Malformed, NotFound
from credentials.ids import Ids, new_id, new_secret, random_uuid
from credentials.outbox import service as outbox
from credentials.people import roster, rules, store
from credentials.people.model import (
    NO_ORGANISATION,
    SESSION_LIFETIME,
    TICKET_LIFETIME,
    TOKEN_MAX_LIFETIME,
    TOKEN_PREFIX,
    Act,
    Actor,
    Address,
    AddressTaken,
    ApiToken,
    Grant,
    Listed,
    Organisation,
    OrganisationKind,
    Person,
    Purpose,
    Role,
    RosterEntry,
    RosterLine,
    RosterPlan,
    Scope,
    SignInBlocked,
    SignInSession,
    Ticket,
    WrongPassword,
)
from credentials.people.passwords import PasswordHasher
from credentials.people.store import (
    addresses_of,
    are_educators_in,
    below,
    count_educators,
    district_of_each,
    districts_of,
    educators_in,
    find_educators,
    grants_in,
    grants_of,
    have_part,
    hold_organisation,
    holders,
    holders_above,
    holders_within,
    list_organisations,
    open_invitations,
    organisation,
    organisation_by_slug,
    organisations_by_id,
    person,
    persons_by_id,
    persons_of_addresses,
    places_of,
    schools_of,
    tokens_of,
)

__all__ = [
    "MAIL_ORDER",
    "accept_invitation",
    "actor_of_session",
    "actor_of_token",
    "add_address",
    "addresses_of",
    "are_educators_in",
    "ask_for_password_reset",
    "below",
    "change_organisation",
    "change_password",
    "change_person",
    "count_educators",
    "district_of_each",
    "districts_of",
    "educators_in",
    "end_grant",
    "find_educators",
    "forget_old",
    "found_organisation",
    "grant_role",
    "grants_in",
    "grants_of",
    "have_part",
    "hold_organisation",
    "holders",
    "holders_above",
    "holders_within",
    "invitation",
    "invite",
    "list_organisations",
    "listed_name",
    "make_first_administrator",
    "make_primary",
    "make_token",
    "nobody",
    "note_use",
    "open_invitations",
    "organisation",
    "organisation_by_slug",
    "organisation_for",
    "organisations_by_id",
    "person",
    "persons_by_id",
    "persons_of_addresses",
    "places_of",
    "plan_roster",
    "remove_address",
    "reset_password",
    "revoke_token",
    "roster_of",
    "schools_of",
    "sign_in",
    "sign_out",
    "take_roster",
    "tokens_of",
    "unlist",
    "verify_address",
    "within",
]

MAIL_ORDER = "mail.send"
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a session or a token was last used: finer would be a write with every request."""

_DID = re.compile(r"did:(key:z[1-9A-HJ-NP-Za-km-z]{40,200}|web:[A-Za-z0-9.%:_-]{1,300}|jwk:[A-Za-z0-9_-]{40,1000})")


# Organisations


async def found_organisation(
    session: Session,
    act: Act,
    *,
    kind: OrganisationKind,
    slug: str,
    name: str,
    parent_id: str | None = None,
    url: str = "",
    description: str = "",
) -> Organisation:
    """Found an organisation under another one, as an administrator of that one."""
    parent = await store.organisation(session, parent_id) if parent_id else None
    if parent is None:
        raise Malformed(
            "name the organisation that this one stands under; only the operator's command line founds one at the top"
        )
    rules.require(act.actor, parent.lineage, Role.ADMINISTRATOR)
    return await _found(session, act, kind, slug, name, parent, url, description)


async def _found(
    session: Session,
    act: Act,
    kind: OrganisationKind,
    slug: str,
    name: str,
    parent: Organisation | None,
    url: str,
    description: str,
) -> Organisation:
    rules.check_place(kind, parent.kind if parent else None)
    rules.check_slug(slug)
    name = rules.check_name(name)
    rules.check_home_page(url)
    rules.check_description(description)
    founded_id = new_id(act.ids, act.now)
    founded = Organisation(
        id=founded_id,
        kind=kind,
        slug=slug,
        name=name,
        parent_id=parent.id if parent else None,
        url=url,
        description=description,
        created_at=act.now,
        lineage=(founded_id, *(parent.lineage if parent else ())),
    )
    await store.add_organisation(session, founded)
    await audit.record(
        session, act.entry("organisation.founded", f"organisation:{founded.id}", organisation=founded.id, kind=kind)
    )
    return founded


async def change_organisation(
    session: Session, act: Act, organisation_id: str, *, name: str, url: str, description: str, revision: int
) -> Organisation:
    found = await store.organisation(session, organisation_id)
    rules.require(act.actor, found.lineage, Role.ADMINISTRATOR)
    name = rules.check_name(name)
    rules.check_home_page(url)
    rules.check_description(description)
    changed = msgspec.structs.replace(found, name=name, url=url, description=description, revision=revision + 1)
    await store.change_organisation(session, changed, revision=revision)
    await audit.record(session, act.entry("organisation.changed", f"organisation:{found.id}", organisation=found.id))
    return changed


async def within(session: Session, actor: Actor, *roles: Role) -> frozenset[str]:
    """The organisations that these roles of the actor reach: where they are held and everything below."""
    return await store.below(session, actor.organisations(*roles))


async def organisation_for(
    session: Session, actor: Actor, organisation_id: str, *roles: Role, otherwise: str = NO_ORGANISATION
) -> Organisation:
    """An organisation in which, or above which, the actor holds one of these roles. To everybody else it does not exist, or
    what they asked for about it does not: ``otherwise`` says which."""
    found = await store.organisation(session, organisation_id)
    if not actor.holds_any(roles, found.lineage):
        raise NotFound(otherwise)
    return found


# Persons and their roles


async def make_first_administrator(
    session: Session,
    act: Act,
    *,
    kind: OrganisationKind,
    slug: str,
    organisation_name: str,
    address: str,
    name: str,
    phc: str,
) -> tuple[Organisation, Person]:
    """What the operator does on the command line: an organisation at the top of its own tree and its administrator.

    The operator vouches for the address. A person who has it already becomes the administrator and keeps their password.
    """
    founded = await _found(session, act, kind, slug, organisation_name, None, "", "")
    normal = rules.normal_address(address)
    known = await store.verified_address(session, normal)
    if known:
        someone = await store.person(session, known.person_id)
    else:
        someone = await _add_person(session, act, name, normal)
        await store.set_password(session, someone.id, phc, act.now)
    await _grant(session, act, someone.id, founded, Role.ADMINISTRATOR)
    return founded, someone


async def _add_person(session: Session, act: Act, name: str, address: str) -> Person:
    added = Person(
        id=new_id(act.ids, act.now),
        name=rules.check_name(name),
        subject=f"urn:uuid:{random_uuid(act.ids)}",
        created_at=act.now,
    )
    await store.add_person(session, added)
    await store.add_address(
        session, Address(id=new_id(act.ids, act.now), person_id=added.id, address=address, primary=True)
    )
    await store.verify_address(session, added.id, address, act.now)
    return added


async def change_person(
    session: Session, act: Act, *, name: str, did: str | None, name_in_credentials: bool, revision: int
) -> Person:
    """A person changes what is known of them. ``did`` is the identifier that credentials will name from now on."""
    if did is not None and not _DID.fullmatch(did):
        raise Malformed("the DID cannot be read: give a did:key, did:web or did:jwk of your wallet, or leave it empty")
    name = rules.check_name(name)
    found = await store.person(session, act.actor.person_id)
    changed = msgspec.structs.replace(
        found, name=name, did=did, name_in_credentials=name_in_credentials, revision=revision + 1
    )
    await store.change_person(session, changed, revision=revision)
    await audit.record(session, act.entry("person.changed", f"person:{found.id}"))
    return changed


async def grant_role(
    session: Session,
    act: Act,
    *,
    person_id: str,
    organisation_id: str,
    role: Role,
    from_: datetime | None = None,
    until: datetime | None = None,
) -> Grant:
    """An administrator gives somebody a role in one of their organisations."""
    where = await store.organisation(session, organisation_id)
    rules.require(act.actor, where.lineage, Role.ADMINISTRATOR)
    await store.person(session, person_id)
    return await _grant(session, act, person_id, where, role, from_, until)


async def _grant(
    session: Session,
    act: Act,
    person_id: str,
    where: Organisation,
    role: Role,
    from_: datetime | None = None,
    until: datetime | None = None,
) -> Grant:
    begins = from_ or act.now
    if until is not None and until <= begins:
        raise Malformed("the role would end before it begins")
    granted = Grant(
        id=new_id(act.ids, act.now),
        person_id=person_id,
        organisation_id=where.id,
        role=role,
        from_=begins,
        until=until,
        granted_by=act.actor.person_id,
    )
    await store.add_grant(session, granted)
    await audit.record(
        session, act.entry("role.granted", f"person:{person_id}", organisation=where.id, role=role, grant=granted.id)
    )
    return granted


async def end_grant(session: Session, act: Act, grant_id: str, *, reason: str) -> None:
    """Take a role away from now on. What was decided with it stands."""
    found = await store.grant(session, grant_id)
    where = await store.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.ADMINISTRATOR, where.lineage):
        raise NotFound("there is no such role")
    if found.until is not None and found.until <= act.now:
        raise Conflict("this role has ended already")
    await store.end_grant(session, grant_id, act.now)
    await audit.record(
        session,
        act.entry("role.ended", f"person:{found.person_id}", organisation=where.id, reason=reason, role=found.role),
    )


# Invitations and addresses


async def invite(session: Session, act: Act, *, address: str, organisation_id: str, role: Role) -> Ticket:
    """Invite somebody by e-mail into a role. The link is made when the mail is written and is kept nowhere else."""
    where = await store.organisation(session, organisation_id)
    rules.require(act.actor, where.lineage, Role.ADMINISTRATOR)
    sent = await _send_ticket(
        session, act, Purpose.INVITATION, address, organisation_id=where.id, role=role, organisation_name=where.name
    )
    await audit.record(session, act.entry("person.invited", f"ticket:{sent.id}", organisation=where.id, role=role))
    return sent


# Rosters


async def plan_roster(session: Session, act: Act, organisation_id: str, lines: tuple[RosterLine, ...]) -> RosterPlan:
    """What taking these lines would do. Nothing is changed."""
    where = await store.organisation(session, organisation_id)
    rules.require(act.actor, where.lineage, Role.ADMINISTRATOR)
    known = await store.listed_among(session, where.id, [line.address for line in lines])
    standing = await _standing(session, act.now, where.id, [line.address for line in lines])
    return roster.plan(
        lines,
        {address: _line_of(entry) for address, entry in known.items()},
        {address for address, found in standing.items() if found is Listed.HERE},
        {address for address, found in standing.items() if found is Listed.INVITED},
    )


async def take_roster(session: Session, act: Act, organisation_id: str, lines: tuple[RosterLine, ...]) -> RosterPlan:
    """List these people and invite those as educators who are not yet. Taken again, it invites nobody twice.

    Who is missing from a file stays listed: a district may send its schools one after the other.
    """
    await store.hold_organisation(session, organisation_id)
    planned = await plan_roster(session, act, organisation_id, lines)
    where = await store.organisation(session, organisation_id)
    known = await store.listed_among(session, where.id, [line.address for line in lines])
    await store.list_entries(
        session,
        [
            RosterEntry(
                **msgspec.structs.asdict(line),
                id=known[line.address].id if line.address in known else new_id(act.ids, act.now),
                organisation_id=where.id,
                listed_at=act.now,
            )
            for line in lines
        ],
    )
    for line in planned.invite:
        await _send_ticket(
            session,
            act,
            Purpose.INVITATION,
            line.address,
            organisation_id=where.id,
            role=Role.EDUCATOR,
            organisation_name=where.name,
        )
    entry = act.entry(
        "roster.taken",
        f"organisation:{where.id}",
        organisation=where.id,
        lines=str(len(lines)),
        invited=str(len(planned.invite)),
    )
    await audit.record(session, entry)
    return planned


async def roster_of(
    session: Session, act: Act, organisation_id: str, *, after: str = "", limit: int
) -> list[tuple[RosterEntry, Listed]]:
    """What is listed, in the order in which it came, with how far each is."""
    where = await store.organisation(session, organisation_id)
    rules.require(act.actor, where.lineage, Role.ADMINISTRATOR)
    found = await store.roster_of(session, where.id, after=after, limit=limit)
    standing = await _standing(session, act.now, where.id, [entry.address for entry in found])
    return [(entry, standing[entry.address]) for entry in found]


async def unlist(session: Session, act: Act, organisation_id: str, entry_id: str) -> None:
    """Take somebody off the list. An invitation or a role that they have stays as it is."""
    where = await store.organisation(session, organisation_id)
    rules.require(act.actor, where.lineage, Role.ADMINISTRATOR)
    if not await store.unlist(session, where.id, entry_id):
        raise NotFound("there is no such line on the list")
    await audit.record(session, act.entry("roster.entry-removed", f"organisation:{where.id}", organisation=where.id))


async def _standing(session: Session, now: datetime, organisation_id: str, listed: Iterable[str]) -> dict[str, Listed]:
    """By address. Somebody is here as an educator of the organisation or of one below it."""
    listed = list(listed)
    persons = await store.persons_of_addresses(session, listed)
    educators = await store.are_educators_in(session, organisation_id, persons.values(), now)
    invited = await store.invited_among(session, organisation_id, Role.EDUCATOR, listed, now)
    return {
        address: Listed.HERE
        if persons.get(address) in educators
        else Listed.INVITED
        if address in invited
        else Listed.NOT_INVITED
        for address in listed
    }


def _line_of(entry: RosterEntry) -> RosterLine:
    return RosterLine(**{name: getattr(entry, name) for name in RosterLine.__struct_fields__})


async def listed_name(session: Session, ticket: Ticket) -> str:
    """The name under which the roster of the organisation that invites lists the one who is invited; empty without one."""
    if ticket.organisation_id is None:
        return ""
    listed = await store.listed_among(session, ticket.organisation_id, [ticket.address])
    return listed[ticket.address].name if ticket.address in listed else ""


async def accept_invitation(session: Session, act: Act, secret: str, *, name: str, phc: str | None) -> Person:
    """Redeem an invitation: whoever holds its link reads that mailbox. Makes the person unless the address has one.

    ``phc``: the hash of the password that a new person chose.
    """
    found = rules.check_ticket(await store.ticket(session, secret, lock=True), act.now)
    if found.purpose is not Purpose.INVITATION or found.organisation_id is None or found.role is None:
        rules.check_ticket(None, act.now)
        raise AssertionError  # pragma: no cover - check_ticket(None) raises
    known = await store.verified_address(session, found.address)
    if known:
        someone = await store.person(session, known.person_id)
    elif phc is None:
        raise Malformed("choose a password for the new account")
    else:
        someone = await _add_person(session, act, name, found.address)
        await store.set_password(session, someone.id, phc, act.now)
    where = await store.organisation(session, found.organisation_id)
    await store.spend_ticket(session, found.id, act.now)
    await _grant(session, act, someone.id, where, found.role)
    return someone


async def invitation(session: Session, secret: str, now: datetime) -> tuple[Ticket, Organisation, bool]:
    """What an invitation says: the ticket, the organisation, and whether the address has an account already."""
    found = rules.check_ticket(await store.ticket(session, secret), now)
    if found.organisation_id is None:
        rules.check_ticket(None, now)
    where = await store.organisation(session, found.organisation_id or "")
    return found, where, await store.verified_address(session, found.address) is not None


async def add_address(session: Session, act: Act, address: str) -> Address:
    """Claim another address; it counts once the link sent there was followed."""
    normal = rules.normal_address(address)
    if await store.verified_address(session, normal):
        raise AddressTaken("this address belongs to an account already, perhaps your own")
    claimed = Address(id=new_id(act.ids, act.now), person_id=act.actor.person_id, address=normal)
    if not await store.add_address(session, claimed):  # claimed before, and not verified yet: another link is sent
        mine = await store.addresses_of(session, act.actor.person_id)
        claimed = next(address for address in mine if address.address == normal)
    await _send_ticket(session, act, Purpose.VERIFY_ADDRESS, normal, person_id=act.actor.person_id)
    return claimed


async def verify_address(session: Session, act: Act, secret: str) -> None:
    found = rules.check_ticket(await store.ticket(session, secret, lock=True), act.now)
    if found.purpose is not Purpose.VERIFY_ADDRESS or found.person_id is None:
        rules.check_ticket(None, act.now)
        return
    if not await store.verify_address(session, found.person_id, found.address, act.now):
        rules.check_ticket(None, act.now)  # the address was given up meanwhile
    await store.spend_ticket(session, found.id, act.now)
    await audit.record(session, act.entry("address.verified", f"person:{found.person_id}"))


async def remove_address(session: Session, act: Act, address_id: str) -> None:
    """Give an address up. The last verified one stays: without it nobody could sign in or be written to."""
    mine = await store.addresses_of(session, act.actor.person_id, lock=True)
    leaving = next((address for address in mine if address.id == address_id), None)
    if leaving is None:
        raise NotFound("there is no such address")
    others = [address for address in mine if address.verified_at and address.id != address_id]
    if leaving.verified_at and not others:
        raise Conflict("this is your only verified address: add and verify another one first")
    await store.remove_address(session, act.actor.person_id, address_id)
    if leaving.primary and others:
        await store.make_primary(session, act.actor.person_id, others[0].id)
    await audit.record(session, act.entry("address.removed", f"person:{act.actor.person_id}"))


async def make_primary(session: Session, act: Act, address_id: str) -> None:
    mine = await store.addresses_of(session, act.actor.person_id, lock=True)
    if not any(address.id == address_id and address.verified_at for address in mine):
        raise NotFound("there is no such verified address")
    await store.make_primary(session, act.actor.person_id, address_id)


async def _send_ticket(
    session: Session,
    act: Act,
    purpose: Purpose,
    address: str,
    *,
    person_id: str | None = None,
    organisation_id: str | None = None,
    role: Role | None = None,
    organisation_name: str = "",
) -> Ticket:
    made = Ticket(
        id=new_id(act.ids, act.now),
        purpose=purpose,
        address=rules.normal_address(address),
        person_id=person_id,
        organisation_id=organisation_id,
        role=role,
        created_by=act.actor.person_id,
        created_at=act.now,
        expires_at=act.now + TICKET_LIFETIME[purpose],
    )
    secret = new_secret(act.ids)
    await store.add_ticket(session, made, secret)
    await outbox.place(
        session,
        act.ids,
        act.now,
        MAIL_ORDER,
        made.id,
        letter=purpose.value,
        to=made.address,
        secret=secret,
        organisation=organisation_name,
        role=role.value if role else "",
    )
    return made


# Passwords and sign-in


def nobody(now: datetime, ids: Ids) -> Act:
    """An act of somebody who is not signed in: what they hold is a link."""
    return Act(Actor(person_id="nobody", name=""), now, ids)


async def ask_for_password_reset(session: Session, act: Act, address: str) -> None:
    """Send a link if the address has an account. Whether it has one is told to nobody but its mailbox."""
    known = await store.verified_address(session, rules.normal_address(address))
    if known:
        await _send_ticket(session, act, Purpose.RESET_PASSWORD, known.address, person_id=known.person_id)


async def reset_password(session: Session, act: Act, secret: str, phc: str) -> None:
    """A new password by a mailed link. Every session ends, and failed attempts are forgotten."""
    found = rules.check_ticket(await store.ticket(session, secret, lock=True), act.now)
    if found.purpose is not Purpose.RESET_PASSWORD or found.person_id is None:
        rules.check_ticket(None, act.now)
        return
    mine = [address.address for address in await store.addresses_of(session, found.person_id) if address.verified_at]
    if found.address not in mine:  # given up since: whoever reads that mailbox now is not asked
        rules.check_ticket(None, act.now)
    await store.spend_ticket(session, found.id, act.now)
    await store.set_password(session, found.person_id, phc, act.now)
    await store.end_sessions_of(session, found.person_id)
    await store.forget_failures(session, *(f"account:{address}" for address in mine))
    await audit.record(session, act.entry("password.reset", f"person:{found.person_id}"))


async def change_password(database: Database, hasher: PasswordHasher, act: Act, *, old: str, new: str) -> None:
    """A new password by knowing the old one. Every other session ends."""
    async with database.read() as session:
        phc = await store.password_of(session, act.actor.person_id)
        someone = await store.person(session, act.actor.person_id)
        addresses = await store.addresses_of(session, act.actor.person_id)
    rules.check_password(new, about=(someone.name, *(address.address.partition("@")[0] for address in addresses)))
    if not await hasher.matches(old, phc):
        raise WrongPassword("the old password is not right")
    fresh = await hasher.hash(new)
    async with database.write() as session:
        await store.set_password(session, act.actor.person_id, fresh, act.now)
        await store.end_sessions_of(session, act.actor.person_id, except_id=act.actor.session_id)
        await audit.record(session, act.entry("password.changed", f"person:{act.actor.person_id}"))


async def sign_in(
    database: Database, hasher: PasswordHasher, ids: Ids, now: datetime, *, address: str, password: str, peer: str
) -> tuple[SignInSession, str]:
    """Start a session; answers it and its secret. The same refusal for an unknown address and a wrong password.

    Transactions of its own: every attempt is counted as failed before the password is looked at, so that guesses made
    side by side do not slip through, and the hash is computed while no transaction is open. Raises ``WrongPassword``,
    ``SignInBlocked``.
    """
    try:
        normal = rules.normal_address(address)
    except Malformed:
        normal = ""
    account, network = f"account:{normal}", f"peer:{peer} {now:%Y-%m-%dT%H}"
    async with database.write() as session:
        failed, last = await store.count_attempt(session, account, now)
        _check_wait(rules.wait_of_account(failed), last, now)
        failed, last = await store.count_attempt(session, network, now)
        _check_wait(rules.wait_of_peer(failed), last, now)
        known = await store.verified_address(session, normal)
        phc = await store.password_of(session, known.person_id) if known else None
    if not await hasher.matches(password, phc) or known is None:
        raise WrongPassword("the e-mail address or the password is not right")
    async with database.write() as session:
        await store.forget_failures(session, account)
        await store.take_back_attempt(session, network)
        secret = new_secret(ids)
        signed_in = SignInSession(
            id=new_id(ids, now),
            person_id=known.person_id,
            created_at=now,
            seen_at=now,
            expires_at=now + SESSION_LIFETIME,
        )
        await store.add_session(session, signed_in, secret)
        entry = Entry(at=now, actor=known.person_id, action="session.started", subject=f"session:{signed_in.id}")
        await audit.record(session, entry)
    return signed_in, secret


def _check_wait(wait: timedelta | None, last_at: datetime, now: datetime) -> None:
    """An attempt made while waiting is refused unseen, and its count is rolled back with the transaction."""
    if wait is None:
        raise SignInBlocked("too many wrong passwords: ask for a link to set a new one", retry_after=3600)
    seconds = math.ceil((last_at + wait - now).total_seconds())
    if seconds > 0:
        raise SignInBlocked(f"too many wrong passwords: wait {seconds} seconds and try again", retry_after=seconds)


async def sign_out(session: Session, act: Act) -> None:
    if act.actor.session_id:
        await store.end_session(session, act.actor.session_id)
        await audit.record(session, act.entry("session.ended", f"session:{act.actor.session_id}"))


async def actor_of_session(session: Session, secret: str, now: datetime) -> tuple[Actor, bool] | None:
    """Who holds this session secret, with the roles of this moment; and whether it is time to note that it was used."""
    found = await store.session_by_secret(session, secret)
    if found is None or not rules.session_is_live(found[0], now):
        return None
    signed_in, name = found
    roles = await store.grants_of(session, signed_in.person_id, now)
    actor = Actor(person_id=signed_in.person_id, name=name, grants=roles, session_id=signed_in.id)
    return actor, now - signed_in.seen_at >= SEEN_EVERY


async def actor_of_token(session: Session, secret: str, now: datetime) -> tuple[Actor, bool] | None:
    """The same for an API token."""
    found = await store.token_by_secret(session, secret)
    if found is None or found[0].revoked_at is not None or found[0].expires_at <= now:
        return None
    token, name = found
    roles = await store.grants_of(session, token.person_id, now)
    actor = Actor(person_id=token.person_id, name=name, grants=roles, scopes=token.scopes, token_id=token.id)
    return actor, token.used_at is None or now - token.used_at >= SEEN_EVERY


async def note_use(session: Session, actor: Actor, now: datetime) -> None:
    if actor.session_id:
        await store.touch_session(session, actor.session_id, now)
    if actor.token_id:
        await store.touch_token(session, actor.token_id, now)


# API tokens


async def make_token(
    session: Session, act: Act, *, name: str, scopes: Iterable[Scope], expires_at: datetime
) -> tuple[ApiToken, str]:
    """Make a token; its secret is shown this once."""
    if act.actor.scopes is not None:
        raise Malformed("a token cannot make tokens: sign in")
    wanted = frozenset(scopes)
    if not wanted:
        raise Malformed("choose at least one scope")
    if not act.now < expires_at <= act.now + TOKEN_MAX_LIFETIME:
        raise Malformed("the token must run out within a year")
    made = ApiToken(
        id=new_id(act.ids, act.now),
        person_id=act.actor.person_id,
        name=rules.check_name(name),
        scopes=wanted,
        created_at=act.now,
        expires_at=expires_at,
    )
    secret = TOKEN_PREFIX + new_secret(act.ids, 40)
    await store.add_token(session, made, secret)
    await audit.record(session, act.entry("token.made", f"token:{made.id}", scopes=" ".join(sorted(wanted))))
    return made, secret


async def revoke_token(session: Session, act: Act, token_id: str) -> None:
    if not await store.revoke_token(session, act.actor.person_id, token_id, act.now):
        raise NotFound("there is no such token")
    await audit.record(session, act.entry("token.revoked", f"token:{token_id}"))


async def forget_old(session: Session, now: datetime) -> None:
    """Housekeeping: sessions that ran out, and failures nobody repeats."""
    await store.forget_sessions_before(session, now)
    await store.forget_failures_before(session, now - timedelta(days=1))
