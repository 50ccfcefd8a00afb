"""A PDF that could act when it is opened is refused, however it hides that; ordinary ones are taken."""

import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sentences import sentences

from credentials.evidence import pdf
from credentials.evidence.model import FileRefused


def a_pdf(*objects: bytes) -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF\n"


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"


def a_stream(content: bytes, members: bytes = b"", *, packed: bool = True) -> bytes:
    content = zlib.compress(content) if packed else content
    return (
        b"<< /Length %d %s %s >>\nstream\n" % (len(content), b"/Filter /FlateDecode" if packed else b"", members)
        + content
        + b"\nendstream"
    )


def an_object_stream(content: bytes, kind: bytes = b"/Type /ObjStm") -> bytes:
    return a_stream(content, kind + b" /N 1 /First 4")


def code_of(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "page.pdf"
    path.write_bytes(content)
    try:
        pdf.check_pdf(path)
    except FileRefused as refused:
        return refused.code if refused.detail else "refused without a word"
    return ""


@sentences(
    "content",
    {
        "a page": a_pdf(CATALOG, b"<< /Type /Pages /Kids [] >>"),
        "a link": a_pdf(CATALOG, b"<< /Type /Annot /A << /S /URI /URI (https://a.example) >> >>"),
        "one that opens at its third page": a_pdf(b"<< /Type /Catalog /OpenAction [3 0 R /Fit] >>"),
        "one that goes to a page": a_pdf(b"<< /Type /Catalog /OpenAction << /S /GoTo /D [3 0 R] >> >>"),
        "words about scripts": a_pdf(CATALOG, b"(JavaScript and Launch are words)"),
        "a name that only begins like one": a_pdf(CATALOG, b"<< /JavaScriptFree true /AAA 1 /JSX 2 >>"),
        "packed pages": a_pdf(CATALOG, a_stream(b"BT (Hello) Tj ET")),
        "packed objects that do nothing": a_pdf(CATALOG, an_object_stream(b"5 0 << /Type /Page >>")),
        "a picture with any bytes in it": a_pdf(CATALOG, a_stream(b"/JS /AA #4a #53 /x", packed=False)),
    },
)
def test_a_pdf_that_does_nothing_is_taken(tmp_path: Path, content: bytes) -> None:
    assert code_of(tmp_path, content) == ""


ACTIONS = {
    "a script": b"<< /S /JavaScript /JS (app.alert(1)) >>",
    "a script under its short name": b"<< /JS (app.alert(1)) >>",
    "a program": b"<< /S /Launch /F (cmd.exe) >>",
    "an embedded file": b"<< /Type /Filespec /EF << >> /EmbeddedFiles 3 0 R >>",
    "a film with scripts": b"<< /Subtype /RichMedia >>",
    "a form that runs": b"<< /XFA 3 0 R >>",
    "a form that is sent": b"<< /S /SubmitForm >>",
    "another document": b"<< /S /GoToR /F (other.pdf) >>",
    "data from elsewhere": b"<< /S /ImportData >>",
    "an action at opening": b"<< /OpenAction 5 0 R >>",
    "further actions": b"<< /AA << /O 5 0 R >> >>",
}


def escaped(name: bytes, every: int = 1) -> bytes:
    """A name as ISO 32000-1, 7.3.5, lets it be written: characters as # and two digits."""
    return b"".join(
        b"#%02X" % character if place % every == 0 else bytes([character]) for place, character in enumerate(name)
    )


WAYS = {
    "plainly": lambda action: action,
    "with every character escaped": lambda action: _with_names(action, lambda name: escaped(name)),
    "with every other character escaped": lambda action: _with_names(action, lambda name: escaped(name, 2)),
    "with the last character escaped in small letters": lambda action: _with_names(
        action, lambda name: name[:-1] + b"#%02x" % name[-1]
    ),
}


def _with_names(action: bytes, written: object) -> bytes:
    import re

    return re.sub(rb"/([A-Za-z]+)", lambda found: b"/" + written(found[1]), action)  # type: ignore[operator]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", ["in the open", "in packed objects", "in objects packed without saying so"])
def test_whatever_acts_is_found_however_it_is_written_and_packed(tmp_path: Path, place: str, way: str) -> None:
    for what, action in ACTIONS.items():
        hidden = WAYS[way](action)
        match place:
            case "in the open":
                content = a_pdf(CATALOG, hidden)
            case "in packed objects":
                content = a_pdf(CATALOG, an_object_stream(b"5 0 " + hidden))
            case _:
                content = a_pdf(CATALOG, an_object_stream(b"5 0 " + hidden, kind=b"/Type /Obj#53tm"))
        assert code_of(tmp_path, content) == "active-content", (what, content)


@sentences(
    ("content", "code"),
    {
        "a locked one": (a_pdf(CATALOG) + b"trailer << /Encrypt 9 0 R >>", "unscannable"),
        "a locked one, escaped": (a_pdf(CATALOG) + b"trailer << /Encr#79pt 9 0 R >>", "unscannable"),
        "objects packed in a way we do not read": (
            a_pdf(CATALOG, b"<< /Type /ObjStm /N 1 /First 4 /Filter /LZWDecode >>\nstream\nxyz\nendstream"),
            "unscannable",
        ),
        "packed objects that break off": (
            a_pdf(
                CATALOG,
                b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n"
                + zlib.compress(b"5 0 << /Type /Page >>" * 40)[:-8]
                + b"\nendstream",
            ),
            "unscannable",
        ),
    },
)
def test_what_cannot_be_looked_into_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert code_of(tmp_path, content) == code


def test_packed_objects_that_are_a_bomb_are_not_unpacked(tmp_path: Path) -> None:
    assert code_of(tmp_path, a_pdf(CATALOG, an_object_stream(b"5 0 " + bytes(200_000)))) == ""
    assert code_of(tmp_path, a_pdf(CATALOG, an_object_stream(bytes(pdf.MAX_SCANNED + 1)))) == "archive-bomb"


def test_a_flood_of_escaped_names_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    assert code_of(tmp_path, a_pdf(CATALOG, b"/#41" * (pdf.MAX_ESCAPES + 2))) == "unscannable"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.binary(max_size=60))
def test_any_bytes_are_taken_or_refused_and_nothing_else(tmp_path: Path, before: bytes, after: bytes) -> None:
    content = b"%PDF-" + before + b" stream\n" + after + b"endstream /" + before
    assert code_of(tmp_path, content) in {"", "active-content", "unscannable", "archive-bomb"}
