"""RDF terms as canonical N-Quads writes them (RDF Dataset Canonicalization 1.0, section 5)."""

import math
import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any, Final

import rfc8785

from credentials.jsonld.problem import MALFORMED, Problem
from credentials.jsonld.reader import MAX_DEPTH, MAX_INTEGER

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE: Final = f"{RDF}type"
RDF_FIRST: Final = f"{RDF}first"
RDF_REST: Final = f"{RDF}rest"
RDF_NIL: Final = f"{RDF}nil"
RDF_JSON: Final = f"{RDF}JSON"

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
I18N: Final = "https://www.w3.org/ns/i18n#"

# RFC 3987 without its exotic corners: no white space, no control characters, none of the characters that N-Quads
# forbids in an IRI, and a scheme in front.
is_absolute_iri: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>"{}|^`\\\x7f-\xa0]*').fullmatch
_PLAIN_SCHEMES: Final = ("https://", "http://", "did:", "urn:", "data:", "mailto:")
_NOT_PLAIN: Final = bytes([*range(0x0A), *range(0x0B, 0x21), *b'<>"{}|^`\\', 0x7F])

_LOCALIZED: Final = frozenset({"@value", "@language", "@direction"})
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")  # BCP 47 as RDF's grammar has it

_SHORT_ESCAPES: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPES: Final = {
    ord(character): _SHORT_ESCAPES.get(character, f"\\u{ord(character):04X}")
    for character in [*map(chr, range(0x20)), '"', "\\", "\x7f", "\ufffe", "\uffff"]
}


def quoted(text: str) -> str:
    """A string between quotes, with the escapes that canonical N-Quads demands and no other."""
    return f'"{text.translate(_ESCAPES)}"'


nearly_quoted: Final = encode_basestring
"""The same, eight times as fast, except where ``is_nearly`` tells: JSON has the same short escapes, but writes the other
control characters in lower case, and leaves U+007F, U+FFFE and U+FFFF as they are."""


def is_nearly(text: str) -> bool:
    """Whether N-Quads made with ``nearly_quoted`` may be wrong. Sometimes yes for right ones, never no for wrong ones."""
    return ("\\" in text and "\\u00" in text) or "\x7f" in text or "\ufffe" in text or "\uffff" in text


def are_plain_iris(iris: list[str]) -> bool:
    """Whether all of these are absolute IRIs of ASCII with a usual scheme. One question for all takes a fifth of the time."""
    lines = "\n".join(iris)
    octets = lines.encode("ascii", "replace")
    return (
        lines.isascii()
        and octets.translate(None, _NOT_PLAIN) == octets
        and octets.count(b"\n") == max(len(iris) - 1, 0)
        and all(iri.startswith(_PLAIN_SCHEMES) for iri in iris)
    )


def typed(datatype: str) -> str:
    """What follows the quotes of a literal with this datatype: nothing for strings, which is what literals are."""
    return f"^^<{datatype}>" if datatype not in ("", f"{XSD}string") else ""


def plain(value: float, datatype: str) -> str:
    """A boolean or number as a literal; ``datatype`` as the term's coercion gives it, or nothing.

    JSON-LD 1.1 API, Object to RDF Conversion, steps 8 to 10. Only numbers that every processor reads and writes alike:
    jsonld.js takes 1e-7 for a whole number, and sixteen digits, which is what all write, do not hold every double.
    """
    if isinstance(value, bool):
        lexical, native = ("true" if value else "false"), f"{XSD}boolean"
    elif abs(value) > MAX_INTEGER or not math.isfinite(value):
        raise Problem(MALFORMED, "A number is beyond 2**53 - 1: write it as a string.")
    elif value == int(value) and datatype != f"{XSD}double":
        lexical, native = str(int(value)), f"{XSD}integer"
    else:
        lexical, native = _double(float(value)), f"{XSD}double"
        if float(lexical) != value or 0 < abs(value) < 1e-6:
            raise Problem(MALFORMED, "JSON-LD processors write this number differently: write it as a string.")
    return f'"{lexical}"{typed(datatype or native)}'


def _double(value: float) -> str:
    mantissa, exponent = f"{value:.15E}".split("E")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}0E{int(exponent)}" if mantissa.endswith(".") else f"{mantissa}E{int(exponent)}"


def localized(value: dict[str, Any], quote: Callable[[str], str]) -> str:
    """A language value object as a literal: ``@value`` with ``@language``, ``@direction`` or both (VCDM 2.0, section 11.1).

    A direction goes into the datatype (``rdfDirection`` = ``i18n-datatype`` of the JSON-LD 1.1 API), as the cryptosuites
    of Digital Bazaar have it; by default JSON-LD would drop it. Language tags have no case, so all processors write them
    small.
    """
    text, language, direction = value["@value"], value.get("@language", ""), value.get("@direction", "")
    if not value.keys() <= _LOCALIZED or len(value) == 1:
        raise Problem(MALFORMED, "An object with @value has @language, @direction or both besides, and nothing else.")
    if not isinstance(text, str):
        raise Problem(MALFORMED, "Only a text has a language or a direction.", "@value")
    if "@language" in value and not (isinstance(language, str) and _LANGUAGE.fullmatch(language)):
        raise Problem(MALFORMED, "A language is a tag such as en or es-US.", "@language")
    if "@direction" not in value:
        return f"{quote(text)}@{language.lower()}"
    if direction not in ("ltr", "rtl"):
        raise Problem(MALFORMED, "A direction is ltr or rtl.", "@direction")
    return f"{quote(text)}^^<{I18N}{language.lower()}_{direction}>"


def json_literal(value: Any, quote: Callable[[str], str]) -> str:
    """A value under a term with ``"@type": "@json"``: its canonical form (JCS, RFC 8785) as one literal."""
    if _is_deeper(value, MAX_DEPTH):
        raise Problem(MALFORMED, f"This JSON value is more than {MAX_DEPTH} deep.")
    try:
        text = rfc8785.dumps(value).decode()
    except rfc8785.CanonicalizationError:
        raise Problem(MALFORMED, "This JSON value has no canonical form (RFC 8785).") from None
    return f"{quote(text)}^^<{RDF_JSON}>"


def _is_deeper(value: object, depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return bool(inner) and (not depth or any(_is_deeper(item, depth - 1) for item in inner))
