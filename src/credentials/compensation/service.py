"""Pay, from a rule to a run.

An officer drafts a rule, somebody else records its approval, and it begins on a later day. An educator claims on an award; it
is verified at that moment. An officer decides: what the rule gives goes into the ledger, under the lock of the recogniser's
book, so that caps are counted one claim after another. A clerk exports a period: what is due is paid, once. When an award is
withdrawn a case is opened, and a person decides.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.catalog import service as catalog
from credentials.compensation import rules, store
from credentials.compensation.model import (
    Account,
    AlreadyDecided,
    Approval,
    Assessment,
    Basis,
    CalendarRefused,
    Case,
    CaseOutcome,
    CaseState,
    Claim,
    ClaimRefused,
    ClaimState,
    Code,
    Entry,
    Export,
    Forecast,
    PayKind,
    PayLine,
    PayLineKind,
    PayPeriod,
    PayRule,
    PayRuleVersion,
    PayRun,
    Placement,
    Posting,
    PriorApproval,
    Purpose,
    RequestState,
    Terms,
    TermsRefused,
    VersionState,
)
from credentials.db import Database, Session
from credentials.errors import Conflict, Fault, Forbidden, Malformed, NotFound, Unavailable
from credentials.ids import Ids, new_id
from credentials.outbox import service as outbox
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.people.model import Act, Actor, Organisation, OrganisationKind, Role, system_act
from credentials.people.rules import check_name, check_slug, require
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.verification.model import Report, Verdict

Verify = Callable[[bytes], Awaitable[Report]]
"""Judges a credential as anybody's verifier would, at this moment."""

RULERS = (Role.DISTRICT_OFFICER, Role.ADMINISTRATOR)
"""Who drafts rules and records their approval, and what the office knows of people."""
DECIDERS = (Role.DISTRICT_OFFICER,)
"""Who decides on claims, plans, carried amounts and cases. Not who pays."""
CLERKS = (Role.PAYROLL_CLERK,)
"""Who keeps the calendar and exports. Not who decides."""
READERS = (Role.DISTRICT_OFFICER, Role.PAYROLL_CLERK, Role.ADMINISTRATOR)

RECOGNISERS = (OrganisationKind.DISTRICT, OrganisationKind.STATE_AGENCY, OrganisationKind.PROVIDER)
"""Who gives value: districts, states, universities. A school's pay is its district's."""

MAX_RULES = 100
"""Of one recogniser: all of them are looked at for one claim."""
LOOKED_BACK = timedelta(days=365)
"""What a forecast takes for a year."""
SHOWN_AWARDS = 200
"""Of somebody's newest awards that are held against rules at once."""


# Who may


async def _answering(session: Session, actor: Actor, organisation_id: str, *roles: Role) -> Organisation:
    """A recogniser for which the actor holds one of the roles; to people without any part in its pay it says nothing."""
    where = await people.organisation(session, organisation_id)
    if not actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such organisation")
    require(actor, where.lineage, *roles)
    return where


def _check_not_own(act: Act, educator_id: str) -> None:
    if act.actor.person_id == educator_id:
        raise Forbidden("this is about yourself: somebody else must decide it")


def local_day(rule: PayRule, moment: datetime) -> date:
    """Which day a moment is where the rule holds."""
    return moment.astimezone(ZoneInfo(rule.time_zone)).date()


async def _is_member(session: Session, organisation_id: str, educator_id: str, at: datetime) -> bool:
    reach = await people.below(session, (organisation_id,))
    return bool(await people.holders_within(session, reach, Role.EDUCATOR, at, among=[educator_id]))


# Rules


async def draft_rule(
    session: Session,
    act: Act,
    *,
    organisation_id: str,
    slug: str,
    title: str,
    kind: PayKind,
    basis: Basis,
    time_zone: str,
    terms: Terms,
) -> tuple[PayRule, PayRuleVersion]:
    """Begin a rule with its first version, a draft."""
    where = await people.organisation(session, organisation_id)
    require(act.actor, where.lineage, *RULERS)
    if where.kind not in RECOGNISERS:
        raise Malformed("a school has no pay rules of its own: its district has")
    check_slug(slug)
    rules.check_terms(kind, terms)
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fault = Fault("give a time zone by its name, such as America/Denver", "/timeZone", "invalid")
        raise TermsRefused("the time zone is not known", faults=(fault,)) from None
    if len(await store.rules_of(session, [where.id])) >= MAX_RULES:
        raise Conflict(f"a recogniser has at most {MAX_RULES} rules: draft a new version of one")
    made = PayRule(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        slug=slug,
        title=check_name(title),
        kind=kind,
        basis=basis,
        time_zone=time_zone,
        created_at=act.now,
        author_id=act.actor.person_id,
    )
    await store.add_rule(session, made)
    version = await _add_version(session, act, made, 1, terms)
    return made, version


async def draft_version(session: Session, act: Act, rule_id: str, terms: Terms) -> PayRuleVersion:
    """Begin another wording of a rule. The one in force stays until this one is approved and begins."""
    found = await store.rule(session, rule_id)
    where = await people.organisation(session, found.organisation_id)
    require(act.actor, where.lineage, *RULERS)
    rules.check_terms(found.kind, terms)
    earlier = (await store.versions_of(session, [rule_id]))[rule_id]
    if any(version.state is VersionState.DRAFT for version in earlier):
        raise Conflict("there is a draft already: edit it")
    return await _add_version(session, act, found, len(earlier) + 1, terms)


async def _add_version(session: Session, act: Act, rule: PayRule, number: int, terms: Terms) -> PayRuleVersion:
    version = PayRuleVersion(
        id=new_id(act.ids, act.now),
        rule_id=rule.id,
        number=number,
        terms=terms,
        author_id=act.actor.person_id,
        created_at=act.now,
    )
    await store.add_version(session, version)
    await _record(session, act, "pay-rule.drafted", f"pay-rule:{rule.id}", rule.organisation_id, version=version.id)
    return version


async def _version(session: Session, act: Act, version_id: str) -> tuple[PayRule, PayRuleVersion]:
    version = await store.version(session, version_id, lock=True)
    rule = await store.rule(session, version.rule_id)
    where = await people.organisation(session, rule.organisation_id)
    if version.state is VersionState.DRAFT and not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such version of a pay rule")
    require(act.actor, where.lineage, *RULERS)
    return rule, version


async def edit_version(session: Session, act: Act, version_id: str, terms: Terms, *, revision: int) -> PayRuleVersion:
    """Change a draft. An approved wording is never changed: draft another."""
    rule, version = await _version(session, act, version_id)
    if version.state is not VersionState.DRAFT:
        raise Conflict("this version is approved and does not change any more: draft a new one")
    rules.check_terms(rule.kind, terms)
    version = msgspec.structs.replace(version, revision=revision)
    changed = await store.change_version(session, version, terms=terms, author_id=act.actor.person_id)
    await _record(session, act, "pay-rule.edited", f"pay-rule:{rule.id}", rule.organisation_id, version=version.id)
    return changed


async def approve_version(
    session: Session, act: Act, version_id: str, *, effective_from: date, approval: Approval
) -> PayRuleVersion:
    """Record that a version was approved, and the day from which it is in force, which is a later one."""
    rule, version = await _version(session, act, version_id)
    if version.state is not VersionState.DRAFT:
        raise AlreadyDecided("this version is approved already")
    if version.author_id == act.actor.person_id:
        raise Forbidden("somebody who did not write this version must record its approval")
    others = (await store.versions_of(session, [rule.id]))[rule.id]
    rules.check_approval(approval, effective_from, local_day(rule, act.now), others)
    changed = await store.change_version(
        session,
        version,
        state=VersionState.APPROVED,
        effective_from=effective_from,
        approval=approval,
        approved_at=act.now,
        approved_by=act.actor.person_id,
    )
    await _record(
        session,
        act,
        "pay-rule.approved",
        f"pay-rule:{rule.id}",
        rule.organisation_id,
        version=version.id,
        effective_from=effective_from.isoformat(),
    )
    return changed


async def end_version(
    session: Session, act: Act, version_id: str, *, effective_to: date, reason: str
) -> PayRuleVersion:
    """Set a version's sunset: from that day, which is a later one, it is not in force, and nothing follows by itself."""
    rule, version = await _version(session, act, version_id)
    if version.state is not VersionState.APPROVED or version.effective_from is None:
        raise Conflict("only an approved version has a sunset")
    today = local_day(rule, act.now)
    if effective_to <= today or effective_to <= version.effective_from:
        fault = Fault("name a day after today and after its first day", "/effectiveTo", "retroactive")
        raise TermsRefused("a rule does not end backwards", faults=(fault,))
    if version.effective_to is not None and version.effective_to <= today:
        raise Conflict("this version has reached its sunset already")
    changed = await store.change_version(session, version, effective_to=effective_to)
    await _record(
        session,
        act,
        "pay-rule.sunset",
        f"pay-rule:{rule.id}",
        rule.organisation_id,
        reason=_because(reason),
        version=version.id,
        effective_to=effective_to.isoformat(),
    )
    return changed


async def rule_for(session: Session, actor: Actor | None, rule_id: str) -> tuple[PayRule, list[PayRuleVersion]]:
    """A rule as this reader may see it: what is approved is everybody's, drafts are the office's."""
    found = await store.rule(session, rule_id)
    versions = (await store.versions_of(session, [rule_id]))[rule_id]
    where = await people.organisation(session, found.organisation_id)
    if actor is None or not actor.holds_any(READERS, where.lineage):
        versions = [version for version in versions if version.state is VersionState.APPROVED]
    if not versions:
        raise NotFound("there is no such pay rule")
    return found, versions


async def rules_for(
    session: Session, actor: Actor | None, organisation_id: str
) -> list[tuple[PayRule, list[PayRuleVersion]]]:
    """The rules of a recogniser, as this reader may see them."""
    where = await people.organisation(session, organisation_id)
    found = await store.rules_of(session, [where.id])
    versions = await store.versions_of(session, [rule.id for rule in found])
    sees_drafts = actor is not None and actor.holds_any(READERS, where.lineage)
    shown = [
        (rule, [one for one in versions[rule.id] if sees_drafts or one.state is VersionState.APPROVED])
        for rule in found
    ]
    return [(rule, seen) for rule, seen in shown if seen]


async def titles_of(session: Session, terms: Iterable[Terms]) -> dict[str, str]:
    """What the achievements and issuers that rules name are called."""
    said = list(terms)
    named = {own.achievement for one in said for own in one.amounts} | {
        achievement for one in said for achievement in one.accepts.achievements
    }
    issuers = {issuer for one in said for issuer in one.accepts.issuers}
    entries = await catalog.shown_of(session, named) if named else {}
    organisations = await people.organisations_by_id(session, issuers) if issuers else {}
    return {
        **{key: entry.version.specification.title for key, entry in entries.items()},
        **{key: one.name for key, one in organisations.items()},
    }


# What the office knows


async def place(
    session: Session,
    act: Act,
    *,
    organisation_id: str,
    educator_id: str,
    position: str,
    band: str = "",
    lane: str = "",
    employee_number: str = "",
    credit_hundredths: int = 0,
    effective_on: date,
) -> Placement:
    """Record where somebody stands on the salary schedule. What was recorded before stays readable, and holds no longer."""
    where = await _answering(session, act.actor, organisation_id, *RULERS)
    _check_not_own(act, educator_id)
    reach = await people.below(session, (where.id,))
    grants = await people.grants_of(session, educator_id, act.now)
    has_claims = any(claim.organisation_id == where.id for claim in await store.claims_of(session, educator_id))
    if not has_claims and not any(grant.organisation_id in reach for grant in grants):
        raise NotFound("nobody of this id works here")
    if not position.strip():
        raise Malformed("name the position", faults=(Fault("fill this in", "/position", "missing"),))
    made = Placement(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        educator_id=educator_id,
        position=position.strip(),
        band=band.strip(),
        lane=lane.strip(),
        employee_number=employee_number.strip(),
        credit_hundredths=credit_hundredths,
        sequence=await store.hold_book(session, where.id),
        effective_on=effective_on,
        recorded_at=act.now,
        recorded_by=act.actor.person_id,
    )
    await store.add_placement(session, made)
    await _record(session, act, "pay.placed", f"person:{educator_id}", where.id, placement=made.id)
    return made


async def placement_of(session: Session, act: Act, organisation_id: str, educator_id: str) -> Placement | None:
    if educator_id != act.actor.person_id:
        await _answering(session, act.actor, organisation_id, *READERS)
    return await store.placement_of(session, organisation_id, educator_id)


async def placements_of(
    session: Session, act: Act, organisation_id: str, educator_ids: Iterable[str]
) -> dict[str, Placement]:
    """Where these people stand, by the newest record of each."""
    await _answering(session, act.actor, organisation_id, *READERS)
    return await store.placements_of(session, organisation_id, educator_ids)


# Plans that are approved before they are earned


async def request_approval(session: Session, act: Act, *, rule_id: str, achievement_id: str) -> PriorApproval:
    """Ask that a plan be approved, before it is earned."""
    rule, versions = await rule_for(session, None, rule_id)
    if not any(version.terms.prior_approval for version in versions):
        raise Conflict("this rule asks for no approval beforehand: earn the award, and claim then")
    title = await _title(session, achievement_id)
    mine = await store.prior_approvals_of(session, act.actor.person_id, [rule_id], [achievement_id])
    for earlier in mine:
        if earlier.state is not RequestState.REFUSED:
            return earlier
    made = PriorApproval(
        id=new_id(act.ids, act.now),
        organisation_id=rule.organisation_id,
        rule_id=rule.id,
        educator_id=act.actor.person_id,
        achievement_id=achievement_id,
        title=title,
        requested_at=act.now,
    )
    await store.add_prior_approval(session, made)
    await _record(session, act, "pay.plan-requested", f"pay-plan:{made.id}", rule.organisation_id, rule=rule.id)
    return made


async def _title(session: Session, achievement_id: str) -> str:
    shown = await catalog.shown_of(session, [achievement_id])
    if achievement_id in shown:
        return shown[achievement_id].version.specification.title
    try:
        return (await pathways.stack_for(session, None, achievement_id)).title
    except NotFound:
        raise NotFound("there is no such micro-credential or stack in the catalogue") from None


async def decide_plan(session: Session, act: Act, request_id: str, *, approve: bool, reason: str) -> PriorApproval:
    found = await store.prior_approval(session, request_id, lock=True)
    await _decider(session, act, found.organisation_id, found.educator_id, "there is no such request")
    if found.state is not RequestState.REQUESTED:
        raise AlreadyDecided("this plan is decided already")
    rule = await store.rule(session, found.rule_id)
    changed = await store.change_prior_approval(
        session,
        found,
        state=RequestState.APPROVED if approve else RequestState.REFUSED,
        decided_at=act.now,
        decided_on=local_day(rule, act.now),
        decided_by=act.actor.person_id,
        reason=reason.strip() if approve else _because(reason),
    )
    await _record(
        session, act, f"pay.plan-{changed.state}", f"pay-plan:{found.id}", found.organisation_id, reason=changed.reason
    )
    return changed


async def _decider(session: Session, act: Act, organisation_id: str, educator_id: str, otherwise: str) -> Organisation:
    where = await people.organisation(session, organisation_id)
    if not act.actor.holds_any(READERS, where.lineage):
        raise NotFound(otherwise)
    require(act.actor, where.lineage, *DECIDERS)
    _check_not_own(act, educator_id)
    return where


async def plans_in(
    session: Session, act: Act, organisation_id: str, *, after: str = "", limit: int = 50
) -> list[PriorApproval]:
    """The plans that wait for the office."""
    await _answering(session, act.actor, organisation_id, *READERS)
    return await store.prior_approvals_in(session, organisation_id, RequestState.REQUESTED, after=after, limit=limit)


# What an award is worth


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One award held against one rule. ``claim``: the claim that is open or granted."""

    rule: PayRule
    award: Award
    assessment: Assessment
    claim: Claim | None = None


class _Desk:
    """One person's record with one recogniser, read once, so that many awards can be held against its rules."""

    def __init__(self, session: Session, organisation_id: str, educator_id: str, now: datetime) -> None:
        self._session = session
        self._organisation_id = organisation_id
        self._educator_id = educator_id
        self._now = now
        self._years: dict[tuple[str, int], tuple[int, int]] = {}

    async def open(self, found: Sequence[PayRule]) -> "_Desk":
        session = self._session
        self._versions = await store.versions_of(session, [rule.id for rule in found])
        self._earlier = await store.counting(session, self._organisation_id, self._educator_id)
        self._is_member = await _is_member(session, self._organisation_id, self._educator_id, self._now)
        self._placement = await store.placement_of(session, self._organisation_id, self._educator_id)
        self._plans = await store.prior_approvals_of(session, self._educator_id, [rule.id for rule in found])
        since = self._placement.sequence if self._placement else 0
        self._towards = await store.credits_since(session, self._organisation_id, self._educator_id, after=since)
        self._accepted: dict[str, int] = {}
        return self

    async def assess(
        self, rule: PayRule, award: Award, covers: tuple[str, ...], tags: tuple[str, ...], claimed_at: datetime
    ) -> tuple[PayRuleVersion | None, Assessment]:
        """What the award would be granted today on a claim of ``claimed_at``, by the version that its date selects."""
        awarded_on, claimed_on = local_day(rule, award.awarded_at), local_day(rule, claimed_at)
        basis = rules.basis_date(rule, awarded_on, claimed_on)
        version = rules.version_on(self._versions[rule.id], basis)
        facts = rules.facts_of(
            award,
            covers=covers,
            tags=tags,
            awarded_on=awarded_on,
            claimed_on=claimed_on,
            today=local_day(rule, self._now),
            is_current=award.is_current(self._now),
            is_member=self._is_member,
            placement=self._placement,
            prior_on=self._prior_on(rule, covers),
        )
        history = rules.History()
        if version is not None:
            history = await self._history(rule, rules.school_year(version.terms, basis))
        return version, rules.assess(rule, version, facts, history)

    def _prior_on(self, rule: PayRule, covers: tuple[str, ...]) -> date | None:
        decided = [
            plan.decided_on
            for plan in self._plans
            if plan.rule_id == rule.id and plan.state is RequestState.APPROVED and plan.achievement_id in covers
        ]
        return min((day for day in decided if day), default=None)

    async def _history(self, rule: PayRule, year: int) -> rules.History:
        of_rule = [claim for claim in self._earlier if claim.rule_id == rule.id]
        if (rule.id, year) not in self._years:
            me = self._educator_id
            money = await store.given(self._session, rule.id, [me], year, (Account.STIPEND, Account.SALARY_BASE))
            units = await store.given(self._session, rule.id, [me], year, (Account.CREDITS, Account.CREDITS_OVER))
            self._years[rule.id, year] = (money.get(me, 0), units.get(me, 0))
        if rule.id not in self._accepted:
            self._accepted[rule.id] = await store.credits_since(
                self._session, self._organisation_id, self._educator_id, after=0, rule_id=rule.id
            )
        cents, hundredths = self._years[rule.id, year]
        return rules.History(
            count=sum(claim.year == year for claim in of_rule),
            cents=cents,
            hundredths=hundredths,
            hours=sum(claim.assessment.hours for claim in of_rule),
            accepted=self._accepted[rule.id],
            towards=self._towards,
            earlier=tuple(self._earlier),
        )


async def _covered(session: Session, found: Sequence[Award]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each award what it covers (a stack: its members too) and its tags."""
    versions = await catalog.versions_by_id(session, {award.version_id for award in found if award.version_id})
    covered: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for award in found:
        if award.kind is AwardKind.STACK:
            stack = await pathways.stack_for(session, None, award.achievement_id)
            covered[award.id] = ((award.achievement_id, *stack.members), ())
        else:
            tags = versions[award.version_id].specification.tags if award.version_id in versions else ()
            covered[award.id] = ((award.achievement_id,), tags)
    return covered


async def offers(session: Session, act: Act, organisation_id: str | None = None) -> list[Offer]:
    """What my newest awards are worth where I work, or at one recogniser: each with its reasons."""
    if organisation_id:
        recognisers = {(await people.organisation(session, organisation_id)).id}
    else:
        places = await people.organisations_by_id(session, act.actor.organisations(Role.EDUCATOR))
        recognisers = {ancestor for place in places.values() for ancestor in place.lineage}
    found = await store.rules_of(session, recognisers)
    mine = await awards.of_educator(session, act.actor.person_id, limit=SHOWN_AWARDS)
    if not found or not mine:
        return []
    covered = await _covered(session, mine)
    claimed = {
        (claim.rule_id, claim.award_id): claim
        for claim in await store.claims_of(session, act.actor.person_id, limit=10 * SHOWN_AWARDS)
        if claim.state in {ClaimState.SUBMITTED, ClaimState.APPROVED}
    }
    shown = []
    for recogniser in sorted({rule.organisation_id for rule in found}):
        here = [rule for rule in found if rule.organisation_id == recogniser]
        desk = await _Desk(session, recogniser, act.actor.person_id, act.now).open(here)
        for rule in here:
            for award in mine:
                claim = claimed.get((rule.id, award.id))
                if claim:
                    shown.append(Offer(rule=rule, award=award, assessment=claim.assessment, claim=claim))
                    continue
                version, assessment = await desk.assess(rule, award, *covered[award.id], act.now)
                if version is not None:
                    shown.append(Offer(rule=rule, award=award, assessment=assessment))
    return shown


# Claims


async def file_claim(database: Database, verify: Verify, act: Act, *, rule_id: str, award_id: str) -> Claim:
    """Claim on one of my awards. Its credential is verified now, as a stranger would; what cannot be checked is not taken.

    Claiming again answers the claim that is open or granted. Raises ``ClaimRefused``, ``Unavailable``.
    """
    async with database.read() as session:
        award = await awards.own(session, act, award_id)
        rule, _ = await rule_for(session, None, rule_id)
        earlier = await store.open_claim(session, rule_id, award_id)
        document = await sealing.sealed_as(session, award.intent_id, Format.DATA_INTEGRITY)
        covered = (await _covered(session, [award]))[award.id]
    if earlier:
        return earlier
    _check_in_force(award, act.now)
    report = await verify(document.body)
    if report.verdict is Verdict.INDETERMINATE:
        raise Unavailable(f"the credential could not be checked completely ({report.code}): try again in a minute")
    if report.verdict is not Verdict.ACCEPT:
        raise ClaimRefused(f"the credential does not hold: {report.summary}")
    async with database.write() as session:
        award = await awards.own(session, act, award_id, lock=True)
        _check_in_force(award, act.now)
        desk = await _Desk(session, rule.organisation_id, act.actor.person_id, act.now).open([rule])
        version, assessment = await desk.assess(rule, award, *covered, act.now)
        if version is None:
            raise _refused("this award cannot be claimed on", assessment)
        made = Claim(
            id=new_id(act.ids, act.now),
            organisation_id=rule.organisation_id,
            rule_id=rule.id,
            version_id=version.id,
            educator_id=act.actor.person_id,
            award_id=award.id,
            achievement_id=award.achievement_id,
            title=award.title,
            covers=covered[0],
            awarded_on=local_day(rule, award.awarded_at),
            claimed_at=act.now,
            claimed_on=local_day(rule, act.now),
            verdict=report.verdict,
            document_digest=report.digest,
            year=assessment.year,
            exclusive=version.terms.exclusive,
            assessment=assessment,
        )
        if not await store.add_claim(session, made):
            there = await store.open_claim(session, rule_id, award_id)
            if there is None:
                raise Conflict("this was claimed at the same moment: look at your claims")
            return there
        await _record(
            session,
            act,
            "pay.claimed",
            f"pay-claim:{made.id}",
            made.organisation_id,
            award=award.id,
            rule=rule.id,
            version=version.id,
        )
    return made


def _check_in_force(award: Award, now: datetime) -> None:
    if award.is_current(now):
        return
    code = {AwardState.REVOKED: Code.REVOKED, AwardState.SUSPENDED: Code.SUSPENDED}.get(award.state, Code.EXPIRED)
    detail = "only an award that is in force can be claimed on"
    raise ClaimRefused(detail, faults=(Fault(f"this award is {code.lower()}", "/awardId", code),))


def _refused(what: str, assessment: Assessment) -> ClaimRefused:
    """A refusal that carries the rule's own codes."""
    faults = tuple(Fault(reason.text, "", reason.code) for reason in assessment.reasons)
    return ClaimRefused(f"{what}: {' '.join(reason.text for reason in assessment.reasons)}", faults=faults)


async def claim_of_letter(session: Session, claim_id: str) -> Claim:
    """The claim that a letter to its educator is about."""
    return await store.claim(session, claim_id)


async def claim_for(session: Session, act: Act, claim_id: str) -> Claim:
    """A claim, for whoever made it and for the office."""
    found = await store.claim(session, claim_id)
    if found.educator_id != act.actor.person_id:
        where = await people.organisation(session, found.organisation_id)
        if not act.actor.holds_any(READERS, where.lineage):
            raise NotFound("there is no such claim")
    return found


async def my_claims(session: Session, act: Act, *, before: str = "", limit: int = 50) -> list[Claim]:
    return await store.claims_of(session, act.actor.person_id, before=before, limit=limit)


async def my_plans(session: Session, act: Act, *, limit: int = 50) -> list[PriorApproval]:
    return await store.my_prior_approvals(session, act.actor.person_id, limit=limit)


async def rules_by_id(session: Session, ids: Iterable[str]) -> dict[str, PayRule]:
    """What rules are called that the reader has claims or plans under."""
    return await store.rules_by_id(session, ids)


async def postings_of_claim(session: Session, act: Act, claim: Claim) -> list[Posting]:
    """What was written for one claim, for whoever may read the claim."""
    await claim_for(session, act, claim.id)
    return await store.postings_of_claims(session, [claim.id])


async def claims_in(
    session: Session, act: Act, organisation_id: str, state: ClaimState, *, after: str = "", limit: int = 50
) -> list[Claim]:
    await _answering(session, act.actor, organisation_id, *READERS)
    return await store.claims_in(session, organisation_id, state, after=after, limit=limit)


async def assess_now(session: Session, act: Act, claim: Claim) -> Assessment:
    """What a claim that waits would be granted if it were approved now."""
    rule = await store.rule(session, claim.rule_id)
    award = await awards.award(session, claim.award_id)
    return (await _assess(session, rule, award, claim, act.now))[1]


async def _assess(
    session: Session, rule: PayRule, award: Award, claim: Claim, now: datetime
) -> tuple[PayRuleVersion | None, Assessment]:
    covered = (await _covered(session, [award]))[award.id]
    desk = await _Desk(session, rule.organisation_id, claim.educator_id, now).open([rule])
    return await desk.assess(rule, award, *covered, claim.claimed_at)


async def decide_claim(session: Session, act: Act, claim_id: str, *, approve: bool, reason: str) -> Claim:
    """Approve a claim, which writes what the rule gives today into the ledger; or refuse it with a reason.

    What the rule bars cannot be approved: ``ClaimRefused`` carries its reason codes.
    """
    found = await store.claim(session, claim_id)
    await _decider(session, act, found.organisation_id, found.educator_id, "there is no such claim")
    sequence = await store.hold_book(session, found.organisation_id)
    found = await store.claim(session, claim_id, lock=True)
    if found.state is not ClaimState.SUBMITTED:
        raise AlreadyDecided(f"this claim is {found.state.value} already")
    rule = await store.rule(session, found.rule_id)
    # Held, so that a revocation comes either before, and is seen, or after, and opens a case.
    award = await awards.award(session, found.award_id, lock=True)
    version, assessment = await _assess(session, rule, award, found, act.now)
    decided = {"decided_at": act.now, "decided_by": act.actor.person_id, "assessment": assessment}
    if not approve:
        changed = await store.change_claim(session, found, **decided, state=ClaimState.REFUSED, reason=_because(reason))
        await _conclude(session, act, changed)
        return changed
    if version is None or not assessment.payable:
        raise _refused("the rule does not allow this claim", assessment)
    changed = await store.change_claim(
        session,
        found,
        **decided,
        state=ClaimState.APPROVED,
        reason=reason.strip(),
        version_id=version.id,
        year=assessment.year,
        exclusive=version.terms.exclusive,
        counts=True,
        outstanding=any(entry.account in _MONEY for entry in assessment.entries),
    )
    rounds = await store.rounds(session, rule.id, [award.id])
    grant = _posting(
        act,
        changed,
        sequence + 1,
        Purpose.GRANT,
        period=str(assessment.year),
        year=assessment.year,
        round_=rounds.get(award.id, 0),
        reason=reason.strip() or "approved by the rule",
        entries=assessment.entries,
    )
    await store.post(session, [grant])
    if assessment.moves:
        await _move(session, act, changed, assessment, grant.sequence)
    await _conclude(session, act, changed)
    return changed


_MONEY = frozenset({Account.STIPEND, Account.CARRIED, Account.SALARY_BASE})


def _posting(
    act: Act,
    claim: Claim,
    sequence: int,
    purpose: Purpose,
    *,
    period: str,
    year: int,
    round_: int,
    reason: str,
    entries: tuple[Entry, ...],
) -> Posting:
    if off := rules.imbalance(entries):
        raise AssertionError(f"a posting is off by {off}")  # our own bug: nothing is written
    return Posting(
        id=new_id(act.ids, act.now),
        organisation_id=claim.organisation_id,
        sequence=sequence,
        educator_id=claim.educator_id,
        rule_id=claim.rule_id,
        version_id=claim.version_id or "",
        claim_id=claim.id,
        award_id=claim.award_id,
        purpose=purpose,
        period=period,
        round=round_,
        year=year,
        reason=reason,
        posted_at=act.now,
        posted_by=act.actor.person_id,
        entries=entries,
    )


async def _move(session: Session, act: Act, claim: Claim, assessment: Assessment, sequence: int) -> None:
    """Somebody reached another lane: a new placement, which begins to count credits anew."""
    last = assessment.moves[-1]
    before = await store.placement_of(session, claim.organisation_id, claim.educator_id)
    if before is None:
        return
    await store.add_placement(
        session,
        msgspec.structs.replace(
            before,
            id=new_id(act.ids, act.now),
            lane=last.to,
            credit_hundredths=last.credit_hundredths,
            sequence=sequence,
            effective_on=last.effective_on,
            share=last.share,
            recorded_at=act.now,
            recorded_by=act.actor.person_id,
            claim_id=claim.id,
        ),
    )


async def _conclude(session: Session, act: Act, claim: Claim) -> None:
    """Tell the educator, and record the decision."""
    payload = {"letter": "pay-decided", "person": claim.educator_id, "pay_claim": claim.id}
    await outbox.place(
        session, act.ids, act.now, people.MAIL_ORDER, f"pay-decided:{claim.id}:{claim.revision}", **payload
    )
    await _record(
        session,
        act,
        f"pay.{claim.state}",
        f"pay-claim:{claim.id}",
        claim.organisation_id,
        reason=claim.reason,
        award=claim.award_id,
        version=claim.version_id or "",
        codes=" ".join(reason.code for reason in claim.assessment.reasons),
    )


# Awards that are withdrawn


async def check_award(database: Database, ids: Ids, now: datetime, award_id: str) -> None:
    """Look at what was paid for an award after its state changed. A withdrawn one opens a case for each claim that was granted
    on it; one that is in force again closes them. Nothing is taken back here. Doing it twice changes nothing."""
    async with database.write() as session:
        act = system_act("compensation", now, ids)
        for organisation_id in sorted(await store.recognisers_of(session, award_id)):
            await store.hold_book(session, organisation_id)  # before the award, as whoever decides does
        award = await awards.award(session, award_id, lock=True)
        if award.state is AwardState.ACTIVE:
            for case in await store.open_cases_on(session, award_id):
                await _close(session, act, case, CaseOutcome.REINSTATED, "the award is in force again")
            return
        for claim in await store.granted_on(session, award_id):
            opened = Case(
                id=new_id(ids, now),
                organisation_id=claim.organisation_id,
                claim_id=claim.id,
                award_id=award.id,
                educator_id=claim.educator_id,
                title=claim.title,
                award_state=award.state,
                changed_at=award.state_changed_at or now,
                opened_at=now,
            )
            before = await store.open_cases_of(session, claim.id)
            if not await store.add_case(session, opened):
                continue
            for case in before:
                await _close(session, act, case, CaseOutcome.SUPERSEDED, "the award's state changed again")
            await _record(
                session,
                act,
                "pay-case.opened",
                f"pay-claim:{claim.id}",
                claim.organisation_id,
                reason=award.state_reason,
                case=opened.id,
                award=award.id,
                state=award.state,
            )


async def _close(session: Session, act: Act, case: Case, outcome: CaseOutcome, reason: str) -> Case:
    closed = await store.close_case(
        session, case, outcome=outcome, decided_at=act.now, decided_by=act.actor.person_id, reason=reason
    )
    await _record(
        session,
        act,
        f"pay-case.{outcome}",
        f"pay-claim:{case.claim_id}",
        case.organisation_id,
        reason=reason,
        case=case.id,
    )
    return closed


async def cases_in(
    session: Session, act: Act, organisation_id: str, state: CaseState, *, after: str = "", limit: int = 50
) -> list[Case]:
    await _answering(session, act.actor, organisation_id, *READERS)
    return await store.cases_in(session, organisation_id, state, after=after, limit=limit)


async def case_for(session: Session, act: Act, case_id: str) -> Case:
    found = await store.case(session, case_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such case")
    return found


async def decide_case(session: Session, act: Act, case_id: str, *, outcome: CaseOutcome, reason: str) -> Case:
    """An officer decides what a withdrawn award means for what was paid on it. Edits are reversals: the grant stays written."""
    found = await store.case(session, case_id)
    await _decider(session, act, found.organisation_id, found.educator_id, "there is no such case")
    if outcome not in {CaseOutcome.KEEP, CaseOutcome.END, CaseOutcome.RECOVER}:
        raise Malformed("decide: keep, end, or recover", faults=(Fault("choose one of these", "/outcome", "invalid"),))
    why = _because(reason)
    sequence = await store.hold_book(session, found.organisation_id)
    found = await store.case(session, case_id, lock=True)
    if found.state is not CaseState.OPEN:
        raise AlreadyDecided("this case is closed already")
    if outcome is not CaseOutcome.KEEP:
        await _end(session, act, found, sequence, recover=outcome is CaseOutcome.RECOVER, reason=why)
    return await _close(session, act, found, outcome, why)


async def _end(session: Session, act: Act, case: Case, sequence: int, *, recover: bool, reason: str) -> None:
    claim = await store.claim(session, case.claim_id, lock=True)
    if claim.state is not ClaimState.APPROVED:
        raise AlreadyDecided("what was granted is ended already")
    stands = (await store.balances(session, [claim.id]))[claim.id]
    rounds = await store.rounds(session, claim.rule_id, [claim.award_id])
    reversal = _posting(
        act,
        claim,
        sequence + 1,
        Purpose.REVERSAL,
        period=case.id,
        year=claim.year,
        round_=rounds.get(claim.award_id, 0),
        reason=reason,
        entries=rules.reversal(stands, recover=recover),
    )
    await store.post(session, [reversal])
    keeps = stands.get(Account.PAID, 0) > 0 and not recover
    ended = await store.change_claim(
        session, claim, state=ClaimState.ENDED, counts=keeps, outstanding=False, reason=reason
    )
    await _conclude(session, act, ended)


# Carried amounts


async def release_carried(session: Session, act: Act, rule_id: str, *, funds_cents: int, reason: str) -> list[Posting]:
    """There are funds in this school year: pay amounts carried from earlier ones, oldest first, up to this year's cap each."""
    rule = await store.rule(session, rule_id)
    where = await people.organisation(session, rule.organisation_id)
    if not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such pay rule")
    require(act.actor, where.lineage, *DECIDERS)
    why = _because(reason)
    sequence = await store.hold_book(session, rule.organisation_id)
    today = local_day(rule, act.now)
    version = rules.version_on((await store.versions_of(session, [rule_id]))[rule_id], today)
    if version is None:
        raise Conflict("the rule is not in force today: nothing says what this year's cap is")
    year = rules.school_year(version.terms, today)
    claims = {
        claim.id: claim
        for claim in await store.outstanding(session, rule.organisation_id)
        if claim.rule_id == rule_id and claim.state is ClaimState.APPROVED and claim.year < year
    }
    held = await store.with_open_case(session, claims)
    stands = await store.balances(session, claims)
    waiting = [
        rules.Waiting(claim_id=claim.id, educator_id=claim.educator_id, cents=stands[claim.id][Account.CARRIED])
        for claim in sorted(claims.values(), key=lambda claim: (claim.year, claim.decided_at or act.now, claim.id))
        if claim.id not in held
        and claim.educator_id != act.actor.person_id
        and stands[claim.id].get(Account.CARRIED, 0) > 0
    ]
    used = await store.given(session, rule_id, {one.educator_id for one in waiting}, year, (Account.STIPEND,))
    released = rules.release(waiting, funds_cents, version.terms.caps.amount_cents, used)
    rounds = await store.rounds(session, rule_id, {claims[one.claim_id].award_id for one, _ in released})
    text = f"Carried from an earlier year, and paid from funds of {rules.year_words(year)}."
    made = [
        _posting(
            act,
            claims[one.claim_id],
            sequence + number,
            Purpose.RELEASE,
            period=f"{year}:{sequence}",
            year=year,
            round_=rounds.get(claims[one.claim_id].award_id, 0),
            reason=why,
            entries=rules.transfer(Account.CARRIED, Account.STIPEND, amount, Code.GRANTED, text, today),
        )
        for number, (one, amount) in enumerate(released, start=1)
    ]
    await store.post(session, made)
    await _record(
        session,
        act,
        "pay.released",
        f"pay-rule:{rule_id}",
        rule.organisation_id,
        reason=why,
        cents=str(sum(amount for _, amount in released)),
        claims=str(len(released)),
    )
    return made


# The calendar and the run


async def set_calendar(
    session: Session, act: Act, *, organisation_id: str, year: int, periods: Sequence[tuple[date, date, date]]
) -> list[PayPeriod]:
    """The pay periods of a school year: first day, last day, pay day of each. Once set they stay."""
    where = await _answering(session, act.actor, organisation_id, *CLERKS, *DECIDERS)
    rules.check_calendar(year, periods)
    await store.hold_book(session, where.id)
    for other in await store.periods_of(session, where.id):
        if periods[0][0] <= other.ends_on and other.starts_on <= periods[-1][1]:
            fault = Fault(f"these days are in {other.label} already", "/periods/0/startsOn", "overlap")
            raise CalendarRefused("a day is in one pay period", faults=(fault,))
    made = [
        PayPeriod(
            id=new_id(act.ids, act.now),
            organisation_id=where.id,
            year=year,
            number=number,
            of=len(periods),
            starts_on=starts,
            ends_on=ends,
            pays_on=pays,
        )
        for number, (starts, ends, pays) in enumerate(periods, start=1)
    ]
    if not await store.add_periods(session, made):
        raise Conflict(f"the school year {rules.year_words(year)} has its calendar already")
    await _record(session, act, "pay.calendar-set", f"organisation:{where.id}", where.id, year=str(year))
    return made


async def periods_of(session: Session, act: Act, organisation_id: str) -> list[PayPeriod]:
    await _answering(session, act.actor, organisation_id, *READERS)
    return await store.periods_of(session, organisation_id)


async def _period(session: Session, act: Act, period_id: str, *roles: Role) -> tuple[PayPeriod, Organisation]:
    found = await store.period(session, period_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such pay period")
    require(act.actor, where.lineage, *roles)
    return found, where


async def run_of(session: Session, act: Act, period_id: str) -> tuple[PayPeriod, PayRun, Export | None]:
    """A period's payments: as exported, or as an export now would have them."""
    period, where = await _period(session, act, period_id, *READERS)
    export = await store.export_of(session, period_id)
    if export:
        return period, msgspec.json.decode(export.json, type=PayRun), export
    return period, await _run(session, act.now, period, where), None


async def _run(session: Session, now: datetime, period: PayPeriod, where: Organisation) -> PayRun:
    claims = await store.outstanding(session, where.id)
    ids = [claim.id for claim in claims]
    calendar = await store.calendar(session, where.id, period.year)
    known = await store.rules_of(session, [where.id])
    slugs = {rule.id: rule.slug for rule in known}
    numbers = {
        version.id: version.number
        for versions in (await store.versions_of(session, slugs)).values()
        for version in versions
    }
    educators = {claim.educator_id for claim in claims}
    names = await people.persons_by_id(session, educators)
    placed = await store.placements_of(session, where.id, educators)
    due = await store.stipends_due(session, ids, period.ends_on)
    raises = await store.raises(session, ids)
    paid = await store.paid_periods(session, ids, [one.id for one in calendar])
    held = await store.with_open_case(session, ids)
    # Who worked here at the end of the period; before it is over, who works here now.
    end = datetime.combine(period.ends_on, datetime.max.time(), tzinfo=now.tzinfo)
    reach = await people.below(session, (where.id,))
    members = await people.holders_within(session, reach, Role.EDUCATOR, min(now, end), among=educators)
    return rules.pay_run(
        where.name,
        period,
        calendar,
        [
            rules.Owed(
                claim=claim,
                rule_slug=slugs[claim.rule_id],
                rule_version=numbers[claim.version_id or ""],
                name=names[claim.educator_id].name,
                employee_number=placed[claim.educator_id].employee_number if claim.educator_id in placed else "",
                stipend=due.get(claim.id, 0),
                raises=tuple(raises.get(claim.id, ())),
                paid=paid.get(claim.id, frozenset()),
                has_open_case=claim.id in held,
                is_member=claim.educator_id in members,
            )
            for claim in claims
        ],
    )


async def export_run(session: Session, act: Act, period_id: str) -> Export:
    """Pay a period: what is due is posted as paid, and the files are kept. Doing it again answers the same files."""
    period, where = await _period(session, act, period_id, *CLERKS)
    sequence = await store.hold_book(session, where.id)
    there = await store.export_of(session, period_id)
    if there:
        return there
    if act.now.date() < period.starts_on:
        raise Conflict(f"this period begins on {rules.day_words(period.starts_on)}: it is not paid before")
    run = await _run(session, act.now, period, where)
    await _post_payments(session, act, period, run, sequence)
    csv, json = rules.run_csv(run), rules.run_json(run)
    made = Export(
        period_id=period.id,
        organisation_id=where.id,
        csv=csv,
        csv_digest=hashlib.sha256(csv).hexdigest(),
        json=json,
        json_digest=hashlib.sha256(json).hexdigest(),
        total_cents=run.total_cents,
        line_count=len(run.lines),
        exported_at=act.now,
        exported_by=act.actor.person_id,
    )
    await store.add_export(session, made)
    await _record(
        session,
        act,
        "pay.exported",
        f"pay-period:{period.id}",
        where.id,
        cents=str(run.total_cents),
        lines=str(len(run.lines)),
        csv=made.csv_digest,
        json=made.json_digest,
    )
    return made


async def _post_payments(session: Session, act: Act, period: PayPeriod, run: PayRun, sequence: int) -> None:
    claims = {claim.id: claim for claim in await store.outstanding(session, period.organisation_id)}
    by_label = {one.label: one for one in await store.calendar(session, period.organisation_id, period.year)}
    rounds: dict[str, dict[str, int]] = {}
    for rule_id in {claims[line.claim_id].rule_id for line in run.lines}:
        mine = {line.award_id for line in run.lines if claims[line.claim_id].rule_id == rule_id}
        rounds[rule_id] = await store.rounds(session, rule_id, mine)
    made = [
        _posting(
            act,
            claims[line.claim_id],
            sequence + number,
            Purpose.PAYMENT,
            period=by_label[line.for_period].id,
            year=period.year,
            round_=rounds[claims[line.claim_id].rule_id].get(line.award_id, 0),
            reason=f"pay run {run.period}",
            entries=_payment(line),
        )
        for number, line in enumerate(run.lines, start=1)
    ]
    await store.post(session, made)
    stands = await store.balances(session, {line.claim_id for line in run.lines})
    settled = [claim_id for claim_id, balance in stands.items() if not any(balance.get(account) for account in _MONEY)]
    await store.settle(session, settled)


def _payment(line: PayLine) -> tuple[Entry, ...]:
    """A stipend was owed already; a share of base pay comes to be owed by the period's passing."""
    if line.kind is PayLineKind.STIPEND:
        return rules.transfer(Account.STIPEND, Account.PAID, line.amount_cents, Code.GRANTED, "Paid.")
    return rules.pair(Account.PAID, line.amount_cents, Code.GRANTED, f"Share of base pay for {line.for_period}.")


# The ledger and the forecast


async def ledger(
    session: Session, act: Act, organisation_id: str, educator_id: str | None, *, after: int = 0, limit: int = 50
) -> list[Posting]:
    """The postings of a recogniser, or those about one person, which that person may read too."""
    if educator_id != act.actor.person_id:
        await _answering(session, act.actor, organisation_id, *READERS)
    return await store.postings_of(session, organisation_id, educator_id, after=after, limit=limit)


async def forecast(session: Session, act: Act, organisation_id: str, *, growth_percent: int = 0) -> Forecast:
    """What the next school year is likely to cost, as an estimate with all that it rests on."""
    where = await _answering(session, act.actor, organisation_id, *READERS)
    found = await store.rules_of(session, [where.id])
    versions = await store.versions_of(session, [rule.id for rule in found])
    since = act.now - LOOKED_BACK
    grants = await store.grants_since(session, where.id, since)
    base = await store.standing_by_rule(session, where.id, Account.SALARY_BASE)
    carried = await store.standing_by_rule(session, where.id, Account.CARRIED)
    reach = await people.below(session, (where.id,))
    members = await people.holders_within(session, reach, Role.EDUCATOR, act.now)
    known, year = [], act.now.year
    for rule in found:
        today = local_day(rule, act.now)
        latest = rules.version_on(versions[rule.id], today + LOOKED_BACK)
        if latest:
            year = rules.school_year(latest.terms, today) + 1
        count, persons, cents = grants.get(rule.id, (0, 0, 0))
        known.append(
            rules.Known(
                rule=rule,
                version=latest,
                grants=count,
                granted_cents=cents,
                people=persons,
                standing_cents=base.get(rule.id, 0),
                carried_cents=carried.get(rule.id, 0),
            )
        )
    return rules.forecast(where.name, year, len(members), growth_percent, known)


async def faults(session: Session) -> list[tuple[str, str]]:
    """What is wrong with ledgers and exports, as (where, what), for ``fsck``."""
    found = [(f"pay-posting:{one}", "its entries do not come to nothing") for one in await store.unbalanced(session)]
    found += [
        (f"organisation:{one}", "postings are missing from its pay ledger, or there are too many")
        for one in await store.books_with_gaps(session)
    ]
    for export in await store.all_exports(session):
        for form, body, digest in (
            ("CSV", export.csv, export.csv_digest),
            ("JSON", export.json, export.json_digest),
        ):
            if hashlib.sha256(body).hexdigest() != digest:
                found.append(
                    (f"pay-period:{export.period_id}", f"its exported {form} is not the one that was exported")
                )
    return found


def _because(reason: str) -> str:
    if not reason.strip():
        fault = Fault("fill this in", "/reason", "missing")
        raise Malformed("say why: the educator, and whoever reads the record later, will ask", faults=(fault,))
    return reason.strip()


async def _record(
    session: Session, act: Act, action: str, subject: str, organisation_id: str, *, reason: str = "", **detail: str
) -> None:
    await audit.record(session, act.entry(action, subject, organisation=organisation_id, reason=reason, **detail))
