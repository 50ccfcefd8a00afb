"""What administrators and scoring leaders do for their organisations."""

from typing import Any

import pytest
from builders import World
from plain_browser import PlainBrowser

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardState
from credentials.people import service as people
from credentials.people.model import Role


@pytest.fixture
async def admin(house: Any) -> PlainBrowser:
    return await house.signed_in("admin")


@pytest.fixture
def at(world: World) -> str:
    return f"/organisations/{world.organisations['alder'].id}"


@pytest.fixture
async def award(world: World) -> Award:
    submission = await world.submission(await world.publish())
    await world.decide(submission)
    await world.redeem()
    return await world.see(awards.by_submission, submission.id)


async def test_an_administrator_finds_their_own_organisations_first(admin: PlainBrowser, at: str) -> None:
    page = await admin.open("/organisations")
    assert page.links("/organisations/.*")[0] == at
    assert (await admin.open(at)).link("People and roles") == f"{at}/people"


async def test_people_and_their_roles_are_listed(admin: PlainBrowser, at: str) -> None:
    page = await admin.open(f"{at}/people")
    assert "Teacher Educator Heron School" in page.main
    assert "Developer Catalogue developer Alder Department of Education" in page.main


async def test_somebody_is_invited_and_is_listed_until_they_come(admin: PlainBrowser, at: str, world: World) -> None:
    page = await admin.open(f"{at}/people")
    bad = await admin.submit(page, "/invitations", status=400, email="nonsense", role="assessor")
    assert bad.errors()[0].startswith("This does not look like an e-mail address")
    assert bad.value("invite-email") == "nonsense"
    page = await admin.submit(page, "/invitations", email="new@alder.example", role="assessor")
    assert "The invitation is on its way." in page.main
    assert "new@alder.example Assessor" in page.main
    assert await world.secret_of("invitation", "new@alder.example")


async def test_a_role_is_ended_with_a_reason(admin: PlainBrowser, at: str, world: World) -> None:
    (grant,) = (await world.act("assessor")).actor.grants
    page = await admin.submit(await admin.open(f"{at}/people"), f"/roles/{grant.id}/end", reason="Retired.")
    assert "The role has ended." in page.main
    world.clock.advance(seconds=1)
    assert not (await world.act("assessor")).actor.holds(Role.ASSESSOR, (grant.organisation_id,))
    page = await admin.submit(await admin.open(f"{at}/people"), "/invitations", email="a@b.example", role="educator")
    assert page.path == f"{at}/people"


async def test_an_administrator_changes_what_the_organisation_says_and_founds_one_below(
    admin: PlainBrowser, at: str, world: World
) -> None:
    page = await admin.open(f"{at}/settings")
    page = await admin.submit(page, "/settings", description="Looks after schools.", url="https://alder.example")
    assert "Looks after schools." in page.main
    assert page.link("https://alder.example") == "https://alder.example"
    page = await admin.open(f"{at}/settings")
    taken = await admin.submit(page, "/below", status=409, kind="district", name="Again", slug="kestrel-moor")
    assert taken.errors() == ["The short name kestrel-moor is in use: choose another."]
    page = await admin.submit(page, "/below", kind="district", name="Tern Bay", slug="tern-bay")
    assert page.heading == "Tern Bay"
    assert (await world.see(people.organisation_by_slug, "tern-bay")).parent_id == world.organisations["alder"].id


async def test_an_address_of_an_organisation_that_is_no_web_address_is_refused(
    admin: PlainBrowser, at: str, anyone: PlainBrowser
) -> None:
    page = await admin.open(f"{at}/settings")
    page = await admin.submit(page, "/settings", status=400, url="javascript:alert(1)")
    assert "Give the address of the home page" in page.main
    assert page.value("change-url") == "javascript:alert(1)"
    assert "javascript:" not in (await anyone.open(at)).source


async def test_there_is_no_other_step_than_those_three(admin: PlainBrowser, at: str, award: Award) -> None:
    for step in ("deletion", "REVOCATION", "%00"):
        page = await admin.open(f"{at}/awards/{award.id}/{step}", status=404)
        assert page.heading == "There is nothing here"


async def test_awards_are_listed_with_the_record_of_what_was_decided(
    admin: PlainBrowser, at: str, award: Award
) -> None:
    page = await admin.open(f"{at}/awards")
    assert "Feedback That Moves Work Forward" in page.main
    assert "Teacher" in page.main
    one = await admin.open(f"{at}/awards/{award.id}")
    assert "The credential was issued The service itself" in one.main
    assert [one.link(words) for words in ("Revoke", "Suspend")] == [
        f"{at}/awards/{award.id}/revocation",
        f"{at}/awards/{award.id}/suspension",
    ]


async def test_a_long_record_goes_on_behind_a_link_and_a_cursor_and_shows_each_decision_once(
    admin: PlainBrowser, at: str, award: Award, world: World
) -> None:
    act, subject = await world.act("admin"), f"award:{award.id}"
    organisation_id = world.organisations["alder"].id
    for number in range(60):
        entry = act.entry("award.kept", subject, organisation=organisation_id, reason=f"Looked at, {number:02}.")
        await world.do(audit.record, entry)
    page = await admin.open(f"{at}/awards/{award.id}")
    (onward,) = page.links(r".*cursor=.*#record")
    rest = await admin.open(onward)
    assert rest.links(r".*cursor=.*") == []
    told = [f"Looked at, {number:02}." for number in range(60)]
    assert ([one in page.main for one in told], [one in rest.main for one in told]) == (
        [number < 49 for number in range(60)],
        [number >= 49 for number in range(60)],
    )
    await admin.open(f"{at}/awards/{award.id}?cursor=WyJub25lIl0", status=400)

    path, seen = f"/api/v1{at}/audit?subject={subject}&limit=25", list[str]()
    while path:
        answer = await admin.client.get(path)
        assert answer.status_code == 200, answer.text
        seen += [entry["reason"] for entry in answer.json()["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
        assert bool(path) is (answer.json()["next"] is not None)
    assert seen[1:] == told
    for cursor in ("WyJub25lIl0", "WyItMSJd", "WyI5OTk5OTk5OTk5Il0"):
        answer = await admin.client.get(f"/api/v1{at}/audit", params={"subject": subject, "cursor": cursor})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "cursor")


async def test_an_award_is_suspended_reinstated_and_revoked_each_with_a_reason(
    admin: PlainBrowser, at: str, award: Award, world: World
) -> None:
    for step, words, state in (
        ("suspension", "The award is suspended.", AwardState.SUSPENDED),
        ("reinstatement", "The award is valid again.", AwardState.ACTIVE),
        ("revocation", "The award is revoked.", AwardState.REVOKED),
    ):
        asked = await admin.open(f"{at}/awards/{award.id}/{step}")
        unsaid = await admin.submit(asked, f"/{step}", status=400, reason="  ")
        assert unsaid.errors() == ["Fill this in."]
        page = await admin.submit(asked, f"/{step}", reason=f"A reason for the {step}.")
        assert words in page.main
        assert f"A reason for the {step}." in page.main
        assert "Ada Admin" in page.main
        assert (await world.see(awards.award, award.id)).state is state
        world.clock.advance(seconds=1)
    assert "nothing can be decided about it any more" in page.main
    assert "That is not possible" in (await admin.open(f"{at}/awards/{award.id}/suspension")).main


async def test_a_scoring_leader_decides_on_awards_and_sees_no_roles(house: Any, at: str, award: Award) -> None:
    leader = await house.signed_in("leader")
    page = await leader.open(f"{at}/awards/{award.id}")
    assert "Decide" in page.main
    await leader.open(f"{at}/people", status=404)
    await leader.open(f"{at}/settings", status=404)


@pytest.mark.parametrize("path", ["people", "awards", "settings", "awards/{award}", "awards/{award}/revocation"])
async def test_to_others_these_pages_do_not_exist(path: str, house: Any, at: str, award: Award) -> None:
    teacher = await house.signed_in("teacher")
    await teacher.open(f"{at}/{path.format(award=award.id)}", status=404)


async def test_an_award_is_not_reached_through_an_organisation_that_did_not_issue_it(
    admin: PlainBrowser, world: World, award: Award
) -> None:
    elsewhere = f"/organisations/{world.organisations['kestrel-moor'].id}"
    await admin.open(f"{elsewhere}/awards/{award.id}", status=404)


# The roster

ROSTER = "email,first_name,last_name,educator_id\nana@kestrel.example,Ana,Okafor,=1+1\nbo@kestrel.example,Bo,Lund,E2\n"


async def test_a_roster_is_checked_then_taken_and_handed_out_again(admin: PlainBrowser, at: str, world: World) -> None:
    page = await admin.open(f"{at}/roster")
    assert "Nobody is on it yet." in page.main
    bad = await admin.submit(
        page, "/roster/imports", status=400, files={"list": ("roster.csv", b"email,first_name\nx,y\n", "text/csv")}
    )
    assert "missing: last_name" in bad.main
    checked = await admin.submit(page, "/roster/imports", files={"list": ("roster.csv", ROSTER.encode(), "text/csv")})
    assert "2 people get an invitation by mail" in checked.main
    assert "Nobody is on it yet." in checked.main
    taken = await admin.submit(checked, "/roster/imports")
    assert "The list is taken." in taken.main
    assert "Ana Okafor ana@kestrel.example =1+1 Invited" in taken.main
    secret = await world.secret_of("invitation", "ana@kestrel.example")
    assert (await admin.open(f"/invitations/{secret}")).value("accept-name") == "Ana Okafor"
    table = (await admin.client.get(f"{at}/roster.csv")).text
    assert '"\'=1+1","ana@kestrel.example","Ana","Okafor","invited"' in table
    page = await admin.submit(taken, "/removal")
    assert "Taken off the roster." in page.main
