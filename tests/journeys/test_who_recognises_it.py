"""A provider shows who recognises its badges: what anybody reads, of rules that offices of two states and a district wrote."""

from datetime import date, timedelta
from typing import Any

import pytest
from builders import World, a_specification, served
from lxml import html
from payroll import APPROVED
from scene import Scene

from credentials.people import service as people
from credentials.people.model import Act, Actor, OrganisationKind, Role
from credentials.web.parts import Parts

NAMED = {"label": "feedback", "credential": {"ref": "feedback"}}
FIVE = {"credential": {"type": "micro_credential", "issuers": ["alder"]}, "count": 5, "label": "five"}


class Offices(Scene):
    """Alder, which issues and grants a licence; Larch, another state with a pathway; Kestrel Moor, which pays."""

    async def found(self) -> "Offices":
        world = self.world
        for name in ("officer", "chief"):
            await world.join(f"alder-{name}", "alder", Role.LICENSING_OFFICER)
        operator = Act(Actor(person_id="operator", name="the operator"), world.clock(), world.ids)
        world.organisations["larch"], chief = await world.do(
            people.make_first_administrator, operator, kind=OrganisationKind.STATE_AGENCY, slug="larch",
            organisation_name="Larch State", address="chief@larch.example", name="Chief",
            phc=await world.parts.hasher.hash("a phrase that is long enough"),
        )  # fmt: skip
        alders = world.people["admin"]
        world.people |= {"admin": chief, "larch-chief": chief}
        await world.join("larch-officer", "larch", Role.LICENSING_OFFICER)
        world.people["admin"] = alders
        await self.world.join("payer", "kestrel-moor", Role.DISTRICT_OFFICER)
        self.today = self.world.clock().date()
        return self

    async def pathway(self, place: str, slug: str, rule: Any, begins: date, *, approved: bool = True) -> str:
        body = {
            "organisationId": self.world.organisations[place].id, "slug": slug, "title": slug.title(), "rule": rule,
            "effectiveFrom": begins.isoformat(),
        }  # fmt: skip
        drafted = await self.ask(f"{place}-officer", "POST", "/pathways", status=201, json=body)
        (version,) = drafted["versions"]
        if approved:
            approval = {"board": "State Board", "decidedOn": self.today.isoformat()}
            at = f"/pathway-versions/{version['id']}/approval"
            await self.ask(f"{place}-chief", "POST", at, revision=version["revision"], json=approval)
        return str(drafted["pathway"]["id"])

    async def licence(self, pathway: str) -> None:
        body = {"slug": "leader", "title": "Leader", "description": "May lead.", "pathwayId": pathway}
        at = f"/organisations/{self.world.organisations['alder'].id}/licences"
        await self.ask("alder-officer", "POST", at, status=201, json=body)

    async def pay(self, slug: str, terms: dict[str, Any], *, approved: bool = True) -> None:
        at = f"/organisations/{self.world.organisations['kestrel-moor'].id}/pay-rules"
        body = {"slug": slug, "title": slug.title(), "kind": "stipend", "terms": {"words": "As agreed.", **terms}}
        drafted = await self.ask("payer", "POST", at, status=201, json=body)
        if approved:
            tomorrow = (self.today + timedelta(days=1)).isoformat()
            asked = {"effectiveFrom": tomorrow, "approval": APPROVED}
            await self.ask("admin", "POST", f"/pay-rule-versions/{drafted['versions'][0]['id']}/approval", json=asked)

    async def anybody(self, path: str) -> list[tuple[Any, ...]]:
        """What somebody without an account is told: scheme, who recognises, what, when, and by what."""
        answer = (await self.client.get(f"/api/v1{path}/recognition")).raise_for_status().json()
        assert answer["whole"] is True
        return [
            (one["scheme"], one["organisation"], one["title"], one["phase"], [how["how"] for how in one["mentions"]])
            for one in answer["items"]
        ]

    async def page(self, path: str) -> tuple[str, list[str]]:
        """The words of a page and the rules that it leads to."""
        found = html.fromstring((await self.client.get(path)).raise_for_status().text).find(".//main")
        links = [link.get("href") for link in found.iterfind(".//a")]
        return " ".join(found.text_content().split()), [
            link for link in links if "/rules/" in link or "/licences/" in link
        ]


@pytest.fixture
async def offices(world: World, parts: Parts) -> Offices:
    return await Offices(world, served(parts)).found()


async def test_anybody_sees_in_which_public_rules_a_micro_credential_counts_and_nothing_of_who_holds_it(
    offices: Offices,
) -> None:
    feedback = await offices.publish(title="Feedback That Moves Work")
    conferring = await offices.world.publish(a_specification(title="Conferring for Agency"), slug="conferring")
    alder = offices.world.organisations["alder"].id
    today = offices.today
    await offices.licence(await offices.pathway("alder", "leader", {"all": [NAMED, FIVE]}, today))
    await offices.pathway("larch", "transfer", FIVE, today + timedelta(days=30))
    await offices.pathway("larch", "unfinished", NAMED, today, approved=False)
    await offices.pathway("larch", "of-others", {"credential": {"ref": "elsewhere"}}, today)
    await offices.pay("stipend", {"amounts": [{"achievement": feedback.micro_credential.id, "amountCents": 15_000}]})
    await offices.pay("secret", {"amountCents": 99_000}, approved=False)

    leader = ("licence", "Alder Department of Education", "Leader", "in_force", ["named", "issuer"])
    transfer = ("pathway", "Larch State", "Transfer", "approved", ["issuer"])
    stipend = ("pay", "Kestrel Moor", "Stipend", "approved", ["named"])
    assert await offices.anybody(f"/micro-credentials/{feedback.micro_credential.id}") == [leader, transfer, stipend]
    assert await offices.anybody(f"/micro-credentials/{conferring.micro_credential.id}") == [
        (*leader[:4], ["issuer"]),
        transfer,
    ]
    assert await offices.anybody(f"/organisations/{alder}") == [leader, transfer, stipend]
    assert await offices.anybody(f"/organisations/{offices.world.organisations['larch'].id}") == []

    offices.world.clock.advance(seconds=2 * 86_400)
    assert (await offices.anybody(f"/organisations/{alder}"))[-1] == (*stipend[:3], "in_force", ["named"])

    seen, links = await offices.page("/micro-credentials/feedback/recognition")
    assert "Names this micro-credential." in seen
    assert "“Feedback That Moves Work” pays $150." in seen
    assert [link.rsplit("/", 1)[0] for link in links] == ["/licences", "/rules", "/rules", "/pay/rules"]
    assert links[1:3] == ["/rules/leader", "/rules/transfer"]
    assert "Unfinished" not in seen
    assert "Secret" not in seen
    for link in links:
        assert (await offices.client.get(link)).status_code == 200
    seen, _ = await offices.page(f"/organisations/{alder}/recognition")
    assert "Names “Feedback That Moves Work”." in seen
    assert "Counts every micro-credential of Alder Department of Education." in seen
    assert "/micro-credentials/feedback/recognition" in (await offices.client.get("/micro-credentials/feedback")).text
