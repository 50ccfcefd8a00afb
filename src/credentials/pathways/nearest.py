"""The nearest ways to *met*: what would have to be added to a record, cheapest first, each tried before it is named. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import count
from math import ceil
from typing import Any

import msgspec

from credentials.pathways.allocation import Budget
from credentials.pathways.evaluate import evaluate
from credentials.pathways.reading import as_day
from credentials.pathways.record import Item, Known, Record, fact_at, merged, nested, read_item
from credentials.pathways.rule import (
    All,
    Always,
    AnyOf,
    Credential,
    Fact,
    If,
    KOf,
    Match,
    NotApplicable,
    Op,
    Rule,
    Sum,
    Versions,
    is_path,
    walk,
)
from credentials.pathways.sentences import amount, shown
from credentials.pathways.trials import Trials
from credentials.pathways.verdict import Evaluation, Requirement, State, Verdict, Way, plain
from credentials.pathways.wording import fact_in_words, match_in_words, named, rate_in_words

WAYS = 5
"""Most ways that are named, and most options that are kept for each requirement while they are put together."""
TRIES = 24
"""Evaluations that the search may spend. Five ways need five; the rest go to leaving out what is not needed."""
LEAST_TRIES = 6
"""The same for the largest questions, whose whole answer must still come within a second."""
WORK = 60_000
"""Items times nodes that all tries together may look at, if it leaves them the least."""
MAX_NEW = 60
"""Most items that a way may add; nobody is helped by a longer list."""


class Part(msgspec.Struct, frozen=True):
    """One thing to do, in words and as it would stand in a record."""

    cost: float
    text: str
    items: tuple[Item, ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()


Option = tuple[Part, ...]


def explain(
    rule: Rule, record: Record, as_of: date, *, known: Known = Known.THEN, budget: Budget | None = None
) -> Evaluation:
    """Judge a record, and where the answer is *not met* (or *pending*) name the nearest ways."""
    budget = budget or Budget()
    found = evaluate(rule, record, as_of, known=known, budget=budget)
    if found.verdict not in {Verdict.NOT_MET, Verdict.PENDING}:
        return found
    return msgspec.structs.replace(found, nearest=_Search(rule, as_of, known, budget).ways(record, found))


def cost_of(option: Option) -> float:
    return sum(part.cost for part in option)


def added(record: Record, option: Option) -> Record:
    """The record with an option's items and facts; a new item takes the place of one with its id."""
    items = {item.id: item for item in record.items}
    items.update({item.id: item for part in option for item in part.items})
    facts = merged(record.facts, nested((path, value) for path, value in _facts(option).items()))
    return msgspec.structs.replace(record, items=tuple(items.values()), facts=facts)


def _facts(option: Option) -> dict[str, Any]:
    return {path: value for part in option for path, value in part.facts}


class _Search:
    def __init__(self, rule: Rule, as_of: date, known: Known, budget: Budget) -> None:
        self.rule = rule
        self.as_of = as_of
        self.known = known
        self.budget = budget
        self.tries = TRIES

    def limit(self, record: Record) -> None:
        size = max(len(record.items), 1) * sum(1 for _ in walk(self.rule))
        self.tries = max(min(TRIES, WORK // size), LEAST_TRIES)

    def judge(self, record: Record) -> Evaluation:
        return evaluate(self.rule, record, self.as_of, known=self.known, budget=self.budget)

    def meets(self, record: Record, option: Option, trials: Trials) -> bool:
        """One try: is the rule met with it? Where it adds items only, no more is judged again than they can change."""
        self.tries -= 1
        items = [item for part in option for item in part.items]
        if record.waivers or _facts(option) or not trials.can_tell(items):
            return self.judge(added(record, option)).verdict is Verdict.MET
        return trials.is_met(items)

    def ways(self, record: Record, found: Evaluation) -> tuple[Way, ...]:
        self.limit(record)
        proved = self._proved(record, found, deeper=2)
        ways: dict[str, Way] = {}
        for option in sorted(proved, key=lambda option: (cost_of(option), _text(option))):
            facts = nested(_facts(option).items())
            items = tuple(_document(item) for part in option for item in part.items)
            cost = round(cost_of(option), 6)
            ways.setdefault(_text(option), Way(cost=cost, text=_text(option), items=items, facts=facts))
        return tuple(ways.values())[:WAYS]

    def _proved(self, record: Record, found: Evaluation, deeper: int) -> list[Option]:
        """Options that were seen to give *met*. One that does not yet is taken as a first step, and followed on from there."""
        proved: list[Option] = []
        trials = Trials(self.rule, record, found.requirement, self.as_of, self.known, self.budget)
        for option in _Options(record, self.as_of).of(self.rule, found.requirement):
            if not option or self.tries <= 0 or len(proved) == WAYS:
                continue
            if self.meets(record, option, trials):
                proved.append(self._without_needless(record, option, trials))
            elif deeper:
                richer = added(record, option)
                for more in self._proved(richer, self.judge(richer), deeper - 1)[:2]:
                    both = (*option, *more)
                    if self.tries > 0 and self.meets(record, both, trials):
                        proved.append(both)
        return proved

    def _without_needless(self, record: Record, option: Option, trials: Trials) -> Option:
        """Leave out what a requirement beside it brings along."""
        if len(option) == 1:
            return option
        for part in sorted(option, key=lambda part: -part.cost):
            fewer = tuple(other for other in option if other is not part)
            if fewer and self.tries > WAYS and self.meets(record, fewer, trials):
                option = fewer
        return option


def _text(option: Option) -> str:
    return "; ".join(dict.fromkeys(part.text for part in option))


def _document(item: Item) -> dict[str, Any]:
    """An item as a record document writes it."""
    found: dict[str, Any] = {"id": item.id}
    found |= {name: value for name in ("type", "ref", "issuer", "score") if (value := getattr(item, name)) is not None}
    found |= {name: value.isoformat() for name in ("earned", "started") if (value := getattr(item, name)) is not None}
    if item.qty != 1:
        found["qty"] = plain(item.qty)
    if item.tags:
        found["tags"] = sorted(item.tags)
    return found


class _Options:
    """What would make each requirement met: at most five options for each, cheapest first."""

    def __init__(self, record: Record, as_of: date) -> None:
        self.record = record
        self.as_of = as_of
        self.numbers = count(1)
        self.taken = {item.id for item in record.items}

    def of(self, rule: Rule, found: Requirement) -> list[Option]:
        if found.state.good:
            return [()]
        match rule:
            case All(exclusive=True):
                return _both(self.of(child, below) for child, below in zip(rule.children, found.children, strict=True))
            case All():
                return _both(self._applying(rule.children, found))
            case AnyOf():
                return _cheapest(option for options in self._applying(rule.children, found) for option in options)
            case KOf():
                return self._k_of(rule, found)
            case Credential():
                return self._credential(rule, found)
            case Sum():
                return self._sum(rule, found)
            case Fact():
                return self._fact(rule)
            case If():
                return self._if(rule, found)
            case Versions():
                return self._versions(rule, found)
            case NotApplicable() | Always():
                return []

    def _applying(self, rules: tuple[Rule, ...], found: Requirement) -> Iterable[list[Option]]:
        for child, below in zip(rules, found.children, strict=True):
            if below.state is not State.NOT_APPLICABLE:
                yield self.of(child, below)

    def _k_of(self, rule: KOf, found: Requirement) -> list[Option]:
        missing = rule.k - found.have
        best: list[list[Option]] = [
            [()],
            *([] for _ in range(missing)),
        ]  # the cheapest options for so many more children
        for child, below in zip(rule.children, found.children, strict=True):
            if below.state.good or below.state is State.NOT_APPLICABLE:
                continue
            options = self.of(child, below)
            for number in range(missing, 0, -1):
                best[number] = _cheapest([*best[number], *_joined(best[number - 1], options)])
        return best[missing]

    # Facts

    def _fact(self, rule: Fact) -> list[Option]:
        have, need, path = self.record.fact(rule.path), rule.value, rule.path
        if is_path(need):
            other = need.removeprefix("$")
            need = self.record.fact(other)
            if need is None and have is not None:
                path, need = other, have  # the recorded one stands; the other is what is missing
        value = _satisfying(rule.op, need)
        if value is None:
            return []
        now = "" if have is None else f" (now {shown(have)})"
        return [(Part(1.0, f"{fact_in_words(rule)}{now}", facts=((path, value),)),)]

    def _if(self, rule: If, found: Requirement) -> list[Option]:
        condition = found.condition
        assert condition is not None
        if condition.state is not State.UNKNOWN:
            branch = rule.then if condition.state is State.MET else rule.otherwise
            return [()] if branch is None else self.of(branch, found.children[0])
        facts = [fact for fact in _facts_of(rule.condition) if self.record.fact(fact.path) is None]
        options: list[Option] = []
        for values in (
            {fact.path: _satisfying(fact.op, fact.value) for fact in facts},
            {fact.path: _violating(fact.op, fact.value) for fact in facts},
        ):
            recorded = tuple((path, value) for path, value in values.items() if value is not None)
            if recorded:
                text = "; ".join(f"have an office record the {named(path)}: {_told(value)}" for path, value in recorded)
                options.append((Part(float(len(recorded)), text, facts=recorded),))
        return options

    def _versions(self, rule: Versions, found: Requirement) -> list[Option]:
        if found.children:
            (chosen,) = [version for version in rule.versions if version.rule.at == found.children[0].at]
            return self.of(chosen.rule, found.children[0])
        options: list[Option] = []
        for version in rule.versions:
            on = version.opens or (version.closes - timedelta(days=1) if version.closes else self.as_of)
            if version.in_force(self.as_of):
                on = self.as_of
            if version.in_force(on):
                text = f"have an office record the {named(rule.basis)} (for example {on.isoformat()})"
                options.append((Part(2.0, text, facts=((rule.basis, on.isoformat()),)),))
        return _cheapest(options)

    # Items

    def _credential(self, rule: Credential, found: Requirement) -> list[Option]:
        missing = rule.count - found.have
        if missing > MAX_NEW:
            return []
        unmet = self._missing_facts(rule.match)
        if unmet:
            return [unmet]
        held = {item.id: item for item in self.record.items}
        refs = iter(
            ref
            for ref in self._texts(rule.match.ref)
            if rule.repeat or ref not in {held[one.item].ref for one in found.counted}
        )
        items = []
        for _ in range(missing):
            ref = None
            if rule.match.ref:
                ref = self._texts(rule.match.ref)[0] if rule.repeat else next(refs, None)
                if ref is None:
                    return []
            item = self._new((rule.match,), ref=ref)
            if item is None:
                return []
            items.append(item)
        kind, conditions = match_in_words(rule.match)
        label = f" for “{rule.label}”" if rule.label else ""
        return [(Part(missing / rule.count, f"{missing} more{label}: {kind}{conditions}", items=tuple(items)),)]

    def _sum(self, rule: Sum, found: Requirement) -> list[Option]:
        for match in (rule.where, *(rate.match for rate in rule.rates)):
            unmet = self._missing_facts(match)
            if unmet:
                return [unmet]
        return _cheapest(
            option for first in range(len(rule.rates)) if (option := self._through(rule, found, first)) is not None
        )

    def _through(self, rule: Sum, found: Requirement, first: int) -> Option | None:
        """Fill a sum through one rate before all others."""
        filling = _Filling(self, rule, found)
        order = [first, *(place for place in range(len(rule.rates)) if place != first)]
        for category in found.categories:
            short = category.need - category.have
            if short > 0 and not filling.add(order, short, tag=category.category, to_category=True):
                return None
        short = found.need - found.have - filling.counted
        if round(short, 9) > 0 and not filling.add(order, short):
            return None
        if found.areas is not None:
            for place in order:
                if filling.fresh_area(place) and len(filling.fed) < rule.min_areas:
                    filling.add([place], filling.least(place))
            if len(filling.fed) < rule.min_areas:
                return None
        if not filling.items or len(filling.items) > MAX_NEW:
            return None
        shares = [(one.need - one.have) / one.need for one in found.categories if one.need > one.have]
        if rule.minimum > found.have:
            shares.append((rule.minimum - found.have) / rule.minimum)
        cost = max(shares, default=0.0) + 0.001 * len(filling.items)
        label = f" for “{rule.label}”" if rule.label else ""
        return (Part(cost, f"{'; '.join(filling.texts)}{label}", items=tuple(filling.items)),)

    def _missing_facts(self, match: Match) -> Option:
        """Facts that a match looks up and nobody recorded, with a value that lets the search go on."""
        facts: list[tuple[str, Any]] = []
        for value, stand_in in (
            (match.opens, self._earliest()),
            (match.closes, self.as_of.isoformat()),
            (match.after, self.as_of.isoformat()),
            (match.min_score, 0),
            *((one, "recorded") for one in (*match.type, *match.ref, *match.tag, *match.issuers, *match.id)),
        ):
            if is_path(value) and self.record.fact(str(value).removeprefix("$")) is None:
                facts.append((str(value).removeprefix("$"), stand_in))
        if not facts:
            return ()
        text = "; ".join(
            f"have an office record the {named(path)} (for example {shown(value)})" for path, value in facts
        )
        return (Part(float(len(facts)), text, facts=tuple(dict(facts).items())),)

    def _earliest(self) -> str:
        return min((item.earned for item in self.record.items if item.earned), default=self.as_of).isoformat()

    def _texts(self, values: tuple[str, ...]) -> list[str]:
        found: list[str] = []
        for value in values:
            fact = fact_at(self.record.facts, value.removeprefix("$")) if is_path(value) else value
            found += [one for one in (fact if isinstance(fact, list) else [fact]) if isinstance(one, str)]
        return found

    def _day(self, value: date | str | None) -> date | None:
        return as_day(fact_at(self.record.facts, value.removeprefix("$"))) if isinstance(value, str) else value

    def _new(
        self, matches: tuple[Match, ...], *, ref: str | None = None, tag: str | None = None, qty: float = 1.0
    ) -> Item | None:
        """An item that answers all of the matches, earned today where the window is open."""
        one_of: dict[str, str | None] = {"type": None, "ref": ref, "id": None, "issuers": None}
        for name in one_of:
            asked = [self._texts(getattr(match, name)) for match in matches if getattr(match, name)]
            both = [value for value in (asked[0] if asked else []) if all(value in more for more in asked)]
            if asked and not both:
                return None
            if both and not (name == "ref" and ref in both):
                one_of[name] = both[0]
        tags = {self._texts(match.tag)[0] for match in matches if self._texts(match.tag)} | ({tag} if tag else set())
        scores = [
            fact_at(self.record.facts, s[1:]) if isinstance(s, str) else s for s in (m.min_score for m in matches)
        ]
        numbers = [score for score in scores if isinstance(score, int | float)]
        began = max((day for match in matches if (day := self._day(match.after))), default=None)
        opens = max((day for match in matches if (day := self._day(match.opens))), default=None)
        closes = min((day for match in matches if (day := self._day(match.closes))), default=None)
        earned = max(filter(None, (self.as_of, opens, began)))
        earned = min(earned, closes) if closes else earned
        return Item(
            id=one_of["id"] or self._free_id(),
            type=one_of["type"],
            ref=one_of["ref"],
            issuer=one_of["issuers"],
            tags=frozenset(tags),
            score=max(numbers, default=None),
            qty=qty,
            earned=earned,
            started=began,
        )

    def _free_id(self) -> str:
        return next(name for number in self.numbers if (name := f"new-{number}") not in self.taken)


class _Filling:
    """A sum while it is filled: what was added, and the room that each rate still has under its cap and ``max_items``."""

    def __init__(self, options: _Options, rule: Sum, found: Requirement) -> None:
        self.options = options
        self.rule = rule
        self.items: list[Item] = []
        self.texts: list[str] = []
        self.counted = 0.0
        by_area = {rate.area: rate for rate in found.rates}
        used = [by_area.get(_area_of(rule, place)) for place in range(len(rule.rates))]
        self.room = [
            None if rate.cap is None else rate.cap - (total.counted if total else 0)
            for rate, total in zip(rule.rates, used, strict=True)
        ]
        self.places = [
            None if rate.max_items is None else rate.max_items - (total.items if total else 0)
            for rate, total in zip(rule.rates, used, strict=True)
        ]
        self.fed = {total.area for total in found.rates if total.counted > 0}

    def fresh_area(self, place: int) -> bool:
        return _area_of(self.rule, place) not in self.fed

    def least(self, place: int) -> float:
        return self.rule.rates[place].value

    def add(self, order: list[int], units: float, *, tag: str | None = None, to_category: bool = False) -> bool:
        """Add items of so many units, the first rate first. Toward a category a cap does not matter."""
        for place in order:
            if round(units, 9) <= 0:
                break
            rate, room, places = self.rule.rates[place], self.room[place], self.places[place]
            wanted = units if room is None or to_category else min(units, room)
            if rate.value <= 0 or wanted <= 0:
                continue
            number = ceil(round(wanted / rate.value, 9)) if rate.per_item else 1
            if number > MAX_NEW or (places is not None and number > places):
                continue
            qty = 1.0 if rate.per_item else _rounded_up(wanted / rate.value)
            new = [self.options._new((self.rule.where, rate.match), tag=tag, qty=qty) for _ in range(number)]  # noqa: SLF001
            items = [item for item in new if item is not None]
            if len(items) < number:
                continue
            gained = rate.value * qty * number
            self.items += items
            self.texts.append(self._words(place, gained, number, tag))
            counted = gained if room is None else min(gained, max(room, 0))
            self.counted += counted
            if room is not None:
                self.room[place] = room - counted
            if places is not None:
                self.places[place] = places - number
            if counted > 0:
                self.fed.add(_area_of(self.rule, place))
            units -= gained
        return round(units, 9) <= 0

    def _words(self, place: int, gained: float, number: int, tag: str | None) -> str:
        kind, _ = match_in_words(self.rule.rates[place].match)
        through = f"{number} × {kind}" if self.rule.rates[place].per_item else kind
        marked = f", marked {tag.replace('_', ' ')}" if tag else ""
        return f"{amount(plain(gained), self.rule.unit)} more through {through}{marked}"


def _rounded_up(qty: float) -> float:
    """To hundredths, as people record hours and credits; finer only where a hundredth would be too much."""
    steps = 100 if qty >= 0.01 else 1_000_000
    return ceil(round(qty * steps, 6)) / steps


def _area_of(rule: Sum, place: int) -> str:
    rate = rule.rates[place]
    return rate.area or rate_in_words(rate, rule.unit)


def _facts_of(condition: Rule) -> list[Fact]:
    if isinstance(condition, Fact):
        return [condition]
    return [fact for child in getattr(condition, "children", ()) for fact in _facts_of(child)]


def _satisfying(op: Op, value: Any) -> Any:
    """A value that compares true, or nothing where none is plain to see."""
    if op is Op.IN:
        return value[0] if isinstance(value, list) and value else None
    if op in {Op.EQUAL, Op.AT_LEAST, Op.AT_MOST}:
        return None if is_path(value) else value
    return _beside(value, -1 if op is Op.LESS else 1)


_OTHER = "other"
"""Stands for any word but those that a rule asks about."""


def _told(value: Any) -> str:
    return "any other" if value == _OTHER else shown(value)


def _violating(op: Op, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if op is Op.IN:
        return _OTHER
    if op in {Op.LESS, Op.MORE}:
        return None if is_path(value) else value
    beside = _beside(value, 1 if op is Op.AT_MOST else -1)
    return _OTHER if beside is None and isinstance(value, str) else beside


def _beside(value: Any, by: int) -> Any:
    on = as_day(value)
    if on is not None:
        return (on + timedelta(days=by)).isoformat()
    return value + by if isinstance(value, int | float) and not isinstance(value, bool) else None


def _cheapest(options: Iterable[Option]) -> list[Option]:
    return sorted(options, key=lambda option: (cost_of(option), len(option)))[:WAYS]


def _joined(some: list[Option], others: list[Option]) -> list[Option]:
    return [(*one, *other) for one in some for other in others]


def _both(parts: Iterable[list[Option]]) -> list[Option]:
    """One option of each, the cheapest combinations."""
    found: list[Option] = [()]
    for options in parts:
        found = _cheapest(_joined(found, options))
    return found


def as_record(way: Way) -> tuple[tuple[Item, ...], Mapping[str, Any]]:
    """A way's items and facts as a record has them."""
    return tuple(read_item(item, f"/items/{place}") for place, item in enumerate(way.items)), way.facts
