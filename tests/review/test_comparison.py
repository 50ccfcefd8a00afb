"""Common tasks: work that was decided in one district is scored again by another, blind, and the two are compared."""

from datetime import UTC, datetime
from typing import Any

import pytest
from builders import a_criterion
from hypothesis import given
from hypothesis import strategies as st
from scene import LEVELS, Scene

from credentials.catalog.model import Rubric
from credentials.evidence.model import Attestations, Stage, Submission
from credentials.people import service as people
from credentials.people.model import OrganisationKind, Role
from credentials.review import comparing
from credentials.review.model import ConflictKind, Difference, Rescored, Standing


def work(of: str, educator: str, **changed: Any) -> Submission:
    at = datetime(2026, 9, 1, tzinfo=UTC)
    return Submission(
        id=of,
        educator_id=educator,
        version_id="v",
        micro_credential_id="m",
        organisation_id="o",
        attempt_no=1,
        stage=Stage.EARNED,
        attestations=Attestations(),
        created_at=at,
        **changed,
    )


def test_works_are_shared_out_evenly_in_turn_and_nobody_is_given_what_they_must_not_score() -> None:
    works = [work(f"w{place}", f"e{place}") for place in range(6)]
    readers = [Standing(person_id="a"), Standing(person_id="b", related={"e0": ConflictKind.COACH})]
    shared = comparing.shared_out(works, readers, {("a", "e1")}, {("a", "e2")}, 5)
    assert [(one.id, who) for one, who in shared] == [("w0", "a"), ("w1", "b"), ("w2", "b"), ("w3", "a"), ("w4", "a")]
    asked = [work("w", "e", calibration="key")]
    assert comparing.shared_out(asked, readers, (), (), 1) == []
    assert comparing.shared_out(asked, [Standing(person_id="c", qualified=frozenset({"key"}))], (), (), 1)


@given(st.sets(st.text("abc", min_size=1), min_size=2), st.text("01", min_size=1))
def test_a_seed_draws_the_same_order_again_whatever_the_order_was(ids: set[str], seed: str) -> None:
    assert comparing.in_turn(seed, sorted(ids)) == comparing.in_turn(seed, sorted(ids, reverse=True))


@pytest.mark.parametrize(
    ("apart", "told"),
    [
        ([1] * 19, Difference(n=19)),
        ([0] * 20, Difference(n=20, mean=0.0, low=0.0, high=0.0)),
        ([-1] * 20, Difference(n=20, mean=-1.0, low=-1.0, high=-1.0, alert=True)),
    ],
)
def test_a_difference_has_two_bounds_and_nothing_is_told_of_fewer_than_twenty(
    apart: list[int], told: Difference
) -> None:
    assert comparing.difference(apart) == told


def test_bounds_are_those_of_the_mean() -> None:
    """Ten of −1 and ten of 0: mean −0.5, standard deviation 0.5130, its error 0.1147."""
    told = comparing.difference([-1, 0] * 10)
    assert (told.mean, told.alert) == (-0.5, True)
    assert told.low == pytest.approx(-0.7248, abs=1e-4)
    assert told.high == pytest.approx(-0.2752, abs=1e-4)
    assert not comparing.difference([1, -1] * 10).alert


def test_a_table_is_told_by_criterion_and_over_all_with_the_home_first() -> None:
    rubric = Rubric(criteria=(a_criterion("clarity", "e"), a_criterion("depth", "e")))
    common = {"micro_credential_id": "m", "version_id": "v", "home_id": "h", "guest_id": "g"}
    found = [
        Rescored(**common, criterion="clarity", home="demonstrated", guest="developing"),
        Rescored(**common, criterion="depth", home="developing", guest="developing"),
        Rescored(**common, criterion="gone", home="developing", guest="developing"),
    ]
    assert comparing.tables(found, {"v": rubric}) == {
        ("m", "h", "g", ""): ([(2, 1), (1, 1)], 4),
        ("m", "h", "g", "clarity"): ([(2, 1)], 4),
        ("m", "h", "g", "depth"): ([(1, 1)], 4),
    }


async def test_a_sample_of_one_district_is_scored_by_another_without_names_or_decisions_and_compared(
    scene: Scene,
) -> None:
    world = scene.world
    made = await world.do(
        people.found_organisation,
        await world.act("admin"),
        kind=OrganisationKind.DISTRICT,
        slug="otter-bay",
        name="Otter Bay",
        parent_id=world.organisations["alder"].id,
    )
    world.organisations["otter-bay"] = made
    await world.join("guest", "otter-bay", Role.ASSESSOR)
    home = world.organisations["kestrel-moor"].id
    entry = await scene.publish()
    await scene.rename("teacher", "Marta Núñez")
    asked = {"versionId": entry.version.id, "homeId": home, "guestId": made.id, "size": 5}
    await scene.ask("leader", "POST", "/common-tasks", status=409, json=asked)
    decided = [await scene.hand_in(entry, who) for who in ("teacher", "colleague")]
    for one in decided:
        await scene.read("assessor", one)
    await scene.ask("leader", "POST", "/common-tasks", status=400, json={**asked, "guestId": home})
    await scene.ask("guest", "POST", "/common-tasks", status=404, json=asked)
    task = await scene.ask("leader", "POST", "/common-tasks", status=201, json=asked)
    assert (task["drawn"], task["of"], task["asked"]) == (2, 2, 5)
    await scene.ask("leader", "POST", "/common-tasks", status=409, json=asked)

    reviews = [one["id"] for one in await scene.ask("guest", "GET", "/reviews")]
    assert len(reviews) == 2
    shown = await scene.ask("guest", "GET", f"/reviews/{reviews[0]}")
    assert (shown["applicant"], shown["scores"]) == (None, [])
    work = shown["review"]["submissionId"]
    content = f"/submissions/{work}/artifacts/{shown['artifacts'][0]['id']}/content"
    await scene.ask("guest", "GET", content)
    for path in (f"/submissions/{work}/decision", f"/submissions/{work}"):
        await scene.ask("guest", "GET", path, status=404)
    await scene.score("guest", reviews[0], {**LEVELS, "uptake": "developing"})
    await scene.ask("guest", "POST", f"/reviews/{reviews[0]}/decision", status=201)
    await scene.ask("guest", "GET", content, status=404)
    for answer in scene.answers["guest"]:
        for word in ("Núñez", world.people["teacher"].id, world.people["colleague"].id, "Heron", "assessor on"):
            assert word not in answer.text, f"{answer.request.url} tells {word}"
    assert await scene.stage(decided[0]) == "earned", "nothing is decided anew"

    report = await scene.ask("leader", "GET", "/comparability")
    rows = {row["criterion"]: row for row in report["rows"]}
    assert set(rows) == {"", *LEVELS}
    assert (rows[""]["home"], rows[""]["guest"]) == ("Kestrel Moor", "Otter Bay")
    assert rows[""]["difference"] == {"n": 3, "mean": None, "low": None, "high": None, "alert": False}
    assert rows[""]["agreement"]["exact"] == {"undefined": "too-few"}
    await scene.ask("assessor", "GET", "/comparability", status=403)
    await scene.ask("guest", "POST", f"/common-tasks/{task['id']}/closing", status=404)
    await scene.ask("leader", "POST", f"/common-tasks/{task['id']}/closing", status=204)
    assert await scene.ask("guest", "GET", "/reviews") == []
    (listed,) = (await scene.ask("leader", "GET", "/common-tasks"))["items"]
    assert (listed["scored"], bool(listed["closedAt"])) == (1, True)
