"""The template engine: everything escaped, nothing undefined shown as empty, and addresses of assets that never go stale."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from markupsafe import Markup, escape

from credentials.compensation.rules.words import credits, dollars  # noqa: A004 - it is what the field calls them
from credentials.figures.rules import share_words, year_words
from credentials.pathways.wording import amount
from credentials.web.pages import words
from credentials.web.pages.frame import frame_of

MIB = 1 << 20


def template_config(templates: Path, static: Path) -> TemplateConfig[JinjaTemplateEngine]:
    """Templates of ``templates``; files of ``static`` are addressed with a digest of their content."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {"asset": asset_addresses(static), "frame_of": frame_of, "words": words}
    environment.filters |= {
        "day": day,
        "iso_day": iso_day,
        "day_of_year": day_of_year,
        "moment": moment,
        "paragraphs": paragraphs,
        "size": size,
        "word": words.word_for,
        "counted": counted,
        "sentence": sentence,
        "either": either,
        "amount": amount,
        "capital": capital,
        "titled": titled,
        "school_year": year_words,
        "share": share_words,
        "dollars": dollars,
        "credits": credits,
    }
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


def asset_addresses(static: Path) -> Callable[[str], str]:
    """Where a file of ``static`` is asked for: its address changes with its content, so that it can be kept for good.

    A file that was not built has its plain address: the pages work without it, only plainer.
    """
    digests = {
        path.relative_to(static).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in static.rglob("*")
        if path.is_file()
    }

    def address(name: str) -> str:
        return f"/static/{name}?v={digests[name]}" if name in digests else f"/static/{name}"

    return address


def day(value: date) -> Markup:
    """September 1, 2026"""
    on = value.date() if isinstance(value, datetime) else value
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), _day(on))


def iso_day(value: object) -> object:
    """A day that a record has as text, as every other day is written; anything else as it is."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return value
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value


def day_of_year(value: date) -> Markup:
    """September 1, where the year stands beside it"""
    return Markup('<time datetime="{}">{} {}</time>').format(value.isoformat(), f"{value:%B}", value.day)


def moment(value: datetime) -> Markup:
    """September 1, 2026, 14:05 UTC"""
    return Markup('<time datetime="{}">{}, {} UTC</time>').format(value.isoformat(), _day(value), f"{value:%H:%M}")


def _day(value: date) -> str:
    return f"{value:%B} {value.day}, {value.year}"


def paragraphs(text: str) -> Markup:
    """A text of people as it was typed: an empty line ends a paragraph, a line end is kept."""
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.splitlines())) for block in blocks
    )


def size(octets: int) -> str:
    """340 bytes, 12 KB, 3.4 MB"""
    if octets < 1_000:
        return f"{octets} bytes"
    if octets < MIB:
        return f"{max(1, round(octets / 1024))} KB"
    return f"{octets / MIB:.1f} MB".replace(".0 ", " ")


def counted(count: int, one: str, many: str = "") -> str:
    """1 file, 2 files"""
    return f"{count} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """A failure's words as a sentence of a page."""
    plain = text.strip()
    return plain if not plain else plain[0].upper() + plain[1:] + ("" if plain[-1] in ".!?…" else ".")


def capital(text: str) -> str:
    """A name as it begins a line."""
    return text[:1].upper() + text[1:]


def titled(text: str, titles: Mapping[str, str], link: bool = True) -> Markup:
    """A rule's words with micro-credentials called by their titles in place of their short names, which rules have them by.
    What stands in quotation marks is a name already."""
    if not titles:
        return escape(text)
    slugs = "|".join(sorted((re.escape(slug) for slug in titles), key=len, reverse=True))
    parts = re.split(rf"(?:\b[Ii]tem of )?(?<![\w“-])({slugs})(?![\w”-])", text)
    told = escape("")
    for place, part in enumerate(parts):
        if place % 2 == 0:
            told += part
        elif link:
            told += Markup('“<a class="usa-link" href="/micro-credentials/{}">{}</a>”').format(part, titles[part])
        else:
            told += f"“{titles[part]}”"
    return told


def either(words: Iterable[str]) -> str:
    """text; text or link; text, link or picture"""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last
