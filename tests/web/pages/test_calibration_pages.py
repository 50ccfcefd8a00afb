"""The pages of calibration: an assessor qualifies and reads an example, a leader looks at the figures."""

from typing import Any

from builders import World, a_criterion, a_specification

from credentials.catalog.model import Calibration, EvidenceRequirement, Mode, PartKind, Programme, Rubric
from credentials.review import service
from credentials.review.model import Anchor, AnchorUse, QualificationSet, TrueScore

WORK = (
    EvidenceRequirement(
        id="context",
        part=PartKind.OVERVIEW,
        title="Your context",
        instructions="Describe it.",
        modes=(Mode.TEXT, Mode.LINK),
    ),
)


async def test_an_assessor_qualifies_reads_an_example_and_the_leader_sees_who_is_qualified(
    world: World, house: Any
) -> None:
    asked = Programme(calibration=Calibration(required=True))
    rubric = Rubric(criteria=(a_criterion("clarity", "context"),))
    entry = await world.publish(a_specification(programme=asked, evidence=WORK, rubric=rubric))
    scores = (TrueScore(criterion="clarity", level="demonstrated", rationale="The second draft shows it."),)
    made: list[Anchor] = []
    for use in (AnchorUse.QUALIFICATION, AnchorUse.SHOWN):
        made.append(
            await world.do(
                service.add_anchor,
                await world.act("leader"),
                version_id=entry.version.id,
                title=f"Anchor {use.value}",
                use=use,
                scores=scores,
                pieces=[("context", "What a class did with feedback.", "")],
            )
        )
    found: QualificationSet = await world.do(
        service.add_set,
        await world.act("leader"),
        version_id=entry.version.id,
        title="Autumn set",
        anchor_ids=[made[0].id],
    )
    assert found.anchor_ids == (made[0].id,)

    assessor = await house.signed_in("assessor")
    page = await assessor.open("/review/calibration")
    assert "Nothing yet." in page.main
    page = await assessor.submit(page, "/review/calibration/attempts")
    assert page.heading == "Autumn set"
    assert "What a class did with feedback." in page.main
    assert "The second draft shows it." not in page.source
    at = page.path
    page = await assessor.submit(page, at, status=400, finish="yes")
    assert "1 of 1 scores are missing" in page.main
    name = f"{made[0].id}-clarity"
    page = await assessor.submit(page, at, finish="yes", **{name: "demonstrated"})
    assert "1 of 1 scores are the true ones." in page.main
    page = await assessor.open("/review/calibration")
    assert "Feedback That Moves Work Forward, until" in page.main
    page = await assessor.open(f"/review/examples/{made[1].id}")
    assert "The second draft shows it." in page.main
    await assessor.open(f"/review/examples/{made[0].id}", status=404)
    await (await house.signed_in("teacher")).open("/review/calibration", status=403)
    await assessor.open("/scoring/figures", status=403)

    leader = await house.signed_in("leader")
    page = await leader.open("/scoring/figures")
    assert "Assessor: qualified until" in page.main
    assert "How long the queue has waited" in page.main
    rules = await assessor.open("/micro-credentials/feedback")
    assert "Only those score it who found 80% of the right levels" in rules.main
