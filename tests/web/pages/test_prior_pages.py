"""Prior learning on pages, in a browser without JavaScript."""

from typing import Any

from builders import World, a_specification

from credentials.catalog.model import Programme


async def test_an_educator_tells_earlier_practice_and_a_supervisor_confirms_it(world: World, house: Any) -> None:
    programme = Programme(practice_months=24, prior_learning=True, prior_months=120)
    entry = await world.publish(a_specification(programme=programme))
    submission = await world.submission(entry, submit=False)
    at = f"/submissions/{submission.id}"
    teacher = await house.signed_in("teacher")
    shown = await teacher.open(f"/micro-credentials/{entry.micro_credential.slug}")
    assert "Earlier practice, at most 10 years old, is taken as prior learning" in shown.main
    page = await teacher.open(at)
    assert "Say on which day the practice began that your evidence shows." in page.main
    page = await teacher.submit(page, "/attestations", own_work="yes", practised_from="2020-01-31")
    assert "The practice is older than 24 months: tell it as prior learning." in page.main
    page = await teacher.open(page.link("Tell it"))
    told = {"began_on": "2019-09-01", "ended_on": "2020-06-30", "account": "I led a reading circle."}
    refused = await teacher.submit(page, "/prior-learning", status=400, **told, witness="nobody@alder.example")
    assert any("Nobody of your organisations has this address" in error for error in refused.errors())
    page = await teacher.submit(refused, "/prior-learning", **told, witness=world.addresses["leader"])
    assert "Waits for an answer" in page.main
    assert "Your supervisor has not answered yet." in (await teacher.open(at)).main

    leader = await house.signed_in("leader")
    page = await leader.open("/attestations")
    assert "I led a reading circle." in page.main
    blank = await leader.submit(page, f"/attestations/{submission.id}", status=400, statement="I saw it.")
    assert "choose whether you confirm it" in blank.main.lower()
    page = await leader.submit(blank, f"/attestations/{submission.id}", statement="I saw it.", confirmed="yes")
    assert "Your answer is saved" in page.main
    assert not page.has_form(f"/attestations/{submission.id}")
    assert "Nothing to attest" in (await teacher.open("/attestations")).main

    page = await teacher.open(at)
    assert "Confirmed Practice from September 1, 2019 to June 30, 2020." in page.main
    page = await teacher.submit(page, "/hand-in")
    assert "Handed in." in page.main
    assessor = await house.signed_in("assessor")
    page = await assessor.submit(await assessor.open("/review"), "/review/next")
    assert "A supervisor has confirmed it." in page.main
    assert "I saw it." not in page.main
