"""Canonical N-Quads line by line, and their blank nodes under other labels."""

import re
from collections.abc import Iterable, Mapping

from credentials.errors import Refused

# A line of canonical N-Quads (RDFC-1.0, section 5.2). A literal is whatever stands between the first quote and the last
# one that only a data type or a language can follow: neither of those has a quote.
_LINE = re.compile(
    r"(?P<subject>_:[^ ]+|<[^>]*>) (?P<predicate><[^>]*>) "
    r"(?P<object>_:[^ ]+|<[^>]*>|\".*\"(?:\^\^<[^>\"]*>|@[^ \"]+)?)(?: (?P<graph>_:[^ \"]+|<[^>\"]*>))? \.",
    re.DOTALL,
)

Quad = tuple[str, str, str, str]
"""Subject, predicate, object, graph (empty for the default graph), each as N-Quads writes it."""


def quads_of(nquads: bytes) -> list[Quad]:
    """The quads of canonical N-Quads, in their order."""
    return [_quad(line) for line in nquads.decode("utf-8").split("\n")[:-1]]


def line_of(quad: Quad) -> str:
    """The quad as a line with its line feed: what selective disclosure signs one by one."""
    subject, predicate, object_, graph = quad
    return f"{subject} {predicate} {object_} {graph} .\n" if graph else f"{subject} {predicate} {object_} .\n"


def relabelled(quads: Iterable[Quad], labels: Mapping[str, str]) -> list[Quad]:
    """relabelBlankNodes: ``labels`` maps blank nodes, as ``_:`` and a label, to others; what it lacks stays as it is."""
    return [(labels.get(s, s), p, labels.get(o, o), labels.get(g, g)) for s, p, o, g in quads]


def blank_nodes(quads: Iterable[Quad]) -> set[str]:
    """Every blank node of the quads, as ``_:`` and its label."""
    return {term for s, _, o, g in quads for term in (s, o, g) if term.startswith("_:")}


def _quad(line: str) -> Quad:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Refused("PROOF_TRANSFORMATION_ERROR", "The canonical form has a line that is no quad.")
    return match["subject"], match["predicate"], match["object"], match["graph"] or ""
