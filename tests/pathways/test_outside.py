"""A credential of another issuer: handed in over HTTP, verified, accepted or refused with reasons, and followed afterwards."""

import json
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders import CHEAP, PASSWORD, TestClock, World, browser, served
from simulator import Desk, Simulator

from credentials.awards import service as awards
from credentials.issuing import service as issuing
from credentials.licensing import service as licensing
from credentials.licensing.model import Decision, NotVerified
from credentials.pathways import service
from credentials.pathways.acceptance import as_looked_at, status_of
from credentials.pathways.model import Approval, OutsideCheck
from credentials.pathways.record import Known, Status
from credentials.people.model import Role
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.settings import Environment, Settings
from credentials.trust.model import Use
from credentials.trust.registry import Line
from credentials.web import registry
from credentials.web.parts import Parts, open_parts

ORIGIN = {"origin": "http://alder.test"}
RULE = {"credential": {"type": "micro_credential", "tag": "agency", "issuers": "did:web:cedar.example"}}
DAY = date(2026, 9, 1)


@pytest.fixture
def cedar() -> Simulator:
    return Simulator("cedar.example")


@pytest.fixture
async def parts(database_url: str, tmp_path: Path, clock: TestClock, cedar: Simulator) -> AsyncIterator[Parts]:
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        base_url="http://alder.test",
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        database_url=database_url,
    )
    fetch = Desk(network=(cedar,)).fetch
    async with open_parts(settings, now=clock, fetch=fetch, password_cost=CHEAP, waits_for_disk=False) as opened:
        yield opened


def a_badge(cedar: Simulator, address: str, status: int, **changes: Any) -> dict[str, Any]:
    """A badge of Cedar about whoever has this address, with an entry in its lists."""
    draft = cedar.draft(credentialStatus=[cedar.status(status)], **changes)
    subject = draft["credentialSubject"]
    subject["identifier"] = [
        {"type": "IdentityObject", "hashed": False, "identityHash": address, "identityType": "emailAddress"}
    ]
    subject["achievement"] |= {"achievementType": "MicroCredential", "tag": ["agency"]}
    return draft


class Visitor:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def __call__(self, method: str, path: str, status: int, **body: Any) -> Any:
        answer = await self.client.request(method, f"/api/v1{path}", headers=ORIGIN, json=body or None)
        return self._read(answer, status)

    async def hand_in(self, educator: str, organisation: str, octets: bytes, status: int, **query: str) -> Any:
        answer = await self.client.post(
            f"/api/v1/educators/{educator}/outside-credentials",
            params={"organisation": organisation, **query},
            headers={**ORIGIN, "content-type": "application/octet-stream"},
            content=octets,
        )
        return self._read(answer, status)

    def _read(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
async def visitors(world: World, parts: Parts) -> AsyncIterator[dict[str, Visitor]]:
    for name in ("officer", "chief"):
        await world.join(name, "alder", Role.LICENSING_OFFICER)
    app = served(parts)
    opened = {}
    for name in ("officer", "teacher", "colleague"):
        opened[name] = Visitor(browser(app))
        await opened[name]("POST", "/sessions", 201, email=world.addresses[name], password=PASSWORD)
    yield opened
    for visitor in opened.values():
        await visitor.client.aclose()


async def in_force(world: World) -> Any:
    alder, today = world.organisations["alder"].id, world.clock().date()
    pathway, version = await world.do(
        service.draft_pathway, await world.act("officer"), organisation_id=alder, slug="agency", title="Agency",
        description="", rule=json.dumps(RULE).encode(), effective_from=today,
    )  # fmt: skip
    approval = Approval(board="State Board", decided_on=today)
    await world.do(service.approve_version, await world.act("chief"), version.id, approval, revision=version.revision)
    return pathway


async def test_what_was_earned_elsewhere_counts_while_it_holds_and_its_issuer_is_accepted(
    world: World, visitors: dict[str, Visitor], cedar: Simulator, clock: TestClock
) -> None:
    teacher, officer, colleague = visitors["teacher"], visitors["officer"], visitors["colleague"]
    me, alder = world.people["teacher"].id, world.organisations["alder"].id
    pathway = await in_force(world)
    badge = cedar.issue(a_badge(cedar, world.addresses["teacher"], 7))

    async def stands(as_of: str = "") -> Any:
        query = f"?as_of={as_of}" if as_of else ""
        return (await teacher("GET", f"/pathways/{pathway.id}/standing{query}", 200))["evaluation"]

    refused = await teacher.hand_in(me, alder, badge, 400)
    assert "does not recognise the issuer" in refused["detail"], "nobody knocks on the door of an unknown issuer"
    assert cedar.asked == []
    line = Line(issuer=cedar.id, name="The state of Cedar", uses=frozenset({Use.PAY}))
    paid = await world.do(registry.recognise, await world.act("admin"), alder, line)
    refused = await teacher.hand_in(me, alder, badge, 400)
    assert "does not accept this issuer for licences" in refused["detail"]
    assert {one.get("code") for one in refused["errors"]} == {"use-not-accepted"}
    licensed = Line(issuer=cedar.id, name="The state of Cedar", uses=frozenset({Use.LICENCE}))
    await world.do(registry.change, await world.act("admin"), alder, paid.id, licensed, revision=paid.revision)

    theirs = cedar.issue(a_badge(cedar, world.addresses["colleague"], 8))
    refused = await teacher.hand_in(me, alder, theirs, 400)
    assert "does not name you" in refused["detail"]
    assert refused["errors"]
    broken = badge.replace(b"Conferring for Agency", b"Anything that I like")
    assert (await teacher.hand_in(me, alder, broken, 400))["code"] == "outside-credential-refused"
    await colleague.hand_in(me, alder, badge, 404)
    assert (await teacher("GET", f"/educators/{me}/record", 200))["items"] == [], "a refusal keeps nothing"
    assert (await stands())["verdict"] == "not_met"

    kept = await teacher.hand_in(me, alder, badge, 201)
    assert kept["kind"] == "outside"
    assert kept["item"]["type"] == "micro_credential"
    assert kept["item"]["issuer"] == cedar.id
    assert "The state of Cedar" in kept["evidence"]
    assert (await teacher.hand_in(me, alder, badge, 409))["code"] == "handed-in-already"
    assert (await stands())["verdict"] == "met"
    report = await teacher("GET", f"/educator-items/{kept['id']}/report", 200)
    assert (report["report"]["verdict"], report["later"]) == ("accept", [])
    await colleague("GET", f"/educator-items/{kept['id']}/report", 404)

    again = cedar.issue_token(a_badge(cedar, world.addresses["teacher"], 9))
    second = await officer.hand_in(me, alder, again, 400)
    assert "how you know" in second["detail"]
    second = await officer.hand_in(me, alder, again, 201, evidence="she signed in at the desk")
    assert second["item"]["dup"] == kept["id"], "the same achievement once more is the same work"
    await officer("POST", f"/educator-items/{second['id']}/withdrawal", 200, reason="handed in twice")

    met_on = clock().date().isoformat()
    later(cedar, clock, days=1)
    cedar.gone.add("/status/revocation")
    await sign_in_again(world, visitors)
    found = await stands()
    assert found["verdict"] == "pending", "what cannot be looked at is never taken as good"
    cedar.gone.clear()
    clock.advance(minutes=1)
    assert (await stands())["verdict"] == "met"
    cedar.revoke(7)
    later(cedar, clock, days=1)
    await sign_in_again(world, visitors)
    found = await stands()
    assert found["verdict"] == "not_met"
    assert "REVOKED" in {reason["code"] for reason in found["reasons"]}
    assert (await stands(met_on))["verdict"] == "met", "the verdict of that day stays"
    report = await teacher("GET", f"/educator-items/{kept['id']}/report", 200)
    assert [look["verdict"] for look in report["later"]] == ["indeterminate", "accept", "reject"]


async def applied_for_a_licence(world: World, visitors: dict[str, Visitor], cedar: Simulator) -> str:
    """The teacher holds Cedar's badge, and has applied for a licence that asks for nothing else."""
    me, alder = world.people["teacher"].id, world.organisations["alder"].id
    pathway = await in_force(world)
    line = Line(issuer=cedar.id, name="The state of Cedar", uses=frozenset({Use.LICENCE}))
    await world.do(registry.recognise, await world.act("admin"), alder, line)
    await visitors["teacher"].hand_in(me, alder, cedar.issue(a_badge(cedar, world.addresses["teacher"], 7)), 201)
    asked = {"slug": "agency", "title": "Agency", "description": "May lead.", "pathwayId": pathway.id}
    licence = await visitors["officer"]("POST", f"/organisations/{alder}/licences", 201, **asked)
    applied = await visitors["teacher"]("POST", "/licence-applications", 201, licenceId=licence["id"])
    assert applied["verdict"] == "met"
    found: str = applied["id"]
    return found


async def test_a_licence_is_decided_by_what_credentials_of_other_issuers_are_worth_at_that_moment(
    world: World, visitors: dict[str, Visitor], cedar: Simulator, clock: TestClock
) -> None:
    application = await applied_for_a_licence(world, visitors, cedar)

    async def decides(decision: str, status: int, reason: str = "") -> Any:
        at = f"/api/v1/licence-applications/{application}/decision"
        body = {"decision": decision, "reason": reason}
        answer = await visitors["officer"].client.post(at, headers={**ORIGIN, "if-match": '"1"'}, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    later(cedar, clock, minutes=20)
    officer = await world.act("officer")
    with pytest.raises(NotVerified, match="15 minutes"):  # whatever door it comes through
        await world.do(licensing.decide, officer, application, Decision.APPROVE, reason="", revision=1)

    later(cedar, clock, hours=2)
    cedar.gone.add("/status/revocation")
    for decision in ("approve", "refuse"):
        held_up = await decides(decision, 409, "No badge.")
        assert held_up["type"].endswith("/outside-not-verified")
        assert "neither good nor bad" in held_up["detail"]
    cedar.gone.clear()
    clock.advance(minutes=1)
    cedar.revoke(7)
    later(cedar, clock, hours=1)
    assert (await decides("approve", 409))["type"].endswith("/rule-not-met"), "revoked since anybody looked"
    assert (await decides("refuse", 200, "Cedar has revoked it."))["stage"] == "refused"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_licence_is_approved_where_the_look_before_the_decision_finds_everything_good(
    world: World, visitors: dict[str, Visitor], cedar: Simulator, clock: TestClock
) -> None:
    application = await applied_for_a_licence(world, visitors, cedar)
    later(cedar, clock, hours=2)
    asked = len(cedar.asked)
    at = f"/api/v1/licence-applications/{application}/decision"
    body = {"decision": "approve", "reason": ""}
    answer = await visitors["officer"].client.post(at, headers={**ORIGIN, "if-match": '"1"'}, json=body)
    assert (answer.status_code, answer.json()["stage"]) == (200, "approved")
    assert len(cedar.asked) > asked, "its status list was fetched anew"


def later(cedar: Simulator, clock: TestClock, **by: float) -> None:
    clock.advance(**by)
    cedar.now = clock()
    cedar.list_life = (clock() - timedelta(minutes=5), clock() + timedelta(hours=1))


async def sign_in_again(world: World, visitors: dict[str, Visitor]) -> None:
    """A session that was not used for a day has ended."""
    for name, visitor in visitors.items():
        await visitor("POST", "/sessions", 201, email=world.addresses[name], password=PASSWORD)


async def test_an_award_of_ours_is_not_counted_twice_by_handing_it_in(
    world: World, visitors: dict[str, Visitor], parts: Parts
) -> None:
    submission = await world.decide(await world.submission(await world.publish()))
    await world.redeem()
    await issuing.publish_due_lists(parts.office, parts.now())
    award = await world.see(awards.by_submission, submission.id)
    document = await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)
    me, alder = world.people["teacher"].id, world.organisations["alder"].id
    refused = await visitors["teacher"].hand_in(me, alder, document.body, 400)
    assert "it was awarded here" in refused["detail"], refused


def looked(on: date, verdict: str, code: str = "") -> OutsideCheck:
    at = datetime.fromisoformat(f"{on}T12:00:00+00:00")
    return OutsideCheck(id="c", holding_id="h", verdict=verdict, code=code, summary="", report=b"{}", checked_at=at)


@pytest.mark.parametrize(
    ("verdict", "code", "status"),
    [
        ("accept", "", Status.ACTIVE),
        ("accept-untrusted", "issuer-not-trusted", Status.SUSPENDED),
        ("indeterminate", "status-unavailable", Status.PENDING),
        ("reject", "credential-revoked", Status.REVOKED),
        ("reject", "credential-suspended", Status.SUSPENDED),
        ("reject", "credential-expired", Status.EXPIRED),
        ("reject", "anything else", Status.SUSPENDED),
    ],
)
def test_what_a_later_look_makes_of_it(verdict: str, code: str, status: Status) -> None:
    assert status_of(verdict, code) is status


def test_a_later_look_changes_no_earlier_day_and_with_hindsight_a_revocation_always_held() -> None:
    looks = [looked(DAY, "indeterminate"), looked(DAY + timedelta(days=9), "reject", "credential-revoked")]
    before, on, after = DAY - timedelta(days=1), DAY, DAY + timedelta(days=9)
    assert [as_looked_at(looks, day, Known.THEN)[0] for day in (before, on, after)] == [
        Status.ACTIVE, Status.PENDING, Status.REVOKED,
    ]  # fmt: skip
    assert as_looked_at(looks, before, Known.NOW) == (Status.REVOKED, after)
    assert as_looked_at(looks[:1], before, Known.NOW) == (Status.ACTIVE, None)
