"""An educator, an assessor and a stranger, each at a browser of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import PASSWORD, a_png
from playwright.sync_api import expect

from credentials.evidence import service as evidence
from credentials.issuing import service as issuing
from credentials.review import service as review

pytestmark = pytest.mark.browser


async def begun(world: Any, slug: str, who: str) -> str:
    """The address of a submission that was just begun."""
    entry = await world.publish(slug=slug)
    started = await world.do(evidence.start, await world.act(who), entry.version.id)
    return f"/submissions/{started.id}"


@pytest.fixture
def published(service: Any) -> str:
    """The address of a micro-credential that can be started."""
    slug = "feedback"
    service.do(service.world.publish(slug=slug))
    return f"/micro-credentials/{slug}"


def test_from_a_file_to_a_badge_that_a_stranger_verifies(
    published: str, service: Any, visit: Callable[..., Any], tmp_path: Path
) -> None:
    """An educator hands in a file, an assessor scores it, the educator downloads the badge, a stranger verifies it."""
    picture = tmp_path / "before and after.png"
    picture.write_bytes(a_png())

    educator = visit(width=360)
    educator.sign_in("teacher")
    page = educator.go(published)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Your submission is begun.")).to_be_visible()
    submission = page.url

    # Each part is saved where it stands, without leaving the page.
    context = page.locator("#requirement-context")
    context.get_by_label("Your text").fill("Grade 7, twenty-six learners.")
    expect(context.get_by_text("4 of at most 500 words")).to_be_visible()
    context.get_by_role("button", name="Save the text").click()
    expect(context.get_by_text("Text, 4 words")).to_be_visible()
    work = page.locator("#requirement-work")
    work.get_by_text("Upload a file").click()
    work.get_by_label("File", exact=True).set_input_files(picture)
    work.get_by_text("Students can be known from it").first.click()
    work.get_by_role("button", name="Upload the file").click()
    expect(work.get_by_role("link", name="before and after.png")).to_be_visible()
    expect(work.get_by_role("img", name="Picture handed in: before and after.png")).to_be_visible()
    reflection = page.locator("#requirement-reflection")
    reflection.get_by_text("Write a text").click()
    reflection.get_by_label("Your text").fill("I would ask one question only.")
    reflection.get_by_role("button", name="Save the text").click()
    expect(reflection.get_by_text("Text, 6 words")).to_be_visible()
    assert page.url == submission
    expect(page.locator("#checklist .checklist__done")).to_have_count(3)
    expect(page.locator("#checklist .checklist__open")).to_have_count(2)

    page.get_by_text("This is my own work").click()
    page.get_by_text("I have written permission").click()
    page.get_by_role("button", name="Save the statements").click()
    expect(page.locator("#checklist .checklist__open")).to_have_count(0)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Waiting for an assessor")).to_be_visible()

    assessor = visit()
    page = assessor.sign_in("assessor")
    page.get_by_role("link", name="Review").first.click()
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("img", name="Picture handed in")).to_be_visible()
    page.get_by_role("button", name="All is there").click()
    for criterion in ("specificity", "uptake", "reflection"):
        form = page.locator(f"#criterion-{criterion}")
        form.get_by_text("Demonstrated").first.click()
        expect(form.get_by_text("Saved at")).to_be_visible()
    page.get_by_role("link", name="Go on to the decision").click()
    page.get_by_role("button", name="Decide: Earned").click()
    expect(page.get_by_text("Decided.")).to_be_visible()

    service.do(service.world.redeem())
    service.do(issuing.publish_due_lists(service.parts.office, service.parts.now()))
    page = educator.go("/credentials")
    page.get_by_role("link", name="Feedback That Moves Work Forward").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Picture (PNG)").click()
    badge = tmp_path / "badge.png"
    download.value.save_as(badge)
    page.get_by_role("button", name="Make a public page").click()
    link = page.locator("#share-link a").get_attribute("href")

    stranger = visit(width=360)
    page = stranger.go("/verify")
    page.get_by_label("The file of a badge").set_input_files(badge)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("heading", name="Genuine and in force")).to_be_visible()
    expect(page.get_by_text("recognised here").first).to_be_visible()
    assert link
    page.goto(link)
    expect(page.get_by_role("heading", name="Genuine and in force")).to_be_visible()


def test_a_score_is_saved_as_soon_as_it_is_chosen_with_the_keyboard(service: Any, visit: Callable[..., Any]) -> None:
    async def waiting() -> str:
        world = service.world
        entry = await world.publish(slug="keyboard")
        submission = await world.submission(entry, "colleague")
        act = await world.act("second")
        claimed = await review.claim(world.parts.database, act, submission.id)
        await world.do(review.confirm_complete, act, claimed.id)
        return f"/review/{claimed.id}"

    path = service.do(waiting())
    assessor = visit()
    assessor.sign_in("second")
    page = assessor.go(path)
    page.locator("#score-uptake-not-yet").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#score-uptake-demonstrated")).to_be_checked()
    expect(page.locator("#criterion-uptake").get_by_text("Saved at")).to_be_visible()
    expect(page.locator("#score-uptake-demonstrated")).to_be_focused()
    page.locator("#score-uptake-feedback").fill("Say what changed.")
    with page.expect_response(lambda answer: "Say" in (answer.request.post_data or "")):
        page.keyboard.press("Tab")
    expect(page.locator("#standing li")).to_have_count(2)
    page.reload()
    expect(page.locator("#score-uptake-demonstrated")).to_be_checked()
    expect(page.locator("#score-uptake-feedback")).to_have_value("Say what changed.")

    # Leaving with a note that was not saved is asked about first, and whoever stays has lost nothing.
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", answer)
    page.locator("#score-reflection-note").focus()
    page.keyboard.type("Ask the leader.")
    page.get_by_role(
        "link", name="Review", exact=True
    ).first.focus()  # the text goes off by itself, but there is no level yet
    expect(page.locator("#criterion-reflection").get_by_text("Not saved")).to_be_visible()
    with page.expect_event("dialog", timeout=30_000):
        page.keyboard.press("Enter")
    expect(page.locator("#score-reflection-note")).to_have_value("Ask the leader.")
    assert (asked, page.url.endswith(path)) == (["beforeunload"], True)
    page.locator("#score-reflection-demonstrated").focus()
    page.keyboard.press("Space")
    expect(page.locator("#criterion-reflection").get_by_text("Saved at")).to_be_visible()
    page.get_by_role("link", name="Review", exact=True).first.click()
    page.wait_for_url("**/review")
    assert len(asked) == 1, "what is saved is not asked about"


def test_the_first_key_reaches_the_link_past_the_navigation(service: Any, visit: Callable[..., Any]) -> None:
    page = visit().go("/catalogue")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_somebody_signs_in_with_nothing_but_the_keyboard(service: Any, visit: Callable[..., Any]) -> None:
    page = visit().go("/sign-in")
    page.locator("#sign-in-email").focus()
    page.keyboard.type(service.world.addresses["teacher"])
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Go on, Teacher")).to_be_visible()


def test_on_a_phone_the_menu_opens_and_shuts_and_says_which(service: Any, visit: Callable[..., Any]) -> None:
    page = visit(width=360).go("/")
    menu = page.get_by_role("button", name="Menu")
    expect(page.get_by_role("link", name="Stacks")).to_be_hidden()
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("link", name="Stacks")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(menu).to_be_focused()


def test_without_javascript_the_menu_is_open(service: Any, visit: Callable[..., Any]) -> None:
    page = visit(width=360, javascript=False).go("/")
    expect(page.get_by_role("link", name="Stacks")).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()


def test_a_refused_form_puts_the_reader_before_what_is_wrong(service: Any, visit: Callable[..., Any]) -> None:
    page = visit().go("/sign-in")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="E-mail address").click()
    expect(page.locator("#sign-in-email")).to_be_focused()


def test_what_was_typed_is_still_there_when_the_connection_is_lost(service: Any, visit: Callable[..., Any]) -> None:
    path = service.do(begun(service.world, "offline", "teacher"))
    educator = visit()
    educator.sign_in("teacher")
    page = educator.go(path)
    page.locator("#requirement-context").get_by_label("Your text").fill("Not to be lost.")
    educator.context.set_offline(True)
    page.locator("#requirement-context").get_by_role("button", name="Save the text").click()
    expect(page.locator("#requirement-context").get_by_text("The connection was lost")).to_be_visible()
    expect(page.locator("#requirement-context").get_by_label("Your text")).to_have_value("Not to be lost.")
    educator.context.set_offline(False)
    page.locator("#requirement-context").get_by_role("button", name="Save the text").click()
    expect(page.locator("#requirement-context").get_by_text("Text, 4 words")).to_be_visible()
    educator.complaints = [
        one for one in educator.complaints if "ERR_INTERNET_DISCONNECTED" not in one and "htmx:" not in one
    ]


def test_what_was_typed_is_still_there_when_the_session_has_ended(service: Any, visit: Callable[..., Any]) -> None:
    path = service.do(begun(service.world, "signed-out", "teacher"))
    educator = visit()
    educator.sign_in("teacher")
    page = educator.go(path)
    part = page.locator("#requirement-context")
    part.get_by_label("Your text").fill("Not to be lost.")
    cookies = educator.context.cookies()
    educator.context.clear_cookies()
    part.get_by_role("button", name="Save the text").click()
    expect(part.get_by_text("You are signed out, and nothing was saved.")).to_be_visible()
    expect(part.get_by_label("Your text")).to_have_value("Not to be lost.")
    educator.context.add_cookies(cookies)  # signed in again in another tab
    part.get_by_role("button", name="Save the text").click()
    expect(part.get_by_text("Text, 4 words")).to_be_visible()


def test_a_file_that_is_refused_is_said_so_where_it_was_chosen(
    service: Any, visit: Callable[..., Any], tmp_path: Path
) -> None:
    path = service.do(begun(service.world, "refused", "colleague"))
    (tmp_path / "plan.pdf").write_bytes(b"no PDF at all")
    educator = visit()
    educator.sign_in("colleague")
    page = educator.go(path)
    work = page.locator("#requirement-work")
    work.get_by_text("Upload a file").click()
    work.get_by_label("File", exact=True).set_input_files(tmp_path / "plan.pdf")
    work.get_by_role("button", name="Upload the file").click()
    expect(work.locator(".usa-error-message")).to_contain_text("The file is not the .pdf")
    expect(work.locator(".error-summary")).to_be_focused()
