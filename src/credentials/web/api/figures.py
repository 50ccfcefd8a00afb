"""Growth and equity of an organisation: goals, and counts in which nobody can be found."""

from datetime import date, datetime
from typing import Annotated

from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.db import Session
from credentials.figures import service
from credentials.figures.model import Band, Goal, Measure, YearLine
from credentials.figures.rules import Tables
from credentials.figures.service import Growth
from credentials.people.model import Act, Scope
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.wire import Asked, Wire


class YearShown(Wire):
    """``actual`` is null for a year to come and where it is not shown; ``below`` is how much is missing to the target,
    negative where it is passed; ``goingOn``: the year is not over."""

    year: int
    target: int
    actual: int | None
    below: int | None
    going_on: bool


class GoalShown(Wire):
    """``measure`` says what is counted; years are school years, named by the year in which they begin."""

    id: str
    title: str
    measure: Measure
    baseline_year: int
    baseline: int
    rate_hundredths: int
    source: str
    ended_at: datetime | None
    years: list[YearShown]


class BandShown(Wire):
    """A number that is null is hidden. ``awardsBefore``: those of all years before the first of ``years``."""

    band: Band | None
    educators: int | None
    holders: int | None
    awards_before: int | None
    awards: list[int | None]
    awards_total: int | None


class GrowthShown(Wire):
    """``total`` is the line of all bands. Numbers under ``minimum`` are hidden, and others with them, so that none can be
    worked out."""

    organisation_id: str
    counted_on: date | None
    minimum: int
    years: list[int]
    bands: list[BandShown]
    total: BandShown | None
    goals: list[GoalShown]


class NewGoal(Asked):
    """``rateHundredths`` is the growth of each year in hundredths of a percent: 1000 is ten percent."""

    title: Annotated[str, Meta(min_length=1, max_length=300)]
    measure: Measure
    baseline_year: int
    baseline: int
    rate_hundredths: int
    years: int
    source: Annotated[str, Meta(max_length=2_000)] = ""


class BandAsked(Asked):
    band: Band


def show_goal(goal: Goal, lines: list[YearLine]) -> GoalShown:
    return GoalShown(
        id=goal.id,
        title=goal.title,
        measure=goal.measure,
        baseline_year=goal.baseline_year,
        baseline=goal.baseline,
        rate_hundredths=goal.rate_hundredths,
        source=goal.source,
        ended_at=goal.ended_at,
        years=[
            YearShown(year=one.year, target=one.target, actual=one.actual, below=one.below, going_on=one.going_on)
            for one in lines
        ],
    )


def _bands(tables: Tables) -> tuple[list[BandShown], BandShown]:
    rows = [
        BandShown(
            band=band,
            educators=tables.holders.row_totals[place],
            holders=tables.holders.cells[place][0],
            awards_before=tables.awards.cells[place][0],
            awards=list(tables.awards.cells[place][1:]),
            awards_total=tables.awards.row_totals[place],
        )
        for place, band in enumerate(tables.bands)
    ]
    awards, holders = tables.awards.column_totals or (None,), tables.holders.column_totals or (None,)
    total = BandShown(
        band=None,
        educators=tables.holders.total,
        holders=holders[0],
        awards_before=awards[0],
        awards=list(awards[1:]),
        awards_total=tables.awards.total,
    )
    return rows, total


def show(growth: Growth) -> GrowthShown:
    bands, total = _bands(growth.tables) if growth.tables else ([], None)
    return GrowthShown(
        organisation_id=growth.organisation.id,
        counted_on=growth.counted_on,
        minimum=growth.minimum,
        years=list(growth.tables.years) if growth.tables else [],
        bands=bands,
        total=total,
        goals=[show_goal(goal, lines) for goal, lines in growth.goals],
    )


@get("/organisations/{organisation_id:str}/growth")
async def growth(
    organisation_id: FromPath[str], session: NamedDependency[Session], now: NamedDependency[datetime]
) -> GrowthShown:
    """Goals and figures of an organisation and all below it, as they were counted last, by kind of district. Public."""
    return show(await service.growth_of(session, organisation_id, now.date()))


@post("/organisations/{organisation_id:str}/goals", status_code=201, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def set_goal(
    organisation_id: FromPath[str],
    data: JSONBody[NewGoal],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[GoalShown]:
    """Set a goal of growth: what is counted, the baseline and its year, the rate of each year. It does not change."""

    async def work() -> GoalShown:
        goal = await service.set_goal(
            session,
            act,
            organisation_id=organisation_id,
            title=data.title,
            measure=data.measure,
            baseline_year=data.baseline_year,
            baseline=data.baseline,
            rate_hundredths=data.rate_hundredths,
            years=data.years,
            source=data.source,
        )
        return show_goal(goal, [])

    return await once(session, work)


@post("/growth-goals/{goal_id:str}/end", status_code=200, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def end_goal(goal_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> GoalShown:
    """A goal holds no longer. To change one, end it and set another."""
    return show_goal(await service.end_goal(session, act, goal_id), [])


@put("/organisations/{organisation_id:str}/band", status_code=200, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def set_band(
    organisation_id: FromPath[str],
    data: JSONBody[BandAsked],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> BandAsked:
    """Say what kind of place a district is in. The next count goes by it."""
    await service.set_band(session, act, organisation_id, data.band)
    return data


@post("/organisations/{organisation_id:str}/counts", status_code=202, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def count(organisation_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> None:
    """Have everybody counted and the figures published, in a moment; once in four weeks at most."""
    await service.ask_for_count(session, act, organisation_id)


ROUTES = Router(path="", tags=["figures"], route_handlers=[growth, set_goal, end_goal, set_band, count])
