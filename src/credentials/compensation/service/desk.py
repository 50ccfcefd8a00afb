"""What somebody's awards are worth with a recogniser: their record, read once and held against its rules."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from credentials.awards import service as awards
from credentials.awards.model import Award, AwardKind
from credentials.catalog import service as catalog
from credentials.compensation import store
from credentials.compensation.model.assessment import Assessment
from credentials.compensation.model.claims import Claim, ClaimState
from credentials.compensation.model.ledger import Account
from credentials.compensation.model.plans import RequestState
from credentials.compensation.model.rules import PayRule, PayRuleVersion
from credentials.compensation.rules.assessment import assess
from credentials.compensation.rules.days import local_day, school_year
from credentials.compensation.rules.facts import Facts, History
from credentials.compensation.rules.versions import basis_date, version_on
from credentials.db import Session
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.people.model import Act, Role

SHOWN_AWARDS = 200
"""Of somebody's newest awards that are held against rules at once."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One award held against one rule. ``claim``: the claim that is open or granted."""

    rule: PayRule
    award: Award
    assessment: Assessment
    claim: Claim | None = None


async def _is_member(session: Session, organisation_id: str, educator_id: str, at: datetime) -> bool:
    reach = await people.below(session, (organisation_id,))
    return bool(await people.holders_within(session, reach, Role.EDUCATOR, at, among=[educator_id]))


class Desk:
    """One person's record with one recogniser, read once, so that many awards can be held against its rules."""

    def __init__(self, session: Session, organisation_id: str, educator_id: str, now: datetime) -> None:
        self._session = session
        self._organisation_id = organisation_id
        self._educator_id = educator_id
        self._now = now
        self._years: dict[tuple[str, int], tuple[int, int]] = {}

    async def open(self, found: Sequence[PayRule]) -> "Desk":
        session = self._session
        self._versions = await store.rules.versions_of(session, [rule.id for rule in found])
        self._earlier = await store.claims.counting(session, self._organisation_id, self._educator_id)
        self._is_member = await _is_member(session, self._organisation_id, self._educator_id, self._now)
        self._placement = await store.placements.placement_of(session, self._organisation_id, self._educator_id)
        self._plans = await store.plans.prior_approvals_of(session, self._educator_id, [rule.id for rule in found])
        since = self._placement.sequence if self._placement else 0
        self._towards = await store.sums.credits_since(session, self._organisation_id, self._educator_id, after=since)
        self._accepted: dict[str, int] = {}
        return self

    async def assess(
        self, rule: PayRule, award: Award, covers: tuple[str, ...], tags: tuple[str, ...], claimed_at: datetime
    ) -> tuple[PayRuleVersion | None, Assessment]:
        """What the award would be granted today on a claim of ``claimed_at``, by the version that its date selects."""
        awarded_on, claimed_on = local_day(rule, award.awarded_at), local_day(rule, claimed_at)
        basis = basis_date(rule, awarded_on, claimed_on)
        version = version_on(self._versions[rule.id], basis)
        facts = Facts(
            state=award.state,
            is_current=award.is_current(self._now),
            kind=award.kind,
            achievement_id=award.achievement_id,
            issuer_id=award.organisation_id,
            covers=covers,
            tags=tags,
            awarded_on=awarded_on,
            claimed_on=claimed_on,
            today=local_day(rule, self._now),
            is_member=self._is_member,
            placement=self._placement,
            prior_on=self._prior_on(rule, covers),
        )
        history = History()
        if version is not None:
            history = await self._history(rule, school_year(version.terms, basis))
        return version, assess(rule, version, facts, history)

    def _prior_on(self, rule: PayRule, covers: tuple[str, ...]) -> date | None:
        decided = [
            plan.decided_on
            for plan in self._plans
            if plan.rule_id == rule.id and plan.state is RequestState.APPROVED and plan.achievement_id in covers
        ]
        return min((day for day in decided if day), default=None)

    async def _history(self, rule: PayRule, year: int) -> History:
        of_rule = [claim for claim in self._earlier if claim.rule_id == rule.id]
        if (rule.id, year) not in self._years:
            me = self._educator_id
            money = await store.sums.given(self._session, rule.id, [me], year, (Account.STIPEND, Account.SALARY_BASE))
            units = await store.sums.given(self._session, rule.id, [me], year, (Account.CREDITS, Account.CREDITS_OVER))
            self._years[rule.id, year] = (money.get(me, 0), units.get(me, 0))
        if rule.id not in self._accepted:
            self._accepted[rule.id] = await store.sums.credits_since(
                self._session, self._organisation_id, self._educator_id, after=0, rule_id=rule.id
            )
        cents, hundredths = self._years[rule.id, year]
        return History(
            count=sum(claim.year == year for claim in of_rule),
            cents=cents,
            hundredths=hundredths,
            hours=sum(claim.assessment.hours for claim in of_rule),
            accepted=self._accepted[rule.id],
            towards=self._towards,
            earlier=tuple(self._earlier),
        )


async def covered_by(session: Session, found: Sequence[Award]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
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
    found = await store.rules.rules_of(session, recognisers)
    mine = await awards.of_educator(session, act.actor.person_id, limit=SHOWN_AWARDS)
    if not found or not mine:
        return []
    covered = await covered_by(session, mine)
    claimed = {
        (claim.rule_id, claim.award_id): claim
        for claim in await store.claims.claims_of(session, act.actor.person_id, limit=10 * SHOWN_AWARDS)
        if claim.state in {ClaimState.SUBMITTED, ClaimState.APPROVED}
    }
    shown = []
    for recogniser in sorted({rule.organisation_id for rule in found}):
        here = [rule for rule in found if rule.organisation_id == recogniser]
        desk = await Desk(session, recogniser, act.actor.person_id, act.now).open(here)
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
