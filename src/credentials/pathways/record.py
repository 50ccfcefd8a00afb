"""What an educator holds and what is known about them: the record that a rule is judged against."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

from credentials.pathways.reading import (
    MAX_DEPTH,
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
)

MAX_ITEMS = 5000
"""Items of one record. A long career of weekly training hours is under two thousand."""
MAX_EXCEPTIONS = 200
"""Waivers or overrides of one record."""


class Status(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


class Known(StrEnum):
    """Whose knowledge a past date is judged with: what was known then, or what is known today."""

    THEN = "then"
    NOW = "now"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something earned or done. ``dup`` names another item of the same underlying work, ``used_in`` earlier decisions.

    ``name`` is what sentences call it; documents have none, and it is called by its id.
    """

    id: str
    name: str = ""
    type: str | None = None
    qty: float = 1.0
    earned: date | None = None
    started: date | None = None
    ref: str | None = None
    tags: frozenset[str] = frozenset()
    issuer: str | None = None
    score: float | None = None
    status: Status = Status.ACTIVE
    documented: bool = True
    preapproved: bool = True
    used_in: tuple[str, ...] = ()
    dup: str | None = None
    recorded_on: date | None = None
    revoked_on: date | None = None
    expires_on: date | None = None

    @property
    def order(self) -> tuple[date, str]:
        """Earliest first, and always the same way round."""
        return (self.earned or date.max, self.id)

    def unknown_on(self, as_of: date, known: Known) -> bool:
        return known is Known.THEN and self.recorded_on is not None and self.recorded_on > as_of

    def status_on(self, as_of: date, known: Known) -> Status:
        """The status on a day. A revocation or expiry holds from its date on; with hindsight a revocation always held."""
        status = self.status
        if self.revoked_on is not None:
            if self.revoked_on <= as_of or known is Known.NOW:
                return Status.REVOKED
            status = Status.ACTIVE if status is Status.REVOKED else status
        if status in {Status.REVOKED, Status.SUSPENDED} or self.expires_on is None:
            return status
        if self.expires_on <= as_of:
            return Status.EXPIRED
        return Status.ACTIVE if status is Status.EXPIRED else status


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """An approver's decision that one requirement (its label) need not be met; both dates are inclusive."""

    requirement: str
    rationale: str
    approver: str
    replacement_plan: str = ""
    opens: date | None = None
    closes: date | None = None

    def in_force(self, on: date) -> bool:
        return (self.opens is None or self.opens <= on) and (self.closes is None or on <= self.closes)


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that the rule counts as met, until the end of ``closes``."""

    actor: str
    reason: str
    evidence: str
    closes: date

    def in_force(self, on: date) -> bool:
        return on <= self.closes


class Record(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[Item, ...] = ()
    facts: Mapping[str, Any] = MappingProxyType({})
    waivers: tuple[Waiver, ...] = ()
    overrides: tuple[Override, ...] = ()

    def fact(self, path: str) -> Any:
        """The value at a dotted path, or ``None``: null is the same as never recorded."""
        return fact_at(self.facts, path)


def fact_at(facts: Mapping[str, Any], path: str) -> Any:
    found: Any = facts
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Facts by dotted path as a tree. A path that runs through another's value is a ``ValueError``."""
    facts: dict[str, Any] = {}
    for path, value in pairs:
        *above, last = path.split(".")
        into = facts
        for name in above:
            below = into.setdefault(name, {})
            if not isinstance(below, dict):
                raise ValueError(path)  # noqa: TRY004 - the caller knows the place and says so
            into = below
        if last in into:
            raise ValueError(path)
        into[last] = value
    return facts


def merged(facts: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with others over them, branch by branch."""
    found = dict(facts)
    for name, value in more.items():
        below = found.get(name)
        found[name] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return found


# Reading


def decode(data: bytes) -> Record:
    """A record from the bytes of a document; ``DocumentRefused`` names the place of the first mistake."""
    return read(parse(data, "record"))


def read(document: Any) -> Record:
    """A record from a parsed document."""
    found = members(document, "", ("items", "facts", "waivers", "overrides"))
    listed = elements(found.get("items", []), "/items", most=MAX_ITEMS)
    items = tuple(read_item(one, f"/items/{place}") for place, one in enumerate(listed))
    seen: set[str] = set()
    for place, item in enumerate(items):
        if item.id in seen:
            raise refused(f"another item has the id {item.id} already", f"/items/{place}/id")
        seen.add(item.id)
    waivers = elements(found.get("waivers", []), "/waivers", most=MAX_EXCEPTIONS)
    overrides = elements(found.get("overrides", []), "/overrides", most=MAX_EXCEPTIONS)
    return Record(
        items=items,
        facts=_facts(found.get("facts", {}), "/facts"),
        waivers=tuple(_waiver(one, f"/waivers/{place}") for place, one in enumerate(waivers)),
        overrides=tuple(_override(one, f"/overrides/{place}") for place, one in enumerate(overrides)),
    )


_DATES = ("earned", "started", "recorded_on", "revoked_on", "expires_on")
_TEXTS = ("type", "ref", "issuer", "dup")
_FLAGS = ("documented", "preapproved")
_ITEM = ("id", *_TEXTS, "qty", "tags", "score", "status", *_FLAGS, "used_in", *_DATES)


def read_item(value: Any, at: str) -> Item:
    found = members(value, at, _ITEM, ("id",))
    try:
        status = Status(found.get("status", "active"))
    except ValueError:
        raise refused(f"a status is one of {', '.join(Status)}", f"{at}/status") from None
    readers: dict[str, Callable[[Any, str], Any]] = {
        **dict.fromkeys(_TEXTS, text),
        **dict.fromkeys(_FLAGS, flag),
        **dict.fromkeys(_DATES, day),
    }
    more = {name: reader(found[name], f"{at}/{name}") for name, reader in readers.items() if name in found}
    return Item(
        id=text(found["id"], f"{at}/id"),
        qty=number(found.get("qty", 1), f"{at}/qty"),
        tags=frozenset(texts(found.get("tags", []), f"{at}/tags", least=0)),
        score=number(found["score"], f"{at}/score", least=None) if "score" in found else None,
        status=status,
        used_in=_used(found.get("used_in", []), f"{at}/used_in"),
        **more,
    )


def _used(value: Any, at: str) -> tuple[str, ...]:
    """Earlier decisions; an empty text is none."""
    return () if value == "" else texts(value, at, least=0)


def _facts(value: Any, at: str) -> dict[str, Any]:
    try:
        return nested(_leaves(value, at, "", 1))
    except ValueError as clash:
        raise refused("this fact is written twice, or is a fact and a group of facts", step(at, str(clash))) from None


def _leaves(value: Any, at: str, above: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Every fact with its dotted path."""
    if not isinstance(value, dict):
        raise refused("there must be an object of facts here", at)
    if depth > MAX_DEPTH:
        raise refused(f"facts are nested more than {MAX_DEPTH} deep", at)
    for name, fact in value.items():
        if not all(name.split(".")):
            raise refused("the name of a fact, or a part of it between dots, is empty", step(at, name))
        if isinstance(fact, dict):
            yield from _leaves(fact, step(at, name), f"{above}{name}.", depth + 1)
        else:
            yield f"{above}{name}", fact


def _waiver(value: Any, at: str) -> Waiver:
    allowed = ("requirement", "rationale", "replacement_plan", "approver", "from", "to")
    found = members(value, at, allowed, ("requirement", "rationale", "approver"))
    return Waiver(
        requirement=text(found["requirement"], f"{at}/requirement"),
        rationale=text(found["rationale"], f"{at}/rationale"),
        approver=text(found["approver"], f"{at}/approver"),
        replacement_plan=text(found.get("replacement_plan", ""), f"{at}/replacement_plan", blank=True),
        opens=day(found["from"], f"{at}/from") if "from" in found else None,
        closes=day(found["to"], f"{at}/to") if "to" in found else None,
    )


def _override(value: Any, at: str) -> Override:
    names = ("actor", "reason", "evidence", "to")
    found = members(value, at, names, names)
    return Override(
        actor=text(found["actor"], f"{at}/actor"),
        reason=text(found["reason"], f"{at}/reason"),
        evidence=text(found["evidence"], f"{at}/evidence"),
        closes=day(found["to"], f"{at}/to"),
    )
