"""What may act in a PDF.

Names are read as a viewer reads them: escaped ones too (ISO 32000-1, 7.3.5), and those that are packed in object streams
(7.5.7). What is in any other stream (pages, fonts, pictures) is no object to a viewer; long names are looked for even there,
because the tables of a hostile file can point into a stream. Short names stand in every large picture by chance.
"""

import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from credentials.evidence.model import FileRefused

MAX_SCANNED = 64 << 20
"""How much of what is packed is looked through. Objects are small; pages and pictures, which are large, are not unpacked."""
MAX_ESCAPES = 200_000
"""Characters of names in an escaped form. A real file has a few hundred; a picture has what looks like them by chance."""
LONGEST_NAME = 20
"""Characters of a name that we look for, and some more."""

_REGULAR = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%#]"
_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"
_LONG = rb"JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToR|OpenAction"
_ACTIVE = re.compile(rb"/(?:" + _LONG + rb"|JS|AA)" + _END)
_ACTIVE_IN_STREAMS = re.compile(rb"/(?:" + _LONG + rb")" + _END)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME = re.compile(rb"/(?:" + _REGULAR + rb"|#[0-9A-Fa-f]{2}){1,%d}" % LONGEST_NAME)
_STREAM = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\n|\r)")
_LOCKED = re.compile(rb"/Encrypt" + _END)
_HOLDS_OBJECTS = re.compile(rb"/ObjStm" + _END)
_FIRST = re.compile(rb"/First(?![A-Za-z])")
_COUNT = re.compile(rb"/N(?![A-Za-z])")
_PACKED = re.compile(rb"/Filter" + _END)


def check_pdf(path: Path) -> None:
    """Refuses what runs, opens or calls when a page is shown, and what cannot be looked into. Raises ``FileRefused``."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        budget, at = MAX_SCANNED, 0
        while at < len(content):
            stream = _STREAM.search(content, at)
            begins = stream.end() if stream else len(content)
            found = content.find(b"endstream", begins)
            ends = found if found >= 0 else len(content)

            objects = _Part(content, at, begins)
            objects.check(_ACTIVE)
            if objects.says(_LOCKED):
                raise FileRefused("unscannable", "the PDF is locked with a password: save it without and hand that in")
            # A viewer finds an object stream by its number, whatever its type: these two members it must have.
            if objects.says(_HOLDS_OBJECTS) or (objects.says(_FIRST) and objects.says(_COUNT)):
                block = _unpacked(objects, ends, budget)
                _Part(block, 0, len(block)).check(_ACTIVE)
                budget -= len(block)
            _Part(content, begins, ends).check(_ACTIVE_IN_STREAMS)
            at = ends


class _Part:
    """A part of a file, with the names that are written in it in an escaped form."""

    def __init__(self, block: bytes | mmap.mmap, start: int, end: int) -> None:
        self.block = block
        self.start = start
        self.end = end
        self._hidden = b" ".join(_escaped_names(block, start, end))

    def says(self, name: re.Pattern[bytes]) -> bool:
        return (name.search(self.block, self.start, self.end) or name.search(self._hidden)) is not None

    def check(self, active: re.Pattern[bytes]) -> None:
        for found in active.finditer(self.block, self.start, self.end):
            if not _is_harmless(found[0], self.block[found.start() : found.start() + 80]):
                raise _refusal(found[0])
        if hidden := active.search(self._hidden):
            raise _refusal(hidden[0])


def _escaped_names(block: bytes | mmap.mmap, start: int, end: int) -> Iterator[bytes]:
    """As they are read."""
    for count, escape in enumerate(_ESCAPE.finditer(block, start, end)):
        if count > MAX_ESCAPES:
            raise _unscannable()
        slash = block.rfind(b"/", max(start, escape.start() - 3 * LONGEST_NAME), escape.start())
        name = _NAME.match(block, slash, end) if slash >= 0 else None
        if name is not None and name.end() > escape.start():
            yield _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), name[0])
            start = name.end()


def _refusal(name: bytes) -> FileRefused:
    return FileRefused(
        "active-content", f"the PDF has active content ({name.decode()}): print it to a new PDF and hand that in"
    )


def _is_harmless(name: bytes, block: bytes) -> bool:
    """An opening action that only goes to a page, as word processors write it, does nothing."""
    return name == b"/OpenAction" and bool(re.match(rb"/OpenAction\s*(?:\[|<<\s*/S\s*/GoTo\b)", block))


def _unpacked(objects: _Part, ends: int, budget: int) -> bytes:
    """What is packed between ``objects``, which say how, and ``ends``."""
    inflater = zlib.decompressobj()
    with memoryview(objects.block) as whole, whole[objects.end : ends] as packed:
        try:
            block = inflater.decompress(packed, budget + 1)
        except zlib.error:
            if objects.says(_HOLDS_OBJECTS) and objects.says(_PACKED):
                raise _unscannable() from None
            return b""  # a picture that stands behind something with the same members, or nothing packed at all
    if len(block) > budget:
        raise FileRefused(
            "archive-bomb", "the PDF unpacks to far more than it is: print it to a new PDF and hand that in"
        )
    if not inflater.eof:
        raise _unscannable()
    return block


def _unscannable() -> FileRefused:
    return FileRefused("unscannable", "the PDF is packed in a rare way: print it to a new PDF and hand that in")
