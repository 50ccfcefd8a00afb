import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from credentials.db import (
    Session,
    all_by_id,
    change_row,
    find_all,
    find_by,
    find_one,
    insert_all,
    insert_once,
    insert_one,
    known,
    one_by_id,
    to_struct,
)
from credentials.errors import Stale
from credentials.people.model import (
    NO_ORGANISATION,
    Address,
    AddressTaken,
    ApiToken,
    Grant,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    RosterEntry,
    SignInSession,
    SlugTaken,
    Ticket,
)
from credentials.people.rules import FREE_ATTEMPTS
from credentials.people.tables import (
    addresses,
    failures,
    grants,
    lineage,
    organisations,
    passwords,
    persons,
    roster_entries,
    sessions,
    tickets,
    tokens,
)

MAX_WORDS = 8
"""Words of a search that are looked for: more than any name has."""


def hash_of(secret: str) -> str:
    """How a random secret is kept. It has 160 bits, so one round of SHA-256 is enough (SP 800-63B-4, section 3.1.2.2)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _in_force(now: Any) -> tuple[Any, Any]:
    """Of grants, at a moment or at the parameter that stands for one."""
    return (grants.c.from_ <= now, grants.c.until.is_(None) | (grants.c.until > now))


# Organisations

_ADDRESSES = select(addresses).where(addresses.c.person_id == bindparam("person")).order_by(addresses.c.id)
_ADDRESSES_LOCKED = _ADDRESSES.with_for_update()


async def add_organisation(session: Session, organisation: Organisation) -> None:
    if not await insert_once(session, organisations, organisation):
        raise SlugTaken(f"the short name {organisation.slug} is in use: choose another")
    rows = [
        {"organisation_id": organisation.id, "ancestor_id": ancestor, "depth": depth}
        for depth, ancestor in enumerate(organisation.lineage)
    ]
    await session.execute(insert(lineage), rows)


async def organisation(session: Session, organisation_id: str) -> Organisation:
    return await one_by_id(session, Organisation, organisations, organisation_id, NO_ORGANISATION)


async def hold_organisation(session: Session, organisation_id: str) -> None:
    """From here to the end of the transaction nobody else holds it. What refers to it can still be written."""
    query = select(organisations.c.id).where(organisations.c.id == organisation_id)
    await session.execute(query.with_for_update(key_share=True))


async def organisation_by_slug(session: Session, slug: str) -> Organisation:
    query = select(organisations).where(organisations.c.slug == slug)
    return known(await find_one(session, Organisation, query), NO_ORGANISATION)


async def organisations_by_id(session: Session, ids: Iterable[str]) -> dict[str, Organisation]:
    return await all_by_id(session, Organisation, organisations, ids)


async def list_organisations(
    session: Session, *, kinds: tuple[OrganisationKind, ...] = (), after: str = "", limit: int = 50
) -> list[Organisation]:
    """In the order of their slugs, beginning behind ``after``."""
    query = select(organisations).where(organisations.c.slug > after).order_by(organisations.c.slug).limit(limit)
    if kinds:
        query = query.where(organisations.c.kind.in_(kinds))
    return await find_all(session, Organisation, query)


async def change_organisation(session: Session, changed: Organisation, *, revision: int) -> None:
    values = {"name": changed.name, "url": changed.url, "description": changed.description}
    if not await change_row(session, organisations, changed.id, revision, values):
        raise Stale("the organisation was changed by somebody else: read it again and repeat your change")


async def below(session: Session, organisation_ids: Sequence[str]) -> frozenset[str]:
    """These organisations and all that stand under them."""
    if not organisation_ids:
        return frozenset()
    query = select(lineage.c.organisation_id).where(lineage.c.ancestor_id.in_(organisation_ids))
    return frozenset((await session.execute(query)).scalars())


# Persons


async def add_person(session: Session, person: Person) -> None:
    await insert_one(session, persons, person)


async def person(session: Session, person_id: str) -> Person:
    return await one_by_id(session, Person, persons, person_id, "there is no such person")


async def persons_by_id(session: Session, ids: Iterable[str]) -> dict[str, Person]:
    return await all_by_id(session, Person, persons, ids)


async def change_person(session: Session, changed: Person, *, revision: int) -> None:
    values = {"name": changed.name, "did": changed.did, "name_in_credentials": changed.name_in_credentials}
    if not await change_row(session, persons, changed.id, revision, values):
        raise Stale("this was changed meanwhile: read it again and repeat your change")


# Addresses


async def add_address(session: Session, address: Address) -> bool:
    """Whether it was added: the person may have claimed it before."""
    return await insert_once(session, addresses, address)


async def addresses_of(session: Session, person_id: str, *, lock: bool = False) -> list[Address]:
    """``lock``: to change them, one request after another."""
    return await find_all(session, Address, _ADDRESSES_LOCKED if lock else _ADDRESSES, {"person": person_id})


async def verified_address(session: Session, address: str) -> Address | None:
    query = select(addresses).where(addresses.c.address == address, addresses.c.verified_at.is_not(None))
    return await find_one(session, Address, query)


async def verify_address(session: Session, person_id: str, address: str, now: datetime) -> bool:
    """Whether the person still claims it."""
    where = (addresses.c.person_id == person_id, addresses.c.address == address)
    try:
        return (await session.execute(update(addresses).where(*where).values(verified_at=now))).rowcount == 1
    except IntegrityError as error:
        raise AddressTaken("this address belongs to another account") from error


async def make_primary(session: Session, person_id: str, address_id: str) -> None:
    mine = addresses.c.person_id == person_id
    await session.execute(update(addresses).where(mine).values(primary=False))
    await session.execute(update(addresses).where(mine, addresses.c.id == address_id).values(primary=True))


async def remove_address(session: Session, person_id: str, address_id: str) -> None:
    await session.execute(delete(addresses).where(addresses.c.person_id == person_id, addresses.c.id == address_id))


# Passwords and failed sign-ins


async def password_of(session: Session, person_id: str) -> str | None:
    return (
        await session.execute(select(passwords.c.phc).where(passwords.c.person_id == person_id))
    ).scalar_one_or_none()


async def set_password(session: Session, person_id: str, phc: str, now: datetime) -> None:
    values = {"person_id": person_id, "phc": phc, "changed_at": now}
    if not await insert_once(session, passwords, values):
        await session.execute(
            update(passwords).where(passwords.c.person_id == person_id).values(phc=phc, changed_at=now)
        )


async def count_attempt(session: Session, key: str, now: datetime) -> tuple[int, datetime]:
    """Count an attempt as failed until it is known to be right; answers how many there were before and when the last was.

    The row is held until the transaction ends, so that guesses made at the same time are counted one after another.
    """
    fresh = {"key": _hidden(key), "count": 1, "last_at": now}
    if await insert_once(session, failures, fresh):
        return 0, now
    query = select(failures.c.count, failures.c.last_at).where(failures.c.key == _hidden(key)).with_for_update()
    count, last_at = (await session.execute(query)).one()
    more = update(failures).where(failures.c.key == _hidden(key)).values(count=failures.c.count + 1, last_at=now)
    await session.execute(more)
    return count, last_at


async def take_back_attempt(session: Session, key: str) -> None:
    await session.execute(update(failures).where(failures.c.key == _hidden(key)).values(count=failures.c.count - 1))


async def forget_failures(session: Session, *keys: str) -> None:
    await session.execute(delete(failures).where(failures.c.key.in_([_hidden(key) for key in keys])))


async def forget_failures_before(session: Session, moment: datetime) -> None:
    """Of network addresses all. Of accounts only the few that are within what is free: those that make an account wait, or
    close it, are counted until somebody signs in or sets a new password, however long that takes."""
    forgettable = failures.c.key.startswith("peer:") | (failures.c.count <= FREE_ATTEMPTS)
    await session.execute(delete(failures).where(failures.c.last_at < moment, forgettable))


def _hidden(key: str) -> str:
    """What failed attempts are counted under: ``account:`` or ``peer:`` and a hash, so that nobody can read whose they are."""
    kind, _, name = key.partition(":")
    return f"{kind}:{hash_of(name)}"


# Grants


async def add_grant(session: Session, grant: Grant) -> None:
    await insert_one(session, grants, grant)


async def grant(session: Session, grant_id: str) -> Grant:
    return await one_by_id(session, Grant, grants, grant_id, "there is no such role")


async def end_grant(session: Session, grant_id: str, now: datetime) -> None:
    await session.execute(update(grants).where(grants.c.id == grant_id).values(until=now))


_GRANTS = (
    select(grants)
    .where(
        grants.c.person_id == bindparam("person"),
        grants.c.from_ <= bindparam("now"),
        grants.c.until.is_(None) | (grants.c.until > bindparam("now")),
    )
    .order_by(grants.c.id)
)


async def grants_of(session: Session, person_id: str, now: datetime) -> tuple[Grant, ...]:
    """The roles held at ``now``."""
    return tuple(await find_all(session, Grant, _GRANTS, {"person": person_id, "now": now}))


_SCHOOLS = (
    select(grants.c.person_id, grants.c.organisation_id)
    .join(organisations, organisations.c.id == grants.c.organisation_id)
    .where(
        grants.c.person_id.in_(bindparam("persons", expanding=True)),
        organisations.c.kind == OrganisationKind.SCHOOL,
        *_in_force(bindparam("now")),
    )
)


async def schools_of(session: Session, person_ids: Iterable[str], now: datetime) -> dict[str, frozenset[str]]:
    """The schools in which each of these people holds any role at ``now``."""
    found: dict[str, set[str]] = {person_id: set() for person_id in person_ids}
    for person_id, organisation_id in await session.execute(_SCHOOLS, {"persons": sorted(found), "now": now}):
        found[person_id].add(organisation_id)
    return {person_id: frozenset(schools) for person_id, schools in found.items()}


async def districts_of(session: Session, person_id: str, now: datetime) -> frozenset[str]:
    """The districts in which this person holds any role at ``now``, or in a school of which."""
    query = (
        select(lineage.c.ancestor_id)
        .join(grants, grants.c.organisation_id == lineage.c.organisation_id)
        .join(organisations, organisations.c.id == lineage.c.ancestor_id)
        .where(grants.c.person_id == person_id, organisations.c.kind == OrganisationKind.DISTRICT, *_in_force(now))
    )
    return frozenset((await session.execute(query.distinct())).scalars())


async def district_of_each(session: Session, person_ids: Iterable[str], now: datetime) -> dict[str, str]:
    """The district in which each of these people is an educator, or in a school of which; of several always the same one."""
    query = (
        select(grants.c.person_id, func.min(lineage.c.ancestor_id))
        .join(lineage, grants.c.organisation_id == lineage.c.organisation_id)
        .join(organisations, organisations.c.id == lineage.c.ancestor_id)
        .where(
            grants.c.person_id.in_(set(person_ids)),
            grants.c.role == Role.EDUCATOR,
            organisations.c.kind == OrganisationKind.DISTRICT,
            *_in_force(now),
        )
        .group_by(grants.c.person_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


_PLACES = (
    select(lineage.c.ancestor_id, organisations.c.kind)
    .join(grants, grants.c.organisation_id == lineage.c.organisation_id)
    .join(organisations, organisations.c.id == lineage.c.ancestor_id)
    .where(
        grants.c.person_id == bindparam("person"),
        organisations.c.kind.in_((OrganisationKind.SCHOOL, OrganisationKind.DISTRICT)),
        grants.c.from_ <= bindparam("now"),
        grants.c.until.is_(None) | (grants.c.until > bindparam("now")),
    )
)


async def places_of(session: Session, person_id: str, now: datetime) -> tuple[frozenset[str], frozenset[str]]:
    """The schools in which this person holds any role at ``now``, and the districts of these and of their other roles."""
    rows = (await session.execute(_PLACES, {"person": person_id, "now": now})).all()
    schools = frozenset(row.ancestor_id for row in rows if row.kind == OrganisationKind.SCHOOL)
    return schools, frozenset(row.ancestor_id for row in rows) - schools


async def educators_in(
    session: Session, organisation_id: str, now: datetime, *, after: str = "", limit: int = 200
) -> list[str]:
    """Who is an educator in an organisation or below it at ``now``, each once, by id."""
    query = (
        select(grants.c.person_id)
        .join(lineage, lineage.c.organisation_id == grants.c.organisation_id)
        .where(
            lineage.c.ancestor_id == organisation_id,
            grants.c.role == Role.EDUCATOR,
            grants.c.person_id > after,
            *_in_force(now),
        )
        .distinct()
        .order_by(grants.c.person_id)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def find_educators(
    session: Session,
    organisation_ids: Iterable[str],
    now: datetime,
    *,
    words: str = "",
    after: tuple[str, str] = ("", ""),
    limit: int = 50,
) -> list[Person]:
    """The educators of these organisations and below them, by name, beginning behind a name and an id. ``words``: each must
    stand in the name, in any case (SQLite knows the case of plain letters only; others are found as they were typed)."""
    here = (
        select(grants.c.person_id)
        .join(lineage, lineage.c.organisation_id == grants.c.organisation_id)
        .where(
            lineage.c.ancestor_id.in_(set(organisation_ids)),
            grants.c.role == Role.EDUCATOR,
            *_in_force(now),
        )
    )
    name, at = after
    query = select(persons).where(
        persons.c.id.in_(here),
        or_(persons.c.name > name, and_(persons.c.name == name, persons.c.id > at)),
    )
    for word in words.split()[:MAX_WORDS]:
        query = query.where(
            or_(
                func.lower(persons.c.name).contains(word.lower(), autoescape=True),
                persons.c.name.contains(word, autoescape=True),
            )
        )
    return await find_all(session, Person, query.order_by(persons.c.name, persons.c.id).limit(limit))


async def count_educators(session: Session, organisation_id: str, now: datetime) -> int:
    """How many educators there are in an organisation and below it."""
    query = (
        select(func.count(grants.c.person_id.distinct()))
        .join(lineage, lineage.c.organisation_id == grants.c.organisation_id)
        .where(lineage.c.ancestor_id == organisation_id, grants.c.role == Role.EDUCATOR, *_in_force(now))
    )
    return int((await session.execute(query)).scalar_one())


_EDUCATORS_AMONG = (
    select(grants.c.person_id)
    .join(lineage, lineage.c.organisation_id == grants.c.organisation_id)
    .where(
        lineage.c.ancestor_id == bindparam("organisation"),
        grants.c.role == Role.EDUCATOR,
        grants.c.person_id.in_(bindparam("persons", expanding=True)),
        *_in_force(bindparam("now")),
    )
    .distinct()
)


async def are_educators_in(
    session: Session, organisation_id: str, person_ids: Iterable[str], now: datetime
) -> frozenset[str]:
    """Those of these people who are educators in an organisation or below it."""
    of = {"organisation": organisation_id, "persons": sorted(set(person_ids)), "now": now}
    return frozenset((await session.execute(_EDUCATORS_AMONG, of)).scalars())


async def have_part(
    session: Session, person_ids: Iterable[str], organisation_ids: Iterable[str], now: datetime
) -> set[str]:
    """Those of these persons who hold any role in one of these organisations."""
    query = select(grants.c.person_id).where(
        grants.c.person_id.in_(set(person_ids)), grants.c.organisation_id.in_(set(organisation_ids)), *_in_force(now)
    )
    return set((await session.execute(query.distinct())).scalars())


async def holders_above(session: Session, lineage_of: Iterable[str], role: Role, now: datetime) -> list[str]:
    """Who holds a role in one of these organisations, each once."""
    query = (
        select(grants.c.person_id)
        .where(grants.c.organisation_id.in_(set(lineage_of)), grants.c.role == role, *_in_force(now))
        .distinct()
        .order_by(grants.c.person_id)
    )
    return list((await session.execute(query)).scalars())


async def persons_of_addresses(session: Session, wanted: Iterable[str]) -> dict[str, str]:
    """The persons to whom these verified addresses belong, by address."""
    query = select(addresses.c.address, addresses.c.person_id).where(
        addresses.c.address.in_(set(wanted)), addresses.c.verified_at.is_not(None)
    )
    return {row.address: row.person_id for row in await session.execute(query)}


async def grants_in(
    session: Session, organisation_ids: Iterable[str], now: datetime, *, after: str = "", limit: int = 50
) -> list[tuple[Grant, str]]:
    """Roles in force in these organisations with the holder's name, in the order in which they were granted."""
    query = (
        select(grants, persons.c.name.label("person_name"))
        .join(persons, persons.c.id == grants.c.person_id)
        .where(grants.c.organisation_id.in_(set(organisation_ids)), grants.c.id > after, *_in_force(now))
        .order_by(grants.c.id)
        .limit(limit)
    )
    return [(to_struct(row, Grant), row.person_name) for row in await session.execute(query)]


async def holders(session: Session, organisation_id: str, role: Role, now: datetime) -> list[str]:
    query = select(grants.c.person_id).where(
        grants.c.organisation_id == organisation_id, grants.c.role == role, *_in_force(now)
    )
    return list((await session.execute(query)).scalars())


async def holders_within(
    session: Session, organisation_ids: Iterable[str], role: Role, now: datetime, *, among: Iterable[str] | None = None
) -> frozenset[str]:
    """Who holds a role in any of these organisations at ``now``; ``among``: only of these people."""
    query = select(grants.c.person_id).where(
        grants.c.organisation_id.in_(set(organisation_ids)), grants.c.role == role, *_in_force(now)
    )
    if among is not None:
        query = query.where(grants.c.person_id.in_(set(among)))
    return frozenset((await session.execute(query.distinct())).scalars())


# Tickets, sessions, tokens


async def add_ticket(session: Session, ticket: Ticket, secret: str) -> None:
    await insert_one(session, tickets, ticket, secret_hash=hash_of(secret))


async def ticket(session: Session, secret: str, *, lock: bool = False) -> Ticket | None:
    """``lock``: to spend it, which only one can."""
    query = select(tickets).where(tickets.c.secret_hash == hash_of(secret))
    return await find_one(session, Ticket, query, lock=lock)


async def spend_ticket(session: Session, ticket_id: str, now: datetime) -> None:
    await session.execute(update(tickets).where(tickets.c.id == ticket_id).values(used_at=now))


async def open_invitations(
    session: Session, organisation_ids: Iterable[str], now: datetime, *, limit: int = 200
) -> list[Ticket]:
    query = (
        select(tickets)
        .where(
            tickets.c.organisation_id.in_(set(organisation_ids)),
            tickets.c.used_at.is_(None),
            tickets.c.expires_at > now,
        )
        .order_by(tickets.c.id)
        .limit(limit)
    )
    return await find_all(session, Ticket, query)


async def invited_among(
    session: Session, organisation_id: str, role: Role, wanted: Iterable[str], now: datetime
) -> frozenset[str]:
    """Those of these addresses whose invitation into this role is open."""
    query = select(tickets.c.address).where(
        tickets.c.organisation_id == organisation_id,
        tickets.c.role == role,
        tickets.c.used_at.is_(None),
        tickets.c.expires_at > now,
        tickets.c.address.in_(set(wanted)),
    )
    return frozenset((await session.execute(query)).scalars())


# Rosters


async def listed_among(session: Session, organisation_id: str, wanted: Iterable[str]) -> dict[str, RosterEntry]:
    """What is listed of these addresses, by address."""
    query = select(roster_entries).where(
        roster_entries.c.organisation_id == organisation_id, roster_entries.c.address.in_(set(wanted))
    )
    return await find_by(session, RosterEntry, roster_entries.c.address, query)


async def roster_of(session: Session, organisation_id: str, *, after: str, limit: int) -> list[RosterEntry]:
    query = (
        select(roster_entries)
        .where(roster_entries.c.organisation_id == organisation_id, roster_entries.c.id > after)
        .order_by(roster_entries.c.id)
        .limit(limit)
    )
    return await find_all(session, RosterEntry, query)


async def list_entries(session: Session, entries: Sequence[RosterEntry]) -> None:
    """Each takes the place of the one with its id."""
    await session.execute(delete(roster_entries).where(roster_entries.c.id.in_([entry.id for entry in entries])))
    await insert_all(session, roster_entries, entries)


async def unlist(session: Session, organisation_id: str, entry_id: str) -> bool:
    gone = await session.execute(
        delete(roster_entries).where(
            roster_entries.c.organisation_id == organisation_id, roster_entries.c.id == entry_id
        ),
        execution_options={"preserve_rowcount": True},
    )
    return bool(gone.rowcount)


async def add_session(session: Session, signed_in: SignInSession, secret: str) -> None:
    await insert_one(session, sessions, signed_in, secret_hash=hash_of(secret))


async def session_by_secret(session: Session, secret: str) -> tuple[SignInSession, str] | None:
    """With the name of the person."""
    query = (
        select(sessions, persons.c.name.label("person_name"))
        .join(persons, persons.c.id == sessions.c.person_id)
        .where(sessions.c.secret_hash == hash_of(secret))
    )
    row = (await session.execute(query)).one_or_none()
    return (to_struct(row, SignInSession), row.person_name) if row else None


async def touch_session(session: Session, session_id: str, now: datetime) -> None:
    await session.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=now))


async def end_session(session: Session, session_id: str) -> None:
    await session.execute(delete(sessions).where(sessions.c.id == session_id))


async def end_sessions_of(session: Session, person_id: str, *, except_id: str | None = None) -> None:
    query = delete(sessions).where(sessions.c.person_id == person_id)
    await session.execute(query if except_id is None else query.where(sessions.c.id != except_id))


async def forget_sessions_before(session: Session, now: datetime) -> None:
    await session.execute(delete(sessions).where(sessions.c.expires_at < now))


async def add_token(session: Session, token: ApiToken, secret: str) -> None:
    await insert_one(session, tokens, token, secret_hash=hash_of(secret))


async def token_by_secret(session: Session, secret: str) -> tuple[ApiToken, str] | None:
    """With the name of the person."""
    query = (
        select(tokens, persons.c.name.label("person_name"))
        .join(persons, persons.c.id == tokens.c.person_id)
        .where(tokens.c.secret_hash == hash_of(secret))
    )
    row = (await session.execute(query)).one_or_none()
    return (to_struct(row, ApiToken), row.person_name) if row else None


async def touch_token(session: Session, token_id: str, now: datetime) -> None:
    await session.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=now))


async def tokens_of(session: Session, person_id: str) -> list[ApiToken]:
    query = select(tokens).where(tokens.c.person_id == person_id).order_by(tokens.c.id)
    return await find_all(session, ApiToken, query)


async def revoke_token(session: Session, person_id: str, token_id: str, now: datetime) -> bool:
    where = (tokens.c.id == token_id, tokens.c.person_id == person_id, tokens.c.revoked_at.is_(None))
    return (await session.execute(update(tokens).where(*where).values(revoked_at=now))).rowcount == 1
