"""The page that compares districts: a leader draws a common task, and sees what came of it as chart and table."""

from typing import Any

from builders import World, a_specification

from credentials.people import service as people
from credentials.people.model import OrganisationKind, Role
from credentials.review import service
from credentials.review.model import Score

CRITERIA = ("specificity", "uptake", "reflection")
WORKS = 7
"""Of three criteria each: twenty-one scores, one more than figures are told of."""


async def a_guest(world: World) -> None:
    """Another district, with an assessor of its own."""
    world.organisations["otter-bay"] = await world.do(
        people.found_organisation,
        await world.act("admin"),
        kind=OrganisationKind.DISTRICT,
        slug="otter-bay",
        name="Otter Bay",
        parent_id=world.organisations["alder"].id,
    )
    await world.join("guest", "otter-bay", Role.ASSESSOR)


async def test_a_leader_draws_a_common_task_and_sees_the_other_district_score_harsher(world: World, house: Any) -> None:
    await a_guest(world)
    entry = await world.publish(a_specification())
    for place in range(WORKS):
        await world.join(f"educator-{place}", "heron-school", Role.EDUCATOR)
        await world.decide(await world.submission(entry, f"educator-{place}"))
    leader = await house.signed_in("leader")
    page = await leader.open("/scoring/comparability")
    assert "Nothing was scored again yet" in page.main
    drawn = {
        "version": entry.version.id,
        "home": world.organisations["kestrel-moor"].id,
        "guest": world.organisations["otter-bay"].id,
    }
    page = await leader.submit(page, "/scoring/common-tasks", status=400, **drawn, size="many")
    page = await leader.submit(page, "/scoring/common-tasks", **drawn, size="20")
    assert "7 of 7" in page.main

    guest = await house.signed_in("guest")
    desk = await guest.open("/review")
    assert "Common task, since" in desk.main
    page = await guest.open(desk.links("/review/[0-9a-f-]{36}")[0])
    assert "To compare districts" in page.main
    act = await world.act("guest")
    for one in await world.see(service.open_reviews, act.actor.person_id):
        for criterion in CRITERIA:
            harsh = Score(criterion=criterion, level="developing", feedback="It does not say what to change.")
            await world.do(service.score, act, one.id, harsh)
        await world.do(service.finish, act, one.id)

    page = await leader.open("/scoring/comparability")
    for words in ("-1.00 -1.00 to -1.00 Harsher", "0.00 0.00 to 0.00", "too few", "All are scored"):
        assert words in page.main, words
    assert page.source.count("<circle") == 1, "seven scores of one criterion are too few for a dot"
    await guest.open("/scoring/comparability", status=403)
