"""From a goal to public figures, over HTTP: who may, what is counted, and that small numbers stay hidden."""

from typing import Any

import pytest
from builders import PASSWORD, World, browser

from credentials.figures import service
from credentials.people.model import Role
from credentials.web.app import create_app
from credentials.web.parts import Parts

ORIGIN = {"origin": "http://alder.test"}
GOAL: dict[str, Any] = {
    "title": "More", "measure": "awards_in_year", "baselineYear": 2025, "baseline": 1, "rateHundredths": 1000, "years": 2,
}  # fmt: skip


async def test_a_goal_is_set_everybody_is_counted_and_anybody_reads_what_may_be_shown(
    world: World, parts: Parts
) -> None:
    await world.join("boss", "kestrel-moor", Role.ADMINISTRATOR)
    await world.decide(await world.submission(await world.publish()))
    await world.redeem()
    alder, kestrel = world.organisations["alder"].id, world.organisations["kestrel-moor"].id
    app = create_app(parts, work=False)
    async with browser(app) as admin, browser(app) as teacher, browser(app) as anybody:
        for client, name in ((admin, "admin"), (teacher, "teacher")):
            signed = {"email": world.addresses[name], "password": PASSWORD}
            assert (await client.post("/api/v1/sessions", json=signed, headers=ORIGIN)).status_code == 201

        async def ask(client: Any, method: str, path: str, status: int, body: Any = None) -> Any:
            answer = await client.request(method, f"/api/v1{path}", headers=ORIGIN, json=body)
            assert answer.status_code == status, answer.text
            return answer.json() if answer.content else None

        at = f"/organisations/{alder}"
        empty = await ask(anybody, "GET", f"{at}/growth", 200)
        assert (empty["countedOn"], empty["bands"], empty["goals"]) == (None, [], [])
        await ask(teacher, "POST", f"{at}/goals", 404, GOAL)
        await ask(teacher, "POST", f"{at}/counts", 404)
        await ask(admin, "POST", f"{at}/goals", 400, {**GOAL, "years": 99})
        goal = await ask(admin, "POST", f"{at}/goals", 201, GOAL)
        await ask(admin, "PUT", f"{at}/band", 400, {"band": "rural"})
        await ask(admin, "PUT", f"/organisations/{kestrel}/band", 200, {"band": "rural"})
        await ask(admin, "POST", f"{at}/counts", 202)
        await world.redeem()
        await ask(admin, "POST", f"{at}/counts", 409)

        shown = await ask(anybody, "GET", f"{at}/growth", 200)
        assert shown["countedOn"] == world.clock().date().isoformat()
        (band,) = shown["bands"]
        assert band["band"] == "rural"
        assert (band["educators"], band["holders"], set(band["awards"])) == (None, None, {None}), (
            "two educators, one award"
        )
        assert [(year["target"], year["actual"]) for year in shown["goals"][0]["years"]] == [(1, None), (1, None)]
        seen = await world.see(service.growth_of, alder, world.clock().date(), minimum=1)
        assert seen.tables.holders.cells == ((1, 1),), "who may know it is counted right"
        assert seen.tables.awards.column_totals[-1] == 1
        assert seen.goals[0][1][0].actual == 1

        await ask(admin, "POST", f"/growth-goals/{goal['id']}/end", 200)
        await ask(teacher, "POST", f"/growth-goals/{goal['id']}/end", 404)
        assert (await ask(anybody, "GET", f"{at}/growth", 200))["goals"] == []


@pytest.mark.parametrize("who", ["teacher", "admin"])
async def test_the_page_shows_everybody_the_figures_and_the_forms_to_who_answers(
    world: World, parts: Parts, who: str
) -> None:
    """A form that is refused comes back with what is wrong."""
    app = create_app(parts, work=False)
    at = f"/organisations/{world.organisations['alder'].id}/growth"
    async with browser(app) as client:
        signed = {"email": world.addresses[who], "password": PASSWORD}
        assert (await client.post("/api/v1/sessions", json=signed, headers=ORIGIN)).status_code == 201
        page = await client.get(at)
        assert (page.status_code, "Set a goal" in page.text) == (200, who == "admin")
        typed = {
            "title": "More",
            "measure": "holders",
            "baseline_year": "2025",
            "baseline": "x",
            "rate": "7.5",
            "years": "3",
        }
        refused = await client.post(f"{at}/goals", data=typed, headers=ORIGIN)
        assert refused.status_code == (400 if who == "admin" else 404)
        if who == "admin":
            assert "write a whole number" in refused.text.lower()
            done = await client.post(f"{at}/goals", data={**typed, "baseline": "1,000"}, headers=ORIGIN)
            assert done.status_code == 303
            assert "1,075" in (await client.get(at)).text
