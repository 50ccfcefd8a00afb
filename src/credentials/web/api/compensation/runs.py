"""The calendar of pay periods, pay runs and their files."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.compensation.model.runs import Export, PayPeriod, PayRun
from credentials.compensation.service import periods, runs
from credentials.db import Session
from credentials.errors import NotFound
from credentials.people.model import Act
from credentials.web.api.compensation.asked import READ, WRITE
from credentials.web.once import Once
from credentials.web.openapi import MEDIA_TYPES_KEY
from credentials.web.wire import Asked, Wire

CSV = "text/csv"
JSON = "application/json"
MEDIA_TYPES = {"csv": CSV, "json": JSON}


class PeriodGiven(Asked):
    starts_on: date
    ends_on: date
    pays_on: date


class NewCalendar(Asked):
    """A school year, named by the calendar year in which it begins, in periods without a gap."""

    year: Annotated[int, Meta(ge=1990, le=2200)]
    periods: Annotated[list[PeriodGiven], Meta(min_length=1, max_length=60)]


class PeriodShown(Wire):
    id: str
    organisation_id: str
    label: str
    year: int
    number: int
    of: int
    starts_on: date
    ends_on: date
    pays_on: date
    exported_at: datetime | None


class ExportShown(Wire):
    """The digests are SHA-256 of the files, which never change."""

    period_id: str
    csv_digest: str
    json_digest: str
    total_cents: int
    line_count: int
    exported_at: datetime


def show_period(period: PayPeriod) -> PeriodShown:
    return msgspec.convert(period, PeriodShown, from_attributes=True)


def show_export(export: Export) -> ExportShown:
    return msgspec.convert(export, ExportShown, from_attributes=True)


@post("/organisations/{organisation_id:str}/pay-periods", status_code=201, opt=WRITE)
async def set_calendar(
    organisation_id: FromPath[str],
    data: JSONBody[NewCalendar],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[list[PeriodShown]]:
    """Set the pay periods of a school year."""

    async def work() -> list[PeriodShown]:
        made = await periods.set_calendar(
            session,
            act,
            organisation_id=organisation_id,
            year=data.year,
            periods=[(one.starts_on, one.ends_on, one.pays_on) for one in data.periods],
        )
        return [show_period(one) for one in made]

    return await once(session, work)


@get("/organisations/{organisation_id:str}/pay-periods", opt=READ)
async def list_periods(
    organisation_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[PeriodShown]:
    """The pay periods, newest school year first, at most 200."""
    return [show_period(one) for one in await periods.periods_of(session, act, organisation_id)]


@get("/pay-periods/{period_id:str}/run", opt=READ)
async def get_run(period_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> PayRun:
    """A period's payments: as they were exported, or as they would be now."""
    _, run, _ = await runs.run_of(session, act, period_id)
    return run


@post("/pay-periods/{period_id:str}/export", status_code=200, opt=WRITE)
async def export_run(
    period_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ExportShown:
    """Pay a period and keep its files. Doing it again pays nothing, and answers the same files."""
    return show_export(await runs.export_run(session, act, period_id))


@get(
    "/pay-periods/{period_id:str}/export/{form:str}",
    opt={**READ, MEDIA_TYPES_KEY: list(MEDIA_TYPES.values())},
    media_type=CSV,
)
async def get_export(
    period_id: FromPath[str],
    form: FromPath[Literal["csv", "json"]],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[bytes]:
    """The file of an exported period, byte for byte as it was exported."""
    period, _, export = await runs.run_of(session, act, period_id)
    if export is None:
        raise NotFound("this period is not exported yet")
    return file_of(period, export, form)


def file_of(period: PayPeriod, export: Export, form: Literal["csv", "json"]) -> Response[bytes]:
    body, digest = (export.csv, export.csv_digest) if form == "csv" else (export.json, export.json_digest)
    name = f"pay-run-{period.label.replace('/', '-')}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'"{digest}"',
        "Cache-Control": "no-store",
    }
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


HANDLERS = [set_calendar, list_periods, get_run, export_run, get_export]
