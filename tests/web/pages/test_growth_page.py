"""Growth and equity, as everybody reads it and as those see it who answer for it."""

from typing import Any

from builders import World

GOAL = {
    "title": "More",
    "measure": "holders",
    "baseline_year": "2025",
    "baseline": "1,000",
    "rate": "7.5",
    "years": "3",
}


async def test_the_page_shows_everybody_the_figures_and_the_forms_to_who_answers(
    house: Any, world: World, anyone: Any
) -> None:
    at = f"/organisations/{world.organisations['alder'].id}"
    page = await anyone.open((await anyone.open(at)).link("Growth and equity"))
    assert "Nothing was counted yet" in page.main
    assert not page.has_form("/goals")
    admin = await house.signed_in("admin")
    page = await admin.open(f"{at}/growth")
    page = await admin.submit(page, "/goals", **{**GOAL, "baseline": "many"}, status=400)
    assert page.errors() == ["Write a whole number."]
    page = await admin.submit(page, "/goals", **GOAL)
    assert "The goal is set, and public." in page.main
    assert "1,075" in (await anyone.open(f"{at}/growth")).main
    page = await admin.submit(page, "/band", band="rural")
    assert "Kestrel Moor: Rural" in page.main
    page = await admin.submit(page, "/counts")
    assert "Everybody is being counted." in page.main
    await world.redeem()
    page = await anyone.open(f"{at}/growth")
    assert "Rural" in page.main
    assert "not shown" in page.main
    page = await admin.submit(await admin.open(f"{at}/growth"), "/counts", status=409)
    assert "would tell of single people" in page.main
    page = await admin.submit(await admin.open(f"{at}/growth"), "/end")
    assert "No goal is set." in page.main
