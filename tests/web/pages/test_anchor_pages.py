"""The pages on which a scoring leader makes anchors and qualification sets, and retires them."""

from typing import Any

from builders import World, a_criterion, a_specification

from credentials.catalog.model import EvidenceRequirement, Mode, PartKind, Rubric

WORK = (
    EvidenceRequirement(
        id="context",
        part=PartKind.OVERVIEW,
        title="Your context",
        instructions="Describe it.",
        modes=(Mode.TEXT, Mode.LINK),
    ),
)


async def test_a_leader_makes_anchors_of_prepared_and_decided_work_and_a_set_of_them(world: World, house: Any) -> None:
    rubric = Rubric(criteria=(a_criterion("clarity", "context"),))
    entry = await world.publish(a_specification(evidence=WORK, rubric=rubric))
    work = await world.submission(entry)
    await world.decide(work)
    leader = await house.signed_in("leader")
    page = await leader.open("/scoring/anchors")
    assert "There is no anchor yet" in page.main

    said = {"use": "qualification", "level-clarity": "demonstrated", "why-clarity": "Both drafts show it."}
    page = await leader.open(f"/scoring/anchors/new?version={entry.version.id}")
    page = await leader.submit(page, "/scoring/anchors/new", status=400, title="Prepared", use="qualification")
    assert "Clarity" in page.main
    text = {"text-context": "What a class did with feedback."}
    page = await leader.submit(
        page, "/scoring/anchors/new", status=400, title="Prepared", **text, **said | {"why-clarity": ""}
    )
    assert "Say why this level is right" in page.main
    page = await leader.submit(page, "/scoring/anchors/new", title="Prepared", **text, **said)
    assert page.heading == "Anchors and sets"
    page = await leader.open(f"/scoring/anchors/new?of={work.id}")
    assert "teacher" not in page.main.lower()
    page = await leader.submit(page, "/scoring/anchors/new", title="Decided", **said)
    for words in ("Prepared", "Decided", "For qualification"):
        assert words in page.main, words

    page = await leader.submit(page, "/scoring/qualification-sets", status=400, title="Autumn set")
    ids = [box.get("value") for box in page.document.findall(".//input[@name='anchorIds']")]
    page = await leader.submit(page, "/scoring/qualification-sets", title="Autumn set", anchorIds=ids)
    assert "Autumn set" in page.main
    page = await leader.submit(page, f"/scoring/anchors/{ids[0]}/retirement", status=409)
    assert "A qualification set has this anchor" in page.main
    (retire,) = [one.get("action") for one in page.document.forms if "qualification-sets/" in one.get("action", "")]
    page = await leader.submit(page, retire)
    page = await leader.submit(page, f"/scoring/anchors/{ids[0]}/retirement")
    assert f"/scoring/anchors/{ids[0]}/retirement" not in page.source
    await (await house.signed_in("assessor")).open("/scoring/anchors", status=403)
