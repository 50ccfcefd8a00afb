"""Awards that were withdrawn after they were paid for: a case is opened, and a person decides."""

from datetime import datetime

from credentials.awards import service as awards
from credentials.awards.model import AwardState
from credentials.compensation import store
from credentials.compensation.model.cases import Case, CaseOutcome, CaseState
from credentials.compensation.model.claims import ClaimState
from credentials.compensation.model.failures import AlreadyDecided
from credentials.compensation.model.ledger import Account, Purpose
from credentials.compensation.rules.ledger import reversal
from credentials.compensation.service.claims import conclude
from credentials.compensation.service.office import READERS, answering, because, check_decider, record, taking_part
from credentials.compensation.service.postings import posting
from credentials.db import Database, Session
from credentials.errors import Fault, Malformed
from credentials.ids import Ids, new_id
from credentials.people.model import Act, system_act


async def check_award(database: Database, ids: Ids, now: datetime, award_id: str) -> None:
    """Look at what was paid for an award after its state changed. A withdrawn one opens a case for each claim that was granted
    on it; one that is in force again closes them. Nothing is taken back here. Doing it twice changes nothing."""
    async with database.write() as session:
        act = system_act("compensation", now, ids)
        for organisation_id in sorted(await store.claims.recognisers_of(session, award_id)):
            await store.ledger.hold_book(session, organisation_id)  # before the award, as whoever decides does
        award = await awards.award(session, award_id, lock=True)
        if award.state is AwardState.ACTIVE:
            for case in await store.cases.open_cases_on(session, award_id):
                await _close(session, act, case, CaseOutcome.REINSTATED, "the award is in force again")
            return
        for claim in await store.claims.granted_on(session, award_id):
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
            before = await store.cases.open_cases_of(session, claim.id)
            if not await store.cases.add_case(session, opened):
                continue
            for case in before:
                await _close(session, act, case, CaseOutcome.SUPERSEDED, "the award's state changed again")
            await record(
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
    closed = await store.cases.close_case(
        session, case, outcome=outcome, decided_at=act.now, decided_by=act.actor.person_id, reason=reason
    )
    await record(
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
    await answering(session, act.actor, organisation_id, *READERS)
    return await store.cases.cases_in(session, organisation_id, state, after=after, limit=limit)


async def case_for(session: Session, act: Act, case_id: str) -> Case:
    found = await store.cases.case(session, case_id)
    await taking_part(session, act.actor, found.organisation_id, "there is no such case")
    return found


async def decide_case(session: Session, act: Act, case_id: str, *, outcome: CaseOutcome, reason: str) -> Case:
    """An officer decides what a withdrawn award means for what was paid on it. Edits are reversals: the grant stays written."""
    found = await store.cases.case(session, case_id)
    await check_decider(session, act, found.organisation_id, found.educator_id, "there is no such case")
    if outcome not in {CaseOutcome.KEEP, CaseOutcome.END, CaseOutcome.RECOVER}:
        raise Malformed("decide: keep, end, or recover", faults=(Fault("choose one of these", "/outcome", "invalid"),))
    why = because(reason)
    sequence = await store.ledger.hold_book(session, found.organisation_id)
    found = await store.cases.case(session, case_id, lock=True)
    if found.state is not CaseState.OPEN:
        raise AlreadyDecided("this case is closed already")
    if outcome is not CaseOutcome.KEEP:
        await _end(session, act, found, sequence, recover=outcome is CaseOutcome.RECOVER, reason=why)
    return await _close(session, act, found, outcome, why)


async def _end(session: Session, act: Act, case: Case, sequence: int, *, recover: bool, reason: str) -> None:
    claim = await store.claims.claim(session, case.claim_id, lock=True)
    if claim.state is not ClaimState.APPROVED:
        raise AlreadyDecided("what was granted is ended already")
    stands = (await store.sums.balances(session, [claim.id]))[claim.id]
    rounds = await store.sums.rounds(session, claim.rule_id, [claim.award_id])
    written = posting(
        act,
        claim,
        sequence + 1,
        Purpose.REVERSAL,
        period=case.id,
        year=claim.year,
        round_=rounds.get(claim.award_id, 0),
        reason=reason,
        entries=reversal(stands, recover=recover),
    )
    await store.ledger.post(session, [written])
    keeps = stands.get(Account.PAID, 0) > 0 and not recover
    ended = await store.claims.change_claim(
        session, claim, state=ClaimState.ENDED, counts=keeps, outstanding=False, reason=reason
    )
    await conclude(session, act, ended)
