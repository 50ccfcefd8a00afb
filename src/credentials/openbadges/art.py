"""A badge's picture, drawn from what the badge says, for when nobody has uploaded one.

One design, laid out once as a list of shapes, and written as SVG or painted as PNG. The colours and the ornament come from a
hash of the achievement's id, so that a badge keeps its face. Every text stands on its ground with a contrast of at least 7 to 1
(WCAG 2.2, 1.4.6). The SVG has no script and refers to nothing outside itself.
"""

import colorsys
import hashlib
import io
import math
import re
import unicodedata
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

SIZE = 600
"""Units of the drawing, and pixels of the PNG, each way."""

MIN_CONTRAST = 7.0

_OVERSAMPLING = 2  # the PNG is painted larger and then reduced, which smooths its edges
_CENTRE = SIZE / 2
_WHITE = (255, 255, 255)

Colour = tuple[int, int, int]
Point = tuple[float, float]


class Face(Struct, frozen=True, kw_only=True):
    """What the picture shows: ``label`` is the kind of badge in words. A ``stacked`` badge is drawn as a pile of several."""

    id: str
    title: str
    issuer: str
    label: str = "Micro-credential"
    stacked: bool = False


class Polygon(NamedTuple):
    """A closed shape, filled or outlined or both; ``width`` is the outline's."""

    points: tuple[Point, ...]
    fill: Colour | None = None
    line: Colour | None = None
    width: float = 0


class Circle(NamedTuple):
    centre: Point
    radius: float
    fill: Colour | None = None
    line: Colour | None = None
    width: float = 0


class Label(NamedTuple):
    """One line of text, centred on ``x`` and standing on ``y``, no wider than ``room``."""

    text: str
    x: float
    y: float
    size: float
    room: float
    colour: Colour
    ground: Colour
    """What it stands on; not drawn, but the contrast is measured against it."""


Shape = Polygon | Circle | Label


class Palette(NamedTuple):
    deep: Colour
    base: Colour
    soft: Colour
    ribbon: Colour
    fold: Colour


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palette(seed: bytes) -> Palette:
    """Five colours that go together. White can be read on ``deep``, ``base`` and ``soft``, and ``deep`` on ``ribbon``."""
    hue = int.from_bytes(seed[:2]) / 65536
    warm = (hue + 0.09 + 0.07 * (seed[2] / 255)) % 1
    base = _readable(hue, 0.55, 0.34, _WHITE, -0.01)
    deep = _darker(base, 0.62)
    ribbon = _readable(warm, 0.85, 0.78, deep, 0.01)
    return Palette(deep, base, _darker(base, 0.84), ribbon, _darker(ribbon, 0.72))


def layout(face: Face) -> tuple[Shape, ...]:
    """The picture as shapes, from the back to the front."""
    seed = hashlib.sha256(face.id.encode("utf-8", "replace")).digest()
    colours = palette(seed)
    middle, radius = (308.0, 254.0) if face.stacked else (300.0, 264.0)
    return (
        *_medal(colours, middle, radius, stacked=face.stacked),
        *_ornament(seed, colours, middle),
        Polygon(_hexagon(middle, radius - 14), line=colours.ribbon, width=3),
        *_emblem(face.issuer, colours, middle - 157),
        *_kind(face.label, colours),
        *_title(face.title, colours),
        *_ribbon(face.issuer, colours),
    )


def render_svg(face: Face) -> bytes:
    """The picture as SVG in UTF-8, with a title and a description for those who cannot see it."""
    title, issuer, label = (escape(_clean(text)) for text in (face.title, face.issuer, face.label))
    shapes = "\n".join(_svg(shape) for shape in layout(face))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{title}</title>\n'
        f'<desc id="desc">{label} awarded by {issuer}: {title}</desc>\n'
        f"{shapes}\n</svg>\n"
    ).encode()


def render_png(face: Face) -> bytes:
    """The picture as PNG of ``SIZE`` by ``SIZE`` pixels, on a transparent ground."""
    scale = _OVERSAMPLING
    image = Image.new("RGBA", (SIZE * scale, SIZE * scale), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for shape in layout(face):
        _paint(draw, shape, scale)
    about = PngInfo()
    about.add_itxt("Title", _clean(face.title))
    output = io.BytesIO()
    smooth = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    # Five colours and their edges go into a palette, for readers on a weak network.
    smooth.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(output, "PNG", pnginfo=about)
    return output.getvalue()


def _luminance(colour: Colour) -> float:
    parts = (channel / 255 for channel in colour)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _readable(hue: float, saturation: float, lightness: float, text: Colour, step: float) -> Colour:
    """The colour nearest to what is asked for on which ``text`` can be read, going lighter or darker by ``step``."""
    while True:
        red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = round(red * 255), round(green * 255), round(blue * 255)
        if contrast(colour, text) >= MIN_CONTRAST:
            return colour
        lightness += step


def _darker(colour: Colour, factor: float) -> Colour:
    red, green, blue = (round(channel * factor) for channel in colour)
    return red, green, blue


def _hexagon(y: float, radius: float, corner: float = 26) -> tuple[Point, ...]:
    """A hexagon that stands on its point, with rounded corners."""
    points = []
    for side in range(6):
        angle = math.radians(60 * side - 90)
        # The centre of the circle that touches both sides of this corner.
        inner = radius - corner / math.cos(math.radians(30))
        x0, y0 = _CENTRE + inner * math.cos(angle), y + inner * math.sin(angle)
        for degrees in range(-30, 31, 6):
            turned = angle + math.radians(degrees)
            points.append((x0 + corner * math.cos(turned), y0 + corner * math.sin(turned)))
    return tuple(points)


def _medal(colours: Palette, middle: float, radius: float, *, stacked: bool) -> Iterator[Shape]:
    if stacked:
        yield Polygon(_hexagon(middle - 42, radius + 2), fill=colours.fold)
        yield Polygon(_hexagon(middle - 22, radius + 8), fill=colours.ribbon)
    yield Polygon(_hexagon(middle, radius + 15), fill=colours.deep)
    yield Polygon(_hexagon(middle, radius), fill=colours.base)


def _ornament(seed: bytes, colours: Palette, y: float) -> Iterator[Shape]:
    """A faint pattern behind the text: rays, rings or petals, as the hash has it."""
    motif, count = seed[3] % 3, 10 + seed[4] % 7
    if motif == 0:
        for ray in range(count):
            start, half = 2 * math.pi * ray / count, math.pi / count / 2
            outer = [(start - half, 205.0), (start + half, 205.0)]
            yield Polygon(
                (
                    (_CENTRE, y),
                    *((_CENTRE + r * math.sin(angle), y - r * math.cos(angle)) for angle, r in outer),
                ),
                fill=colours.soft,
            )
    elif motif == 1:
        for ring in range(5):
            yield Circle((_CENTRE, y), 205 - 38 * ring, line=colours.soft, width=12)
    else:
        for petal in range(count):
            angle = 2 * math.pi * petal / count
            centre = (_CENTRE + 103 * math.sin(angle), y - 103 * math.cos(angle))
            yield Circle(centre, 102, line=colours.soft, width=5)


def _emblem(issuer: str, colours: Palette, y: float) -> Iterator[Shape]:
    yield Circle((_CENTRE, y), 56, fill=colours.ribbon)
    yield Circle((_CENTRE, y), 48, fill=_WHITE)
    initials = _initials(issuer)
    size = min(38, 80 / max(1, _width(initials, 1)))
    yield Label(initials, _CENTRE, y + size * 0.36, size, 84, colours.deep, _WHITE)


def _kind(label: str, colours: Palette) -> Iterator[Shape]:
    size, lines = _set(_clean(label).upper(), ((19, 1), (15, 1)), 300)
    yield Label(lines[0], _CENTRE, 236, size, 310, _WHITE, colours.base)


def _title(title: str, colours: Palette) -> Iterator[Shape]:
    size, lines = _set(_clean(title), ((50, 2), (46, 3), (40, 3), (34, 4), (29, 5), (25, 6)), 384)
    top = 330 - len(lines) * size * 1.18 / 2
    for number, line in enumerate(lines):
        yield Label(line, _CENTRE, top + size * (1.18 * number + 0.92), size, 396, _WHITE, colours.base)


def _ribbon(issuer: str, colours: Palette) -> Iterator[Shape]:
    top, bottom, drop = 430.0, 488.0, 18.0
    for side in (-1, 1):
        inner, outer, notch = (_CENTRE + side * x for x in (196, 282, 262))
        middle = (top + bottom) / 2 + drop
        yield Polygon(
            ((inner, top + drop), (outer, top + drop), (notch, middle), (outer, bottom + drop), (inner, bottom + drop)),
            fill=colours.fold,
        )
        yield Polygon(((inner, bottom), (_CENTRE + side * 232, bottom), (inner, bottom + drop)), fill=colours.deep)
    yield Polygon(((68, top), (532, top), (532, bottom), (68, bottom)), fill=colours.ribbon)
    size, lines = _set(_clean(issuer), ((30, 1), (27, 1), (24, 1), (21, 1), (18, 1)), 432)
    yield Label(lines[0], _CENTRE, (top + bottom) / 2 + size * 0.36, size, 440, colours.deep, colours.ribbon)


_SPACES = re.compile(r"[\s\x00-\x20\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


def _clean(text: str) -> str:
    """``text`` on one line, without what XML cannot hold."""
    return _SPACES.sub(" ", text).strip()


def _initials(name: str) -> str:
    """Up to three capitals: of the words that begin with one, or else of all words."""
    words = [word for word in re.findall(r"\w+", _clean(name)) if word]
    capitals = [word for word in words if word[0].isupper() or word[0].isdigit()] or words
    return "".join(word[0] for word in capitals[:3]).upper()


def _em(character: str) -> float:
    """About how wide a character is in the fonts of browsers, on the generous side, in parts of its size."""
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in " .,:;'’|!iljtfr()[]I-":
        return 0.36
    if character in "mwMW@%":
        return 0.92
    return 0.72 if character.isupper() else 0.59


def _width(text: str, size: float) -> float:
    return size * sum(map(_em, text))


def _set(text: str, steps: tuple[tuple[float, int], ...], room: float) -> tuple[float, list[str]]:
    """``text`` in lines no wider than ``room``, at the first of ``steps`` (a size, and how many lines there may be) at which it
    goes in. At the last one, what is over ends in an ellipsis."""
    size, most = steps[-1]
    for larger, few in steps:
        lines = _wrap(text, larger, room)
        if len(lines) <= few:
            return larger, lines
    lines = _wrap(text, size, room)
    last = lines[most - 1]
    while _width(last + "…", size) > room:
        last = last[:-1]
    return size, [*lines[: most - 1], last.rstrip() + "…"]


def _wrap(text: str, size: float, room: float) -> list[str]:
    """Lines filled word by word. A word that is wider than a line, as in scripts without spaces, goes on in the next."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and _width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if _width(lines[-1] + character, size) > room:
                lines.append("")
            lines[-1] += character
    return lines


def _svg(shape: Shape) -> str:
    if isinstance(shape, Label):
        return (
            f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" font-size="{_n(shape.size)}" fill="{_hex(shape.colour)}" '
            f'text-anchor="middle" font-family="Helvetica Neue, Arial, Liberation Sans, sans-serif" font-weight="600" '
            f'aria-hidden="true">{escape(shape.text)}</text>'
        )
    style = f'fill="{_hex(shape.fill) if shape.fill else "none"}"'
    if shape.line:
        style += f' stroke="{_hex(shape.line)}" stroke-width="{_n(shape.width)}"'
    if isinstance(shape, Circle):
        x, y = shape.centre
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(shape.radius)}" {style}/>'
    return f'<polygon points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)}" {style}/>'


def _n(number: float) -> str:
    """Two decimals at most, and the same on every machine."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _paint(draw: ImageDraw.ImageDraw, shape: Shape, scale: int) -> None:
    if isinstance(shape, Label):
        _write(draw, shape, scale)
        return
    width = round(shape.width * scale)
    if isinstance(shape, Circle):
        (x, y), radius = shape.centre, shape.radius + shape.width / 2
        box = [(x - radius) * scale, (y - radius) * scale, (x + radius) * scale, (y + radius) * scale]
        draw.ellipse(box, fill=shape.fill, outline=shape.line, width=width)
        return
    points = [(x * scale, y * scale) for x, y in shape.points]
    if shape.fill:
        draw.polygon(points, fill=shape.fill)
    if shape.line:
        draw.line([*points, *points[:2]], fill=shape.line, width=width, joint="curve")


# The font that comes with Pillow has the letters of English only. An accent is drawn over its letter, as strokes in parts of
# the font's size from the middle of the letter's top (or foot), and a few letters are spelled with others.
_ACCENTS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "\u0300": (((-0.14, -0.20), (0.05, -0.08)),),
    "\u0301": (((0.14, -0.20), (-0.05, -0.08)),),
    "\u0302": (((-0.14, -0.08), (0.0, -0.20), (0.14, -0.08)),),
    "\u0303": (((-0.17, -0.09), (-0.10, -0.15), (-0.03, -0.14), (0.04, -0.10), (0.10, -0.09), (0.17, -0.15)),),
    "\u0304": (((-0.15, -0.13), (0.15, -0.13)),),
    "\u0306": (((-0.14, -0.19), (-0.08, -0.11), (0.08, -0.11), (0.14, -0.19)),),
    "\u0307": (((-0.03, -0.13), (0.03, -0.13)),),
    "\u0308": (((-0.14, -0.13), (-0.08, -0.13)), ((0.08, -0.13), (0.14, -0.13))),
    "\u030a": (((0.0, -0.08), (0.07, -0.14), (0.0, -0.20), (-0.07, -0.14), (0.0, -0.08)),),
    "\u030b": (((-0.02, -0.20), (-0.13, -0.08)), ((0.17, -0.20), (0.06, -0.08))),
    "\u030c": (((-0.14, -0.20), (0.0, -0.08), (0.14, -0.20)),),
    "\u0327": (((0.0, 0.0), (0.05, 0.08), (0.0, 0.16), (-0.08, 0.17)),),
    "\u0328": (((0.06, 0.0), (0.0, 0.10), (0.06, 0.17), (0.13, 0.15)),),
}
_BELOW = "\u0327\u0328"
_SPELLED = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"ı": "i", "–": "-", "—": "-", "ʻ": "‘", "ʼ": "’", "‑": "-", "\u00a0": " "}
)


def _write(draw: ImageDraw.ImageDraw, label: Label, scale: int) -> None:
    """Paint a line of text. One in letters that the font does not have is left out, rather than painted as boxes."""
    letters: list[str] = []
    accents: list[tuple[int, str]] = []
    for character in unicodedata.normalize("NFD", label.text.translate(_SPELLED)):
        if unicodedata.combining(character):
            accents.append((len(letters) - 1, character))
        else:
            letters.append(character)
    text = "".join(letters)
    size = label.size * scale
    font = _font(size)
    if not text or not _has(font, text) or any(accent not in _ACCENTS for _, accent in accents):
        return
    width = font.getlength(text)
    if width > label.room * scale:
        size *= label.room * scale / width
        font = _font(size)
        width = font.getlength(text)
    stroke = max(1, round(size / 42))  # the font has one weight, and this makes it a bolder one
    left, y = label.x * scale - width / 2, label.y * scale
    draw.text((left, y), text, fill=label.colour, font=font, anchor="ls", stroke_width=stroke, stroke_fill=label.colour)
    for index, accent in accents:
        if index >= 0:
            box = font.getbbox(text[index], anchor="ls")
            middle = left + font.getlength(text[:index]) + (box[0] + box[2]) / 2
            edge = y if accent in _BELOW else y + box[1]
            for line in _ACCENTS[accent]:
                points = [(middle + dx * size, edge + dy * size) for dx, dy in line]
                draw.line(points, fill=label.colour, width=max(2, round(size * 0.085)), joint="curve")


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")  # pragma: no cover - no wheel of Pillow is
    return font


def _has(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask("\ue000"))
    return all(character == " " or bytes(font.getmask(character)) != missing for character in set(text))
