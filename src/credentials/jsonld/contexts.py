"""Pinned contexts, made into active contexts: what each key and type means at each place of a document.

``Contexts`` remembers what it worked out. Documents of one kind share a few dozen active contexts, so a document costs
dictionary look-ups and no context processing at all, which is three quarters of what PyLD spends its time on.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, TypeAlias, TypeGuard, TypeVar

import msgspec

from credentials.errors import Refused
from credentials.jsonld.definitions import Definitions, Term, process
from credentials.jsonld.passages import RECURRING
from credentials.jsonld.problem import CONTEXT, DROPPED, MALFORMED, Problem, shown
from credentials.jsonld.reader import read_json
from credentials.jsonld.tokens import RDF_TYPE, is_absolute_iri, typed

MAX_CONTEXTS: Final = 16
"""In one ``@context``. Real documents have three or four."""

WRITTEN_OUT: Final = (
    "A context that is written out in the document is not read: it could give every word any meaning. Name one by its address "
    "that is pinned here."
)

MAX_TYPES: Final = 16
"""Of one node. Real nodes have one to three."""

MAX_REMEMBERED: Final = 1_000
"""Active contexts and lists of types that are kept. Our documents need about sixty; a stranger who sends every
combination that there is makes us forget and begin again, and never makes us grow."""

MAX_NAME: Final = 256
"""Characters of a name that only an ``@vocab`` defines: the line of every value under it repeats it."""

_VC: Final = "https://www.w3.org/2018/credentials#"
_CREDENTIAL: Final = f"{_VC}VerifiableCredential"

# Only these may say inside a document which contexts they are written in. An ``@context`` elsewhere would change what a
# credential means, and leaves no trace in its N-Quads (Data Integrity 1.0, "Validating Contexts").
_BEARERS: Final = frozenset(
    {
        _CREDENTIAL,
        f"{_VC}VerifiablePresentation",
        f"{_VC}EnvelopedVerifiableCredential",
        f"{_VC}EnvelopedVerifiablePresentation",
        "https://w3id.org/security#DataIntegrityProof",
    }
)

# How a value under a property is read. Value by value: a string as a literal, an IRI, or a name of the vocabulary; an object
# as a graph of its own. As a whole: one JSON literal; a list; like ``each``, but another key may say the same; like ``each``,
# but many documents have the same value there.
TEXT, IRI, NAME, GRAPH, JSON, LIST, SHARED, PASSAGE = range(8)
_COERCED: Final = {"@id": IRI, "@vocab": NAME, "@json": JSON}
_CONTAINED: Final = {"@list": LIST, "@graph": GRAPH, "@graph @set": GRAPH}  # a set is how any other array is read
_DATES: Final = ("#date", "#dateTime", ":dateTime")
_ALIASES: Final = {"id": "@id", "type": "@type"}
_UNDEFINED: Final = Term(None)

K = TypeVar("K")
V = TypeVar("V")


class Property:
    """A term, made ready for the walk: what a value under this key becomes.

    ``predicate`` brings its spaces. ``inner`` is the active context in which nodes under the property begin, ``names`` the
    one in which its strings are looked up. ``each`` reads one value of a list. ``place`` is what stands before the value of a
    passage in a document's octets.
    """

    __slots__ = ("datatype", "each", "inner", "is_date", "names", "place", "predicate", "reading")

    def __init__(
        self, iri: str, reading: int, inner: "ActiveContext", names: "ActiveContext", datatype: str = ""
    ) -> None:
        self.predicate = f" <{iri}> "
        self.reading = reading
        self.inner = inner
        self.names = names
        self.datatype = datatype
        self.is_date = datatype.endswith(_DATES)
        self.each = self
        self.place = b""


Entry: TypeAlias = tuple[str, str, Property | None]
"""A key as the walk looks it up: the predicate; what ends the line after a string, if strings are literals here, else
nothing; all about the property. For a keyword, with which the node itself deals, there is nothing."""

_KEYWORD_ENTRY: Final[Entry] = ("", "", None)


class Shape:
    """A node of certain types: the properties that it may have, and the ends of the lines that state its types."""

    __slots__ = ("bears_context", "context", "is_credential", "properties", "types")

    def __init__(self, context: "ActiveContext", iris: Sequence[str] = ()) -> None:
        self.context = context
        self.properties = context.properties
        self.types = [f" <{RDF_TYPE}> <{iri}> .\n" for iri in dict.fromkeys(iris)]
        self.bears_context = not _BEARERS.isdisjoint(iris)
        self.is_credential = _CREDENTIAL in iris


class ActiveContext:
    """What keys and types mean at one place (JSON-LD 1.1 API, section 4.1).

    ``outer`` is the context that the nodes inside go back to: a type's own context does not reach beyond its node.
    """

    __slots__ = (
        "_definitions",
        "_listed",
        "_pinned",
        "_scoped",
        "_shapes",
        "_typed",
        "outer",
        "prefixes",
        "properties",
        "terms",
        "untyped",
    )

    def __init__(self, pinned: "Contexts", definitions: Definitions, outer: "ActiveContext | None" = None) -> None:
        self.terms = definitions.terms
        self.prefixes = frozenset(name for name, term in self.terms.items() if term.is_prefix)
        self.outer = outer or self
        self.properties: dict[str, Entry] = {"@context": _KEYWORD_ENTRY}
        self.untyped = Shape(self)
        self._definitions = definitions
        self._pinned = pinned
        self._listed: dict[tuple[str, ...], ActiveContext] = {}
        self._scoped: dict[int, ActiveContext] = {}
        self._typed: dict[tuple[str, ...], ActiveContext] = {}
        self._shapes: dict[tuple[Any, ...], Shape] = {}

    def after(self, context: object) -> "ActiveContext":
        """After the ``@context`` of a document: the address of a pinned context, or a list of them."""
        addresses = tuple(context) if _is_texts(context) else _addresses(context)
        known = self._listed.get(addresses)
        if known is None:
            addresses = _addresses(context)
            known = ActiveContext(self._pinned, process(self._definitions, list(addresses), self._pinned.at))
            self._pinned.remember(self._listed, addresses, known)
        return known

    def inside(self, term: Term) -> "ActiveContext":
        """Inside a property that has a context of its own (Expansion, step 8); the same one inside any other."""
        if not term.scoped:
            return self
        known = self._scoped.get(id(term.context))  # the pinned contexts hold it for as long as this may be asked
        if known is None:
            definitions = process(self._definitions, term.context, self._pinned.at, override=True)
            known = ActiveContext(self._pinned, definitions)
            self._pinned.remember(self._scoped, id(term.context), known)
        return known

    def shape(self, types: object) -> Shape:
        """The shape of a node that states these types: a name or a list of names."""
        names = tuple(types) if type(types) is list else (types,)
        try:
            return self._shapes[names]
        except (KeyError, TypeError):  # new, or with something among the names that cannot be looked up
            return self._new_shape(names)

    def _new_shape(self, names: tuple[Any, ...]) -> Shape:
        if not names or not all(isinstance(name, str) for name in names):
            raise Problem(MALFORMED, "A type is a name or a list of names.")
        if len(names) > MAX_TYPES:
            raise Problem(MALFORMED, f"A node has at most {MAX_TYPES} types.")
        if self.terms.get("type", _UNDEFINED).iri != "@type":
            raise Problem(DROPPED, "No context of the document defines what type means here.")
        shape = Shape(self._typed_by(names), [self._type_iri(name) for name in names])
        if self.terms.keys() >= set(names):  # other names are of a stranger's making, and as long as he likes
            self._pinned.remember(self._shapes, names, shape)
        return shape

    def _typed_by(self, names: tuple[str, ...]) -> "ActiveContext":
        """The context inside a node of these types (Expansion, step 11): each type's own, in order of code points."""
        scoped = tuple(sorted({name for name in names if self.terms.get(name, _UNDEFINED).scoped}))
        if not scoped:
            return self
        known = self._typed.get(scoped)
        if known is None:
            definitions = self._definitions
            for name in scoped:
                definitions = process(definitions, self.terms[name].context, self._pinned.at)
            known = ActiveContext(self._pinned, definitions, outer=self)
            self._pinned.remember(self._typed, scoped, known)
        return known

    def _type_iri(self, name: str) -> str:
        term = self.terms.get(name)
        if term is None and any(name == term.iri for term in self.terms.values()):
            raise Problem(MALFORMED, f"The type {shown(name)} has a name in the contexts of the document: use it.")
        iri = self.name_iri(name)
        if iri is None:
            raise Problem(MALFORMED, f"The type {shown(name)} is neither defined by a context nor an absolute IRI.")
        return iri

    def name_iri(self, name: str) -> str | None:
        """What a type, or a string under a term with ``"@type": "@vocab"``, stands for; ``None`` if it stands for nothing.

        IRI Expansion with *vocab* true.
        """
        term = self.terms.get(name)
        if term is not None:
            return None if term.iri is None or term.iri.startswith("@") else term.iri
        iri = name if ":" in name else self._in_vocab(name)
        return iri if is_absolute_iri(iri) and not self.is_compact(name) else None

    def is_compact(self, iri: str) -> bool:
        """Whether JSON-LD reads this as ``prefix:suffix``. Those are refused: one thing is to have one spelling."""
        prefix, _, suffix = iri.partition(":")
        return prefix in self.prefixes and not suffix.startswith("//")

    def _in_vocab(self, name: str) -> str:
        vocab = self._definitions.vocab
        return vocab + name if vocab and 0 < len(name) <= MAX_NAME and not name.startswith("@") else ""

    def property(self, key: object) -> Entry:
        """What ``key`` means here, remembered in ``properties``. Raises ``Problem`` where a processor would drop it."""
        if not isinstance(key, str) or key.startswith("@"):
            raise Problem(MALFORMED, f"The keyword {shown(key)} has no place here.")
        if ":" in key:
            raise Problem(MALFORMED, f"The key {shown(key)} is an IRI: use the name that a context gives it.")
        term = self.terms.get(key)
        if term is None and is_absolute_iri(iri := self._in_vocab(key)):
            return _entry(self._new_property(key, Term(iri), iri))  # not remembered: strangers choose such names
        if term is None or term.iri is None:
            raise Problem(DROPPED, f"No context of the document defines {shown(key)} here: a proof would not cover it.")
        if (term.iri.startswith("@") or key in _ALIASES) and _ALIASES.get(key) != term.iri:
            raise Problem(MALFORMED, f"The contexts of the document give {shown(key)} an unusual meaning ({term.iri}).")
        self.properties[key] = entry = (
            _KEYWORD_ENTRY if key in _ALIASES else _entry(self._new_property(key, term, term.iri))
        )
        return entry

    def _new_property(self, key: str, term: Term, iri: str) -> Property:
        inner, names = self.outer.inside(term), self.inside(term)
        # A string is read inside the property's own context, which may define the property anew (Expansion, step 4).
        coercion = term.coercion if term.coercion == "@json" else names.terms.get(key, _UNDEFINED).coercion
        reading = _COERCED.get(coercion, TEXT)
        made = Property(iri, reading, inner, names, coercion if reading == TEXT else "")
        if term.container in _CONTAINED:
            made = _wrapped(made, _CONTAINED[term.container])
        if self._has_twin(key, iri):
            return _wrapped(made, SHARED)
        if iri in RECURRING and made.reading == TEXT:
            made = _wrapped(made, PASSAGE)
            made.place = b"%b:" % msgspec.json.encode(key)
        return made

    def _has_twin(self, key: str, iri: str) -> bool:
        """Whether something else may say the same. Types are no properties, even if the contexts do not tell them apart."""
        twins = [name for name, other in self.terms.items() if other.iri == iri and name != key]
        properties = [name for name in twins if not name[0].isupper()]
        if key[:1].isupper() and properties:
            raise Problem(MALFORMED, f"{shown(key)} is the name of a type: the property is called {properties[0]!r}.")
        return iri == RDF_TYPE or bool(twins if key[:1].isupper() else properties)


def _entry(made: Property) -> Entry:
    return made.predicate, f"{typed(made.datatype)} .\n" if made.reading == TEXT else "", made


def _wrapped(each: Property, reading: int) -> Property:
    made = Property(each.predicate[2:-2], reading, each.inner, each.names)
    made.each = each
    return made


class Contexts:
    """The contexts that a deployment has pinned, by address: ``Contexts(packaged_contexts())``.

    A value, made once and handed down. What it remembers is worked out from the pinned contexts alone, is bounded, and
    may be forgotten at any moment; two documents never meet in it.
    """

    __slots__ = ("_digests", "_files", "_initial", "_parsed", "_remembered", "configurations")

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)
        self._digests: dict[str, str] = {}
        self._parsed: dict[str, Any] = {}
        self._initial = ActiveContext(self, Definitions({}))
        self._remembered = 0
        self.configurations: dict[tuple[Any, ...], tuple[str, str, str]] = {}

    def __contains__(self, address: object) -> bool:
        return address in self._files

    def digest(self, address: str) -> str:
        """The SHA-256 of what is pinned for an address, in hexadecimal; nothing for an address that is not pinned."""
        known = self._digests.get(address)
        if known is None:
            if address not in self._files:
                return ""
            known = self._digests[address] = sha256(self._files[address]).hexdigest()
        return known

    @property
    def initial(self) -> ActiveContext:
        """The active context before the document's own. It defines nothing."""
        return self._initial

    def at(self, address: str) -> Any:
        """The context at an address. Raises ``Problem`` if it is not pinned, or is not JSON with an ``@context``."""
        if address not in self._parsed:
            if address not in self._files:
                raise Problem(CONTEXT, f"The context {shown(address)} is not one of those that are accepted here.")
            try:
                document = read_json(self._files[address])
            except Refused as refused:
                raise Problem(CONTEXT, f"The pinned context {address} cannot be used. {refused.detail}") from refused
            if not isinstance(document, dict) or "@context" not in document:
                raise Problem(CONTEXT, f"The pinned file for {address} holds no @context.")
            self._parsed[address] = document["@context"]
        return self._parsed[address]

    def remember(self, cache: dict[K, V], key: K, value: V) -> None:
        """Keep ``value`` in a ``cache`` of an active context; begin with empty ones when too much is kept."""
        cache[key] = value
        self._remembered += 1
        if self._remembered > MAX_REMEMBERED:
            self._remembered = 0
            self.configurations.clear()
            self._initial = ActiveContext(self, Definitions({}))


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return type(value) is list and {*map(type, value)} == {str}


def _addresses(context: object) -> tuple[str, ...]:
    listed = context if isinstance(context, list) else [context]
    if not listed or len(listed) > MAX_CONTEXTS:
        raise Problem(CONTEXT, f"A document names between one and {MAX_CONTEXTS} contexts.")
    for index, address in enumerate(listed):
        if not isinstance(address, str):
            step = index if isinstance(context, list) else None
            if isinstance(address, dict):
                raise Problem(CONTEXT, WRITTEN_OUT, step)
            raise Problem(CONTEXT, "A context of a document is the address of a pinned one.", step)
    if len(set(listed)) != len(listed):
        raise Problem(CONTEXT, "A document names one context twice.")
    return tuple(listed)
