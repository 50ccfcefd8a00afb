"""The same journey in a browser without JavaScript, in process, on both databases."""

import pytest
from builders import World, a_png, browser, served
from litestar import Litestar
from plain_browser import PlainBrowser

from credentials.issuing import service as issuing
from credentials.web.parts import Parts


@pytest.fixture
def app(parts: Parts) -> Litestar:
    return served(parts)


async def test_from_evidence_to_a_badge_that_a_stranger_verifies(world: World, app: Litestar) -> None:
    """An educator hands in, is sent back, hands in again, earns; a stranger verifies what they share."""
    await world.publish()
    educator, assessor, stranger = (PlainBrowser(browser(app)) for _ in range(3))

    await educator.sign_in(world.addresses["teacher"])
    page = await educator.submit(await educator.open("/micro-credentials/feedback"), "/start")
    address = page.path
    page = await educator.submit(page, "/texts", text="Grade 7, twenty-six learners.")
    page = await educator.submit(page, "/files", files={"file": ("work.png", a_png())}, shows_students="yes")
    page = await educator.submit(page, "/texts", text="I would ask one question only.")
    page = await educator.submit(page, "/attestations", own_work="yes", student_consent="yes")
    page = await educator.submit(page, "/hand-in")
    assert "Waiting for an assessor" in page.main

    await assessor.sign_in(world.addresses["assessor"])
    page = await assessor.submit(await assessor.open("/review"), "/review/claims")
    page = await assessor.submit(page, "/completeness")
    for criterion in ("specificity", "uptake", "reflection"):
        page = await assessor.submit(page, f"/scores/{criterion}", level="extending", feedback="Clear throughout.")
    page = await assessor.submit(await assessor.open(page.link("Go on to the decision")), "/decision")
    assert "Decided." in page.main

    await world.redeem()
    await issuing.publish_due_lists(world.parts.office, world.clock())
    page = await educator.open(address)
    assert page.main.count("Clear throughout.") == 3
    credential = await educator.open(page.link("See your credential"))
    badge = (await educator.client.get(credential.link("Picture (PNG)"))).content
    page = await educator.submit(credential, "/share")
    (link,) = page.links("http://alder.test/badges/.*")

    page = await stranger.submit(await stranger.open("/verify"), "/verify", files={"file": ("badge.png", badge)})
    assert "Genuine and in force" in page.main
    assert "Issued by Alder Department of Education, recognised here" in page.main
    assert "Genuine and in force" in (await stranger.open(link)).main


HOSTILE = (
    "/micro-credentials/%00",
    "/micro-credentials/" + "x" * 4_000,
    "/achievements/%F0%9F%A6%89",
    "/achievements/'%3B--",
    "/stacks/..%2F..%2Fetc",
    "/badges/%00",
    "/organisations/" + "9" * 300,
    "/submissions/%00",
    "/problems/%3Cscript%3E",
)


async def test_no_address_is_answered_with_a_fault_of_ours(world: World, app: Litestar) -> None:
    someone = PlainBrowser(browser(app))
    for path in HOSTILE:
        assert (await someone.open(path, status=404)).heading == "There is nothing here"
    for path in ("/catalogue?cursor=%FF", "/catalogue?words=" + "x" * 300, "/stacks?cursor=W10"):
        await someone.open(path, status=400)
    assert "Nothing found" in (await someone.open("/catalogue?words=%25%5F%27%22")).main
