"""A rule over pages, from its draft to its approval and trial; what offices record; and where somebody stands."""

import json
from datetime import timedelta
from typing import Any

import pytest
from builders import World
from plain_browser import read

from credentials.people.model import Role

RULE = {
    "all": [
        {
            "label": "twelve points",
            "text": "Twelve points, of which six in assessment.",
            "source": "Renewal rules, section 2",
            "sum": {
                "unit": "point",
                "min": 12,
                "rates": [
                    {"match": {"type": "micro_credential"}, "value": 6, "per": "item"},
                    {"match": {"type": "pd_hours"}, "value": 1, "cap": 4},
                ],
                "categories": [{"tag": "assessment", "min": 6}],
            },
        },
        {"fact": "experience.years", "op": ">=", "value": 3, "label": "experience"},
    ]
}


@pytest.fixture
async def office(world: World) -> World:
    for name in ("officer", "chief"):
        await world.join(name, "alder", Role.LICENSING_OFFICER)
    return world


async def a_rule(house: Any, office: World, rule: Any = RULE, slug: str = "renewal", title: str = "Renewal") -> str:
    """Drafted by the officer and approved by the chief; in force today. Answers its address."""
    officer, chief = await house.signed_in("officer"), await house.signed_in("chief")
    today = office.clock().date().isoformat()
    page = await officer.open("/rules-office")
    page = await officer.open(page.link("Draft a rule"))
    typed = {"title": title, "slug": slug, "modelled_on": "a law of another state", "effective_from": today}
    page = await officer.submit(page, "/rules/new", **typed, rule='{"all": [{"sum": {}}]}', status=400)
    assert any("/all/0/sum/min" in error for error in page.errors()), page.errors()
    page = await officer.submit(page, "/rules/new", rule=json.dumps(rule))
    assert "Somebody who did not write this version must record its approval." in page.main
    page = await chief.open(page.path)
    page = await chief.submit(page, "/approval", board="State Board", decided_on=today)
    assert "The approval is recorded." in page.main
    return page.path


async def test_the_public_reads_a_rule_once_it_is_approved(house: Any, office: World, anyone: Any) -> None:
    await anyone.open("/rules/renewal", status=404)
    path = await a_rule(house, office)
    assert "Renewal" in (await anyone.open("/rules")).main
    page = await anyone.open(path)
    for words in (
        "In force",
        "Modelled on a law of another state",
        "Approved by State Board",
        "Twelve points, of which six in assessment.",
        "Renewal rules, section 2",
        "At least 6 marked assessment",
    ):
        assert words in page.main, words
    assert not page.has_form("/end")


async def test_an_educator_sees_what_counts_what_does_not_and_the_nearest_way(house: Any, office: World) -> None:
    path = await a_rule(house, office)
    await office.decide(await office.submission(await office.publish()))
    await office.redeem()
    me = office.people["teacher"].id
    officer, teacher = await house.signed_in("officer"), await house.signed_in("teacher")
    page = await officer.open(f"/educators/{me}/record")
    hours = {"title": "Reading course", "type": "pd_hours", "qty": "many", "evidence": "certificate"}
    page = await officer.submit(page, "/items", **hours, earned="2026-03-01", status=400)
    assert page.errors(), "the quantity is no number"
    page = await officer.submit(page, "/items", qty="10")
    assert "It is on record." in page.main
    page = await officer.submit(page, "/facts", path="experience.years", value="2", evidence="letter of the district")
    assert "letter of the district" in page.main

    page = await teacher.open("/standing")
    assert "Renewal" in page.main
    assert "Not met yet" in page.main
    assert "Nearest step:" in page.main
    page = await teacher.open(page.link("Renewal"))
    for words in (
        "10 of 12 points",
        "assessment: 6 of 6",
        "Feedback That Moves Work Forward",
        "“Reading course” counts in part or not at all: 10 are offered, and at most 4 of this kind count.",
        "Asked is that experience years is at least 3; recorded is 2.",
        "Twelve points, of which six in assessment.",
        "Renewal rules, section 2",
    ):
        assert words in page.main, words
    standing = page.path
    office.clock.advance(days=2)
    officer, teacher = await house.signed_in("officer"), await house.signed_in("teacher")
    page = await officer.open(f"/educators/{me}/record")
    await officer.submit(page, "/facts", path="experience.years", value="3", evidence="another letter")
    assert "1 of 2 parts met" in (await officer.open(f"/standing?educator={me}")).main
    yesterday = (office.clock().date() - timedelta(days=1)).isoformat()
    page = await teacher.open(f"{standing}?as_of={yesterday}&knowing=then")
    assert "As of" in page.main
    assert "recorded is 2" in page.main
    tomorrow = (office.clock().date() + timedelta(days=1)).isoformat()
    page = await teacher.open(f"/standing?as_of={tomorrow}", status=400)
    assert "choose today or a day before" in page.main.lower()
    trial = await officer.open((await officer.open(path)).link("Try version 1 on everybody"))
    assert "2 educators judged" in trial.main


async def test_what_is_on_record_is_withdrawn_with_a_reason_and_only_by_its_office(house: Any, office: World) -> None:
    me = office.people["teacher"].id
    officer, teacher, stranger = [await house.signed_in(name) for name in ("officer", "teacher", "colleague")]
    page = await officer.open(f"/educators/{me}/record")
    page = await officer.submit(page, "/facts", path="experience.years", value="3", evidence="letter")
    page = await officer.submit(page, "/withdrawal", reason="a mistake")
    assert "a mistake" in page.main
    mine = await teacher.open("/standing/record")
    assert "a mistake" in mine.main
    assert not mine.has_form("/facts")
    await stranger.open(f"/educators/{me}/record", status=404)
    await stranger.open(f"/standing?educator={me}", status=404)
    await stranger.open("/educators", status=404)
    assert office.people["teacher"].name in (await officer.open("/educators")).main
    assert (await officer.open("/educators?words=teach")).links(r"/standing\?educator=.*") == [
        f"/standing?educator={me}"
    ]
    assert "Nobody found" in (await officer.open("/educators?words=nobody")).main


async def test_a_draft_is_changed_dropped_and_a_version_ended_over_pages(house: Any, office: World) -> None:
    path = await a_rule(house, office)
    officer, chief = await house.signed_in("officer"), await house.signed_in("chief")
    later = (office.clock().date() + timedelta(days=30)).isoformat()
    page = await officer.submit(await officer.open(path), "/versions", name="second", effective_from=later)
    assert "Version 2: second" in page.main
    page = await officer.submit(page, "/versions", name="third try", effective_from=later)
    assert "Version 2: third try" in page.main
    page = await officer.submit(page, "/drop")
    assert "thrown away" in page.main
    page = await chief.submit(await chief.open(path), "/end", on=later)
    assert "The last day is set." in page.main
    teacher = await house.signed_in("teacher")
    assert "Draft it" not in (await teacher.open(path)).main


async def test_a_badge_of_elsewhere_that_is_refused_is_said_so_with_every_reason(house: Any, office: World) -> None:
    teacher = await house.signed_in("teacher")
    page = await teacher.open("/standing/record")
    page = await teacher.submit(page, "/outside-credentials", text='{"type": "OpenBadgeCredential"}', status=400)
    assert "it does not hold" in page.main, page.main
    page = await teacher.submit(page, "/outside-credentials", text="", status=400)
    assert "Send the credential as it is" in page.main, page.main
    assert "No item is on record." in page.main


async def test_two_rules_that_count_nothing_twice_are_shown_together(house: Any, office: World) -> None:
    once = {"credential": {"type": "micro_credential", "unused": True}}
    await a_rule(house, office, once, "first", "The first one")
    await a_rule(house, office, once, "second", "The second one")
    teacher = await house.signed_in("teacher")
    assert "Together" not in (await teacher.open("/standing")).main
    await office.decide(await office.submission(await office.publish()))
    await office.redeem()
    page = await teacher.open("/standing")
    assert "Together" in page.main
    rows = [read(row) for row in page.document.iter("tr")]
    assert [row for row in rows if row.startswith("The first one")] == [
        "The first one Met Met Feedback That Moves Work Forward"
    ]
    assert any(row.startswith("The second one Met Not met yet Nearest step then: 1 more") for row in rows), rows
    answer = await teacher.client.get("/api/v1/standings")
    assert [(one["alone"], one["verdict"]) for one in answer.json()["together"]] == [("met", "met"), ("met", "not_met")]
