"""Who reads what: races, leases, assignment, conflicts of interest, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from scene import Scene

from credentials.catalog.model import Programme
from credentials.errors import Failure
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Role
from credentials.review import service as review
from credentials.review.model import AlreadyClaimed, Review
from credentials.web import orders


async def race(scene: Scene, submission: str, *who: str) -> list[Review | Failure]:
    async def claim(name: str) -> Review | Failure:
        try:
            return await review.claim(scene.world.parts.database, await scene.world.act(name), submission)
        except Failure as refused:
            return refused

    return await asyncio.gather(*(claim(name) for name in who))


@pytest.mark.parametrize("assessors", [1, 2])
async def test_of_three_who_claim_at_once_as_many_win_as_the_programme_has_assessors(
    assessors: int, scene: Scene
) -> None:
    submission = await scene.hand_in(await scene.publish(Programme(assessors=assessors)))
    found = await race(scene, submission, "assessor", "second", "third")
    won = [one for one in found if isinstance(one, Review)]
    lost = [one for one in found if isinstance(one, Failure)]
    assert len(won) == assessors
    assert len({one.assessor_id for one in won}) == assessors
    assert {one.kind.value for one in won} == {"first", "second"} if assessors == 2 else {"first"}
    assert all(isinstance(one, AlreadyClaimed) for one in lost)


async def test_claiming_twice_at_once_is_one_claim_and_never_both_readings(scene: Scene) -> None:
    submission = await scene.hand_in(await scene.publish(Programme(assessors=2)))
    found = await race(scene, submission, "assessor", "assessor", "assessor")
    assert len({one.id for one in found if isinstance(one, Review)}) == 1
    assert await scene.queue("assessor") == []
    assert await scene.queue("second") == [submission]


async def test_the_next_one_is_what_has_waited_longest_of_what_i_may_score(scene: Scene) -> None:
    entry = await scene.publish()
    await scene.ask("assessor", "POST", "/review-queue/next", status=404, json={})
    waiting = []
    for who in ("teacher", "colleague"):
        waiting.append(await scene.hand_in(entry, who))
        scene.world.clock.advance(minutes=5)
    assert await scene.queue("assessor") == waiting
    (count,) = await scene.ask("assessor", "GET", "/review-queue/counts")
    assert (count["waiting"], count["overdue"]) == (2, 0)
    taken = [
        (await scene.ask(who, "POST", "/review-queue/next", status=201, json={}))["submissionId"]
        for who in ("assessor", "second")
    ]
    assert taken == waiting


async def test_a_lease_that_runs_out_gives_the_submission_back_and_keeps_what_was_scored(scene: Scene) -> None:
    world = scene.world
    submission = await scene.hand_in(await scene.publish(Programme(lease_hours=10)))
    held = (await scene.claim("assessor", submission))["id"]
    world.clock.advance(hours=9)
    await scene.score("assessor", held, {"uptake": "extending"})  # saving renews it
    world.clock.advance(hours=9)
    assert await review.expire_leases(world.parts.database, world.clock(), world.ids) == 0
    world.clock.advance(hours=2)
    assert await review.expire_leases(world.parts.database, world.clock(), world.ids) == 1
    assert await review.expire_leases(world.parts.database, world.clock(), world.ids) == 0
    assert await scene.stage(submission) == "submitted"
    assert await scene.queue("second") == [submission]
    late = {"level": "extending"}
    await scene.ask("assessor", "PUT", f"/reviews/{held}/scores/uptake", status=409, json=late)
    again = (await scene.claim("assessor", submission))["id"]
    assert again != held
    shown = await scene.ask("assessor", "GET", f"/reviews/{again}")
    assert [(one["criterion"], one["level"]) for one in shown["scores"]] == [("uptake", "extending")]


async def test_a_second_reading_that_is_given_back_does_not_disturb_the_first(scene: Scene) -> None:
    submission = await scene.hand_in(await scene.publish(Programme(assessors=2)))
    await scene.read("assessor", submission)
    given_up = (await scene.claim("second", submission))["id"]
    assert await scene.queue("third") == []
    await scene.ask("second", "DELETE", f"/reviews/{given_up}", status=204)
    assert await scene.stage(submission) == "in_review"
    assert await scene.queue("third") == [submission]
    await scene.read("third", submission)
    assert await scene.stage(submission) == "earned"


async def test_what_goes_back_as_incomplete_is_scored_anew_by_everybody(scene: Scene) -> None:
    submission = await scene.hand_in(await scene.publish(Programme(assessors=2)))
    await scene.read("assessor", submission)
    found = (await scene.claim("second", submission))["id"]
    note = {"complete": False, "note": "The link is dead."}
    await scene.ask("second", "POST", f"/reviews/{found}/completeness", json=note)
    assert await scene.stage(submission) == "incomplete"
    await scene.ask("teacher", "POST", f"/submissions/{submission}/hand-in")
    assert await scene.queue("assessor") == []  # they have scored what counts no more
    await scene.read("third", submission)
    await scene.read("second", submission)
    assert (await scene.decision(submission))["basis"] == "agreed"


async def test_a_leader_assigns_and_without_a_name_it_goes_to_who_has_least_to_do(scene: Scene) -> None:
    entry = await scene.publish()
    ids = {scene.world.people[name].id: name for name in ("assessor", "second", "third")}
    given = []
    for number in range(3):
        await scene.world.join(f"applicant{number}", "wren-school", Role.EDUCATOR)
        submission = (await scene.world.submission(entry, f"applicant{number}")).id
        assigned = await scene.ask("leader", "POST", f"/submissions/{submission}/assignments", status=201, json={})
        given.append(ids[assigned["assessorId"]])
    assert sorted(given) == ["assessor", "second", "third"]
    submission = await scene.hand_in(entry)
    await scene.ask("assessor", "POST", f"/submissions/{submission}/assignments", status=404, json={})
    teacher = {"assessorId": scene.world.people["colleague"].id}
    await scene.ask("leader", "POST", f"/submissions/{submission}/assignments", status=404, json=teacher)
    named = {"assessorId": scene.world.people["third"].id}
    await scene.ask("leader", "POST", f"/submissions/{submission}/assignments", status=201, json=named)
    assert submission in {one["submissionId"] for one in await scene.ask("third", "GET", "/reviews")}
    desk = await scene.ask("leader", "GET", "/review-desk")
    loads = {ids[one["assessorId"]]: one["open"] for one in desk["assessors"] if one["assessorId"] in ids}
    assert loads == {"assessor": 1, "second": 1, "third": 2}
    assert "Teacher" not in str(desk)


@pytest.mark.parametrize(
    ("by", "kind"),
    [
        ("assessor", "family"),
        ("teacher", "family"),
        ("leader", "coach"),
        ("leader", "co_author"),
        ("leader", "reciprocal"),
        ("leader", "tutor"),
    ],
)
@pytest.mark.parametrize("copied", ["sqlite"], indirect=True)
async def test_a_relationship_that_either_side_or_a_leader_declares_blocks_until_it_is_over(
    by: str, kind: str, scene: Scene
) -> None:
    world = scene.world
    today = world.clock().date()
    ends = {"from": today.isoformat(), "until": (today + timedelta(days=30)).isoformat(), "kind": kind}
    about = {
        "assessor": {"otherEmail": world.addresses["teacher"]},
        "teacher": {"otherEmail": world.addresses["assessor"]},
        "leader": {"personId": world.people["assessor"].id, "otherId": world.people["teacher"].id},
    }[by]
    await scene.ask(by, "POST", "/conflicts", status=201, json={**ends, **about})
    submission = await scene.hand_in(await scene.publish())
    assert await scene.queue("assessor") == []
    assert await scene.queue("second") == [submission]
    refused = await scene.claim("assessor", submission, status=403)
    assert refused["detail"] == "a conflict of interest is on record for this work: somebody else scores it"
    (blocked,) = [one for one in await scene.audit(f"submission:{submission}") if one["action"] == "review.blocked"]
    assert blocked["detail"]["conflict"] == kind
    if by == "teacher":
        assert await scene.ask("assessor", "GET", "/conflicts") == []  # it would tell whose work waits
    world.clock.advance(days=31)
    assert await scene.queue("assessor") == [submission]


async def test_only_who_declared_it_or_a_leader_ends_a_relationship(scene: Scene) -> None:
    world = scene.world
    mine = {"kind": "family", "otherEmail": world.addresses["assessor"]}
    made = await scene.ask("teacher", "POST", "/conflicts", status=201, json=mine)
    reason = {"reason": "It was a mistake."}
    await scene.ask("assessor", "POST", f"/conflicts/{made['id']}/end", status=404, json=reason)
    foreign = {"kind": "family", "personId": world.people["teacher"].id, "otherId": world.people["assessor"].id}
    await scene.ask("second", "POST", "/conflicts", status=404, json=foreign)
    await scene.ask("teacher", "POST", "/conflicts", status=400, json={**mine, "kind": "same_school"})
    await scene.ask("teacher", "POST", f"/conflicts/{made['id']}/end", status=204, json=reason)
    submission = await scene.hand_in(await scene.publish())
    assert await scene.queue("assessor") == [submission]


async def test_the_coach_of_a_recorded_meeting_does_not_score_the_applicant(scene: Scene) -> None:
    entry = await scene.publish()
    meeting = {
        "educatorId": scene.world.people["teacher"].id,
        "microCredentialId": entry.micro_credential.id,
        "heldOn": scene.world.clock().date().isoformat(),
        "coachId": scene.world.people["assessor"].id,
    }
    await scene.ask("leader", "POST", "/coach-meetings", status=201, json=meeting)
    submission = await scene.hand_in(entry)
    assert await scene.queue("assessor") == []
    await scene.claim("assessor", submission, status=403)


@pytest.mark.parametrize("asked", [False, True])
async def test_the_same_district_is_a_conflict_where_the_programme_says_so(asked: bool, scene: Scene) -> None:
    await scene.world.join("neighbour", "wren-school", Role.EDUCATOR)
    world = scene.world
    admin, alder = await world.act("admin"), world.organisations["alder"].id
    neighbour = world.people["neighbour"].id
    await world.do(people.grant_role, admin, person_id=neighbour, organisation_id=alder, role=Role.ASSESSOR)
    submission = await scene.hand_in(await scene.publish(Programme(district_conflict=asked)))
    assert await scene.queue("neighbour") == ([] if asked else [submission])
    await scene.claim("neighbour", submission, status=403 if asked else 201)


async def test_two_who_would_score_each_other_are_a_reciprocal_pair_for_a_year(scene: Scene) -> None:
    world = scene.world
    admin, wren = await world.act("admin"), world.organisations["wren-school"].id
    assessor = world.people["assessor"].id
    await world.do(people.grant_role, admin, person_id=assessor, organisation_id=wren, role=Role.EDUCATOR)
    alder, teacher = world.organisations["alder"].id, world.people["teacher"].id
    await world.do(people.grant_role, admin, person_id=teacher, organisation_id=alder, role=Role.ASSESSOR)
    entry = await scene.publish()
    await scene.read("teacher", await scene.hand_in(entry, "assessor"))
    submission = await scene.hand_in(entry, "teacher")
    assert await scene.queue("assessor") == []
    refused = await scene.claim("assessor", submission, status=403)
    assert refused["code"] == "conflict-of-interest"
    world.clock.advance(days=366)
    assert [one.submission for one in await world.see(review.queue, await world.act("assessor"))] == [submission]


async def test_what_is_overdue_is_told_to_the_leader_once(scene: Scene) -> None:
    world = scene.world
    submission = await scene.hand_in(await scene.publish(Programme(days_to_decide=2)))
    await orders.tidy(world.parts)
    world.clock.advance(days=4)
    await orders.tidy(world.parts)
    await orders.tidy(world.parts)
    waiting = await world.see(outbox.waiting_of_kind, people.MAIL_ORDER)
    letters = [one.payload for one in waiting if one.payload["letter"] == "overdue"]
    assert letters == [{"letter": "overdue", "person": world.people["leader"].id, "submission": submission}]


async def test_a_leader_learns_whose_work_it_is_only_with_a_reason_that_is_kept_and_then_does_not_score_it(
    scene: Scene,
) -> None:
    submission = await scene.hand_in(await scene.publish())
    at = f"/submissions/{submission}/unblinding"
    reason = {"reason": "A parent asked about a recording."}
    for who in ("assessor", "colleague", "developer"):
        await scene.ask(who, "POST", at, status=404, json=reason)
    await scene.ask("leader", "POST", at, status=400, json={"reason": " "})
    told = await scene.ask("leader", "POST", at, json=reason)
    assert (told["name"], told["schools"]) == ("Teacher", ["Heron School"])
    (kept,) = [one for one in await scene.audit(f"submission:{submission}") if one["action"] == "submission.unblinded"]
    assert kept["reason"] == reason["reason"]
    await scene.read("assessor", submission)
    await scene.ask("leader", "POST", f"/submissions/{submission}/back-readings", status=403)


async def test_a_leader_reads_a_random_share_again_without_seeing_the_decision_and_nothing_is_decided_anew(
    scene: Scene,
) -> None:
    submission = await scene.hand_in(await scene.publish(Programme(back_read_share=1.0)))
    await scene.ask("leader", "POST", f"/submissions/{submission}/back-readings", status=409)
    await scene.read("assessor", submission)
    drawn = await scene.ask("leader", "GET", "/back-reading")
    assert [one["submissionId"] for one in drawn] == [submission]
    await scene.ask("assessor", "POST", f"/submissions/{submission}/back-readings", status=404)
    begun = await scene.ask("leader", "POST", f"/submissions/{submission}/back-readings", status=201)
    seen = await scene.ask("leader", "GET", f"/reviews/{begun['id']}")
    assert seen["scores"] == []
    assert len(seen["artifacts"]) == 3
    note = {"complete": False, "note": "No."}
    await scene.ask("leader", "POST", f"/reviews/{begun['id']}/completeness", status=409, json=note)
    levels = {"specificity": "demonstrated", "uptake": "developing", "reflection": "extending"}
    await scene.score("leader", begun["id"], levels)
    told = await scene.ask("leader", "POST", f"/reviews/{begun['id']}/decision", status=201)
    assert (told["outcome"], told["decided"]) == ("not_yet_earned", False)
    assert (await scene.decision(submission))["outcome"] == "earned"
    assert "leader on" not in str(await scene.decision(submission))
    (found,) = await scene.ask("leader", "GET", "/back-readings")
    assert (found["same"], found["criteria"], found["differs"]) == (1, 3, ["Uptake"])
    assert await scene.ask("leader", "GET", "/back-reading") == []


async def test_comments_are_ones_own_or_shared_by_a_leader_for_a_micro_credential(scene: Scene) -> None:
    entry = await scene.publish()
    of = entry.micro_credential.id
    mine = {"text": "Quote the pupil's own words."}
    shared = {"text": "Put both drafts side by side.", "microCredentialId": of, "shared": True}
    await scene.ask("teacher", "POST", "/review-comments", status=403, json=mine)
    made = await scene.ask("assessor", "POST", "/review-comments", status=201, json=mine)
    await scene.ask("assessor", "POST", "/review-comments", status=403, json=shared)
    await scene.ask("leader", "POST", "/review-comments", status=201, json=shared)
    listed = await scene.ask("assessor", "GET", f"/review-comments?micro_credential={of}")
    assert {one["text"] for one in listed} == {mine["text"], shared["text"]}
    listed = await scene.ask("second", "GET", f"/review-comments?micro_credential={of}")
    assert [one["text"] for one in listed] == [shared["text"]]
    await scene.ask("second", "DELETE", f"/review-comments/{made['id']}", status=404)
    await scene.ask("assessor", "DELETE", f"/review-comments/{made['id']}", status=204)
