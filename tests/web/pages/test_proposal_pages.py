"""A teacher's proposal and its committee, in a browser without JavaScript."""

from typing import Any

import msgspec
from builders import FRAMEWORK, World, a_specification

from credentials.catalog import service as catalog


def whole() -> dict[str, str]:
    """The fields of a specification that passes every gate."""
    made = a_specification(title="Talk Moves That Let Pupils Lead")
    parts = {name: msgspec.json.encode(getattr(made, name)).decode() for name in ("key_method", "evidence", "rubric")}
    return {
        "title": made.title,
        "summary": made.summary,
        "competency": made.competencies[0],
        "licence": "CC BY 4.0",
        "authors": "T. of Heron School\nRoom 12",
        **parts,
    }


async def test_a_teacher_proposes_a_committee_votes_and_the_catalogue_credits_the_author(
    world: World, house: Any
) -> None:
    await world.do(catalog.add_framework, await world.act("developer"), world.organisations["alder"].id, FRAMEWORK)
    teacher = await house.signed_in("teacher")
    assert (await teacher.open("/catalogue")).link("Propose a micro-credential of your own") == "/proposals"
    assert "No proposals" in (await teacher.open("/proposals")).main
    page = await teacher.open("/proposals/new")
    refused = await teacher.submit(page, "/proposals/new", status=400, title="Talk", slug="Not Short")
    assert any("small letters" in error.lower() for error in refused.errors())
    page = await teacher.submit(page, "/proposals/new", title="Talk moves", slug="talk-moves")
    at = page.path
    assert "Name exactly one competency: there are 0." in page.main
    refused = await teacher.submit(page, "/review", status=400)
    assert "cannot be published yet" in refused.main or "exactly one competency" in refused.main.lower()
    page = await teacher.submit(page, at, **whole())
    assert page.value("edit-authors").strip().split("\n") == ["T. of Heron School", "Room 12"]
    page = await teacher.submit(page, "/review")
    assert "Before a committee" in page.main
    assert not page.has_form("/votes")

    developer = await house.signed_in("developer")
    assert "Proposals of teachers" in (await developer.open("/develop")).main
    page = await developer.open(at)
    unknown = await developer.submit(page, "/committee", status=400, members="nobody@alder.example")
    assert "nobody here has the address nobody@alder.example" in unknown.main.lower()
    members = "\n".join(world.addresses[one] for one in ("assessor", "second", "leader"))
    page = await developer.submit(page, "/committee", members=members)
    assert "0 of 3 have voted" in page.main
    assert not page.has_form("/votes")

    assessor = await house.signed_in("assessor")
    page = await assessor.open((await assessor.open("/proposals")).link("Talk Moves That Let Pupils Lead"))
    blank = await assessor.submit(page, "/votes", status=400, reason="", choice="approve")
    assert blank.errors() == ["Fill this in."]
    page = await assessor.submit(page, "/votes", reason="We need this.", choice="approve")
    assert "1 of 3 have voted" in page.main
    leader = await house.signed_in("leader")
    page = await leader.submit(await leader.open(at), "/votes", reason="So do I think.", choice="approve")
    assert "Approved" in page.main

    page = await teacher.open(at)
    assert "We need this." in page.main
    assert "Assessor" not in page.main
    shown = await teacher.open(page.link("See it in the catalogue"))
    assert "Written by T. of Heron School, Room 12" in shown.main
