"""A rule of an office from its first draft to its sunset, the record it is judged against, and where people stand."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from builders import PASSWORD, TestClock, World, browser, served

from credentials.awards import service as awards
from credentials.errors import Failure, Forbidden, NotFound, Stale
from credentials.issuing import service as issuing
from credentials.pathways import service
from credentials.pathways.model import Approval, OwnRule, PathwayRefused, Phase, VersionApproved
from credentials.pathways.record import Known
from credentials.people.model import Role
from credentials.web.parts import Parts

ORIGIN = {"origin": "http://alder.test"}
RULE = {
    "all": [
        {"credential": {"type": "micro_credential", "ref": "feedback"}, "label": "feedback"},
        {"fact": "experience.years", "op": ">=", "value": 3, "label": "experience"},
    ]
}
EASY = {"fact": "experience.years", "op": ">=", "value": 1, "label": "experience"}


def octets(rule: Any) -> bytes:
    return json.dumps(rule).encode()


@pytest.fixture
async def office(world: World) -> World:
    for name, organisation in (("officer", "alder"), ("chief", "alder"), ("stranger", "wren-school")):
        await world.join(name, organisation, Role.LICENSING_OFFICER)
    return world


async def drafted(world: World, rule: Any = RULE, **more: Any) -> Any:
    return await world.do(
        service.draft_pathway,
        await world.act("officer"),
        organisation_id=world.organisations["alder"].id,
        slug=more.pop("slug", "renewal"),
        title="Renewal",
        description="How a licence is renewed.",
        rule=octets(rule),
        effective_from=more.pop("effective_from", world.clock().date()),
        **more,
    )


async def approved(world: World, version: Any, who: str = "chief") -> Any:
    approval = Approval(board="State Board", decided_on=world.clock().date(), bargaining="not needed")
    return await world.do(
        service.approve_version, await world.act(who), version.id, approval, revision=version.revision
    )


async def knows(world: World, path: str, value: Any, **more: Any) -> Any:
    return await world.do(
        service.record_fact,
        await world.act("officer"),
        educator_id=world.people["teacher"].id,
        organisation_id=world.organisations["alder"].id,
        path=path,
        value=value,
        evidence="letter of the district, 3 May",
        **more,
    )


async def stands(world: World, pathway: Any, on: date | None = None, known: Known = Known.THEN) -> Any:
    teacher = world.people["teacher"].id
    _, found = await world.see(service.standing_of, pathway, teacher, on or world.clock().date(), known)
    return found


async def test_a_rule_is_written_approved_by_another_in_force_replaced_and_over(office: World) -> None:
    today = office.clock().date()
    pathway, first = await drafted(office)
    assert first.phase(today) is Phase.DRAFT
    with pytest.raises(NotFound):
        await office.see(service.pathway_for, None, pathway.id)
    with pytest.raises(OwnRule):
        await approved(office, first, "officer")
    with pytest.raises(NotFound):
        await approved(office, first, "stranger")
    with pytest.raises(Stale):
        await approved(office, msgspec.structs.replace(first, revision=9))
    first = await approved(office, first)
    assert first.phase(today) is Phase.IN_FORCE
    with pytest.raises(VersionApproved):
        await office.do(
            service.edit_version, await office.act("officer"), first.id,
            revision=first.revision, rule=octets(EASY), effective_from=today, effective_to=None, name="",
        )  # fmt: skip
    second = await office.do(
        service.draft_version, await office.act("officer"), pathway.id,
        rule=octets(EASY), effective_from=today + timedelta(days=30), name="easier",
    )  # fmt: skip
    await approved(office, second)
    _, versions = await office.see(service.pathway_for, None, pathway.id)
    later = today + timedelta(days=30)
    assert [(one.number, one.effective_to, one.phase(today), one.phase(later)) for one in versions] == [
        (1, later, Phase.IN_FORCE, Phase.SUNSET),
        (2, None, Phase.APPROVED, Phase.IN_FORCE),
    ]


async def test_an_approval_comes_before_the_rule_takes_effect_and_two_versions_never_overlap(office: World) -> None:
    today = office.clock().date()
    _, early = await drafted(office, effective_from=today - timedelta(days=1))
    with pytest.raises(PathwayRefused, match="after it takes effect"):
        await approved(office, early)
    pathway, first = await drafted(office, slug="other")
    await approved(office, first)
    same = await office.do(
        service.draft_version, await office.act("officer"), pathway.id, rule=octets(EASY), effective_from=today
    )
    with pytest.raises(PathwayRefused, match="version 1"):
        await approved(office, same)


async def test_a_mistake_in_a_rule_is_refused_with_its_place(office: World) -> None:
    with pytest.raises(Failure) as refusal:
        await drafted(office, {"all": [{"credential": {"colour": "red"}}]})
    assert refusal.value.faults[0].pointer == "/all/0/credential/colour"


async def an_award(world: World) -> Any:
    submission = await world.decide(await world.submission(await world.publish()))
    await world.redeem()
    return await world.see(awards.by_submission, submission.id)


async def test_the_verdict_follows_awards_and_facts_and_a_past_day_stays_as_it_was(
    office: World, clock: TestClock
) -> None:
    pathway, version = await drafted(office)
    await approved(office, version)
    assert [reason.code for reason in (await stands(office, pathway)).reasons] == ["SHORT", "FACT_MISSING"]
    award = await an_award(office)
    await knows(office, "experience.years", 2)
    clock.advance(days=1)
    fact = await knows(office, "experience.years", 3)  # the newest counts
    assert (await stands(office, pathway)).verdict == "met"
    met_on = clock().date()
    clock.advance(days=10)
    await office.do(issuing.suspend, await office.act("admin"), award.id, reason="a question")
    clock.advance(days=1)
    assert {str(reason.code) for reason in (await stands(office, pathway)).reasons} == {"SHORT", "SUSPENDED"}
    await office.do(issuing.revoke, await office.act("admin"), award.id, reason="an integrity decision")
    await office.do(service.withdraw_fact, await office.act("officer"), fact.id, reason="a mistake")
    clock.advance(days=1)
    codes = {str(reason.code) for reason in (await stands(office, pathway)).reasons}
    assert codes == {"SHORT", "REVOKED", "FACT_NOT_MET"}
    assert (await stands(office, pathway, met_on)).verdict == "met"
    assert (await stands(office, pathway, met_on, Known.NOW)).verdict == "not_met"
    before = met_on - timedelta(days=1)
    assert {str(reason.code) for reason in (await stands(office, pathway, before)).reasons} == {"FACT_NOT_MET"}


async def test_an_item_that_was_used_or_withdrawn_counts_no_more(office: World, clock: TestClock) -> None:
    rule = {
        "sum": {"unit": "hour", "min": 10, "where": {"unused": True}, "rates": [{"match": {"type": "pd"}, "value": 1}]}
    }
    pathway, version = await drafted(office, rule)
    await approved(office, version)
    alder, teacher = office.organisations["alder"].id, office.people["teacher"].id
    about = {"educator_id": teacher, "organisation_id": alder, "title": "Reading course", "evidence": "certificate"}
    item = {"type": "pd", "qty": 12, "earned": "2024-03-01"}
    with pytest.raises(Failure) as refusal:
        await office.do(service.record_item, await office.act("officer"), **about, item={**item, "qty": "many"})
    assert refusal.value.faults[0].pointer == "/qty"
    held = await office.do(service.record_item, await office.act("officer"), **about, item=item)
    assert (await stands(office, pathway)).verdict == "met"
    for _ in range(2):
        await office.do(service.use_items, await office.act("officer"), teacher, [held.id], "decision:1")
    assert {str(one.code) for one in (await stands(office, pathway)).reasons} == {"SHORT", "ALREADY_USED"}
    assert await office.do(service.release_items, await office.act("officer"), "decision:1") == 1
    assert (await stands(office, pathway)).verdict == "met"
    await office.do(service.withdraw_item, await office.act("officer"), held.id, reason="not theirs")
    clock.advance(days=1)
    assert {str(one.code) for one in (await stands(office, pathway)).reasons} == {"SHORT", "REVOKED"}


async def test_only_officers_of_the_organisation_record_and_look(office: World) -> None:
    teacher, alder = office.people["teacher"].id, office.organisations["alder"].id
    fact = {"educator_id": teacher, "path": "a", "value": 1, "evidence": "e"}
    for who, organisation in (
        ("stranger", alder),
        ("teacher", alder),
        ("stranger", office.organisations["wren-school"].id),
    ):
        with pytest.raises((Forbidden, NotFound)):
            await office.do(service.record_fact, await office.act(who), **fact, organisation_id=organisation)
    with pytest.raises(NotFound):
        await office.do(
            service.record_fact, await office.act("officer"), **{**fact, "educator_id": "nobody"}, organisation_id=alder
        )
    for who, may in (("teacher", True), ("officer", True), ("stranger", False), ("colleague", False)):
        actor = (await office.act(who)).actor
        look = office.see(service.may_see, actor, teacher, alder, office.clock())
        if may:
            await look
        else:
            with pytest.raises(NotFound):
                await look


async def test_a_trial_run_says_who_gains_and_who_loses(office: World) -> None:
    pathway, version = await drafted(office, EASY)
    await approved(office, version)
    await knows(office, "experience.years", 2)
    stricter = await office.do(
        service.draft_version, await office.act("officer"), pathway.id, rule=octets(RULE),
        effective_from=office.clock().date() + timedelta(days=9),
    )  # fmt: skip
    found = await office.see(service.what_if, pathway, stricter, office.clock().date(), office.clock())
    teacher = office.people["teacher"].id
    assert [(change.educator_id, change.before, change.after) for change in found.loses] == [
        (teacher, "met", "not_met")
    ]
    assert (found.judged, found.gains, found.last) == (2, (), None)
    first = await office.see(service.what_if, pathway, stricter, office.clock().date(), office.clock(), limit=1)
    rest = await office.see(
        service.what_if, pathway, stricter, office.clock().date(), office.clock(), after=first.last, limit=1
    )
    assert len({change.educator_id for one in (first, rest) for change in one.loses}) == 1


async def test_everybody_is_judged_and_again_after_an_award(office: World, parts: Parts) -> None:
    pathway, version = await drafted(office, RULE["all"][0])
    await approved(office, version)
    assert [count async for count in service.judge_everybody(parts.database, pathway, office.clock())] == [2]
    teacher = office.people["teacher"].id
    assert [one.verdict for one in await office.see(service.standings_of, teacher)] == ["not_met"]
    award = await an_award(office)  # its order judges again
    assert [one.verdict for one in await office.see(service.standings_of, teacher)] == ["met"]
    await office.do(issuing.revoke, await office.act("admin"), award.id, reason="a decision")
    await office.redeem()
    assert [one.verdict for one in await office.see(service.standings_of, teacher)] == ["not_met"]


async def test_when_a_rule_begins_or_ends_the_verdicts_of_everybody_follow_batch_by_batch(
    office: World, parts: Parts
) -> None:
    everybody = [office.people[name].id for name in ("teacher", "colleague")]

    async def verdicts() -> list[list[str]]:
        return [[one.verdict for one in await office.see(service.standings_of, who)] for who in everybody]

    pathway, version = await drafted(office, EASY)
    await approved(office, version)
    assert await verdicts() == [[], []]
    await office.redeem()
    assert await verdicts() == [["not_met"], ["not_met"]]
    begins = office.clock().date() + timedelta(days=30)
    easier = await office.do(
        service.draft_version,
        await office.act("officer"),
        pathway.id,
        rule=octets({"true": True}),
        effective_from=begins,
    )
    await approved(office, easier)
    await office.redeem()
    assert await verdicts() == [["not_met"], ["not_met"]], "it is not in force yet"
    office.clock.advance(days=30)
    now = office.clock()
    assert await service.judge_by_rule(parts.database, parts.ids, now, pathway.id, "v:day", limit=1) == 1
    assert sorted(await verdicts()) == [["met"], ["not_met"]]
    await office.redeem()  # the next batch, and what was due on that day
    assert await verdicts() == [["met"], ["met"]]


async def test_what_an_office_records_or_takes_back_is_followed_by_the_verdict(office: World) -> None:
    _, version = await drafted(office, EASY)
    await approved(office, version)
    teacher = office.people["teacher"].id
    fact = await knows(office, "experience.years", 1)
    await office.redeem()
    assert [one.verdict for one in await office.see(service.standings_of, teacher)] == ["met"]
    await office.do(service.withdraw_fact, await office.act("officer"), fact.id, reason="a mistake")
    await office.redeem()
    assert [one.verdict for one in await office.see(service.standings_of, teacher)] == ["not_met"]


# Over HTTP


class Caller:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def __call__(self, method: str, path: str, status: int, revision: int | None = None, /, **body: Any) -> Any:
        headers = {**ORIGIN, **({"if-match": f'"{revision}"'} if revision is not None else {})}
        answer = await self.client.request(method, f"/api/v1{path}", headers=headers, json=body or None)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@pytest.fixture
async def callers(office: World, parts: Parts) -> AsyncIterator[dict[str, Caller]]:
    app = served(parts)
    opened = {}
    for name in ("officer", "chief", "teacher", "stranger"):
        caller = Caller(browser(app))
        await caller("POST", "/sessions", 201, email=office.addresses[name], password=PASSWORD)
        opened[name] = caller
    yield opened
    for caller in opened.values():
        await caller.client.aclose()


async def test_an_office_writes_a_rule_and_an_educator_sees_where_they_stand(
    office: World, callers: dict[str, Caller], client: httpx.AsyncClient
) -> None:
    officer, chief, teacher, stranger = (callers[name] for name in ("officer", "chief", "teacher", "stranger"))
    today = office.clock().date().isoformat()
    alder, me = office.organisations["alder"].id, office.people["teacher"].id
    wrong = await officer("POST", "/pathway-rules", 400, all=[{"sum": {}}])
    assert wrong["errors"][0]["pointer"] == "/all/0/sum/min"
    words = await officer("POST", "/pathway-rules", 200, **RULE)
    assert words["words"][0] == {"depth": 0, "words": "all of these"}
    made = await officer(
        "POST", "/pathways", 201, organisationId=alder, slug="renewal", title="Renewal", rule=RULE, effectiveFrom=today
    )
    pathway, (version,) = made["pathway"]["id"], made["versions"]
    at = f"/pathway-versions/{version['id']}"
    await officer("PUT", at, 428, rule=RULE, effectiveFrom=today)
    edited = await officer("PUT", at, 200, 1, rule=RULE, effectiveFrom=today, name="first")
    await officer("PUT", at, 412, 1, rule=RULE, effectiveFrom=today)
    await stranger("GET", f"/pathways/{pathway}", 404)
    await stranger("GET", at, 404)
    await chief("POST", f"{at}/approval", 200, edited["revision"], board="State Board", decidedOn=today)
    public = await client.get(f"/api/v1/pathways/{pathway}")
    assert (public.status_code, public.json()["versions"][0]["phase"]) == (200, "in_force")
    assert public.json()["versions"][0]["rule"] == RULE
    listed = (await client.get("/api/v1/pathways")).json()["items"]
    assert [one["slug"] for one in listed] == ["renewal"]

    fact = {"organisationId": alder, "path": "experience.years", "value": 4, "evidence": "letter"}
    recorded = await officer("POST", f"/educators/{me}/facts", 201, **fact)
    await stranger("POST", f"/educators/{me}/facts", 404, **fact)
    mine = await teacher("GET", f"/pathways/{pathway}/standing", 200)
    assert mine["evaluation"]["verdict"] == "not_met"
    assert mine["evaluation"]["nearest"][0]["text"].startswith("1 more for “feedback”")
    theirs = await officer("GET", f"/pathways/{pathway}/standing?educator={me}", 200)
    assert theirs["evaluation"] == mine["evaluation"]
    await stranger("GET", f"/pathways/{pathway}/standing?educator={me}", 404)
    (listed_one,) = (await teacher("GET", "/standings", 200))["items"]
    assert listed_one == mine
    assert (await officer("GET", f"/standings?educator={me}", 200))["items"] == [mine]
    await stranger("GET", f"/standings?educator={me}", 404)
    assert (await stranger("GET", "/standings", 200))["items"] == []
    yesterday = (office.clock().date() - timedelta(days=1)).isoformat()
    past = await teacher("GET", f"/pathways/{pathway}/standing?as_of={yesterday}", 200)
    assert past["evaluation"]["reasons"][0]["code"] == "NO_RULE_IN_FORCE"

    trial = await officer("GET", f"{at}/what-if", 200)
    assert (trial["judged"], trial["next"]) == (2, None)
    await teacher("GET", f"{at}/what-if", 404)
    about = await teacher("GET", f"/educators/{me}/record", 200)
    assert [one["path"] for one in about["facts"]] == ["experience.years"]
    await stranger("GET", f"/educators/{me}/record", 404)
    await stranger("POST", f"/educator-facts/{recorded['id']}/withdrawal", 404, reason="x")
    gone = await officer("POST", f"/educator-facts/{recorded['id']}/withdrawal", 200, reason="a mistake")
    assert gone["withdrawal"] == "a mistake"
