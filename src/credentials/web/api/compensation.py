"""Pay: rules and their versions, what my awards are worth, claims, cases, the calendar, pay runs, the ledger, a forecast."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from credentials.compensation.model import (
    Approval,
    Assessment,
    Basis,
    Case,
    CaseOutcome,
    CaseState,
    Claim,
    ClaimState,
    Entry,
    Export,
    Forecast,
    PayKind,
    PayPeriod,
    PayRule,
    PayRuleVersion,
    PayRun,
    Placement,
    Posting,
    PriorApproval,
    Purpose,
    RequestState,
    Standing,
    Terms,
)
from credentials.compensation.rules.days import local_day
from credentials.compensation.rules.sentences import plain_words
from credentials.compensation.rules.versions import standing
from credentials.compensation.service import (
    carried,
    cases,
    claims,
    desk,
    forecasts,
    periods,
    placements,
    plans,
    postings,
    rulebook,
    runs,
)
from credentials.db import Session
from credentials.errors import NotFound
from credentials.people.model import Act, Actor, Scope
from credentials.verification.model import Report
from credentials.web.api.verification import check
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import MEDIA_TYPES_KEY, TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire, etag

Identifier = Annotated[str, Meta(max_length=36)]
Because = Annotated[str, Meta(max_length=5_000)]
Short = Annotated[str, Meta(max_length=80)]

READ = {SCOPE_KEY: Scope.PAY_READ}
WRITE = {SCOPE_KEY: Scope.PAY_WRITE}

CSV = "text/csv"
JSON = "application/json"
MEDIA_TYPES = {"csv": CSV, "json": JSON}


class VersionShown(Wire):
    """``standing`` is that of today. ``plainWords``: the terms as sentences, whole."""

    id: str
    number: int
    standing: Standing
    effective_from: date | None
    effective_to: date | None
    approval: Approval | None
    approved_at: datetime | None
    terms: Terms
    plain_words: list[str]


class RuleShown(Wire):
    id: str
    organisation_id: str
    slug: str
    title: str
    kind: PayKind
    basis: Basis
    time_zone: str
    versions: list[VersionShown]


class NewRule(Asked):
    slug: Annotated[str, Meta(min_length=1, max_length=62)]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: PayKind
    terms: Terms
    basis: Basis = Basis.AWARD_DATE
    time_zone: Short = "UTC"


class NewTerms(Asked):
    terms: Terms


class ApprovalGiven(Asked):
    """``effectiveFrom`` is a day after the one on which this is recorded."""

    effective_from: date
    approval: Approval


class SunsetSet(Asked):
    effective_to: date
    reason: Because


class NewPlacement(Asked):
    """``creditHundredths``: credits towards the next lane that stand outside this ledger (a university's, say)."""

    educator_id: Identifier
    position: Annotated[str, Meta(min_length=1, max_length=80)]
    effective_on: date
    band: Short = ""
    lane: Short = ""
    employee_number: Short = ""
    credit_hundredths: Annotated[int, Meta(ge=0, le=100_000)] = 0


class PlacementShown(Wire):
    educator_id: str
    position: str
    band: str
    lane: str
    employee_number: str
    credit_hundredths: int
    effective_on: date
    share: str
    recorded_at: datetime


class NewPlan(Asked):
    rule_id: Identifier
    achievement_id: Identifier


class PlanShown(Wire):
    id: str
    rule_id: str
    educator_id: str
    achievement_id: str
    title: str
    state: RequestState
    requested_at: datetime
    decided_at: datetime | None
    reason: str


class Decided(Asked):
    """A refusal needs its reason."""

    approve: bool
    reason: Because = ""


class OfferShown(Wire):
    """What one of my awards is worth under one rule, today."""

    rule_id: str
    rule: str
    award_id: str
    title: str
    assessment: Assessment
    claim_id: str | None
    claim_state: ClaimState | None


class NewClaim(Asked):
    rule_id: Identifier
    award_id: Identifier


class ClaimShown(Wire):
    """``verdict`` and ``documentDigest``: what the verifier said of which bytes when it was claimed."""

    id: str
    organisation_id: str
    rule_id: str
    version_id: str | None
    educator_id: str
    award_id: str
    title: str
    awarded_on: date
    claimed_at: datetime
    verdict: str
    document_digest: str
    state: ClaimState
    assessment: Assessment
    decided_at: datetime | None
    reason: str


class CaseShown(Wire):
    id: str
    claim_id: str
    award_id: str
    educator_id: str
    title: str
    award_state: str
    opened_at: datetime
    state: CaseState
    outcome: CaseOutcome | None
    decided_at: datetime | None
    reason: str


class CaseDecided(Asked):
    """``keep`` leaves everything; ``end`` cancels what is not paid yet; ``recover`` also records what is paid as owed back."""

    outcome: Literal["keep", "end", "recover"]
    reason: Because


class NewRelease(Asked):
    funds_cents: Annotated[int, Meta(ge=1, le=10_000_000_000)]
    reason: Because


class PeriodGiven(Asked):
    starts_on: date
    ends_on: date
    pays_on: date


class NewCalendar(Asked):
    """A school year, named by the calendar year in which it begins, in periods without a gap."""

    year: Annotated[int, Meta(ge=1990, le=2200)]
    periods: Annotated[list[PeriodGiven], Meta(min_length=1, max_length=60)]


class PeriodShown(Wire):
    id: str
    organisation_id: str
    label: str
    year: int
    number: int
    of: int
    starts_on: date
    ends_on: date
    pays_on: date
    exported_at: datetime | None


class ExportShown(Wire):
    """The digests are SHA-256 of the files, which never change."""

    period_id: str
    csv_digest: str
    json_digest: str
    total_cents: int
    line_count: int
    exported_at: datetime


class PostingShown(Wire):
    """The entries of a posting come to nothing in sum, by unit."""

    sequence: int
    educator_id: str
    rule_id: str
    version_id: str
    claim_id: str
    award_id: str
    purpose: Purpose
    period: str
    year: int
    reason: str
    posted_at: datetime
    entries: list[Entry]


def show_rule(rule: PayRule, versions: list[PayRuleVersion], titles: dict[str, str], now: datetime) -> RuleShown:
    today = local_day(rule, now)
    return RuleShown(
        id=rule.id,
        organisation_id=rule.organisation_id,
        slug=rule.slug,
        title=rule.title,
        kind=rule.kind,
        basis=rule.basis,
        time_zone=rule.time_zone,
        versions=[show_version(rule, one, versions, titles, today) for one in versions],
    )


def show_version(
    rule: PayRule, version: PayRuleVersion, versions: list[PayRuleVersion], titles: dict[str, str], today: date
) -> VersionShown:
    return VersionShown(
        id=version.id,
        number=version.number,
        standing=standing(version, versions, today),
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        approval=version.approval,
        approved_at=version.approved_at,
        terms=version.terms,
        plain_words=list(plain_words(rule, version.terms, titles)),
    )


async def _shown(session: Session, actor: Actor | None, rule_id: str, now: datetime) -> RuleShown:
    rule, versions = await rulebook.rule_for(session, actor, rule_id)
    titles = await rulebook.titles_of(session, (version.terms for version in versions))
    return show_rule(rule, versions, titles, now)


async def _shown_version(session: Session, act: Act, version: PayRuleVersion) -> Response[VersionShown]:
    rule, versions = await rulebook.rule_for(session, act.actor, version.rule_id)
    titles = await rulebook.titles_of(session, [version.terms])
    shown = show_version(rule, version, versions, titles, local_day(rule, act.now))
    return Response(shown, headers={"ETag": etag(version.revision)})


def show_claim(claim: Claim) -> ClaimShown:
    return msgspec.convert(claim, ClaimShown, from_attributes=True)


def show_plan(plan: PriorApproval) -> PlanShown:
    return msgspec.convert(plan, PlanShown, from_attributes=True)


def show_case(case: Case) -> CaseShown:
    return msgspec.convert(case, CaseShown, from_attributes=True)


def show_period(period: PayPeriod) -> PeriodShown:
    return msgspec.convert(period, PeriodShown, from_attributes=True)


def show_placement(placement: Placement) -> PlacementShown:
    return msgspec.convert(placement, PlacementShown, from_attributes=True)


def show_posting(posting: Posting) -> PostingShown:
    return msgspec.convert(posting, PostingShown, from_attributes=True)


def show_export(export: Export) -> ExportShown:
    return msgspec.convert(export, ExportShown, from_attributes=True)


# Rules


@get("/organisations/{organisation_id:str}/pay-rules", opt=READ)
async def list_rules(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> list[RuleShown]:
    """What a recogniser gives for awards, at most 100 rules. Approved versions are everybody's to read."""
    found = await rulebook.rules_for(session, actor, organisation_id)
    titles = await rulebook.titles_of(session, (version.terms for _, versions in found for version in versions))
    return [show_rule(rule, versions, titles, now) for rule, versions in found]


@get("/pay-rules/{rule_id:str}", opt=READ)
async def get_rule(
    rule_id: FromPath[str],
    session: NamedDependency[Session],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> RuleShown:
    """One rule with its versions."""
    return await _shown(session, actor, rule_id, now)


@post("/organisations/{organisation_id:str}/pay-rules", status_code=201, opt=WRITE)
async def draft_rule(
    organisation_id: FromPath[str],
    data: JSONBody[NewRule],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[RuleShown]:
    """Begin a rule. Each mistake in its terms is named with its place."""

    async def work() -> RuleShown:
        rule, _ = await rulebook.draft_rule(
            session,
            act,
            organisation_id=organisation_id,
            slug=data.slug,
            title=data.title,
            kind=data.kind,
            basis=data.basis,
            time_zone=data.time_zone,
            terms=data.terms,
        )
        return await _shown(session, act.actor, rule.id, act.now)

    return await once(session, work)


@post("/pay-rules/{rule_id:str}/versions", status_code=201, opt=WRITE)
async def draft_version(
    rule_id: FromPath[str],
    data: JSONBody[NewTerms],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[RuleShown]:
    """Begin another wording. The one in force stays until this one is approved and begins."""

    async def work() -> RuleShown:
        await rulebook.draft_version(session, act, rule_id, data.terms)
        return await _shown(session, act.actor, rule_id, act.now)

    return await once(session, work)


@put("/pay-rule-versions/{version_id:str}", opt=WRITE, response_headers=TAGGED)
async def edit_version(
    version_id: FromPath[str],
    data: JSONBody[NewTerms],
    revision: NamedDependency[int],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[VersionShown]:
    """Change a draft."""
    changed = await rulebook.edit_version(session, act, version_id, data.terms, revision=revision)
    return await _shown_version(session, act, changed)


@post("/pay-rule-versions/{version_id:str}/approval", status_code=200, opt=WRITE, response_headers=TAGGED)
async def approve_version(
    version_id: FromPath[str],
    data: JSONBody[ApprovalGiven],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[VersionShown]:
    """Record that the board, and those who bargain, approved a version that somebody else wrote. It begins on a later day."""
    changed = await rulebook.approve_version(
        session, act, version_id, effective_from=data.effective_from, approval=data.approval
    )
    return await _shown_version(session, act, changed)


@post("/pay-rule-versions/{version_id:str}/sunset", status_code=200, opt=WRITE, response_headers=TAGGED)
async def end_version(
    version_id: FromPath[str],
    data: JSONBody[SunsetSet],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[VersionShown]:
    """Name the day from which a version is in force no longer: a later one."""
    changed = await rulebook.end_version(session, act, version_id, effective_to=data.effective_to, reason=data.reason)
    return await _shown_version(session, act, changed)


# What the office knows


@post("/organisations/{organisation_id:str}/pay-placements", status_code=201, opt=WRITE)
async def place(
    organisation_id: FromPath[str],
    data: JSONBody[NewPlacement],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[PlacementShown]:
    """Record where somebody stands on the salary schedule."""

    async def work() -> PlacementShown:
        made = await placements.place(
            session,
            act,
            organisation_id=organisation_id,
            educator_id=data.educator_id,
            position=data.position,
            band=data.band,
            lane=data.lane,
            employee_number=data.employee_number,
            credit_hundredths=data.credit_hundredths,
            effective_on=data.effective_on,
        )
        return show_placement(made)

    return await once(session, work)


@get("/organisations/{organisation_id:str}/pay-placements/{educator_id:str}", opt=READ)
async def get_placement(
    organisation_id: FromPath[str],
    educator_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> PlacementShown:
    """Where somebody stands: one's own, or for the office anybody's."""
    found = await placements.placement_of(session, act, organisation_id, educator_id)
    if found is None:
        raise NotFound("nothing is recorded of this person here")
    return show_placement(found)


# Plans, offers, claims


@post("/pay-plans", status_code=201, opt=WRITE)
async def request_approval(
    data: JSONBody[NewPlan],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[PlanShown]:
    """Ask that what I plan to earn be approved beforehand."""

    async def work() -> PlanShown:
        made = await plans.request_approval(session, act, rule_id=data.rule_id, achievement_id=data.achievement_id)
        return show_plan(made)

    return await once(session, work)


@get("/organisations/{organisation_id:str}/pay-plans", opt=READ)
async def list_plans(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[PlanShown]]:
    """The plans that wait for the office, longest waiting first."""
    (after,) = paging.after()
    found = await plans.plans_in(session, act, organisation_id, after=after, limit=paging.enough)
    return paging.page(found, show_plan, lambda plan: (plan.id,))


@post("/pay-plans/{plan_id:str}/decision", status_code=200, opt=WRITE)
async def decide_plan(
    plan_id: FromPath[str], data: JSONBody[Decided], session: NamedDependency[Session], act: NamedDependency[Act]
) -> PlanShown:
    """Approve a plan, or refuse it with a reason."""
    return show_plan(await plans.decide_plan(session, act, plan_id, approve=data.approve, reason=data.reason))


@get("/pay-offers", opt=READ)
async def offers(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    organisation: FromQuery[Identifier | None] = None,
) -> list[OfferShown]:
    """What my newest awards are worth where I work, or at one recogniser, with the reasons."""
    return [
        OfferShown(
            rule_id=offer.rule.id,
            rule=offer.rule.title,
            award_id=offer.award.id,
            title=offer.award.title,
            assessment=offer.assessment,
            claim_id=offer.claim.id if offer.claim else None,
            claim_state=offer.claim.state if offer.claim else None,
        )
        for offer in await desk.offers(session, act, organisation)
    ]


@post("/pay-claims", status_code=201, opt=WRITE)
async def file_claim(data: JSONBody[NewClaim], act: NamedDependency[Act], parts: NamedDependency[Parts]) -> ClaimShown:
    """Claim on one of my awards. Its credential is verified now; claiming again answers the claim that is there."""

    async def verify(octets: bytes) -> Report:
        return await check(parts, octets, act.now)

    made = await claims.file_claim(parts.database, verify, act, rule_id=data.rule_id, award_id=data.award_id)
    return show_claim(made)


@get("/pay-claims", opt=READ)
async def my_claims(
    session: NamedDependency[Session], act: NamedDependency[Act], paging: NamedDependency[Paging]
) -> Response[Page[ClaimShown]]:
    """My claims, newest first."""
    (before,) = paging.after()
    found = await claims.my_claims(session, act, before=before, limit=paging.enough)
    return paging.page(found, show_claim, lambda claim: (claim.id,))


@get("/pay-claims/{claim_id:str}", opt=READ)
async def get_claim(
    claim_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ClaimShown:
    """One claim, for whoever made it and for the office."""
    return show_claim(await claims.claim_for(session, act, claim_id))


@get("/organisations/{organisation_id:str}/pay-claims", opt=READ)
async def list_claims(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    stage: FromQuery[ClaimState] = ClaimState.SUBMITTED,
) -> Response[Page[ClaimShown]]:
    """The claims on a recogniser in one state, longest waiting first."""
    (after,) = paging.after()
    found = await claims.claims_in(session, act, organisation_id, stage, after=after, limit=paging.enough)
    return paging.page(found, show_claim, lambda claim: (claim.id,))


@post("/pay-claims/{claim_id:str}/decision", status_code=200, opt=WRITE)
async def decide_claim(
    claim_id: FromPath[str], data: JSONBody[Decided], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ClaimShown:
    """Approve a claim, which writes what the rule gives into the ledger; or refuse it with a reason. What the rule bars cannot
    be approved: the problem names its reason codes."""
    return show_claim(await claims.decide_claim(session, act, claim_id, approve=data.approve, reason=data.reason))


# Cases and carried amounts


@get("/organisations/{organisation_id:str}/pay-cases", opt=READ)
async def list_cases(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    stage: FromQuery[CaseState] = CaseState.OPEN,
) -> Response[Page[CaseShown]]:
    """Awards that pay rests on and that were withdrawn, longest waiting first."""
    (after,) = paging.after()
    found = await cases.cases_in(session, act, organisation_id, stage, after=after, limit=paging.enough)
    return paging.page(found, show_case, lambda case: (case.id,))


@post("/pay-cases/{case_id:str}/decision", status_code=200, opt=WRITE)
async def decide_case(
    case_id: FromPath[str], data: JSONBody[CaseDecided], session: NamedDependency[Session], act: NamedDependency[Act]
) -> CaseShown:
    """Decide what a withdrawn award means for what was granted on it. What is written stays; a reversal is added."""
    decided = await cases.decide_case(session, act, case_id, outcome=CaseOutcome(data.outcome), reason=data.reason)
    return show_case(decided)


@post("/pay-rules/{rule_id:str}/releases", status_code=201, opt=WRITE)
async def release_carried(
    rule_id: FromPath[str],
    data: JSONBody[NewRelease],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[list[PostingShown]]:
    """There are funds this year: release amounts carried from earlier ones, oldest first."""

    async def work() -> list[PostingShown]:
        made = await carried.release_carried(session, act, rule_id, funds_cents=data.funds_cents, reason=data.reason)
        return [show_posting(one) for one in made]

    return await once(session, work)


# The calendar and the run


@post("/organisations/{organisation_id:str}/pay-periods", status_code=201, opt=WRITE)
async def set_calendar(
    organisation_id: FromPath[str],
    data: JSONBody[NewCalendar],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[list[PeriodShown]]:
    """Set the pay periods of a school year."""

    async def work() -> list[PeriodShown]:
        made = await periods.set_calendar(
            session,
            act,
            organisation_id=organisation_id,
            year=data.year,
            periods=[(one.starts_on, one.ends_on, one.pays_on) for one in data.periods],
        )
        return [show_period(one) for one in made]

    return await once(session, work)


@get("/organisations/{organisation_id:str}/pay-periods", opt=READ)
async def list_periods(
    organisation_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[PeriodShown]:
    """The pay periods, newest school year first, at most 200."""
    return [show_period(one) for one in await periods.periods_of(session, act, organisation_id)]


@get("/pay-periods/{period_id:str}/run", opt=READ)
async def get_run(period_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> PayRun:
    """A period's payments: as they were exported, or as they would be now."""
    _, run, _ = await runs.run_of(session, act, period_id)
    return run


@post("/pay-periods/{period_id:str}/export", status_code=200, opt=WRITE)
async def export_run(
    period_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ExportShown:
    """Pay a period and keep its files. Doing it again pays nothing, and answers the same files."""
    return show_export(await runs.export_run(session, act, period_id))


@get(
    "/pay-periods/{period_id:str}/export/{form:str}",
    opt={**READ, MEDIA_TYPES_KEY: list(MEDIA_TYPES.values())},
    media_type=CSV,
)
async def get_export(
    period_id: FromPath[str],
    form: FromPath[Literal["csv", "json"]],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[bytes]:
    """The file of an exported period, byte for byte as it was exported."""
    period, _, export = await runs.run_of(session, act, period_id)
    if export is None:
        raise NotFound("this period is not exported yet")
    return file_of(period, export, form)


def file_of(period: PayPeriod, export: Export, form: Literal["csv", "json"]) -> Response[bytes]:
    body, digest = (export.csv, export.csv_digest) if form == "csv" else (export.json, export.json_digest)
    name = f"pay-run-{period.label.replace('/', '-')}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'"{digest}"',
        "Cache-Control": "no-store",
    }
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


# The ledger and the forecast


@get("/organisations/{organisation_id:str}/pay-ledger", opt=READ)
async def ledger(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    educator: FromQuery[Identifier | None] = None,
) -> Response[Page[PostingShown]]:
    """The postings of a recogniser in their order; of one person, who may read their own."""
    (after,) = paging.after()
    begun = int(after) if after.isascii() and after.isdecimal() and len(after) <= 9 else 0
    found = await postings.ledger(session, act, organisation_id, educator, after=begun, limit=paging.enough)
    return paging.page(found, show_posting, lambda posting: (str(posting.sequence),))


@get("/organisations/{organisation_id:str}/pay-forecast", opt=READ)
async def forecast(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    growth: FromQuery[Annotated[int, Meta(ge=-100, le=1_000)]] = 0,
) -> Forecast:
    """An estimate of the next school year's cost with all that it rests on. ``growth``: of claims, in percent."""
    return await forecasts.forecast(session, act, organisation_id, growth_percent=growth)


ROUTES = Router(
    path="",
    tags=["pay"],
    route_handlers=[
        list_rules,
        get_rule,
        draft_rule,
        draft_version,
        edit_version,
        approve_version,
        end_version,
        place,
        get_placement,
        request_approval,
        list_plans,
        decide_plan,
        offers,
        file_claim,
        my_claims,
        get_claim,
        list_claims,
        decide_claim,
        list_cases,
        decide_case,
        release_carried,
        set_calendar,
        list_periods,
        get_run,
        export_run,
        get_export,
        ledger,
        forecast,
    ],
)
