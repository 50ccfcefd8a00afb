"""Signing in and out, and the links from mails, in a browser without JavaScript."""

from datetime import timedelta
from typing import Any

import pytest
from builders import PASSWORD, World, browser
from litestar import Litestar
from plain_browser import PlainBrowser

from credentials.people import service as people
from credentials.people.model import Role, Scope
from credentials.web.pages.page import local_path

NEW = "copper window seventeen geese"


async def test_somebody_signs_in_and_out(anyone: PlainBrowser, world: World) -> None:
    home = await anyone.sign_in(world.addresses["teacher"])
    assert home.path == "/"
    assert "Go on, Teacher" in home.main
    assert home.links("/(submissions|credentials|account|review|develop)")[:2] == ["/submissions", "/credentials"]
    out = await anyone.submit(home, "/sign-out")
    assert "You are signed out." in out.main
    assert "Sign in" in out.text
    assert (await anyone.open("/account")).heading == "Sign in"


async def test_a_wrong_password_is_refused_with_the_address_still_there_and_the_password_not(
    anyone: PlainBrowser, world: World
) -> None:
    page = await anyone.submit(
        await anyone.open("/sign-in"),
        "/sign-in",
        status=401,
        email="teacher@heron-school.example",
        password="not it at all",
    )
    assert page.title.startswith("Error: ")
    assert "The e-mail address or the password is not right." in page.main
    assert page.value("sign-in-email") == "teacher@heron-school.example"
    assert "not it at all" not in page.source


async def test_an_empty_form_says_which_fields_to_fill_in(anyone: PlainBrowser) -> None:
    page = await anyone.submit(await anyone.open("/sign-in"), "/sign-in", status=400)
    assert page.links("#sign-in-.*")
    assert page.errors()


async def test_whoever_wants_a_page_of_their_own_is_sent_to_sign_in_and_back_to_it(
    anyone: PlainBrowser, world: World
) -> None:
    page = await anyone.open("/submissions?cursor=WyJ4Il0")
    assert page.path == "/sign-in?next=%2Fsubmissions%3Fcursor%3DWyJ4Il0"
    assert (
        await anyone.submit(page, "/sign-in", email=world.addresses["teacher"], password=PASSWORD)
    ).heading == "My work"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\t//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/ⓔvil",
    ],
)
def test_nobody_is_sent_to_another_site(elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"


async def test_an_address_elsewhere_in_the_link_to_sign_in_leads_home(anyone: PlainBrowser, world: World) -> None:
    page = await anyone.open("/sign-in?next=//evil.example/")
    home = await anyone.submit(page, "/sign-in", email=world.addresses["teacher"], password=PASSWORD)
    assert home.path == "/"


async def test_too_many_wrong_passwords_say_how_long_to_wait(anyone: PlainBrowser, world: World) -> None:
    page = await anyone.open("/sign-in")
    for _ in range(5):
        await anyone.submit(page, "/sign-in", status=401, email="teacher@heron-school.example", password="guess")
    page = await anyone.submit(page, "/sign-in", status=429, email="teacher@heron-school.example", password="guess")
    assert "seconds and try again" in page.main


async def test_a_new_password_is_set_by_a_mailed_link(anyone: PlainBrowser, world: World) -> None:
    page = await anyone.open("/password")
    page = await anyone.submit(page, "/password", email=world.addresses["teacher"])
    assert "If this address has an account" in page.main
    secret = await world.secret_of("reset_password", world.addresses["teacher"])
    page = await anyone.open(f"/password/{secret}")
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    weak = await anyone.submit(page, secret, status=400, password="short")
    assert weak.errors() == ["Use at least 15 characters; four or five words that do not belong together are good."]
    done = await anyone.submit(page, secret, password=NEW)
    assert "Your new password is set." in done.main
    assert (await anyone.sign_in(world.addresses["teacher"], NEW)).path == "/"
    spent = await anyone.submit(page, secret, status=409, password=NEW)
    assert "This link was used already or has run out" in spent.main


async def test_asking_for_a_new_password_tells_nobody_who_has_an_account(anyone: PlainBrowser, world: World) -> None:
    answers = []
    for address in (world.addresses["teacher"], "nobody@nowhere.example"):
        answers.append((await anyone.submit(await anyone.open("/password"), "/password", email=address)).main)
    assert answers[0] == answers[1]


async def test_looking_at_the_link_that_confirms_an_address_does_not_spend_it(
    anyone: PlainBrowser, world: World, house: Any
) -> None:
    teacher = await house.signed_in("teacher")
    account = await teacher.open("/account")
    account = await teacher.submit(account, "/account/addresses", address="Ada@Home.example")
    assert "ada@home.example" in account.main
    assert "Not confirmed yet" in account.main
    secret = await world.secret_of("verify_address", "ada@home.example")
    for _ in range(3):
        page = await anyone.open(f"/address-verifications/{secret}")
    page = await anyone.submit(page, secret)
    assert "The e-mail address is confirmed." in page.main
    assert "Not confirmed yet" not in (await teacher.open("/account")).main
    assert (await anyone.sign_in("ada@home.example")).path == "/"


async def test_an_invited_person_makes_an_account_and_comes_in(anyone: PlainBrowser, world: World) -> None:
    invited = "new@wren-school.example"
    school = world.organisations["wren-school"].id
    await world.do(people.invite, await world.act("admin"), address=invited, organisation_id=school, role=Role.EDUCATOR)
    secret = await world.secret_of("invitation", invited)
    page = await anyone.open(f"/invitations/{secret}")
    assert page.heading == "Invitation to Wren School"
    assert invited in page.main
    refused = await anyone.submit(page, secret, status=400, name="Nia New", password="short")
    assert refused.value("accept-name") == "Nia New"
    assert refused.errors()
    page = await anyone.submit(refused, secret, name="Nia New", password=NEW)
    assert "The invitation is accepted." in page.main
    assert "Go on, Nia New" in (await anyone.sign_in(invited, NEW)).main
    assert "used already or has run out" in (await anyone.open(f"/invitations/{secret}", status=409)).main


async def test_somebody_who_has_an_account_accepts_a_second_role_without_another_password(
    anyone: PlainBrowser, world: World, app: Litestar
) -> None:
    world.clock.advance(seconds=1)  # behind the invitation that the teacher accepted before
    await world.do(
        people.invite,
        await world.act("admin"),
        address=world.addresses["teacher"],
        organisation_id=world.organisations["alder"].id,
        role=Role.ASSESSOR,
    )
    secret = await world.secret_of("invitation", world.addresses["teacher"])
    page = await anyone.open(f"/invitations/{secret}")
    assert "has an account already" in page.main
    await anyone.submit(page, secret)
    teacher = PlainBrowser(browser(app))
    assert "/review" in (await teacher.sign_in(world.addresses["teacher"])).links("/.*")


async def test_a_note_is_shown_once(anyone: PlainBrowser, world: World) -> None:
    home = await anyone.sign_in(world.addresses["teacher"])
    assert "You are signed out." in (await anyone.submit(home, "/sign-out")).main
    assert "You are signed out." not in (await anyone.open("/")).main


async def test_a_note_that_somebody_made_up_is_not_shown(anyone: PlainBrowser, client: Any) -> None:
    client.cookies.set("note", "<b>You have won</b>")
    assert "won" not in (await anyone.open("/")).text


async def test_an_api_token_opens_no_page(client: Any, world: World) -> None:
    act = await world.act("teacher")
    _, secret = await world.do(
        people.make_token, act, name="robot", scopes=list(Scope), expires_at=act.now + timedelta(days=1)
    )
    headers = {"Authorization": f"Bearer {secret}", "Accept": "text/html"}
    assert (await client.get("/account", headers=headers)).status_code == 401
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 200


async def test_a_form_that_another_site_sends_changes_nothing(client: Any, world: World, house: Any) -> None:
    await PlainBrowser(client).sign_in(world.addresses["teacher"])
    answer = await client.post("/sign-out", headers={"Origin": "https://evil.example", "Accept": "text/html"})
    assert answer.status_code == 403
    assert (await client.get("/account", headers={"Accept": "text/html"})).status_code == 200
