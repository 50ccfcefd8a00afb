"""An educator's work on a submission, in a browser without JavaScript."""

from typing import Any

import httpx
import pytest
from builders import World, a_png, a_specification, browser
from litestar import Litestar
from plain_browser import PlainBrowser, Shown

from credentials.catalog.model import AiUse
from credentials.evidence import service as evidence
from credentials.evidence.model import AiDeclaration, NothingToTakeUp, Stage
from credentials.review import service as review


@pytest.fixture
async def teacher(house: Any) -> PlainBrowser:
    return await house.signed_in("teacher")


@pytest.fixture
async def begun(teacher: PlainBrowser, world: World) -> Shown:
    """The page of a submission that was just begun."""
    await world.publish()
    return await teacher.submit(await teacher.open("/micro-credentials/feedback"), "/start")


def missing(page: Shown) -> list[str]:
    """What the list beside the submission says is missing."""
    (checklist,) = [one for one in page.document.find_class("checklist") if one.getparent().get("id") == "checklist"]
    return [one.find(".//a").text_content() for one in checklist.find_class("checklist__open")]


async def test_nothing_begun_leads_to_the_catalogue(teacher: PlainBrowser) -> None:
    page = await teacher.open("/submissions")
    assert "Nothing begun so far" in page.main
    assert page.link("Open the catalogue") == "/catalogue"


async def test_what_is_missing_is_listed_with_the_way_to_it(begun: Shown) -> None:
    assert "Your submission is begun." in begun.main
    assert missing(begun) == [
        "Your context",
        "Work before and after",
        "Reflection",
        "Say that this is your own work.",
    ]
    assert begun.links("#requirement-.*") == ["#requirement-context", "#requirement-work", "#requirement-reflection"]


async def test_starting_again_goes_on_with_what_was_begun(begun: Shown, teacher: PlainBrowser) -> None:
    assert "Draft" in (await teacher.open("/catalogue")).main
    page = await teacher.open("/micro-credentials/feedback")
    assert page.link("Go on with your submission") == begun.path
    assert not page.has_form("/start")


async def test_whoever_is_signed_in_finds_first_what_they_have_begun(begun: Shown, teacher: PlainBrowser) -> None:
    page = await teacher.open("/")
    assert page.heading == "Go on, Teacher"
    assert page.link("Feedback That Moves Work Forward") == begun.path
    assert "Recognition for what educators can do" not in page.main
    await teacher.submit(begun, "/withdrawal")
    assert "What you have begun" not in (await teacher.open("/")).main


async def test_an_educator_works_on_every_part_and_hands_in(begun: Shown, teacher: PlainBrowser, world: World) -> None:
    page = await teacher.submit(begun, "/texts", requirement="context", text="Grade 7.\n\nTwenty-six learners.")
    assert page.path == begun.path
    assert "Saved." in page.main
    assert "Text, 4 words" in page.main
    page = await teacher.submit(page, "/links", url="https://example.org/plan")
    page = await teacher.submit(page, "/files", files={"file": ("draft.png", a_png())}, shows_students="yes")
    assert page.link("draft.png").startswith("/api/v1/submissions/")
    assert "Students can be known" in page.main
    reflection = [form for form in page.document.forms if form.get("action").endswith("/texts")]
    page = await teacher.submit(page, reflection[0].get("action"), text="I would ask one question only.")
    assert missing(page) == [
        "Say that this is your own work.",
        "Students can be known from your evidence: say that you have written permission for each of them.",
    ]
    refused = await teacher.submit(page, "/hand-in", status=400)
    assert "It cannot be handed in yet." in refused.main
    page = await teacher.submit(
        page, "/attestations", own_work="yes", student_consent="yes", ai_use="used", ai_statement="It checked spelling."
    )
    assert missing(page) == []
    page = await teacher.submit(page, "/hand-in")
    assert "Handed in." in page.main
    assert "Waiting for an assessor" in page.main
    assert "It checked spelling." in page.main
    assert [form.get("action") for form in page.document.forms] == ["/sign-out", f"{begun.path}/withdrawal"]
    stored = await world.see(evidence.submission, begun.path.rpartition("/")[2])
    assert stored.stage is Stage.SUBMITTED
    assert stored.attestations.ai_use is AiDeclaration.USED
    assert "Waiting for an assessor" in (await teacher.open("/submissions")).main


async def test_a_link_that_is_refused_comes_back_as_it_was_typed(begun: Shown, teacher: PlainBrowser) -> None:
    page = await teacher.submit(begun, "/links", status=400, url="http://example.org/plan")
    assert page.title.startswith("Error: ")
    assert page.errors() == ["Give a link that begins with https://."]
    assert page.value("link-work-url") == "http://example.org/plan"
    (form,) = [one for one in page.document.iter("details") if one.find(".//*[@id='link-work-url']") is not None]
    assert "open" in form.attrib


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("plan.exe", b"MZ...", "Files ending in .exe are not taken", id="a kind that is not taken"),
        pytest.param("plan.png", b"%PDF-1.7 not a picture", "The file is not the .png", id="not what its name says"),
        pytest.param("plan.pdf", b"", "The file is empty", id="an empty file"),
        pytest.param("", b"", "Choose a file first", id="no file at all"),
    ],
)
async def test_a_file_that_is_refused_says_why_at_its_field(
    name: str, content: bytes, sentence: str, begun: Shown, teacher: PlainBrowser
) -> None:
    page = await teacher.submit(begun, "/files", status=400, files={"file": (name, content)})
    (error,) = page.errors()
    assert error.startswith(sentence)


async def test_a_file_over_the_cap_is_refused_before_it_is_received(
    begun: Shown, teacher: PlainBrowser, client: httpx.AsyncClient, world: World
) -> None:
    await PlainBrowser(client).sign_in(world.addresses["teacher"])
    most = world.parts.settings.max_upload_bytes
    answer = await client.post(
        f"{begun.path}/files",
        content=b"never read",
        headers={
            "Content-Length": str(most * 2),
            "Content-Type": "multipart/form-data; boundary=x",
            "Origin": "http://alder.test",
            "Accept": "text/html",
        },
    )
    assert answer.status_code == 413
    assert "larger than 250 MB" in answer.text


async def test_no_more_is_offered_than_a_requirement_takes(begun: Shown, teacher: PlainBrowser) -> None:
    page = begun
    for number in range(3):
        page = await teacher.submit(page, "/files", files={"file": (f"{number}.png", a_png(str(number)))})
    work = page.document.get_element_by_id("requirement-work")
    assert not [form for form in work.iter("form") if form.get("action").endswith(("/files", "/links"))]
    refused = await teacher.submit(begun, "/links", status=400, url="https://example.org/4")
    assert "takes at most 3" in refused.main


async def test_a_text_is_rewritten_and_removed(begun: Shown, teacher: PlainBrowser) -> None:
    page = await teacher.submit(begun, "/texts", text="First words.")
    (artifact,) = [one.get("id") for one in page.document.find_class("artifact")]
    artifact = artifact.removeprefix("artifact-")
    emptied = await teacher.submit(page, f"/texts/{artifact}", status=400, text="   ")
    assert emptied.errors() == ["Write something first."]
    page = await teacher.submit(page, f"/texts/{artifact}", text="Better words, said twice.")
    assert "Better words, said twice." in page.main
    assert "First words." not in page.main
    page = await teacher.submit(page, f"/artifacts/{artifact}/remove")
    assert "Removed." in page.main
    assert "Better words" not in page.main


async def test_a_text_keeps_its_line_ends_and_is_never_read_as_html(begun: Shown, teacher: PlainBrowser) -> None:
    typed = "\nFirst <script>alert(1)</script>\nsecond\n\nthird & last"
    page = await teacher.submit(begun, "/texts", text=typed.replace("\n", "\r\n"))
    assert "<script>alert(1)</script>" not in page.source
    (shown,) = page.document.find_class("artifact__text")
    assert [paragraph.text_content() for paragraph in shown.iter("p")] == [
        "First <script>alert(1)</script>second",
        "third & last",
    ]
    (area,) = [area for area in page.document.iter("textarea") if (area.get("id") or "").startswith("edit-")]
    assert area.value.strip("\n") == typed.strip("\n")


async def test_a_character_that_cannot_be_kept_is_refused(begun: Shown, teacher: PlainBrowser) -> None:
    page = await teacher.submit(begun, "/texts", status=400, text="nul \x00 inside")
    assert "cannot be kept" in page.main


async def test_too_many_words_are_told_before_handing_in(teacher: PlainBrowser, begun: Shown) -> None:
    page = await teacher.submit(begun, "/texts", text="word " * 501)
    assert "has 501 words, at most 500 are read" in page.main


async def test_a_programme_that_takes_no_generated_work_says_so(teacher: PlainBrowser, world: World) -> None:
    await world.publish(a_specification(ai_use=AiUse.FORBIDDEN), slug="by-hand")
    page = await teacher.submit(await teacher.open("/micro-credentials/by-hand"), "/start")
    page = await teacher.submit(page, "/attestations", own_work="yes", ai_use="used")
    assert "This programme does not take work made with generative AI." in missing(page)


async def test_a_submission_is_withdrawn(begun: Shown, teacher: PlainBrowser) -> None:
    page = await teacher.submit(begun, "/withdrawal")
    assert page.path == "/submissions"
    assert "Withdrawn" in page.main
    assert "Withdrawn" in (await teacher.open(begun.path)).main


async def test_what_came_back_says_what_is_missing_and_can_be_handed_in_again(
    teacher: PlainBrowser, world: World
) -> None:
    submission = await world.submission(await world.publish())
    assessor = await world.act("assessor")
    claimed = await review.claim(world.parts.database, assessor, submission.id)
    note = "The picture cannot be opened.\n\nPlease add it again."
    await world.do(review.return_incomplete, assessor, claimed.id, note=note)
    page = await teacher.open(f"/submissions/{submission.id}")
    assert "What is missing" in page.main
    assert "The picture cannot be opened. Please add it again.".replace(". ", ".") in page.main.replace(". ", ".")
    assert "Something is missing" in page.main
    page = await teacher.submit(page, "/hand-in")
    assert "Waiting for an assessor" in page.main


async def test_not_yet_earned_shows_the_feedback_for_each_criterion_and_begins_the_next_attempt(
    teacher: PlainBrowser, world: World
) -> None:
    submission = await world.submission(await world.publish())
    await world.decide(submission, level="developing")
    page = await teacher.open(f"/submissions/{submission.id}")
    assert "Not Yet Earned" in page.main
    assert "fail" not in page.main.lower()
    assert page.main.count("Show the revision itself.") == 3
    assert page.main.count("Passing is “Demonstrated”") == 3
    page = await teacher.submit(page, "/start")
    assert "Attempt 2" in page.main
    listed = await teacher.open("/submissions")
    assert listed.main.index("Draft") < listed.main.index("Not Yet Earned")


async def test_the_next_attempt_begins_with_what_was_handed_in_and_leads_to_the_feedback(
    teacher: PlainBrowser, world: World, house: Any
) -> None:
    first = await world.submission(await world.publish())
    handed_in = await world.see(evidence.artifacts_of, first.id)
    await world.decide(first, level="developing")
    page = await teacher.submit(await teacher.open(f"/submissions/{first.id}"), "/start")
    assert "Attempt 1: Not Yet Earned" in page.main
    assert page.link("Read the feedback on each criterion") == f"/submissions/{first.id}"
    page = await teacher.submit(page, "/earlier-work")
    assert "It is all here again." in page.main
    assert missing(page) == ["Say that this is your own work."]
    assert not page.has_form("/earlier-work")
    second = page.path.rpartition("/")[2]
    kept = await world.see(evidence.artifacts_of, second)
    assert [(one.requirement, one.digest, one.name) for one in kept] == [
        (one.requirement, one.digest, one.name) for one in handed_in
    ]
    assert not {one.id for one in kept} & {one.id for one in handed_in}
    with pytest.raises(NothingToTakeUp):
        await world.do(evidence.take_up, await world.act("teacher"), second)
    await (await house.signed_in("colleague")).open(page.path, status=404)
    page = await teacher.open(f"/submissions/{first.id}")
    assert page.link("Go on with attempt 2") == f"/submissions/{second}"
    assert not page.has_form("/start")


async def test_what_was_withdrawn_can_be_taken_up_again(teacher: PlainBrowser, begun: Shown, world: World) -> None:
    page = await teacher.submit(begun, "/texts", requirement="context", text="Grade 7, a class of twenty-six.")
    await teacher.submit(page, "/withdrawal")
    world.clock.advance(minutes=1)
    page = await teacher.submit(await teacher.open("/micro-credentials/feedback"), "/start")
    assert "Attempt 1 was withdrawn" in page.main
    page = await teacher.submit(page, "/earlier-work")
    assert "Grade 7, a class of twenty-six." in page.main


async def test_earned_leads_to_the_credential(teacher: PlainBrowser, world: World) -> None:
    submission = await world.submission(await world.publish())
    await world.decide(submission)
    page = await teacher.open(f"/submissions/{submission.id}")
    assert "Your credential is being made" in page.main
    await world.redeem()
    page = await teacher.open(f"/submissions/{submission.id}")
    assert (await teacher.open(page.link("See your credential"))).heading == "Feedback That Moves Work Forward"
    assert "See your credential" in (await teacher.open("/micro-credentials/feedback")).main
    assert "Earned" in (await teacher.open("/catalogue")).main


async def test_what_was_handed_in_cannot_be_changed_by_a_form_that_was_open_before(
    teacher: PlainBrowser, world: World
) -> None:
    submission = await world.submission(await world.publish(), submit=False)
    before = await teacher.open(f"/submissions/{submission.id}")
    await world.do(evidence.submit, await world.act("teacher"), submission.id)
    page = await teacher.submit(before, "/attestations", status=409, own_work=None)
    assert "What was handed in is frozen" in page.main


@pytest.mark.parametrize(
    "address", ["", "/texts", "/links", "/files", "/attestations", "/earlier-work", "/hand-in", "/withdrawal"]
)
async def test_somebody_elses_submission_looks_like_none(address: str, world: World, app: Litestar) -> None:
    submission = await world.submission(await world.publish(), submit=False)
    colleague = browser(app)
    await PlainBrowser(colleague).sign_in(world.addresses["colleague"])
    path = f"/submissions/{submission.id}{address}"
    headers = {"Origin": "http://alder.test", "Accept": "text/html"}
    if not address:
        answer = await colleague.get(path, headers=headers)
    elif address == "/files":
        files = {"file": ("a.png", a_png())}
        answer = await colleague.post(path, data={"requirement": "work"}, files=files, headers=headers)
    else:
        fields = {"requirement": "work", "text": "x", "url": "https://example.org/x", "ai_use": "none"}
        answer = await colleague.post(path, data=fields, headers=headers)
    assert answer.status_code == 404


async def test_only_educators_begin(world: World, house: Any) -> None:
    await world.publish()
    assessor = await house.signed_in("assessor")
    page = await assessor.open("/micro-credentials/feedback")
    assert "Only educators can start it." in page.main
    assert not page.has_form("/start")


async def test_attempts_that_are_used_up_are_said_where_one_wants_to_start(teacher: PlainBrowser, world: World) -> None:
    entry = await world.publish(a_specification(attempts=1))
    await world.decide(await world.submission(entry), level="developing")
    page = await teacher.open("/micro-credentials/feedback")
    page = await teacher.submit(page, "/start", status=409)
    assert "This programme allows 1 attempts, and they are used up." in page.main
