"""Many credentials in one file, split into items: an archive, a list of links, lines of JSON. Pure: nothing is looked up.

An item is what one verification is of. One that cannot be had says why and harms no other; a file that cannot be split at all
is refused. Names are labels for people: nothing is ever written where a name says.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

import msgspec

from credentials.errors import Fault, Malformed, Refused
from credentials.jsonld.reader import MAX_BYTES, read_json
from credentials.openbadges.baking import MAX_IMAGE

MAX_ITEMS = 10_000
"""A district's whole staff, and what one batch takes."""

MAX_ARCHIVE = 64 << 20
"""Octets of an archive as it is sent: 10,000 badges of 5 KB pack to a third of it."""

MAX_UNPACKED = 128 << 20
"""Octets of all that is in it, together; they are held in memory. 10,000 badges of 5 KB are 50 MB."""

MAX_ENTRY = MAX_IMAGE
"""Octets of one entry: the largest picture that is read."""

MAX_RATIO = 200
"""Octets that one packed octet may become. JSON packs to a tenth, a page of equal rows to a fiftieth; bombs are at 1,000."""

MAX_LABEL = 300
"""Characters of a label."""

_SPACE = " \t\r\n"
_BYTE_ORDER_MARK = "\ufeff"
_LINK_COLUMNS = ("url", "link", "address", "credential", "badge", "assertion", "href")
_NAME_COLUMNS = ("name", "label", "recipient", "id")
_DELIMITERS = ",;\t"
_LITTER = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\.DS_Store|Thumbs\.db|desktop\.ini)", re.IGNORECASE)
"""What operating systems leave in an archive beside the files that a person put there."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to verify: its ``octets``, or the ``link`` to it, or the ``fault`` why there is neither. ``label`` says which
    one it is to whoever sent the file: the entry's name, the line, the row."""

    label: str
    octets: bytes = b""
    link: str = ""
    fault: Fault | None = None


def items_of_zip(octets: bytes) -> tuple[Item, ...]:
    """The files of an archive, in its order; what operating systems add of their own is left out.

    Raises ``Refused`` with ``payload-too-large``, ``archive-invalid`` (damaged, empty, entries that climb out or are there
    twice) or ``archive-bomb`` (too many entries, too much in them, or packed too tightly to be honest).
    """
    if len(octets) > MAX_ARCHIVE:
        raise Refused("payload-too-large", f"An archive has at most {MAX_ARCHIVE >> 20} MiB: send it in parts.")
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_entries(entries)
            room = MAX_UNPACKED
            items: list[Item] = []
            for entry in entries:
                if _LITTER.fullmatch(entry.filename):
                    continue
                items.append(_item_of_entry(archive, entry))
                room -= len(items[-1].octets)
                if room < 0:
                    raise _bomb(f"all of it together is over {MAX_UNPACKED >> 20} MiB")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, UnicodeError, ValueError, OSError) as error:
        raise Refused("archive-invalid", "This is no archive that can be read: pack the files again.") from error
    if not items:
        raise Refused("archive-invalid", "There are no files in this archive.")
    return tuple(items)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    """What the directory of the archive says, before anything is unpacked."""
    if len(entries) > MAX_ITEMS:
        raise _bomb(f"it has more than {MAX_ITEMS} entries")
    names = [entry.filename for entry in entries]
    for name in names:
        steps = re.split(r"[/\\]", name)
        if not steps[0] or ".." in steps or re.match(r"[A-Za-z]:", name) or re.search(r"[\x00-\x1f\x7f]", name):
            raise Refused("archive-invalid", "An entry of the archive would lie outside of it: pack the files again.")
    if len(set(names)) != len(names):
        raise Refused("archive-invalid", "Two entries of the archive have one name: pack the files again.")
    for entry in entries:
        if entry.file_size > MAX_ENTRY and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise _bomb("an entry unfolds to far more than it is")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _bomb(f"all of it together is over {MAX_UNPACKED >> 20} MiB")


def _item_of_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Item:
    """What the directory says of an entry is a claim: read is up to the caps, and what comes is counted."""
    label = entry.filename[:MAX_LABEL]
    if entry.flag_bits & 0x1:
        return _faulty(label, "archive-invalid", "The entry is locked with a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return _faulty(label, "archive-invalid", "The entry is packed by a method that is not read here.")
    try:
        with archive.open(entry) as file:
            octets = file.read(MAX_ENTRY + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError):
        return _faulty(label, "archive-invalid", "The entry is damaged.")
    if len(octets) > MAX_BYTES and len(octets) > MAX_RATIO * max(entry.compress_size, 1):
        raise _bomb("an entry unfolds to far more than it is")
    if len(octets) > MAX_ENTRY:
        return _faulty(label, "payload-too-large", f"The entry is over {MAX_ENTRY >> 20} MiB.")
    return Item(label=label, octets=octets)


def links_of_csv(octets: bytes) -> tuple[Item, ...]:
    """The links of a table in UTF-8, one for each row that is not empty.

    The column is the one headed ``url`` or ``link`` (``address``, ``credential``, ``badge``, ``assertion``, ``href``), or the
    first one where the first row is a link already. A column headed ``name`` (``label``, ``recipient``, ``id``) labels the
    rows. Columns end in a comma, a semicolon or a tab. Raises ``Refused`` with ``csv-invalid`` or ``payload-too-large``.
    """
    if len(octets) > MAX_IMAGE:
        raise Refused("payload-too-large", f"A table of links has at most {MAX_IMAGE >> 20} MiB: send it in parts.")
    lines = [(number, cells) for number, cells in _table(octets) if any(cells)]
    if not lines:
        raise _not_a_table("it is empty")
    heads = [cell.casefold() for cell in lines[0][1]]
    column, label_column = _column(heads, _LINK_COLUMNS), _column(heads, _NAME_COLUMNS)
    if column is not None:
        lines = lines[1:]
    elif lines[0][1][0].startswith("https://"):
        column, label_column = 0, None
    else:
        raise _not_a_table("no column is headed url or link")
    if len(lines) > MAX_ITEMS:
        raise _not_a_table(f"it has more than {MAX_ITEMS} rows: send it in parts")
    if not lines:
        raise _not_a_table("there is no row under its heading")
    return tuple(_item_of_row(number, cells, column, label_column) for number, cells in lines)


def _table(octets: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_a_table("it is not text in UTF-8") from None
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)", text):
        raise _not_a_table("it has characters that a table has not, or lines that end in an old way")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip(_SPACE) for cell in cells]
    except csv.Error as error:
        raise _not_a_table(f"line {reader.line_num}: {error}") from None


def _column(heads: list[str], names: tuple[str, ...]) -> int | None:
    return next((heads.index(name) for name in names if name in heads), None)


def _item_of_row(number: int, cells: list[str], column: int, label_column: int | None) -> Item:
    label = f"row {number}"
    if label_column is not None and label_column != column and label_column < len(cells) and cells[label_column]:
        label = f"{label}: {cells[label_column]}"[:MAX_LABEL]
    link = cells[column] if column < len(cells) else ""
    if not link:
        return _faulty(label, "csv-invalid", "There is no link in this row.")
    return Item(label=label, link=link)


def items_of_json_lines(octets: bytes) -> tuple[Item, ...]:
    """The lines that are not empty, each a credential as it is (a JSON object, a compact JWS), or a JSON string that holds a
    link or a compact JWS. Raises ``Refused`` with ``payload-too-large`` or ``PARSING_ERROR``."""
    if len(octets) > MAX_UNPACKED:
        raise Refused("payload-too-large", f"A file of lines has at most {MAX_UNPACKED >> 20} MiB: send it in parts.")
    lines = [(number, line.strip(b" \t\r")) for number, line in enumerate(octets.split(b"\n"), start=1)]
    lines = [(number, line) for number, line in lines if line]
    if not lines:
        raise Refused("PARSING_ERROR", "There is no line in this file.")
    if len(lines) > MAX_ITEMS:
        raise Refused("payload-too-large", f"A file of lines has at most {MAX_ITEMS}: send it in parts.")
    return tuple(_item_of_line(f"line {number}", line) for number, line in lines)


def _item_of_line(label: str, line: bytes) -> Item:
    if not line.startswith(b'"'):
        return Item(label=label, octets=line)
    try:
        text = str(read_json(line)).strip(_SPACE)
    except Malformed as error:
        return Item(label=label, fault=error.faults[0] if error.faults else Fault(error.detail))
    return Item(label=label, link=text) if "://" in text else Item(label=label, octets=text.encode())


def _faulty(label: str, code: str, detail: str) -> Item:
    return Item(label=label, fault=Fault(detail, code=code))


def _bomb(why: str) -> Refused:
    return Refused("archive-bomb", f"This archive is not unpacked: {why}. Send it in parts.")


def _not_a_table(why: str) -> Refused:
    return Refused("csv-invalid", f"This is no table of links: {why}.")
