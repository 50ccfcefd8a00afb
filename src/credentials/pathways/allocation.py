"""Which items of a sum are kept, and for which category: exactly, never first-fit.

A choice arises where duplicates or ``max_items`` leave some items out, and where categories are disjoint. Most records
leave no choice that matters, and the rest are mostly settled by a short argument: a choice that is seen to reach everything
proves *met*, and a minimum that even its own best choice does not reach proves *not met*. What remains is an integer
programme, which HiGHS solves under a budget of branch-and-bound nodes (so that the same question has the same answer on
every machine). A solution is believed only after it was added up again; when the budget runs out the answer is *undecided*.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import fsum, inf

import msgspec

NODES = 4000
"""Branch-and-bound nodes of one evaluation and its nearest ways. Real rules need one or two for each sum."""
SECONDS = 6.0
"""A backstop for nodes that grow too large: a question must end within ten seconds, and these are most of its work."""
EXPLAINING = 100
"""Nodes for showing how close a split comes, once it is proved that there is none."""
MAX_VARIABLES = 20_000
"""Integer variables of one programme; above it the answer is undecided at once."""
SLACK = 5e-10
"""Totals are compared after rounding to nine decimals."""


class Budget:
    """The work that one evaluation may do. ``spent_out`` says that some question was given up."""

    def __init__(self, nodes: int = NODES, seconds: float = SECONDS) -> None:
        self.nodes = nodes
        self.seconds = seconds
        self.spent_out = False

    def for_explaining(self) -> "Budget":
        """A small part of what is left. Running out of it changes no verdict."""
        return Budget(min(self.nodes, EXPLAINING), min(self.seconds, 1.0))


class Limit(msgspec.Struct, frozen=True):
    """Of one rate: most units, most items, and the area (by place) that it feeds."""

    cap: float | None
    max_items: int | None
    area: int


class Offer(msgspec.Struct, frozen=True):
    """An item that a rate takes: its units, the categories (by place) whose tag it bears, its underlying work."""

    item: str
    rate: int
    units: float
    tags: frozenset[int]
    work: str


class Demands(msgspec.Struct, frozen=True):
    minimum: float
    categories: tuple[float, ...]
    disjoint: bool
    min_areas: int


class Most(msgspec.Struct, frozen=True):
    """What each minimum could reach if it were the only one; ``None`` where that takes a programme to know."""

    total: float | None
    categories: tuple[float | None, ...]
    areas: int | None

    def exact(self) -> tuple[float, tuple[float, ...], int] | None:
        """All of them, if all are known."""
        categories = tuple(one for one in self.categories if one is not None)
        if self.total is None or self.areas is None or len(categories) < len(self.categories):
            return None
        return self.total, categories, self.areas


class Allocation(msgspec.Struct, frozen=True):
    """``kept`` are places of offers; ``put`` maps such a place to its one category where categories are disjoint.

    ``total`` is after caps; ``categories`` are measured before. The ``best`` figures are what each minimum could reach if it
    were the only one. ``met`` is ``None`` when the budget ran out.
    """

    met: bool | None
    kept: tuple[int, ...]
    put: dict[int, int]
    total: float
    categories: tuple[float, ...]
    areas: int
    best_total: float
    best_categories: tuple[float, ...]
    best_areas: int


def reaches(have: float, need: float) -> bool:
    """Totals are compared after rounding to nine decimals."""
    return round(have, 9) >= round(need, 9)


def allocate(offers: Sequence[Offer], limits: Sequence[Limit], demands: Demands, budget: Budget) -> Allocation:
    """The best choice for the person: everything met if that can be, and then the most units."""
    chosen, open_choice = _without_choice(offers, limits)
    question = _Question(offers, limits, demands)
    if open_choice:
        return _choose(question, chosen, budget)
    if demands.disjoint and demands.categories:
        return _split(question, chosen, budget)
    return question.answer(chosen, {})


def _without_choice(offers: Sequence[Offer], limits: Sequence[Limit]) -> tuple[list[int], bool]:
    """The offers that anybody would keep, and whether that was a choice that another demand could want otherwise."""
    is_open = False
    by_work: dict[str, list[int]] = defaultdict(list)
    for place, offer in enumerate(offers):
        by_work[offer.work].append(place)
    singles: list[int] = []
    for same in by_work.values():
        best = min(same, key=lambda place: (-offers[place].units, -len(offers[place].tags), place))
        is_open |= not all(_no_worse(offers[best], offers[other], limits) for other in same)
        singles.append(best)
    by_rate: dict[int, list[int]] = defaultdict(list)
    for place in sorted(singles):
        by_rate[offers[place].rate].append(place)
    kept: list[int] = []
    for rate, offered in by_rate.items():
        taken, most = offered, limits[rate].max_items
        if most is not None and len(taken) > most:
            in_order = sorted(offered, key=lambda place: (-offers[place].units, -len(offers[place].tags), place))
            taken = in_order[:most]
            dropped = frozenset[int]().union(*(offers[place].tags for place in in_order[most:]))
            is_open |= not all(dropped <= offers[place].tags for place in taken)
        kept += taken
    return sorted(kept), is_open


def _no_worse(one: Offer, other: Offer, limits: Sequence[Limit]) -> bool:
    """Can ``one`` stand for ``other`` whatever is asked?"""
    if one.units < other.units or not other.tags <= one.tags:
        return False
    if one.rate == other.rate:
        return True
    mine = limits[one.rate]
    return mine.cap is None and mine.max_items is None and mine.area == limits[other.rate].area


class _Question:
    def __init__(self, offers: Sequence[Offer], limits: Sequence[Limit], demands: Demands) -> None:
        self.offers = offers
        self.limits = limits
        self.demands = demands

    def total(self, kept: Iterable[int]) -> float:
        by_rate: dict[int, list[float]] = defaultdict(list)
        for place in kept:
            by_rate[self.offers[place].rate].append(self.offers[place].units)
        return fsum(self._capped(rate, fsum(units)) for rate, units in by_rate.items())

    def _capped(self, rate: int, units: float) -> float:
        cap = self.limits[rate].cap
        return units if cap is None else min(units, cap)

    def areas(self, kept: Iterable[int]) -> int:
        """Areas that something is counted from: nothing of no units, and nothing under a cap of nothing."""
        return len(
            {
                self.limits[self.offers[place].rate].area
                for place in kept
                if self._capped(self.offers[place].rate, self.offers[place].units) > 0
            }
        )

    def alone(self, kept: Iterable[int]) -> tuple[float, ...]:
        """What each category reaches when every kept item that bears its tag counts toward it."""
        units: list[list[float]] = [[] for _ in self.demands.categories]
        for place in kept:
            for category in self.offers[place].tags:
                units[category].append(self.offers[place].units)
        return tuple(fsum(each) for each in units)

    def categories(self, kept: Iterable[int], put: dict[int, int]) -> tuple[float, ...]:
        if not self.demands.disjoint:
            return self.alone(kept)
        units: list[list[float]] = [[] for _ in self.demands.categories]
        for place, category in put.items():
            units[category].append(self.offers[place].units)
        return tuple(fsum(each) for each in units)

    def answer(
        self,
        kept: list[int],
        put: dict[int, int],
        *,
        gave_up: bool = False,
        best: tuple[float, tuple[float, ...], int] | None = None,
    ) -> Allocation:
        total, categories, areas = self.total(kept), self.categories(kept, put), self.areas(kept)
        most = best or (total, self.alone(kept), areas)
        met = (
            reaches(total, self.demands.minimum)
            and all(map(reaches, categories, self.demands.categories))
            and areas >= self.demands.min_areas
        )
        return Allocation(
            met=True if met else None if gave_up else False,
            kept=tuple(kept),
            put=put,
            total=total,
            categories=categories,
            areas=areas,
            best_total=most[0],
            best_categories=most[1],
            best_areas=most[2],
        )

    def hopeless(self, best: tuple[float, tuple[float, ...], int]) -> bool:
        """Is some minimum out of reach even on its own?"""
        return not (
            reaches(best[0], self.demands.minimum)
            and all(map(reaches, best[1], self.demands.categories))
            and best[2] >= self.demands.min_areas
        )

    def beyond(self, most: Most) -> bool:
        """Is some minimum out of reach by what is known of them?"""
        return (
            (most.total is not None and not reaches(most.total, self.demands.minimum))
            or any(
                known is not None and not reaches(known, need)
                for known, need in zip(most.categories, self.demands.categories, strict=True)
            )
            or (most.areas is not None and most.areas < self.demands.min_areas)
        )

    def most(self, quick: Allocation) -> Most:
        """What each minimum could reach if it were the only one, as far as that is plain without a programme."""
        everything = range(len(self.offers))
        areas = len({self.limits[offer.rate].area for offer in self.offers})
        return Most(
            total=self._most_units(everything),
            categories=tuple(
                None if taken is None else fsum(self.offers[place].units for place in taken)
                for category in range(len(self.demands.categories))
                for taken in [self._most_of([place for place in everything if category in self.offers[place].tags])]
            ),
            areas=quick.areas if quick.areas == areas else None,
        )

    def _most_of(self, places: Sequence[int]) -> list[int] | None:
        """The choice of most units where caps do not matter, or nothing where works stand between two rates of ``max_items``.

        Each work gives its best offer of a rate without a limit; in a rate with one, those are taken that gain most by it.
        """
        works: dict[str, dict[int, int]] = defaultdict(dict)
        for place in places:
            offer = self.offers[place]
            best = works[offer.work].get(offer.rate)
            if best is None or offer.units > self.offers[best].units:
                works[offer.work][offer.rate] = place
        offered: dict[int, int] = defaultdict(int)
        for of_rate in works.values():
            for rate in of_rate:
                offered[rate] += 1
        narrow = {
            rate
            for rate, number in offered.items()
            if (most := self.limits[rate].max_items) is not None and number > most
        }
        taken: list[int] = []
        gains: dict[int, list[tuple[float, int, int | None]]] = defaultdict(list)
        for of_rate in works.values():
            free = [place for rate, place in of_rate.items() if rate not in narrow]
            otherwise = max(free, key=lambda place: self.offers[place].units, default=None)
            rates = [rate for rate in of_rate if rate in narrow]
            if len(rates) > 1:
                return None
            if not rates:
                taken += free if otherwise is None else [otherwise]
                continue
            place = of_rate[rates[0]]
            gain = self.offers[place].units - (0.0 if otherwise is None else self.offers[otherwise].units)
            gains[rates[0]].append((gain, place, otherwise))
        for rate, found in gains.items():
            found.sort(key=lambda one: (-one[0], one[1]))
            most = self.limits[rate].max_items or 0
            for number, (gain, place, otherwise) in enumerate(found):
                if number < most and gain > 0:
                    taken.append(place)
                elif otherwise is not None:
                    taken.append(otherwise)
        return taken

    def _most_units(self, places: Sequence[int]) -> float | None:
        """The largest total after caps, or nothing where that is not plain.

        Rates that are over their cap give it whole, if what nobody else needs fills them; the others share the rest.
        """
        full: set[int] = set()
        while True:
            taken = self._most_of([place for place in places if self.offers[place].rate not in full])
            if taken is None:
                return None
            units: dict[int, list[float]] = defaultdict(list)
            for place in taken:
                units[self.offers[place].rate].append(self.offers[place].units)
            over = {rate for rate, each in units.items() if self._capped(rate, total := fsum(each)) < total}
            if not over:
                break
            full |= over
        used = {self.offers[place].work for place in taken}
        for rate in sorted(full):
            best: dict[str, float] = {}
            for place in places:
                offer = self.offers[place]
                if offer.rate == rate and offer.work not in used:
                    best[offer.work] = max(best.get(offer.work, 0.0), offer.units)
            chosen = sorted(best, key=lambda work: (-best[work], work))[: self.limits[rate].max_items]
            if self._capped(rate, total := fsum(best[work] for work in chosen)) == total:
                return None
            used.update(chosen)
        caps = [cap for rate in full if (cap := self.limits[rate].cap) is not None]
        return fsum([*caps, *(self.offers[place].units for place in taken)])

    def greedy(self, kept: Iterable[int]) -> dict[int, int]:
        """A split that is good and quick: items with the fewest categories and most units first, each where most is missing."""
        put: dict[int, int] = {}
        missing = list(self.demands.categories)
        bearing = [place for place in kept if self.offers[place].tags]
        for place in sorted(bearing, key=lambda p: (len(self.offers[p].tags) > 1, -self.offers[p].units, p)):
            category = max(sorted(self.offers[place].tags), key=lambda c: missing[c])
            put[place] = category
            missing[category] -= self.offers[place].units
        return put


def _split(question: _Question, kept: list[int], budget: Budget) -> Allocation:
    """All kept items are given; only the split over the categories is open."""
    quick = question.answer(kept, question.greedy(kept))
    best = (quick.best_total, quick.best_categories, quick.best_areas)
    if quick.met or question.hopeless(best):
        return quick
    programme = _Programme(question, kept, fixed=True)
    found = programme.feasible(budget)
    if found is not None and found.proved:
        return question.answer(kept, found.put)
    if found is None:
        return question.answer(kept, quick.put, gave_up=True)
    closest = programme.closest(budget.for_explaining())
    return question.answer(kept, closest.put if closest is not None else quick.put)


def _choose(question: _Question, kept: list[int], budget: Budget) -> Allocation:
    """Duplicates or ``max_items`` leave items out, and which ones can matter."""
    quick = question.answer(kept, question.greedy(kept) if question.demands.disjoint else {})
    if quick.met:
        return quick
    most = question.most(quick)
    alone = most.exact()
    if alone is not None and question.hopeless(alone):
        return question.answer(kept, quick.put, best=alone)
    programme = _Programme(question, list(range(len(question.offers))), fixed=False)
    found = None if question.beyond(most) else programme.feasible(budget)
    if found is not None and found.proved:
        return question.answer(found.kept, found.put)
    if found is None and not question.beyond(most):
        return question.answer(kept, quick.put, gave_up=True)
    best = programme.best(most, budget.for_explaining())
    return question.answer(kept, quick.put, best=best)


class _Found(msgspec.Struct, frozen=True):
    """``proved``: a choice that reaches everything. Not proved: there is none."""

    proved: bool
    kept: list[int]
    put: dict[int, int]


class _Row(msgspec.Struct, frozen=True):
    least: float
    most: float
    terms: dict[int, float]


class _Programme:
    """The integer programme of a question. Offers that nothing tells apart share one whole variable."""

    def __init__(self, question: _Question, places: list[int], *, fixed: bool) -> None:
        self.question = question
        offers = question.offers
        works: dict[str, int] = defaultdict(int)
        for place in places:
            works[offers[place].work] += 1
        groups: dict[tuple[int, float, tuple[int, ...], str | None], list[int]] = defaultdict(list)
        for place in places:
            offer = offers[place]
            shared = offer.work if works[offer.work] > 1 and not fixed else None
            groups[offer.rate, offer.units, tuple(sorted(offer.tags)), shared].append(place)
        self.groups = [(*key, members) for key, members in sorted(groups.items(), key=lambda entry: entry[1][0])]
        self.upper: list[float] = []
        self.whole: list[bool] = []
        self.lower: list[float] = []
        self.kept = [self._variable(len(members), least=len(members) if fixed else 0) for *_, members in self.groups]
        self.put: dict[tuple[int, int], int] = {}
        if question.demands.disjoint:
            for number, (_, _, tags, _, members) in enumerate(self.groups):
                self.put.update({(number, category): self._variable(len(members)) for category in tags})
        self.rules: list[_Row] = []
        self._selection(fixed=fixed)
        self.units = self._units()
        self.areas = self._areas()
        self.category_terms = [self._category(category) for category in range(len(question.demands.categories))]

    def _variable(self, most: float, *, least: float = 0, whole: bool = True) -> int:
        self.lower.append(least)
        self.upper.append(most)
        self.whole.append(whole)
        return len(self.upper) - 1

    def _selection(self, *, fixed: bool) -> None:
        """What may be kept together: one item of each work, ``max_items`` of each rate; each whole item in one category."""
        if not fixed:
            by_work: dict[str, dict[int, float]] = defaultdict(dict)
            by_rate: dict[int, dict[int, float]] = defaultdict(dict)
            for variable, (rate, _, _, work, _) in zip(self.kept, self.groups, strict=True):
                by_rate[rate][variable] = 1
                if work is not None:
                    by_work[work][variable] = 1
            self.rules += [_Row(-inf, 1, terms) for terms in by_work.values()]
            for rate, terms in by_rate.items():
                most = self.question.limits[rate].max_items
                if most is not None:
                    self.rules.append(_Row(-inf, most, terms))
        for number, (_, _, tags, _, _) in enumerate(self.groups):
            if self.question.demands.disjoint and tags:
                terms = {self.put[number, category]: 1.0 for category in tags}
                self.rules.append(_Row(-inf, 0, {**terms, self.kept[number]: -1.0}))

    def _units(self) -> dict[int, float]:
        """Terms of the total: for each rate a variable that is at most the cap and at most what is kept."""
        terms: dict[int, float] = {}
        for rate in sorted({rate for rate, *_ in self.groups}):
            cap = self.question.limits[rate].cap
            counted = self._variable(inf if cap is None else cap, whole=False)
            kept = {
                variable: -units
                for variable, (of, units, *_) in zip(self.kept, self.groups, strict=True)
                if of == rate and units
            }
            self.rules.append(_Row(-inf, 0, {**kept, counted: 1.0}))
            terms[counted] = 1.0
        return terms

    def _areas(self) -> dict[int, float]:
        if not self.question.demands.min_areas:
            return {}
        feeding: dict[int, dict[int, float]] = defaultdict(dict)
        for variable, (rate, units, *_) in zip(self.kept, self.groups, strict=True):
            cap = self.question.limits[rate].cap
            if units > 0 and cap != 0:
                feeding[self.question.limits[rate].area][variable] = -1.0
        terms = {}
        for fed in feeding.values():
            area = self._variable(1)
            self.rules.append(_Row(-inf, 0, {**fed, area: 1.0}))
            terms[area] = 1.0
        return terms

    def _category(self, category: int) -> dict[int, float]:
        if self.question.demands.disjoint:
            return {
                variable: self.groups[number][1]
                for (number, of), variable in self.put.items()
                if of == category and self.groups[number][1]
            }
        return {
            variable: units
            for variable, (_, units, tags, *_) in zip(self.kept, self.groups, strict=True)
            if category in tags and units
        }

    def _demanded(self, margin: float) -> list[_Row]:
        demands = self.question.demands
        rows = [_Row(demands.minimum + margin, inf, self.units)]
        rows += [
            _Row(minimum + margin, inf, terms)
            for minimum, terms in zip(demands.categories, self.category_terms, strict=True)
        ]
        if demands.min_areas:
            rows.append(_Row(demands.min_areas, inf, self.areas))
        return rows

    def feasible(self, budget: Budget) -> _Found | None:
        """A choice that reaches everything, or the proof that there is none, or nothing: the budget ran out.

        The solver works to a tolerance, so that a choice it offers is added up exactly. One that falls short by less than the
        tolerance is asked for again with a margin.
        """
        for margin in (-SLACK, 1e-6):
            values, ended = self._solve([*self.rules, *self._demanded(margin)], self.units, budget)
            if values is not None:
                found = self._read(values)
                if self.question.answer(found.kept, found.put).met:
                    return found
            elif ended and margin < 0:
                return _Found(False, [], {})
            if not ended or values is None:
                break
        budget.spent_out = True
        return None

    def closest(self, budget: Budget) -> _Found | None:
        """The split with the least missing over all categories, for the explanation."""
        count = len(self.upper)
        rows, wanted = list(self.rules), {}
        for minimum, terms in zip(self.question.demands.categories, self.category_terms, strict=True):
            short = self._variable(minimum, whole=False)
            rows.append(_Row(minimum, inf, {**terms, short: 1.0}))
            wanted[short] = -1.0
        values, _ = self._solve(rows, wanted, budget)
        del self.upper[count:], self.lower[count:], self.whole[count:]
        return None if values is None else self._read(values)

    def best(self, most: Most, budget: Budget) -> tuple[float, tuple[float, ...], int] | None:
        """What each minimum could reach if it were the only one, for the explanation. ``most`` has what is known already."""
        reached = []
        for wanted, known in (
            (self.units, most.total),
            *zip(self.category_terms, most.categories, strict=True),
            (self.areas, most.areas),
        ):
            if known is not None:
                reached.append(float(known))
                continue
            values, _ = self._solve(self.rules, wanted, budget) if wanted else ([0.0] * len(self.upper), True)
            if values is None:
                return None
            reached.append(fsum(values[variable] * factor for variable, factor in wanted.items()))
        return reached[0], tuple(reached[1:-1]), round(reached[-1])

    def _read(self, values: list[float]) -> _Found:
        kept: list[int] = []
        put: dict[int, int] = {}
        for number, (_, _, tags, _, members) in enumerate(self.groups):
            taken = members[: round(values[self.kept[number]])]
            kept += taken
            rest = iter(taken)
            if self.question.demands.disjoint:
                for category in tags:
                    for _ in range(round(values[self.put[number, category]])):
                        place = next(rest, None)
                        if place is not None:
                            put[place] = category
        return _Found(True, sorted(kept), put)

    def _solve(self, rows: Sequence[_Row], wanted: dict[int, float], budget: Budget) -> tuple[list[float] | None, bool]:
        """Values of the variables that make ``wanted`` largest, or nothing when no values obey the rows; and did it end?"""
        if budget.nodes <= 0 or budget.seconds <= 0 or len(self.upper) > MAX_VARIABLES:
            budget.spent_out = True
            return None, False
        from credentials.pathways.solver import maximise  # slow to import, and few questions need it

        answer = maximise(
            self.lower,
            self.upper,
            self.whole,
            [(row.least, row.most, row.terms) for row in rows if row.terms or row.least > 0],
            wanted,
            nodes=budget.nodes,
            seconds=budget.seconds,
        )
        budget.nodes -= answer.nodes
        budget.seconds -= answer.seconds
        if not answer.ended:
            budget.spent_out = True
        return answer.values, answer.ended
