"""Lists of educators as they come in and go out: what API, pages and command line do alike."""

from credentials.people import roster, service
from credentials.people.model import Act, RosterPlan
from credentials.spreadsheets import write_rows
from credentials.web.parts import Parts


async def take(parts: Parts, act: Act, organisation_id: str, octets: bytes, *, preview: bool) -> RosterPlan:
    """Take a list, or with ``preview`` say what taking it would do. Raises ``RosterRefused`` with every fault."""
    async with parts.database.read() as session:
        await service.plan_roster(session, act, organisation_id, ())  # who may not is told so before anything is read
    lines = roster.read_roster(octets)
    if preview:
        async with parts.database.read() as session:
            return await service.plan_roster(session, act, organisation_id, lines)
    async with parts.database.write() as session:
        return await service.take_roster(session, act, organisation_id, lines)


async def export(parts: Parts, act: Act, organisation_id: str) -> bytes:
    """The whole list as CSV, page after page of it."""
    rows: list[tuple[str, ...]] = [roster.EXPORTED]
    after = ""
    while True:
        async with parts.database.read() as session:
            found = await service.roster_of(session, act, organisation_id, after=after, limit=roster.MAX_LINES)
        rows += [roster.row_of(entry, standing) for entry, standing in found]
        if len(found) < roster.MAX_LINES:
            return write_rows(rows)
        after = found[-1][0].id
