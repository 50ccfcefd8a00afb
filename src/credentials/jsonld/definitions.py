"""Term definitions: what a context says about each name.

Context processing and Create Term Definition (https://www.w3.org/TR/json-ld11-api/#context-processing-algorithms), for
what the contexts of credentials use: ``@id``, ``@type``, ``@container`` (``@set``, ``@list``, ``@graph``),
``@protected``, ``@vocab``, prefixes, and contexts scoped to a property or a type. Whatever else a context holds, the
whole context is refused: half of an unknown meaning would be a wrong one.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec

from credentials.jsonld.problem import CONTEXT, Problem
from credentials.jsonld.tokens import is_absolute_iri

_MAX_INDIRECT: Final = 8  # contexts that name contexts that name contexts

_PREFIX_ENDS: Final = tuple(":/?#[]@")  # RFC 3986 gen-delims: a plain term that ends so may start a compact IRI
_CONTEXT_KEYS: Final = frozenset({"@version", "@protected", "@vocab"})
_TERM_KEYS: Final = frozenset({"@id", "@type", "@container", "@context", "@protected"})
_CONTAINERS: Final = frozenset({"", "@set", "@list", "@graph", "@graph @set"})
_COERCIONS: Final = frozenset({"@id", "@vocab", "@json"})
_ALIASED: Final = frozenset({"@id", "@type"})


class Term(msgspec.Struct, frozen=True):
    """A term definition. ``iri`` may be a keyword; ``scoped`` tells whether ``context``, which may be null, is there."""

    iri: str | None
    is_prefix: bool = False
    coercion: str = ""  # "@id", "@vocab", "@json", the IRI of a datatype, or nothing
    container: str = ""  # keywords with a space between them: "@set", "@list", "@graph", "@graph @set", or nothing
    scoped: bool = False
    context: Any = None
    protected: bool = False


class Definitions(msgspec.Struct, frozen=True):
    """What an active context defines. ``vocab`` stands in front of names that are not in ``terms``, unless empty."""

    terms: dict[str, Term]
    vocab: str = ""


Pinned: TypeAlias = Callable[[str], Any]


def process(active: Definitions, local: Any, pinned: Pinned, *, override: bool = False, depth: int = 0) -> Definitions:
    """The definitions after the local context: an address, an object, null, or a list of those.

    ``pinned`` gives the context at an address. ``override`` is for contexts scoped to a property: they alone may
    redefine protected terms. Raises ``Problem`` with ``context-not-allowed``.
    """
    for context in local if isinstance(local, list) else [local]:
        if context is None:
            if not override and any(term.protected for term in active.terms.values()):
                raise Problem(CONTEXT, "A null context would remove protected terms.")
            active = Definitions({})
        elif isinstance(context, str):
            if depth == _MAX_INDIRECT:
                raise Problem(CONTEXT, f"The context {context} is named through too many others.")
            active = process(active, pinned(context), pinned, override=override, depth=depth + 1)
        elif isinstance(context, dict):
            active = _Defining(active, context, override).definitions()
        else:
            raise Problem(CONTEXT, "A context is an address, an object or null.")
    return active


class _Defining:
    """One run over one local context. Terms may use each other, in any order, but not in circles."""

    def __init__(self, active: Definitions, local: dict[str, Any], override: bool) -> None:
        if unknown := {key for key in local if key.startswith("@")} - _CONTEXT_KEYS:
            raise Problem(CONTEXT, f"A context uses {min(unknown)}, which is not supported.")
        if local.get("@version", 1.1) != 1.1 or not isinstance(local.get("@protected", False), bool):
            raise Problem(CONTEXT, "A context is not one of JSON-LD 1.1.")
        self._local = local
        self._override = override
        self._protected: bool = local.get("@protected", False)
        self._before = active.terms
        self._terms = dict(active.terms)
        self._vocab = active.vocab
        self._defined: dict[str, bool] = {}  # False while it is being defined

    def definitions(self) -> Definitions:
        if "@vocab" in self._local:
            vocab = self._local["@vocab"]
            if vocab is not None and not (isinstance(vocab, str) and is_absolute_iri(vocab)):
                raise Problem(CONTEXT, "@vocab of a context is not an absolute IRI.")
            self._vocab = vocab or ""
        for name in self._local:
            if not name.startswith("@"):
                self._define(name)
        return Definitions(self._terms, self._vocab)

    def _define(self, name: str) -> None:
        """Create Term Definition."""
        if name in self._defined:
            if not self._defined[name]:
                raise Problem(CONTEXT, f"A context defines {name!r} by itself.")
            return
        self._defined[name] = False
        if not name or ":" in name or "/" in name:
            raise Problem(CONTEXT, f"A context defines the term {name!r}, which is not supported.")
        value = self._local[name]
        simple = isinstance(value, str) or value is None
        if simple:
            value = {"@id": value}
        if not isinstance(value, dict) or not value.keys() <= _TERM_KEYS:
            raise Problem(CONTEXT, f"The definition of {name!r} in a context is not supported.")
        self._terms.pop(name, None)
        iri = self._iri_of(name, value)
        term = Term(
            iri=iri,
            is_prefix=simple and iri is not None and iri.endswith(_PREFIX_ENDS),
            coercion=self._coercion(name, value),
            container=_container(name, value),
            scoped="@context" in value,
            context=value.get("@context"),
            protected=bool(value.get("@protected", self._protected)),
        )
        before = self._before.get(name)
        if before is not None and before.protected and not self._override:
            term = msgspec.structs.replace(term, protected=True)
            if term != before:
                raise Problem(CONTEXT, f"The protected term {name!r} may not be redefined.")
        self._terms[name] = term
        self._defined[name] = True

    def _iri_of(self, name: str, value: dict[str, Any]) -> str | None:
        given = value.get("@id", name)
        if given is None:
            return None
        if not isinstance(given, str):
            raise Problem(CONTEXT, f"The @id of {name!r} in a context is not a string.")
        iri = self._vocab + name if given == name else self._expand(given)
        if iri not in _ALIASED and not is_absolute_iri(iri):
            raise Problem(CONTEXT, f"{name!r} in a context stands neither for an absolute IRI nor for @id or @type.")
        return iri

    def _coercion(self, name: str, value: dict[str, Any]) -> str:
        if "@type" not in value:
            return ""
        given = value["@type"]
        coercion = self._expand(given) if isinstance(given, str) else ""
        if coercion not in _COERCIONS and not is_absolute_iri(coercion):
            raise Problem(CONTEXT, f"The @type of {name!r} in a context is not supported.")
        return coercion

    def _expand(self, value: str) -> str:
        """IRI Expansion with *vocab* true, while the context is being processed."""
        if value.startswith("@"):
            return value
        if value in self._local and not self._defined.get(value):
            self._define(value)
        term = self._terms.get(value)
        if term is not None:
            return term.iri or ""
        prefix, colon, suffix = value.partition(":")
        if not colon:
            return self._vocab + value
        if suffix.startswith("//"):
            return value
        if prefix in self._local and not self._defined.get(prefix):
            self._define(prefix)
        term = self._terms.get(prefix)
        return f"{term.iri}{suffix}" if term is not None and term.is_prefix else value


def _container(name: str, value: dict[str, Any]) -> str:
    given = value.get("@container", [])
    listed = given if isinstance(given, list) else [given]
    container = " ".join(sorted(str(item) for item in listed))
    if container not in _CONTAINERS:
        raise Problem(CONTEXT, f"The @container of {name!r} in a context is not supported.")
    return container
