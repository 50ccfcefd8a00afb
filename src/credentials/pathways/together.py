"""Several pathways at once, where their rules count nothing that was used before: which of them can be met together? Pure.

What one rule takes through a match that asks for *unused* items, no other rule takes through such a match. As many rules as
can be are met, among equally many those that come first, with as few items as that needs; and the answer is exact. A rule is
only ever asked whether so many items of each kind meet it, by the one evaluator: a choice that does not meet it is grown until
one item more would, and says so as a clause (*one more of these kinds*). An integer programme makes the smallest choice that
obeys all clauses found so far; when it has none, there is none. It rests on two things that hold of every rule: more items
never make *met* into less, and items that differ in nothing that a rule looks at can stand for each other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any

import msgspec

from credentials.pathways.allocation import Budget
from credentials.pathways.evaluate import evaluate
from credentials.pathways.matching import Matcher
from credentials.pathways.record import Known, Record, Status
from credentials.pathways.rule import Credential, Match, Rule, Sum, walk
from credentials.pathways.sentences import KEPT_FOR
from credentials.pathways.solver import maximise
from credentials.pathways.verdict import Verdict

MAX_TOGETHER = 6
"""Rules that compete for items. Of more, the later ones are *undecided*: nobody pursues so many at once."""
TRIES = 600
"""Evaluations that the question may spend, and the same for the largest records and rules."""
LEAST_TRIES = 40
WORK = 400_000
"""Items times nodes that all tries together may look at, if it leaves them the least."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A rule and the record that it judges. ``name`` is what the rule is called where an item is kept for it."""

    name: str
    rule: Rule
    record: Record


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one claim. ``alone``: the verdict if it were the only one; ``verdict``: beside the others. ``kept``: items
    that are kept for it and that another claim would have counted too. ``record``: its record without what others keep."""

    alone: Verdict
    verdict: Verdict
    kept: tuple[str, ...]
    record: Record


def share_out(
    claims: Sequence[Claim], as_of: date, *, known: Known = Known.THEN, budget: Budget | None = None
) -> list[Share]:
    """Share the items out that more than one claim would use up, in the order of the claims."""
    budget = budget or Budget()
    alone = [evaluate(one.rule, one.record, as_of, known=known, budget=budget).verdict for one in claims]
    wants = [_wanted(one, as_of, known) for one in claims]
    times = Counter(item for wanted in wants for item in wanted)
    contested = {item for item, count in times.items() if count > 1}
    rivals = [place for place, wanted in enumerate(wants) if wanted & contested]
    able = [place for place in rivals if alone[place].good]
    asked, beyond = able[:MAX_TOGETHER], able[MAX_TOGETHER:]
    desk = _Desk(claims, [wanted & contested for wanted in wants], as_of, known, budget)
    chosen, open_question = desk.choose(asked)
    given = {item: place for place, items in chosen.items() for item in items}
    for item in sorted(contested - given.keys()):  # what nobody needs goes to whoever is not there yet
        wanting = [place for place in rivals if item in wants[place]]
        given[item] = next((place for place in wanting if place not in chosen), wanting[0])
    shares = []
    for place, claim in enumerate(claims):
        others = {item: claims[holder].name for item, holder in given.items() if holder != place}
        record = without(claim.record, {item: name for item, name in others.items() if item in wants[place]})
        verdict = alone[place]
        if place in beyond or (open_question and place in able and place not in chosen):
            verdict = Verdict.UNDECIDED
        elif place in rivals:
            verdict = evaluate(claim.rule, record, as_of, known=known, budget=budget).verdict
        kept = tuple(sorted(item for item, holder in given.items() if holder == place))
        shares.append(Share(alone=alone[place], verdict=verdict, kept=kept, record=record))
    return shares


def without(record: Record, kept_for: Mapping[str, str]) -> Record:
    """The record, in which these items are used up by what they are kept for."""
    items = tuple(
        msgspec.structs.replace(item, used_in=(*item.used_in, f"{KEPT_FOR}{kept_for[item.id]}"))
        if item.id in kept_for
        else item
        for item in record.items
    )
    return msgspec.structs.replace(record, items=items)


def _matches(rule: Rule) -> Iterable[tuple[Match, bool]]:
    """Every match of a rule, and whether what it matches must be unused."""
    for node in walk(rule):
        if isinstance(node, Credential):
            yield node.match, node.match.unused
        elif isinstance(node, Sum):
            yield node.where, node.where.unused
            for rate in node.rates:
                yield rate.match, rate.match.unused


def _wanted(claim: Claim, as_of: date, known: Known) -> set[str]:
    """The items that the claim would use up. One too many does no harm: it is shared out and missed by nobody."""
    matchers = [Matcher(match, claim.record.facts) for match, unused in _matches(claim.rule) if unused]
    return {
        item.id
        for item in claim.record.items
        if not item.used_in
        and not item.unknown_on(as_of, known)
        and item.status_on(as_of, known) is Status.ACTIVE
        and any(matcher.related(item) for matcher in matchers)
    }


class _Exhausted(Exception):
    """The tries or the nodes are spent."""


class _Desk:
    """Asks whether a claim is met by some of the items that it wants. ``able_to_say``: no answer was *undecided* so far."""

    def __init__(
        self, claims: Sequence[Claim], wants: Sequence[set[str]], as_of: date, known: Known, budget: Budget
    ) -> None:
        self.claims = claims
        self.wants = wants
        self.as_of = as_of
        self.known = known
        self.budget = budget
        size = max((len(one.record.items) * sum(1 for _ in walk(one.rule)) for one in claims), default=1)
        self.tries = max(min(TRIES, WORK // max(size, 1)), LEAST_TRIES)
        self.answers: dict[tuple[int, frozenset[str]], bool] = {}
        self.able_to_say = True

    def choose(self, able: Sequence[int]) -> tuple[dict[int, set[str]], bool]:
        """The items of each claim that is met beside the others; and whether a better choice could not be ruled out."""
        open_question = False
        for count in range(len(able), 0, -1):
            for some in combinations(able, count):
                try:
                    found = self._split(some)
                except _Exhausted:
                    found, self.able_to_say = None, False
                if found is not None:
                    return found, open_question
                open_question |= not self.able_to_say
                self.able_to_say = True
        return {}, open_question

    def _split(self, some: Sequence[int]) -> dict[int, set[str]] | None:
        """Items for all of these claims, none twice; ``None`` where there is no such choice."""
        kinds = self._kinds(some)
        clauses: list[tuple[int, list[int]]] = []
        while True:
            counts = self._smallest(some, kinds, clauses)
            if counts is None:
                return None
            failed = [place for place in some if not self._met(place, self._taken(place, kinds, counts[place]))]
            if not failed:
                return self._shared(some, kinds, counts)
            clauses += [(place, self._grown(place, kinds, counts[place])) for place in failed]

    def _met(self, place: int, items: frozenset[str]) -> bool:
        if (place, items) not in self.answers:
            if self.tries <= 0:
                raise _Exhausted
            self.tries -= 1
            claim = self.claims[place]
            record = without(claim.record, dict.fromkeys(self.wants[place] - items, ""))
            verdict = evaluate(claim.rule, record, self.as_of, known=self.known, budget=self.budget).verdict
            self.able_to_say &= verdict is not Verdict.UNDECIDED
            self.answers[place, items] = verdict.good
        return self.answers[place, items]

    def _kinds(self, some: Sequence[int]) -> list[list[str]]:
        """The items that these claims want, each with those that can stand for it, in an order of their own."""
        looks: dict[str, list[Any]] = defaultdict(list)
        order: dict[str, tuple[date, str]] = {}
        for place in some:
            record = self.claims[place].record
            refs = Counter(item.ref for item in record.items)
            linked = {item.dup for item in record.items} | {item.id for item in record.items if item.dup}
            matchers = [Matcher(match, record.facts) for match, _ in _matches(self.claims[place].rule)]
            for item in record.items:
                if item.id in self.wants[place]:
                    own = item.id in linked or (item.ref is not None and refs[item.ref] > 1)
                    seen = [(one.related(item), one.failure(item)) for one in matchers]
                    looks[item.id] += [place, seen, item.qty, sorted(item.tags), item.id if own else ""]
                    order[item.id] = item.order
        kinds: dict[str, list[str]] = defaultdict(list)
        for name in sorted(looks, key=order.__getitem__):
            kinds[repr(looks[name])].append(name)
        return list(kinds.values())

    def _taken(self, place: int, kinds: list[list[str]], counts: Sequence[int]) -> frozenset[str]:
        """So many of each kind, as far as the claim wants them at all: the first ones, which stand for any others."""
        return frozenset(
            item
            for kind, count in zip(kinds, counts, strict=True)
            for item in kind[:count]
            if item in self.wants[place]
        )

    def _grown(self, place: int, kinds: list[list[str]], counts: list[int]) -> list[int]:
        """The counts, raised kind by kind as far as they do not meet the claim."""
        grown = list(counts)
        for kind, items in enumerate(kinds):
            if items[0] not in self.wants[place]:
                grown[kind] = len(items)
                continue
            low, high = grown[kind], len(items)
            while low < high:
                middle = (low + high + 1) // 2
                grown[kind] = middle
                if self._met(place, self._taken(place, kinds, grown)):
                    high = middle - 1
                else:
                    low = middle
            grown[kind] = low
        return grown

    def _smallest(
        self, some: Sequence[int], kinds: list[list[str]], clauses: list[tuple[int, list[int]]]
    ) -> dict[int, list[int]] | None:
        """The fewest items that obey every clause. A variable says *at least so many of this kind for this claim*."""
        variables: dict[tuple[int, int, int], int] = {}
        for place in some:
            for kind, items in enumerate(kinds):
                if items[0] in self.wants[place]:
                    for count in range(1, len(items) + 1):
                        variables[place, kind, count] = len(variables)
        rows: list[tuple[float, float, dict[int, float]]] = []
        for (place, kind, count), variable in variables.items():
            if count > 1:
                rows.append((0.0, 1.0, {variables[place, kind, count - 1]: 1.0, variable: -1.0}))
        for kind, items in enumerate(kinds):
            row = {variable: 1.0 for (_, at, _), variable in variables.items() if at == kind}
            rows.append((0.0, float(len(items)), row))
        for place, most in clauses:
            more = [variables.get((place, kind, count + 1)) for kind, count in enumerate(most)]
            row = {variable: 1.0 for variable in more if variable is not None}
            if not row:
                return None
            rows.append((1.0, float(len(row)), row))
        if not clauses:
            return {place: [0] * len(kinds) for place in some}
        ones = [1.0] * len(variables)
        cost = dict.fromkeys(variables.values(), -1.0)
        found = maximise(
            [0.0] * len(ones), ones, [True] * len(ones), rows, cost,
            nodes=max(self.budget.nodes, 1), seconds=max(self.budget.seconds, 0.01),
        )  # fmt: skip
        self.budget.nodes -= found.nodes
        self.budget.seconds -= found.seconds
        if not found.ended:
            raise _Exhausted
        if found.values is None:
            return None
        counts = {place: [0] * len(kinds) for place in some}
        for (place, kind, _), variable in variables.items():
            counts[place][kind] += round(found.values[variable])
        return counts

    def _shared(
        self, some: Sequence[int], kinds: list[list[str]], counts: Mapping[int, Sequence[int]]
    ) -> dict[int, set[str]]:
        """Items for the counts: the earliest of each kind to the first claim, the next to the second."""
        shared: dict[int, set[str]] = {place: set() for place in some}
        for kind, items in enumerate(kinds):
            left = iter(items)
            for place in some:
                shared[place].update(item for _, item in zip(range(counts[place][kind]), left, strict=False))
        return shared
