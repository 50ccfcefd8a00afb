"""One's own account."""

from typing import Any

import httpx
import pytest
from builders import PASSWORD, World, browser
from litestar import Litestar
from plain_browser import PlainBrowser

from credentials.people import service as people

NEW = "copper window seventeen geese"
DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.fixture
async def teacher(house: Any) -> PlainBrowser:
    return await house.signed_in("teacher")


async def test_a_person_changes_name_did_and_whether_they_are_named(teacher: PlainBrowser, world: World) -> None:
    page = await teacher.submit(
        await teacher.open("/account"), "/account", name="Tea Cher", did=DID, name_in_credentials="yes"
    )
    assert "Your changes are saved." in page.main
    person = await world.see(people.person, world.people["teacher"].id)
    assert (person.name, person.did, person.name_in_credentials) == ("Tea Cher", DID, True)
    page = await teacher.submit(page, "/account", did="", name_in_credentials=None)
    person = await world.see(people.person, world.people["teacher"].id)
    assert (person.did, person.name_in_credentials) == (None, False)


async def test_a_did_that_cannot_be_read_is_refused_at_its_field_with_all_that_was_typed(teacher: PlainBrowser) -> None:
    page = await teacher.submit(
        await teacher.open("/account"),
        "/account",
        status=400,
        name="Tea Cher",
        did="did:nonsense",
        name_in_credentials="yes",
    )
    assert page.title.startswith("Error: ")
    assert len(page.errors()) == 1
    assert page.errors()[0].startswith("The DID cannot be read")
    assert page.value("me-did") == "did:nonsense"
    assert page.value("me-name") == "Tea Cher"
    assert page.links("#me-did") == ["#me-did"]


async def test_a_change_in_another_window_is_not_overwritten_and_what_was_typed_stays(
    teacher: PlainBrowser, world: World
) -> None:
    old = await teacher.open("/account")
    await teacher.submit(old, "/account", name="First")
    page = await teacher.submit(old, "/account", status=412, name="Second")
    assert "changed meanwhile" in page.main
    assert page.value("me-name") == "Second"
    assert (await world.see(people.person, world.people["teacher"].id)).name == "First"
    await teacher.submit(page, "/account")
    assert (await world.see(people.person, world.people["teacher"].id)).name == "Second"


async def test_a_name_that_is_too_long_says_how_long_it_may_be(teacher: PlainBrowser) -> None:
    page = await teacher.submit(await teacher.open("/account"), "/account", status=400, name="x" * 201)
    assert page.errors() == ["This is too long: use at most 200 characters."]


async def test_the_only_address_stays_and_another_can_take_its_place(
    teacher: PlainBrowser, world: World, anyone: PlainBrowser
) -> None:
    page = await teacher.open("/account")
    assert "Your only one" in page.main
    page = await teacher.submit(page, "/account/addresses", address="ada@home.example")
    secret = await world.secret_of("verify_address", "ada@home.example")
    await anyone.submit(await anyone.open(f"/address-verifications/{secret}"), secret)
    page = await teacher.open("/account")
    (primary,) = {form.get("action") for form in page.document.forms if form.get("action").endswith("/primary")}
    page = await teacher.submit(page, primary)
    assert "Mail goes to this address from now on." in page.main
    rows = {row.findtext("th"): row for row in page.document.iterfind(".//tbody/tr")}
    assert "Mail goes here" in rows["ada@home.example"].text_content()
    left = rows["teacher@heron-school.example"]
    (removal,) = [form.get("action") for form in left.iter("form") if form.get("action").endswith("/remove")]
    page = await teacher.submit(page, removal)
    assert "teacher@heron-school.example" not in page.main
    assert "Your only one" in page.main


async def test_an_address_of_another_account_is_refused_at_its_field(teacher: PlainBrowser, world: World) -> None:
    page = await teacher.submit(
        await teacher.open("/account"), "/account/addresses", status=409, address=world.addresses["colleague"]
    )
    assert page.errors()[0].startswith("This address belongs to an account already")
    assert page.value("address-address") == world.addresses["colleague"]


async def test_a_password_is_changed_by_knowing_the_old_one(
    teacher: PlainBrowser, world: World, anyone: PlainBrowser
) -> None:
    page = await teacher.open("/account")
    wrong = await teacher.submit(page, "/account/password", status=401, old="wrong", new=NEW)
    assert wrong.errors() == ["The old password is not right."]
    weak = await teacher.submit(page, "/account/password", status=400, old=PASSWORD, new="teacher")
    assert weak.errors()[0].startswith("Use at least 15 characters")
    done = await teacher.submit(page, "/account/password", old=PASSWORD, new=NEW)
    assert "Your password is changed." in done.main
    assert (await anyone.sign_in(world.addresses["teacher"], NEW)).path == "/"


async def test_an_api_token_is_shown_once_works_and_is_revoked(
    teacher: PlainBrowser, world: World, app: Litestar
) -> None:
    page = await teacher.open("/account")
    unchosen = await teacher.submit(page, "/account/tokens", status=400, name="robot")
    assert "Choose at least one." in unchosen.errors()
    assert unchosen.value("token-name") == "robot"
    made = await teacher.submit(page, "/account/tokens", name="robot", scopes=["awards:read"], days="30")
    secret = made.document.get_element_by_id("token-secret").text_content().strip()
    assert secret.startswith("ecr_")
    assert secret not in (await teacher.open("/account")).source
    headers = {"Authorization": f"Bearer {secret}"}
    robot: httpx.AsyncClient = browser(app)
    assert (await robot.get("/api/v1/awards", headers=headers)).status_code == 200
    page = await teacher.open("/account")
    assert "robot" in page.main
    (revoke,) = [form.get("action") for form in page.document.forms if form.get("action").endswith("/revoke")]
    page = await teacher.submit(page, revoke)
    assert "robot" not in page.main
    assert await world.see(people.actor_of_token, secret, world.clock()) is None


async def test_roles_are_told_with_the_organisation_that_they_are_held_in(teacher: PlainBrowser) -> None:
    assert "Educator at Heron School" in (await teacher.open("/account")).main
