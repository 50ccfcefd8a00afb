"""A micro-credential of a teacher's own making: proposed, read by a committee, and published through the same gates; over
HTTP on both databases."""

from typing import Any

import msgspec
from builders import FRAMEWORK, a_specification
from scene import Scene

from credentials.catalog import service as catalog
from credentials.catalog.model import Specification
from credentials.people.model import Role

MINE = a_specification(title="Talk Moves That Let Pupils Lead", authors=("T. of Heron School",))


def wire(specification: Specification) -> Any:
    return msgspec.to_builtins(specification)


async def proposed(scene: Scene, specification: Specification = MINE) -> str:
    district = scene.world.organisations["kestrel-moor"].id
    said = {"organisationId": district, "slug": "talk-moves", "specification": wire(specification)}
    made = await scene.ask("teacher", "POST", "/proposals", status=201, json=said)
    return f"/proposals/{made['proposal']['id']}"


async def committee(scene: Scene, at: str, *names: str, who: str = "developer", status: int = 200) -> Any:
    members = [scene.world.people[name].id for name in names]
    return await scene.ask(who, "PUT", f"{at}/committee", status=status, json={"members": members})


async def vote(scene: Scene, who: str, at: str, choice: str, *, status: int = 201) -> Any:
    scene.world.clock.advance(minutes=1)
    said = {"choice": choice, "reason": f"What {who} thinks of it."}
    return await scene.ask(who, "POST", f"{at}/votes", status=status, json=said)


async def test_a_proposal_is_returned_mended_approved_and_can_be_earned_with_its_author_credited(scene: Scene) -> None:
    world = scene.world
    await world.do(catalog.add_framework, await world.act("developer"), world.organisations["alder"].id, FRAMEWORK)
    for name in ("critic", "friend"):
        await world.join(name, "wren-school", Role.EDUCATOR)
    at = await proposed(scene, msgspec.structs.replace(MINE, authors=(), key_method=None))
    for who in ("developer", "critic"):
        await scene.ask(who, "GET", at, status=404)
    refused = await scene.ask("teacher", "POST", f"{at}/review", status=400)
    assert {"key-method-with-research"} == {fault["code"] for fault in refused["errors"]}
    assert (await scene.ask("teacher", "GET", at))["proposal"]["stage"] == "draft"
    uncredited = wire(msgspec.structs.replace(MINE, authors=()))
    await scene.ask("teacher", "PUT", at, json=uncredited, revision=1)
    nameless = await scene.ask("teacher", "POST", f"{at}/review", status=400)
    assert [fault["pointer"] for fault in nameless["errors"]] == ["/authors"]
    await scene.ask("teacher", "PUT", at, status=412, json=wire(MINE), revision=1)
    await scene.ask("teacher", "PUT", at, json=wire(MINE), revision=2)
    handed_in = await scene.ask("teacher", "POST", f"{at}/review")
    assert handed_in["proposal"]["stage"] == "in_review"

    await vote(scene, "critic", at, "approve", status=404)
    await committee(scene, at, "critic", "friend", "leader", who="teacher", status=403)
    await committee(scene, at, "critic", "friend", "teacher", status=400)
    await committee(scene, at, "critic", "friend", status=400)
    await committee(scene, at, "critic", "friend", "leader")
    for who, status in (("teacher", 403), ("developer", 403), ("assessor", 404)):
        await vote(scene, who, at, "approve", status=status)

    await vote(scene, "critic", at, "refuse")
    assert (await scene.ask("friend", "GET", at))["votes"] == []
    assert (await vote(scene, "critic", at, "approve", status=409))["code"] == "already-voted"
    await committee(scene, at, "friend", "leader", "assessor", status=409)
    await vote(scene, "friend", at, "approve")
    returned = await vote(scene, "leader", at, "return")
    assert (returned["proposal"]["stage"], len(returned["votes"])) == ("returned", 3)
    told = await scene.ask("teacher", "GET", at)
    assert (told["members"], told["votes"], {one["personId"] for one in told["reasons"]}) == ([], [], {""})
    assert told["reasons"][0]["reason"] == "What critic thinks of it."

    await scene.ask("teacher", "POST", f"{at}/review")
    await world.publish(a_specification(), "talk-moves")
    await vote(scene, "critic", at, "approve")
    approved = await vote(scene, "friend", at, "approve")
    assert (approved["proposal"]["stage"], approved["proposal"]["round"]) == ("approved", 2)
    await vote(scene, "leader", at, "refuse", status=409)
    await scene.ask("teacher", "POST", f"{at}/withdrawal", status=409)
    version = approved["proposal"]["versionId"]
    shown = (await scene.client.get(f"/api/v1/versions/{version}")).json()
    assert (shown["stage"], shown["slug"], shown["number"]) == ("published", "talk-moves-2", 1)
    assert shown["specification"]["authors"] == ["T. of Heron School"]
    kept = await world.see(catalog.version, version)
    assert (kept.author_id, kept.published_by) == (world.people["teacher"].id, world.people["friend"].id)
    entry = await world.see(catalog.version_for, None, version)
    await world.join("own-assessor", "kestrel-moor", Role.ASSESSOR)
    submission = await scene.hand_in(entry, "colleague")
    await scene.read("own-assessor", submission)
    assert await scene.stage(submission, "colleague") == "earned"


async def test_a_majority_refuses_with_reasons_and_only_educators_below_an_organisation_propose_to_it(
    scene: Scene,
) -> None:
    world = scene.world
    await world.do(catalog.add_framework, await world.act("developer"), world.organisations["alder"].id, FRAMEWORK)
    elsewhere = {"organisationId": world.organisations["wren-school"].id, "slug": "x", "specification": wire(MINE)}
    await scene.ask("teacher", "POST", "/proposals", status=404, json=elsewhere)
    await scene.ask("assessor", "POST", "/proposals", status=403, json=elsewhere)
    at = await proposed(scene)
    await scene.ask("teacher", "POST", f"{at}/review")
    await committee(scene, at, "assessor", "second", "leader")
    assert [one["id"] for one in (await scene.ask("second", "GET", "/proposals"))["items"]] == [at.split("/")[-1]]
    assert (await scene.ask("third", "GET", "/proposals"))["items"] == []
    await vote(scene, "assessor", at, "refuse")
    refused = await vote(scene, "second", at, "refuse")
    assert refused["proposal"]["stage"] == "refused"
    told = await scene.ask("teacher", "GET", at)
    assert {one["reason"] for one in told["reasons"]} == {"What assessor thinks of it.", "What second thinks of it."}
    assert told["proposal"]["versionId"] is None
    actions = [one["action"] for one in await scene.audit(at.replace("/proposals/", "proposal:"))]
    assert sorted(actions) == sorted(
        [
            "proposal.begun",
            "proposal.submitted",
            "proposal.committee_named",
            *2 * ["proposal.voted"],
            "proposal.refused",
        ]
    )
