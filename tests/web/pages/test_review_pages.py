"""The assessor's desk, in a browser without JavaScript."""

from typing import Any

import httpx
import pytest
from builders import World, browser
from litestar import Litestar
from plain_browser import ORIGIN, PlainBrowser, Shown

from credentials.evidence import service as evidence
from credentials.evidence.model import Stage


@pytest.fixture
async def assessor(house: Any) -> PlainBrowser:
    return await house.signed_in("assessor")


@pytest.fixture
async def claimed(assessor: PlainBrowser, world: World) -> Shown:
    """The page of a review that was just begun."""
    await world.submission(await world.publish())
    return await assessor.submit(await assessor.open("/review"), "/review/claims")


async def scored(assessor: PlainBrowser, page: Shown, level: str) -> Shown:
    page = await assessor.submit(page, "/completeness")
    for criterion in ("specificity", "uptake", "reflection"):
        page = await assessor.submit(
            page, f"/scores/{criterion}", level=level, feedback="Show the revision itself.", note="Seen before."
        )
    return page


async def test_an_empty_queue_says_that_nothing_waits(assessor: PlainBrowser) -> None:
    assert "Nothing is waiting" in (await assessor.open("/review")).main
    assert "1 wait" not in (await assessor.open("/")).main


async def test_the_queue_tells_what_waits_and_since_when_and_not_whose_it_is(world: World, house: Any) -> None:
    await world.submission(await world.publish())
    world.clock.advance(days=3)
    assessor = await house.signed_in("assessor")
    home = await assessor.open("/")
    assert "Review 1 waits" in home.main
    assert "In the catalogue" not in home.main, "it is for those who can begin something"
    page = await assessor.open("/review")
    assert "Waiting (1)" in page.main
    assert "Feedback That Moves Work Forward" in page.main
    assert "(3 days)" in page.main
    for hidden in ("Teacher", "Heron", "teacher"):
        assert hidden not in page.main


async def test_claiming_opens_the_evidence_beside_the_rubric_and_tells_nobodys_name(claimed: Shown) -> None:
    assert "This submission is yours to review." in claimed.main
    assert claimed.heading == "Feedback That Moves Work Forward"
    assert "First: is it complete?" in claimed.main
    assert "teacher: Your context" in claimed.main  # what was written, which tells no name by itself
    assert "Heron" not in claimed.main
    assert not claimed.has_form("/scores/specificity")


async def test_something_missing_goes_back_with_a_note_that_must_not_be_empty(
    claimed: Shown, assessor: PlainBrowser, world: World
) -> None:
    back = [form for form in claimed.document.forms if "note" in form.fields]
    assert len(back) == 1
    answer = await assessor.client.post(
        back[0].get("action"), data={"complete": "no", "note": " "}, headers={"Origin": ORIGIN, "Accept": "text/html"}
    )
    assert answer.status_code == 400
    page = Shown(answer)
    assert page.errors() == ["Say what is missing, so that the educator can add it."]
    answer = await assessor.client.post(
        back[0].get("action"),
        data={"complete": "no", "note": "The picture cannot be opened."},
        headers={"Origin": ORIGIN, "Accept": "text/html"},
    )
    assert answer.headers["location"] == "/review"
    assert "Open on your desk" not in (await assessor.open("/review")).main


async def test_scores_are_saved_one_by_one_and_can_be_changed_until_the_decision(
    claimed: Shown, assessor: PlainBrowser
) -> None:
    page = await assessor.submit(claimed, "/completeness")
    assert "Now score each criterion." in page.main
    page = await assessor.submit(page, "/scores/uptake", level="developing", feedback="Not visible.")
    assert page.path.endswith("#criterion-uptake") or "The score is saved." in page.main
    assert page.form("/scores/uptake").fields["level"] == "developing"
    page = await assessor.submit(page, "/scores/uptake", level="demonstrated", feedback="Visible.")
    form = page.form("/scores/uptake")
    assert (form.fields["level"], form.fields["feedback"].strip()) == ("demonstrated", "Visible.")


async def test_what_is_still_open_is_listed_with_the_way_to_it(claimed: Shown, assessor: PlainBrowser) -> None:
    page = await assessor.submit(claimed, "/completeness")
    page = await assessor.submit(page, "/scores/uptake", level="developing")
    assert page.links("#criterion-.*") == ["#criterion-specificity", "#criterion-uptake", "#criterion-reflection"]
    assert "“Uptake” is below passing: tell the educator what to change." in page.main
    assert "Go on to the decision" not in page.main


async def test_a_score_without_a_level_comes_back_with_the_feedback_that_was_typed(
    claimed: Shown, assessor: PlainBrowser
) -> None:
    page = await assessor.submit(claimed, "/completeness")
    page = await assessor.submit(page, "/scores/uptake", status=400, feedback="Already typed.")
    assert "Level: choose a level first" in page.main
    assert page.form("/scores/uptake").fields["feedback"].strip() == "Already typed."


@pytest.mark.parametrize(
    ("level", "words", "stage"),
    [
        pytest.param("demonstrated", "Earned", Stage.EARNED, id="all at passing is earned"),
        pytest.param("developing", "Not Yet Earned", Stage.NOT_YET_EARNED, id="below passing is not yet earned"),
    ],
)
async def test_a_decision_is_shown_once_more_before_it_is_made(
    level: str, words: str, stage: Stage, claimed: Shown, assessor: PlainBrowser, world: World
) -> None:
    page = await scored(assessor, claimed, level)
    page = await assessor.open(page.link("Go on to the decision"))
    assert f"is {words}" in page.main
    assert "Show the revision itself." in page.main
    assert "Seen before." not in page.main
    done = await assessor.submit(page, "/decision")
    assert "Decided." in done.main
    (submission,) = await world.see(evidence.of_educator, world.people["teacher"].id)
    assert submission.stage is stage
    after = await assessor.open(page.path.removesuffix("/decision"))
    assert "You decided this" in after.main
    assert "teacher: Your context" not in after.main
    assert not after.has_form("/scores/uptake")


async def test_deciding_too_early_names_what_is_open(claimed: Shown, assessor: PlainBrowser) -> None:
    page = await assessor.submit(claimed, "/completeness")
    assert "“Uptake” has no level yet." in (await assessor.open(f"{page.path}/decision")).main
    answer = await assessor.client.post(f"{page.path}/decision", headers={"Origin": ORIGIN, "Accept": "text/html"})
    assert answer.status_code == 400
    assert "has no level yet" in answer.text


async def test_a_submission_is_given_back_to_the_queue(claimed: Shown, assessor: PlainBrowser) -> None:
    page = await assessor.submit(claimed, "/release")
    assert "Given back to the queue." in page.main
    assert "Waiting (1)" in page.main
    assert "You gave this back" in (await assessor.open(claimed.path)).main


async def test_of_two_who_claim_one_is_told_that_it_is_taken(assessor: PlainBrowser, world: World, house: Any) -> None:
    await world.submission(await world.publish())
    second = await house.signed_in("second")
    page = await second.open("/review")
    await assessor.submit(await assessor.open("/review"), "/review/claims")
    page = await second.submit(page, "/review/claims", status=409)
    assert "Another assessor has this submission" in page.main


async def test_where_javascript_runs_a_score_is_answered_with_one_line_and_the_standing(
    claimed: Shown, assessor: PlainBrowser
) -> None:
    page = await assessor.submit(claimed, "/completeness")
    headers = {"Origin": ORIGIN, "HX-Request": "true"}
    address = f"{page.path}/scores/uptake"
    saved = await assessor.client.post(address, data={"level": "demonstrated"}, headers=headers)
    assert saved.status_code == 200
    assert "Saved at 12:00 UTC" in saved.text
    assert 'hx-swap-oob="true"' in saved.text
    assert "<html" not in saved.text
    refused = await assessor.client.post(address, data={"level": "none"}, headers=headers)
    assert refused.status_code == 400
    assert "Not saved: The criterion “Uptake” has no level none." in refused.text


async def test_the_desk_is_for_assessors(house: Any, anyone: PlainBrowser) -> None:
    teacher = await house.signed_in("teacher")
    assert "for assessors" in (await teacher.open("/review", status=403)).main
    assert (await anyone.open("/review")).heading == "Sign in"


async def test_a_review_of_somebody_else_looks_like_none(claimed: Shown, house: Any) -> None:
    second = await house.signed_in("second")
    await second.open(claimed.path, status=404)


async def test_an_assessor_reads_files_only_while_the_review_is_theirs(
    claimed: Shown, assessor: PlainBrowser, world: World, app: Litestar
) -> None:
    address = claimed.link("work.png")
    other: httpx.AsyncClient = browser(app)
    await PlainBrowser(other).sign_in(world.addresses["second"])
    assert (await assessor.client.get(address)).status_code == 200
    assert (await other.get(address)).status_code == 404


async def test_an_address_of_the_queue_that_was_tampered_with_is_refused(assessor: PlainBrowser) -> None:
    await assessor.open("/review?cursor=WyJ4IiwieSJd", status=400)
    await assessor.open("/review?cursor=%%%", status=400)
