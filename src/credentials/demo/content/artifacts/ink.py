"""Drawing in two inks on paper, small and fast.

A picture is drawn in grey: the paper is ``PAPER``, the first ink darkens it down to ``INK``, the second lightens it up to
``MARK``. A palette then gives each grey its colour, soft edges included. So nothing has to be reduced to few colours
afterwards, which would take ten times as long as the drawing.
"""

import io

from PIL import Image, ImageDraw, ImageFont

INK, PAPER, MARK = 0, 128, 255

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Color = tuple[int, int, int]


def sheet(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), PAPER)
    return image, ImageDraw.Draw(image)


def faint(ink: int, strength: float) -> int:
    """An ink thinned: 1.0 is full, 0.0 the paper."""
    return PAPER + round((ink - PAPER) * strength)


def png(image: Image.Image, *, paper: Color, ink: Color, mark: Color) -> bytes:
    palette: list[int] = []
    for grey in range(256):
        pure, share = (ink, (PAPER - grey) / PAPER) if grey < PAPER else (mark, (grey - PAPER) / (MARK - PAPER))
        palette += (round(of + (to - of) * share) for of, to in zip(paper, pure, strict=True))
    image.putpalette(palette)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=3)
    return out.getvalue()


def wrapped(draw: ImageDraw.ImageDraw, text: str, font: Font, width: int) -> list[str]:
    """Lines that fit. A word that is wider than a line has one of its own."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font=font) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
