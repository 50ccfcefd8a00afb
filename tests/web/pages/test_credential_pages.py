"""My credentials, and the public page of one that is shared."""

from typing import Any

import msgspec
import pytest
from builders import World, a_specification
from plain_browser import PlainBrowser, Shown
from sqlalchemy import update

from credentials.awards import service as awards
from credentials.awards.model import Award
from credentials.issuing import service as issuing
from credentials.openbadges import baking
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.sealing.tables import sealed
from credentials.web.api.awards import file_name


@pytest.fixture
async def teacher(house: Any) -> PlainBrowser:
    return await house.signed_in("teacher")


@pytest.fixture
async def award(world: World) -> Award:
    submission = await world.submission(await world.publish())
    await world.decide(submission)
    await world.redeem()
    await issuing.publish_due_lists(world.parts.office, world.clock())
    return await world.see(awards.by_submission, submission.id)


@pytest.fixture
async def shared(award: Award, teacher: PlainBrowser) -> str:
    """The address of the public page."""
    page = await teacher.submit(await teacher.open(f"/credentials/{award.id}"), "/share")
    (address,) = page.links("http://alder.test/badges/.*")
    return address.removeprefix("http://alder.test")


async def test_nothing_earned_so_far_leads_to_the_catalogue(teacher: PlainBrowser) -> None:
    assert "No credential so far" in (await teacher.open("/credentials")).main


async def test_what_was_earned_is_listed_with_its_state(teacher: PlainBrowser, award: Award) -> None:
    page = await teacher.open("/credentials")
    assert page.links("/credentials/.*") == [f"/credentials/{award.id}"]
    assert "Active" in page.main
    one = await teacher.open(f"/credentials/{award.id}")
    assert one.heading == "Feedback That Moves Work Forward"
    assert "It does not expire" in one.main
    assert award.credential_id in one.main
    assert one.link("Who recognises it") == "/micro-credentials/feedback/recognition"
    assert one.link("Read what you handed in and the feedback") == f"/submissions/{award.submission_id}"


KINDS = {"json": "application/vc", "jwt": "application/jwt", "png": "image/png", "svg": "image/svg+xml"}


async def test_a_credential_is_downloaded_in_four_forms_that_hold_the_signed_document(
    teacher: PlainBrowser, award: Award
) -> None:
    page = await teacher.open(f"/credentials/{award.id}")
    content = {}
    for form, kind in KINDS.items():
        address = f"/credentials/{award.id}/download/{form}"
        assert address in page.links("/credentials/.*")
        answer = await teacher.client.get(address)
        assert answer.headers["content-type"].startswith(kind)
        name = f"feedback-that-moves-work-forward-2026-09-01.{form}"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        content[form] = answer.content
    assert msgspec.json.decode(content["json"])["id"] == award.credential_id
    assert content["jwt"].count(b".") == 2
    assert baking.extract(content["png"]).credential == content["json"]
    assert baking.extract(content["svg"]).credential == content["json"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Räume & Wege: 2 / 3", "raume-wege-2-3-2026-09-01"),
        ('../.."\r\n', "micro-credential-2026-09-01"),
        ("学び", "micro-credential-2026-09-01"),
        ("x" * 300, "x" * 80 + "-2026-09-01"),
    ],
)
async def test_a_file_is_called_by_the_words_of_its_title_and_nothing_else(title: str, name: str, award: Award) -> None:
    assert file_name(msgspec.structs.replace(award, title=title)) == name


async def test_nobody_sees_an_award_before_it_is_shared_nor_after_it_is_taken_away(
    teacher: PlainBrowser, award: Award, anyone: PlainBrowser
) -> None:
    page = await teacher.open(f"/credentials/{award.id}")
    assert "Nobody but you and its issuer sees it now." in page.main
    page = await teacher.submit(page, "/share")
    (address,) = page.links("http://alder.test/badges/.*")
    path = address.removeprefix("http://alder.test")
    await anyone.open(path)
    page = await teacher.submit(page, "/unshare")
    assert "its link is dead for good" in page.main
    await anyone.open(path, status=404)


async def test_the_public_page_shows_what_the_signed_credential_says_and_nothing_private(
    shared: str, anyone: PlainBrowser
) -> None:
    page = await anyone.open(shared)
    assert page.heading == "Feedback That Moves Work Forward"
    assert "Genuine and in force" in page.main
    assert "it was issued by Alder Department of Education" in page.main
    assert "Demonstrated: uptake: demonstrated." in page.main
    assert "Reviewed by an assessor and kept private: 1 file." in page.main
    for private in ("Teacher", "teacher@", "Show the revision itself.", "teacher: Your context", "work.png"):
        assert private not in page.source
    assert page.headers["x-robots-tag"] == "noindex, nofollow"


async def test_a_name_stands_on_the_public_page_only_by_consent(
    award: Award, shared: str, anyone: PlainBrowser, teacher: PlainBrowser
) -> None:
    assert "Awarded to" not in (await anyone.open(shared)).main
    await teacher.submit(await teacher.open("/account"), "/account", name_in_credentials="yes")
    page = await teacher.open(f"/credentials/{award.id}")
    assert "Your name will stand in it." in page.main
    refused = await teacher.submit(page, "/correction", status=400, reason=" ")
    assert refused.errors() == ["Fill this in."]
    page = await teacher.submit(page, "/correction", reason="I want to be named.")
    assert "issued anew" in page.main
    assert "Awarded to Teacher by" in (await anyone.open(shared)).main


async def test_anyone_with_the_link_downloads_the_credential(shared: str, anyone: PlainBrowser) -> None:
    links = (await anyone.open(shared)).links("/badges/.*/download/.*")
    assert links == [f"{shared}/download/{form}" for form in ("png", "svg", "json", "jwt")]
    for link in links:
        assert (await anyone.client.get(link)).status_code == 200


async def test_the_page_of_a_revoked_badge_says_not_to_accept_it(
    award: Award, shared: str, anyone: PlainBrowser, world: World, teacher: PlainBrowser
) -> None:
    await world.do(issuing.revoke, await world.act("leader"), award.id, reason="It was another person's work.")
    await issuing.publish_due_lists(world.parts.office, world.clock())
    page = await anyone.open(shared)
    assert "Do not accept" in page.main
    assert "The issuer has revoked this credential." in page.main
    assert "Genuine and in force" not in page.main
    assert verdict_tones(page) == ["bad"]
    mine = await teacher.open(f"/credentials/{award.id}")
    assert "Why it is revoked" in mine.main
    assert mine.link("appeal the decision").startswith("/submissions/")
    assert "Use it" not in mine.main
    assert "It was another person's work." in mine.main


async def test_a_badge_whose_status_cannot_be_looked_up_is_never_shown_as_good(
    world: World, teacher: PlainBrowser, anyone: PlainBrowser
) -> None:
    submission = await world.submission(await world.publish())
    await world.decide(submission)
    await world.redeem()  # its status list is not published yet
    award = await world.see(awards.by_submission, submission.id)
    page = await teacher.submit(await teacher.open(f"/credentials/{award.id}"), "/share")
    (address,) = page.links("http://alder.test/badges/.*")
    page = await anyone.open(address.removeprefix("http://alder.test"))
    assert "Could not be checked completely" in page.main
    assert verdict_tones(page) == ["warn"]


def verdict_tones(page: Shown) -> list[str]:
    verdicts = page.document.find_class("verdict")
    return [one.get("class").split()[1].removeprefix("verdict--") for one in verdicts]


async def test_the_panel_is_made_by_running_the_verifier_on_the_stored_bytes(
    shared: str, anyone: PlainBrowser, award: Award, world: World
) -> None:
    document = await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)
    forged = document.body.replace(b"Moves Work", b"Makes Gold")
    assert forged != document.body
    where = (sealed.c.intent_id == award.intent_id, sealed.c.format == Format.DATA_INTEGRITY)
    await world.do(lambda session: session.execute(update(sealed).where(*where).values(body=forged)))
    page = await anyone.open(shared)
    assert "Do not accept" in page.main
    assert "Makes Gold" not in page.main.partition("The credential as it was signed")[0]


async def test_somebody_elses_credential_looks_like_none(award: Award, house: Any) -> None:
    colleague = await house.signed_in("colleague")
    for address in ("", "/download/json", "/record"):
        await colleague.open(f"/credentials/{award.id}{address}", status=404)


async def test_progress_in_a_stack_is_shown_and_the_stack_is_awarded_when_complete(
    teacher: PlainBrowser, world: World, award: Award, anyone: PlainBrowser
) -> None:
    second = await world.publish(a_specification(title="Conferring for Agency"), slug="conferring")
    developer, publisher = await world.act("developer"), await world.act("publisher")
    stack = await world.do(
        pathways.draft,
        developer,
        organisation_id=world.organisations["alder"].id,
        slug="assessment",
        title="Assessment for Learning",
        description="Two that belong together.",
        members=(award.achievement_id, second.micro_credential.id),
    )
    await anyone.open(f"/stacks/{stack.id}", status=404)
    await world.do(pathways.publish, publisher, stack.id)
    public = await anyone.open(f"/stacks/{stack.id}")
    assert public.links("/micro-credentials/.*") == ["/micro-credentials/feedback", "/micro-credentials/conferring"]
    assert "1 of 2 earned" not in public.main
    assert "1 of 2 earned" in (await teacher.open("/credentials")).main
    mine = await teacher.open(f"/stacks/{stack.id}")
    assert "1 of 2 earned" in mine.main
    assert "Not earned so far" in mine.main
    assert "Part of Assessment for Learning" in (await anyone.open("/micro-credentials/feedback")).main
    await world.decide(await world.submission(second))
    await world.redeem()
    await issuing.publish_due_lists(world.parts.office, world.clock())
    page = await teacher.open(f"/stacks/{stack.id}")
    credential = await teacher.open(page.link("See your credential for this stack"))
    assert "Stack of Alder Department of Education" in credential.main
    assert not credential.has_form("/correction")
    at = credential.link("Download the learner record (CLR 2.0)")
    record = await teacher.client.get(at)
    assert (record.status_code, record.headers["content-type"]) == (200, "application/vc")
    assert len(record.json()["credentialSubject"]["verifiableCredential"]) == 3
    award_id = at.split("/")[2]
    assert (await teacher.client.get(f"/api/v1/awards/{award_id}/record")).content == record.content
    verified = await anyone.client.post("/api/v1/verify", content=record.content)
    assert verified.json()["verdict"] == "accept"
    assert (await teacher.client.get(f"/credentials/{award.id}/record")).status_code == 404
    page = await teacher.submit(credential, "/share")
    (address,) = page.links("http://alder.test/badges/.*")
    shown = await anyone.open(address.removeprefix("http://alder.test"))
    assert "Genuine and in force" in shown.main


async def test_an_award_that_ran_out_is_called_expired(teacher: PlainBrowser, world: World) -> None:
    submission = await world.submission(await world.publish(a_specification(validity_months=1)))
    await world.decide(submission)
    await world.redeem()
    world.clock.advance(days=40)
    award = await world.see(awards.by_submission, submission.id)
    again = PlainBrowser(teacher.client)
    await again.sign_in(world.addresses["teacher"])
    assert "Expired" in (await again.open(f"/credentials/{award.id}")).main


async def test_awards_stay_with_somebody_who_holds_no_role_any_more(
    award: Award, world: World, anyone: PlainBrowser
) -> None:
    (grant,) = (await world.act("teacher")).actor.grants
    await world.do(people.end_grant, await world.act("admin"), grant.id, reason="left")
    world.clock.advance(seconds=1)
    home = await anyone.sign_in(world.addresses["teacher"])
    assert "/credentials" in home.links("/.*")
    assert (await anyone.open("/credentials")).links("/credentials/.*") == [f"/credentials/{award.id}"]
