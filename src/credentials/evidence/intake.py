"""What an uploaded file really is, and whether it is kept.

Believed is neither the name nor the declared type but the bytes. Refused is what is not on the list of types, what does not
match its own name, and what could act when it is opened: scripts in a PDF, macros, archives that unpack to far more than
they are. A picture is written anew, so that nothing but its pixels is kept: no place, no camera, no hidden tail.
"""

import asyncio
import re
import zipfile
import zlib
from pathlib import Path

import filetype
from defusedxml import DefusedXmlException, ElementTree

from credentials.apart import Apart, BrokeOff
from credentials.evidence.model import FileRefused
from credentials.evidence.pdf import check_pdf

EXTENSIONS: dict[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain",
    "md": "text/plain",
    "csv": "text/csv",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
}

_ACTIVE_IN_SVG = re.compile(rb"<script|on\w+\s*=|javascript:|data:|href", re.IGNORECASE)
_SNIFFED = {"audio/x-wav": "audio/wav", "video/x-m4v": "video/mp4"}
_SAME_CONTAINER = ({"audio/mp4", "video/mp4", "video/quicktime"},)
"""Types that one container format holds and that the first bytes do not always tell apart."""

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_PROGRAM = Path(__file__).with_name("pixels.py")
MEMORY = 1 << 30
"""Octets of address space in which a picture of 50 megapixels is turned and written anew."""
MAX_UNPACKED = 200 << 20
MAX_MEMBERS = 5_000
"""Of an office document: far above what real ones have."""
MAX_DRAWING = 8 << 20
MAX_RELATIONSHIPS = 1 << 20
"""Bytes of a part that says what belongs to what in an office document."""


async def examine(apart: Apart, path: Path, name: str) -> tuple[str, bytes | None]:
    """The media type of the file at ``path`` that its owner calls ``name``, and, for a picture, its clean bytes.

    Raises ``FileRefused``, and ``TooBusy`` where too many pictures wait to be written anew.
    """
    media_type = await asyncio.to_thread(_examined, path, name)
    if media_type in _FORMATS:
        return media_type, await _clean_image(apart, path, _FORMATS[media_type])
    return media_type, None


def _examined(path: Path, name: str) -> str:
    """The media type. Reads the whole file."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    declared = EXTENSIONS.get(suffix)
    with path.open("rb") as file:
        head = file.read(8192)
    if declared is None:
        if suffix == "svg" and _is_active_svg(path):
            raise FileRefused(
                "svg-active-content", "drawings with scripts or links are not taken: hand in a PNG or a PDF"
            )
        raise FileRefused(
            "unsupported-media-type", f"files ending in .{suffix or '(nothing)'} are not taken: {_taken()}"
        )
    found = _sniff(path, head, declared)
    if found != declared and not any({found, declared} <= group for group in _SAME_CONTAINER):
        raise FileRefused(
            "media-type-mismatch", f"the file is not the .{suffix} that its name says: hand in the real one"
        )
    if declared == "application/pdf":
        check_pdf(path)
    return declared


def _is_active_svg(path: Path) -> bool:
    with path.open("rb") as file:
        return _ACTIVE_IN_SVG.search(file.read(MAX_DRAWING)) is not None


def _taken() -> str:
    return "hand in one of " + ", ".join(sorted(EXTENSIONS))


def _sniff(path: Path, head: bytes, declared: str) -> str:
    if head.startswith(b"PK\x03\x04"):
        return _office_type(path)
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if declared in {"text/plain", "text/csv"} and _is_text(path):
        return declared  # asked first: a text may begin with «BM» or «MZ» and is no picture or program for that
    kind = filetype.guess(head)
    return "application/octet-stream" if kind is None else _SNIFFED.get(str(kind.mime), str(kind.mime))


def _is_text(path: Path) -> bool:
    """UTF-8 without control characters other than line ends and tabs, looked at to its end."""
    with path.open("r", encoding="utf-8", newline="") as file:
        try:
            while block := file.read(1 << 20):
                if re.search("[\x00-\x08\x0b\x0e-\x1f\x7f]", block):
                    return False
        except UnicodeDecodeError:
            return False
    return True


def _office_type(path: Path) -> str:
    """Which office document a ZIP is; refuses bombs, macros, programs, parts that climb, and bytes around the archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(members)
            _check_ends(archive, members, path.stat().st_size)
            if archive.testzip() is not None:
                raise _damaged()
            for member in members:
                if member.filename.endswith(".rels"):
                    _check_relationships(archive, member)
            names = {member.filename for member in members}
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        UnicodeError,
        ElementTree.ParseError,
        DefusedXmlException,
    ) as error:
        raise _damaged() from error
    for part, media_type in (
        ("word/document.xml", EXTENSIONS["docx"]),
        ("ppt/presentation.xml", EXTENSIONS["pptx"]),
        ("xl/workbook.xml", EXTENSIONS["xlsx"]),
    ):
        if part in names:
            return media_type
    return "application/zip"


def _damaged() -> FileRefused:
    return FileRefused("archive-invalid", "the document is damaged: save it again and hand that in")


_PROGRAMS = (".bin", ".exe", ".dll", ".js", ".vbs")


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise FileRefused("archive-bomb", "the document unpacks to far more than it is: save it again and hand that in")
    names = [member.filename for member in members]
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names):
        raise FileRefused("archive-invalid", "the document has parts outside itself: save it again and hand that in")
    for name in names:
        # How the sheet was printed last, which Excel keeps with every sheet, is the one harmless part of that kind.
        if name.lower().endswith(_PROGRAMS) and not re.fullmatch(r"xl/printerSettings/printerSettings\d+\.bin", name):
            raise FileRefused("active-content", "the document has macros or embedded programs: save it without them")
    packed = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    if len(set(names)) != len(names) or any(member.compress_type not in packed for member in members):
        raise _damaged()


def _check_ends(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], size: int) -> None:
    """The file is the archive and nothing else: something before or behind it would be another file in disguise."""
    directory = sum(46 + len(m.orig_filename.encode()) + len(m.extra) + len(m.comment) for m in members)
    starts = min((member.header_offset for member in members), default=0)
    if starts or archive.comment or archive.start_dir + directory + 22 != size:
        raise FileRefused(
            "archive-invalid", "the document does not end where it should: save it again and hand that in"
        )


_CARRIES_CODE = ("/attachedTemplate", "/oleObject", "/frame", "/subDocument")
_REMOTE = re.compile(r"(?:https?|ftp|smb):|[\\/]{2}|file:[\\/]{2}[^\\/]", re.IGNORECASE)


def _check_relationships(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """A document made on a template of one's own machine names it, and that is harmless; one that fetches it is not."""
    if member.file_size > MAX_RELATIONSHIPS:
        raise _damaged()
    for related in ElementTree.fromstring(archive.read(member)).iter():
        external = related.get("TargetMode", "").lower() == "external"
        if external and related.get("Type", "").endswith(_CARRIES_CODE) and _REMOTE.match(related.get("Target", "")):
            raise FileRefused(
                "active-content", "the document fetches parts from elsewhere when it is opened: save it without them"
            )


async def _clean_image(apart: Apart, path: Path, format_name: str) -> bytes:
    """The picture's pixels, upright, written anew in the same format: done apart, in a process that may be killed."""
    octets = await asyncio.to_thread(path.read_bytes)
    try:
        answer = await apart(_PROGRAM, octets, format_name, memory=MEMORY)
    except BrokeOff:
        answer = b"image-malformed"
    if answer.startswith(b"="):
        return answer[1:]
    if answer == b"image-too-large":
        raise FileRefused("image-too-large", "the picture has more than 50 megapixels: hand in a smaller one")
    raise FileRefused("image-malformed", "the picture is damaged: save it again and hand that in")
