"""Who answers for a recogniser's pay, and what each of them may do."""

from credentials.audit import service as audit
from credentials.db import Session
from credentials.errors import Fault, Forbidden, Malformed
from credentials.people import service as people
from credentials.people.model import NO_ORGANISATION, Act, Actor, Organisation, OrganisationKind, Role
from credentials.people.rules import require

RULERS = (Role.DISTRICT_OFFICER, Role.ADMINISTRATOR)
"""Who drafts rules and records their approval, and what the office knows of people."""
DECIDERS = (Role.DISTRICT_OFFICER,)
"""Who decides on claims, plans, carried amounts and cases. Not who pays."""
CLERKS = (Role.PAYROLL_CLERK,)
"""Who keeps the calendar and exports. Not who decides."""
READERS = (Role.DISTRICT_OFFICER, Role.PAYROLL_CLERK, Role.ADMINISTRATOR)

RECOGNISERS = (OrganisationKind.DISTRICT, OrganisationKind.STATE_AGENCY, OrganisationKind.PROVIDER)
"""Who gives value: districts, states, universities. A school's pay is its district's."""


async def taking_part(
    session: Session, actor: Actor, organisation_id: str, otherwise: str = NO_ORGANISATION
) -> Organisation:
    """A recogniser, for whoever takes any part in its pay. To everybody else what they asked for does not exist."""
    return await people.organisation_for(session, actor, organisation_id, *READERS, otherwise=otherwise)


async def answering(session: Session, actor: Actor, organisation_id: str, *roles: Role) -> Organisation:
    """A recogniser for which the actor holds one of the roles."""
    where = await taking_part(session, actor, organisation_id)
    require(actor, where.lineage, *roles)
    return where


def check_not_own(act: Act, educator_id: str) -> None:
    if act.actor.person_id == educator_id:
        raise Forbidden("this is about yourself: somebody else must decide it")


async def check_decider(session: Session, act: Act, organisation_id: str, educator_id: str, otherwise: str) -> None:
    """Whether the actor decides for this recogniser on what is about this person."""
    where = await taking_part(session, act.actor, organisation_id, otherwise)
    require(act.actor, where.lineage, *DECIDERS)
    check_not_own(act, educator_id)


def because(reason: str) -> str:
    if not reason.strip():
        fault = Fault("fill this in", "/reason", "missing")
        raise Malformed("say why: the educator, and whoever reads the record later, will ask", faults=(fault,))
    return reason.strip()


async def record(
    session: Session, act: Act, action: str, subject: str, organisation_id: str, *, reason: str = "", **detail: str
) -> None:
    await audit.record(session, act.entry(action, subject, organisation=organisation_id, reason=reason, **detail))
