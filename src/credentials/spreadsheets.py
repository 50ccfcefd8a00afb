"""Tables as offices hand them around: CSV read with every fault at its cell, and cells that no spreadsheet carries out. Pure.

RFC 4180, and what spreadsheets make of it: a byte order mark is passed over, lines end in LF or CRLF.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from credentials.errors import Fault, Malformed

MAX_FAULTS = 100
"""That are told of one file: nobody mends more at a time."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV injection), and its full-width look-alikes."""

T = TypeVar("T")


def neutral(text: str) -> str:
    """Text that no spreadsheet carries out: what could begin a formula has an apostrophe before it, line ends are spaces."""
    plain = one_line(text) if any(character.isspace() and character != " " for character in text) else text
    return f"'{plain}" if text.startswith(_FORMULA) or plain.lstrip().startswith(_FORMULA) else plain


def restored(cell: str) -> str:
    """A cell as it was before ``neutral``, so that a table of ours can be read again."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(_FORMULA) else cell


def write_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV (RFC 4180) in UTF-8 with a byte order mark, without which spreadsheets take letters beyond ASCII for others."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def one_line(text: str) -> str:
    """The words with one space between them."""
    return " ".join(text.split())


def read_table(
    octets: bytes,
    *,
    columns: Collection[str],
    required: Collection[str],
    max_octets: int,
    max_lines: int,
    line_of: Callable[[dict[str, str]], T],
    refused: type[Malformed],
) -> tuple[tuple[int, T], ...]:
    """What ``line_of`` makes of every line under the row of column names, each with the number of the line on which it
    ends; cells are trimmed, empty lines passed over.

    All is read or nothing: raises ``refused`` with a fault for each cell at which ``line_of`` raised it.
    """
    rows = csv.reader(io.StringIO(_text_of(octets, max_octets, refused), newline="\n"), strict=True)
    faults: list[Fault] = []
    lines: list[tuple[int, T]] = []
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        _check_header(header, columns, required, refused)
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(lines) + len(faults) >= max_lines:
                raise refused(f"a file has at most {max_lines:,} lines: part it")
            try:
                if len(cells) > len(header):
                    raise refused("there are more cells than columns", faults=(_SURPLUS,))
                cell = dict(zip(header, (text.strip() for text in cells), strict=False))
                lines.append((rows.line_num, line_of(cell)))
            except refused as failure:
                place = f"line {rows.line_num}"
                faults += [Fault(one.detail, f"{place}: {one.pointer}", one.code) for one in failure.faults]
    except csv.Error as error:
        raise refused(f"line {rows.line_num} cannot be read as CSV: {error}") from error
    if faults:
        raise refused(f"nothing was taken: {len(faults)} cells need mending", faults=tuple(faults[:MAX_FAULTS]))
    if not lines:
        raise refused("the file has no line below its column names")
    return tuple(lines)


_SURPLUS = Fault("there are more cells than columns", "", "invalid")


def _text_of(octets: bytes, max_octets: int, refused: type[Malformed]) -> str:
    if len(octets) > max_octets:
        raise refused(f"a file has at most {max_octets >> 20} MiB: part it")
    try:
        text = octets.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise refused("the file is not UTF-8: save it as “CSV UTF-8”") from None
    if "\r" in text and "\n" not in text:
        raise refused("the lines of the file end in an old way (CR alone): save it as “CSV UTF-8”")
    return text.replace("\r", " ")


def _check_header(
    header: list[str], columns: Collection[str], required: Collection[str], refused: type[Malformed]
) -> None:
    missing = [name for name in required if name not in header]
    unknown = [name for name in header if name not in columns]
    if missing or unknown or len(set(header)) != len(header):
        said = (
            f"missing: {', '.join(missing)}" if missing else f"not known or given twice: {', '.join(unknown or header)}"
        )
        raise refused(f"the first line names the columns, out of {', '.join(columns)} ({said[:500]})")
