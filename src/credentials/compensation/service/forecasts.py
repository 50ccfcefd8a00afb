"""What the next school year is likely to cost."""

from datetime import timedelta

from credentials.compensation import store
from credentials.compensation.model.forecasts import Forecast
from credentials.compensation.model.ledger import Account
from credentials.compensation.rules.days import local_day, school_year
from credentials.compensation.rules.forecasts import Known, estimate
from credentials.compensation.rules.versions import version_on
from credentials.compensation.service.office import READERS, answering
from credentials.db import Session
from credentials.people import service as people
from credentials.people.model import Act, Role

LOOKED_BACK = timedelta(days=365)
"""What a forecast takes for a year."""


async def forecast(session: Session, act: Act, organisation_id: str, *, growth_percent: int = 0) -> Forecast:
    """What the next school year is likely to cost, as an estimate with all that it rests on."""
    where = await answering(session, act.actor, organisation_id, *READERS)
    found = await store.rules.rules_of(session, [where.id])
    versions = await store.rules.versions_of(session, [rule.id for rule in found])
    since = act.now - LOOKED_BACK
    grants = await store.sums.grants_since(session, where.id, since)
    base = await store.sums.standing_by_rule(session, where.id, Account.SALARY_BASE)
    carried = await store.sums.standing_by_rule(session, where.id, Account.CARRIED)
    reach = await people.below(session, (where.id,))
    members = await people.holders_within(session, reach, Role.EDUCATOR, act.now)
    known, year = [], act.now.year
    for rule in found:
        today = local_day(rule, act.now)
        latest = version_on(versions[rule.id], today + LOOKED_BACK)
        if latest:
            year = school_year(latest.terms, today) + 1
        count, persons, cents = grants.get(rule.id, (0, 0, 0))
        known.append(
            Known(
                rule=rule,
                version=latest,
                grants=count,
                granted_cents=cents,
                people=persons,
                standing_cents=base.get(rule.id, 0),
                carried_cents=carried.get(rule.id, 0),
            )
        )
    return estimate(where.name, year, len(members), growth_percent, known)
