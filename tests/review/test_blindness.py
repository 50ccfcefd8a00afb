"""Blindness that holds: every address that the service has is asked as an assessor, and nothing tells whose work it is."""

import re

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from scene import LEVELS, Scene, signed_in

from credentials.catalog.model import Programme
from credentials.people.model import Role

HARMLESS = re.compile(r"^/(static|schema|api/openapi)")
PUBLIC_PLACES = re.compile(r"^/(api/v1/)?organisations")
"""Who exists in the state is public, and tells nothing of a submission; the applicant is still not named there."""


def addresses(app: Litestar, known: dict[str, list[str]]) -> list[str]:
    """Every address that can be read, with everything that an assessor could put into its parts."""
    found: set[str] = set()
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or "GET" not in route.methods or HARMLESS.match(route.path):
            continue
        paths = [""]
        for component in route.path_components:
            if isinstance(component, str):
                paths = [f"{path}/{component}" for path in paths]
            else:
                values = known.get(component.name, known["any"])
                paths = [f"{path}/{value}" for path in paths for value in values]
        found.update(path or "/" for path in paths)
    return sorted(found)


@pytest.mark.parametrize("copied", ["sqlite"], indirect=True)
async def test_no_address_tells_an_assessor_whose_work_it_is_or_what_was_scored_before(
    scene: Scene, app: Litestar
) -> None:
    world = scene.world
    await scene.rename("teacher", "Marta Núñez")
    await world.join("fourth", "alder", Role.ASSESSOR)
    entry = await scene.publish(Programme(assessors=2))
    earlier = await scene.hand_in(entry)
    for who in ("second", "third"):
        await scene.read(who, earlier, uptake="developing")
    submission = await scene.hand_in(entry)
    other = (await scene.claim("second", submission, status=403), await scene.claim("third", submission, status=403))
    assert all(one["code"] == "conflict-of-interest" for one in other)
    review = (await scene.claim("assessor", submission))["id"]
    await scene.score("assessor", review, {"uptake": "demonstrated"})
    await scene.rename("colleague", "Ottilie Brandvold")
    moderated = await scene.hand_in(entry, "colleague")
    for who in ("second", "third"):
        await scene.read(who, moderated, uptake="developing")
    waiting = await scene.hand_in(entry, "colleague")

    example = {
        "versionId": entry.version.id,
        "title": "An example",
        "use": "shown",
        "scores": [{"criterion": one, "level": "extending", "rationale": "See the work."} for one in LEVELS],
        "submissionId": earlier,
    }
    anchor = await scene.ask("leader", "POST", "/anchors", status=201, json=example)

    teacher = world.people["teacher"]
    asked = {"title": "Where is the line?", "submissionId": moderated}
    seats = [world.people[who].id for who in ("assessor", "fourth")]
    session = await scene.ask("leader", "POST", "/moderations", status=201, json={**asked, "assessorIds": seats})
    apart = {}
    for who in ("assessor", "fourth"):
        seen = await scene.ask(who, "GET", f"/moderations/{session['id']}")
        apart[who] = next(one["reviewId"] for one in seen["members"] if one["mine"])
    await scene.score("fourth", apart["fourth"], LEVELS)
    await scene.ask("fourth", "POST", f"/reviews/{apart['fourth']}/decision", status=201)
    shown = await scene.ask("assessor", "GET", f"/reviews/{review}")
    ids = {
        "any": [submission, earlier, moderated, waiting, review, anchor["id"], anchor["submissionId"], session["id"]],
        "submission_id": [submission, earlier, moderated, waiting],
        "review_id": [review, *apart.values()],
        "moderation_id": [session["id"]],
        "artifact_id": [one["id"] for one in shown["artifacts"]],
        "version_id": [entry.version.id],
        "micro_credential_id": [entry.micro_credential.id],
        "slug": [entry.micro_credential.slug],
        "organisation_id": [world.organisations[name].id for name in ("alder", "heron-school")],
        "anchor_id": [anchor["id"]],
        "person_id": [teacher.id],
        "format": ["json"],
    }
    paths = addresses(app, ids)
    assert len(paths) > 100
    for needed in (f"/review/{review}", f"/api/v1/reviews/{review}", "/review", "/api/v1/review-queue", "/scoring"):
        assert needed in paths
    for needed in (
        f"/moderations/{session['id']}",
        f"/api/v1/moderations/{session['id']}",
        f"/review/{apart['assessor']}",
    ):
        assert needed in paths
    for query in ("/api/v1/review-queue?overdue=true", "/api/v1/review-queue/counts", "/review?overdue=true"):
        paths.append(query)

    colleague = world.people["colleague"]
    secret = (
        *("Núñez", "Nunez", "Marta", world.addresses["teacher"], teacher.id, teacher.subject),
        *("Ottilie", "Brandvold", world.addresses["colleague"], colleague.id),
    )
    earlier_scores = (
        *("second on uptake", "third on uptake", "fourth on uptake"),
        *(f"{who}{mark}s private" for who in ("second", "third", "fourth") for mark in ("'", "&#39;")),
    )
    place = (world.organisations["heron-school"].name, world.organisations["heron-school"].id)
    seen = 0
    async with signed_in(app, world, "assessor") as assessor:
        for path in paths:
            for accept in ("application/json", "text/html"):
                answer = await assessor.get(path, headers={"Accept": accept})
                assert answer.status_code < 500, path
                seen += answer.status_code == 200
                told = answer.text.replace(path, "")
                for word in (*secret, *earlier_scores, *(() if PUBLIC_PLACES.match(path) else place)):
                    if word != teacher.id or teacher.id not in path:
                        assert word not in told, f"{path} tells {word}"
    assert seen > 40
    for answer in scene.answers["assessor"]:
        for word in (*secret, *place, *earlier_scores):
            assert word not in answer.text, f"{answer.request.url} tells {word}"


@pytest.mark.parametrize("copied", ["sqlite"], indirect=True)
async def test_the_search_would_find_it(scene: Scene, app: Litestar) -> None:
    """The same search, as somebody who may know, finds the name: it can fail."""
    await scene.rename("teacher", "Marta Núñez")
    submission = await scene.hand_in(await scene.publish())
    async with signed_in(app, scene.world, "teacher") as teacher:
        paths = addresses(app, {"any": [submission]})
        answers = [await teacher.get(path, headers={"Accept": "text/html"}) for path in paths if path == "/account"]
    assert any("Marta Núñez" in answer.text for answer in answers)


@pytest.mark.parametrize("copied", ["sqlite"], indirect=True)
async def test_evidence_is_open_to_an_assessor_only_while_they_hold_it(scene: Scene) -> None:
    submission = await scene.hand_in(await scene.publish())
    review = (await scene.claim("assessor", submission))["id"]
    shown = await scene.ask("assessor", "GET", f"/reviews/{review}")
    content = f"/submissions/{submission}/artifacts/{shown['artifacts'][0]['id']}/content"
    await scene.ask("second", "GET", content, status=404)
    await scene.ask("leader", "GET", content, status=404)
    await scene.ask("assessor", "GET", content)
    await scene.ask("assessor", "DELETE", f"/reviews/{review}", status=204)
    await scene.ask("assessor", "GET", content, status=404)
    assert (await scene.ask("assessor", "GET", f"/reviews/{review}"))["artifacts"] == []
