"""What an uploaded file really is, and whether it is kept.

Believed is neither the name nor the declared type but the bytes. Refused is what is not on the list of types, what does not
match its own name, and what could act when it is opened: scripts in a PDF, macros, archives that unpack to far more than
they are. A picture is written anew, so that nothing but its pixels is kept: no place, no camera, no hidden tail.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import filetype
from PIL import Image, ImageOps, UnidentifiedImageError

from credentials.evidence.model import FileRefused

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
MAX_PIXELS = 50_000_000
"""What a 50 megapixel camera makes; decoded it takes 200 MB."""
MAX_UNPACKED = 200 << 20
MAX_MEMBERS = 5_000
"""Of an office document: far above what real ones have."""
MAX_SCANNED = 64 << 20
"""How much unpacked PDF is looked through for active content."""


def examine(path: Path, name: str) -> tuple[str, bytes | None]:
    """The media type of the file at ``path`` that its owner calls ``name``, and, for a picture, its clean bytes.

    Raises ``FileRefused``. Reads the whole file: call it off the event loop.
    """
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    declared = EXTENSIONS.get(suffix)
    with path.open("rb") as file:
        head = file.read(8192)
    if declared is None:
        if suffix == "svg" and _ACTIVE_IN_SVG.search(path.read_bytes()[:MAX_SCANNED]):
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
    if declared in _FORMATS:
        return declared, _clean_image(path, _FORMATS[declared])
    if declared == "application/pdf":
        _check_pdf(path)
    return declared, None


def _taken() -> str:
    return "hand in one of " + ", ".join(sorted(EXTENSIONS))


def _sniff(path: Path, head: bytes, declared: str) -> str:
    if head.startswith(b"PK\x03\x04"):
        return _office_type(path)
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    kind = filetype.guess(head)
    if kind is not None:
        return _SNIFFED.get(str(kind.mime), str(kind.mime))
    if declared in {"text/plain", "text/csv"} and _is_text(path):
        return declared
    return "application/octet-stream"


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
    """Which office document a ZIP is; refuses bombs, macros, paths that climb, and bytes behind the archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
                raise FileRefused(
                    "archive-bomb", "the document unpacks to far more than it is: save it again and hand that in"
                )
            names = {member.filename for member in members}
            if any(name.startswith(("/", "\\")) or ".." in name.split("/") for name in names):
                raise FileRefused(
                    "archive-invalid", "the document has parts outside itself: save it again and hand that in"
                )
            if any(name.lower().endswith(("vbaproject.bin", ".bin", ".exe", ".js")) for name in names):
                raise FileRefused(
                    "active-content", "the document has macros or embedded programs: save it without them"
                )
            end = archive.start_dir + sum(
                46 + len(m.orig_filename.encode()) + len(m.extra) + len(m.comment) for m in members
            )
            if end + 22 + len(archive.comment) != path.stat().st_size or archive.comment:
                raise FileRefused(
                    "archive-invalid", "the document does not end where it should: save it again and hand that in"
                )
            if archive.testzip() is not None:
                raise FileRefused("archive-invalid", "the document is damaged: save it again and hand that in")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise FileRefused("archive-invalid", "the document is damaged: save it again and hand that in") from error
    for part, media_type in (
        ("word/document.xml", EXTENSIONS["docx"]),
        ("ppt/presentation.xml", EXTENSIONS["pptx"]),
        ("xl/workbook.xml", EXTENSIONS["xlsx"]),
    ):
        if part in names:
            return media_type
    return "application/zip"


_ACTIVE_IN_PDF = re.compile(
    rb"/(?:J(?:ava)?S(?:cript)?|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToR|OpenAction|AA)(?![A-Za-z0-9])"
)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_NAME_ESCAPE = re.compile(rb"#([0-9a-fA-F]{2})")


def _check_pdf(path: Path) -> None:
    """Refuses what runs, opens or calls when the page is shown. Names are read as a viewer reads them, packed ones too."""
    for block in _pdf_blocks(path.read_bytes()):
        plain = _NAME_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), block)
        found = _ACTIVE_IN_PDF.search(plain)
        if found and not _is_harmless(found[0], plain, found.start()):
            what = found[0].decode()
            raise FileRefused(
                "active-content", f"the PDF has active content ({what}): print it to a new PDF and hand that in"
            )


def _is_harmless(name: bytes, block: bytes, at: int) -> bool:
    """An opening action that only goes to a page, as word processors write it, does nothing."""
    return name == b"/OpenAction" and bool(re.match(rb"/OpenAction\s*(?:\[|<<\s*/S\s*/GoTo\b)", block[at : at + 80]))


def _pdf_blocks(content: bytes) -> Iterator[bytes]:
    yield content
    budget = MAX_SCANNED
    for match in _STREAM.finditer(content):
        inflater = zlib.decompressobj()
        try:
            block = inflater.decompress(match[1], budget)
        except zlib.error:
            continue  # an image or a font: not packed by Flate, nothing that a viewer would read as objects
        budget -= len(block)
        if budget <= 0:
            raise FileRefused(
                "archive-bomb", "the PDF unpacks to far more than it is: print it to a new PDF and hand that in"
            )
        yield block


def _clean_image(path: Path, format_name: str) -> bytes:
    """The picture's pixels, upright, written anew in the same format."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=[format_name]) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise FileRefused(
                        "image-too-large", "the picture has more than 50 megapixels: hand in a smaller one"
                    )
                return _written_anew(image, format_name)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRefused(
            "image-too-large", "the picture has more than 50 megapixels: hand in a smaller one"
        ) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise FileRefused("image-malformed", "the picture is damaged: save it again and hand that in") from error


def _written_anew(image: Image.Image, format_name: str) -> bytes:
    out = io.BytesIO()
    turned = image.getexif().get(0x0112, 1) != 1
    if format_name == "JPEG" and not turned and image.mode in {"L", "RGB", "CMYK"}:
        image.save(out, "JPEG", quality="keep", exif=b"", icc_profile=None, comment=b"")
        return out.getvalue()
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "P":
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    plain = Image.new(upright.mode, upright.size)
    plain.paste(upright)
    if format_name == "JPEG":
        plain.save(out, "JPEG", quality=92)
    elif format_name == "WEBP":
        plain.save(out, "WEBP", quality=92, exif=b"")
    else:
        plain.save(out, "PNG")
    return out.getvalue()
