"""What offices do in the story: they keep records, put rules in force, and pay. Rules are data (``content/data/pathways`` and
``content/data/pay``) and pass the validators and approvals that everybody's do."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import cycle
from typing import TYPE_CHECKING

from credentials.awards.model import Award, AwardKind
from credentials.compensation.model.failures import ClaimRefused
from credentials.compensation.model.runs import PayPeriod
from credentials.compensation.service import claims as pay_claims
from credentials.compensation.service import periods as pay_periods
from credentials.compensation.service import placements as pay_placements
from credentials.compensation.service import plans as pay_plans
from credentials.compensation.service import rulebook as pay_rulebook
from credentials.compensation.service import runs as pay_runs
from credentials.demo.content.model import Case, Colleague, Educator, PayPlan
from credentials.figures import service as figures
from credentials.figures.model import Band, Measure
from credentials.issuing import service as issuing
from credentials.licensing import service as licensing
from credentials.licensing.model import Decision, LicenceType
from credentials.pathways import service as pathways
from credentials.pathways.model import Approval
from credentials.people.model import Act, Role
from credentials.verification.model import Report
from credentials.web import orders
from credentials.web.api.verification import check

if TYPE_CHECKING:
    from credentials.demo.world import World

Told = Callable[[str, int, int], None]

CLAIMANTS = 5
"""Educators of each district who claim pay."""
CLAIMED = 4
"""Awards that each of them claims on: one more than Kestrel Moor raises pay for."""
PAYS_OUT = "kestrel-moor"
"""The district that exports a pay run."""
EARLIER_CREDITS = 3_400
"""Hundredths of a credit that a claimant of Port Ember brings along: two awards from the next lane."""
PLACES = {"urban": Band.CITY, "suburban": Band.SUBURB, "rural": Band.RURAL}
"""How the content says what kind of place a district is in."""


def dealt(world: "World") -> Iterator[tuple[Colleague | Educator, Case]]:
    """Who is in which case."""
    yield from zip(world.content.colleagues, cycle(world.content.cases.colleagues), strict=False)
    yield from zip(world.content.educators, cycle(world.content.cases.educators), strict=False)


# Records


async def keep_records(world: "World", told: Told) -> None:
    """A licensing office records facts and items with what shows them, and takes back what was wrong."""
    officer, state = world.staff(Role.LICENSING_OFFICER)[0], world.organisations["alder"].id
    everybody = list(dealt(world))
    for number, (one, case) in enumerate(everybody, start=1):
        told("Records", number, len(everybody))
        world.clock.pass_(minutes=5)
        async with world.parts.database.write() as session:
            act, about = world.act(officer), world.people[one.key].id
            for path, value in case.facts.items():
                await pathways.record_fact(
                    session,
                    act,
                    educator_id=about,
                    organisation_id=state,
                    path=path,
                    value=value,
                    evidence=f"personnel file, sheet {number}",
                )
            held = [
                await pathways.record_item(
                    session,
                    act,
                    educator_id=about,
                    organisation_id=state,
                    title=_title(item["type"]),
                    item=item,
                    evidence=f"personnel file, sheet {number}",
                )
                for item in case.items
            ]
            for holding in held if case.taken_back else ():
                await pathways.withdraw_item(session, act, holding.id, reason="The course was never held.")
    await orders.redeem_all(world.parts)


def _title(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


# Pathways


async def put_rules_in_force(world: "World", told: Told) -> None:
    """One licensing officer drafts, another puts the board's approval on record; then everybody is judged once."""
    writer, approver = world.staff(Role.LICENSING_OFFICER)[:2]
    for number, plan in enumerate(world.content.pathways, start=1):
        told("Pathways", number, len(world.content.pathways))
        world.clock.pass_(hours=1)
        first = plan.versions[0]
        async with world.parts.database.write() as session:
            made, version = await pathways.draft_pathway(
                session,
                world.act(writer),
                organisation_id=world.organisations[plan.organisation].id,
                slug=plan.slug,
                title=plan.title,
                description=plan.description,
                modelled_on=plan.modelled_on,
                rule=bytes(first.rule),
                effective_from=first.effective_from,
                name=first.name,
            )
            approval = Approval(
                board=first.approval.board,
                decided_on=first.approval.decided_on,
                bargaining=first.approval.bargaining,
                note=first.approval.note,
            )
            await pathways.approve_version(
                session, world.act(approver), version.id, approval, revision=version.revision
            )
            for one, case in dealt(world):
                if case.waived and case.pathway == plan.slug:
                    await pathways.waive(
                        session,
                        world.act(approver),
                        made.id,
                        world.people[one.key].id,
                        requirement=case.waived,
                        rationale="Taught abroad for eight years before, which the rule does not count.",
                        replacement_plan="A mentor for the first year.",
                    )
        world.pathways[plan.slug] = made
        async for _ in pathways.judge_everybody(world.parts.database, made, world.clock()):
            pass


# Licences


APPLICATIONS = (
    ("National certification", Decision.APPROVE, ""),
    ("Two years of three, and a waiver", Decision.APPROVE, "By the waiver on record."),
    (
        "Four, and one of them twice",
        Decision.RETURN,
        "One of the five was handed in twice: add another and send it again.",
    ),
    ("A dossier begun after the option closed", Decision.REFUSE, "The dossier was begun after April 2024."),
    ("A certificate that has run out", None, ""),
)
"""Whose application for level two ends how; the last one waits."""


async def licences(world: "World", told: Told) -> None:
    """Colleagues apply for a licence, and an officer decides as the rule allows."""
    writer, officer = world.staff(Role.LICENSING_OFFICER)[:2]
    world.clock.pass_(days=1)
    async with world.parts.database.write() as session:
        opened = await licensing.found_type(
            session,
            world.act(writer),
            LicenceType(
                id="",
                organisation_id=world.organisations["alder"].id,
                slug="teacher-level-two",
                title="Teacher, level two",
                description="The professional licence of Alder, for five years. Modelled on New Mexico.",
                pathway_id=world.pathways["level-advancement"].id,
                term_months=60,
                not_waivable=("two effective evaluations",),
                author_id="",
                created_at=world.clock(),
            ),
        )
    applicants = {case.name: one for one, case in reversed(list(dealt(world)))}
    for number, (case, decision, reason) in enumerate(APPLICATIONS, start=1):
        told("Licences", number, len(APPLICATIONS))
        if case not in applicants:
            continue
        world.clock.pass_(hours=2)
        async with world.parts.database.write() as session:
            statement = "I ask for the licence of level two."
            applied = await licensing.apply(session, world.act(applicants[case].key), opened.id, statement=statement)
        if decision is not None:
            world.clock.pass_(hours=4)
            async with world.parts.database.write() as session:
                await licensing.decide(
                    session, world.act(officer), applied.id, decision, reason=reason, revision=applied.revision
                )
    await orders.redeem_all(world.parts)


# Pay


async def write_pay_rules(world: "World", told: Told) -> None:
    """Each district drafts its rule, and somebody else records the approvals, before anything is earned by it."""
    for number, plan in enumerate(world.content.pay, start=1):
        told("Pay rules", number, len(world.content.pay))
        async with world.parts.database.write() as session:
            rule, version = await pay_rulebook.draft_rule(
                session,
                world.act(plan.drafts),
                organisation_id=world.organisations[plan.organisation].id,
                slug=plan.slug,
                title=plan.title,
                kind=plan.kind,
                basis=plan.basis,
                time_zone=plan.time_zone,
                terms=plan.terms,
            )
            await pay_rulebook.approve_version(
                session,
                world.act(plan.approves),
                version.id,
                effective_from=plan.effective_from,
                approval=plan.approval,
            )
        world.pay_rules[plan.slug] = rule


def claimants(world: "World", plan: PayPlan) -> list[Educator]:
    """The first educators of a district."""
    schools = {place.slug for place in world.content.organisations if place.parent == plan.organisation}
    return [one for one in world.content.educators if one.school in schools][:CLAIMANTS]


async def approve_plans(world: "World") -> None:
    """Where a rule asks for it, plans are approved before anything is earned: of all who will claim but the last."""
    for plan in world.content.pay:
        if not plan.terms.prior_approval:
            continue
        async with world.parts.database.write() as session:
            for one in claimants(world, plan)[:-1]:
                for micro_credential in world.micro_credentials.values():
                    asked = await pay_plans.request_approval(
                        session,
                        world.act(one.key),
                        rule_id=world.pay_rules[plan.slug].id,
                        achievement_id=micro_credential,
                    )
                    await pay_plans.decide_plan(session, world.act(plan.drafts), asked.id, approve=True, reason="")


async def pay(world: "World", told: Told) -> None:
    """Educators claim on their newest awards, their district decides, and the clerk of one of them exports a pay run."""
    world.clock.pass_(days=1)
    await issuing.publish_due_lists(world.parts.office, world.clock())
    for number, plan in enumerate(world.content.pay, start=1):
        told("Pay", number, len(world.content.pay))
        for place, one in enumerate(claimants(world, plan)):
            async with world.parts.database.write() as session:
                await pay_placements.place(
                    session,
                    world.act(plan.drafts),
                    organisation_id=world.organisations[plan.organisation].id,
                    educator_id=world.people[one.key].id,
                    position="teacher",
                    lane="Bachelor",
                    employee_number=f"{number}{place:03}",
                    credit_hundredths=EARLIER_CREDITS if plan.terms.ladder else 0,
                    effective_on=world.clock().date(),
                )
                held = await world.held(session, one.key)
            mine = [
                award for award in held if award.kind is AwardKind.MICRO_CREDENTIAL and award.is_current(world.clock())
            ]
            for award in mine[:CLAIMED]:
                await _claim(world, plan, one, award)
    await _run(world)
    await orders.redeem_all(world.parts)


async def _claim(world: "World", plan: PayPlan, one: Educator, award: Award) -> None:
    """A claim, and its decision: what the rule bars is refused in its words."""

    async def verify(document: bytes) -> Report:
        return await check(world.parts, document, world.clock())

    world.clock.pass_(minutes=3)
    database = world.parts.database
    rule = world.pay_rules[plan.slug]
    try:
        claim = await pay_claims.file_claim(database, verify, world.act(one.key), rule_id=rule.id, award_id=award.id)
    except ClaimRefused:  # earned before the rule was in force
        return
    officer: Act = world.act(plan.drafts)
    try:
        async with database.write() as session:
            await pay_claims.decide_claim(session, officer, claim.id, approve=True, reason="")
    except ClaimRefused as barred:
        async with database.write() as session:
            await pay_claims.decide_claim(session, officer, claim.id, approve=False, reason=barred.detail)


async def _run(world: "World") -> None:
    """The first run that begins after the raises: what was decided within a month is paid with the next."""
    while world.clock().day != 1:
        world.clock.pass_(days=1)
    clerk = world.staff(Role.PAYROLL_CLERK)[0]
    district = world.organisations[PAYS_OUT].id
    async with world.parts.database.write() as session:
        for year in (2025, 2026):
            await pay_periods.set_calendar(
                session, world.act(clerk), organisation_id=district, year=year, periods=months(year)
            )
        today = world.clock().date()
        known = await pay_periods.periods_of(session, world.act(clerk), district)
        now: PayPeriod = next(one for one in known if one.starts_on <= today <= one.ends_on)
        await pay_runs.export_run(session, world.act(clerk), now.id)
    world.paid = now


# Growth


async def count_growth(world: "World") -> None:
    """The state says what kind of place each district is in, sets a goal, and publishes its figures."""
    chief = next(one.key for one in world.content.staff if Role.ADMINISTRATOR in {held.role for held in one.roles})
    state = world.organisations["alder"]
    world.clock.pass_(days=1)
    act = world.act(chief)
    async with world.parts.database.write() as session:
        for one in world.content.organisations:
            if one.setting:
                await figures.set_band(session, act, world.organisations[one.slug].id, PLACES[one.setting])
        await figures.set_goal(
            session,
            act,
            organisation_id=state.id,
            title="Teachers who hold a micro-credential",
            measure=Measure.HOLDERS,
            baseline_year=world.clock().year - 1,
            baseline=40,
            rate_hundredths=20_00,
            years=5,
            source="The state's plan for its teachers",
        )
        await figures.ask_for_count(session, act, state.id)


def months(year: int) -> list[tuple[date, date, date]]:
    """The twelve months of a school year from July: first day, last day, pay day."""
    firsts = [date(year + (6 + month) // 12, (6 + month) % 12 + 1, 1) for month in range(13)]
    lasts = [following - timedelta(days=1) for following in firsts[1:]]
    return list(zip(firsts, lasts, lasts, strict=False))
