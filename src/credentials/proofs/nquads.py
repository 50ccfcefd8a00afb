"""Canonical N-Quads line by line: their blank node labels, and names for them that survive a selection."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from credentials.errors import Refused

# A line of canonical N-Quads (RDFC-1.0, section 5.2). A literal is whatever stands between the first quote and the last
# one that only a data type or a language can follow: neither of those has a quote.
_LINE = re.compile(
    r"(?P<subject>_:[^ ]+|<[^>]*>) (?P<predicate><[^>]*>) "
    r"(?P<object>_:[^ ]+|<[^>]*>|\".*\"(?:\^\^<[^>\"]*>|@[^ \"]+)?)(?: (?P<graph>_:[^ \"]+|<[^>\"]*>))? \.",
    re.DOTALL,
)
_REST = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>"

Quad = tuple[str, str, str, str]
"""Subject, predicate, object, graph (empty for the default graph), each as N-Quads writes it."""


def quads_of(nquads: bytes) -> list[Quad]:
    """The quads of canonical N-Quads, in their order."""
    return [_quad(line) for line in nquads.decode("utf-8").split("\n")[:-1]]


def line_of(quad: Quad) -> str:
    """The quad as a line with its line feed: what selective disclosure signs one by one."""
    subject, predicate, object_, graph = quad
    return f"{subject} {predicate} {object_} {graph} .\n" if graph else f"{subject} {predicate} {object_} .\n"


def relabelled(quads: Iterable[Quad], name: Callable[[str], str]) -> list[Quad]:
    """relabelBlankNodes: each subject, object and graph passed through ``name`` (which may leave it as it is)."""
    return [(name(s), p, o if o.startswith('"') else name(o), name(g) if g else g) for s, p, o, g in quads]


def blank_nodes(quads: Iterable[Quad]) -> set[str]:
    """Every blank node of the quads, as ``_:`` and its label."""
    return {term for s, _, o, g in quads for term in (s, o, g) if term.startswith("_:")}


def list_cells(quads: Iterable[Quad], nodes: AbstractSet[str]) -> dict[str, Quad]:
    """A name for each blank node that is a cell of a list: no JSON object stands for it, so that it is none of ``nodes``.

    A cell is known by the node and the property that the list belongs to, and by how far into the list it is:
    ``{cell: (subject, predicate, depth, graph)}``. ``PROOF_GENERATION_ERROR`` when two lists would get the same name.
    """
    following = {s: o for s, p, o, _ in quads if p == _REST and s not in nodes}
    names: dict[str, Quad] = {}
    for s, p, o, g in quads:
        if p == _REST or s in following or o not in following:
            continue
        for depth, cell in enumerate(_chain(o, following)):
            names[cell] = (s, p, str(depth), g)
    if len(set(names.values())) < len(names):
        raise Refused("PROOF_GENERATION_ERROR", "Two lists of one property cannot be told apart.")
    return names


def _chain(head: str, following: Mapping[str, str]) -> Iterator[str]:
    """The cells of a list from its head on; what N-Quads from JSON-LD holds has no circles."""
    cell = head
    while cell in following:
        yield cell
        cell = following[cell]


def _quad(line: str) -> Quad:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Refused("PROOF_TRANSFORMATION_ERROR", "The canonical form has a line that is no quad.")
    return match["subject"], match["predicate"], match["object"], match["graph"] or ""
