"""Pay for tests: terms and versions; and an office, asked over HTTP as its people would, with awards that are really signed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from builders import World, browser
from litestar import Litestar

from credentials.awards.model import Award, AwardKind
from credentials.compensation.model.rules import PayRuleVersion, VersionState
from credentials.compensation.model.terms import Terms
from credentials.compensation.rules.terms import read_terms
from credentials.ids import new_id
from credentials.issuing import service as issuing
from credentials.issuing.model import Entitlement
from credentials.openbadges.build import Achievement
from credentials.people import service as people
from credentials.people.model import OrganisationKind, Role, Scope
from credentials.sealing.model import Source

APPROVED = {
    "records": [
        {"kind": "board", "body": "Board of Kestrel Moor", "on": "2023-05-30", "reference": "minutes 2023-11"},
        {"kind": "bargaining", "body": "Kestrel Moor Teachers", "on": "2023-05-31", "reference": "memorandum 4"},
    ]
}
BEGAN = datetime(2023, 6, 1, 15, 0, tzinfo=UTC)
"""Before the school year of most scenarios."""


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, 0, tzinfo=UTC)


NOW = noon(2023, 6, 1)


def a_version(
    terms: Terms, number: int = 1, begins: date = date(2023, 7, 1), until: date | None = None
) -> PayRuleVersion:
    return PayRuleVersion(
        id=f"version-{number}", rule_id="rule", number=number, terms=terms, state=VersionState.APPROVED,
        author_id="officer", created_at=NOW, effective_from=begins, effective_to=until,
    )  # fmt: skip


def a_terms(text: str) -> Terms:
    return read_terms(b'{"words": "As written.", ' + text.encode() + b"}")


class PayOffice:
    """A district with an officer, a clerk and teachers; each request is made as the person's own program would."""

    def __init__(self, app: Litestar | None, world: World) -> None:
        self._app = app
        self.world = world
        self._tokens: dict[str, tuple[str, datetime]] = {}

    async def found(self) -> "PayOffice":
        for name, organisation, role in (
            ("officer", "kestrel-moor", Role.DISTRICT_OFFICER),
            ("clerk", "kestrel-moor", Role.PAYROLL_CLERK),
        ):
            await self.world.join(name, organisation, role)
        return self

    @property
    def district(self) -> str:
        return self.world.organisations["kestrel-moor"].id

    def person(self, name: str) -> str:
        return self.world.people[name].id

    def now(self, moment: datetime) -> None:
        """It is that moment."""
        self.world.clock.moment = moment

    async def another(self, slug: str, kind: OrganisationKind = OrganisationKind.PROVIDER) -> str:
        """Another recogniser, with an officer and a clerk of its own: ``slug-officer`` and ``slug-clerk``."""
        self.world.organisations[slug] = await self.world.do(
            people.found_organisation,
            await self.world.act("admin"),
            kind=kind,
            slug=slug,
            name=slug.replace("-", " ").title(),
            parent_id=self.world.organisations["alder"].id,
        )
        await self.world.join(f"{slug}-officer", slug, Role.DISTRICT_OFFICER)
        await self.world.join(f"{slug}-clerk", slug, Role.PAYROLL_CLERK)
        return self.world.organisations[slug].id

    # Asking

    async def answer(
        self, who: str, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        headers = {**(headers or {}), "Authorization": f"Bearer {await self._token(who)}"}
        assert self._app is not None, "this office only founds"
        async with browser(self._app) as client:
            options = {} if body is None else {"json": body}
            return await client.request(method, f"/api/v1{path}", headers=headers, **options)

    async def ask(self, who: str, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = await self.answer(who, method, path, body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def _token(self, who: str) -> str:
        now = self.world.clock()
        secret, until = self._tokens.get(who, ("", now))
        if not secret or until <= now:
            until = now + timedelta(days=300)
            act = await self.world.act(who)
            scopes = [Scope.PAY_READ, Scope.PAY_WRITE, Scope.AWARDS_READ]
            _, secret = await self.world.do(people.make_token, act, name="pay", scopes=scopes, expires_at=until)
            self._tokens[who] = (secret, until)
        return secret

    # Rules

    async def draft(self, kind: str, terms: Mapping[str, Any], slug: str = "rule", **more: Any) -> Any:
        organisation = more.pop("organisation", "kestrel-moor")
        who = more.pop("who", "officer" if organisation == "kestrel-moor" else f"{organisation}-officer")
        asked = {
            "slug": slug,
            "title": slug.replace("-", " ").capitalize(),
            "kind": kind,
            "terms": {"words": "As the contract says.", **terms},
            **more,
        }
        path = f"/organisations/{self.world.organisations[organisation].id}/pay-rules"
        return await self.ask(who, "POST", path, asked, status=201)

    async def rule(self, kind: str, terms: Mapping[str, Any], slug: str = "rule", **more: Any) -> Any:
        """A rule in force from 1 July 2023, or from ``begins``."""
        begins = more.pop("begins", "2023-07-01")
        drafted = await self.draft(kind, terms, slug, **more)
        await self.approve(drafted["versions"][-1]["id"], begins)
        return drafted

    async def approve(self, version_id: str, begins: str, *, status: int = 200, **changed: Any) -> Any:
        asked = {"effectiveFrom": begins, "approval": {**APPROVED, **changed}}
        return await self.ask("admin", "POST", f"/pay-rule-versions/{version_id}/approval", asked, status=status)

    async def place(self, who: str, position: str, **more: Any) -> Any:
        on = self.world.clock().date().isoformat()
        asked = {"educatorId": self.person(who), "position": position, "effectiveOn": on, **more}
        return await self.ask("officer", "POST", f"/organisations/{self.district}/pay-placements", asked, status=201)

    # Awards and claims

    async def award(self, who: str, title: str, **more: Any) -> Award:
        """An award of this moment, signed as every award is."""
        world = self.world
        achievement_id = more.pop("achievement_id", None) or new_id(world.ids, world.clock())
        at = f"http://alder.test/achievements/{achievement_id}"
        entitlement = Entitlement(
            source=Source("submission", new_id(world.ids, world.clock())),
            kind=more.pop("kind", AwardKind.MICRO_CREDENTIAL),
            educator_id=self.person(who),
            organisation_id=world.organisations[more.pop("issuer", "alder")].id,
            achievement_id=achievement_id,
            title=title,
            awarded_at=world.clock(),
            achievement=Achievement(id=at, name=title, description=title, criteria_url=at, criteria="All was shown."),
            **more,
        )
        return await issuing.issue(world.parts.office, world.clock(), entitlement)

    async def publish_lists(self) -> None:
        """What the running service does every fifteen seconds."""
        await issuing.publish_due_lists(self.world.parts.office, self.world.clock())

    async def claim(self, who: str, rule: Any, award: Award, *, status: int = 201) -> Any:
        await self.publish_lists()
        asked = {"ruleId": rule["id"], "awardId": award.id}
        return await self.ask(who, "POST", "/pay-claims", asked, status=status)

    async def approve_claim(self, claim: Any, *, status: int = 200, who: str = "officer") -> Any:
        return await self.ask(who, "POST", f"/pay-claims/{claim['id']}/decision", {"approve": True}, status=status)

    async def paid(self, who: str, rule: Any, title: str = "Conferring for Agency", **more: Any) -> Any:
        """An award, claimed and approved in this moment."""
        claim = await self.claim(who, rule, await self.award(who, title, **more))
        decided = await self.approve_claim(claim)
        self.world.clock.advance(seconds=1)  # so that of two the earlier is known
        return decided

    async def revoke(self, award: Award, reason: str = "the work was somebody else's") -> None:
        await self.world.do(issuing.revoke, await self.world.act("leader"), award.id, reason=reason)
        await self.world.redeem()

    # Paying

    async def calendar(self, year: int, months: int = 12) -> list[Any]:
        """Monthly periods from 1 July."""
        starts = [date(year + (6 + month) // 12, (6 + month) % 12 + 1, 1) for month in range(months + 1)]
        ends = [following - timedelta(days=1) for following in starts[1:]]
        asked = {
            "year": year,
            "periods": [
                {"startsOn": str(start), "endsOn": str(end), "paysOn": str(end)}
                for start, end in zip(starts, ends, strict=False)
            ],
        }
        return await self.ask("clerk", "POST", f"/organisations/{self.district}/pay-periods", asked, status=201)

    async def run(self, period: Any) -> Any:
        return await self.ask("clerk", "GET", f"/pay-periods/{period['id']}/run")

    async def export(self, period: Any, *, status: int = 200, who: str = "clerk") -> Any:
        return await self.ask(who, "POST", f"/pay-periods/{period['id']}/export", status=status)

    async def file(self, period: Any, form: str) -> bytes:
        answer = await self.answer("clerk", "GET", f"/pay-periods/{period['id']}/export/{form}")
        assert answer.status_code == 200, answer.text
        return answer.content

    async def ledger(self, who: str) -> list[Any]:
        path = f"/organisations/{self.district}/pay-ledger?educator={self.person(who)}&limit=200"
        return (await self.ask("officer", "GET", path))["items"]

    async def balance(self, who: str, account: str) -> int:
        entries = [entry for posting in await self.ledger(who) for entry in posting["entries"]]
        return sum(entry["amount"] for entry in entries if entry["account"] == account)


def codes(answered: Any) -> list[str]:
    """The reason codes of a claim, or of a problem."""
    if "assessment" in answered:
        return [reason["code"] for reason in answered["assessment"].get("reasons", [])]
    return [error.get("code", "") for error in answered.get("errors", [])]


def granted(claim: Any, account: str) -> int:
    entries = claim["assessment"].get("entries", [])
    return sum(entry["amount"] for entry in entries if entry["account"] == account)
