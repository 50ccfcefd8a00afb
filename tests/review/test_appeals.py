"""Integrity cases and appeals (DOMAIN.md, sections 7.4 and 7.5), over HTTP and named by their sentences, on both databases."""

import dataclasses
from datetime import datetime
from typing import Any

import msgspec
import pytest
from builders import a_png
from conftest import NOW
from hypothesis import given
from hypothesis import strategies as st
from scene import Scene

from credentials.catalog.model import CatalogueEntry, Mode, Programme
from credentials.errors import Stale
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage
from credentials.people.model import Role
from credentials.review import likeness, rules
from credentials.review.model import Verdict, Vote
from credentials.web import orders

ESSAY = " ".join(
    f"In week {week} the class read draft {week} aloud and marked what listener {week} could not follow."
    for week in range(1, 9)
)


async def with_others(scene: Scene) -> None:
    for name, role in (("other", Role.EDUCATOR), ("judge", Role.SCORING_LEADER), ("juror", Role.SCORING_LEADER)):
        await scene.world.join(name, "heron-school" if role is Role.EDUCATOR else "alder", role)


async def draft_of(scene: Scene, entry: CatalogueEntry, who: str, *, file: bytes = b"", text: str = "") -> str:
    """A whole draft, with this file or text in place of what is its own."""
    submission = str((await scene.begin(entry, who))["id"])
    at = f"/submissions/{submission}"
    for wanted in entry.version.specification.evidence:
        if Mode.TEXT in wanted.modes:
            own = {"requirement": wanted.id, "text": text or f"In words of my own ({submission[-12:]})."}
            await scene.ask(who, "POST", f"{at}/texts", status=201, json=own)
        else:
            sent = {"data": ("work.png", file or a_png(submission), "image/png")}
            await scene.ask(who, "POST", f"{at}/files?requirement={wanted.id}", status=201, files=sent)
    await scene.ask(who, "PUT", f"{at}/attestations", json={"ownWork": True, "studentConsent": True})
    return submission


async def hand_in(scene: Scene, submission: str, who: str) -> str:
    return str((await scene.ask(who, "POST", f"/submissions/{submission}/hand-in"))["stage"])


async def alike(scene: Scene, entry: CatalogueEntry, **same: Any) -> tuple[str, str]:
    """Two submissions with the same file or text, both handed in."""
    mine = await draft_of(scene, entry, "teacher", **same)
    theirs = await draft_of(scene, entry, "other", **same)
    assert await hand_in(scene, mine, "teacher") == "submitted"
    await hand_in(scene, theirs, "other")
    return mine, theirs


async def the_case(scene: Scene) -> dict[str, Any]:
    (case,) = (await scene.ask("leader", "GET", "/integrity-cases"))["items"]
    return dict(case)


async def vote(scene: Scene, who: str, case: str, *against: str, status: int = 201) -> Any:
    said = {"against": list(against), "reason": f"What {who} found."}
    scene.world.clock.advance(minutes=1)
    return await scene.ask(who, "POST", f"/integrity-cases/{case}/votes", status=status, json=said)


async def redeem(scene: Scene) -> list[str]:
    """Carry out what was ordered, twice; answers the subjects of the letters that went out."""
    subjects: list[str] = []

    async def send(*, to: str, subject: str, text: str, now: datetime) -> None:
        assert to
        assert text
        assert now
        subjects.append(subject)

    parts = dataclasses.replace(scene.world.parts, send_mail=send)
    for _ in range(2):
        await orders.redeem_all(parts)
    return subjects


async def award_of(scene: Scene, who: str = "teacher") -> dict[str, Any]:
    (award,) = (await scene.ask(who, "GET", "/awards"))["items"]
    return dict(award)


async def test_a15_the_same_file_from_two_applicants_opens_a_case_and_both_are_held(scene: Scene) -> None:
    await with_others(scene)
    mine, theirs = await alike(scene, await scene.publish(), file=a_png("the same"))
    assert (await scene.stage(mine), await scene.stage(theirs, "other")) == ("held", "held")
    assert await scene.queue("assessor") == []
    await scene.claim("assessor", mine, status=409)
    refused = await scene.ask("teacher", "POST", f"/submissions/{mine}/hand-in", status=409)
    assert refused["code"] == "wrong-stage", "nobody hands in what is held, to be free of it"
    case = await the_case(scene)
    assert (case["finding"], case["closedAt"]) == ("same_file", None)
    whole = await scene.ask("judge", "GET", f"/integrity-cases/{case['id']}")
    assert sorted(one["submissionId"] for one in whole["parties"]) == sorted((mine, theirs))
    for who in ("teacher", "other", "assessor"):
        await scene.ask(who, "GET", f"/integrity-cases/{case['id']}", status=404)
        await vote(scene, who, case["id"], status=404)
    assert (await scene.ask("teacher", "GET", f"/submissions/{mine}/integrity-cases"))[0]["isOpen"]

    await vote(scene, "leader", case["id"], theirs)
    assert (await vote(scene, "leader", case["id"], status=409))["code"] == "already-voted"
    assert (await scene.ask("judge", "GET", f"/integrity-cases/{case['id']}"))["votes"] == []
    await vote(scene, "judge", case["id"], theirs)
    assert (await vote(scene, "juror", case["id"], status=409))["code"] == "case-closed"
    assert await scene.stage(mine) == "submitted"
    assert await scene.stage(theirs, "other") == "denied"
    (told,) = await scene.ask("other", "GET", f"/submissions/{theirs}/integrity-cases")
    assert (told["verdict"], told["reason"]) == ("upheld", "What leader found.\n\nWhat judge found.")
    assert await scene.queue("assessor") == [mine]
    await scene.read("assessor", mine)
    assert await scene.stage(mine) == "earned"


@pytest.mark.parametrize("allowed", ["programme", "requirement"])
async def test_a15_shared_artifacts_that_a_programme_or_a_requirement_allows_open_no_case(
    allowed: str, scene: Scene
) -> None:
    await with_others(scene)
    entry = await scene.publish(Programme(shared_artifacts=allowed == "programme"))
    if allowed == "requirement":
        evidence = tuple(msgspec.structs.replace(one, shared=True) for one in entry.version.specification.evidence)
        entry = await scene.publish(slug="together", evidence=evidence)
    mine, theirs = await alike(scene, entry, file=a_png("the same"), text=ESSAY)
    assert (await scene.stage(mine), await scene.stage(theirs, "other")) == ("submitted", "submitted")
    assert (await scene.ask("leader", "GET", "/integrity-cases"))["items"] == []


async def test_a15_nearly_the_same_text_is_found_and_a_review_that_is_open_stops(scene: Scene) -> None:
    await with_others(scene)
    entry = await scene.publish()
    mine = await draft_of(scene, entry, "teacher", text=ESSAY)
    theirs = await draft_of(scene, entry, "other", text=ESSAY.replace("week 5", "the fifth week") + " So it went.")
    await hand_in(scene, mine, "teacher")
    review = (await scene.claim("assessor", mine))["id"]
    assert await hand_in(scene, theirs, "other") == "held"
    assert await scene.stage(mine) == "held"
    await scene.ask("assessor", "POST", f"/reviews/{review}/completeness", status=409, json={"complete": True})
    case = await the_case(scene)
    assert case["finding"] == "like_text"
    for who in ("leader", "judge"):
        await vote(scene, who, case["id"])
    assert (await scene.stage(mine), await scene.stage(theirs, "other")) == ("submitted", "submitted")
    assert sorted(await scene.queue("assessor")) == sorted((mine, theirs))


async def test_who_scored_or_reported_or_is_near_does_not_vote_and_the_attempt_is_remembered(scene: Scene) -> None:
    await with_others(scene)
    submission = await scene.hand_in(await scene.publish())
    at = f"/submissions/{submission}/integrity-cases"
    await scene.ask("teacher", "POST", at, status=404, json={"reason": "x"})
    case = await scene.ask("leader", "POST", at, status=201, json={"reason": "A parent wrote to us."})
    assert await scene.stage(submission) == "held"
    await vote(scene, "leader", case["id"], status=403)
    near = {"personId": scene.world.people["judge"].id, "otherId": scene.world.people["teacher"].id, "kind": "family"}
    await scene.ask("admin", "POST", "/conflicts", status=201, json=near)
    assert (await vote(scene, "judge", case["id"], status=403))["code"] == "conflict-of-interest"
    blocked = [one for one in await scene.audit(f"submission:{submission}") if one["action"] == "review.blocked"]
    assert len(blocked) == 1


@pytest.mark.parametrize("upheld", [False, True])
async def test_what_was_reported_while_it_was_with_its_educator_waits_for_the_panel_when_it_comes_back(
    upheld: bool, scene: Scene
) -> None:
    await with_others(scene)
    submission = await scene.hand_in(await scene.publish())
    review = (await scene.claim("assessor", submission))["id"]
    returned = {"complete": False, "note": "The second draft is missing."}
    await scene.ask("assessor", "POST", f"/reviews/{review}/completeness", json=returned)
    said = {"reason": "It is a colleague's work."}
    case = await scene.ask("assessor", "POST", f"/submissions/{submission}/integrity-cases", status=201, json=said)
    assert await scene.stage(submission) == "incomplete"
    if upheld:
        for who in ("leader", "judge"):
            await vote(scene, who, case["id"], submission)
        assert await scene.stage(submission) == "denied", "it does not come back"
        await scene.ask("teacher", "POST", f"/submissions/{submission}/hand-in", status=409)
        return
    assert await hand_in(scene, submission, "teacher") == "held"
    assert await scene.queue("assessor") == []
    for who in ("leader", "judge"):
        await vote(scene, who, case["id"])
    assert await scene.stage(submission) == "submitted"


async def test_a24_misconduct_after_an_award_is_voted_on_and_revokes_it_with_the_reason(scene: Scene) -> None:
    await with_others(scene)
    submission = await scene.hand_in(await scene.publish())
    await scene.read("assessor", submission)
    await redeem(scene)
    award = await award_of(scene)
    said = {"reason": "The pupils' work was written by the teacher."}
    case = await scene.ask("leader", "POST", f"/submissions/{submission}/integrity-cases", status=201, json=said)
    assert await scene.stage(submission) == "earned"
    for who in ("judge", "juror"):
        await vote(scene, who, case["id"], submission)
    letters = await redeem(scene)
    revoked = await award_of(scene)
    assert (revoked["state"], revoked["stateReason"]) == ("revoked", "What judge found.\n\nWhat juror found.")
    actions = [one["action"] for one in await scene.audit(f"case:{case['id']}")]
    assert sorted(actions) == ["integrity.decided", "integrity.opened", "integrity.voted", "integrity.voted"]
    assert "Your badge was revoked: Feedback That Moves Work Forward" in letters

    appeal = await appealed(scene, submission)
    assert appeal["against"] == "revoked"
    upheld = {"upheld": True, "reason": "The drafts show whose work it was."}
    await decide(scene, "judge", appeal["id"], status=403, **upheld)
    await scene.world.join("chair", "alder", Role.SCORING_LEADER)
    await decide(scene, "chair", appeal["id"], **upheld)
    await redeem(scene)
    restored = await award_of(scene)
    assert (restored["state"], restored["id"]) == ("active", award["id"])
    assert restored["credentialId"] == award["credentialId"]


async def appealed(scene: Scene, submission: str, *, status: int = 201, **more: Any) -> Any:
    said = {"statement": "The second draft was in the file; it was overlooked.", **more}
    return await scene.ask("teacher", "POST", f"/submissions/{submission}/appeals", status=status, json=said)


async def decide(scene: Scene, who: str, appeal: str, *, status: int = 201, **said: Any) -> Any:
    return await scene.ask(who, "POST", f"/appeals/{appeal}/decision", status=status, json=said)


async def not_yet_earned(scene: Scene, programme: Programme | None = None) -> str:
    submission = await scene.hand_in(await scene.publish(programme))
    await scene.read("assessor", submission, uptake="developing")
    return submission


@pytest.mark.parametrize(("day", "status"), [(60, 201), (61, 409)])
async def test_x06_an_appeal_on_day_60_is_accepted_and_on_day_61_late_unless_good_cause_is_recorded(
    day: int, status: int, scene: Scene
) -> None:
    await with_others(scene)
    submission = await not_yet_earned(scene)
    scene.world.clock.advance(days=day)
    answer = await appealed(scene, submission, status=status)
    if status == 201:
        assert not answer["late"]
        return
    assert (answer["code"], "60 days" in answer["detail"]) == ("appeal-late", True)
    late = await appealed(scene, submission, goodCause="I was in hospital for two months.")
    assert late["late"]
    passing = [{"criterion": "uptake", "level": "demonstrated"}]
    said = {"upheld": True, "reason": "It was there.", "scores": passing}
    await decide(scene, "judge", late["id"], status=400, **said)
    decided = await decide(scene, "judge", late["id"], acceptCause=True, **said)
    assert (decided["stage"], decided["causeAccepted"]) == ("upheld", True)


async def test_x07_an_appeal_that_asks_to_be_let_off_what_is_not_waivable_is_refused(scene: Scene) -> None:
    submission = await not_yet_earned(scene, Programme(not_waivable=("Required exam",)))
    refused = await appealed(scene, submission, status=400, waives=["required  exam"])
    assert refused["code"] == "not-waivable"


async def test_an_upheld_appeal_changes_the_decision_and_issues_exactly_once(scene: Scene) -> None:
    await with_others(scene)
    submission = await not_yet_earned(scene)
    appeal = await appealed(scene, submission)
    at = f"/appeals/{appeal['id']}"
    file = {"data": ("draft.png", a_png("second draft"), "image/png")}
    sent = await scene.ask("teacher", "POST", f"{at}/files", status=201, files=file)
    await scene.ask("teacher", "POST", f"{at}/texts", status=201, json={"text": "The second draft is attached."})
    for who in ("judge", "teacher"):
        assert len(await scene.ask(who, "GET", f"{at}/evidence")) == 2
        assert (await scene.ask(who, "GET", f"{at}/evidence/{sent['id']}/content")).content
    for who in ("assessor", "other"):
        await scene.ask(who, "GET", at, status=404)
        await decide(scene, who, appeal["id"], status=404, upheld=True, reason="x")
    await appealed(scene, submission, status=409)

    assert [one["id"] for one in (await scene.ask("judge", "GET", "/appeals"))["items"]] == [appeal["id"]]
    short = {"upheld": True, "reason": "It was there."}
    await decide(scene, "judge", appeal["id"], status=400, **short)
    said = {**short, "scores": [{"criterion": "uptake", "level": "demonstrated", "feedback": "Seen in the file."}]}
    await decide(scene, "judge", appeal["id"], **said)
    assert (await decide(scene, "judge", appeal["id"], status=409, **said))["code"] == "wrong-stage"
    decision = await scene.decision(submission)
    assert (decision["outcome"], decision["basis"]) == ("earned", "appeal")
    await redeem(scene)
    assert (await award_of(scene))["state"] == "active"
    await scene.ask("teacher", "POST", f"{at}/texts", status=409, json={"text": "One more."})


async def test_a_dismissed_appeal_tells_why_and_the_decision_stands(scene: Scene) -> None:
    await with_others(scene)
    submission = await not_yet_earned(scene)
    appeal = await appealed(scene, submission)
    await decide(scene, "judge", appeal["id"], upheld=False, reason="No second draft was handed in.")
    assert any("dismissed" in subject for subject in await redeem(scene))
    (told,) = await scene.ask("teacher", "GET", f"/submissions/{submission}/appeals")
    assert (told["stage"], told["reason"]) == ("dismissed", "No second draft was handed in.")
    assert await scene.stage(submission) == "not_yet_earned"


async def test_a_denial_that_an_appeal_sets_aside_is_scored(scene: Scene) -> None:
    await with_others(scene)
    entry = await scene.publish(Programme(panel=1))
    submission = await scene.hand_in(entry)
    case = await scene.ask(
        "leader", "POST", f"/submissions/{submission}/integrity-cases", status=201, json={"reason": "Looks bought."}
    )
    await vote(scene, "judge", case["id"], submission)
    assert await scene.stage(submission) == "denied"
    await scene.begin(entry)
    by_leader = await scene.ask("leader", "POST", f"/submissions/{submission}/assignments", status=409, json={})
    for refused in (await scene.claim("assessor", submission, status=409), by_leader):
        assert refused["code"] == "wrong-stage", "what is denied is not read, and another attempt does not matter"
    found = await scene.world.see(evidence.submission, submission)
    with pytest.raises(Stale):  # an appeal that is decided in the moment in which another attempt is begun
        await scene.world.do(
            evidence.move, await scene.world.act("juror"), found, Stage.SUBMITTED, "submission.released"
        )
    appeal = await appealed(scene, submission)
    await decide(scene, "judge", appeal["id"], status=403, upheld=True, reason="x")
    await decide(scene, "juror", appeal["id"], upheld=True, reason="The drafts show whose work it is.")
    assert await scene.stage(submission) == "submitted"
    await scene.read("assessor", submission)
    assert await scene.stage(submission) == "earned"


WORDS = st.lists(st.sampled_from([f"word{number}" for number in range(60)]), min_size=30, max_size=80)


@given(WORDS, WORDS)
def test_resemblance_is_symmetric_between_0_and_1_and_1_for_the_same(one: list[str], other: list[str]) -> None:
    a, b = likeness.runs(" ".join(one)), likeness.runs(" ".join(other))
    assert likeness.resemblance(a, b) == likeness.resemblance(b, a)
    assert 0 <= likeness.resemblance(a, b) <= 1
    assert likeness.resemblance(a, likeness.runs(", ".join(one).upper())) == 1


@given(WORDS, st.integers(min_value=0, max_value=29))
def test_texts_that_resemble_each_other_share_enough_marks_to_be_found(words: list[str], place: int) -> None:
    changed = [*words[:place], "changed", *words[place + 1 :]]
    one, other = likeness.runs(" ".join(words)), likeness.runs(" ".join(changed))
    if likeness.resemblance(one, other) >= likeness.ALIKE:
        mine, theirs = likeness.sketch(one), likeness.sketch(other)
        assert len(set(mine) & set(theirs)) >= min(likeness.SHARED_MARKS, (len(mine) + 1) // 2)


@pytest.mark.parametrize(
    ("panel", "against", "cleared", "verdict"),
    [
        (3, 1, 0, None),
        (3, 2, 0, Verdict.UPHELD),
        (3, 1, 1, None),
        (3, 1, 2, Verdict.CLEARED),
        (3, 2, 1, Verdict.UPHELD),
        (1, 1, 0, Verdict.UPHELD),
        (2, 1, 1, Verdict.CLEARED),
        (4, 2, 2, Verdict.CLEARED),
        (4, 2, 1, None),
    ],
)
def test_more_than_half_of_the_panel_decide(panel: int, against: int, cleared: int, verdict: Verdict | None) -> None:
    votes = [
        Vote(case_id="c", person_id=str(number), against=("s",) if number < against else (), reason="r", at=NOW)
        for number in range(against + cleared)
    ]
    found = rules.verdicts(["s"], votes, panel)
    assert (found and found["s"]) == verdict
