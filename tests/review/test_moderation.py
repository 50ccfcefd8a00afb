"""Moderation over HTTP: several score the same work apart, see the spread, agree, and an anchor comes of it."""

from typing import Any

import pytest
from builders import a_criterion
from scene import LEVELS, Scene

from credentials.catalog.model import Calibration, EvidenceRequirement, Mode, PartKind, Programme, Rubric

on_one_database = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)

WORK = (
    EvidenceRequirement(
        id="context",
        part=PartKind.OVERVIEW,
        title="Your context",
        instructions="Describe it.",
        modes=(Mode.TEXT, Mode.LINK),
    ),
)
RUBRIC = Rubric(criteria=(a_criterion("clarity", "context"),))


async def opened(scene: Scene, *who: str, status: int = 201, **about: Any) -> Any:
    asked = {"title": "Where is the line?", "assessorIds": [scene.world.people[one].id for one in who], **about}
    return await scene.ask("leader", "POST", "/moderations", status=status, json=asked)


async def scores(scene: Scene, who: str, session: str, **changed: str) -> None:
    """Scored and done: all at passing, but for what is changed."""
    review = await review_of(scene, who, session)
    await scene.score(who, review, {**LEVELS, **changed} if set(changed) <= set(LEVELS) else changed)
    await scene.ask(who, "POST", f"/reviews/{review}/decision", status=201)


async def review_of(scene: Scene, who: str, session: str) -> str:
    seen = await scene.ask(who, "GET", f"/moderations/{session}")
    return str(next(one["reviewId"] for one in seen["members"] if one["mine"]))


def agreed(levels: dict[str, str]) -> dict[str, Any]:
    said = [{"criterion": name, "level": level, "rationale": f"Why {name}."} for name, level in levels.items()]
    return {"scores": said}


async def test_assessors_score_a_decided_work_apart_see_the_spread_and_their_consensus_becomes_an_anchor(
    scene: Scene,
) -> None:
    entry = await scene.publish()
    work = await scene.hand_in(entry)
    await opened(scene, "second", "third", submissionId=work, status=409)
    await scene.read("assessor", work, uptake="developing")
    refused = await opened(scene, "second", "assessor", submissionId=work, status=403)
    assert refused["code"] == "conflict-of-interest"
    assert refused["detail"].startswith("assessor 2 of 2: ")
    assert (await scene.ask("leader", "GET", "/moderations"))["items"] == [], "with one who must not, there is none"
    blocked = [one for one in await scene.audit(f"submission:{work}") if one["action"] == "review.blocked"]
    assert [one["detail"]["conflict"] for one in blocked] == ["scored_before"]

    made = await opened(scene, "second", "third", submissionId=work)
    at = f"/moderations/{made['id']}"
    assert (made["stage"], made["scored"], made["seats"]) == ("scoring", 0, 2)
    assert [one["name"] for one in made["members"]] == [scene.world.people[who].name for who in ("second", "third")]
    again = await opened(scene, "third", "second", submissionId=work, status=409)
    assert "under way" in again["detail"]
    await scene.ask("assessor", "GET", at, status=404)

    await scores(scene, "second", made["id"], specificity="developing")
    for who in ("leader", "second", "third"):
        seen = await scene.ask(who, "GET", at)
        assert (seen["scored"], seen["spread"], seen["artifacts"]) == (1, [], []), who
    await scene.ask("leader", "POST", f"{at}/closing", status=409)
    await scene.ask("leader", "POST", f"{at}/consensus", status=409, json=agreed(LEVELS))
    await scores(scene, "third", made["id"], uptake="extending")

    seen = await scene.ask("second", "GET", at)
    assert seen["stage"] == "discussing"
    assert [one["name"] for one in seen["members"]] == [None, None]
    assert [one["mine"] for one in seen["members"]] == [True, False]
    spread = {one["criterion"]: one for one in seen["spread"]}
    assert [(one["place"], one["level"]) for one in spread["specificity"]["given"]] == [
        (1, "developing"),
        (2, "demonstrated"),
    ]
    assert {name: (one["apart"], one["onPassing"]) for name, one in spread.items()} == {
        "specificity": (1, True),
        "uptake": (1, False),
        "reflection": (0, False),
    }
    assert "private note" not in str(seen)
    content = f"/submissions/{work}/artifacts/{seen['artifacts'][0]['id']}/content"
    await scene.ask("third", "GET", content)
    await scene.ask("leader", "GET", content)
    await scene.ask("assessor", "GET", content, status=404)

    await scene.ask("second", "POST", f"{at}/consensus", status=404, json=agreed(LEVELS))
    lacking = await scene.ask("leader", "POST", f"{at}/consensus", status=400, json={"scores": []})
    assert lacking["code"] == "not-scored"
    done = await scene.ask("leader", "POST", f"{at}/consensus", status=201, json=agreed(LEVELS))
    assert (done["stage"], done["consensus"][0]["rationale"]) == ("agreed", "Why specificity.")
    await scene.ask("third", "GET", content, status=404)
    assert await scene.stage(work) == "not_yet_earned", "nothing is decided anew"

    use = {"title": "The line", "use": "validity"}
    anchor = await scene.ask("leader", "POST", f"{at}/anchor", status=201, json=use)
    assert {one["criterion"]: one["level"] for one in anchor["scores"]} == LEVELS
    await scene.ask("leader", "POST", f"{at}/anchor", status=409, json=use)
    assert (await scene.ask("leader", "GET", at))["anchorId"] == anchor["id"]
    assert (await scene.ask("second", "GET", at))["anchorId"] is None, "a hidden check stays hidden"
    actions = [one["action"] for one in await scene.audit(f"moderation:{made['id']}")]
    assert sorted(actions) == ["moderation.agreed", "moderation.closed", "moderation.opened"]

    following = await scene.hand_in(entry)
    assert following not in await scene.queue("second"), "whoever agreed on one attempt scores no other"


@on_one_database
async def test_prepared_work_is_moderated_and_whoever_agreed_on_it_is_never_checked_by_it(scene: Scene) -> None:
    asked = Calibration(validity_share=1.0)
    entry = await scene.publish(Programme(calibration=asked), evidence=WORK, rubric=RUBRIC)
    piece = {"requirement": "context", "text": "What a class did with feedback."}
    made = await opened(scene, "second", "third", versionId=entry.version.id, work=[piece])
    at = f"/moderations/{made['id']}"
    await scene.ask("leader", "POST", f"/reviews/{await review_of(scene, 'second', made['id'])}/decision", status=404)
    left = await review_of(scene, "third", made["id"])
    await scene.ask("third", "POST", f"/reviews/{left}/completeness", status=409, json={"complete": False, "note": "?"})
    await scene.ask("third", "DELETE", f"/reviews/{left}", status=204)
    asked_again = {"assessorId": scene.world.people["third"].id}
    await scene.ask("leader", "POST", f"{at}/seats", status=201, json=asked_again)
    await scene.ask("leader", "POST", f"{at}/seats", status=409, json=asked_again)
    for who in ("second", "third"):
        await scores(scene, who, made["id"], clarity="demonstrated")
    await scene.ask("leader", "POST", f"{at}/consensus", status=201, json=agreed({"clarity": "demonstrated"}))
    use = {"title": "The line", "use": "validity"}
    await scene.ask("leader", "POST", f"{at}/anchor", status=201, json=use)
    assert await scene.queue("second") == []

    for teacher, who, checks in (("teacher", "second", 0), ("colleague", "assessor", 1)):
        await scene.read(who, await scene.hand_in(entry, teacher), {"clarity": "demonstrated"})
        assert len(await scene.queue(who)) == checks, who


@on_one_database
async def test_a_leader_closes_scoring_without_those_who_have_not_scored_or_gives_the_session_up(scene: Scene) -> None:
    entry = await scene.publish(Programme(calibration=Calibration(required=True)), evidence=WORK, rubric=RUBRIC)
    piece = {"requirement": "context", "text": "What a class did with feedback."}
    refused = await opened(scene, "second", "third", versionId=entry.version.id, work=[piece], status=403)
    assert refused["code"] == "not-qualified"

    entry = await scene.publish(slug="questions", evidence=WORK, rubric=RUBRIC)
    about = {"versionId": entry.version.id, "work": [piece]}
    for who in (["second"], ["second", "second"]):
        await opened(scene, *who, **about, status=400)
    await opened(scene, "second", "teacher", **about, status=404)
    made = await opened(scene, "assessor", "second", "third", **about)
    at = f"/moderations/{made['id']}"
    for who in ("assessor", "second"):
        await scores(scene, who, made["id"], clarity="demonstrated")
    late = await review_of(scene, "third", made["id"])
    scene.world.clock.advance(days=60)
    shown = await scene.ask("third", "GET", f"/reviews/{late}")
    assert (shown["review"]["leaseUntil"], shown["review"]["stage"]) == (None, "scoring")
    closed = await scene.ask("leader", "POST", f"{at}/closing")
    assert (closed["stage"], closed["scored"], closed["spread"][0]["pairs"]) == ("discussing", 2, 1)
    assert (await scene.ask("third", "GET", f"/reviews/{late}"))["review"]["stage"] == "released"

    given_up = await scene.ask("leader", "POST", f"{at}/cancellation", json={"reason": "It was about something else."})
    assert (given_up["stage"], given_up["reason"]) == ("cancelled", "It was about something else.")
    await scene.ask("leader", "POST", f"{at}/anchor", status=409, json={"title": "No", "use": "shown"})
    for method in ("GET", "POST"):
        path = at if method == "GET" else f"{at}/closing"
        await scene.ask("teacher", method, path, status=404)


@on_one_database
async def test_nobody_is_qualified_by_a_work_that_they_helped_to_agree_on(scene: Scene) -> None:
    entry = await scene.publish(evidence=WORK, rubric=RUBRIC)
    piece = {"requirement": "context", "text": "What a class did with feedback."}
    made = await opened(scene, "second", "third", versionId=entry.version.id, work=[piece])
    for who in ("second", "third"):
        await scores(scene, who, made["id"], clarity="demonstrated")
    at = f"/moderations/{made['id']}"
    await scene.ask("leader", "POST", f"{at}/consensus", status=201, json=agreed({"clarity": "demonstrated"}))
    use = {"title": "The line", "use": "qualification"}
    anchor = await scene.ask("leader", "POST", f"{at}/anchor", status=201, json=use)
    asked = {"versionId": entry.version.id, "title": "A set", "anchorIds": [anchor["id"]]}
    found = await scene.ask("leader", "POST", "/qualification-sets", status=201, json=asked)
    for who, status in (("second", 409), ("assessor", 201)):
        await scene.ask(who, "POST", "/qualification-attempts", status=status, json={"setId": found["id"]})
    assert (await scene.ask("second", "GET", "/me/calibration"))["sets"] == []
