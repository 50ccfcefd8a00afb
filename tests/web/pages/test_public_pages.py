"""What anybody may see."""

import json
from typing import Any

import httpx
import msgspec
import pytest
from builders import World, a_specification
from plain_browser import PlainBrowser

from credentials.awards import service as awards
from credentials.catalog import service as catalog
from credentials.errors import Failure
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.verification.sentences import SENTENCES
from credentials.web.pages.problems import MEANINGS, meaning_of

PUBLIC = (
    "/",
    "/catalogue",
    "/stacks",
    "/verify",
    "/organisations",
    "/sign-in",
    "/password",
    "/privacy",
    "/accessibility",
)


async def test_every_public_page_is_whole_in_an_empty_service(anyone: PlainBrowser) -> None:
    for path in PUBLIC:
        await anyone.open(path)


async def test_every_public_page_is_whole_with_a_micro_credential_in_the_catalogue(
    anyone: PlainBrowser, world: World
) -> None:
    await world.publish()
    for path in PUBLIC:
        await anyone.open(path)


async def test_the_catalogue_finds_by_words_of_the_title_and_says_when_nothing_is_found(
    anyone: PlainBrowser, world: World
) -> None:
    await world.publish()
    await world.publish(a_specification(title="Conferring for Agency"), slug="conferring")
    assert (await anyone.open("/catalogue")).links("/micro-credentials/.*") == [
        "/micro-credentials/conferring",
        "/micro-credentials/feedback",
    ]
    found = await anyone.open("/catalogue?words=moves+FEEDBACK")
    assert found.links("/micro-credentials/.*") == ["/micro-credentials/feedback"]
    assert found.value("words") == "moves FEEDBACK"
    assert "Nothing found" in (await anyone.open("/catalogue?words=astronomy")).main


async def test_the_catalogue_can_be_narrowed_to_one_issuer(anyone: PlainBrowser, world: World) -> None:
    await world.publish()
    page = await anyone.open("/catalogue")
    assert [option.text for option in page.document.get_element_by_id("organisation").iter("option")] == [
        "Everybody",
        "Alder Department of Education",
    ]
    mine, other = world.organisations["alder"].id, world.organisations["kestrel-moor"].id
    assert (await anyone.open(f"/catalogue?organisation={mine}")).links("/micro-credentials/.*")
    assert not (await anyone.open(f"/catalogue?organisation={other}")).links("/micro-credentials/.*")


async def test_a_catalogue_of_many_is_shown_page_by_page_with_nothing_lost_or_twice(
    anyone: PlainBrowser, world: World
) -> None:
    for number in range(26):
        await world.publish(a_specification(title=f"Number {number}"), slug=f"number-{number:02}")
    first = await anyone.open("/catalogue?words=number")
    second = await anyone.open(first.link("Show more"))
    shown = [*first.links("/micro-credentials/.*"), *second.links("/micro-credentials/.*")]
    assert shown == [f"/micro-credentials/number-{number:02}" for number in range(26)]
    assert second.value("words") == "number"


async def test_a_micro_credential_says_all_that_one_needs_to_know_before_starting(
    anyone: PlainBrowser, world: World
) -> None:
    await world.publish()
    page = await anyone.open("/micro-credentials/feedback")
    assert page.heading == "Feedback That Moves Work Forward"
    for words in (
        "Gives feedback that leads to a visible revision of work.",
        "T1",
        "Test Educator Competencies",
        "Task-level feedback with time to act on it",
        "Hattie, J., & Timperley, H. (2007). The power of feedback.",
        "Part 2: Work examples",
        "1 to 3 pieces, as document, picture or link",
        "Passing from here",
        "about 6 hours",
        "CC BY 4.0",
        "Allowed if you say so",
    ):
        assert words in page.main
    assert page.link("doi:10.3102/003465430298487") == "https://doi.org/10.3102/003465430298487"
    assert page.link("Sign in to start") == "/sign-in?next=/micro-credentials/feedback"


async def test_the_rubric_is_a_table_with_a_heading_for_each_level_and_each_criterion(
    anyone: PlainBrowser, world: World
) -> None:
    entry = await world.publish()
    (table,) = (await anyone.open("/micro-credentials/feedback")).document.find_class("rubric")
    columns = [heading.text for heading in table.iterfind("thead//th[@scope='col']")]
    assert columns == ["Criterion", "Not yet", "Developing", "Demonstrated", "Extending"]
    rows = table.findall("tbody/tr")
    assert [row.find("th[@scope='row']").text.strip() for row in rows] == ["Specificity", "Uptake", "Reflection"]
    assert [row.get("id") for row in rows] == [
        criterion.id for criterion in entry.version.specification.rubric.criteria
    ]
    assert all(len(row.findall("td")) == 4 for row in rows)
    assert table.find("caption") is not None


async def test_the_results_in_credentials_point_at_places_on_the_page_of_the_achievement(
    anyone: PlainBrowser, world: World
) -> None:
    entry = await world.publish()
    page = await anyone.open(f"/achievements/{entry.version.id}")
    assert page.document.get_element_by_id("uptake") is not None
    assert page.document.get_element_by_id("uptake-demonstrated") is not None


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        pytest.param("text/html,application/xhtml+xml,*/*;q=0.8", "text/html", id="a browser is given a page"),
        pytest.param("application/ld+json", "application/ld+json", id="a program that asks for JSON-LD is given it"),
        pytest.param("application/json", "application/ld+json", id="and so is one that asks for JSON"),
        pytest.param("*/*", "text/html", id="whoever takes anything is given a page"),
    ],
)
async def test_the_address_in_credentials_answers_people_and_programs(
    accept: str, kind: str, client: httpx.AsyncClient, world: World
) -> None:
    entry = await world.publish()
    answer = await client.get(f"/achievements/{entry.version.id}", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert "Accept" in answer.headers["vary"]


async def test_the_achievement_as_json_is_the_one_that_stands_in_credentials(
    client: httpx.AsyncClient, world: World
) -> None:
    entry = await world.publish()
    path = f"/achievements/{entry.version.id}"
    document = (await client.get(path, headers={"Accept": "application/ld+json"})).json()
    earned = await world.submission(entry)
    await world.decide(earned)
    await world.redeem()
    award = await world.see(awards.by_submission, earned.id)
    sealed = await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)
    assert document.pop("@context")
    assert document == json.loads(sealed.body)["credentialSubject"]["achievement"]
    assert document["id"] == f"http://alder.test{path}"


async def test_an_older_version_keeps_its_page_and_leads_to_the_current_one(anyone: PlainBrowser, world: World) -> None:
    first = await world.publish()
    developer, publisher = await world.act("developer"), await world.act("publisher")
    second = await world.do(catalog.new_version, developer, first.micro_credential.id)
    assert (await anyone.open("/micro-credentials/feedback")).main.count("Version 1") == 1
    await anyone.open(f"/achievements/{second.version.id}", status=404)
    await world.do(catalog.submit_for_review, developer, second.version.id)
    await world.do(catalog.publish, publisher, second.version.id)
    old = await anyone.open(f"/achievements/{first.version.id}")
    assert "There is a newer version" in old.main
    assert "This version cannot be started" in old.main
    assert "Version 2" in (await anyone.open("/micro-credentials/feedback")).main


async def test_what_was_retired_keeps_its_page_and_says_so(anyone: PlainBrowser, world: World) -> None:
    entry = await world.publish()
    await world.do(catalog.retire, await world.act("developer"), entry.version.id, reason="superseded")
    assert "Not offered any more" in (await anyone.open("/micro-credentials/feedback")).main
    assert "feedback" not in (await anyone.open("/catalogue")).source.split("main", 1)[1].lower().replace("nothing", "")


async def test_who_recognises_what_no_rule_counts_is_said_as_it_is(anyone: PlainBrowser, world: World) -> None:
    await world.publish()
    page = await anyone.open((await anyone.open("/micro-credentials/feedback")).link("Licences, pathways and pay"))
    assert page.heading == "Who recognises “Feedback That Moves Work Forward”"
    assert "No public rule here counts it" in page.main
    issuer = await anyone.open(f"/organisations/{world.organisations['alder'].id}")
    page = await anyone.open(issuer.link("Who recognises what it issues"))
    assert page.heading == "Who recognises what Alder Department of Education issues"


async def test_a_draft_is_seen_by_its_developers_only(anyone: PlainBrowser, world: World, house: Any) -> None:
    developer = await world.act("developer")
    entry = await world.do(
        catalog.draft,
        developer,
        organisation_id=world.organisations["alder"].id,
        slug="unfinished",
        specification=a_specification(title="Unfinished"),
    )
    await anyone.open("/micro-credentials/unfinished", status=404)
    await anyone.open("/micro-credentials/unfinished/recognition", status=404)
    await anyone.open(f"/achievements/{entry.version.id}", status=404)
    signed_in = await house.signed_in("developer")
    assert "This is a preview" in (await signed_in.open(f"/achievements/{entry.version.id}")).main


async def test_an_empty_draft_can_be_looked_at(world: World, house: Any) -> None:
    developer = await world.act("developer")
    empty = msgspec.convert({"title": ""}, type(a_specification()))
    entry = await world.do(
        catalog.draft,
        developer,
        organisation_id=world.organisations["alder"].id,
        slug="empty",
        specification=empty,
    )
    signed_in = await house.signed_in("developer")
    assert (await signed_in.open(f"/achievements/{entry.version.id}")).heading == "Untitled"


async def test_an_organisation_says_what_it_is_and_what_it_issues(anyone: PlainBrowser, world: World) -> None:
    await world.publish()
    state = await anyone.open(f"/organisations/{world.organisations['alder'].id}")
    assert state.heading == "Alder Department of Education"
    assert state.links("/micro-credentials/.*") == ["/micro-credentials/feedback"]
    assert "Kestrel Moor" in state.main
    school = await anyone.open(f"/organisations/{world.organisations['heron-school'].id}")
    assert "of Kestrel Moor" in school.main
    assert "It issues no micro-credentials of its own" in school.main
    assert "People and roles" not in state.main


NOTHING_THERE = (
    "/nowhere",
    "/micro-credentials/none",
    "/achievements/none",
    "/stacks/none",
    "/badges/none",
    "/organisations/none",
    "/organisations/none/recognition",
    "/micro-credentials/none/recognition",
    "/problems/none",
    "/micro-credentials/%00",
    "/catalogue?words=%00",
)


async def test_an_address_without_anything_answers_with_a_page_that_says_so(anyone: PlainBrowser) -> None:
    for path in NOTHING_THERE:
        page = await anyone.open(path, status=404)
        assert page.heading == "There is nothing here"


def kinds_of(kind: type[Failure]) -> set[type[Failure]]:
    return {kind}.union(*(kinds_of(narrower) for narrower in kind.__subclasses__()))


NEVER_SENT = {"failure", "settings-refused", "content-unreadable", "schema-outdated"}
"""Codes that a command line prints and no request is answered with."""


def test_every_code_of_a_refusal_has_a_page() -> None:
    codes = {kind.code for kind in kinds_of(Failure) if kind.__module__.startswith("credentials.")}
    assert codes - NEVER_SENT - set(MEANINGS) == set()


async def test_the_page_of_a_code_says_what_it_means_and_what_to_do(anyone: PlainBrowser) -> None:
    for code, meaning in MEANINGS.items():
        page = await anyone.open(f"/problems/{code}")
        assert page.heading == meaning.title
        assert "What to do" in page.main
    await anyone.open("/problems/no-such-code", status=404)


async def test_a_code_of_what_is_found_in_a_credential_has_a_page_too(anyone: PlainBrowser) -> None:
    """The VC-API answers with it as the type of a problem; those in capitals are at addresses of the standards."""
    for code in ("context-not-allowed", "related-resource-differs", "nothing-presented", "no-proof"):
        page = await anyone.open(f"/problems/{code}")
        assert SENTENCES[code] in page.main
    assert all(meaning_of(code) for code in SENTENCES)


async def test_pages_stand_under_the_policy_of_content_and_are_not_in_the_description_of_the_api(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/", headers={"Accept": "text/html"})
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    machines = ("/api/", "/ims/", "/status/", "/orgs/", "/schemas/", "/.well-known/", "/receipts/")
    pages = {path for path in paths if not path.startswith(machines)}
    assert pages <= {
        "/achievements/{version_id}/rubric.json",
        "/achievements/{version_id}/badge.svg",
        "/stacks/{stack_id}/badge.svg",
        "/licences/{licence_id}/badge.svg",
        "/registries/{slug}",
        "/badges/{share}/credential.{form}",
    } | {path for path in paths if path.startswith("/badges/")}
