"""A licence over pages: opened by its office, applied for, decided, appealed."""

import json
from typing import Any

import pytest
from builders import World

from credentials.people.model import Role

RULE = {
    "all": [
        {"credential": {"type": "micro_credential"}, "label": "a micro-credential"},
        {"fact": "exam.passed", "op": "==", "value": True, "label": "exam"},
    ]
}


@pytest.fixture
async def office(world: World) -> World:
    for name in ("officer", "chief"):
        await world.join(name, "alder", Role.LICENSING_OFFICER)
    return world


async def a_licence(house: Any, office: World) -> str:
    """Answers its address."""
    officer, chief = await house.signed_in("officer"), await house.signed_in("chief")
    today = office.clock().date().isoformat()
    typed = {"title": "Level two", "slug": "level-two", "effective_from": today, "rule": json.dumps(RULE)}
    page = await officer.submit(
        await officer.open(f"/organisations/{office.organisations['alder'].id}/rules/new"), "/rules/new", **typed
    )
    await chief.submit(await chief.open(page.path), "/approval", board="State Board", decided_on=today)
    page = await officer.open("/licences-office")
    typed = {"title": "Teacher, level two", "slug": "teacher-two", "description": "May teach, and mentor."}
    page = await officer.submit(page, "/licences-office/licences", **typed, term_months="many", status=400)
    assert any("whole number of months" in error for error in page.errors())
    page = await officer.submit(page, "/licences-office/licences", term_months="60", not_waivable="exam")
    assert "It is open for applications." in page.main
    return page.path


async def test_both_sides_see_the_same_reasons_and_the_office_decides(house: Any, office: World, anyone: Any) -> None:
    path = await a_licence(house, office)
    assert "Teacher, level two" in (await anyone.open("/licences")).main
    public = await anyone.open(path)
    assert "Never waived: exam." in public.main
    assert not public.has_form("/applications")
    teacher, officer = await house.signed_in("teacher"), await house.signed_in("officer")
    page = await teacher.submit(await teacher.open(path), "/applications", statement="The exam was in May.")
    at = page.path
    assert "Not met yet" in page.main
    assert "Licence office 1 waits" in (await officer.open("/")).main
    seen = await officer.open((await officer.open("/licences-office")).link("Teacher"))
    assert seen.path == at
    for words in ("The exam was in May.", "The rule is not met: record a waiver or an override first."):
        assert words in seen.main, words
    bad = await officer.submit(seen, "/decision", decision="approve", status=409)
    assert "The rule is not met" in bad.main
    bad = await officer.submit(seen, "/waivers", requirement="a micro-credential", rationale="", status=400)
    assert "rationale" in bad.main
    page = await officer.submit(seen, "/waivers", requirement="a micro-credential", rationale="A degree in it.")
    assert "Waiver of “a micro-credential”" in page.main
    page = await officer.submit(page, "/decision", decision="refuse", reason="The exam is missing.")
    assert "Decided." in page.main
    page = await teacher.open(at)
    for words in ("The exam is missing.", "A degree in it."):
        assert words in page.main, words
    page = await teacher.submit(page, "/appeals", statement="It was sent in June.")
    assert "Your appeal is filed." in page.main
    page = await officer.open(at)
    bad = await officer.submit(page, "/decision", outcome="upheld", reason="Found it.", status=403)
    assert "did not decide the application" in bad.main
    chief = await house.signed_in("chief")
    page = await chief.submit(await chief.open(at), "/decision", outcome="upheld", reason="Found it.")
    page = await chief.submit(
        page, "/overrides", reason="The list of May has it.", evidence="List.", closes="2026-12-31"
    )
    assert "Met by override" in page.main
    page = await chief.submit(page, "/decision", decision="approve")
    assert "Approved" in page.main
    await office.redeem()
    page = await teacher.open(at)
    signed = await teacher.open(page.link("The signed licence"))
    assert "Teacher, level two" in signed.main
    assert "Licence of" in signed.main
    granted = await teacher.open(signed.link("Read what was granted, and by which rule"))
    assert granted.heading == "Teacher, level two"
    await teacher.submit(signed, "/share")
    (shared,) = (await teacher.open(signed.path)).links("http://alder.test/badges/.*")
    public = await anyone.open(shared.removeprefix("http://alder.test"))
    assert public.link("Read what was granted, and by which rule") == granted.path
    assert "Licence, awarded" in (await teacher.open("/credentials")).main


async def test_what_is_returned_is_handed_in_again_or_taken_back(house: Any, office: World) -> None:
    path = await a_licence(house, office)
    teacher, officer = await house.signed_in("teacher"), await house.signed_in("officer")
    page = await teacher.submit(await teacher.open(path), "/applications")
    seen = await officer.open(page.path)
    bad = await officer.submit(seen, "/decision", decision="return", reason="", status=400)
    assert "the educator will read them" in bad.main
    await officer.submit(seen, "/decision", decision="return", reason="Send the letter.")
    page = await teacher.submit(await teacher.open(page.path), "/resubmission", statement="Here it is.")
    assert "Handed in." in page.main
    page = await teacher.submit(page, "/withdrawal")
    assert "Your application is taken back." in page.main
    await (await house.signed_in("colleague")).open(seen.path, status=404)
