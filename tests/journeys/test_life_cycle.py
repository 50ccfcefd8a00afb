"""What becomes of awards as time goes on: each test is a life-cycle scenario of the domain, by its id, over HTTP."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from builders import World, a_specification
from scene import Scene

from credentials.awards import service as awards
from credentials.awards.model import Award
from credentials.issuing import service as issuing
from credentials.people.model import Role
from credentials.web.app import create_app
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
    return await Life(world, create_app(parts, work=False)).found()


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
    last = record[-1]
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
