"""A strict reader of N-Quads (RDF 1.1 N-Quads, section 4), for the published tests of canonicalisation."""

import re

from credentials.jsonld.rdfc10 import Link, Statements
from credentials.jsonld.tokens import quoted

_START = r"A-Za-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῿\u200c\u200d⁰-↏Ⰰ-⿯、-\ud7ff豈-﷏ﷰ-\ufffd\U00010000-\U000effff_:0-9"
_IRI = r"<(?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"
_BLANK = rf"_:[{_START}](?:[{_START}.\-·\u0300-\u036f‿⁀]*[{_START}\-·\u0300-\u036f‿⁀])?"
_STRING = r"\"(?:[^\"\\\n\r]|\\[tbnrf\"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*\""
_LINE = re.compile(
    rf"[ \t]*(?P<s>{_IRI}|{_BLANK})[ \t]*(?P<p>{_IRI})[ \t]*"
    rf"(?P<o>{_IRI}|{_BLANK}|(?P<string>{_STRING})(?:\^\^(?P<datatype>{_IRI})|(?P<language>@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*))?)"
    rf"[ \t]*(?P<g>{_IRI}|{_BLANK})?[ \t]*\.[ \t]*(?:#.*)?"
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CHARACTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_XSD_STRING = "<http://www.w3.org/2001/XMLSchema#string>"


def read_nquads(text: str) -> tuple[Statements, list[str]]:
    """The statements, and the labels that their blank nodes have in ``text``, in the order of their numbers."""
    numbers: dict[str, int] = {}

    def term(token: str) -> str | int:
        return numbers.setdefault(token, len(numbers)) if token.startswith("_:") else _plain(token)

    links: list[Link] = []
    for line in re.split(r"[\r\n]+", text):
        if not line.strip(" \t") or line.lstrip(" \t").startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(line)
        object_ = _literal(match) if match["string"] else term(match["o"])
        links.append((term(match["s"]), f" {_plain(match['p'])} ", object_, term(match["g"]) if match["g"] else None))
    return _laid_out(links, len(numbers)), [label[2:] for label in numbers]


def _laid_out(links: list[Link], blanks: int) -> Statements:
    said = Statements()
    said.own = [[] for _ in range(blanks)]
    for subject, predicate, object_, graph in dict.fromkeys(links):
        if graph is not None or isinstance(object_, int):
            said.links[subject, predicate, object_, graph] = None
        elif isinstance(subject, int):
            said.own[subject].append(f"{predicate}{object_} .\n")
        else:
            said.ground.append(f"{subject}{predicate}{object_} .\n")
    return said


def _literal(match: re.Match[str]) -> str:
    text = quoted(_plain(match["string"][1:-1]))
    datatype = _plain(match["datatype"] or _XSD_STRING)
    return (
        f"{text}{match['language']}"
        if match["language"]
        else text
        if datatype == _XSD_STRING
        else f"{text}^^{datatype}"
    )


def _plain(escaped: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _CHARACTERS.get(match[3], match[3])

    return _ESCAPE.sub(character, escaped)
