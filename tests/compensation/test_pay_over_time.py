"""Pay as it goes on: who may do what, who left, what was withdrawn; and random lives of a district's ledger."""

import asyncio
import contextlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payroll import PayOffice, codes, granted, noon
from sqlalchemy import text

from credentials.audit import service as audit
from credentials.awards.model import AwardKind
from credentials.compensation.model.cases import CaseOutcome, CaseState
from credentials.compensation.model.claims import ClaimState
from credentials.compensation.rules.ledger import imbalance
from credentials.compensation.service import carried, cases, claims, periods, postings, runs
from credentials.errors import Failure
from credentials.issuing import service as issuing
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.people.model import OrganisationKind
from credentials.verification.model import Report, Verdict


async def test_x05_who_leaves_the_district_keeps_the_awards_and_the_pay_rule_stops(office: PayOffice) -> None:
    base = await office.rule("base_building", {"amountCents": 120_000}, "base")
    july, august, *_ = await office.calendar(2023)
    office.now(noon(2023, 7, 1))
    await office.paid("teacher", base)
    claimed = await office.claim("teacher", base, await office.award("teacher", "Another"))
    office.now(noon(2023, 7, 31))
    assert (await office.export(july))["totalCents"] == 10_000
    (grant,) = (await office.world.act("teacher")).actor.grants
    await office.world.do(people.end_grant, await office.world.act("admin"), grant.id, reason="moved")
    office.now(noon(2023, 8, 31))
    assert (await office.export(august))["totalCents"] == 0
    run = await office.run(august)
    assert [one["reason"] for one in run["leftOut"]] == ["does not work here any more"]
    assert codes(await office.approve_claim(claimed, status=409)) == ["ROLE_NOT_ELIGIBLE"]
    mine = (await office.ask("teacher", "GET", "/awards"))["items"]
    assert [award["state"] for award in mine] == ["active"] * 2
    taken_along = await office.ask("teacher", "GET", f"/awards/{mine[0]['id']}/credential/json")
    assert taken_along["id"] == mine[0]["credentialId"]


async def test_the_office_of_one_recogniser_sees_nothing_of_another(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000})
    (period, *_) = await office.calendar(2023)
    await office.another("three-rivers", OrganisationKind.DISTRICT)
    office.now(noon(2023, 7, 3))
    award = await office.award("teacher", "Practice")
    claim = await office.claim("teacher", rule, award)
    decided = await office.approve_claim(claim)
    await office.revoke(award)
    (case,) = (await office.ask("officer", "GET", f"/organisations/{office.district}/pay-cases"))["items"]
    for who in ("three-rivers-officer", "three-rivers-clerk", "colleague"):
        for method, path, body in (
            ("GET", f"/pay-claims/{decided['id']}", None),
            ("POST", f"/pay-claims/{decided['id']}/decision", {"approve": True}),
            ("GET", f"/organisations/{office.district}/pay-claims", None),
            ("GET", f"/organisations/{office.district}/pay-cases", None),
            ("POST", f"/pay-cases/{case['id']}/decision", {"outcome": "keep", "reason": "x"}),
            ("GET", f"/pay-periods/{period['id']}/run", None),
            ("POST", f"/pay-periods/{period['id']}/export", None),
            ("GET", f"/pay-periods/{period['id']}/export/csv", None),
            ("GET", f"/organisations/{office.district}/pay-ledger", None),
            ("GET", f"/organisations/{office.district}/pay-forecast", None),
            ("POST", f"/pay-rules/{rule['id']}/releases", {"fundsCents": 1, "reason": "x"}),
        ):
            answer = await office.answer(who, method, path, body)
            unknown = await office.answer(who, method, path.replace(path.split("/")[2], "0" * 36), body)
            assert answer.status_code == unknown.status_code == 404, f"{who} {method} {path}"


async def test_who_decides_does_not_pay_and_who_pays_does_not_decide(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000})
    (period, *_) = await office.calendar(2023)
    office.now(noon(2023, 7, 31))
    claim = await office.claim("teacher", rule, await office.award("teacher", "Practice"))
    await office.approve_claim(claim, status=403, who="clerk")
    await office.approve_claim(claim, status=403, who="admin")
    await office.export(period, status=403, who="officer")
    await office.export(period, status=403, who="admin")
    await office.approve_claim(claim)
    assert (await office.export(period))["totalCents"] == 10_000


async def test_nobody_decides_on_their_own_claim(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000, "eligible": {"membersOnly": False}})
    office.now(noon(2023, 7, 31))
    claim = await office.claim("officer", rule, await office.award("officer", "Practice"))
    assert "somebody else" in (await office.approve_claim(claim, status=403))["detail"]


async def test_only_an_award_in_force_that_is_ones_own_can_be_claimed_on(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000})
    office.now(noon(2023, 7, 31))
    award = await office.award("teacher", "Practice")
    await office.claim("colleague", rule, award, status=404)
    await office.revoke(award)
    assert codes(await office.claim("teacher", rule, award, status=409)) == ["REVOKED"]


async def test_a_credential_that_cannot_be_checked_is_not_taken(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000})
    office.now(noon(2023, 7, 31))
    award = await office.award("teacher", "Practice")
    asked = {"ruleId": rule["id"], "awardId": award.id}
    problem = await office.ask("teacher", "POST", "/pay-claims", asked, status=503)  # its list is not published yet
    assert "try again" in problem["detail"]
    claim = await office.claim("teacher", rule, award)
    assert claim["verdict"] == "accept"
    assert await office.claim("teacher", rule, award) == claim, "claiming again answers the claim that is there"


async def test_a_stack_is_not_paid_for_what_was_paid_in_its_members(office: PayOffice) -> None:
    world = office.world
    rule = await office.rule("stipend", {"amountCents": 10_000, "accepts": {"kinds": ["micro_credential", "stack"]}})
    office.now(noon(2023, 9, 1))
    first, second = await world.publish(slug="first"), await world.publish(slug="second")
    members = (first.micro_credential.id, second.micro_credential.id)
    stack = await world.do(
        pathways.draft, await world.act("developer"), organisation_id=world.organisations["alder"].id,
        slug="pair", title="A Pair", description="Two.", members=members,
    )  # fmt: skip
    await world.do(pathways.publish, await world.act("publisher"), stack.id)
    await office.paid("teacher", rule, achievement_id=members[0])
    award = await office.award("teacher", "A Pair", achievement_id=stack.id, kind=AwardKind.STACK)
    claim = await office.claim("teacher", rule, award)
    assert codes(await office.approve_claim(claim, status=409)) == ["ALREADY_COMPENSATED"]
    whole = await office.award("colleague", "A Pair", achievement_id=stack.id, kind=AwardKind.STACK)
    assert granted(await office.approve_claim(await office.claim("colleague", rule, whole)), "stipend") == 10_000


async def test_a_reinstated_award_closes_its_case_and_a_held_stipend_is_paid(office: PayOffice) -> None:
    world = office.world
    rule = await office.rule("stipend", {"amountCents": 10_000})
    july, august, *_ = await office.calendar(2023)
    office.now(noon(2023, 7, 10))
    award = await office.award("teacher", "Practice")
    await office.approve_claim(await office.claim("teacher", rule, award))
    await world.do(issuing.suspend, await world.act("leader"), award.id, reason="a question came up")
    await world.redeem()
    office.now(noon(2023, 7, 31))
    assert (await office.export(july))["totalCents"] == 0
    await world.do(issuing.reinstate, await world.act("leader"), award.id, reason="it is answered")
    await world.redeem()
    office.now(noon(2023, 8, 31))
    assert (await office.export(august))["totalCents"] == 10_000
    path = f"/organisations/{office.district}/pay-cases?stage=closed"
    assert [case["outcome"] for case in (await office.ask("officer", "GET", path))["items"]] == ["reinstated"]


@pytest.mark.parametrize(
    ("outcome", "paid", "owed_back", "again"),
    [("end", 10_000, 0, ["ALREADY_COMPENSATED"]), ("recover", 10_000, -10_000, [])],
)
async def test_what_was_paid_is_kept_or_recorded_as_owed_back_as_the_officer_decides(
    office: PayOffice, outcome: str, paid: int, owed_back: int, again: list[str]
) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000})
    july, *_ = await office.calendar(2023)
    office.now(noon(2023, 7, 31))
    award = await office.award("teacher", "Practice")
    await office.approve_claim(await office.claim("teacher", rule, award))
    await office.export(july)
    await office.revoke(award)
    (case,) = (await office.ask("officer", "GET", f"/organisations/{office.district}/pay-cases"))["items"]
    asked = {"outcome": outcome, "reason": "the panel decided"}
    await office.ask("officer", "POST", f"/pay-cases/{case['id']}/decision", asked)
    assert await office.balance("teacher", "paid") == paid
    assert await office.balance("teacher", "recovery") == owed_back
    anew = await office.award("teacher", "Practice", achievement_id=award.achievement_id)
    claim = await office.claim("teacher", rule, anew)
    assert [code for code in codes(claim) if code != "GRANTED"] == again


async def test_a_forecast_is_an_estimate_that_says_what_it_rests_on(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000, "caps": {"amountCents": 20_000}})
    office.now(noon(2023, 10, 2))
    for number in range(2):
        await office.paid("teacher", rule, f"Practice {number}")
    path = f"/organisations/{office.district}/pay-forecast"
    found = await office.ask("clerk", "GET", path)
    assert (found["estimate"], found["year"], found["expectedCents"]) == (True, 2024, 20_000)
    assert (await office.ask("clerk", "GET", f"{path}?growth=50"))["expectedCents"] == 30_000
    assert (await office.ask("clerk", "GET", f"{path}?growth=900"))["expectedCents"] == 40_000  # two people at the cap
    assert "2 claims of 1 people were approved in the last twelve months." in found["lines"][0]["assumptions"]


async def test_a_draft_is_edited_by_whoever_read_it_and_its_editor_cannot_approve_it(office: PayOffice) -> None:
    drafted = await office.draft("stipend", {"amountCents": 10_000})
    path = f"/pay-rule-versions/{drafted['versions'][0]['id']}"
    changed = {"terms": {"words": "The admin's wording.", "amountCents": 12_000}}
    assert (await office.answer("admin", "PUT", path, changed, {"If-Match": '"7"'})).status_code == 412
    answer = await office.answer("admin", "PUT", path, changed, {"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json()["plainWords"][0] == "Each micro-credential pays $120, once."
    await office.approve(drafted["versions"][0]["id"], "2023-07-01", status=403)  # the admin wrote it
    actions = [entry.action for entry in await office.world.see(audit.about, f"pay-rule:{drafted['id']}")]
    assert actions == ["pay-rule.drafted", "pay-rule.edited"]


async def test_fsck_finds_a_ledger_or_an_export_that_was_changed_behind_our_back(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000})
    july, *_ = await office.calendar(2023)
    office.now(noon(2023, 7, 31))
    await office.paid("teacher", rule)
    await office.export(july)
    assert await office.world.see(postings.faults) == []
    for tampering, said in (
        ("UPDATE pay_entries SET amount = amount + 1 WHERE account = 'paid'", "do not come to nothing"),
        ("UPDATE pay_books SET sequence = sequence + 1", "missing from its pay ledger"),
        ("UPDATE pay_exports SET csv_digest = 'x'", "is not the one that was exported"),
    ):
        async with office.world.parts.database.write() as session:
            await session.execute(text(tampering))
        assert said in " ".join(detail for _, detail in await office.world.see(postings.faults))


# Random lives

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("claim", "claim", "claim", "revoke", "end", "recover", "keep", "export", "export", "release", "year")
        ),
        st.integers(0, 5),
    ),
    min_size=5,
    max_size=25,
)


@pytest.fixture
def loop() -> Any:
    opened = asyncio.new_event_loop()
    yield opened
    opened.close()


class Life:
    """One district's pay, step by step through the services, without signing: what is verified is another test's."""

    def __init__(self, office: PayOffice, rule: Any) -> None:
        self.office, self.world, self.rule = office, office.world, rule
        self.awards: list[Any] = []
        self.exports: dict[str, Any] = {}

    async def step(self, what: str, number: int) -> None:
        with contextlib.suppress(Failure):  # what cannot be done is refused, and must leave everything as it was
            await getattr(self, what)(number)
        self.world.clock.advance(hours=1)

    async def claim(self, number: int) -> None:
        async def accept(octets: bytes) -> Report:
            return Report(
                verdict=Verdict.ACCEPT, summary="", checks=(), digest=f"{len(octets)}", checked_at=self.world.clock()
            )

        who = ("teacher", "colleague")[number % 2]
        award = await self.office.award(who, f"Practice {number}")
        self.awards.append(award)
        act = await self.world.act(who)
        claim = await claims.file_claim(
            self.world.parts.database, accept, act, rule_id=self.rule["id"], award_id=award.id
        )
        await self.world.do(claims.decide_claim, await self.world.act("officer"), claim.id, approve=True, reason="")

    async def revoke(self, number: int) -> None:
        if self.awards:
            await self.office.revoke(self.awards[number % len(self.awards)])

    async def _case(self, outcome: CaseOutcome) -> None:
        officer = await self.world.act("officer")
        for case in await self.world.see(cases.cases_in, officer, self.office.district, CaseState.OPEN):
            await self.world.do(cases.decide_case, officer, case.id, outcome=outcome, reason="decided")

    async def end(self, _number: int) -> None:
        await self._case(CaseOutcome.END)

    async def recover(self, _number: int) -> None:
        await self._case(CaseOutcome.RECOVER)

    async def keep(self, _number: int) -> None:
        await self._case(CaseOutcome.KEEP)

    async def export(self, number: int) -> None:
        clerk = await self.world.act("clerk")
        known = await self.world.see(periods.periods_of, clerk, self.office.district)
        begun = [period for period in known if period.starts_on <= self.world.clock().date()]
        period = begun[number % len(begun)]
        made = await self.world.do(runs.export_run, clerk, period.id)
        before = self.exports.setdefault(period.id, made)
        assert (before.csv, before.json) == (made.csv, made.json)

    async def release(self, number: int) -> None:
        officer = await self.world.act("officer")
        await self.world.do(
            carried.release_carried, officer, self.rule["id"], funds_cents=7_000 * (number + 1), reason="funds"
        )

    async def year(self, _number: int) -> None:
        if self.world.clock().year < 2024:
            self.office.now(noon(2024, 9, 2))


CAP, WORTH = 25_000, 10_000


@pytest.mark.parametrize("founded", ["sqlite"], indirect=True)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_any_life_of_a_district_the_ledger_balances_caps_hold_and_nobody_is_paid_twice(
    fresh_life: Any, loop: asyncio.AbstractEventLoop, steps: list[tuple[str, int]]
) -> None:
    loop.run_until_complete(_live(fresh_life, steps))


async def _live(fresh_life: Any, steps: list[tuple[str, int]]) -> None:
    terms = {"amountCents": WORTH, "caps": {"amountCents": CAP, "carryOver": "if_funded"}}
    async with fresh_life() as office:
        life = Life(office, await office.rule("stipend", terms))
        await office.calendar(2023, 3)
        office.now(noon(2023, 7, 5))
        await office.calendar(2024, 3)
        for what, number in steps:
            await life.step(what, number)
        officer = await office.world.act("officer")
        posted = await office.world.see(postings.ledger, officer, office.district, None, limit=10_000)
        assert [posting.sequence for posting in posted] == list(range(1, len(posted) + 1))
        assert all(not imbalance(posting.entries) for posting in posted)
        paid: Counter[str] = Counter()
        granted_: Counter[tuple[str, int]] = Counter()
        by_claim: Counter[str] = Counter()
        for posting in posted:
            for entry in posting.entries:
                if entry.account == "paid":
                    paid[posting.award_id] += entry.amount
                if entry.account == "stipend" and posting.purpose in {"grant", "release"}:
                    granted_[posting.educator_id, posting.year] += entry.amount
                    by_claim[posting.claim_id] += entry.amount
        assert all(amount <= WORTH for amount in paid.values()), "an award is paid once"
        ended = {
            claim.id
            for claim in await office.world.see(claims.claims_in, officer, office.district, ClaimState.ENDED, limit=200)
        }
        kept: Counter[tuple[str, int]] = Counter()
        for posting in posted:
            if posting.claim_id not in ended and posting.purpose in {"grant", "release"}:
                kept[posting.educator_id, posting.year] += sum(
                    entry.amount for entry in posting.entries if entry.account == "stipend"
                )
        assert all(amount <= CAP for amount in kept.values()), "nobody is given more than the cap in a year"
        exported = sum(export.total_cents for export in life.exports.values())
        assert exported == sum(paid.values()), "what the files say is what the ledger says"
