"""Integrity cases and appeals, in a browser without JavaScript."""

from typing import Any

import pytest
from builders import World, a_png

from credentials.evidence import service as evidence
from credentials.evidence.model import Stage
from credentials.people.model import Role
from credentials.review import service as review
from credentials.review.model import Score


@pytest.fixture
async def not_yet_earned(world: World) -> str:
    """A submission of the teacher's that is Not Yet Earned for one criterion."""
    submission = (await world.submission(await world.publish())).id
    act = await world.act("assessor")
    claimed = await review.claim(world.parts.database, act, submission)
    await world.do(review.confirm_complete, act, claimed.id)
    for criterion, level in (("specificity", "demonstrated"), ("uptake", "developing"), ("reflection", "extending")):
        await world.do(
            review.score, act, claimed.id, Score(criterion=criterion, level=level, feedback="Show the revision.")
        )
    await world.do(review.finish, act, claimed.id)
    return str(submission)


async def test_an_educator_appeals_and_a_leader_upholds_with_the_level_that_the_work_has(
    not_yet_earned: str, world: World, house: Any
) -> None:
    teacher = await house.signed_in("teacher")
    page = await teacher.open(f"/submissions/{not_yet_earned}")
    assert "Appeal this decision" in page.main
    at = f"/submissions/{not_yet_earned}/appeal"
    page = await teacher.open(at)
    assert "You can appeal until" in page.main
    refused = await teacher.submit(page, at, status=400, statement="")
    assert "fill this in" in refused.main.lower()
    page = await teacher.submit(page, at, statement="The revision is in the file.")
    assert "Your appeal is filed." in page.main
    page = await teacher.submit(page, "/texts", text="See the second page.")
    assert "See the second page." in page.main
    upload = page.form("/files").get("action")
    sent = {"file": ("draft.png", a_png("second draft"), "image/png")}
    answer = await teacher.client.post(upload, files=sent, headers={"Origin": "http://alder.test"})
    assert answer.status_code == 303
    assert "draft.png" in (await teacher.open(at)).main
    text = {"file": ("draft.exe", b"MZ", "application/octet-stream")}
    refused = await teacher.client.post(upload, files=text, headers={"Origin": "http://alder.test"})
    assert (refused.status_code, "That did not work yet" in refused.text) == (400, True)

    leader = await house.signed_in("leader")
    desk = await leader.open("/scoring/cases")
    assert "Appeals (1)" in desk.main
    (appeal,) = await world.see(review.appeals_to_decide, await world.act("leader"))
    page = await leader.open(f"/scoring/appeals/{appeal.id}")
    assert "The revision is in the file." in page.main
    refused = await leader.submit(page, "/decision", status=400, reason="It is there.", outcome="")
    assert "choose whether you uphold" in refused.main.lower()
    page = await leader.submit(
        page, "/decision", outcome="upheld", reason="It is there.", **{"level-uptake": "demonstrated"}
    )
    assert "Decided. The educator is told by mail." in page.main
    assert (await world.see(evidence.submission, not_yet_earned)).stage is Stage.EARNED
    assert "It is there." in (await teacher.open(at)).main


async def test_a_panel_reads_a_case_without_names_and_votes_once(world: World, house: Any) -> None:
    submission = (await world.submission(await world.publish())).id
    await world.join("judge", "alder", Role.SCORING_LEADER)
    case = await world.do(review.report, await world.act("assessor"), submission, reason="Somebody wrote to us.")
    teacher = await house.signed_in("teacher")
    assert "Held" in (await teacher.open(f"/submissions/{submission}")).main
    assert "A panel looks into it" in (await teacher.open(f"/submissions/{submission}/appeal")).main
    await teacher.open(f"/scoring/cases/{case.id}", status=404)
    await teacher.open("/scoring/cases", status=403)
    leader = await house.signed_in("leader")
    assert "Integrity cases (1)" in (await leader.open("/scoring/cases")).main
    page = await leader.open(f"/scoring/cases/{case.id}")
    for hidden in ("Teacher", "Heron"):
        assert hidden not in page.main
    refused = await leader.submit(page, "/votes", status=400, against=submission, reason="")
    assert "fill this in" in refused.main.lower()
    page = await leader.submit(page, "/votes", against=submission, reason="It is bought.")
    assert "1 of 3 have voted" in page.main
    assert not page.has_form("/votes")
    judge = await house.signed_in("judge")
    await judge.submit(await judge.open(f"/scoring/cases/{case.id}"), "/votes", against=submission, reason="So it is.")
    assert "What the panel decided: Upheld" in (await teacher.open(f"/submissions/{submission}/appeal")).main
    assert "until" in (await teacher.open(f"/submissions/{submission}/appeal")).main
