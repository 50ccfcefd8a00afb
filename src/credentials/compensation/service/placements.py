"""Where people stand on the salary schedule, as the office recorded it or a claim moved them."""

from collections.abc import Iterable
from datetime import date

import msgspec

from credentials.compensation import store
from credentials.compensation.model.assessment import Assessment
from credentials.compensation.model.claims import Claim
from credentials.compensation.model.placements import Placement
from credentials.compensation.service.office import READERS, RULERS, answering, check_not_own, record
from credentials.db import Session
from credentials.errors import Fault, Malformed, NotFound
from credentials.ids import new_id
from credentials.people import service as people
from credentials.people.model import Act


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
    where = await answering(session, act.actor, organisation_id, *RULERS)
    check_not_own(act, educator_id)
    reach = await people.below(session, (where.id,))
    grants = await people.grants_of(session, educator_id, act.now)
    has_claims = any(claim.organisation_id == where.id for claim in await store.claims.claims_of(session, educator_id))
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
        sequence=await store.ledger.hold_book(session, where.id),
        effective_on=effective_on,
        recorded_at=act.now,
        recorded_by=act.actor.person_id,
    )
    await store.placements.add_placement(session, made)
    await record(session, act, "pay.placed", f"person:{educator_id}", where.id, placement=made.id)
    return made


async def move(session: Session, act: Act, claim: Claim, assessment: Assessment, sequence: int) -> None:
    """Somebody reached another lane: a new placement, which begins to count credits anew."""
    last = assessment.moves[-1]
    before = await store.placements.placement_of(session, claim.organisation_id, claim.educator_id)
    if before is None:
        return
    await store.placements.add_placement(
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


async def placement_of(session: Session, act: Act, organisation_id: str, educator_id: str) -> Placement | None:
    if educator_id != act.actor.person_id:
        await answering(session, act.actor, organisation_id, *READERS)
    return await store.placements.placement_of(session, organisation_id, educator_id)


async def placements_of(
    session: Session, act: Act, organisation_id: str, educator_ids: Iterable[str]
) -> dict[str, Placement]:
    """Where these people stand, by the newest record of each."""
    await answering(session, act.actor, organisation_id, *READERS)
    return await store.placements.placements_of(session, organisation_id, educator_ids)
