"""Claims: an award is verified when it is claimed on; an officer decides, and what the rule gives goes into the ledger,
under the lock of the recogniser's book, so that caps are counted one claim after another.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from credentials.awards import service as awards
from credentials.awards.model import Award, AwardState
from credentials.compensation import store
from credentials.compensation.model.assessment import Assessment
from credentials.compensation.model.claims import Claim, ClaimState
from credentials.compensation.model.failures import AlreadyDecided, ClaimRefused
from credentials.compensation.model.ledger import Account, Posting, Purpose
from credentials.compensation.model.reasons import Code
from credentials.compensation.model.rules import PayRule, PayRuleVersion
from credentials.compensation.rules.days import local_day
from credentials.compensation.service.desk import Desk, covered_by
from credentials.compensation.service.office import READERS, answering, because, check_decider, record, taking_part
from credentials.compensation.service.placements import move
from credentials.compensation.service.postings import MONEY, posting
from credentials.compensation.service.rulebook import rule_for
from credentials.db import Database, Session
from credentials.errors import Conflict, Fault, Unavailable
from credentials.ids import new_id
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Actor, Role
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.verification.model import Report, Verdict

Verify = Callable[[bytes], Awaitable[Report]]
"""Judges a credential as anybody's verifier would, at this moment."""


async def file_claim(database: Database, verify: Verify, act: Act, *, rule_id: str, award_id: str) -> Claim:
    """Claim on one of my awards. Its credential is verified now, as a stranger would; what cannot be checked is not taken.

    Claiming again answers the claim that is open or granted. Raises ``ClaimRefused``, ``Unavailable``.
    """
    async with database.read() as session:
        award = await awards.own(session, act, award_id)
        rule, _ = await rule_for(session, None, rule_id)
        earlier = await store.claims.open_claim(session, rule_id, award_id)
        document = await sealing.sealed_as(session, award.intent_id, Format.DATA_INTEGRITY)
        covered = (await covered_by(session, [award]))[award.id]
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
        desk = await Desk(session, rule.organisation_id, act.actor.person_id, act.now).open([rule])
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
        if not await store.claims.add_claim(session, made):
            there = await store.claims.open_claim(session, rule_id, award_id)
            if there is None:
                raise Conflict("this was claimed at the same moment: look at your claims")
            return there
        await record(
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
    return await store.claims.claim(session, claim_id)


async def claim_for(session: Session, act: Act, claim_id: str) -> Claim:
    """A claim, for whoever made it and for the office."""
    found = await store.claims.claim(session, claim_id)
    if found.educator_id != act.actor.person_id:
        await taking_part(session, act.actor, found.organisation_id, "there is no such claim")
    return found


async def postings_of_claim(session: Session, act: Act, claim: Claim) -> list[Posting]:
    """What was written for one claim, for whoever may read the claim."""
    await claim_for(session, act, claim.id)
    return await store.ledger.postings_of_claims(session, [claim.id])


async def my_claims(session: Session, act: Act, *, before: str = "", limit: int = 50) -> list[Claim]:
    return await store.claims.claims_of(session, act.actor.person_id, before=before, limit=limit)


async def paid_on(session: Session, found: Iterable[Claim]) -> dict[str, dict[Account, int]]:
    """What was paid on each of these claims so far and what is asked back, in cents; nothing where nothing was."""
    stands = await store.sums.balances(session, [claim.id for claim in found])
    kept = (Account.PAID, Account.RECOVERY)
    return {of: {account: at[account] for account in kept if at.get(account)} for of, at in stands.items()}


async def claims_in(
    session: Session, act: Act, organisation_id: str, state: ClaimState, *, after: str = "", limit: int = 50
) -> list[Claim]:
    await answering(session, act.actor, organisation_id, *READERS)
    return await store.claims.claims_in(session, organisation_id, state, after=after, limit=limit)


async def count_to_decide(session: Session, actor: Actor) -> int:
    """How many claims wait where the actor is a district officer."""
    return await store.claims.count_in(session, actor.organisations(Role.DISTRICT_OFFICER), ClaimState.SUBMITTED)


async def assess_now(session: Session, act: Act, claim: Claim) -> Assessment:
    """What a claim that waits would be granted if it were approved now."""
    rule = await store.rules.rule(session, claim.rule_id)
    award = await awards.award(session, claim.award_id)
    return (await _assess(session, rule, award, claim, act.now))[1]


async def _assess(
    session: Session, rule: PayRule, award: Award, claim: Claim, now: datetime
) -> tuple[PayRuleVersion | None, Assessment]:
    covered = (await covered_by(session, [award]))[award.id]
    desk = await Desk(session, rule.organisation_id, claim.educator_id, now).open([rule])
    return await desk.assess(rule, award, *covered, claim.claimed_at)


async def decide_claim(session: Session, act: Act, claim_id: str, *, approve: bool, reason: str) -> Claim:
    """Approve a claim, which writes what the rule gives today into the ledger; or refuse it with a reason.

    What the rule bars cannot be approved: ``ClaimRefused`` carries its reason codes.
    """
    found = await store.claims.claim(session, claim_id)
    await check_decider(session, act, found.organisation_id, found.educator_id, "there is no such claim")
    sequence = await store.ledger.hold_book(session, found.organisation_id)
    found = await store.claims.claim(session, claim_id, lock=True)
    if found.state is not ClaimState.SUBMITTED:
        raise AlreadyDecided(f"this claim is {found.state.value} already")
    rule = await store.rules.rule(session, found.rule_id)
    # Held, so that a revocation comes either before, and is seen, or after, and opens a case.
    award = await awards.award(session, found.award_id, lock=True)
    version, assessment = await _assess(session, rule, award, found, act.now)
    decided = {"decided_at": act.now, "decided_by": act.actor.person_id, "assessment": assessment}
    if not approve:
        changed = await store.claims.change_claim(
            session, found, **decided, state=ClaimState.REFUSED, reason=because(reason)
        )
        await conclude(session, act, changed)
        return changed
    if version is None or not assessment.payable:
        raise _refused("the rule does not allow this claim", assessment)
    changed = await store.claims.change_claim(
        session,
        found,
        **decided,
        state=ClaimState.APPROVED,
        reason=reason.strip(),
        version_id=version.id,
        year=assessment.year,
        exclusive=version.terms.exclusive,
        counts=True,
        outstanding=any(entry.account in MONEY for entry in assessment.entries),
    )
    rounds = await store.sums.rounds(session, rule.id, [award.id])
    grant = posting(
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
    await store.ledger.post(session, [grant])
    if assessment.moves:
        await move(session, act, changed, assessment, grant.sequence)
    await conclude(session, act, changed)
    return changed


async def conclude(session: Session, act: Act, claim: Claim) -> None:
    """Tell the educator, and record the decision."""
    payload = {"letter": "pay-decided", "person": claim.educator_id, "pay_claim": claim.id}
    await outbox.place(
        session, act.ids, act.now, people.MAIL_ORDER, f"pay-decided:{claim.id}:{claim.revision}", **payload
    )
    await record(
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
