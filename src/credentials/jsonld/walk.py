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
from typing import Any, Final, TypeAlias, TypeGuard

import msgspec

from credentials.jsonld.contexts import (
    GRAPH,
    IRI,
    JSON,
    LIST,
    NAME,
    PASSAGE,
    SHARED,
    TEXT,
    ActiveContext,
    Contexts,
    Property,
    Shape,
)
from credentials.jsonld.passages import MAX_PASSAGE, Heard, Passages, is_plain, is_short, key_of, passage
from credentials.jsonld.problem import CONTEXT, DROPPED, LIMIT, MALFORMED, Problem, shown
from credentials.jsonld.rdfc10 import Statements, lines_of
from credentials.jsonld.reader import MAX_DEPTH
from credentials.jsonld.tokens import (
    RDF_FIRST,
    RDF_NIL,
    RDF_REST,
    are_plain_iris,
    is_absolute_iri,
    json_literal,
    localized,
    nearly_quoted,
    plain,
    quoted,
    typed,
)

MAX_NODES: Final = 2_000
"""Objects, and cells of lists, of one document. A learner record of many years has about 1,500."""

LONG_ID: Final = 256
"""Characters of an id beyond which it is counted how much is said about it."""

MAX_REPEATED: Final = 4 << 20
"""Characters of all long ids, each as often as something is said about it, because each line begins with it: a picture of a
megabyte with its type and its caption. Without a bound, a document of a megabyte becomes one of fifty gigabytes."""

_FIRST: Final = f" <{RDF_FIRST}> "
_REST: Final = f" <{RDF_REST}> "
_LAST: Final = f" <{RDF_REST}> <{RDF_NIL}> .\n"

Node: TypeAlias = dict[str, Any]
Quote: TypeAlias = Callable[[str], str]
About: TypeAlias = tuple[str | int, int | None, str, Callable[[str], None]]
"""A subject; the graph in which it is spoken of; how its lines begin; and what takes a line without blank nodes, or as much
of it as follows the blank node that is its subject."""

Place: TypeAlias = tuple[object, str | int]
"""Where a blank node comes from: an object without an id, with ``"@id"``; an object that has a graph around it, with
``"@graph"``; an array that is a list, with an index."""


class Walk:
    """One walk over one document. ``places`` holds the origin of each blank node, in the order of their numbers, if that is
    wanted (``placed``).

    A hasty walk leaves two things to be asked when it is over, because asking once is far cheaper than asking for every
    string: whether all IRIs are IRIs (``all_iris_hold``), and whether a string needs an escape that JSON does not have
    (``tokens.is_nearly``). Only when the answer is bad, which it hardly ever is, the document is walked again, with care.

    ``passages`` are those that need not be walked anew. ``heard`` are new ones, which may be kept once the whole document was
    found good. Only a hasty walk has them: of what is kept, both things were asked. ``octets``, if the caller has them, are
    the document as ``msgspec.json`` encodes it, or with more members: so that what is known need not be encoded to be found.
    """

    def __init__(
        self,
        contexts: Contexts,
        *,
        hasty: bool,
        passages: Passages | None = None,
        octets: bytes = b"",
        placed: bool = False,
    ) -> None:
        self.statements = Statements()
        self.places: list[Place] | None = [] if placed else None
        self._initial = contexts.initial
        self._say = self.statements.ground.append
        self._quote: Quote = nearly_quoted if hasty else quoted
        self._hasty = hasty
        self._iris: list[str] = []
        self._passages = passages if hasty else None
        self._octets = octets
        self.heard: Heard = []
        self._nodes = 0
        self._repeated = 0
        self._entered = False  # whether there is a credential, or another context, inside the document
        self._repeats = False  # whether something may have been said twice about one subject
        self._bodies: dict[str, Node] = {}  # by id: inside one credential
        self._credentials: dict[str, Node] = {}  # by id: inside one graph

    def document(self, document: object) -> Statements:
        """What the document says. Raises ``Problem``."""
        if not isinstance(document, dict):
            raise Problem(MALFORMED, "A document is a JSON object.")
        if "@context" not in document:
            raise Problem(CONTEXT, "The document has no @context.")
        self._node(document, self._initial, None, 1)
        said = self.statements
        if not (said.ground or said.links or any(said.own)):
            raise Problem(DROPPED, "The document says nothing about anything: a proof would not cover it.")
        if self._repeats:
            said.ground = [*dict.fromkeys(lines_of(said.ground))]
            said.own = [[*dict.fromkeys(ends)] for ends in said.own]
        return said

    def all_iris_hold(self) -> bool:
        return are_plain_iris(self._iris)

    def _node(self, node: Node, context: ActiveContext, graph: int | None, depth: int) -> str | int:
        """Say what ``node`` says; returns its subject. ``context`` is the active one where the node begins."""
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise _too_large()
        step = "@context"
        try:
            if "@context" in node:
                context = context.after(node["@context"])
            step = "type"
            shape = context.shape(node["type"]) if "type" in node else context.untyped
            bodies = self._bodies
            if depth > 1 and (shape.is_credential or "@context" in node):
                step = "@context"
                self._enter(node, shape)
            step = "id"
            subject: str | int
            if "id" in node:
                subject = head = self._iri(node["id"], shape.context)
                add = self._say
                if len(subject) > LONG_ID:
                    self._repeat(subject, node)
                if subject in self._bodies or shape.is_credential:
                    self._compare(subject, node, shape)
                else:
                    self._bodies[subject] = node
            else:
                subject, head = self._blank(node, "@id"), ""
                add = self.statements.own[subject].append
            if graph is not None:
                head, add = "", partial(self._say_in_graph, subject, graph)
            for end in shape.types:
                add(head + end)
            about, properties, quote = (subject, graph, head, add), shape.properties, self._quote
            for step, value in node.items():
                try:
                    predicate, tail, prop = properties[step]
                except KeyError:
                    predicate, tail, prop = shape.context.property(step)
                if tail and type(value) is str:  # most of what a credential says
                    add(f"{head}{predicate}{quote(value)}{tail}")
                elif prop is not None:
                    self._values(about, prop, value, depth)
            self._bodies = bodies
        except Problem as problem:
            problem.at(step)
            raise
        return subject

    def _repeat(self, subject: str, node: Node) -> None:
        """Every line about a node begins with its id."""
        lines = sum(len(value) if isinstance(value, list) else 1 for value in node.values())
        self._repeated += len(subject) * lines
        if self._repeated > MAX_REPEATED:
            raise Problem(LIMIT, "So much is said about an id of this length that it cannot be written out.")

    def _enter(self, node: Node, shape: Shape) -> None:
        """A node inside the document that has contexts of its own, or is a credential."""
        self._entered = True
        if "@context" in node and not shape.bears_context:
            raise Problem(CONTEXT, "Only a credential, a presentation or a proof says what contexts it is written in.")
        if shape.is_credential:  # another speaker: what it says of a thing need not agree with what we say of it
            self._bodies, self._repeats = {}, True

    def _values(self, about: About, prop: Property, value: object, depth: int) -> None:
        """What is said under one key: one value, an array of them, or something that is read as a whole."""
        if type(value) is str and prop.reading == IRI:
            about[3](f"{about[2]}{prop.predicate}{self._iri(value, prop.names)} .\n")
        elif prop.reading >= JSON:
            self._whole(about, prop, value, depth)
        elif type(value) is not list:
            self._value(about, prop, prop.predicate, value, depth)
        elif not value or prop.is_date:
            raise Problem(
                MALFORMED, "A date is one value, not an array." if value else "An array is empty: leave it out."
            )
        else:
            subject, graph, head, add = about
            lines: list[str] = []
            about, index, predicate = (subject, graph, head, lines.append), 0, prop.predicate
            try:
                for item in value:
                    self._value(about, prop, predicate, item, depth + 1)
                    index += 1
            except Problem as problem:
                problem.at(index)
                raise
            for line in dict.fromkeys(lines):  # a repeated value says nothing new
                add(line)

    def _whole(self, about: About, prop: Property, value: object, depth: int) -> None:
        """A property whose values are not read one by one."""
        subject, graph, head, add = about
        if prop.reading == SHARED:
            self._repeats = True
            self._values(about, prop.each, value, depth)
        elif prop.reading == PASSAGE:
            known = self._passages
            if known is None or graph is not None or not _is_spelt_out(value):
                self._values(about, prop.each, value, depth)
            else:
                add(f"{head}{prop.predicate}{self._passage(known, prop, value, depth)} .\n")
        elif prop.reading == LIST:
            first = self._list(prop.each, value, graph, depth)
            self.statements.links[subject, prop.predicate, first, graph] = None
        elif value is None:
            raise Problem(MALFORMED, "A value is null: leave the property out.")
        else:
            add(f"{head}{prop.predicate}{json_literal(value, self._quote)} .\n")

    def _passage(self, passages: Passages, prop: Property, value: Node, depth: int) -> str:
        """The subject of a node that may be known word for word."""
        known = passages.only_in(self._octets, prop.place, prop, depth) if self._octets else None
        if known is None:
            try:
                octets = msgspec.json.encode(value)
            except (TypeError, ValueError, OverflowError, RecursionError):  # no JSON, so nobody's words
                return str(self._node(value, prop.inner, None, depth + 1))
            known = passages.of(prop, depth, octets)
            if known is None:
                return self._heard(octets, prop, value, depth)
        if not self._bodies.keys().isdisjoint(known.bodies):
            return str(self._node(value, prop.inner, None, depth + 1))
        if self._nodes + known.nodes > MAX_NODES:
            return str(self._node(value, prop.inner, None, depth + 1))  # and hear where it becomes too large
        self._nodes += known.nodes
        said, first = self.statements, len(self.statements.own)
        self._bodies.update(known.bodies)
        said.ground += known.ground
        said.own += known.unsaid
        said.settled.append((first, known.settled))
        return known.subject

    def _heard(self, octets: bytes, prop: Property, value: Node, depth: int) -> str:
        """Walk a node, and note it as a passage if nothing in it hangs on what was said before or is another's document."""
        said, repeats, entered, nodes = self.statements, self._repeats, self._entered, self._nodes
        before, repeated, settled = set(self._bodies), self._repeated, len(said.settled)
        ground, blanks, known, iris = len(said.ground), len(said.own), len(said.links), len(self._iris)
        self._repeats = self._entered = False
        subject = str(self._node(value, prop.inner, None, depth + 1))
        links = [*said.links][known:]
        is_own = not self._entered and before.isdisjoint(f"<{iri}>" for iri in self._iris[iris:])
        is_kept = len(octets) <= MAX_PASSAGE and is_short(said.ground[ground:], said.own[blanks:])
        if is_own and is_kept and is_plain(links) and (self._repeated, len(said.settled)) == (repeated, settled):
            part = Statements()
            part.ground, part.own = said.ground[ground:], said.own[blanks:]
            bodies = {name: node for name, node in self._bodies.items() if name not in before}
            made = partial(passage, octets, subject, self._nodes - nodes, bodies, part, links, blanks)
            self.heard.append((key_of(prop, depth, octets), made))
        self._repeats |= repeats
        self._entered |= entered
        return subject

    def _value(self, about: About, prop: Property, predicate: str, value: object, depth: int) -> None:
        """One value of a property, or of a list under it."""
        subject, graph, head, add = about
        object_: str | int
        if not isinstance(value, dict):
            object_ = self._scalar(prop, value)
        elif len(value) > 1 and "@value" not in value and prop.reading != GRAPH:  # most objects
            object_ = self._node(value, prop.inner, graph, depth + 1)
        elif not value:
            raise Problem(MALFORMED, "An object is empty: leave it out.")
        elif prop.reading == GRAPH:
            object_ = self._graph(prop, value, depth)
        elif "@value" in value:
            if prop.reading != TEXT or prop.datatype:
                raise Problem(MALFORMED, "A text with a language has no place here.")
            object_ = localized(value, self._quote)
        elif "id" in value:
            object_ = self._reference(prop, value)
        else:
            object_ = self._node(value, prop.inner, graph, depth + 1)
        if isinstance(object_, str):
            add(f"{head}{predicate}{object_} .\n")
        else:
            self.statements.links[subject, predicate, object_, graph] = None

    def _scalar(self, prop: Property, value: object) -> str:
        """The token of a string, number or boolean."""
        reading = prop.reading
        if isinstance(value, str):
            if reading == TEXT:
                return self._quote(value) + typed(prop.datatype)
            if reading == IRI:
                return self._iri(value, prop.names)
            if reading == NAME and (iri := prop.names.name_iri(value)) is not None:
                return f"<{iri}>"
        elif reading == TEXT and isinstance(value, bool | int | float):
            return plain(value, prop.datatype)
        raise Problem(MALFORMED, _misfit(reading, value))

    def _list(self, each: Property, values: object, graph: int | None, depth: int) -> int:
        """A list and its cells (List to RDF Conversion); returns its first cell. A list in a list is a list, too."""
        if not isinstance(values, list) or not values:
            raise Problem(MALFORMED, "The values of this property are a list: an array with something in it.")
        self._nodes += len(values)
        if self._nodes > MAX_NODES or depth >= MAX_DEPTH:
            raise _too_large()
        links = self.statements.links
        cells = [self._blank(values, index) for index in range(len(values))]
        for index, (cell, item) in enumerate(zip(cells, values, strict=True)):
            add = self.statements.own[cell].append
            if graph is not None:
                add = partial(self._say_in_graph, cell, graph)
            try:
                if isinstance(item, list):
                    links[cell, _FIRST, self._list(each, item, graph, depth + 1), graph] = None
                else:
                    self._value((cell, graph, "", add), each, _FIRST, item, depth + 1)
            except Problem as problem:
                problem.at(index)
                raise
            if cell == cells[-1]:
                add(_LAST)
            else:
                links[cell, _REST, cells[index + 1], graph] = None
        return cells[0]

    def _graph(self, prop: Property, value: Node, depth: int) -> int:
        """A value under ``"@container": "@graph"``: spoken of in a graph of its own, which has no id."""
        if not value.keys() - {"@context", "id"}:
            raise Problem(DROPPED, "Nothing is said about this: a proof would not cover it.")
        graph = self._blank(value, "@graph")
        outer = self._bodies, self._credentials
        self._bodies, self._credentials, self._repeats = {}, {}, True
        self._node(value, prop.inner, graph, depth + 1)
        self._bodies, self._credentials = outer
        return graph

    def _reference(self, prop: Property, value: Node) -> str:
        """An object with an id alone. It begins no node, so it is read where it stands (Expansion, step 7)."""
        try:
            if "id" not in prop.names.properties:
                prop.names.property("id")
            self._iri(value["id"], prop.inner)
            return self._iri(value["id"], prop.names)
        except Problem as problem:
            problem.at("id")
            raise

    def _iri(self, value: object, context: ActiveContext) -> str:
        if not isinstance(value, str) or not (self._hasty or is_absolute_iri(value)):
            raise Problem(MALFORMED, "This is to be an absolute IRI, without spaces and other forbidden characters.")
        if context.prefixes and context.is_compact(value):
            raise Problem(MALFORMED, f"{shown(value)} starts with a prefix of the contexts: write the whole IRI.")
        self._iris.append(value)
        return f"<{value}>"

    def _compare(self, subject: str, node: Node, shape: Shape) -> None:
        """Descriptions of one thing fall together in a graph, so they may not contradict each other.

        Else a holder could move what one says to another one that nobody reads. One may leave out what the other says,
        and of two arrays each may have its own values. But a credential is to be all in one place: its expiry is looked
        for there and nowhere else.
        """
        seen = self._bodies.get(subject)
        if seen is None:
            self._bodies[subject] = node
        else:  # perhaps the very object, in a document that was not read from JSON: it is said twice all the same
            self._repeats = True
            for key in seen.keys() & node.keys() - {"@context", "type"}:
                one, other = seen[key], node[key]
                if not (isinstance(one, list) and isinstance(other, list)) and not _same(_listed(one), _listed(other)):
                    raise Problem(MALFORMED, f"Two descriptions of {shown(subject[1:-1])} disagree about {shown(key)}.")
        if shape.is_credential:
            seen = self._credentials.setdefault(subject, node)
            if seen is not node and not _same(seen, node):
                raise Problem(MALFORMED, f"Two descriptions of the credential {shown(subject[1:-1])} differ.")

    def _say_in_graph(self, subject: str | int, graph: int, end: str) -> None:
        _, predicate, object_ = end[:-3].split(" ", 2)  # " <predicate> object .\n"
        self.statements.links[subject, f" {predicate} ", object_, graph] = None

    def _blank(self, origin: object, role: str | int) -> int:
        if self.places is not None:
            self.places.append((origin, role))
        self.statements.own.append([])
        return len(self.statements.own) - 1


def _is_spelt_out(value: object) -> TypeGuard[Node]:
    """Whether a value is an object that says something of what it names."""
    return type(value) is dict and value.keys() > {"id"} and "@value" not in value


def _too_large() -> Problem:
    return Problem(LIMIT, f"A document has at most {MAX_NODES} objects and list items, {MAX_DEPTH} deep.")


def _misfit(reading: int, value: object) -> str:
    if value is None:
        return "A value is null: leave the property out."
    if isinstance(value, list):
        return "An array is directly in another one."
    if reading == GRAPH:
        return "This is to be an object."
    if reading == IRI:
        return "This is to be an object, or the absolute IRI of one."
    if reading == NAME and isinstance(value, str):
        return f"{shown(value)} is neither defined by a context nor an absolute IRI."
    return "This value has no place here."


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same(one: object, other: object, depth: int = MAX_DEPTH) -> bool:
    """Whether two JSON values are equal. In Python, 1 would be true, and equal to 1.0."""
    if type(one) is not type(other) or not depth:
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key], depth - 1) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other, [depth - 1] * len(one)))
    return one == other
