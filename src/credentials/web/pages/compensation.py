"""Pay: what my awards are worth where I work; and the office's queue, decisions, rules, people, cases and pay runs."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.compensation.model import (
    Approval,
    ApprovalKind,
    ApprovalRecord,
    Basis,
    CaseOutcome,
    CaseState,
    ClaimState,
    PayKind,
    Terms,
)
from credentials.compensation.rules.days import local_day, year_words
from credentials.compensation.rules.sentences import plain_words
from credentials.compensation.rules.terms import read_terms
from credentials.compensation.rules.versions import standing, version_on
from credentials.compensation.service import (
    carried,
    cases,
    claims,
    desk,
    forecasts,
    periods,
    placements,
    plans,
    rulebook,
    runs,
)
from credentials.compensation.service.office import CLERKS, DECIDERS, READERS, RECOGNISERS, RULERS, taking_part
from credentials.db import Session
from credentials.errors import Fault, Malformed, NotFound, Unavailable
from credentials.people import service as people
from credentials.people.model import Act, Organisation, Role
from credentials.verification.model import Report
from credentials.web.api import compensation as api
from credentials.web.api.verification import check
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.organisations import tabs
from credentials.web.pages.page import Page

SHOWN = 50

EXAMPLES: dict[PayKind, dict[str, Any]] = {
    PayKind.STIPEND: {
        "words": "Each micro-credential pays 150 dollars, at most 500 in a school year.",
        "amountCents": 15_000,
        "caps": {"amountCents": 50_000, "carryOver": "if_funded"},
        "payDates": [{"cutOff": "12-15", "pays": "01-31"}, {"cutOff": "05-15", "pays": "06-30"}],
    },
    PayKind.BASE_BUILDING: {
        "words": "Each micro-credential adds 300 dollars to base pay, at most three in a school year.",
        "amountCents": 30_000,
        "caps": {"count": 3},
    },
    PayKind.POINTS_TO_LANE: {
        "words": "Each micro-credential counts one credit towards the next lane.",
        "pointHundredths": 100,
        "ladder": [{"lane": "BA", "to": "BA+15", "creditHundredths": 1_500}],
        "laneDates": [{"approvedBy": "09-01", "effectiveOn": "09-01", "share": "full year"}],
    },
    PayKind.HOURS_TO_CREDITS: {
        "words": "Fifteen hours are one credit.",
        "conversion": {"hours": 15, "hoursPerCredit": 15, "rounding": "down", "toHundredths": 50},
        "priorApproval": True,
        "evidenceWithinDays": 90,
    },
}
"""What the form for a new rule begins with."""


def terms_text(terms: Terms | dict[str, Any]) -> str:
    """Terms as somebody edits them."""
    return msgspec.json.format(msgspec.json.encode(terms), indent=2).decode()


# My pay


@get("/pay")
async def mine(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What my awards are worth where I work, my claims and plans."""
    return await _mine(page, act)


async def _mine(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        offers = await desk.offers(session, act)
        claimed = await claims.my_claims(session, act, limit=SHOWN)
        planned = await plans.my_plans(session, act, limit=SHOWN)
        places = await people.organisations_by_id(session, act.actor.organisations(Role.EDUCATOR))
        above = {ancestor for place in places.values() for ancestor in place.lineage}
        here = [
            (rule, versions)
            for recogniser in sorted(above)
            for rule, versions in await rulebook.rules_for(session, None, recogniser)
        ]
        in_force = [
            (rule, version) for rule, versions in here if (version := version_on(versions, local_day(rule, page.now)))
        ]
        titles = await rulebook.titles_of(session, (version.terms for _, version in in_force))
        named = {claim.rule_id for claim in claimed} | {plan.rule_id for plan in planned}
        known = await rulebook.rules_by_id(session, named)
        asks_plan = [rule for rule, version in in_force if version.terms.prior_approval]
        entries = await catalog.published(session, limit=200) if asks_plan else []
        recognisers = await people.organisations_by_id(session, above | {claim.organisation_id for claim in claimed})
    return page.show(
        "compensation/mine.html",
        filled=filled,
        offers=sorted(
            (offer for offer in offers if offer.claim is None),
            key=lambda offer: (not offer.assessment.payable, offer.award.title),
        ),
        claims=claimed,
        plans=planned,
        rules=known,
        in_force=[(rule, plain_words(rule, version.terms, titles)[0]) for rule, version in in_force],
        recognisers=recognisers,
        plan_rules=[(rule.id, rule.title) for rule in asks_plan],
        plannable=[(entry.micro_credential.id, entry.version.specification.title) for entry in entries],
    )


@post("/pay/claims")
async def claim(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Claim on one of my awards."""

    async def verify(octets: bytes) -> Report:
        return await check(page.parts, octets, page.now)

    try:
        asked = form.read(api.NewClaim, ruleId=form["rule"], awardId=form["award"])
        await claims.file_claim(page.parts.database, verify, act, rule_id=asked.rule_id, award_id=asked.award_id)
    except (*MENDABLE, Unavailable) as failure:
        return await _mine(page, act, form.back("claim", failure))
    return page.go("/pay", "pay-claimed")


@post("/pay/plans")
async def plan(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Ask that what I plan to earn be approved beforehand."""
    try:
        asked = form.read(api.NewPlan, ruleId=form["rule"], achievementId=form["achievement"])
        async with page.parts.database.write() as session:
            await plans.request_approval(session, act, rule_id=asked.rule_id, achievement_id=asked.achievement_id)
    except MENDABLE as failure:
        return await _mine(page, act, form.back("plan", failure))
    return page.go("/pay", "pay-planned")


# The office


@get("/pay-office")
async def offices(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template | Response[None]:
    """Where I take part in pay; the only place at once."""
    async with page.parts.database.read() as session:
        found = await people.organisations_by_id(session, act.actor.organisations(*READERS))
    places = sorted((one for one in found.values() if one.kind in RECOGNISERS), key=lambda one: one.name)
    if len(places) == 1:
        return page.go(f"/organisations/{places[0].id}/pay")
    return page.show("compensation/offices.html", places=places)


async def _names(session: Session, ids: set[str]) -> dict[str, str]:
    return {key: person.name for key, person in (await people.persons_by_id(session, ids)).items()}


def _may(act: Act, where: Organisation) -> dict[str, bool]:
    """What the reader may do here besides reading."""
    lineage = where.lineage
    return {
        "rule": act.actor.holds_any(RULERS, lineage),
        "decide": act.actor.holds_any(DECIDERS, lineage),
        "export": act.actor.holds_any(CLERKS, lineage),
    }


@get("/organisations/{organisation_id:str}/pay")
async def overview(organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What waits for the office, the rules, the pay periods."""
    return await _overview(page, act, organisation_id)


async def _overview(page: Page, act: Act, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        submitted = await claims.claims_in(session, act, where.id, ClaimState.SUBMITTED, limit=SHOWN + 1)
        planned = await plans.plans_in(session, act, where.id, limit=SHOWN + 1)
        opened = await cases.cases_in(session, act, where.id, CaseState.OPEN, limit=SHOWN + 1)
        found = await rulebook.rules_for(session, act.actor, where.id)
        calendar = await periods.periods_of(session, act, where.id)
        concerned = {one.educator_id for one in submitted} | {one.educator_id for one in planned}
        names = await _names(session, concerned | {one.educator_id for one in opened})
    return page.show(
        "compensation/office.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        may=_may(act, where),
        claims=submitted,
        plans=planned,
        cases=opened,
        names=names,
        rules=[
            (
                rule,
                [(version, standing(version, versions, local_day(rule, page.now))) for version in versions],
            )
            for rule, versions in found
        ],
        titles={rule.id: rule.title for rule, _ in found},
        periods=calendar,
        this_year=page.now.year if page.now.month >= 7 else page.now.year - 1,
        shown=SHOWN,
    )


@post("/organisations/{organisation_id:str}/pay/plans/{plan_id:str}")
async def decide_plan(
    organisation_id: FromPath[str],
    plan_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Approve a plan, or refuse it with a reason."""
    try:
        asked = form.read(api.Decided, approve=form["decision"] == "approve", reason=form["reason"].strip())
        async with page.parts.database.write() as session:
            await plans.decide_plan(session, act, plan_id, approve=asked.approve, reason=asked.reason)
    except MENDABLE as failure:
        return await _overview(page, act, organisation_id, form.back("plan", failure))
    return page.go(f"/organisations/{organisation_id}/pay", "pay-plan-decided")


@get("/organisations/{organisation_id:str}/pay/claims/{claim_id:str}")
async def one_claim(
    organisation_id: FromPath[str], claim_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template:
    """A claim, what the rule gives for it today and why, and the decision."""
    return await _claim(page, act, organisation_id, claim_id)


async def _claim(page: Page, act: Act, organisation_id: str, claim_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        found = await claims.claim_for(session, act, claim_id)
        if found.organisation_id != where.id:
            raise NotFound("there is no such claim")
        waits = found.state is ClaimState.SUBMITTED
        assessment = await claims.assess_now(session, act, found) if waits else found.assessment
        rule, versions = await rulebook.rule_for(session, act.actor, found.rule_id)
        placement = await placements.placement_of(session, act, where.id, found.educator_id)
        postings = await claims.postings_of_claim(session, act, found)
        names = await _names(session, {found.educator_id, found.decided_by or ""})
        applied = next((version for version in versions if version.id == found.version_id), None)
        titles = await rulebook.titles_of(session, [applied.terms] if applied else [])
    return page.show(
        "compensation/claim.html",
        filled=filled,
        organisation=where,
        claim=found,
        assessment=assessment,
        rule=rule,
        version=applied,
        plain_words=plain_words(rule, applied.terms, titles) if applied else (),
        placement=placement,
        postings=postings,
        names=names,
        may_decide=waits and _may(act, where)["decide"] and found.educator_id != act.actor.person_id,
    )


@post("/organisations/{organisation_id:str}/pay/claims/{claim_id:str}")
async def decide_claim(
    organisation_id: FromPath[str],
    claim_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Approve a claim, or refuse it with a reason."""
    approve = form["decision"] == "approve"
    try:
        asked = form.read(api.Decided, approve=approve, reason=form["reason"].strip())
        async with page.parts.database.write() as session:
            await claims.decide_claim(session, act, claim_id, approve=asked.approve, reason=asked.reason)
    except MENDABLE as failure:
        filled = form.back("decide", failure, field="reason" if failure.code == "malformed" else "")
        return await _claim(page, act, organisation_id, claim_id, filled)
    return page.go(f"/organisations/{organisation_id}/pay", "pay-approved" if approve else "pay-refused")


@get("/organisations/{organisation_id:str}/pay/cases/{case_id:str}")
async def one_case(
    organisation_id: FromPath[str], case_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template:
    """A withdrawn award that pay rests on: what was granted and paid, and the decision."""
    return await _case(page, act, organisation_id, case_id)


async def _case(page: Page, act: Act, organisation_id: str, case_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        found = await cases.case_for(session, act, case_id)
        if found.organisation_id != where.id:
            raise NotFound("there is no such case")
        claimed = await claims.claim_for(session, act, found.claim_id)
        postings = await claims.postings_of_claim(session, act, claimed)
        names = await _names(session, {found.educator_id, found.decided_by or ""})
    may_decide = (
        found.state is CaseState.OPEN and _may(act, where)["decide"] and found.educator_id != act.actor.person_id
    )
    return page.show(
        "compensation/case.html",
        filled=filled,
        organisation=where,
        case=found,
        claim=claimed,
        postings=postings,
        names=names,
        may_decide=may_decide,
        outcomes=[CaseOutcome.KEEP, CaseOutcome.END, CaseOutcome.RECOVER],
    )


@post("/organisations/{organisation_id:str}/pay/cases/{case_id:str}")
async def decide_case(
    organisation_id: FromPath[str],
    case_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Decide a case."""
    try:
        asked = form.read(api.CaseDecided, outcome=form["outcome"], reason=form["reason"].strip())
        async with page.parts.database.write() as session:
            await cases.decide_case(session, act, case_id, outcome=CaseOutcome(asked.outcome), reason=asked.reason)
    except MENDABLE as failure:
        return await _case(page, act, organisation_id, case_id, form.back("case", failure))
    return page.go(f"/organisations/{organisation_id}/pay", "pay-case-decided")


# People


@get("/organisations/{organisation_id:str}/pay/people")
async def staff(organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """Where people stand on the salary schedule."""
    return await _people(page, act, organisation_id)


async def _people(page: Page, act: Act, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        reach = await people.below(session, (where.id,))
        grants = await people.grants_in(session, reach, page.now, limit=4 * SHOWN)
        educators = {grant.person_id: name for grant, name in grants if grant.role is Role.EDUCATOR}
        placed = await placements.placements_of(session, act, where.id, educators)
    return page.show(
        "compensation/people.html",
        filled=filled,
        organisation=where,
        tabs=tabs(page, where),
        may=_may(act, where),
        educators=sorted(educators.items(), key=lambda one: one[1]),
        placed=placed,
    )


@post("/organisations/{organisation_id:str}/pay/people")
async def place(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Record where somebody stands."""
    try:
        asked = form.read(
            api.NewPlacement,
            educatorId=form["educator"],
            position=form.line("position"),
            effectiveOn=form.line("effective_on"),
            band=form.line("band"),
            lane=form.line("lane"),
            employeeNumber=form.line("employee_number"),
            creditHundredths=100 * int(form.line("credits") or "0") if form.line("credits").isdecimal() else 0,
        )
        async with page.parts.database.write() as session:
            await placements.place(session, act, organisation_id=organisation_id, **msgspec.structs.asdict(asked))
    except MENDABLE as failure:
        return await _people(page, act, organisation_id, form.back("place", failure))
    return page.go(f"/organisations/{organisation_id}/pay/people", "pay-placed")


# Rules


@get("/pay/rules/{rule_id:str}")
async def rule(rule_id: FromPath[str], page: NamedDependency[Page]) -> Template:
    """A rule in plain words with its versions, for everybody; and for the office its drafts and dates."""
    return await _rule(page, rule_id)


async def _rule(page: Page, rule_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found, versions = await rulebook.rule_for(session, page.actor, rule_id)
        where = await people.organisation(session, found.organisation_id)
        titles = await rulebook.titles_of(session, (version.terms for version in versions))
    today = local_day(found, page.now)
    is_ruler = page.actor is not None and page.actor.holds_any(RULERS, where.lineage)
    current = version_on(versions, today) or versions[-1]
    return page.show(
        "compensation/rule.html",
        filled=filled,
        organisation=where,
        rule=found,
        versions=[
            (
                version,
                standing(version, versions, today),
                plain_words(found, version.terms, titles),
                is_ruler and page.actor is not None and version.author_id != page.actor.person_id,
            )
            for version in reversed(versions)
        ],
        is_ruler=is_ruler,
        may_release=page.actor is not None
        and page.actor.holds_any(DECIDERS, where.lineage)
        and current.terms.caps.carry_over == "if_funded",
        terms_text=terms_text,
        draft_text=terms_text(current.terms),
        has_draft=any(version.effective_from is None for version in versions),
        tomorrow=today + timedelta(days=1),
    )


@get("/organisations/{organisation_id:str}/pay/rules/new")
async def new_rule(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
) -> Template:
    """The form for a new rule."""
    return await _new_rule(page, act, organisation_id)


async def _new_rule(page: Page, act: Act, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
    return page.show(
        "compensation/new_rule.html",
        filled=filled,
        organisation=where,
        kinds=list(PayKind),
        examples=[(kind, terms_text(example)) for kind, example in EXAMPLES.items()],
    )


@post("/organisations/{organisation_id:str}/pay/rules/new")
async def draft_rule(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Begin a rule."""
    try:
        terms = _terms_in(form)
        asked = form.read(
            api.NewRule,
            slug=form.line("slug"),
            title=form.line("title"),
            kind=form["kind"],
            basis=form["basis"] or Basis.AWARD_DATE,
            timeZone=form.line("time_zone") or "UTC",
            terms=msgspec.to_builtins(terms),
        )
        async with page.parts.database.write() as session:
            made, _ = await rulebook.draft_rule(
                session,
                act,
                organisation_id=organisation_id,
                slug=asked.slug,
                title=asked.title,
                kind=asked.kind,
                basis=asked.basis,
                time_zone=asked.time_zone,
                terms=asked.terms,
            )
    except MENDABLE as failure:
        return await _new_rule(page, act, organisation_id, _back(form, "rule", failure))
    return page.go(f"/pay/rules/{made.id}", "pay-drafted")


def _terms_in(form: Form) -> Terms:
    return read_terms(form["terms"].encode())


def _back(form: Form, name: str, failure: Any) -> Filled:
    """The form again; mistakes in the terms stand at the terms, each with its place."""
    if failure.code != "pay-terms-refused":
        return form.back(name, failure)
    said = "; ".join(f"{fault.pointer or 'the document'}: {fault.detail}" for fault in failure.faults)
    return form.back(name, Malformed(failure.detail, faults=(Fault(said, "terms", "invalid"),)))


@post("/pay/rules/{rule_id:str}/versions")
async def draft_version(
    rule_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Begin another version, or change the draft that there is."""
    try:
        terms = _terms_in(form)
        async with page.parts.database.write() as session:
            if form["version"]:
                revision = form.number("revision")
                await rulebook.edit_version(session, act, form["version"], terms, revision=revision)
            else:
                await rulebook.draft_version(session, act, rule_id, terms)
    except MENDABLE as failure:
        return await _rule(page, rule_id, _back(form, "version", failure))
    return page.go(f"/pay/rules/{rule_id}", "pay-drafted")


@post("/pay/rules/{rule_id:str}/approval")
async def approve_version(
    rule_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Record that a version was approved."""
    try:
        records = [
            ApprovalRecord(
                kind=kind,
                body=form.line(f"{kind}_body"),
                on=form.day(f"{kind}_on"),
                reference=form.line(f"{kind}_reference"),
            )
            for kind in ApprovalKind
            if form.line(f"{kind}_body")
        ]
        approval = Approval(records=tuple(records), without_bargaining_because=form.line("without"))
        async with page.parts.database.write() as session:
            await rulebook.approve_version(
                session, act, form["version"], effective_from=form.day("effective_from"), approval=approval
            )
    except MENDABLE as failure:
        at = {
            "/effectiveFrom": "effective_from",
            "/approval/records": "board_body",
            "/approval/withoutBargainingBecause": "without",
        }
        return await _rule(page, rule_id, form.back("approve", failure, at=at))
    return page.go(f"/pay/rules/{rule_id}", "pay-rule-approved")


@post("/pay/rules/{rule_id:str}/sunset")
async def end_version(
    rule_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Set a version's last day."""
    try:
        async with page.parts.database.write() as session:
            await rulebook.end_version(
                session, act, form["version"], effective_to=form.day("effective_to"), reason=form.line("reason")
            )
    except MENDABLE as failure:
        return await _rule(page, rule_id, form.back("sunset", failure, at={"/effectiveTo": "effective_to"}))
    return page.go(f"/pay/rules/{rule_id}", "pay-rule-ended")


@post("/pay/rules/{rule_id:str}/releases")
async def release(
    rule_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """There are funds for what was carried."""
    try:
        dollars = form.line("funds").replace(",", "").removeprefix("$")
        if not (dollars.isascii() and dollars.isdecimal() and len(dollars) <= 8):
            raise Malformed("whole dollars are needed", faults=(Fault("write whole dollars", "funds", "invalid"),))
        asked = form.read(api.NewRelease, fundsCents=100 * int(dollars), reason=form.line("reason"))
        async with page.parts.database.write() as session:
            await carried.release_carried(session, act, rule_id, funds_cents=asked.funds_cents, reason=asked.reason)
    except MENDABLE as failure:
        return await _rule(page, rule_id, form.back("release", failure))
    return page.go(f"/pay/rules/{rule_id}", "pay-released")


# Pay runs


def months_of(begins: date) -> Sequence[tuple[date, date, date]]:
    """Twelve months from a day, each paid on its last day."""
    starts = [
        date(begins.year + (begins.month - 1 + month) // 12, (begins.month - 1 + month) % 12 + 1, 1)
        for month in range(13)
    ]
    ends = [following - timedelta(days=1) for following in starts[1:]]
    return [(start, end, end) for start, end in zip(starts, ends, strict=False)]


@post("/organisations/{organisation_id:str}/pay/periods")
async def set_calendar(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Twelve monthly pay periods of a school year. Other calendars are set through the API."""
    try:
        year, month = form.number("year"), form.number("month")
        if not (1990 <= year <= 2200 and 1 <= month <= 12):
            raise Malformed("choose the year and the first month again")
        async with page.parts.database.write() as session:
            await periods.set_calendar(
                session, act, organisation_id=organisation_id, year=year, periods=months_of(date(year, month, 1))
            )
    except MENDABLE as failure:
        return await _overview(page, act, organisation_id, form.back("calendar", failure))
    return page.go(f"/organisations/{organisation_id}/pay", "pay-calendar-set")


@get("/organisations/{organisation_id:str}/pay/periods/{period_id:str}")
async def run(
    organisation_id: FromPath[str], period_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template:
    """A pay run: its lines and total, as exported or as it would be."""
    return await _run(page, act, organisation_id, period_id)


async def _run(page: Page, act: Act, organisation_id: str, period_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        period, found, export = await runs.run_of(session, act, period_id)
        if period.organisation_id != where.id:
            raise NotFound("there is no such pay period")
        names = await _names(session, {export.exported_by}) if export else {}
    return page.show(
        "compensation/run.html",
        filled=filled,
        organisation=where,
        period=period,
        run=found,
        export=export,
        names=names,
        may_export=export is None and _may(act, where)["export"],
    )


@post("/organisations/{organisation_id:str}/pay/periods/{period_id:str}")
async def export_run(
    organisation_id: FromPath[str],
    period_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Pay a period."""
    try:
        async with page.parts.database.write() as session:
            await runs.export_run(session, act, period_id)
    except MENDABLE as failure:
        return await _run(page, act, organisation_id, period_id, form.back("export", failure))
    return page.go(f"/organisations/{organisation_id}/pay/periods/{period_id}", "pay-exported")


@get("/organisations/{organisation_id:str}/pay/periods/{period_id:str}/{kind:str}", media_type="text/csv")
async def download(
    organisation_id: FromPath[str],
    period_id: FromPath[str],
    kind: FromPath[Literal["csv", "json"]],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
) -> Response[bytes]:
    """The file of an exported run."""
    async with page.parts.database.read() as session:
        await taking_part(session, act.actor, organisation_id)
        period, _, export = await runs.run_of(session, act, period_id)
    if export is None or period.organisation_id != organisation_id:
        raise NotFound("this period is not exported yet")
    return api.file_of(period, export, kind)


@get("/organisations/{organisation_id:str}/pay/forecast")
async def forecast(organisation_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What the next school year is likely to cost: an estimate."""
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        found = await forecasts.forecast(session, act, where.id)
    return page.show(
        "compensation/forecast.html",
        organisation=where,
        tabs=tabs(page, where),
        forecast=found,
        year=year_words(found.year),
    )


HANDLERS = [
    mine,
    claim,
    plan,
    offices,
    overview,
    decide_plan,
    one_claim,
    decide_claim,
    one_case,
    decide_case,
    staff,
    place,
    rule,
    new_rule,
    draft_rule,
    draft_version,
    approve_version,
    end_version,
    release,
    set_calendar,
    run,
    export_run,
    download,
    forecast,
]
