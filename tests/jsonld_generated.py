"""Documents over the whole vocabulary of some contexts, made from the compiled term tables, so that nothing is forgotten.

Every type and every property that the contexts define comes up, at every place where it is defined, with every kind of
value that is accepted there. All of these documents hold: a refusal is an error of ours.
"""

import contextlib
import copy
from random import Random
from typing import Any

from credentials.jsonld.contexts import (
    GRAPH,
    IRI,
    JSON,
    LIST,
    NAME,
    SHARED,
    TEXT,
    ActiveContext,
    Contexts,
    Property,
    Shape,
)
from credentials.jsonld.problem import Problem

VC, VC11 = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"
_OB, _CLR = "https://purl.imsglobal.org/spec/ob/v3p0", "https://purl.imsglobal.org/spec/clr/v2p0"
_SECURITY = "https://w3id.org/security"

CONTEXT_LISTS = (
    [VC, f"{_OB}/context-3.0.3.json", f"{_OB}/extensions.json"],
    [VC, f"{_OB}/context-3.0.3.json"],
    [VC, f"{_OB}/context-3.0.2.json"],
    [VC11, f"{_OB}/context-3.0.1.json"],
    [VC11, f"{_OB}/context.json", f"{_OB}/extensions.json"],
    [VC, f"{_CLR}/context-2.0.1.json", f"{_OB}/context-3.0.3.json"],
    [VC, f"{_CLR}/context.json", f"{_OB}/context-3.0.3.json"],
    [VC],
    [VC11],
    VC,
    [VC11, f"{_SECURITY}/suites/ed25519-2020/v1"],
    [VC11, f"{_SECURITY}/data-integrity/v2"],
    [VC11, f"{_SECURITY}/data-integrity/v1"],
    [VC, f"{_SECURITY}/multikey/v1", f"{_SECURITY}/jwk/v1"],
    [VC11, "https://www.w3.org/ns/credentials/status/v1"],
    [VC11, "https://w3id.org/vc/status-list/2021/v1"],
    ["https://www.w3.org/ns/did/v1", f"{_SECURITY}/multikey/v1"],
    "https://www.w3.org/ns/cid/v1",
    "https://w3id.org/openbadges/v2",
)

_LETTERS = [*"abcdefghij ABC xyz 0123 .,:;-'/", *"éßЖ漢あ€", "🌊", "𐍈", "\ue000", "\uffee"]
_MARKS = [*'"\\\t\n\r', "\\u0041", "<", ">", "{", "\u2028"]
_CONTROLS = [*"\0\x01\x07\b\x0b\f\x0e\x1f\x7f\x80\x9f", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe"]
_IRIS = (
    "https://alder.example/{}",
    "https://alder.example/a%20b/{}?q=1&r=%C3%A9#part",
    "https://ålder.example/é/{}",
    "urn:uuid:7a53c9a4-6b8e-4c3b-9b8e-{}",
    "did:web:alder.example:{}",
    "did:key:z6Mk{}#z6Mk{}",
    "data:text/plain;charset=utf-8,{}",
    "tag:alder.example,2026:{}",
    "x-y+z.1:{}",
)
_FRACTIONS = (0.5, -3.25, 1.1, 0.1, 123456.789, -0.000001, 1234567.125, 9007199254740.5, 1e-6)
_WHOLE = (0, 1, -1, 7, 2**53 - 1, -(2**53) + 1, 100000, 2.0, -0.0, 1e15)


def vocabulary(listed: Any, contexts: Contexts) -> set[tuple[str, str]]:
    """Each type that the contexts define, with each property that it brings."""
    root = contexts.initial.after(listed)
    found = set()
    for name, term in root.terms.items():
        if term.scoped and _is_type(name, root):
            inside = root.shape(name).context
            found |= {(name, key) for key in inside.terms.keys() - root.terms.keys() if _is_property(key, inside)}
    return found


class Generated:
    """One document, drawn with ``draw``."""

    def __init__(self, draw: Random, contexts: Contexts) -> None:
        self._draw = draw
        self._room = draw.choice((3, 8, 20, 40))
        self._count = 0
        self._described: list[tuple[ActiveContext, dict[str, Any]]] = []
        self.has_graphs = False
        self.said: set[tuple[str, str]] = set()  # a type of a node, and a property that it was given
        self.listed = draw.choice(CONTEXT_LISTS)
        self._root = contexts.initial.after(self.listed)
        # Where there are graphs, PyLD may have to be asked for its own canonical form.
        self._marked = draw.random() < 0.5
        self._graphs = not self._marked
        self.document = self._node(self._root, 0, ["VerifiableCredential"] if draw.random() < 0.6 else None)
        while not self.document.keys() - {"id"}:  # nothing is said yet
            self.document = self._node(self._root, 0)
        self.document["@context"] = copy.copy(self.listed)

    def _node(self, context: ActiveContext, depth: int, wanted: list[str] | None = None) -> dict[str, Any]:
        node: dict[str, Any] = {}
        self._count += 1
        types = self._types(context, wanted)
        if depth and self._draw.random() < 0.3 and types and context.shape(types).bears_context:
            with contextlib.suppress(Problem):  # a few properties redefine terms that the list of contexts protects
                context = context.after(self.listed)
                node["@context"] = copy.copy(self.listed)
        shape = context.shape(types) if types else context.untyped
        if types:
            node["type"] = types[0] if len(types) == 1 and self._draw.random() < 0.5 else types
        if self._draw.random() < 0.5 and "id" in shape.context.terms:
            node["id"] = self._iri(shape.context)
        for key in self._keys(context, shape):
            _, _, prop = shape.context.property(key)
            if prop is not None and (value := self._values(prop, depth)) is not None:
                node[key] = value
                self.said |= {(name, key) for name in types or [""]}
        if "id" in node and depth and not shape.is_credential:
            self._described.append((context, node))
        items = list(node.items())
        self._draw.shuffle(items)
        return dict(items)

    def _types(self, context: ActiveContext, wanted: list[str] | None) -> list[str]:
        """Names of types that go together: any that the context defines."""
        names = [name for name in context.terms if _is_type(name, context)]
        if context.terms.get("type") is None:
            return []
        for _ in range(4):
            types = [*(wanted or []), *self._draw.sample(names, min(len(names), self._draw.choice((0, 1, 1, 1, 2))))]
            types = list(dict.fromkeys(types))
            try:
                if types:
                    context.shape(types)
            except Problem:
                continue
            return types
        return []

    def _keys(self, context: ActiveContext, shape: Shape) -> list[str]:
        """Some properties: those that the types bring rather than those that every node may have."""
        usable = [name for name in shape.context.terms if _is_property(name, shape.context)]
        brought = [name for name in usable if shape.context.terms[name] is not context.terms.get(name)]
        size = self._draw.choice((1, 2, 4, 7))
        keys = self._draw.sample(brought, min(len(brought), size)) + self._draw.sample(usable, min(len(usable), 2))
        return list(dict.fromkeys(keys))

    def _values(self, prop: Property, depth: int) -> Any:
        draw = self._draw
        if prop.reading == SHARED:
            return self._values(prop.each, depth)
        if prop.reading == JSON:
            return self._json(3)
        if prop.reading == LIST:
            return [self._item(prop.each, depth, 2) for _ in range(draw.randint(1, 4))]
        first = self._value(prop, depth)
        if first is None or prop.is_date or draw.random() < 0.6:
            return first
        values = [first, *(self._value(prop, depth) for _ in range(draw.randint(0, 3)))]
        if draw.random() < 0.3 and not _ids(values):
            values.append(copy.deepcopy(draw.choice(values)))  # a tie, or a repetition
        return [value for value in values if value is not None]

    def _item(self, each: Property, depth: int, lists: int) -> Any:
        if lists and self._draw.random() < 0.2:
            return [self._item(each, depth, lists - 1) for _ in range(self._draw.randint(1, 3))]
        return self._value(each, depth)

    def _value(self, prop: Property, depth: int) -> Any:
        draw, reading = self._draw, prop.reading
        chance = draw.random()
        if reading == GRAPH:
            return self._graph(prop, depth)
        if reading == NAME:
            names = [name for name in prop.names.terms if prop.names.name_iri(name) is not None]
            return draw.choice(names) if names and chance < 0.7 else self._iri(prop.names)
        if depth < 6 and self._count < self._room and chance < (0.4 if reading == TEXT else 0.7):
            child = self._node(prop.inner, depth + 1)
            return (
                child if len(child.keys() - {"@context"}) else self._iri(prop.names) if reading == IRI else self._text()
            )
        if reading == IRI:
            if chance > 0.9 and "id" in prop.names.terms:
                return {"id": self._iri(prop.names, prop.inner)}
            return self._iri(prop.names)
        if chance > 0.95 and self._described:
            return self._description_again(prop) or self._text()
        if chance > 0.85:
            return draw.choice((True, False, *_WHOLE, *_FRACTIONS))
        if chance > 0.75 and not prop.datatype:
            return self._localized()
        return self._text()

    def _graph(self, prop: Property, depth: int) -> dict[str, Any] | None:
        if not self._graphs or depth >= 4:
            return None
        wanted = ["VerifiableCredential"] if "VerifiableCredential" in prop.inner.terms else None
        if not prop.inner.terms:  # under "@context": null everything must say anew what it is written in
            return {"@context": copy.copy(self.listed), **self._node(self._root, 4, ["VerifiableCredential"])}
        node = self._node(prop.inner, depth + 1, wanted if self._draw.random() < 0.3 else None)
        self.has_graphs = True
        return node if node.keys() - {"@context", "id"} else None

    def _description_again(self, prop: Property) -> dict[str, Any] | None:
        """The id of a node that is described already, and a part of its description."""
        context, node = self._draw.choice(self._described)
        if context is not prop.inner or "@context" in node:
            return None
        keys = [
            key for key in node if key not in ("id", "type") and self._draw.random() < 0.5 and not _blank(node[key])
        ]
        return {key: copy.deepcopy(node[key]) for key in ("id", "type", *keys) if key in node}

    def _iri(self, *contexts: ActiveContext) -> str:
        number = self._number()
        iri = self._draw.choice(_IRIS).replace("{}", number)
        return f"urn:uuid:{number}" if any(context.is_compact(iri) for context in contexts) else iri

    def _number(self) -> str:
        self._count += 1
        return f"{self._count:06d}"

    def _text(self) -> str:
        draw = self._draw
        letters = _LETTERS if draw.random() < 0.6 else [*_LETTERS, *_MARKS]
        if self._marked and draw.random() < 0.3:
            letters = [*letters, *_CONTROLS]
        return "".join(draw.choices(letters, k=draw.choice((0, 1, 3, 12))))

    def _localized(self) -> dict[str, str]:
        value = {"@value": self._text()}
        if self._draw.random() < 0.8:
            value["@language"] = self._draw.choice(("en", "es-US", "ar", "zh-Hant-TW", "DE"))
        if len(value) == 1 or self._draw.random() < 0.3:
            # PyLD takes values for equal that differ in their direction alone, and drops one.
            value |= {"@value": f"{value['@value']}{self._number()}", "@direction": self._draw.choice(("ltr", "rtl"))}
        return value

    def _json(self, depth: int) -> Any:
        draw = self._draw
        scalar = draw.choice((True, False, self._text(), *_WHOLE, *_FRACTIONS))
        if not depth or draw.random() < 0.3:
            return scalar
        inner = [self._json(depth - 1) for _ in range(draw.randint(0, 3))]
        return inner if draw.random() < 0.5 else {self._text() or "@id": item for item in inner} | {"null": None}


def _is_type(name: str, context: ActiveContext) -> bool:
    return not name[0].islower() and not context.terms[name].coercion and context.name_iri(name) is not None


def _is_property(name: str, context: ActiveContext) -> bool:
    try:
        return name[0].islower() and not context.terms[name].is_prefix and context.property(name)[2] is not None
    except Problem:
        return False


def _ids(value: Any) -> bool:
    """Whether a value has a node with an id in it, whose copy would be a second description."""
    if isinstance(value, dict):
        return "id" in value or any(_ids(item) for item in value.values())
    return isinstance(value, list) and any(_ids(item) for item in value)


def _blank(value: Any) -> bool:
    """Whether a value has an object in it: a copy of it would be another node."""
    return isinstance(value, dict) or (isinstance(value, list) and any(_blank(item) for item in value))
