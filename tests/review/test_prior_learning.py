"""Prior learning: evidence of earlier years, dated, attested by somebody who saw it, scored by the same rubric; over HTTP on
both databases."""

from typing import Any

import msgspec
from scene import Scene

from credentials.catalog.model import Programme
from credentials.evidence import service as evidence
from credentials.people.model import Role

PROGRAMME = Programme(practice_months=24, prior_learning=True, prior_months=120)


def telling(witness: str, **changed: Any) -> dict[str, Any]:
    told = {
        "beganOn": "2016-09-01",
        "endedOn": "2017-06-30",
        "account": "I led a reading circle for a year and wrote down what changed.",
        "capacity": "supervisor",
        "witness": witness,
    }
    return {**told, **changed}


async def test_evidence_of_earlier_years_is_dated_attested_scored_and_told_in_the_credential(scene: Scene) -> None:
    world = scene.world
    await world.join("principal", "heron-school", Role.ASSESSOR)
    entry = await scene.publish(PROGRAMME)
    submission = (await scene.begin(entry))["id"]
    at = f"/submissions/{submission}"
    await scene.fill(entry, submission, practisedFrom="2016-09-01")
    refused = await scene.ask("teacher", "POST", f"{at}/hand-in", status=400)
    assert [fault["code"] for fault in refused["errors"]] == ["practice-too-old"]

    prior = f"{at}/prior-learning"
    await scene.ask("teacher", "GET", prior, status=404)
    for witness in ("nobody@alder.example", world.addresses["teacher"]):
        await scene.ask("teacher", "PUT", prior, status=400, json=telling(witness))
    await scene.ask("colleague", "PUT", prior, status=404, json=telling(world.addresses["principal"]))
    await scene.ask("teacher", "PUT", prior, json=telling(world.addresses["principal"]))
    refused = await scene.ask("teacher", "POST", f"{at}/hand-in", status=400)
    assert [fault["code"] for fault in refused["errors"]] == ["practice-not-attested"]

    (asked,) = await scene.ask("principal", "GET", "/attestations")
    assert (asked["educator"], asked["submissionId"], asked["open"]) == ("Teacher", submission, True)
    yes = {"confirmed": True, "statement": "I visited it every month."}
    for other in ("colleague", "assessor", "teacher"):
        await scene.ask(other, "POST", f"{prior}/attestation", status=404, json=yes)
    await scene.ask("principal", "POST", f"{prior}/attestation", status=201, json=yes)
    await scene.ask("principal", "POST", f"{prior}/attestation", status=409, json=yes)
    assert (await scene.ask("teacher", "GET", prior))["statement"] == "I visited it every month."
    await scene.ask("teacher", "PUT", prior, json=telling(world.addresses["principal"], endedOn="2018-06-30"))
    await scene.ask("teacher", "POST", f"{at}/hand-in", status=400)
    await scene.ask("principal", "POST", f"{prior}/attestation", status=201, json=yes)
    handed_in = await scene.ask("teacher", "POST", f"{at}/hand-in")
    await scene.ask("teacher", "PUT", prior, status=409, json=telling(world.addresses["principal"]))
    frozen = await world.see(evidence.manifest, submission, handed_in["manifestDigest"])
    assert (str(frozen.prior.ended_on), frozen.prior.capacity) == ("2018-06-30", "supervisor")
    assert world.people["principal"].id not in msgspec.json.encode(frozen).decode()

    review = (await scene.claim("assessor", submission))["id"]
    shown = await scene.ask("assessor", "GET", f"/reviews/{review}")
    assert (shown["priorLearning"]["attested"], shown["priorLearning"]["beganOn"]) == ("confirmed", "2016-09-01")
    assert "every month" not in str(shown)
    await scene.ask("assessor", "DELETE", f"/reviews/{review}", status=204)
    await scene.read("second", submission)
    await world.redeem()
    (award,) = (await scene.ask("teacher", "GET", "/awards"))["items"]
    badge = (await scene.ask("teacher", "GET", f"/awards/{award['id']}/credential/json")).json()
    told = [one["description"] for one in badge["evidence"]]
    assert told
    assert all(
        f"Prior learning: practice from 2016-09-01 to 2018-06-30, confirmed by a supervisor on {world.clock().date()}."
        in one
        for one in told
    )


async def test_whoever_attested_a_practice_does_not_score_it(scene: Scene) -> None:
    world = scene.world
    entry = await scene.publish(PROGRAMME)
    submission = (await scene.begin(entry))["id"]
    await scene.fill(entry, submission)
    prior = f"/submissions/{submission}/prior-learning"
    await scene.ask("teacher", "PUT", prior, json=telling(world.addresses["assessor"]))
    no = {"confirmed": False, "statement": "I came to the school a year later."}
    await scene.ask("assessor", "POST", f"{prior}/attestation", status=201, json=no)
    await scene.ask("teacher", "POST", f"/submissions/{submission}/hand-in", status=400)
    await scene.ask("teacher", "PUT", prior, json=telling(world.addresses["assessor"], capacity="witness"))
    yes = {"confirmed": True, "statement": "I sat beside it."}
    await scene.ask("assessor", "POST", f"{prior}/attestation", status=201, json=yes)
    await scene.ask("teacher", "POST", f"/submissions/{submission}/hand-in")
    assert await scene.queue("assessor") == []
    refused = await scene.claim("assessor", submission, status=403)
    assert refused["code"] == "conflict-of-interest"
    assert await scene.queue("second") == [submission]


async def test_a_programme_without_prior_learning_takes_none(scene: Scene) -> None:
    submission = (await scene.begin(await scene.publish()))["id"]
    told = telling(scene.world.addresses["assessor"])
    await scene.ask("teacher", "PUT", f"/submissions/{submission}/prior-learning", status=409, json=told)
