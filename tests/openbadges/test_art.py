"""A badge without a picture gets one that is handsome, safe, readable, and always the same."""

import io
import unicodedata

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sentences import sentences

from credentials.openbadges.art import (
    MIN_CONTRAST,
    SIZE,
    Circle,
    Face,
    Label,
    Polygon,
    contrast,
    layout,
    palette,
    render_png,
    render_svg,
)

SVG = "{http://www.w3.org/2000/svg}"
FACE = Face(
    id="https://badges.alder.example/1", title="Checking for understanding", issuer="Alder Department of Education"
)

faces = st.builds(
    Face, id=st.text(), title=st.text(), issuer=st.text(), label=st.text(max_size=20), stacked=st.booleans()
)


@given(faces)
@settings(max_examples=60, deadline=None)
def test_whatever_a_badge_is_called_its_svg_is_well_formed_and_says_so(face):
    root = fromstring(render_svg(face))
    title = " ".join(face.title.split())
    if title.isascii() and title.isprintable():
        assert (root.find(f"{SVG}title").text or "") == title
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"


@given(faces)
@settings(max_examples=60, deadline=None)
def test_an_svg_holds_shapes_and_text_and_nothing_that_acts_or_loads(face):
    allowed = {"svg": {"viewBox", "role", "aria-labelledby"}, "title": {"id"}, "desc": {"id"}}
    allowed["text"] = {"x", "y", "font-size", "fill", "text-anchor", "font-family", "font-weight", "aria-hidden"}
    allowed["polygon"] = {"points", "fill", "stroke", "stroke-width"}
    allowed["circle"] = {"cx", "cy", "r", "fill", "stroke", "stroke-width"}
    for element in fromstring(render_svg(face)).iter():
        assert set(element.attrib) <= allowed[element.tag.removeprefix(SVG)]


def test_text_is_text_and_never_markup():
    hostile = Face(id="x", title='</text><script>alert("1")</script>', issuer="<b>&amp;\x00", label='" onload="x')
    drawing = render_svg(hostile)
    assert b"<script" not in drawing
    assert b'onload="' not in drawing
    assert fromstring(drawing).find(f"{SVG}title").text == '</text><script>alert("1")</script>'


@given(faces)
@settings(max_examples=60, deadline=None)
def test_every_text_can_be_read_on_what_it_stands_on(face):
    for shape in layout(face):
        if isinstance(shape, Label):
            assert contrast(shape.colour, shape.ground) >= MIN_CONTRAST


@given(st.binary(min_size=32, max_size=32))
def test_every_palette_can_be_read(seed):
    colours = palette(seed)
    white = (255, 255, 255)
    for ground in (colours.base, colours.deep, colours.soft):
        assert contrast(white, ground) >= MIN_CONTRAST
    assert contrast(colours.deep, colours.ribbon) >= MIN_CONTRAST


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@given(faces)
@settings(max_examples=60, deadline=None)
def test_every_shape_lies_in_the_picture(face):
    for shape in layout(face):
        if isinstance(shape, Polygon):
            assert all(0 <= x <= SIZE and 0 <= y <= SIZE for x, y in shape.points)
        elif isinstance(shape, Circle):
            x, y = shape.centre
            reach = shape.radius + shape.width
            assert reach <= min(x, y, SIZE - x, SIZE - y)
        else:
            assert shape.room / 2 <= shape.x <= SIZE - shape.room / 2
            assert shape.size <= shape.y <= SIZE


def test_the_same_badge_has_the_same_face_and_another_has_another():
    assert render_svg(FACE) == render_svg(FACE)
    assert render_png(FACE) == render_png(FACE)
    others = {render_svg(Face(id=f"urn:x:{number}", title=FACE.title, issuer=FACE.issuer)) for number in range(20)}
    assert len(others) == 20


def test_a_png_is_of_the_stated_size_on_a_transparent_ground_and_names_itself():
    with Image.open(io.BytesIO(render_png(FACE))) as picture:
        assert picture.size == (SIZE, SIZE)
        assert picture.text["Title"] == FACE.title
        painted = picture.convert("RGBA")
    assert painted.getpixel((2, 2))[3] == 0
    assert painted.getpixel((SIZE // 2, SIZE // 2))[3] == 255


def ink(title):
    """How many pixels of the painted picture the title makes light."""
    with Image.open(io.BytesIO(render_png(Face(id="x", title=title, issuer="-", label="-")))) as picture:
        grey = picture.convert("RGBA").crop((100, 260, 500, 400)).convert("L")
    return sum(grey.histogram()[180:])


def test_accents_are_painted_and_letters_that_the_font_lacks_are_left_out():
    assert ink("") == ink("読み書き") == ink("a\u20d7") == 0
    assert 0 < ink("nino") < ink("niño")
    assert ink("Ecole") < ink("École")
    assert ink("aca") < ink("açą")
    assert ink("\u0301a") == ink("a"), "an accent without its letter"


@sentences(
    ("title", "lines"),
    {
        "a word": ("Feedback", ["Feedback"]),
        "a few words": ("Checking for understanding", ["Checking for", "understanding"]),
        "a word that is wider than the picture": ("Mmmmmmmmmmmmmm", ["Mmmmmmmm", "mmmmmm"]),
        "a script without spaces": ("読み書きの評価と学習のための評価", ["読み書きの評価と", "学習のための評価"]),
        "nothing": ("", [""]),
    },
)
def test_a_title_is_set_in_lines(title, lines):
    texts = [shape.text for shape in layout(Face(id="x", title=title, issuer="Alder")) if isinstance(shape, Label)]
    assert texts[2:-1] == lines


def test_a_title_that_is_far_too_long_ends_in_an_ellipsis_and_stays_whole_for_those_who_listen():
    for title in ("Planning and running conferences that students lead " * 9, "x" * 900):
        face = Face(id="x", title=title, issuer="Alder")
        labels = [shape.text for shape in layout(face) if isinstance(shape, Label)]
        assert labels[-2].endswith("…")
        assert fromstring(render_svg(face)).find(f"{SVG}title").text == title.strip()


@given(st.text(max_size=40))
def test_no_line_is_wider_than_its_room(text):
    for shape in layout(Face(id="x", title=text, issuer=text, label=text)):
        if isinstance(shape, Label):
            narrow = sum(0.3 for character in shape.text if not unicodedata.combining(character))
            assert narrow * shape.size <= shape.room


def test_a_line_that_the_fonts_letters_make_too_wide_is_painted_smaller():
    with Image.open(io.BytesIO(render_png(Face(id="x", title="&" * 13, issuer="-", label="-")))) as picture:
        grey = picture.convert("RGBA").crop((0, 260, 600, 400)).convert("L")
    left, _, right, _ = grey.point(lambda value: 255 * (value > 200)).crop((90, 0, 510, 140)).getbbox()
    assert left + 90 >= (SIZE - 404) / 2  # the room, and the strokes that make the letters bold
    assert right + 90 <= (SIZE + 404) / 2


@sentences(
    ("issuer", "initials"),
    {
        "of the words with capitals": ("Alder Department of Education", "ADE"),
        "of all words where none has one": ("open practice", "OP"),
        "of no more than three": ("Very Long Name of a School District", "VLN"),
        "of one word": ("Northfield", "N"),
        "of nothing": ("—", ""),
    },
)
def test_an_issuer_is_known_by_its_initials(issuer, initials):
    emblem = next(shape for shape in layout(Face(id="x", title="T", issuer=issuer)) if isinstance(shape, Label))
    assert emblem.text == initials
