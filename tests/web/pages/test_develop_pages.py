"""The developer's desk: from a title to a published micro-credential, and back."""

from typing import Any

import msgspec
import pytest
from builders import FRAMEWORK, World, a_specification
from plain_browser import PlainBrowser, Shown

from credentials.catalog import service as catalog
from credentials.catalog.model import Specification, Stage


@pytest.fixture
async def developer(house: Any) -> PlainBrowser:
    return await house.signed_in("developer")


@pytest.fixture
async def draft(developer: PlainBrowser, world: World) -> Shown:
    """The page of a draft that has nothing but its title."""
    await world.do(catalog.add_framework, await world.act("developer"), world.organisations["alder"].id, FRAMEWORK)
    page = await developer.open("/develop/new")
    return await developer.submit(page, "/develop/new", title="Asking Better Questions", slug="questions")


def whole(**changed: Any) -> dict[str, str]:
    """The fields of a specification that passes every gate."""
    specification = a_specification(title="Asking Better Questions", **changed)

    def as_json(part: Any) -> str:
        return msgspec.json.encode(part).decode()

    return {
        "title": specification.title,
        "summary": specification.summary,
        "competency": specification.competencies[0],
        "key_method": as_json(specification.key_method),
        "evidence": as_json(specification.evidence),
        "rubric": as_json(specification.rubric),
        "licence": "CC BY 4.0",
        "effort_hours": "6.5",
        "attempts": "",
        "validity_months": "36",
        "ai_use": "forbidden",
        "tags": "questioning, talk",
        "prerequisites": "One\nTwo",
    }


async def version_at(world: World, path: str) -> Specification:
    version = await world.see(catalog.version, path.rpartition("/")[2])
    return version.specification


async def test_the_desk_lists_versions_with_their_stage(developer: PlainBrowser, world: World) -> None:
    assert "Nothing written so far" in (await developer.open("/develop")).main
    await world.publish()
    page = await developer.open("/develop")
    assert "Feedback That Moves Work Forward 1 Published Alder Department of Education" in page.main


async def test_the_desk_is_for_developers(house: Any) -> None:
    teacher = await house.signed_in("teacher")
    for path in ("/develop", "/develop/new", "/develop/stacks/new"):
        assert "for catalogue developers" in (await teacher.open(path, status=403)).main


async def test_a_draft_begins_with_a_title_and_says_which_gates_are_shut(draft: Shown) -> None:
    assert draft.heading == "Asking Better Questions"
    assert "Name exactly one competency: there are 0." in draft.main
    assert "Cite at least one piece of research behind the key method." in draft.main
    assert "Write a rubric with at least one criterion." in draft.main


async def test_a_short_name_that_is_taken_or_malformed_is_refused_at_its_field(
    draft: Shown, developer: PlainBrowser
) -> None:
    page = await developer.open("/develop/new")
    taken = await developer.submit(page, "/develop/new", status=409, title="Again", slug="questions")
    assert taken.errors() == ["The short name questions is in use: choose another."]
    assert taken.value("new-title") == "Again"
    bad = await developer.submit(page, "/develop/new", status=400, title="Again", slug="No Spaces")
    assert bad.errors()[0].startswith("A short name is made of small letters")


async def test_every_member_of_a_specification_is_edited(draft: Shown, developer: PlainBrowser, world: World) -> None:
    page = await developer.submit(draft, draft.path, **whole(), alignments=[FRAMEWORK.items[1].identifier])
    assert "The draft is saved." in page.main
    assert "All open: it can be published." in page.main
    saved = await version_at(world, draft.path)
    assert saved == a_specification(
        title="Asking Better Questions",
        effort_hours=6.5,
        validity_months=36,
        ai_use="forbidden",
        tags=("questioning", "talk"),
        prerequisites=("One", "Two"),
    )
    again = await developer.submit(page, draft.path)
    assert "The draft is saved." in again.main
    assert await version_at(world, draft.path) == saved


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        pytest.param("rubric", '{"criteria": [', "This cannot be read: Input data was truncated", id="half a JSON"),
        pytest.param(
            "rubric",
            '{"criteria": [{"id": "a", "title": "A", "evidence": [], "passingLevel": "b", "levels": [{"id": 1}]}]}',
            "`$.criteria[0].levels[0].id`",
            id="a wrong type, with its place",
        ),
        pytest.param("evidence", '[{"id": "Not a key"}]', "`$[0].id`", id="a malformed key, with its place"),
        pytest.param("key_method", '{"name": "x", "colour": "red"}', "unknown field `colour`", id="a member too many"),
        pytest.param("effort_hours", "many", "Write a number, or leave it empty", id="no number"),
        pytest.param("attempts", "2.5", "This cannot be read", id="half an attempt"),
    ],
)
async def test_what_cannot_be_read_is_said_at_its_field_and_nothing_that_was_typed_is_lost(
    field: str, typed: str, error: str, draft: Shown, developer: PlainBrowser
) -> None:
    page = await developer.submit(draft, draft.path, status=400, **{**whole(), field: typed})
    assert page.title.startswith("Error: ")
    assert len(page.errors()) == 1
    assert error in page.errors()[0]
    assert page.value(f"edit-{field}").strip() == typed
    assert page.value("edit-summary").strip() == "Gives feedback that leads to a visible revision."
    assert page.links(f"#edit-{field}") == [f"#edit-{field}"]


async def test_a_gate_that_is_shut_keeps_a_draft_from_review(draft: Shown, developer: PlainBrowser) -> None:
    page = await developer.submit(draft, "/review", status=400)
    assert "name exactly one competency: there are 0" in page.main
    assert "Draft" in page.main


async def test_somebody_else_publishes_what_one_has_written(
    draft: Shown, developer: PlainBrowser, house: Any, anyone: PlainBrowser
) -> None:
    page = await developer.submit(draft, draft.path, **whole())
    page = await developer.submit(page, "/review")
    assert "You wrote it, so a colleague must publish it." in page.main
    assert not page.has_form("/publication")
    publisher = await house.signed_in("publisher")
    page = await publisher.open(draft.path)
    page = await publisher.submit(page, "/return", reason="Say more about the recording.")
    assert "Returned to its author." in page.main
    await developer.submit(await developer.open(draft.path), "/review")
    page = await publisher.submit(await publisher.open(draft.path), "/publication")
    assert "Published. Educators can start it from now on." in page.main
    assert (await anyone.open("/micro-credentials/questions")).heading == "Asking Better Questions"


async def test_the_next_version_begins_from_the_last_and_one_is_written_at_a_time(
    developer: PlainBrowser, world: World
) -> None:
    entry = await world.publish()
    page = await developer.submit(await developer.open(f"/develop/{entry.version.id}"), "/next")
    assert "Version 2 of Alder" in page.main
    assert page.value("edit-title") == "Feedback That Moves Work Forward"
    old = await developer.open(f"/develop/{entry.version.id}")
    assert "The next version is being written." in old.main
    assert not old.has_form("/next")


async def test_a_version_is_retired_with_a_reason(developer: PlainBrowser, world: World) -> None:
    entry = await world.publish()
    page = await developer.submit(
        await developer.open(f"/develop/{entry.version.id}"), "/retirement", reason="Replaced."
    )
    assert "Retired." in page.main
    assert (await world.see(catalog.version, entry.version.id)).stage is Stage.RETIRED


async def test_an_edit_in_another_window_is_not_overwritten(draft: Shown, developer: PlainBrowser) -> None:
    await developer.submit(draft, draft.path, title="First")
    page = await developer.submit(draft, draft.path, status=412, title="Second")
    assert "This version was changed meanwhile" in page.main
    assert page.value("edit-title") == "Second"
    assert (await developer.submit(page, draft.path)).heading == "Second"


async def test_a_version_of_another_organisation_looks_like_none(draft: Shown, house: Any) -> None:
    teacher = await house.signed_in("teacher")
    await teacher.open(draft.path, status=404)


async def test_a_stack_is_begun_by_one_and_published_by_another(
    developer: PlainBrowser, world: World, house: Any, anyone: PlainBrowser
) -> None:
    first = await world.publish()
    second = await world.publish(a_specification(title="Conferring for Agency"), slug="conferring")
    page = await developer.open("/develop/stacks/new")
    few = await developer.submit(
        page,
        "/stacks/new",
        status=400,
        title="Assessment",
        slug="assessment",
        description="Two.",
        members=[first.micro_credential.id],
    )
    assert few.errors() == ["Choose at least two."]
    assert few.value("stack-title") == "Assessment"
    assert few.value("stack-when-expired") == "suspended"
    members = [first.micro_credential.id, second.micro_credential.id]
    page = await developer.submit(few, "/stacks/new", members=members, **{"when-expired": "stays"})
    assert "This is a draft" in page.main
    assert "If one is suspended, the credential of the stack is suspended until" in page.main
    assert "If one runs out, the credential of the stack stays valid" in page.main
    assert not page.has_form("/publication")
    assert "Assessment" in (await developer.open("/develop")).main
    publisher = await house.signed_in("publisher")
    done = await publisher.submit(await publisher.open(page.path), "/publication")
    assert "The stack is published." in done.main
    assert "Assessment" in (await anyone.open("/stacks")).main
