"""The list of a district's educators as its personnel system writes it, and what taking it does. Pure."""

from collections.abc import Collection, Iterable, Mapping

from credentials.errors import Fault, Malformed
from credentials.people.model import Listed, RosterEntry, RosterLine, RosterPlan, RosterRefused
from credentials.people.rules import check_name, normal_address
from credentials.spreadsheets import neutral, one_line, read_table, restored

MAX_OCTETS = 1 << 20
MAX_LINES = 5_000
"""Every new line is a mail. A larger district sends its schools one after the other."""
MAX_NUMBER = 64
"""Characters of a number that the district gives."""

COLUMNS = ("district_id", "educator_id", "email", "first_name", "last_name")
REQUIRED = ("email", "first_name", "last_name")
EXPORTED = (*COLUMNS, "standing", "listed_at")


def read_roster(octets: bytes) -> tuple[RosterLine, ...]:
    """The lines of a CSV file in UTF-8 with a row of column names: ``email``, ``first_name``, ``last_name``, and perhaps
    ``educator_id`` and ``district_id``; also what ``row_of`` wrote.
    What looks like a formula is text here, and is made harmless where it is written out.

    Raises ``RosterRefused`` with a fault for every cell at fault: it is all taken or none of it.
    """
    lines = read_table(
        octets,
        columns=EXPORTED,
        required=REQUIRED,
        max_octets=MAX_OCTETS,
        max_lines=MAX_LINES,
        line_of=_line_of,
        refused=RosterRefused,
    )
    faults = tuple(_twice(lines))
    if faults:
        raise RosterRefused(f"nothing was taken: {len(faults)} lines say what another one says", faults=faults[:100])
    return tuple(line for _, line in lines)


def _line_of(cell: Mapping[str, str]) -> RosterLine:
    faults: list[Fault] = []
    said: dict[str, str] = {}
    for column in COLUMNS:
        text = restored(cell.get(column, ""))
        try:
            if column == "email":
                said["address"] = normal_address(text)
            elif column in REQUIRED:
                said[column] = check_name(one_line(text))
            elif len(text) > MAX_NUMBER or not text.isprintable():
                raise Malformed(f"a number is one line of at most {MAX_NUMBER} characters")
            else:
                said[column] = text
        except Malformed as failure:
            faults.append(Fault(failure.detail, column, "csv-invalid"))
    if faults:
        raise RosterRefused(faults[0].detail, faults=tuple(faults))
    return RosterLine(**said)


def _twice(lines: Iterable[tuple[int, RosterLine]]) -> Iterable[Fault]:
    seen: dict[tuple[str, str], int] = {}
    for number, line in lines:
        for column, value, shown in (
            ("email", line.address, line.address),
            ("educator_id", line.educator_id and f"{line.district_id}\n{line.educator_id}", line.educator_id),
        ):
            before = seen.setdefault((column, value), number) if value else number
            if before != number:
                said = f"{shown} stands in line {before} already: keep the line that holds"
                yield Fault(said, f"line {number}: {column}", "csv-invalid")


def plan(
    lines: Iterable[RosterLine],
    known: Mapping[str, RosterLine],
    here: Collection[str],
    invited: Collection[str],
) -> RosterPlan:
    """``known``: what was listed before, by address. ``here`` and ``invited``: addresses of those who are educators there, and
    of those whose invitation is open."""
    lines = tuple(lines)
    new = [line for line in lines if line.address not in known]
    return RosterPlan(
        invite=tuple(line for line in lines if line.address not in here and line.address not in invited),
        invited=tuple(line for line in lines if line.address not in here and line.address in invited),
        here=tuple(line for line in lines if line.address in here),
        new=len(new),
        changed=sum(1 for line in lines if line.address in known and known[line.address] != line),
    )


def row_of(entry: RosterEntry, standing: Listed) -> tuple[str, ...]:
    """An entry as cells that no spreadsheet takes for anything but text, in the order of ``EXPORTED``."""
    cells = (entry.district_id, entry.educator_id, entry.address, entry.first_name, entry.last_name)
    return (*map(neutral, cells), standing.value, entry.listed_at.isoformat())
