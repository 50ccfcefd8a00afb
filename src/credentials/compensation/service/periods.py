"""The calendar of pay periods."""

from collections.abc import Sequence
from datetime import date

from credentials.compensation import store
from credentials.compensation.model.failures import CalendarRefused
from credentials.compensation.model.runs import PayPeriod
from credentials.compensation.rules.calendar import check_calendar
from credentials.compensation.rules.days import year_words
from credentials.compensation.service.office import CLERKS, DECIDERS, READERS, answering, record, taking_part
from credentials.db import Session
from credentials.errors import Conflict, Fault
from credentials.ids import new_id
from credentials.people.model import Act, Organisation, Role
from credentials.people.rules import require


async def set_calendar(
    session: Session, act: Act, *, organisation_id: str, year: int, periods: Sequence[tuple[date, date, date]]
) -> list[PayPeriod]:
    """The pay periods of a school year: first day, last day, pay day of each. Once set they stay."""
    where = await answering(session, act.actor, organisation_id, *CLERKS, *DECIDERS)
    check_calendar(year, periods)
    await store.ledger.hold_book(session, where.id)
    for other in await store.periods.periods_of(session, where.id):
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
    if not await store.periods.add_periods(session, made):
        raise Conflict(f"the school year {year_words(year)} has its calendar already")
    await record(session, act, "pay.calendar-set", f"organisation:{where.id}", where.id, year=str(year))
    return made


async def periods_of(session: Session, act: Act, organisation_id: str) -> list[PayPeriod]:
    await answering(session, act.actor, organisation_id, *READERS)
    return await store.periods.periods_of(session, organisation_id)


async def period_for(session: Session, act: Act, period_id: str, *roles: Role) -> tuple[PayPeriod, Organisation]:
    found = await store.periods.period(session, period_id)
    where = await taking_part(session, act.actor, found.organisation_id, "there is no such pay period")
    require(act.actor, where.lineage, *roles)
    return found, where
