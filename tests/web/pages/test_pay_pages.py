"""Pay, as a teacher, an officer, a clerk and everybody see it."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from builders import World
from litestar import Litestar
from payroll import PayOffice
from plain_browser import ORIGIN, PlainBrowser, Shown, read

from credentials.web.pages.compensation.rules import EXAMPLES, terms_text


@pytest.fixture
async def office(app: Litestar, world: World) -> PayOffice:
    return await PayOffice(app, world).found()


async def press(browser: PlainBrowser, page: Shown, action: str, **pressed: str) -> Shown:
    """Send a form as it stands, by one of its named buttons."""
    names = {button.get("name"): button.get("value") for button in page.form(action).iter("button")}
    assert set(pressed) <= set(names), names
    values = {**dict(page.form(action).form_values()), **pressed}
    await browser.client.post(action, data=values, headers={"Origin": ORIGIN})
    return await browser.open(page.path if "/plans/" in action else page.path.rpartition("/claims/")[0])


async def a_rule(house: Any, office: PayOffice, terms: str | None = None, kind: str = "stipend") -> str:
    """A rule that the officer drafted and an administrator approved, over pages; in force since this morning."""
    officer, admin = await house.signed_in("officer"), await house.signed_in("admin")
    at = f"/organisations/{office.district}/pay/rules/new"
    page = await officer.open(at)
    typed = {"title": "Stipend for practice", "slug": "practice", "kind": kind}
    page = await officer.submit(page, at, **typed, terms=terms or page.value("rule-terms"))
    assert "The draft is saved." in page.main
    page = await admin.open(page.path)
    approved = {
        "board_body": "Board",
        "board_on": "2026-08-20",
        "board_reference": "minutes 7",
        "without": "No unit here.",
    }
    page = await admin.submit(page, "/approval", **approved, effective_from="2026-09-02")
    assert "The approval is recorded." in page.main
    office.world.clock.advance(days=1)
    return page.path


def paid_so_far(page: Shown) -> list[str]:
    """What My pay says of each claim, newest first."""
    return [read(cell) for cell in page.document.iter("td") if cell.get("data-label") == "Paid so far"]


async def test_from_a_rule_to_a_pay_run_over_pages(house: Any, office: PayOffice) -> None:
    rule_page = await a_rule(house, office)
    award = await office.award("teacher", "Feedback =That= Moves Work")
    await office.publish_lists()
    teacher = await house.signed_in("teacher")
    page = await teacher.open("/pay")
    assert "Worth $150 once" in page.main, page.main
    page = await teacher.submit(page, "/pay/claims", rule=rule_page.rpartition("/")[2], award=award.id)
    assert "Waiting for the office" in page.main
    assert paid_so_far(page) == ["nothing yet"]
    officer = await house.signed_in("officer")
    assert "Pay office 1 waits" in (await officer.open("/")).main
    queue = await officer.open(f"/organisations/{office.district}/pay")
    assert "Claims to decide (1)" in queue.main
    page = await officer.open(queue.link("Feedback =That= Moves Work"))
    assert "Verified when it was claimed: accept." in page.main
    page = await press(officer, page, page.path, decision="approve")
    assert "What the rule gives stands in the ledger" in page.main
    clerk = await house.signed_in("clerk")
    page = await clerk.open(f"/organisations/{office.district}/pay")
    page = await clerk.submit(page, "/periods", year="2026", month="7")
    assert "The pay periods are set." in page.main
    office.world.clock.advance(days=160)
    clerk = await house.signed_in("clerk")
    page = await clerk.open(page.link("2026-27/07"))
    assert "1 payment, $150 in all." in page.main
    page = await clerk.submit(page, page.path)
    assert "downloading them again pays nothing" in page.main
    answer = await clerk.client.get(page.link("CSV"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["name"], row["amount"], row["title"]) for row in rows] == [
        ("Teacher", "150.00", "Feedback =That= Moves Work")
    ]
    teacher = await house.signed_in("teacher")
    page = await teacher.open("/pay")
    assert "Approved" in page.main
    assert paid_so_far(page) == ["$150"]


async def test_an_officer_decides_a_case_with_a_reason(house: Any, office: PayOffice) -> None:
    rule_page = await a_rule(house, office)
    award = await office.award("teacher", "Practice")
    claim = await office.claim("teacher", {"id": rule_page.rpartition("/")[2]}, award)
    await office.approve_claim(claim)
    await office.revoke(award)
    officer = await house.signed_in("officer")
    page = await officer.open(f"/organisations/{office.district}/pay")
    assert "Nothing is taken back by itself." in page.main
    page = await officer.open(page.link("Practice, of Teacher"))
    page = await officer.submit(page, page.path, outcome="end", reason="", status=400)
    assert "That did not work yet" in page.main
    page = await officer.submit(page, page.path, outcome="end", reason="the work was copied")
    assert "The case is closed." in page.main
    teacher = await house.signed_in("teacher")
    assert "the work was copied" in (await teacher.open("/pay")).main


async def test_a_rule_is_everybodys_to_read_in_plain_words_and_its_draft_is_the_offices(
    house: Any, office: PayOffice, anyone: PlainBrowser
) -> None:
    rule_page = await a_rule(house, office)
    page = await anyone.open(rule_page)
    assert "Each micro-credential pays $150, once." in page.main
    assert "At most $500 for each person in a school year" in page.main
    officer = await house.signed_in("officer")
    shown = await officer.open(rule_page)
    changed = terms_text({**EXAMPLES["stipend"], "amountCents": 17_500})
    await officer.submit(shown, "/versions", terms=changed)
    assert "$175" not in (await anyone.open(rule_page)).main
    assert "Each micro-credential pays $175, once." in (await officer.open(rule_page)).main


async def test_mistakes_in_a_rule_are_named_with_their_place(house: Any, office: PayOffice) -> None:
    officer = await house.signed_in("officer")
    at = f"/organisations/{office.district}/pay/rules/new"
    page = await officer.open(at)
    for terms, said in (
        ('{"words": "x", "caps": {"count": 0}}', "/caps/count"),
        ('{"words": "x"', "the document"),
        ('{"words": "x", "conversion": {"hours": 1, "hoursPerCredit": 1, "rounding": "up"}}', "/amountCents"),
        ('{"words": "x", "amountCents": 1.5}', "/amountCents"),
    ):
        refused = await officer.submit(page, at, title="Rule", slug="rule", kind="stipend", terms=terms, status=400)
        assert said in refused.main, refused.main
        assert refused.value("rule-terms").strip() == terms


async def test_positions_plans_and_the_forecast_have_their_pages(house: Any, office: PayOffice) -> None:
    entry = await office.world.publish()
    terms = terms_text(
        {**EXAMPLES["hours_to_credits"], "ladder": [{"lane": "BA", "to": "MA", "creditHundredths": 3600}]}
    )
    await a_rule(house, office, terms, "hours_to_credits")
    officer, teacher = await house.signed_in("officer"), await house.signed_in("teacher")
    base = f"/organisations/{office.district}/pay"
    page = await officer.open(f"{base}/people")
    placed = {"educator": office.person("teacher"), "position": "teacher", "lane": "BA", "credits": "35"}
    assert "Teacher not recorded yet" in page.main
    refused = await officer.submit(page, "/people", **{**placed, "credits": "3.5"}, status=400)
    assert refused.errors() == ["Write whole credits, such as 12: parts of one are counted from awards."]
    assert refused.value("place-credits") == "3.5"
    page = await officer.submit(page, "/people", **placed)
    assert "Recorded." in page.main
    assert "Teacher teacher – BA –" in (await officer.open(f"{base}/people?words=TEACH")).main
    assert "No educator here has all of these words" in (await officer.open(f"{base}/people?words=nobody")).main
    page = await teacher.submit(await teacher.open("/pay"), "/pay/plans", achievement=entry.micro_credential.id)
    assert "Your plan is with the office." in page.main
    page = await officer.open(base)
    (action,) = [form.get("action") for form in page.document.forms if "/plans/" in form.get("action")]
    page = await press(officer, page, action, decision="approve")
    assert "The plan is decided." in page.main
    office.world.clock.advance(days=3)
    teacher = await house.signed_in("teacher")
    await office.award("teacher", "Feedback", achievement_id=entry.micro_credential.id)
    assert "From lane BA to MA" in (await teacher.open("/pay")).main
    officer = await house.signed_in("officer")
    assert "as an estimate" in (await officer.open(f"{base}/forecast")).main


async def test_pay_pages_are_shut_to_others(house: Any, office: PayOffice, anyone: PlainBrowser) -> None:
    await a_rule(house, office)
    periods = await office.calendar(2026)
    teacher = await house.signed_in("teacher")
    base = f"/organisations/{office.district}/pay"
    for path in (base, f"{base}/people", f"{base}/forecast", f"{base}/periods/{periods[0]['id']}", f"{base}/rules/new"):
        assert (await teacher.client.get(path)).status_code == 404
        assert (await anyone.client.get(path, follow_redirects=False)).status_code in {303, 404}
    office.world.clock.advance(days=timedelta(days=40).days)
    officer = await house.signed_in("officer")
    page = await officer.open(f"{base}/periods/{periods[0]['id']}")
    assert "A payroll clerk exports it." in page.main
    refused = await officer.client.post(f"{base}/periods/{periods[0]['id']}", headers={"Origin": "http://alder.test"})
    assert refused.status_code == 403
