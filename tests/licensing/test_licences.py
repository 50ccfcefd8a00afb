"""A licence from the rule to the signed credential, and what becomes of it: over HTTP, on both databases."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import msgspec
import pytest
from builders import World, served
from scene import Scene
from sentences import sentences

from credentials.awards import service as awards
from credentials.awards.model import Award, AwardState
from credentials.issuing import service as issuing
from credentials.licensing import rules
from credentials.licensing import service as licensing
from credentials.licensing.model import ApplicationKind, LicenceRefused, LicenceType
from credentials.people import service as people
from credentials.people.model import Role
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.web.parts import Parts

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is asked of the rules and of the API alone; what stands on the database is tested on both."""

RULE = {
    "all": [
        {"credential": {"type": "micro_credential", "ref": "feedback"}, "label": "feedback"},
        {"fact": "exam.passed", "op": "==", "value": True, "label": "exam"},
        {"fact": "experience.years", "op": ">=", "value": 2, "label": "experience"},
    ]
}


class Office(Scene):
    """A licensing office with two officers, and a teacher who wants a licence."""

    async def found(self) -> "Office":
        for name in ("officer", "chief"):
            await self.world.join(name, "alder", Role.LICENSING_OFFICER)
        await self.world.join("stranger", "wren-school", Role.LICENSING_OFFICER)
        self.alder = self.world.organisations["alder"].id
        self.teacher = self.world.people["teacher"].id
        self.pathway = await self.rule("level-two", RULE)
        return self

    async def rule(self, slug: str, rule: Any) -> str:
        today = self.world.clock().date().isoformat()
        body = {"organisationId": self.alder, "slug": slug, "title": slug.title(), "rule": rule, "effectiveFrom": today}
        drafted = await self.ask("officer", "POST", "/pathways", status=201, json=body)
        (version,) = drafted["versions"]
        approval = {"board": "State Board", "decidedOn": today}
        at = f"/pathway-versions/{version['id']}/approval"
        await self.ask("chief", "POST", at, revision=version["revision"], json=approval)
        found: str = drafted["pathway"]["id"]
        return found

    async def licence(self, slug: str = "teacher-two", **more: Any) -> str:
        body = {
            "slug": slug, "title": "Teacher, level two", "description": "May teach, and mentor.",
            "pathwayId": self.pathway, "termMonths": 60, "notWaivable": ["exam"], **more,
        }  # fmt: skip
        made = await self.ask("officer", "POST", f"/organisations/{self.alder}/licences", status=201, json=body)
        found: str = made["id"]
        return found

    async def knows(self, path: str, value: Any) -> None:
        body = {"organisationId": self.alder, "path": path, "value": value, "evidence": "letter of the district"}
        await self.ask("officer", "POST", f"/educators/{self.teacher}/facts", status=201, json=body)

    async def award(self) -> Award:
        submission = await self.world.decide(await self.world.submission(await self.world.publish()))
        await self.world.redeem()
        found = await self.world.see(awards.by_submission, submission.id)
        assert found is not None
        return found

    async def qualifies(self) -> Award:
        await self.knows("exam.passed", True)
        await self.knows("experience.years", 4)
        return await self.award()

    async def applies(self, licence: str, *, status: int = 201) -> Any:
        return await self.ask("teacher", "POST", "/licence-applications", status=status, json={"licenceId": licence})

    async def decides(
        self, of: Any, decision: str, reason: str = "", *, who: str = "officer", status: int = 200
    ) -> Any:
        at = f"/licence-applications/{of['id']}/decision"
        body = {"decision": decision, "reason": reason}
        return await self.ask(who, "POST", at, status=status, revision=of["revision"], json=body)

    async def stands(self, who: str, as_of: str = "") -> Any:
        query = {"educator": self.teacher} | ({"as_of": as_of} if as_of else {})
        found = await self.ask(who, "GET", "/standings", params=query)
        items = found["items"] if isinstance(found, dict) else found
        return next(one["evaluation"] for one in items if one["pathway"]["id"] == self.pathway)

    async def holds(self) -> list[Award]:
        await self.world.redeem()
        found = await self.world.see(awards.of_educator, self.teacher)
        return [award for award in found if award.kind == "licence"]


@pytest.fixture
async def office(world: World, parts: Parts) -> Office:
    return await Office(world, served(parts)).found()


async def test_who_meets_the_rule_is_granted_a_licence_that_anybody_can_verify(office: Office) -> None:
    licence = await office.licence()
    await office.qualifies()
    applied = await office.applies(licence)
    assert (applied["stage"], applied["verdict"], applied["kind"]) == ("submitted", "met", "first")
    assert (await office.applies(licence))["id"] == applied["id"]  # a second click is the same application
    queue = await office.ask("officer", "GET", f"/organisations/{office.alder}/licence-applications?stage=submitted")
    assert ([one["id"] for one in queue["items"]], queue["counts"]) == ([applied["id"]], {"submitted": 1})
    approved = await office.decides(applied, "approve")
    assert (approved["stage"], approved["validUntil"]) == ("approved", "2031-09-01")
    (award,) = await office.holds()
    await office.world.redeem()
    assert len(await office.holds()) == 1
    document = (await office.world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body
    credential = msgspec.json.decode(document)
    assert credential["credentialSubject"]["achievement"]["achievementType"] == "License"
    assert credential["validUntil"] == "2031-09-01T00:00:00Z"
    await issuing.publish_due_lists(office.world.parts.office, office.world.clock())
    verified = await office.client.post("/api/v1/verify", content=document)
    assert verified.json()["verdict"] == "accept"
    mine = await office.ask("teacher", "GET", "/licence-applications")
    assert [one["awardId"] for one in mine] == [award.id]
    facts = (await office.ask("teacher", "GET", f"/educators/{office.teacher}/record"))["facts"]
    assert {fact["path"]: fact["value"] for fact in facts}["license.to"] == "2031-09-01"


async def test_a_rule_calls_a_licence_by_its_short_name_and_no_award_has_a_score(office: Office) -> None:
    first = await office.licence("first")
    rule = {
        "all": [
            {"credential": {"type": "licence", "ref": "first"}, "label": "first"},
            {"credential": {"type": "licence", "min_score": 60}, "label": "scored"},
        ]
    }
    other = await office.licence("second", pathwayId=await office.rule("other", rule), notWaivable=[])
    await office.qualifies()
    await office.decides(await office.applies(first), "approve")
    (award,) = await office.holds()
    applied = await office.applies(other)
    today = (await office.ask("teacher", "GET", f"/licence-applications/{applied['id']}"))["today"]
    (in_force,) = today["requirement"]["children"]
    by_name, scored = in_force["children"]
    assert (by_name["state"], [one["item"] for one in by_name["counted"]]) == ("met", [award.id])
    (why,) = [one for one in today["reasons"] if one.get("item") == award.id]
    assert (scored["state"], why["code"], why["requirement"]) == ("not_met", "LEVEL_TOO_LOW", "scored")
    assert why["text"] == "“Teacher, level two” has no score, and “scored” asks for 60."


@ON_SQLITE
async def test_both_sides_of_the_desk_read_the_same_reasons(office: Office) -> None:
    applied = await office.applies(await office.licence())
    assert applied["verdict"] == "not_met"
    at = f"/licence-applications/{applied['id']}"
    seen = [await office.ask(who, "GET", at) for who in ("teacher", "officer")]
    assert seen[0]["today"] == seen[1]["today"]
    assert {reason["requirement"] for reason in seen[0]["today"]["reasons"]} == {"feedback", "exam", "experience"}
    refused = await office.decides(applied, "approve", status=409)
    assert refused["type"].endswith("/rule-not-met")
    await office.decides(applied, "refuse", status=400)  # without a reason
    assert (await office.decides(applied, "refuse", "No micro-credential yet."))["stage"] == "refused"


@ON_SQLITE
async def test_what_is_returned_is_handed_in_again_and_what_is_open_can_be_taken_back(office: Office) -> None:
    licence = await office.licence()
    applied = await office.applies(licence)
    await office.ask("teacher", "POST", f"/licence-applications/{applied['id']}/resubmission", status=409, json={})
    returned = await office.decides(applied, "return", "Send the letter of your district.")
    await office.decides(returned, "refuse", "Too late.", status=409)
    await office.qualifies()
    again = await office.ask(
        "teacher", "POST", f"/licence-applications/{applied['id']}/resubmission", json={"statement": "Here it is."}
    )
    assert (again["stage"], again["verdict"]) == ("submitted", "met")
    gone = await office.ask("teacher", "POST", f"/licence-applications/{applied['id']}/withdrawal")
    assert gone["stage"] == "withdrawn"
    assert (await office.applies(licence))["id"] != applied["id"]


@ON_SQLITE
async def test_nobody_else_sees_an_application_and_nobody_decides_their_own(office: Office) -> None:
    applied = await office.applies(await office.licence())
    for who in ("colleague", "stranger"):
        await office.ask(who, "GET", f"/licence-applications/{applied['id']}", status=404)
        await office.decides(applied, "refuse", "No.", who=who, status=404)
    await office.decides({**applied, "revision": 9}, "refuse", "No.", status=412)
    await office.world.do(
        people.grant_role,
        await office.world.act("admin"),
        person_id=office.teacher,
        organisation_id=office.alder,
        role=Role.LICENSING_OFFICER,
    )
    own = await office.decides(applied, "refuse", "No.", who="teacher", status=403)
    assert own["type"].endswith("/own-application")


async def test_a_renewal_opens_before_the_end_and_goes_on_from_it(office: Office) -> None:
    renewal = await office.rule("renewal", {"fact": "experience.years", "op": ">=", "value": 3, "label": "experience"})
    licence = await office.licence(renewalPathwayId=renewal, termMonths=12, renewalDays=90)
    await office.qualifies()
    await office.decides(await office.applies(licence), "approve")
    (first,) = await office.holds()
    early = await office.applies(licence, status=400)
    assert "opens on" in early["detail"]
    office.world.clock.advance(days=300)
    applied = await office.applies(licence)
    assert (applied["kind"], applied["verdict"]) == ("renewal", "met")
    assert (await office.decides(applied, "approve"))["validUntil"] == "2028-09-01"
    assert {award.valid_until.year for award in await office.holds() if award.valid_until} == {2027, 2028}
    assert (await office.world.see(awards.award, first.id)).state is AwardState.ACTIVE


async def test_where_reuse_is_forbidden_what_one_decision_counted_counts_for_no_other(office: Office) -> None:
    first = await office.licence("first", consumes=True)
    other_rule = {"credential": {"type": "micro_credential", "ref": "feedback", "unused": True}, "label": "feedback"}
    other = await office.licence("second", pathwayId=await office.rule("other", other_rule), notWaivable=[])
    await office.qualifies()
    await office.decides(await office.applies(first), "approve")
    applied = await office.applies(other)
    whole = await office.ask("officer", "GET", f"/licence-applications/{applied['id']}")
    assert applied["verdict"] == "not_met"
    assert "ALREADY_USED" in {reason["code"] for reason in whole["today"]["reasons"]}
    (award,) = await office.holds()
    at = f"/licence-awards/{award.id}/revocation"
    await office.ask("stranger", "POST", at, status=404, json={"reason": "No."})
    revoked = await office.ask("officer", "POST", at, json={"reason": "Granted by mistake."})
    assert revoked["state"] == "revoked"
    await office.world.redeem()
    whole = await office.ask("officer", "GET", f"/licence-applications/{applied['id']}")
    assert whole["today"]["verdict"] == "met"


@ON_SQLITE
async def test_what_a_revoked_licence_consumed_is_free_by_whatever_door_it_was_revoked(office: Office) -> None:
    first = await office.licence("first", consumes=True)
    rule = {"credential": {"type": "micro_credential", "ref": "feedback", "unused": True}, "label": "feedback"}
    other = await office.licence("second", pathwayId=await office.rule("other", rule), notWaivable=[])
    await office.qualifies()
    await office.decides(await office.applies(first), "approve")
    (award,) = await office.holds()
    assert (await office.applies(other))["verdict"] == "not_met"
    await office.world.do(issuing.revoke, await office.world.act("leader"), award.id, reason="Granted by mistake.")
    await office.world.redeem()
    (waiting,) = [
        one for one in await office.ask("teacher", "GET", "/licence-applications") if one["stage"] != "approved"
    ]
    whole = await office.ask("teacher", "GET", f"/licence-applications/{waiting['id']}")
    assert whole["today"]["verdict"] == "met"


@ON_SQLITE
async def test_what_is_too_long_is_refused_and_nothing_of_it_is_cut(office: Office) -> None:
    licence = await office.licence()
    teacher = await office.world.act("teacher")
    with pytest.raises(LicenceRefused, match="shorten it"):
        await office.world.do(licensing.apply, teacher, licence, statement="x" * (rules.MAX_TEXT + 1))
    assert await office.ask("teacher", "GET", "/licence-applications") == []


# Life-cycle scenarios


async def test_x04_a_verdict_of_may_stays_and_today_names_what_was_revoked_in_june(office: Office) -> None:
    award = await office.qualifies()
    licence = await office.licence()
    applied = await office.applies(licence)
    await office.decides(applied, "approve")
    before = office.world.clock().date().isoformat()
    office.world.clock.advance(days=31)
    body = {"reason": "The work was somebody else's."}
    await office.world.do(issuing.revoke, await office.world.act("leader"), award.id, **body)
    then, now = await office.stands("officer", before), await office.stands("officer")
    assert (then["verdict"], now["verdict"]) == ("met", "not_met")
    assert "REVOKED" in {reason["code"] for reason in now["reasons"]}
    (held,) = await office.holds()
    assert held.state is AwardState.ACTIVE  # nothing is taken back by itself, and nothing goes unseen
    queue = await office.ask("officer", "GET", f"/organisations/{office.alder}/licence-applications?concern=true")
    ((concern,),) = [[one["concern"] for one in queue["items"]]]
    assert "revoked: The work was somebody else's." in concern


async def refused(office: Office, licence: str) -> Any:
    return await office.decides(await office.applies(licence), "refuse", "The exam is missing.")


async def appeal(office: Office, of: Any, *, status: int, **more: Any) -> Any:
    body = {"statement": "The letter was not read.", **more}
    return await office.ask("teacher", "POST", f"/licence-applications/{of['id']}/appeals", status=status, json=body)


@ON_SQLITE
@pytest.mark.parametrize(("days", "cause", "status"), [(60, "", 201), (61, "", 409), (61, "I was in hospital.", 201)])
async def test_x06_an_appeal_is_in_time_on_day_60_and_late_on_day_61_unless_good_cause_is_recorded(
    office: Office, days: int, cause: str, status: int
) -> None:
    found = await refused(office, await office.licence())
    office.world.clock.advance(days=days)
    filed = await appeal(office, found, status=status, goodCause=cause)
    if status == 201:
        assert (filed["late"], filed["goodCause"]) == (days > 60, cause)
        await appeal(office, found, status=409)  # once
    else:
        assert filed["type"].endswith("/appeal-late")


@ON_SQLITE
async def test_x07_an_appeal_that_asks_to_waive_a_required_exam_is_refused(office: Office) -> None:
    found = await refused(office, await office.licence())
    barred = await appeal(office, found, status=409, waive=["exam"])
    assert barred["type"].endswith("/not-waivable")
    await appeal(office, found, status=201, waive=["experience"])


@ON_SQLITE
@pytest.mark.parametrize(("upheld", "says"), [(True, "your application is open again"), (False, "the decision stands")])
async def test_an_educator_gets_a_mail_about_the_outcome_of_an_appeal(office: Office, upheld: bool, says: str) -> None:
    found = await refused(office, await office.licence())
    await office.world.redeem()
    filed = await appeal(office, found, status=201)
    body = {"upheld": upheld, "reason": "The letter was read."}
    await office.ask("chief", "POST", f"/licence-appeals/{filed['id']}/decision", revision=filed["revision"], json=body)
    spool = office.world.parts.settings.spool_dir
    before = set(spool.iterdir())
    await office.world.redeem()
    (mail,) = [message_from_bytes(path.read_bytes(), policy=default) for path in set(spool.iterdir()) - before]
    assert mail["To"] == office.world.addresses["teacher"]
    assert says in " ".join(mail.get_content().split())


async def test_an_upheld_appeal_waives_what_it_asked_for_and_the_rule_has_the_last_word(office: Office) -> None:
    found = await refused(office, await office.licence())
    await office.knows("exam.passed", True)
    await office.award()
    filed = await appeal(office, found, status=201, waive=["experience"])
    listed = await office.ask("chief", "GET", f"/organisations/{office.alder}/licence-appeals")
    assert [one["id"] for one in listed] == [filed["id"]]
    at = f"/licence-appeals/{filed['id']}/decision"
    verdict = {"upheld": True, "reason": "Six years abroad count."}
    await office.ask("officer", "POST", at, status=403, revision=filed["revision"], json=verdict)  # who refused it
    upheld = await office.ask("chief", "POST", at, revision=filed["revision"], json=verdict)
    assert upheld["stage"] == "upheld"
    reopened = await office.ask("officer", "GET", f"/licence-applications/{found['id']}")
    assert (reopened["application"]["stage"], reopened["today"]["verdict"]) == ("submitted", "met_by_waiver")
    await office.decides(reopened["application"], "approve")
    assert len(await office.holds()) == 1


@ON_SQLITE
async def test_x08_an_override_needs_who_why_evidence_and_an_end_and_the_verdict_says_so(office: Office) -> None:
    applied = await office.applies(await office.licence())
    at = f"/pathways/{office.pathway}/educators/{office.teacher}/overrides"
    today = office.world.clock().date()
    good = {
        "reason": "Ordered by the court.",
        "evidence": "Order of 3 May.",
        "to": (today + timedelta(days=30)).isoformat(),
    }
    for missing in good:
        await office.ask("officer", "POST", at, status=400, json={**good, missing: ""})
        await office.ask("officer", "POST", at, status=400, json={name: good[name] for name in good if name != missing})
    await office.ask("officer", "POST", at, status=400, json={**good, "to": (today - timedelta(days=1)).isoformat()})
    await office.ask("stranger", "POST", at, status=404, json=good)
    await office.ask("teacher", "POST", at, status=404, json=good)
    made = await office.ask("officer", "POST", at, status=201, json=good)
    assert made["recordedBy"] == office.world.people["officer"].id
    whole = await office.ask("teacher", "GET", f"/licence-applications/{applied['id']}")
    assert whole["today"]["verdict"] == "met_by_override"
    office.world.clock.advance(days=31)
    whole = await office.ask("teacher", "GET", f"/licence-applications/{applied['id']}")
    assert whole["today"]["verdict"] == "not_met"


@ON_SQLITE
async def test_a_waiver_names_a_requirement_of_the_rule_and_can_be_taken_back(office: Office) -> None:
    await office.knows("exam.passed", True)
    await office.award()
    at = f"/pathways/{office.pathway}/educators/{office.teacher}/waivers"
    body = {"requirement": "experience", "rationale": "Taught abroad.", "replacementPlan": "A mentor for one year."}
    unknown = await office.ask("officer", "POST", at, status=400, json={**body, "requirement": "height"})
    assert "exam, experience, feedback" in unknown["detail"]
    made = await office.ask("officer", "POST", at, status=201, json=body)
    assert (await office.stands("teacher"))["verdict"] == "met_by_waiver"
    listed = await office.ask("teacher", "GET", f"/pathways/{office.pathway}/educators/{office.teacher}/exceptions")
    assert [one["id"] for one in listed] == [made["id"]]
    before = office.world.clock().date().isoformat()
    office.world.clock.advance(days=1)
    gone = f"/pathway-exceptions/{made['id']}/withdrawal"
    await office.ask("stranger", "POST", gone, status=404, json={"reason": "No."})
    await office.ask("officer", "POST", gone, json={"reason": "The plan was not kept."})
    await office.ask("officer", "POST", gone, status=409, json={"reason": "Again."})
    assert (await office.stands("teacher"))["verdict"] == "not_met"
    assert (await office.stands("teacher", before))["verdict"] == "met_by_waiver"


@ON_SQLITE
async def test_only_its_office_opens_a_licence_by_a_rule_of_its_own(office: Office) -> None:
    body = {"slug": "x", "title": "X", "description": "X.", "pathwayId": office.pathway}
    at = f"/organisations/{office.alder}/licences"
    for who in ("teacher", "stranger"):
        await office.ask(who, "POST", at, status=404, json=body)
    await office.ask("officer", "POST", at, status=404, json={**body, "pathwayId": "none"})
    await office.ask("officer", "POST", at, status=400, json={**body, "renewalPathwayId": office.pathway})  # for life
    made = await office.ask("officer", "POST", at, status=201, json=body)
    await office.ask("officer", "POST", at, status=409, json=body)
    public = await office.client.get("/api/v1/licences")
    assert [one["slug"] for one in public.json()["items"]] == ["x"]
    await office.ask("officer", "POST", f"/licences/{made['id']}/closure", revision=made["revision"])
    await office.applies(made["id"], status=409)
    assert (await office.client.get("/api/v1/licences")).json()["items"] == []


# From values alone


@sentences(
    ("begins", "months", "ends"),
    {
        "five years": ("2026-09-01", 60, "2031-09-01"),
        "over the end of a year": ("2026-11-30", 3, "2027-02-28"),
        "into a leap year": ("2027-11-30", 3, "2028-02-29"),
        "to the end of a short month": ("2026-01-31", 1, "2026-02-28"),
    },
)
def test_a_term_ends_on_the_same_day_or_the_last_one_of_a_shorter_month(begins: str, months: int, ends: str) -> None:
    day = datetime.fromisoformat(begins).date()
    assert rules.months_after(day, months).isoformat() == ends


def test_who_holds_a_licence_for_life_has_nothing_to_renew() -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    type_ = LicenceType(
        id="t", organisation_id="o", slug="s", title="T", description="D", pathway_id="p", author_id="a", created_at=now
    )
    award: dict[str, Any] = {
        "id": "a", "kind": "licence", "educator_id": "e", "organisation_id": "o", "achievement_id": "t",
        "title": "T", "credential_id": "c", "intent_id": "i", "awarded_at": now,
    }  # fmt: skip
    assert rules.kind_of(type_, None, now) is ApplicationKind.FIRST
    with pytest.raises(LicenceRefused, match="for life"):
        rules.kind_of(type_, Award(**award), now)
    ran_out = Award(**award, valid_until=now - timedelta(days=1))
    assert rules.kind_of(type_, ran_out, now) is ApplicationKind.FIRST
