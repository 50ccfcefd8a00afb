"""From a document straight to the statements of its RDF dataset.

Expansion, node map generation and deserialisation (https://www.w3.org/TR/json-ld11-api/) in one pass: each JSON object
is a node, each key is looked up in the active context of its place, each value becomes the end of an N-Quads line. That is
possible because documents are held to a plain shape. **Safe mode is the only mode**: whatever a JSON-LD processor would
drop, guess, or read like a document of another shape is refused, with its place (SECURITY.md, M2 to M4 and M6; Data
Integrity 1.0, "Securing Data Losslessly"):

* terms and types that no context defines; relative, compact and illegal IRIs; blank node identifiers;
* keywords (``@graph``, ``@included``, ``@nest``, ``@index``, ``@reverse`` …), other names for them, IRIs as keys;
* null, ``[]``, ``{}``; an array in an array, unless in a list; a date in an array; a value object that is not a text with
  its language or direction;
* contexts that are not addresses of pinned ones, or stand in a node that is no credential, presentation or proof;
* two descriptions of one id that disagree.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

from credentials.jsonld.contexts import (
    GRAPH,
    IRI,
    JSON,
    KEYWORD,
    LIST,
    SHARED,
    TEXT,
    ActiveContext,
    Contexts,
    Property,
    Shape,
)
from credentials.jsonld.problem import CONTEXT, DROPPED, LIMIT, MALFORMED, Problem
from credentials.jsonld.rdfc10 import Statements
from credentials.jsonld.reader import MAX_DEPTH
from credentials.jsonld.tokens import RDF_FIRST, RDF_NIL, RDF_REST, is_absolute_iri, json_literal, localized, plain

MAX_NODES: Final = 2_000
"""Objects, and cells of lists, of one document. A learner record of many years has about 1,500."""

_FIRST: Final = f" <{RDF_FIRST}> "
_REST: Final = f" <{RDF_REST}> "
_LAST: Final = f" <{RDF_REST}> <{RDF_NIL}> .\n"

Node: TypeAlias = dict[str, Any]
Quote: TypeAlias = Callable[[str], str]
About: TypeAlias = tuple[str | int, int | None, Callable[[str], None]]
"""A subject, the graph that is being spoken of it in, and what takes the end of a line about it."""

Place: TypeAlias = tuple[object, str | int]
"""Where a blank node comes from: an object without an id, with ``"@id"``; an object that has a graph around it, with
``"@graph"``; an array that is a list, with an index."""


class Walk:
    """One walk over one document. ``places`` holds the origin of each blank node, in the order of their numbers."""

    def __init__(self, contexts: Contexts, quote: Quote) -> None:
        self.statements = Statements()
        self.places: list[Place] = []
        self._initial = contexts.initial
        self._quote = quote
        self._nodes = 0
        self._repeats = False  # whether something may have been said twice about one subject
        self._bodies: dict[str, Node] = {}  # by id: inside one credential
        self._credentials: dict[str, Node] = {}  # by id: inside one graph

    def document(self, document: object) -> Statements:
        if not isinstance(document, dict):
            raise Problem(MALFORMED, "A document is a JSON object.")
        if "@context" not in document:
            raise Problem(CONTEXT, "The document has no @context.")
        self._node(document, self._initial, None, 1)
        if not any(self.statements.ends.values()) and not self.statements.links:
            raise Problem(DROPPED, "The document says nothing about anything: a proof would not cover it.")
        self.statements.blanks = len(self.places)
        if self._repeats:
            self.statements.ends = {subject: [*dict.fromkeys(ends)] for subject, ends in self.statements.ends.items()}
        return self.statements

    def _node(self, node: Node, context: ActiveContext, graph: int | None, depth: int) -> str | int:
        """Say what ``node`` says; returns its subject. ``context`` is the active one where the node begins."""
        self._count(1, depth)
        step = "@context"
        try:
            has_context = "@context" in node
            if has_context:
                context = context.after(node["@context"])
            step = "type"
            shape = context.shape(node["type"]) if "type" in node else context.untyped
            step = "@context"
            if has_context and depth > 1 and not shape.bears_context:
                raise Problem(
                    CONTEXT, "Only a credential, a presentation or a proof says what contexts it is written in."
                )
            step = "id"
            bodies = self._bodies
            if shape.is_credential and depth > 1:
                self._bodies = {}
            subject: str | int
            if "id" in node:
                subject = self._iri(node["id"], shape.context)
                self._describe(subject, node, shape)
            else:
                subject = self._blank(node, "@id")
            add = self._adder(subject, graph)
            for end in shape.types:
                add(end)
            about, properties, quote = (subject, graph, add), shape.properties, self._quote
            for step, value in node.items():
                prop = properties.get(step)
                if prop is None:
                    prop = shape.context.property(step)
                reading = prop.reading
                if reading == TEXT and type(value) is str:  # most of what a credential says
                    add(f"{prop.predicate}{quote(value)}{prop.tail}")
                elif reading < JSON and type(value) is not list:
                    self._value(about, prop, value, depth)
                elif reading != KEYWORD:
                    self._values(about, prop, value, depth)
            self._bodies = bodies
        except Problem as problem:
            problem.at(step)
            raise
        return subject

    def _values(self, about: About, prop: Property, value: object, depth: int) -> None:
        """The values of a property that come in an array, or that are read as a whole."""
        if prop.reading == SHARED:
            self._repeats = True
            prop = prop.each
        if prop.reading == LIST:
            self._link(about, prop.predicate, self._list(prop.each, value, about[1], depth))
        elif prop.reading == JSON:
            if value is None:
                raise Problem(MALFORMED, "A value is null: leave the property out.")
            about[2](f"{prop.predicate}{json_literal(value, self._quote)} .\n")
        elif not isinstance(value, list):
            self._value(about, prop, value, depth)
        elif not value:
            raise Problem(MALFORMED, "An array is empty: leave the property out.")
        elif prop.is_date:
            raise Problem(MALFORMED, "A date is one value, not an array.")
        else:
            ends: list[str] = []
            for index, item in enumerate(value):
                try:
                    self._value((about[0], about[1], ends.append), prop, item, depth + 1)
                except Problem as problem:
                    problem.at(index)
                    raise
            for end in dict.fromkeys(ends):  # a repeated value says nothing new
                about[2](end)

    def _value(self, about: About, prop: Property, value: object, depth: int, predicate: str = "") -> None:
        """One value of a property, or of a list under it: a string, number, boolean or object."""
        reading, predicate, add = prop.reading, predicate or prop.predicate, about[2]
        if isinstance(value, dict):
            if reading == GRAPH:
                self._graph(about, prop, value, depth)
            elif "@value" in value:
                if reading != TEXT or prop.datatype:
                    raise Problem(MALFORMED, "A text with a language has no place here.")
                add(f"{predicate}{localized(value, self._quote)} .\n")
            elif len(value) == 1 and "id" in value:
                add(f"{predicate}{self._reference(value, prop)} .\n")
            elif value:
                self._link(about, predicate, self._node(value, prop.inner, about[1], depth + 1))
            else:
                raise Problem(MALFORMED, "An object is empty: leave the property out.")
        elif isinstance(value, str) and reading != GRAPH:
            if reading == TEXT:
                add(f"{predicate}{self._quote(value)}{prop.tail}")
            elif reading == IRI:
                add(f"{predicate}{self._iri(value, prop.names)} .\n")
            else:
                add(f"{predicate}{_name(value, prop.names)} .\n")
        elif isinstance(value, bool | int | float) and reading == TEXT:
            add(f"{predicate}{plain(value, prop.datatype)} .\n")
        else:
            raise Problem(MALFORMED, _misfit(value, reading))

    def _list(self, each: Property, values: object, graph: int | None, depth: int) -> int:
        """A list and its cells (List to RDF Conversion); returns its first cell. A list in a list is a list, too."""
        if not isinstance(values, list) or not values:
            raise Problem(MALFORMED, "The values of this property are a list: an array with something in it.")
        self._count(len(values), depth + 1)
        cells = [self._blank(values, index) for index in range(len(values))]
        for index, (cell, item) in enumerate(zip(cells, values, strict=True)):
            about = (cell, graph, self._adder(cell, graph))
            try:
                if isinstance(item, list):
                    self._link(about, _FIRST, self._list(each, item, graph, depth + 1))
                else:
                    self._value(about, each, item, depth + 1, predicate=_FIRST)
            except Problem as problem:
                problem.at(index)
                raise
            if cell == cells[-1]:
                about[2](_LAST)
            else:
                self._link(about, _REST, cell + 1)
        return cells[0]

    def _graph(self, about: About, prop: Property, value: Node, depth: int) -> None:
        """A value under ``"@container": "@graph"`` is spoken of in a graph of its own, which has no id."""
        if "@value" in value or not value.keys() - {"@context", "id"}:
            raise Problem(DROPPED, "Nothing is said about this: a proof would not cover it.")
        graph = self._blank(value, "@graph")
        outer = self._bodies, self._credentials
        self._bodies, self._credentials = {}, {}
        self._node(value, prop.inner, graph, depth + 1)
        self._bodies, self._credentials = outer
        self._link(about, prop.predicate, graph)

    def _reference(self, value: Node, prop: Property) -> str:
        """An object with an id alone: what it stands for is described elsewhere."""
        try:
            if "id" not in prop.names.properties:
                prop.names.property("id")
            return self._iri(value["id"], prop.names, prop.inner)
        except Problem as problem:
            problem.at("id")
            raise

    def _iri(self, value: object, *contexts: ActiveContext) -> str:
        if not isinstance(value, str) or not is_absolute_iri(value):
            raise Problem(MALFORMED, "This is to be an absolute IRI, without spaces and other forbidden characters.")
        for context in contexts:
            if context.prefixes and context.is_compact(value):
                raise Problem(MALFORMED, f"{value[:200]!r} starts with a prefix of the contexts: write the whole IRI.")
        return f"<{value}>"

    def _describe(self, subject: str, node: Node, shape: Shape) -> None:
        """Descriptions of one thing fall together in a graph, so they must agree wherever both say something.

        Else a holder could move what one says to another one that nobody reads. A credential is to be all in one place:
        its expiry is looked for there and nowhere else.
        """
        seen = self._bodies.setdefault(subject, node)
        if seen is not node:
            for key in seen.keys() & node.keys() - {"@context"}:
                if not _same(_listed(seen[key]), _listed(node[key]), MAX_DEPTH):
                    raise Problem(MALFORMED, f"Two descriptions of {subject[:200]} disagree about {key!r}.")
        if shape.is_credential:
            seen = self._credentials.setdefault(subject, node)
            if seen is not node and not _same(seen, node, MAX_DEPTH):
                raise Problem(MALFORMED, f"Two descriptions of the credential {subject[:200]} differ.")

    def _adder(self, subject: str | int, graph: int | None) -> Callable[[str], None]:
        """What takes the ends of lines with this subject."""
        if graph is not None:
            return partial(self._say_in_graph, subject, graph)
        ends = self.statements.ends.get(subject)
        if ends is None:
            self.statements.ends[subject] = ends = []
        else:
            self._repeats = True
        return ends.append

    def _say_in_graph(self, subject: str | int, graph: int, end: str) -> None:
        _, predicate, object_ = end[:-3].split(" ", 2)  # " <predicate> object .\n"
        self.statements.links[subject, f" {predicate} ", object_, graph] = None

    def _link(self, about: About, predicate: str, object_: str | int) -> None:
        subject, graph, add = about
        if isinstance(object_, str):
            add(f"{predicate}{object_} .\n")
        else:
            self.statements.links[subject, predicate, object_, graph] = None

    def _blank(self, origin: object, role: str | int) -> int:
        self.places.append((origin, role))
        return len(self.places) - 1

    def _count(self, nodes: int, depth: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise Problem(LIMIT, f"A document has at most {MAX_NODES} objects, {MAX_DEPTH} deep.")


def _name(value: str, names: ActiveContext) -> str:
    iri = names.name_iri(value)
    if iri is None:
        raise Problem(MALFORMED, f"{value[:200]!r} is neither defined by a context nor an absolute IRI.")
    return f"<{iri}>"


def _misfit(value: object, reading: int) -> str:
    if value is None:
        return "A value is null: leave the property out."
    if isinstance(value, list):
        return "An array is directly in another one."
    if reading in (IRI, GRAPH):
        return "This is to be an object, or the IRI of one." if reading == IRI else "This is to be an object."
    return "This value has no place here."


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same(one: object, other: object, depth: int) -> bool:
    """Whether two JSON values are equal. In Python, 1 would be true, and equal to 1.0."""
    if type(one) is not type(other) or not depth:
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key], depth - 1) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other, [depth - 1] * len(one)))
    return one == other
