"""A picture of a bar chart of percentages."""

from collections.abc import Mapping, Sequence

from PIL import ImageFont

from credentials.demo.content.artifacts.ink import INK, MARK, faint, png, sheet

WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 58, 620, 92, 304
"""The field of the bars."""
SHADES = (faint(INK, 0.7), MARK)
"""Told apart in grey too, and each bar carries its figure."""


def chart_png(
    *, title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]], unit: str, footer: str
) -> bytes:
    """A PNG. ``series``: name -> a value of 0 to 100 for each label; one or two of them."""
    image, draw = sheet(WIDTH, HEIGHT)
    font, small = ImageFont.load_default(16), ImageFont.load_default(14)
    draw.text((LEFT, 18), title, font=ImageFont.load_default(20), fill=INK)
    draw.text((LEFT, TOP - 20), unit, font=small, fill=INK, anchor="ls")
    for percent in range(0, 101, 25):
        draw.line((LEFT, _height(percent), RIGHT, _height(percent)), fill=faint(INK, 0.2))
        draw.text((LEFT - 10, _height(percent)), str(percent), font=small, fill=INK, anchor="rm")
    slot = (RIGHT - LEFT) / len(labels)
    bar = min(64.0, slot * 0.8 / len(series))
    for place, label in enumerate(labels):
        middle = LEFT + slot * (place + 0.5)
        draw.text((middle, BOTTOM + 12), label, font=font, fill=INK, anchor="mt")
        for number, values in enumerate(series.values()):
            x, top = middle + (number - len(series) / 2) * bar, _height(values[place])
            draw.rectangle((x + 2, top, x + bar - 2, BOTTOM), fill=SHADES[number])
            draw.text((x + bar / 2, top - 4), str(values[place]), font=small, fill=INK, anchor="mb")
    at = LEFT
    for shade, name in zip(SHADES, series, strict=False):
        draw.rectangle((at, BOTTOM + 36, at + 14, BOTTOM + 50), fill=shade)
        draw.text((at + 22, BOTTOM + 43), name, font=small, fill=INK, anchor="lm")
        at += 50 + int(draw.textlength(name, font=small))
    draw.text((RIGHT, HEIGHT - 10), footer, font=small, fill=INK, anchor="rs")
    return png(image, paper=(255, 255, 255), ink=(20, 40, 60), mark=(214, 140, 38))


def _height(percent: int) -> float:
    return BOTTOM - (BOTTOM - TOP) * percent / 100
