"""One person, several addresses: invited, claimed, proved and given up, by whoever reads the mailbox."""

import asyncio
from typing import Any

import pytest
from builders import PASSWORD, TestClock
from sentences import sentences
from town import Town

from credentials.audit import service as audit
from credentials.errors import Conflict, Failure, Malformed, NotFound, Stale, Unauthenticated
from credentials.ids import SeededIds
from credentials.people import service
from credentials.people.model import Act, Actor, Address, AddressTaken, OrganisationKind, Person, Role, TicketSpent


async def claim(town: Town, person: Person, address: str) -> tuple[Address, str]:
    """The claim and the secret of the link that was mailed there."""
    claimed = await town.do(service.add_address, await town.act(person), address)
    return claimed, await town.secret_to(claimed.address)


async def addresses(town: Town, person: Person) -> dict[str, tuple[bool, bool]]:
    """Each address with whether it is verified and primary."""
    found = await town.see(service.addresses_of, person.id)
    return {address.address: (address.verified_at is not None, address.primary) for address in found}


async def address_id(town: Town, person: Person, address: str) -> str:
    found = await town.see(service.addresses_of, person.id)
    return next(one.id for one in found if one.address == address)


async def outcomes(*work: Any) -> list[str]:
    """How things that happen at the same time end: ``done``, or the name of the refusal."""
    done = await asyncio.gather(*work, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException) and not isinstance(one, Failure):
            raise one
    return sorted(type(one).__name__ if isinstance(one, Failure) else "done" for one in done)


# Invitations


async def test_whoever_holds_the_link_of_an_invitation_reads_that_mailbox(town: Town) -> None:
    secret = await town.invite("Tess@Heron.example")
    ticket, where, has_account = await town.see(service.invitation, secret, town.now)
    assert (ticket.address, ticket.role, where, has_account) == (
        "tess@heron.example",
        Role.EDUCATOR,
        town.places["heron"],
        False,
    )
    assert [one.id for one in await town.see(service.open_invitations, [where.id], town.now)] == [ticket.id]
    phc = await town.hasher.hash(PASSWORD)
    tess = await town.do(service.accept_invitation, town.nobody, secret, name="  Tess  ", phc=phc)
    assert tess.name == "Tess"
    assert await addresses(town, tess) == {"tess@heron.example": (True, True)}
    assert [grant.role for grant in await town.see(service.grants_of, tess.id, town.now)] == [Role.EDUCATOR]
    assert await town.see(service.open_invitations, [where.id], town.now) == []
    await town.sign_in("tess@heron.example")
    with pytest.raises(TicketSpent):
        await town.see(service.invitation, secret, town.now)


async def test_an_invitation_accepted_by_two_at_once_makes_one_person(town: Town) -> None:
    secret = await town.invite("tess@heron.example")
    phc = await town.hasher.hash(PASSWORD)
    ends = await outcomes(
        *(
            town.do(service.accept_invitation, town.nobody, secret, name=name, phc=phc)
            for name in ("Tess", "Tessa", "Theresa")
        )
    )
    assert ends == ["TicketSpent", "TicketSpent", "done"]
    assert len(await town.see(service.holders, town.places["heron"].id, Role.EDUCATOR, town.now)) == 1


async def test_two_invitations_to_one_address_accepted_at_once_make_one_person(town: Town) -> None:
    """The second one is refused or gives the role to the person whom the first one made; there are never two."""
    secrets = [await town.invite("tess@heron.example", where) for where in ("heron", "kestrel")]
    phc = await town.hasher.hash(PASSWORD)
    ends = await outcomes(
        *(town.do(service.accept_invitation, town.nobody, secret, name="Tess", phc=phc) for secret in secrets)
    )
    assert ends in (["done", "done"], ["AddressTaken", "done"])
    found: set[str] = set()
    for where in ("heron", "kestrel"):
        found |= set(await town.see(service.holders, town.places[where].id, Role.EDUCATOR, town.now))
    assert len(found) == 1


async def test_somebody_who_has_an_account_gets_the_role_and_keeps_name_and_password(town: Town) -> None:
    tess = await town.join("tess")
    secret = await town.invite("tess@heron.example", "alder", Role.ASSESSOR)
    assert (await town.see(service.invitation, secret, town.now))[2] is True
    again = await town.do(service.accept_invitation, town.nobody, secret, name="Somebody Else", phc=None)
    assert again == tess
    assert {grant.role for grant in await town.see(service.grants_of, tess.id, town.now)} == {
        Role.EDUCATOR,
        Role.ASSESSOR,
    }


@sentences(
    ("changed", "refusal"),
    {
        "without a password": ({"phc": None}, Malformed),
        "without a name": ({"name": " \t "}, Malformed),
        "after two weeks": ({"days": 14}, TicketSpent),
        "with a secret of nobody's": ({"secret": "x" * 32}, TicketSpent),
    },
)
async def test_an_invitation_is_not_accepted(
    town: Town, clock: TestClock, changed: dict[str, Any], refusal: type[Failure]
) -> None:
    secret = await town.invite("tess@heron.example")
    clock.advance(days=changed.get("days", 0))
    with pytest.raises(refusal):
        await town.do(
            service.accept_invitation,
            town.nobody,
            changed.get("secret", secret),
            name=changed.get("name", "Tess"),
            phc=changed.get("phc", "phc"),
        )
    with pytest.raises(Unauthenticated):
        await town.sign_in("tess@heron.example")


async def test_a_link_for_something_else_is_no_invitation(town: Town) -> None:
    _, secret = await claim(town, town.admin, "ada@home.example")
    with pytest.raises(TicketSpent):
        await town.do(service.accept_invitation, town.nobody, secret, name="Eve", phc="phc")
    with pytest.raises(TicketSpent):
        await town.see(service.invitation, secret, town.now)


async def test_the_operator_makes_a_known_person_an_administrator_who_keeps_their_password(town: Town) -> None:
    operator = Act(Actor(person_id="operator", name="the operator"), town.now, SeededIds(99))
    founded, somebody = await town.do(
        service.make_first_administrator,
        operator,
        kind=OrganisationKind.PROVIDER,
        slug="lighthouse",
        organisation_name="Lighthouse",
        address="Admin@alder.example",
        name="Another Name",
        phc="another password",
    )
    assert somebody == town.admin
    assert founded.lineage == (founded.id,)
    await town.sign_in("admin@alder.example")


# Addresses


async def test_an_address_counts_once_its_link_was_followed_and_every_one_opens_the_account(town: Town) -> None:
    claimed, secret = await claim(town, town.admin, " Ada@Home.example ")
    assert await addresses(town, town.admin) == {
        "admin@alder.example": (True, True),
        "ada@home.example": (False, False),
    }
    with pytest.raises(Unauthenticated):
        await town.sign_in("ada@home.example")
    with pytest.raises(NotFound):
        await town.do(service.make_primary, await town.act(town.admin), claimed.id)
    await town.do(service.verify_address, town.nobody, secret)
    await town.sign_in("ada@home.example")
    await town.do(service.make_primary, await town.act(town.admin), claimed.id)
    assert await addresses(town, town.admin) == {
        "admin@alder.example": (True, False),
        "ada@home.example": (True, True),
    }
    with pytest.raises(TicketSpent):
        await town.do(service.verify_address, town.nobody, secret)
    entries = await town.see(audit.about, f"person:{town.admin.id}")
    assert [entry.action for entry in entries] == ["role.granted", "address.verified"]
    assert "home.example" not in str(entries), "the record is never erased, so no address stands in it"


async def test_an_address_claimed_again_is_the_same_claim_with_another_link(town: Town) -> None:
    first, old = await claim(town, town.admin, "ada@home.example")
    again, new = await claim(town, town.admin, "ada@home.example")
    assert again == first
    await town.do(service.verify_address, town.nobody, new)
    await town.do(service.verify_address, town.nobody, old)
    assert (await addresses(town, town.admin))["ada@home.example"] == (True, False)


async def test_an_address_claimed_by_two_persons_belongs_to_the_one_who_proves_it_first(town: Town) -> None:
    tess = await town.join("tess")
    _, of_ada = await claim(town, town.admin, "shared@home.example")
    _, of_tess = await claim(town, tess, "shared@home.example")
    await town.do(service.verify_address, town.nobody, of_tess)
    with pytest.raises(AddressTaken):
        await town.do(service.verify_address, town.nobody, of_ada)
    with pytest.raises(AddressTaken):
        await claim(town, town.admin, "Shared@home.example")
    assert (await addresses(town, town.admin))["shared@home.example"] == (False, False)
    assert (await town.sign_in("shared@home.example"))[0].person_id == tess.id


async def test_an_address_proved_by_two_persons_at_once_belongs_to_one(town: Town) -> None:
    tess = await town.join("tess")
    links = [(await claim(town, person, "shared@home.example"))[1] for person in (town.admin, tess)]
    ends = await outcomes(*(town.do(service.verify_address, town.nobody, link) for link in links))
    assert ends == ["AddressTaken", "done"]


async def test_a_link_to_an_address_that_was_given_up_proves_nothing(town: Town) -> None:
    claimed, secret = await claim(town, town.admin, "ada@home.example")
    await town.do(service.remove_address, await town.act(town.admin), claimed.id)
    with pytest.raises(TicketSpent):
        await town.do(service.verify_address, town.nobody, secret)
    for link in (await town.invite("x@heron.example"), "no link"):
        with pytest.raises(TicketSpent):
            await town.do(service.verify_address, town.nobody, link)


async def test_the_last_verified_address_cannot_be_given_up(town: Town) -> None:
    """Without it nobody could sign in or be written to. One that is only claimed is no other."""
    await claim(town, town.admin, "ada@home.example")
    last = await address_id(town, town.admin, "admin@alder.example")
    with pytest.raises(Conflict, match="your only verified address"):
        await town.do(service.remove_address, await town.act(town.admin), last)


async def test_an_address_that_is_given_up_leaves_its_place_to_another(town: Town) -> None:
    _, secret = await claim(town, town.admin, "ada@home.example")
    await town.do(service.verify_address, town.nobody, secret)
    first = await address_id(town, town.admin, "admin@alder.example")
    await town.do(service.remove_address, await town.act(town.admin), first)
    assert await addresses(town, town.admin) == {"ada@home.example": (True, True)}
    tess = await town.join("tess")
    _, secret = await claim(town, tess, "admin@alder.example")
    await town.do(service.verify_address, town.nobody, secret)
    assert (await town.sign_in("admin@alder.example"))[0].person_id == tess.id


async def test_of_two_addresses_given_up_at_once_one_stays(town: Town) -> None:
    _, secret = await claim(town, town.admin, "ada@home.example")
    await town.do(service.verify_address, town.nobody, secret)
    act = await town.act(town.admin)
    both = [address.id for address in await town.see(service.addresses_of, town.admin.id)]
    assert await outcomes(*(town.do(service.remove_address, act, one) for one in both)) == ["Conflict", "done"]
    assert list((await addresses(town, town.admin)).values()) == [(True, True)]


async def test_nobody_touches_the_addresses_of_another(town: Town) -> None:
    tess = await town.act(await town.join("tess"))
    of_ada = await address_id(town, town.admin, "admin@alder.example")
    for work in (service.remove_address, service.make_primary):
        with pytest.raises(NotFound):
            await town.do(work, tess, of_ada)


# What a person says of themselves

DID_KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.mark.parametrize("did", [None, DID_KEY, "did:web:ada.example", "did:web:ada.example%3A8443:people:ada"])
async def test_a_person_may_give_the_did_of_their_wallet(town: Town, did: str | None) -> None:
    act = await town.act(town.admin)
    changed = {"name": " Ada Reyes ", "did": did, "name_in_credentials": True}
    after = await town.do(service.change_person, act, **changed, revision=town.admin.revision)
    assert (after.name, after.did, after.name_in_credentials) == ("Ada Reyes", did, True)
    assert after.subject == town.admin.subject
    assert await town.see(service.person, town.admin.id) == after
    with pytest.raises(Stale):
        await town.do(service.change_person, act, **changed, revision=town.admin.revision)


@sentences(
    "changed",
    {
        "without a name": {"name": "  "},
        "with a DID of an unknown method": {"did": "did:example:ada"},
        "with a DID and a fragment": {"did": f"{DID_KEY}#key"},
        "with a DID and a line end": {"did": f"{DID_KEY}\n"},
        "with an address instead": {"did": "ada@alder.example"},
        "with nothing for a DID": {"did": ""},
    },
)
async def test_nobody_can_be_described(town: Town, changed: dict[str, Any]) -> None:
    asked = {"name": "Ada", "did": None, "name_in_credentials": False, "revision": 1}
    with pytest.raises(Malformed):
        await town.do(service.change_person, await town.act(town.admin), **(asked | changed))


async def test_a_person_whom_nobody_knows_is_not_found(town: Town) -> None:
    with pytest.raises(NotFound):
        await town.see(service.person, "p9")
    assert await town.see(service.persons_by_id, [town.admin.id, "p9"]) == {town.admin.id: town.admin}
