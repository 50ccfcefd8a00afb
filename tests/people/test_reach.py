"""A role held in an organisation reaches what lies below it, from one date to another, and is read anew each time."""

import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from builders import PASSWORD, TestClock
from hypothesis import given
from hypothesis import strategies as st
from town import Town

from credentials.audit import service as audit
from credentials.errors import Conflict, Malformed, NotFound, Stale
from credentials.people import service, store
from credentials.people.model import (
    Act,
    Actor,
    Grant,
    Organisation,
    OrganisationKind,
    Role,
    RoleNeeded,
    SlugTaken,
)

# Trees, and what a naive walk says of them

Parents = dict[str, str | None]
"""Each organisation with the one that it stands under."""


@st.composite
def trees(draw: st.DrawFn) -> Parents:
    """Any number of trees: each organisation stands under an earlier one, or at the top."""
    parents: Parents = {}
    for number in range(draw(st.integers(1, 12))):
        parents[f"o{number}"] = draw(st.none() | st.sampled_from(sorted(parents))) if parents else None
    return parents


def stands_under(parents: Parents, below: str, above: str) -> bool:
    """By climbing, one step after another."""
    at: str | None = below
    while at is not None:
        if at == above:
            return True
        at = parents[at]
    return False


def lineage_of(parents: Parents, at: str) -> tuple[str, ...]:
    above = parents[at]
    return (at, *(lineage_of(parents, above) if above else ()))


@given(trees(), st.data())
def test_a_role_reaches_exactly_what_a_walk_down_from_where_it_is_held_reaches(
    parents: Parents, data: st.DataObject
) -> None:
    held = data.draw(st.sets(st.sampled_from(sorted(parents))), label="held in")
    grants = tuple(
        Grant(id=where, person_id="p", organisation_id=where, role=Role.ASSESSOR, from_=_LONG_AGO, granted_by="q")
        for where in held
    )
    actor = Actor(person_id="p", name="", grants=grants)
    for at in parents:
        expected = any(stands_under(parents, at, above) for above in held)
        assert actor.holds(Role.ASSESSOR, lineage_of(parents, at)) is expected
    assert actor.organisations(Role.ASSESSOR) == tuple(sorted(held))


_LONG_AGO = msgspec.convert("2000-01-01T00:00:00Z", Grant.__annotations__["from_"])


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_database_reaches_the_same(town: Town, seed: int) -> None:
    draw = random.Random(seed)
    parents: Parents = {}
    for number in range(15):
        parents[f"{seed}-{number}"] = draw.choice([None, *parents]) if parents else None
    async with town.database.write() as session:
        for at in parents:
            await store.add_organisation(
                session,
                Organisation(
                    id=at,
                    kind=OrganisationKind.DISTRICT,
                    slug=at,
                    name=at,
                    parent_id=parents[at],
                    created_at=town.now,
                    lineage=lineage_of(parents, at),
                ),
            )
    async with town.database.read() as session:
        for _ in range(12):
            held = draw.sample(sorted(parents), draw.randrange(4))
            expected = {at for at in parents if any(stands_under(parents, at, above) for above in held)}
            assert await service.below(session, held) == expected


# Roles with dates


async def roles(town: Town, person_id: str) -> list[Role]:
    return [grant.role for grant in await town.see(service.grants_of, person_id, town.now)]


async def test_a_role_is_held_from_a_moment_to_another_and_read_at_every_moment(town: Town, clock: TestClock) -> None:
    tess = await town.join("tess")
    begins, ends = town.now + timedelta(days=1), town.now + timedelta(days=3)
    await town.do(
        service.grant_role,
        await town.act(town.admin),
        person_id=tess.id,
        organisation_id=town.places["alder"].id,
        role=Role.ASSESSOR,
        from_=begins,
        until=ends,
    )
    _, secret = await town.sign_in("tess@heron.example")
    seen = []
    for _ in range(7):
        actor, _ = await town.see(service.actor_of_session, secret, town.now)
        await town.do(service.note_use, actor, town.now)
        reach = await town.see(service.within, actor, Role.ASSESSOR)
        assert (town.places["heron"].id in reach) is (Role.ASSESSOR in {grant.role for grant in actor.grants})
        seen.append(Role.ASSESSOR in await roles(town, tess.id))
        clock.advance(hours=12)
    assert seen == [False, False, True, True, True, True, False], "from the first moment on, and not at the last"


async def test_a_role_that_is_taken_away_is_gone_with_the_next_request(town: Town) -> None:
    tess = await town.join("tess")
    (grant,) = await town.see(service.grants_of, tess.id, town.now)
    _, secret = await town.sign_in("tess@heron.example")
    await town.do(service.end_grant, await town.act(town.admin), grant.id, reason="left the district")
    actor, _ = await town.see(service.actor_of_session, secret, town.now)
    assert actor.grants == (), "the session goes on, the role does not"
    with pytest.raises(Conflict):
        await town.do(service.end_grant, await town.act(town.admin), grant.id, reason="twice")
    entries = await town.see(audit.about, f"person:{tess.id}")
    assert [(entry.action, entry.reason) for entry in entries] == [
        ("role.granted", ""),
        ("role.ended", "left the district"),
    ]


async def test_an_account_outlives_the_role_and_what_was_earned_stays_with_the_person(town: Town) -> None:
    """An educator leaves the district: the person, the address and the stable identifier are what they were."""
    tess = await town.join("tess")
    (grant,) = await town.see(service.grants_of, tess.id, town.now)
    await town.do(service.end_grant, await town.act(town.admin), grant.id, reason="left")
    await town.sign_in("tess@heron.example")
    assert await town.see(service.person, tess.id) == tess
    assert tess.subject.startswith("urn:uuid:")


async def grant(town: Town, act: Act, where: str, **changed: Any) -> Grant:
    asked = {"person_id": town.admin.id, "organisation_id": town.places[where].id, "role": Role.EDUCATOR}
    return await town.do(service.grant_role, act, **(asked | changed))


async def test_only_administrators_of_an_organisation_give_its_roles(town: Town) -> None:
    await town.place("wren", OrganisationKind.SCHOOL, "kestrel")
    tess = await town.join("tess", "heron", Role.ADMINISTRATOR)
    act = await town.act(tess)
    await grant(town, act, "heron")
    for where in ("wren", "kestrel", "alder"):
        with pytest.raises(NotFound):
            await grant(town, act, where)
        with pytest.raises(NotFound):
            await town.do(
                service.invite, act, address="x@y.example", organisation_id=town.places[where].id, role=Role.EDUCATOR
            )
    (of_alder,) = [
        grant
        for grant in await town.see(service.grants_of, town.admin.id, town.now)
        if grant.role is Role.ADMINISTRATOR
    ]
    with pytest.raises(NotFound, match="no such role"):  # a foreign one looks like none
        await town.do(service.end_grant, act, of_alder.id, reason="mutiny")
    with pytest.raises(NotFound):
        await town.do(service.end_grant, act, "no such grant", reason="")


async def test_no_role_ends_before_it_begins_or_is_given_to_nobody_or_nowhere(town: Town) -> None:
    act = await town.act(town.admin)
    for changed, refusal in (
        ({"until": town.now}, Malformed),
        ({"person_id": "p9"}, NotFound),
        ({"organisation_id": "o9"}, NotFound),
    ):
        with pytest.raises(refusal):
            await grant(town, act, "heron", **changed)


async def test_who_holds_a_role_and_who_works_where_is_told_of_now(town: Town, clock: TestClock) -> None:
    before = town.now - timedelta(seconds=1)
    tess = await town.join("tess")
    clock.advance(seconds=1)
    bea = await town.join("bea", "kestrel")
    heron = town.places["heron"]
    async with town.database.read() as session:
        assert await service.holders(session, heron.id, Role.EDUCATOR, town.now) == [tess.id]
        found = await service.schools_of(session, (person.id for person in (tess, bea)), town.now)
        assert found == {tess.id: {heron.id}, bea.id: frozenset()}, "a district is no school"
        listed = await service.grants_in(session, [heron.id, town.places["kestrel"].id], town.now, limit=1)
        assert [name for _, name in listed] == ["Tess"]
        rest = await service.grants_in(session, [heron.id, town.places["kestrel"].id], town.now, after=listed[0][0].id)
        assert [name for _, name in rest] == ["Bea"]
        assert await service.holders(session, heron.id, Role.EDUCATOR, before) == []


# Organisations


async def test_an_organisation_knows_all_that_are_above_it(town: Town) -> None:
    heron = town.places["heron"]
    assert heron.lineage == tuple(town.places[name].id for name in ("heron", "kestrel", "alder"))
    assert await town.see(service.organisation, heron.id) == heron
    assert await town.see(service.organisation_by_slug, "heron") == heron
    assert await town.see(service.organisations_by_id, [heron.id, "o9"]) == {heron.id: heron}
    schools = await town.see(service.list_organisations, kinds=(OrganisationKind.SCHOOL,))
    everything = await town.see(service.list_organisations, after="alder")
    assert (schools, [one.slug for one in everything]) == ([heron], ["heron", "kestrel"])
    for look in (service.organisation, service.organisation_by_slug):
        with pytest.raises(NotFound):
            await town.see(look, "nowhere")


async def test_no_organisation_is_founded_without_its_place_or_its_own_short_name(town: Town) -> None:
    act = await town.act(town.admin)
    with pytest.raises(SlugTaken, match="heron"):
        await town.place("heron", OrganisationKind.SCHOOL, "kestrel")
    with pytest.raises(Malformed, match="a school cannot stand under a state agency"):
        await town.place("wren", OrganisationKind.SCHOOL, "alder")
    with pytest.raises(Malformed, match="command line"):
        await town.do(service.found_organisation, act, kind=OrganisationKind.DISTRICT, slug="top", name="Top")
    teacher = await town.act(await town.join("tess", "kestrel"))
    with pytest.raises(RoleNeeded):
        await town.do(
            service.found_organisation,
            teacher,
            kind=OrganisationKind.SCHOOL,
            slug="wren",
            name="Wren",
            parent_id=town.places["kestrel"].id,
        )


async def test_a_change_of_an_organisation_based_on_an_older_reading_is_refused(town: Town) -> None:
    act = await town.act(town.admin)
    heron = town.places["heron"]
    changed = {"name": "Heron School", "url": "https://heron.example", "description": "By the river."}
    after = await town.do(service.change_organisation, act, heron.id, **changed, revision=heron.revision)
    assert await town.see(service.organisation, heron.id) == after
    assert (after.name, after.revision) == ("Heron School", heron.revision + 1)
    with pytest.raises(Stale, match="read it again"):
        await town.do(service.change_organisation, act, heron.id, **changed, revision=heron.revision)


async def test_educators_are_found_by_words_of_their_name_and_listed_by_name_a_page_at_a_time(town: Town) -> None:
    for name, where in (("Zora", "kestrel"), ("Anna", "heron"), ("Lúcia 100%", "heron")):
        secret = await town.invite(f"{name[:2].encode().hex()}@heron.example", where)
        phc = await town.hasher.hash(PASSWORD)
        await town.do(service.accept_invitation, town.nobody, secret, name=name, phc=phc)
    await town.join("annette", role=Role.ASSESSOR)
    alder, heron = town.places["alder"].id, town.places["heron"].id

    async def found(*places: str, **asked: Any) -> list[str]:
        persons = await town.see(service.find_educators, places, town.now, **asked)
        return [person.name for person in persons]

    assert await found(alder, heron) == ["Anna", "Lúcia 100%", "Zora"]
    assert await found(heron) == ["Anna", "Lúcia 100%"]
    assert await found(alder, words="ANN") == ["Anna"]
    assert await found(alder, words="Lú %") == ["Lúcia 100%"]
    assert await found(alder, words="an zo") == []
    first = (await town.see(service.find_educators, [alder], town.now, limit=1))[0]
    assert await found(alder, after=(first.name, first.id)) == ["Lúcia 100%", "Zora"]
