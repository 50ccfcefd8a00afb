"""The pathway rule language: what its nodes are, and how a document becomes a rule.

A rule is a tree of requirements. Each node is one JSON object whose kind its own member names (``all``, ``sum``, …).
A text that begins with ``$`` is the path of a fact and is looked up when a record is judged.
"""

from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from credentials.pathways.model import DocumentRefused
from credentials.pathways.reading import (
    MAX_DEPTH,
    as_day,
    day,
    elements,
    flag,
    members,
    number,
    parse,
    refused,
    step,
    text,
    texts,
    whole,
)

MAX_NODES = 1000
"""Nodes of one rule, all versions together. The longest real rule that we know of has forty."""
MAX_LISTED = 200
"""Children, versions, rates or categories of one node."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """``at`` is the JSON Pointer of the node in its document; ``text`` is the rule's own words, ``source`` where they stand."""

    at: str
    label: str = ""
    text: str = ""
    source: str = ""

    @property
    def name(self) -> str:
        """What reasons and waivers call the requirement: its label, else its place (RFC 6901, section 6)."""
        return self.label or f"#{self.at}"


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What an item must be. A text that begins with ``$`` is a fact's path. Absent members ask nothing."""

    type: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    min_score: float | str | None = None
    opens: date | str | None = None
    closes: date | str | None = None
    documented: bool = False
    preapproved: bool = False
    unused: bool = False
    after: date | str | None = None


class All(Node, frozen=True, kw_only=True):
    """Every child is met; ``exclusive``: and no item serves two of them."""

    children: tuple["Rule", ...]
    exclusive: bool = False


class AnyOf(Node, frozen=True, kw_only=True):
    children: tuple["Rule", ...]


class KOf(Node, frozen=True, kw_only=True):
    k: int
    children: tuple["Rule", ...]


class Credential(Node, frozen=True, kw_only=True):
    match: Match
    count: int = 1
    repeat: bool = False


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """``value`` units for each unit of quantity, or with ``per_item`` for each item."""

    match: Match
    value: float
    per_item: bool = False
    cap: float | None = None
    max_items: int | None = None
    area: str | None = None


class Category(msgspec.Struct, frozen=True, kw_only=True):
    tag: str
    minimum: float


class Sum(Node, frozen=True, kw_only=True):
    unit: str
    minimum: float
    where: Match = Match()
    rates: tuple[Rate, ...]
    categories: tuple[Category, ...] = ()
    disjoint: bool = False
    min_areas: int = 0


class Op(StrEnum):
    EQUAL = "=="
    AT_LEAST = ">="
    AT_MOST = "<="
    LESS = "<"
    MORE = ">"
    IN = "in"


class Fact(Node, frozen=True, kw_only=True):
    path: str
    op: Op
    value: Any


class If(Node, frozen=True, kw_only=True):
    """``condition`` has facts only. Without ``otherwise`` the other branch asks nothing."""

    condition: "Rule"
    then: "Rule"
    otherwise: "Rule | None" = None


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """In force from ``opens`` on, and until the day before ``closes``."""

    name: str
    rule: "Rule"
    opens: date | None = None
    closes: date | None = None

    def in_force(self, on: date) -> bool:
        return (self.opens is None or self.opens <= on) and (self.closes is None or on < self.closes)


class Versions(Node, frozen=True, kw_only=True):
    basis: str
    versions: tuple[Version, ...]


class NotApplicable(Node, frozen=True, kw_only=True):
    pass


class Always(Node, frozen=True, kw_only=True):
    pass


Rule: TypeAlias = All | AnyOf | KOf | Credential | Sum | Fact | If | Versions | NotApplicable | Always


def children(rule: Rule) -> tuple[Rule, ...]:
    """The nodes right below, the branches not taken included; a condition's facts are not requirements."""
    match rule:
        case All() | AnyOf() | KOf():
            return rule.children
        case If():
            return (rule.then,) if rule.otherwise is None else (rule.then, rule.otherwise)
        case Versions():
            return tuple(version.rule for version in rule.versions)
        case Credential() | Sum() | Fact() | NotApplicable() | Always():
            return ()


def walk(rule: Rule) -> Iterator[Rule]:
    """The node and all below it, in the order of the document."""
    yield rule
    for child in children(rule):
        yield from walk(child)


def refs_of(rule: Rule) -> frozenset[str]:
    """What the rule asks for by name, in its nodes and below them: micro-credentials by their short names, above all."""
    found: set[str] = set()
    for node in walk(rule):
        match node:
            case Credential():
                found.update(node.match.ref)
            case Sum():
                found.update(node.where.ref, *(rate.match.ref for rate in node.rates))
            case _:
                pass
    return frozenset(ref for ref in found if not is_path(ref))


# Reading


def decode(data: bytes) -> Rule:
    """A rule from the bytes of a document; ``DocumentRefused`` names the place of the first mistake."""
    return read(parse(data, "rule"))


def read(document: Any) -> Rule:
    """A rule from a parsed document."""
    return _Reader().node(document, "", 1)


_COMMON = ("label", "text", "source")
_KINDS = {
    "all": ("all", "exclusive"),
    "any": ("any",),
    "k_of": ("k_of", "of"),
    "credential": ("credential", "count", "repeat"),
    "sum": ("sum",),
    "fact": ("fact", "op", "value"),
    "if": ("if", "then", "else"),
    "versions": ("versions", "basis"),
    "not_applicable": ("not_applicable",),
    "true": ("true",),
}
_REQUIRED = {
    "k_of": ("k_of", "of"),
    "fact": ("fact", "op", "value"),
    "if": ("if", "then"),
    "versions": ("versions", "basis"),
}
_OF_FACTS = (All, AnyOf, KOf, Fact)


class _Reader:
    def __init__(self) -> None:
        self.nodes = 0

    def node(self, value: Any, at: str, depth: int) -> Rule:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise refused(f"this rule has more than {MAX_NODES} nodes", at)
        if depth > MAX_DEPTH:
            raise refused(f"nodes are nested more than {MAX_DEPTH} deep", at)
        if not isinstance(value, dict):
            raise refused("there must be a node here, an object", at)
        kinds = [kind for kind in _KINDS if value.get(kind) is not None]
        if len(kinds) != 1:
            seen = f"this has {' and '.join(kinds)}" if kinds else "this has none"
            raise refused(f"a node has exactly one of {', '.join(_KINDS)}; {seen}", at)
        kind = kinds[0]
        inner = members(value, at, (*_KINDS[kind], *_COMMON), _REQUIRED.get(kind, ()))
        common = {name: text(inner[name], step(at, name), blank=True) for name in _COMMON if name in inner}
        reader: Callable[[dict[str, Any], str, int, dict[str, Any]], Rule] = getattr(self, f"_{kind}")
        return reader(inner, at, depth, {"at": at, **common})

    def _list(self, value: Any, at: str, depth: int) -> tuple[Rule, ...]:
        listed = elements(value, at, least=1, most=MAX_LISTED)
        return tuple(self.node(one, step(at, place), depth + 1) for place, one in enumerate(listed))

    def _all(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:
        below = self._list(found["all"], f"{at}/all", depth)
        exclusive = flag(found.get("exclusive", False), f"{at}/exclusive")
        if exclusive:
            for place, child in enumerate(below):
                if not isinstance(child, Credential):
                    raise refused("the children of an exclusive `all` are credential nodes", f"{at}/all/{place}")
        return All(children=below, exclusive=exclusive, **common)

    def _any(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:
        return AnyOf(children=self._list(found["any"], f"{at}/any", depth), **common)

    def _k_of(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:
        k = whole(found["k_of"], f"{at}/k_of")
        return KOf(k=k, children=self._list(found["of"], f"{at}/of", depth), **common)

    def _credential(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:  # noqa: ARG002
        return Credential(
            match=read_match(found["credential"], f"{at}/credential"),
            count=whole(found.get("count", 1), f"{at}/count"),
            repeat=flag(found.get("repeat", False), f"{at}/repeat"),
            **common,
        )

    def _sum(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:  # noqa: ARG002
        at = f"{at}/sum"
        allowed = ("unit", "min", "where", "rates", "categories", "disjoint", "min_areas")
        inner = members(found["sum"], at, allowed, ("min", "rates"))
        rates = elements(inner["rates"], f"{at}/rates", least=1, most=MAX_LISTED)
        categories = elements(inner.get("categories", []), f"{at}/categories", most=MAX_LISTED)
        return Sum(
            unit=text(inner.get("unit", "unit"), f"{at}/unit"),
            minimum=number(inner["min"], f"{at}/min"),
            where=read_match(inner.get("where", {}), f"{at}/where"),
            rates=tuple(_rate(one, f"{at}/rates/{place}") for place, one in enumerate(rates)),
            categories=tuple(_category(one, f"{at}/categories/{place}") for place, one in enumerate(categories)),
            disjoint=flag(inner.get("disjoint", False), f"{at}/disjoint"),
            min_areas=whole(inner.get("min_areas", 0), f"{at}/min_areas"),
            **common,
        )

    def _fact(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:  # noqa: ARG002
        try:
            op = Op(found["op"])
        except ValueError:
            raise refused(f"a comparison is one of {', '.join(Op)}", f"{at}/op") from None
        value = found["value"]
        if op is Op.IN and not isinstance(value, list) and not is_path(value):
            raise refused("`in` compares with a list, or with the path of a fact that is one", f"{at}/value")
        if isinstance(value, dict):
            raise refused("there must be a text, a number, true or false, or a list here", f"{at}/value")
        return Fact(path=_path(found["fact"], f"{at}/fact"), op=op, value=value, **common)

    def _if(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:
        condition = self.node(found["if"], f"{at}/if", depth + 1)
        for part in walk(condition):
            if not isinstance(part, _OF_FACTS):
                raise refused("a condition is made of fact, all, any and k_of only", part.at)
        then = self.node(found["then"], f"{at}/then", depth + 1)
        otherwise = self.node(found["else"], f"{at}/else", depth + 1) if "else" in found else None
        return If(condition=condition, then=then, otherwise=otherwise, **common)

    def _versions(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:
        listed = elements(found["versions"], f"{at}/versions", least=1, most=MAX_LISTED)
        versions = tuple(self._version(one, f"{at}/versions/{place}", depth) for place, one in enumerate(listed))
        return Versions(basis=_path(found["basis"], f"{at}/basis"), versions=versions, **common)

    def _version(self, value: Any, at: str, depth: int) -> Version:
        found = members(value, at, ("name", "from", "to", "rule"), ("rule",))
        return Version(
            name=text(found.get("name", ""), f"{at}/name", blank=True),
            opens=day(found["from"], f"{at}/from") if "from" in found else None,
            closes=day(found["to"], f"{at}/to") if "to" in found else None,
            rule=self.node(found["rule"], f"{at}/rule", depth + 1),
        )

    def _not_applicable(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:  # noqa: ARG002
        if found["not_applicable"] is not True:
            raise refused("this can only be true", f"{at}/not_applicable")
        return NotApplicable(**common)

    def _true(self, found: dict[str, Any], at: str, depth: int, common: dict[str, Any]) -> Rule:  # noqa: ARG002
        if found["true"] is not True:
            raise refused("this can only be true", f"{at}/true")
        return Always(**common)


def _rate(value: Any, at: str) -> Rate:
    found = members(value, at, ("match", "value", "per", "cap", "max_items", "area"), ("match", "value"))
    per = found.get("per", "unit")
    if per not in {"item", "unit", "qty"}:
        raise refused('`per` is "item", or "unit" or "qty" for a rate per unit of quantity', f"{at}/per")
    return Rate(
        match=read_match(found["match"], f"{at}/match"),
        value=number(found["value"], f"{at}/value"),
        per_item=per == "item",
        cap=number(found["cap"], f"{at}/cap") if "cap" in found else None,
        max_items=whole(found["max_items"], f"{at}/max_items") if "max_items" in found else None,
        area=text(found["area"], f"{at}/area") if "area" in found else None,
    )


def _category(value: Any, at: str) -> Category:
    found = members(value, at, ("tag", "min"), ("tag", "min"))
    return Category(tag=text(found["tag"], f"{at}/tag"), minimum=number(found["min"], f"{at}/min"))


_MATCH = (
    "type",
    "id",
    "ref",
    "tag",
    "issuers",
    "min_score",
    "from",
    "to",
    "documented",
    "preapproved",
    "unused",
    "after",
)


def read_match(value: Any, at: str) -> Match:
    found = members(value, at, _MATCH)
    lists: dict[str, Any] = {
        name: texts(found[name], step(at, name)) for name in ("type", "id", "ref", "tag", "issuers") if name in found
    }
    flags: dict[str, Any] = {
        name: flag(found[name], step(at, name)) for name in ("documented", "preapproved", "unused") if name in found
    }
    return Match(
        **lists,
        **flags,
        min_score=_score(found.get("min_score"), f"{at}/min_score"),
        opens=_day_or_path(found.get("from"), f"{at}/from"),
        closes=_day_or_path(found.get("to"), f"{at}/to"),
        after=_day_or_fact(found.get("after"), f"{at}/after"),
    )


def is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$")


def _path(value: Any, at: str) -> str:
    """A dotted path of a fact, without the ``$`` that may stand before it."""
    found = text(value, at).removeprefix("$")
    if not all(found.split(".")):
        raise refused("there must be the path of a fact here, such as license.from", at)
    return found


def _score(value: Any, at: str) -> float | str | None:
    if value is None:
        return None
    return f"${_path(value, at)}" if is_path(value) else number(value, at, least=None)


def _day_or_path(value: Any, at: str) -> date | str | None:
    if value is None:
        return None
    if is_path(value):
        return f"${_path(value, at)}"
    if as_day(value) is None:
        raise refused("there must be a date here, or the path of a fact such as $license.from", at)
    return day(value, at)


def _day_or_fact(value: Any, at: str) -> date | str | None:
    """As above; ``after`` may name its fact without the ``$``."""
    if isinstance(value, str) and not is_path(value) and as_day(value) is None:
        return f"${_path(value, at)}"
    return _day_or_path(value, at)


def check(document: Any) -> DocumentRefused | None:
    """The first mistake of a document, or nothing."""
    try:
        read(document)
    except DocumentRefused as mistake:
        return mistake
    return None
