"""Growth and equity: goals, and published counts of who holds what, in which nobody can be found."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.db import Database, Session
from credentials.errors import NotFound
from credentials.figures import store
from credentials.figures.model import Band, BandCount, Counted, FiguresRefused, Goal, Measure, YearLine
from credentials.figures.rules import (
    YEARS_SHOWN,
    Tables,
    actuals_of,
    add_up,
    check_apart,
    check_goal,
    lines,
    tables_of,
    year_of,
)
from credentials.figures.store import bands_of
from credentials.figures.suppression import MINIMUM
from credentials.ids import Ids, new_id
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Actor, Organisation, OrganisationKind, Role

__all__ = [
    "COUNT_ORDER",
    "Growth",
    "answers_for",
    "ask_for_count",
    "bands_of",
    "end_goal",
    "growth_of",
    "publish",
    "set_band",
    "set_goal",
]

COUNT_ORDER = "figures.count"
BATCH = 200
"""Educators that are counted together: a handful of queries for all of them."""


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """What the public sees. ``tables`` is absent until something was published."""

    organisation: Organisation
    counted_on: date | None
    tables: Tables | None
    goals: list[tuple[Goal, list[YearLine]]]
    minimum: int


async def answers_for(session: Session, actor: Actor, organisation_id: str) -> Organisation:
    """An organisation whose figures the actor publishes; to others it looks like none."""
    return await people.organisation_for(session, actor, organisation_id, Role.ADMINISTRATOR)


async def set_goal(
    session: Session,
    act: Act,
    *,
    organisation_id: str,
    title: str,
    measure: Measure,
    baseline_year: int,
    baseline: int,
    rate_hundredths: int,
    years: int,
    source: str = "",
) -> Goal:
    """Set a goal. It does not change; one that was wrong is ended, and another one set."""
    where = await answers_for(session, act.actor, organisation_id)
    goal = Goal(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        title=title.strip(),
        measure=measure,
        baseline_year=baseline_year,
        baseline=baseline,
        rate_hundredths=rate_hundredths,
        years=years,
        source=source.strip(),
        created_by=act.actor.person_id,
        created_at=act.now,
    )
    check_goal(goal)
    await store.add_goal(session, goal)
    await audit.record(session, act.entry("goal.set", f"goal:{goal.id}", organisation=where.id))
    return goal


async def end_goal(session: Session, act: Act, goal_id: str) -> Goal:
    """A goal holds no longer. Twice is once."""
    found = await store.goal(session, goal_id)
    try:
        where = await answers_for(session, act.actor, found.organisation_id)
    except NotFound:
        raise NotFound("there is no such goal") from None
    if await store.end_goal(session, goal_id, act.now):
        await audit.record(session, act.entry("goal.ended", f"goal:{goal_id}", organisation=where.id))
    return await store.goal(session, goal_id)


async def set_band(session: Session, act: Act, district_id: str, band: Band) -> None:
    """Say what kind of place a district is in. The next count goes by it."""
    where = await answers_for(session, act.actor, district_id)
    if where.kind is not OrganisationKind.DISTRICT:
        raise FiguresRefused("only districts are of a kind of place")
    await store.put_band(session, where.id, band)
    await audit.record(
        session, act.entry("district.band_set", f"organisation:{where.id}", organisation=where.id, band=band.value)
    )


async def ask_for_count(session: Session, act: Act, organisation_id: str) -> None:
    """Have everybody counted and the figures published, in a moment. Raises ``TooSoon``.

    Only of a whole tree: what a part publishes would give away, beside the whole, what is hidden of another part.
    """
    where = await answers_for(session, act.actor, organisation_id)
    if len(where.lineage) > 1:
        raise FiguresRefused("figures are published by the organisation that stands above all, for all below it")
    published = await store.counts_of(session, where.id)
    check_apart(published[-1] if published else None, act.now.date())
    key = f"{where.id}:{act.now.date()}"
    await outbox.place(session, act.ids, act.now, COUNT_ORDER, key, organisation=where.id, person=act.actor.person_id)
    await audit.record(session, act.entry("figures.asked_for", f"organisation:{where.id}", organisation=where.id))


async def publish(database: Database, ids: Ids, now: datetime, organisation_id: str, person_id: str) -> bool:
    """Count everybody, a batch in a transaction of its own, and publish. Answers whether it was not done already today."""
    counted: tuple[BandCount, ...] = ()
    after, first_year = "", year_of(now.date()) - YEARS_SHOWN + 1
    while True:
        async with database.read() as session:
            educators = await people.educators_in(session, organisation_id, now, after=after, limit=BATCH)
            counted = add_up(counted, await _count(session, educators, now, first_year))
        if len(educators) < BATCH:
            break
        after = educators[-1]
    made = Counted(
        id=new_id(ids, now),
        organisation_id=organisation_id,
        counted_on=now.date(),
        first_year=first_year,
        bands=counted,
        published_by=person_id,
    )
    async with database.write() as session:
        return await store.add_count(session, made)


async def _count(session: Session, educators: Sequence[str], now: datetime, first_year: int) -> tuple[BandCount, ...]:
    districts = await people.district_of_each(session, educators, now)
    bands = await bands_of(session, set(districts.values()))
    held = await awards.of_educators(session, educators)
    return add_up(
        (),
        (_one(bands.get(districts.get(one, ""), Band.NONE), held.get(one, ()), now, first_year) for one in educators),
    )


def _one(band: Band, held: Sequence[Award], now: datetime, first_year: int) -> BandCount:
    """One educator. Awards that were revoked were never right, and count in no year."""
    kept = [
        award
        for award in held
        if award.kind is AwardKind.MICRO_CREDENTIAL
        and award.state is not AwardState.REVOKED
        and award.awarded_at <= now
    ]
    years = Counter(max(year_of(award.awarded_at.date()) - first_year + 1, 0) for award in kept)
    return BandCount(
        band=band,
        educators=1,
        holders=int(any(award.is_current(now) for award in kept)),
        awards=tuple(years[place] for place in range(YEARS_SHOWN + 1)),
    )


async def growth_of(session: Session, organisation_id: str, today: date, *, minimum: int = MINIMUM) -> Growth:
    """Goals and figures of an organisation, as anybody may see them."""
    where = await people.organisation(session, organisation_id)
    counts = await store.counts_of(session, where.id)
    goals = await store.goals_of(session, where.id)
    this_year = year_of(today)
    return Growth(
        organisation=where,
        counted_on=counts[-1].counted_on if counts else None,
        tables=tables_of(counts[-1], minimum) if counts else None,
        goals=[(goal, lines(goal, actuals_of(goal.measure, counts, minimum), this_year)) for goal in goals],
        minimum=minimum,
    )
