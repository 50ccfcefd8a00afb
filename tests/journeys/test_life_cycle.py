"""What becomes of awards as time goes on: each test is a life-cycle scenario of the domain, by its id, over HTTP."""

import json
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from builders import World, a_specification, served
from scene import Scene

from credentials.awards import service as awards
from credentials.awards.model import Award
from credentials.catalog import service as catalog
from credentials.evidence import service as evidence
from credentials.figures import service as figures
from credentials.figures.model import Band, BandCount, Counted
from credentials.issuing import service as issuing
from credentials.people.model import Role
from credentials.web.parts import Parts

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is asked of the rules and of the API alone; what stands on the database is tested on both."""
RAN_OUT = "“Questions That Open” has run out"


class Life(Scene):
    """A state that publishes, a licensing office with two officers, a teacher who earns."""

    async def found(self) -> "Life":
        await self.world.join("another", "alder", Role.ASSESSOR)
        for name in ("officer", "chief"):
            await self.world.join(name, "alder", Role.LICENSING_OFFICER)
        self.alder = self.world.organisations["alder"].id
        self.teacher = self.world.people["teacher"].id
        self.read: set[str] = set()
        return self

    async def stack(self, members: list[str], **policy: str) -> dict[str, Any]:
        body = {
            "organisationId": self.alder, "slug": "assessment", "title": "Assessment", "members": members,
            "description": "Two that belong together.", "policy": policy,
        }  # fmt: skip
        drafted = await self.ask("developer", "POST", "/stacks", status=201, json=body)
        found: dict[str, Any] = await self.ask("publisher", "POST", f"/stacks/{drafted['id']}/publication")
        return found

    async def earns(self, entry: Any, assessor: str = "assessor") -> Award:
        submission = await self.world.decide(await self.world.submission(entry), assessor)
        await self.world.redeem()
        found = await self.world.see(awards.by_submission, submission.id)
        assert found is not None
        return found

    async def mine(self, kind: str) -> dict[str, Any]:
        found = await self.ask("teacher", "GET", "/awards")
        (one,) = [award for award in found["items"] if award["kind"] == kind]
        return one  # type: ignore[no-any-return]

    async def document(self, award: dict[str, Any]) -> bytes:
        answer = await self.ask("teacher", "GET", f"/awards/{award['id']}/credential/json")
        content: bytes = answer.content
        return content

    async def verdict(self, document: bytes) -> tuple[str, str]:
        """What a stranger is told of a document now."""
        await issuing.publish_due_lists(self.world.parts.office, self.world.clock())
        found = (await self.client.post("/api/v1/verify", content=document)).json()
        return found["verdict"], found.get("code", "")

    def mails(self) -> list[str]:
        """What came since the last look, to the teacher and to the officers: subject and text in one line."""
        spool = self.world.parts.settings.spool_dir
        new = {path.name for path in spool.iterdir()} - self.read
        self.read |= new
        found = []
        for name in sorted(new):
            mail = message_from_bytes((spool / name).read_bytes(), policy=default)
            found.append(f"{mail['To']}: {mail['Subject']}: {' '.join(mail.get_content().split())}")
        return found

    async def licensed(self, rule: dict[str, Any]) -> dict[str, Any]:
        """The teacher's application for a licence by this rule, approved."""
        today = self.world.clock().date().isoformat()
        title = {"slug": "leader", "title": "Leader"}
        body = {"organisationId": self.alder, **title, "rule": rule, "effectiveFrom": today}
        drafted = await self.ask("officer", "POST", "/pathways", status=201, json=body)
        (version,) = drafted["versions"]
        approval = {"board": "State Board", "decidedOn": today}
        at = f"/pathway-versions/{version['id']}/approval"
        await self.ask("chief", "POST", at, revision=version["revision"], json=approval)
        type_ = {**title, "description": "May lead.", "pathwayId": drafted["pathway"]["id"], "termMonths": 60}
        made = await self.ask("officer", "POST", f"/organisations/{self.alder}/licences", status=201, json=type_)
        applied = await self.ask("teacher", "POST", "/licence-applications", status=201, json={"licenceId": made["id"]})
        decision = {"decision": "approve", "reason": ""}
        at = f"/licence-applications/{applied['id']}/decision"
        approved: dict[str, Any] = await self.ask("officer", "POST", at, revision=applied["revision"], json=decision)
        await self.world.redeem()
        return approved


@pytest.fixture
async def life(world: World, parts: Parts) -> Life:
    return await Life(world, served(parts)).found()


@pytest.mark.parametrize(
    ("effect", "database_url"),
    [("stays", "sqlite"), ("suspended", "sqlite"), ("revoked", "sqlite"), ("revoked", "postgresql")],
    indirect=["database_url"],
)
async def test_x03_when_a_member_of_an_awarded_stack_expires_the_stacks_policy_decides_and_nothing_is_silent(
    life: Life, effect: str
) -> None:
    entries = [
        await life.world.publish(slug="feedback"),
        await life.world.publish(a_specification(title="Questions That Open", validity_months=12), slug="questioning"),
    ]
    stack = await life.stack([entry.micro_credential.id for entry in entries], expired=effect)
    assert stack["policy"] == {"revoked": "suspended", "suspended": "suspended", "expired": effect}
    page = (await life.client.get(f"/stacks/{stack['id']}")).text
    assert all(sentence in page for sentence in stack["policyInWords"])
    for entry in entries:
        await life.earns(entry)
    licence = await life.licensed({"credential": {"type": "stack", "ref": "assessment"}, "label": "the stack"})
    held = await life.mine("stack")
    document = await life.document(held)
    assert (held["state"], await life.verdict(document)) == ("active", ("accept", ""))
    life.mails()

    life.world.clock.advance(days=364)  # nobody does anything: the day comes by itself
    await life.world.redeem()
    assert (await life.mine("stack"), life.mails()) == (held, [])
    life.world.clock.advance(days=1)
    life.forget_tokens()
    await life.world.redeem()
    told = await life.mine("stack")
    assert (told["state"], RAN_OUT in told["stateReason"]) == ("active" if effect == "stays" else effect, True)
    seen = {"stays": ("accept", ""), "suspended": ("reject", "credential-suspended")}
    assert await life.verdict(document) == seen.get(effect, ("reject", "credential-revoked"))
    teacher, mails = life.world.addresses["teacher"], life.mails()
    assert [RAN_OUT in mail for mail in mails if mail.startswith(teacher)] == [True]
    at = f"/organisations/{life.alder}/audit"
    record = await life.ask("admin", "GET", at, params={"subject": f"award:{held['id']}"})
    last = record["items"][-1]
    action = "award.kept" if effect == "stays" else f"award.{effect}"
    assert (last["action"], last["actor"], RAN_OUT in last["reason"]) == (action, "system:pathways", True)
    at = f"/organisations/{life.alder}/licence-applications?concern=true"
    concerns = [(one["id"], RAN_OUT in one["concern"]) for one in (await life.ask("officer", "GET", at))["items"]]
    assert concerns == ([] if effect == "stays" else [(licence["id"], True)])
    offices = {life.world.addresses[who] for who in ("officer", "chief")}
    assert {mail.partition(":")[0] for mail in mails} == {teacher} | (offices if effect != "stays" else set())
    await life.world.redeem()
    assert (await life.mine("stack"), life.mails()) == (told, [])

    await life.earns(entries[1], "another")
    again = await life.mine("stack")
    assert (again["state"], again["id"]) == ("active", held["id"])
    mails = life.mails()
    assert any("valid" in mail and "Assessment" in mail for mail in mails), mails
    reissued = await life.document(again)
    assert (reissued != document) is (effect == "revoked")
    assert await life.verdict(reissued) == ("accept", "")
    if effect == "revoked":  # for good: that document is never valid again
        assert await life.verdict(document) == ("reject", "credential-revoked")


@ON_SQLITE
async def test_a24_misconduct_that_a_majority_finds_after_the_award_revokes_it_everywhere_that_it_counts(
    life: Life,
) -> None:
    titles = {"feedback": "Feedback That Moves Work Forward", "questioning": "Questions That Open"}
    entries = [await life.world.publish(a_specification(title=title), slug=slug) for slug, title in titles.items()]
    stack = await life.stack([entry.micro_credential.id for entry in entries], revoked="suspended")
    for name in ("judge", "juror"):
        await life.world.join(name, "alder", Role.SCORING_LEADER)
    award = [await life.earns(entry) for entry in entries][1]
    licence = await life.licensed({"credential": {"type": "stack", "ref": stack["slug"]}, "label": "the stack"})
    held = await life.mine("stack")
    badge = (await life.ask("teacher", "GET", f"/awards/{award.id}/credential/json")).content
    assert (await life.verdict(badge), await life.verdict(await life.document(held))) == (("accept", ""),) * 2
    life.mails()

    said = {"reason": "The pupils' work was written by the teacher."}
    at = f"/submissions/{award.submission_id}/integrity-cases"
    case = await life.ask("leader", "POST", at, status=201, json=said)
    for who in ("judge", "juror"):
        assert await life.verdict(badge) == ("accept", ""), "one vote of three is no majority"
        found = {"against": [award.submission_id], "reason": f"What {who} found."}
        await life.ask(who, "POST", f"/integrity-cases/{case['id']}/votes", status=201, json=found)
    await life.world.redeem()
    assert await life.verdict(badge) == ("reject", "credential-revoked"), "the status list says it to anybody"
    revoked = await life.ask("teacher", "GET", f"/awards/{award.id}")
    assert (revoked["state"], "What juror found." in revoked["stateReason"]) == ("revoked", True)
    fallen = await life.mine("stack")
    assert (fallen["id"], fallen["state"]) == (held["id"], "suspended")
    assert await life.verdict(await life.document(fallen)) == ("reject", "credential-suspended")
    at = f"/organisations/{life.alder}/licence-applications?concern=true"
    concerns = (await life.ask("officer", "GET", at))["items"]
    assert [one["id"] for one in concerns] == [licence["id"]], "the office looks at what it had counted"
    teacher = life.world.addresses["teacher"]
    told = [mail for mail in life.mails() if mail.startswith(teacher)]
    assert any("revoked" in mail and "Questions That Open" in mail for mail in told), told
    record = await life.ask(
        "admin", "GET", f"/organisations/{life.alder}/audit", params={"subject": f"case:{case['id']}"}
    )
    actions = sorted(one["action"] for one in record["items"])
    assert actions == ["integrity.decided", "integrity.opened", "integrity.voted", "integrity.voted"]


STRICTER = "Feedback shows the way to a revision that pupils made."


@ON_SQLITE
async def test_x01_a_rubric_that_changes_after_the_first_assessment_is_a_new_version_and_awards_stay_with_theirs(
    life: Life,
) -> None:
    first = (await life.world.publish(slug="feedback")).version
    begun = await life.world.submission(await life.world.see(catalog.version_for, None, first.id), "colleague")
    award = await life.earns(await life.world.see(catalog.version_for, None, first.id))
    document = await life.document(await life.mine("micro_credential"))
    old = await life.ask("developer", "GET", f"/versions/{first.id}")
    changed = {**old["specification"], "rubric": json.loads(json.dumps(old["specification"]["rubric"]))}
    changed["rubric"]["criteria"][0]["levels"][-1]["description"] = STRICTER
    refused = await life.ask(
        "developer", "PUT", f"/versions/{first.id}", status=409, revision=first.revision, json=changed
    )
    assert "new version" in refused["detail"]

    at = f"/micro-credentials/{old['microCredentialId']}/versions"
    second = await life.ask("developer", "POST", at, status=201)
    tag = await life.client.get(f"/api/v1/versions/{second['id']}", headers=life.headers("developer"))
    revision = int(tag.headers["ETag"].strip('"'))
    await life.ask("developer", "PUT", f"/versions/{second['id']}", revision=revision, json=changed)
    await life.ask("developer", "POST", f"/versions/{second['id']}/review")
    published = await life.ask("publisher", "POST", f"/versions/{second['id']}/publication")
    assert (published["number"], published["stage"]) == (2, "published")

    before = await life.ask("developer", "GET", f"/versions/{first.id}")
    assert (before["stage"], before["specification"]) == ("retired", old["specification"])
    await life.world.decide(begun)  # what was begun by the old rubric is scored by it
    await life.world.redeem()
    theirs = await life.ask("colleague", "GET", "/awards")
    held = await life.mine("micro_credential")
    assert [one["versionId"] for one in (held, *theirs["items"])] == [first.id, first.id]
    assert await life.document(held) == document, "nothing is signed anew"
    assert await life.verdict(document) == ("accept", "")
    achievement = json.loads(document)["credentialSubject"]["achievement"]
    assert (achievement["id"], achievement["version"]) == (before["achievement"], "1")
    page = await life.client.get(f"/achievements/{first.id}")
    assert (page.status_code, STRICTER in page.text) == (200, False)
    assert STRICTER in (await life.client.get(f"/achievements/{second['id']}")).text
    await life.world.join("newcomer", "wren-school", Role.EDUCATOR)
    refusal = await life.ask("newcomer", "POST", "/submissions", status=409, json={"versionId": first.id})
    assert "current one" in refusal["detail"]
    await life.ask("newcomer", "POST", "/submissions", status=201, json={"versionId": second["id"]})
    assert (await life.world.see(awards.award, award.id)).version_id == first.id


@ON_SQLITE
async def test_x02_a_retired_specification_takes_no_new_applications_open_ones_finish_and_awards_stay_valid(
    life: Life,
) -> None:
    entry = await life.world.publish(slug="feedback")
    await life.earns(entry)
    document = await life.document(await life.mine("micro_credential"))
    open_one = await life.begin(entry, "colleague")
    at = f"/versions/{entry.version.id}/retirement"
    await life.ask("teacher", "POST", at, status=404, json={"reason": "No."})
    retired = await life.ask("developer", "POST", at, json={"reason": "Another programme covers it."})
    assert retired["stage"] == "retired"
    assert (await life.ask("teacher", "GET", "/catalogue"))["items"] == []

    await life.world.join("newcomer", "wren-school", Role.EDUCATOR)
    refusal = await life.ask("newcomer", "POST", "/submissions", status=409, json={"versionId": entry.version.id})
    assert "takes no new submissions" in refusal["detail"]
    await life.fill(entry, open_one["id"], "colleague")
    submitted = await life.ask("colleague", "POST", f"/submissions/{open_one['id']}/hand-in")
    assert submitted["stage"] == "submitted"
    await life.world.decide(await life.world.see(evidence.submission, open_one["id"]))
    await life.world.redeem()
    (theirs,) = (await life.ask("colleague", "GET", "/awards"))["items"]
    assert (theirs["state"], theirs["versionId"]) == ("active", entry.version.id)
    assert (await life.mine("micro_credential"))["state"] == "active"
    assert await life.verdict(document) == ("accept", "")
    assert (await life.client.get(f"/achievements/{entry.version.id}")).status_code == 200, "what badges point at stays"


def a_band(band: Band, holders: int, *awarded: int) -> BandCount:
    return BandCount(band=band, educators=holders + 100, holders=holders, awards=awarded)


async def counted(life: Life, *bands: BandCount) -> dict[str, Any]:
    """What anybody reads once these counts are published."""
    on = life.world.clock().date()
    count = Counted(
        id="c" * 36, organisation_id=life.alder, counted_on=on, first_year=2022, bands=bands, published_by=life.teacher
    )
    await life.world.do(figures.store.add_count, count)
    found: dict[str, Any] = (await life.client.get(f"/api/v1/organisations/{life.alder}/growth")).json()
    return found


@ON_SQLITE
async def test_x09_a_group_of_seven_of_forty_is_hidden_and_so_is_one_more_from_which_it_would_follow(
    life: Life,
) -> None:
    found = await counted(
        life,
        a_band(Band.CITY, 21, 10, 20, 20, 20, 20, 21),
        a_band(Band.TOWN, 12, 10, 20, 20, 20, 20, 12),
        a_band(Band.RURAL, 7, 10, 20, 20, 20, 20, 7),
    )
    assert found["minimum"] == 10
    shown = {band["band"]: band["holders"] for band in found["bands"]}
    assert (shown, found["total"]["holders"]) == ({"city": 21, "town": None, "rural": None}, 40)
    latest = {band["band"]: band["awards"][-1] for band in found["bands"]}
    assert (latest["rural"], list(latest.values()).count(None), found["total"]["awards"][-1]) == (None, 2, 40)


@ON_SQLITE
async def test_x10_a_goal_of_532_in_the_third_year_of_which_520_were_reached_is_12_below(life: Life) -> None:
    goal = {
        "title": "Ten percent more each year", "measure": "awards_in_year", "baselineYear": 2023, "baseline": 400,
        "rateHundredths": 1_000, "years": 3,
    }  # fmt: skip
    await life.ask("admin", "POST", f"/organisations/{life.alder}/goals", status=201, json=goal)
    found = await counted(
        life, a_band(Band.CITY, 300, 40, 200, 210, 240, 260, 300), a_band(Band.RURAL, 150, 20, 50, 60, 190, 240, 220)
    )
    ((third,),) = [[year for year in shown["years"] if year["year"] == 2026] for shown in found["goals"]]
    assert (third["target"], third["actual"], third["below"]) == (532, 520, 12)
