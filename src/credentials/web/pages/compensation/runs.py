"""The calendar of pay periods, and pay runs."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.compensation.service import periods, runs
from credentials.compensation.service.office import taking_part
from credentials.errors import Malformed, NotFound
from credentials.people.model import Act
from credentials.web.api.compensation.runs import file_of
from credentials.web.pages.compensation.office import may, names_of, show_overview
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page


def months_of(begins: date) -> Sequence[tuple[date, date, date]]:
    """Twelve months from a day, each paid on its last day."""
    starts = [
        date(begins.year + (begins.month - 1 + month) // 12, (begins.month - 1 + month) % 12 + 1, 1)
        for month in range(13)
    ]
    ends = [following - timedelta(days=1) for following in starts[1:]]
    return [(start, end, end) for start, end in zip(starts, ends, strict=False)]


@post("/organisations/{organisation_id:str}/pay/periods")
async def set_calendar(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Twelve monthly pay periods of a school year. Other calendars are set through the API."""
    try:
        year, month = form.number("year"), form.number("month")
        if not (1990 <= year <= 2200 and 1 <= month <= 12):
            raise Malformed("choose the year and the first month again")
        async with page.parts.database.write() as session:
            await periods.set_calendar(
                session, act, organisation_id=organisation_id, year=year, periods=months_of(date(year, month, 1))
            )
    except MENDABLE as failure:
        return await show_overview(page, act, organisation_id, form.back("calendar", failure))
    return page.go(f"/organisations/{organisation_id}/pay", "pay-calendar-set")


@get("/organisations/{organisation_id:str}/pay/periods/{period_id:str}")
async def run(
    organisation_id: FromPath[str], period_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template:
    """A pay run: its lines and total, as exported or as it would be."""
    return await _run(page, act, organisation_id, period_id)


async def _run(page: Page, act: Act, organisation_id: str, period_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        period, found, export = await runs.run_of(session, act, period_id)
        if period.organisation_id != where.id:
            raise NotFound("there is no such pay period")
        names = await names_of(session, {export.exported_by}) if export else {}
    return page.show(
        "compensation/run.html",
        filled=filled,
        organisation=where,
        period=period,
        run=found,
        export=export,
        names=names,
        may_export=export is None and may(act, where)["export"],
    )


@post("/organisations/{organisation_id:str}/pay/periods/{period_id:str}")
async def export_run(
    organisation_id: FromPath[str],
    period_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Pay a period."""
    try:
        async with page.parts.database.write() as session:
            await runs.export_run(session, act, period_id)
    except MENDABLE as failure:
        return await _run(page, act, organisation_id, period_id, form.back("export", failure))
    return page.go(f"/organisations/{organisation_id}/pay/periods/{period_id}", "pay-exported")


@get("/organisations/{organisation_id:str}/pay/periods/{period_id:str}/{kind:str}", media_type="text/csv")
async def download(
    organisation_id: FromPath[str],
    period_id: FromPath[str],
    kind: FromPath[Literal["csv", "json"]],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
) -> Response[bytes]:
    """The file of an exported run."""
    async with page.parts.database.read() as session:
        await taking_part(session, act.actor, organisation_id)
        period, _, export = await runs.run_of(session, act, period_id)
    if export is None or period.organisation_id != organisation_id:
        raise NotFound("this period is not exported yet")
    return file_of(period, export, kind)


HANDLERS = [set_calendar, run, export_run, download]
