"""A picture of a page of a learner's work, with somebody's marks in the margin."""

from collections.abc import Sequence

from PIL import ImageDraw, ImageFont

from credentials.demo.content.artifacts.ink import INK, MARK, Font, faint, png, sheet, wrapped

WIDTH, HEIGHT = 640, 440
LEFT, RIGHT, TOP, LINE = 48, 420, 76, 27
"""Where the lines of the learner's writing begin and end, and how far apart they stand."""


def page_png(*, heading: str, lines: Sequence[str], marks: Sequence[str], footer: str, seed: int) -> bytes:
    """A PNG. ``seed`` moves the hand a little, so that no two pages are alike. Writing beyond the page is cut off."""
    image, draw = sheet(WIDTH, HEIGHT)
    writing, small = ImageFont.load_default(17), ImageFont.load_default(15)
    for y in range(TOP + LINE - 6, HEIGHT - 40, LINE):
        draw.line((LEFT - 20, y, WIDTH - 24, y), fill=faint(INK, 0.16))
    draw.line((RIGHT + 22, 20, RIGHT + 22, HEIGHT - 40), fill=faint(MARK, 0.3), width=2)
    draw.text((LEFT, 26), heading, font=ImageFont.load_default(22), fill=INK)
    y = TOP
    places = []
    for number, line in enumerate(lines):
        start = y
        for part in wrapped(draw, f"{number + 1}. {line}", writing, RIGHT - LEFT - 8):
            draw.text(
                (LEFT + (seed >> number % 8) % 7 - 3, y + (seed >> number % 5) % 3 - 1), part, font=writing, fill=INK
            )
            y += LINE
        places.append((start, y))
    _mark(draw, marks, (*places[:1], *places[-1:]), small)
    _doodle(draw, seed, min(y + 12, HEIGHT - 110))
    draw.text((LEFT, HEIGHT - 30), footer, font=small, fill=faint(INK, 0.75))
    return png(image, paper=(253, 251, 244), ink=(29, 43, 79), mark=(163, 38, 27))


def _mark(draw: ImageDraw.ImageDraw, marks: Sequence[str], places: Sequence[tuple[int, int]], font: Font) -> None:
    """Frames around the first and the last lines, each with its remark in the margin."""
    for mark, (start, end) in zip(marks, places, strict=False):
        draw.rounded_rectangle((LEFT - 16, start - 4, RIGHT + 8, end - 4), radius=9, outline=MARK, width=2)
        for number, part in enumerate(wrapped(draw, mark, font, WIDTH - RIGHT - 60)):
            draw.text((RIGHT + 38, start + 20 * number), part, font=font, fill=MARK)


def _doodle(draw: ImageDraw.ImageDraw, seed: int, top: int) -> None:
    """A small drawing: a bar cut into parts, some of them filled, as learners draw to think."""
    parts = 3 + seed % 6
    filled = 1 + (seed >> 3) % parts
    width = 34 + (seed >> 6) % 14
    for part in range(parts):
        box = (LEFT + part * width, top, LEFT + (part + 1) * width, top + 38)
        draw.rectangle(box, outline=INK, width=2, fill=faint(INK, 0.3) if part < filled else None)
    middle = LEFT + filled * width
    draw.line((middle, top + 42, middle, top + 60), fill=INK, width=2)
    draw.line((middle, top + 60, middle + 30 + (seed >> 9) % 80, top + 66), fill=INK, width=2)
