"""Calibration over HTTP: who may score, hidden checks that look like live work, locks and what opens them."""

from typing import Any

import msgspec
import pytest
from builders import a_criterion, a_specification
from litestar import Litestar
from scene import Scene, signed_in

from credentials.catalog.model import (
    Blindness,
    Calibration,
    CatalogueEntry,
    EvidenceRequirement,
    Mode,
    PartKind,
    Programme,
    Rubric,
)
from credentials.catalog.rules import calibration_key
from credentials.review import service

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


async def published(scene: Scene, **calibration: Any) -> CatalogueEntry:
    return await scene.publish(Programme(calibration=Calibration(**calibration)), evidence=WORK, rubric=RUBRIC)


async def anchors(scene: Scene, entry: CatalogueEntry, use: str, count: int, level: str = "demonstrated") -> list[str]:
    made = []
    for place in range(count):
        asked = {
            "versionId": entry.version.id,
            "title": f"{use} {place}",
            "use": use,
            "scores": [{"criterion": "clarity", "level": level, "rationale": f"The reason of {use} {place}."}],
            "work": [
                {"requirement": "context", "text": f"What a class did with feedback, account {len(use)}-{place}."}
            ],
        }
        made.append((await scene.ask("leader", "POST", "/anchors", status=201, json=asked))["id"])
    return made


async def a_set(scene: Scene, entry: CatalogueEntry, of: list[str], title: str = "First set") -> str:
    asked = {"versionId": entry.version.id, "title": title, "anchorIds": of}
    return str((await scene.ask("leader", "POST", "/qualification-sets", status=201, json=asked))["id"])


async def take(scene: Scene, who: str, set_id: str, agree: int) -> Any:
    """Take a set: so many of its works are scored as the anchors say, the others one level lower."""
    begun = await scene.ask(who, "POST", "/qualification-attempts", status=201, json={"setId": set_id})
    at = f"/qualification-attempts/{begun['id']}"
    task = await scene.ask(who, "GET", at)
    for place, work in enumerate(task["works"]):
        levels = {"levels": {"clarity": "demonstrated" if place < agree else "developing"}}
        await scene.ask(who, "PUT", f"{at}/works/{work['anchorId']}", status=204, json=levels)
    return await scene.ask(who, "POST", f"{at}/judgement", status=201)


async def test_a05_eight_of_ten_qualify_at_a_bar_of_80_percent_and_seven_do_not_and_a_year_later_it_is_done_again(
    scene: Scene,
) -> None:
    entry = await published(scene, required=True, exact_share=0.8)
    set_id = await a_set(scene, entry, await anchors(scene, entry, "qualification", 10))
    submission = await scene.hand_in(entry)
    assert await scene.queue("assessor") == []
    refused = await scene.claim("assessor", submission, status=403)
    assert refused["code"] == "not-qualified"
    given = {"assessorId": scene.world.people["assessor"].id}
    await scene.ask("leader", "POST", f"/submissions/{submission}/assignments", status=403, json=given)
    await scene.ask("leader", "POST", f"/submissions/{submission}/assignments", status=409, json={})

    told = await take(scene, "assessor", set_id, agree=7)
    assert (told["attempt"]["judgement"]["passed"], told["qualification"]) == (False, None)
    assert told["attempt"]["judgement"]["reasons"] == ["7 of 10 scores are the true ones; 80% are asked"]
    assert await scene.queue("assessor") == []

    told = await take(scene, "second", set_id, agree=8)
    assert told["attempt"]["judgement"]["passed"]
    assert (told["attempt"]["judgement"]["exact"], told["attempt"]["judgement"]["of"]) == (8, 10)
    assert told["qualification"]["expiresAt"] > told["qualification"]["qualifiedAt"]
    assert await scene.queue("second") == [submission]
    for answer in (*scene.answers["assessor"], *scene.answers["second"]):
        assert "The reason of" not in answer.text, "an attempt tells nobody what was right"

    roll = await scene.ask("leader", "GET", "/calibration")
    assert [one["personId"] for one in roll["qualified"]] == [scene.world.people["second"].id]
    await scene.ask(
        "second", "GET", "/anchors/" + (await scene.ask("leader", "GET", "/anchors"))["items"][0]["id"], status=404
    )
    scene.world.clock.advance(days=364)
    assert await scene.queue("second") == [submission]
    scene.world.clock.advance(days=2)
    scene.forget_tokens()
    assert await scene.queue("second") == []
    await scene.claim("second", submission, status=403)
    await take(scene, "second", set_id, agree=10)
    await scene.claim("second", submission)


async def check(scene: Scene, who: str, level: str) -> Any:
    """The next one in the queue, scored and decided."""
    review = await scene.ask(who, "POST", "/review-queue/next", status=201, json={})
    await scene.score(who, review["id"], {"clarity": level})
    return await scene.ask(who, "POST", f"/reviews/{review['id']}/decision", status=201)


async def test_a22_three_of_ten_hidden_checks_missed_lock_the_queue_and_issue_a_set_that_opens_it_again(
    scene: Scene,
) -> None:
    entry = await published(scene, validity_share=1.0, window=10, misses=3)
    await anchors(scene, entry, "validity", 11)
    set_id = await a_set(scene, entry, await anchors(scene, entry, "qualification", 2))
    submission = await scene.hand_in(entry)
    await scene.hand_in(entry, "colleague")
    await scene.read("assessor", submission, {"clarity": "demonstrated"})
    for place in range(10):
        assert len(await scene.queue("assessor")) == 2, "the check, and what was handed in meanwhile"
        await check(scene, "assessor", "developing" if place in {0, 4, 9} else "demonstrated")
    assert await scene.queue("assessor") == []
    nothing = await scene.ask("assessor", "POST", "/review-queue/next", status=404, json={})
    assert nothing["code"] == "not-found"
    (waiting,) = await scene.queue("second")
    refused = await scene.claim("assessor", waiting, status=403)
    assert refused["code"] == "queue-locked"
    mine = await scene.ask("assessor", "GET", "/me/calibration")
    assert [(one["misses"], one["of"], one["setId"]) for one in mine["locks"]] == [(3, 10, set_id)]
    assert [one["id"] for one in mine["sets"]] == [set_id]

    assert (await take(scene, "assessor", set_id, agree=1))["lock"] is not None
    assert await scene.queue("assessor") == []
    assert (await take(scene, "assessor", set_id, agree=2))["lock"] is None
    assert waiting in await scene.queue("assessor")
    actions = {one["action"] for one in await scene.audit(f"person:{scene.world.people['assessor'].id}")}
    assert {"queue.locked", "queue.unlocked", "validity.missed", "assessor.qualified"} <= actions
    roll = await scene.ask("leader", "GET", "/calibration")
    assert [(one["judged"], one["missed"]) for one in roll["checks"]] == [(10, 3)]
    assert roll["locks"][0]["unlockedAt"]


def shape(found: Any) -> Any:
    """What there is, without the values: the names of members, and of which kind their values are."""
    if isinstance(found, dict):
        return {name: shape(value) for name, value in sorted(found.items())}
    if isinstance(found, list):
        return [shape(one) for one in found]
    return type(found).__name__


async def life(scene: Scene, who: str, submission: str) -> list[Any]:
    """Everything that an assessor is answered about a work, from the queue to the end."""
    seen: list[Any] = []
    listed = (await scene.ask(who, "GET", "/review-queue"))["items"]
    seen.append([one for one in listed if one["submission"] == submission])
    review = (await scene.claim(who, submission))["id"]
    seen.append(await scene.ask(who, "GET", f"/reviews/{review}"))
    shown = seen[-1]
    content = f"/submissions/{submission}/artifacts/{shown['artifacts'][0]['id']}/content"
    seen.append((await scene.ask(who, "GET", content)).text[:10])
    await scene.ask(who, "DELETE", f"/reviews/{review}", status=204)
    await scene.ask("second", "GET", f"/submissions/{submission}/splits", status=404)
    review = (await scene.claim(who, submission))["id"]
    for path in ("", "/decision", "/return-note", "/splits", "/appeals"):
        answer = await scene.client.get(f"/api/v1/submissions/{submission}{path}", headers=scene.headers(who))
        seen.append((path, answer.status_code, answer.json().get("detail")))
    await scene.score(who, review, {"clarity": "demonstrated"})
    seen.append(await scene.ask(who, "POST", f"/reviews/{review}/decision", status=201))
    seen.append(await scene.ask(who, "GET", f"/reviews/{review}"))
    return seen


@on_one_database
async def test_a_hidden_check_answers_in_everything_as_live_work_does_and_is_nobody_elses(scene: Scene) -> None:
    entry = await published(scene, validity_share=1.0)
    await anchors(scene, entry, "validity", 1)
    live = await scene.hand_in(entry)
    scene.world.clock.advance(hours=2)
    real = await life(scene, "assessor", live)
    (paper,) = await scene.queue("assessor")
    assert paper != live
    assert await scene.queue("second") == []
    taken = await scene.claim("second", paper, status=409)
    assert taken["code"] == "already-claimed"
    assert await scene.queue("leader") == []
    await scene.ask("leader", "POST", f"/submissions/{paper}/assignments", status=404, json={})
    hidden = await life(scene, "assessor", paper)
    assert [shape(one) for one in hidden] == [shape(one) for one in real]
    assert hidden[1]["review"]["stage"] == "claimed"
    item, shown = hidden[0][0], hidden[1]
    assert item["submittedAt"] >= real[0][0]["submittedAt"]
    assert shown["artifacts"][0]["addedAt"] <= item["submittedAt"]
    assert paper[:13] <= shown["artifacts"][0]["id"][:13], "identifiers tell the time at which they were made"
    for word in ("validity", "anchor", "specimen", "The reason of"):
        for answer in scene.answers["assessor"]:
            about_work = "/versions/" not in str(answer.request.url)
            told = answer.text.replace("validityShare", "").replace("validityMonths", "")
            assert not about_work or word not in told, answer.request.url
    left = await scene.ask("leader", "GET", "/submissions")
    assert left["items"] == [], "a copy is nobody's submission"
    desk = await scene.ask("leader", "GET", "/review-desk")
    assert (desk["overdue"], desk["waiting"]) == ([], [])


@on_one_database
async def test_where_names_are_shown_every_work_bears_its_educators_and_no_check_is_dealt_whatever_a_version_says(
    scene: Scene, app: Litestar
) -> None:
    world = scene.world
    await scene.rename("leader", "Philippa Ankermann")
    await scene.rename("teacher", "Marta Núñez")
    blind = await published(scene, validity_share=1.0)
    named = await scene.publish(Programme(blindness=Blindness.NAMED), slug="named", evidence=WORK, rubric=RUBRIC)
    for entry in (blind, named):
        await anchors(scene, entry, "validity", 2)
    live = {await scene.hand_in(named): "Marta Núñez", await scene.hand_in(blind): None}
    reviews, names = dict[str, str](), dict[str, Any]()
    async with signed_in(app, world, "assessor") as browsing:
        while waiting := await scene.queue("assessor"):
            submission = waiting[0]
            review = reviews[submission] = (await scene.claim("assessor", submission))["id"]
            name = names[submission] = (await scene.ask("assessor", "GET", f"/reviews/{review}"))["applicant"]
            await scene.score("assessor", review, {"clarity": "demonstrated"})
            for path in ("/review", f"/review/{review}", f"/review/{review}/decision"):
                page = await browsing.get(path)
                assert page.status_code == 200, path
                assert "Ankermann" not in page.text, path
                assert ("Marta Núñez" in page.text) is (path == f"/review/{review}" and name is not None), path
            await scene.ask("assessor", "POST", f"/reviews/{review}/decision", status=201)
    assert {one: names[one] for one in live} == live
    dealt = [name for one, name in names.items() if one not in live]
    assert dealt == [None, None], "both checks of the blind programme, and none of the named one"
    assert all("Ankermann" not in answer.text for answer in scene.answers["assessor"])

    read = reviews[next(iter(live))]
    for blindness, count in ((Blindness.NAMED, 0), (Blindness.BLIND, 1)):
        programme = Programme(blindness=blindness, calibration=Calibration(validity_share=1.0))
        specification = msgspec.structs.replace(named.version.specification, programme=programme)
        version = msgspec.structs.replace(named.version, specification=specification)
        act = await world.act("assessor")
        await world.do(service.deal, act, *await world.see(service.mine, act, read), version)
        assert len(await scene.queue("assessor")) == count, f"past the gate, {blindness.value}"


@on_one_database
async def test_a_check_that_is_returned_as_incomplete_or_reported_stops_as_live_work_does(scene: Scene) -> None:
    entry = await published(scene, validity_share=1.0, misses=1, window=1)
    await anchors(scene, entry, "validity", 2)
    await scene.read("assessor", await scene.hand_in(entry), {"clarity": "demonstrated"})
    (paper,) = await scene.queue("assessor")
    review = (await scene.claim("assessor", paper))["id"]
    note = {"complete": False, "note": "The second text is missing."}
    told = await scene.ask("assessor", "POST", f"/reviews/{review}/completeness", json=note)
    assert told["stage"] == "returned"
    locks = (await scene.ask("assessor", "GET", "/me/calibration"))["locks"]
    assert [(one["misses"], one["setId"]) for one in locks] == [(1, None)], "an anchor is whole"

    await scene.read("second", await scene.hand_in(entry, "colleague"), {"clarity": "demonstrated"})
    (paper,) = await scene.queue("second")
    await scene.claim("second", paper)
    found = {"reason": "I know this text from a book."}
    await scene.ask("second", "POST", f"/submissions/{paper}/integrity-cases", status=201, json=found)
    assert await scene.queue("second") == []
    assert await scene.ask("second", "GET", "/reviews") == []


@on_one_database
async def test_an_anchor_of_a_submission_is_a_copy_beside_the_work_with_its_reasons(scene: Scene) -> None:
    entry = await scene.publish()
    submission = await scene.hand_in(entry)
    scores = [
        {"criterion": one, "level": "demonstrated", "rationale": f"See the {one}."}
        for one in ("specificity", "uptake", "reflection")
    ]
    asked = {
        "versionId": entry.version.id,
        "title": "A clear case",
        "use": "shown",
        "scores": scores,
        "submissionId": submission,
    }
    refused = await scene.ask("leader", "POST", "/anchors", status=409, json=asked)
    assert "not decided yet" in refused["detail"]
    await scene.read("assessor", submission)
    await scene.ask("assessor", "POST", "/anchors", status=404, json=asked)
    made = await scene.ask("leader", "POST", "/anchors", status=201, json=asked)
    shown = await scene.ask("second", "GET", f"/anchors/{made['id']}")
    assert submission not in str(shown)
    file = next(one for one in shown["artifacts"] if one["kind"] == "file")
    await scene.ask("second", "GET", f"/submissions/{made['submissionId']}/artifacts/{file['id']}/content")
    beside = await scene.ask("second", "GET", f"/versions/{entry.version.id}/anchors")
    assert [one["title"] for one in beside] == ["A clear case"]
    await scene.ask("teacher", "GET", f"/anchors/{made['id']}", status=404)
    await scene.ask("teacher", "GET", f"/versions/{entry.version.id}/anchors", status=404)
    await scene.ask("leader", "POST", f"/anchors/{made['id']}/retirement", status=204)
    await scene.ask("second", "GET", f"/anchors/{made['id']}", status=404)
    assert await scene.ask("second", "GET", f"/versions/{entry.version.id}/anchors") == []
    missing = await scene.ask("leader", "POST", "/anchors", status=400, json={**asked, "scores": scores[:2]})
    assert [one["pointer"] for one in missing["errors"]] == ["/scores/reflection"]


def test_versions_with_the_same_rubric_share_a_qualification_and_a_changed_rubric_asks_for_a_new_one() -> None:
    one = a_specification()
    assert calibration_key("m", one) == calibration_key("m", a_specification(title="Another title", effort_hours=3))
    assert calibration_key("m", one) != calibration_key("n", one)
    assert calibration_key("m", one) != calibration_key("m", a_specification(rubric=RUBRIC, evidence=WORK))
