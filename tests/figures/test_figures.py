"""From a goal to public figures, over HTTP: who may, what is counted, and that small numbers stay hidden."""

from typing import Any

from builders import PASSWORD, World, browser, served

from credentials.figures import service
from credentials.people.model import Role
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
    app = served(parts)
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
        part = await ask(admin, "POST", f"/organisations/{kestrel}/counts", 400)
        assert "above all" in part["detail"], "the whole less a part tells of the other part"
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
        seen = await world.see(service.growth_of, alder, world.clock().date(), minimum=0)
        assert seen.tables.holders.cells == ((1, 1),), "it is counted right"
        assert seen.tables.awards.column_totals[-1] == 1
        assert seen.goals[0][1][0].actual == 1

        await ask(admin, "POST", f"/growth-goals/{goal['id']}/end", 200)
        await ask(teacher, "POST", f"/growth-goals/{goal['id']}/end", 404)
        assert (await ask(anybody, "GET", f"{at}/growth", 200))["goals"] == []
