"""A document with a table: a plan, a record, a scoring guide."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from itertools import zip_longest

ENCODING = "windows-1252"
"""What the fonts that every PDF reader has can show (ISO 32000-1, annex D): Latin letters, curly quotes and dashes."""

MARGIN, WIDTH, BOTTOM = 18.0, 179.9, 262.0
"""Of a letter page, in millimetres: its side margins, what is left between them, and where the text ends."""

PADDING = 1.6

Width = Callable[[str], float]


def table_pdf(
    *,
    title: str,
    intro: Sequence[str],
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    note: str,
    made_on: datetime,
) -> bytes:
    """A PDF in English of as many pages as it takes. The same arguments give the same bytes."""
    from fpdf import FPDF, ViewerPreferences  # slow to import, and only the demonstration makes PDFs

    pdf = FPDF(format="letter")
    pdf.core_fonts_encoding = ENCODING
    pdf.set_lang("en-US")
    pdf.set_title(title)
    pdf.set_creation_date(made_on)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    pdf.set_auto_page_break(False)
    pdf.set_draw_color(120, 130, 140)
    pdf.set_fill_color(223, 233, 240)
    pdf.add_page()
    y = 20.0
    wide: Width = pdf.get_string_width

    def use(style: str, size: float) -> None:
        nonlocal wide
        pdf.set_font("Helvetica", style=style, size=size)
        wide = cache(pdf.get_string_width)  # these fonts have no kerning, so that a word is as wide as its letters

    def lines(text: str, width: float) -> list[str]:
        return _wrapped(text.encode(ENCODING, "replace").decode(ENCODING), width, wide)

    def paragraph(text: str, leading: float) -> None:
        nonlocal y
        for line in lines(text, WIDTH):
            if y > BOTTOM:
                pdf.add_page()
                y = 20.0
            pdf.text(MARGIN, y, line)
            y += leading

    def table_row(cells: Sequence[str], *, heading: bool = False) -> None:
        nonlocal y
        across = WIDTH / len(columns)
        wrapped = [lines(cell, across - 2 * PADDING) for cell, _ in zip_longest(cells, columns, fillvalue="")]
        height = 4.6 * max(map(len, wrapped)) + 2 * PADDING
        if y + height > BOTTOM:
            pdf.add_page()
            y = 20.0
        for place, cell in enumerate(wrapped):
            x = MARGIN + place * across
            pdf.rect(x, y, across, height, style="DF" if heading else "D")
            for number, line in enumerate(cell):
                pdf.text(x + PADDING, y + PADDING + 3.4 + 4.6 * number, line)
        y += height

    use("B", 16)
    paragraph(title, 8)
    use("", 10)
    for each in intro:
        paragraph(each, 5)
    y += 1
    use("B", 10)
    table_row(columns, heading=True)
    use("", 10)
    for row in rows:
        table_row(row)
    y += 7
    use("I", 9)
    paragraph(note, 4.5)
    return bytes(pdf.output())


def _wrapped(text: str, width: float, wide: Width) -> list[str]:
    """Lines that fit, where ``wide`` measures a letter. A word that is wider than a line has one of its own."""
    lines: list[str] = []
    room = 0.0
    for word in text.split():
        needed = sum(map(wide, word))
        if lines and needed + wide(" ") <= room:
            lines[-1] += f" {word}"
            room -= needed + wide(" ")
        else:
            lines.append(word)
            room = width - needed
    return lines or [""]
