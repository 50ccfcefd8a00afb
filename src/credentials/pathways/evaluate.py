"""Any rule, any record, a date: verdict, reasons and a full trace. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import fsum
from typing import Any

import msgspec

from credentials.pathways.allocation import Allocation, Budget, Demands, Limit, Offer, allocate
from credentials.pathways.flow import Candidate, Demand, assign
from credentials.pathways.matching import NOTHING, STATUS_CODES, UNRELATED, Matcher
from credentials.pathways.reading import as_day
from credentials.pathways.record import Item, Known, Record, Status, fact_at
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
from credentials.pathways.sentences import sentence
from credentials.pathways.verdict import (
    CategoryTotal,
    Code,
    Counted,
    Evaluation,
    Exclusion,
    ItemReport,
    RateTotal,
    Reason,
    Requirement,
    State,
    Use,
    Verdict,
    plain,
)
from credentials.pathways.wording import fact_in_words, headline, rate_in_words, title


def evaluate(
    rule: Rule,
    record: Record,
    as_of: date,
    *,
    known: Known = Known.THEN,
    budget: Budget | None = None,
) -> Evaluation:
    """Judge a record by a rule, as of a day; ``nearest.explain`` adds the nearest ways to *met*.

    Waivers are looked at when the rule is not met without them, overrides when it is not met with them either, and pending
    items last of all. Where the work budget ran out and the question mattered, the verdict is *undecided*.
    """
    budget = budget or Budget()
    view = View(record, as_of, known)
    seen = Judge(view, frozenset(), budget)
    top = seen.node(rule)
    verdict = _PLAIN.get(top.state)
    if verdict is None:
        waived = frozenset(waiver.requirement for waiver in record.waivers if waiver.in_force(as_of))
        waived &= {node.name for node in walk(rule)}
        if waived:
            seen = Judge(view, waived, budget)
            top = seen.node(rule)
        if top.state.good:
            verdict = Verdict.MET_BY_WAIVER
        elif any(override.in_force(as_of) for override in record.overrides):
            verdict = Verdict.MET_BY_OVERRIDE
        elif top.state is State.UNDECIDED:
            verdict = Verdict.UNDECIDED
        else:
            verdict = _with_pending(rule, view, waived, budget)
    items = [(item.id, seen.exclusions(item.id)) for item in view.items]
    return Evaluation(
        verdict=verdict,
        as_of=as_of,
        known=known,
        reasons=(*seen.reasons, *(reason for _, excluded in items for reason in excluded)),
        requirement=top,
        items=tuple(seen.report(item, excluded) for item, excluded in items),
    )


_PLAIN = {State.MET: Verdict.MET, State.NOT_APPLICABLE: Verdict.NOT_APPLICABLE}


def _with_pending(rule: Rule, view: "View", waived: frozenset[str], budget: Budget) -> Verdict:
    """What a rule that is not met would be if every pending item became active."""
    if Status.PENDING not in view.status.values():
        return Verdict.NOT_MET
    state = Judge(view.all_reviewed(), waived, budget).node(rule).state
    if state.good:
        return Verdict.PENDING
    return Verdict.UNDECIDED if state is State.UNDECIDED else Verdict.NOT_MET


class View:
    """A record as it stood on a day: the items in an order of their own, and the status of each."""

    def __init__(self, record: Record, as_of: date, known: Known) -> None:
        self.facts = record.facts
        self.items = sorted(record.items, key=lambda item: item.order)
        self.as_of = as_of
        self.unknown = {item.id for item in record.items if item.unknown_on(as_of, known)}
        self.status = {item.id: item.status_on(as_of, known) for item in record.items if item.id not in self.unknown}
        self.works = _works(self.items)
        self.names = {item.id: item.name for item in record.items if item.name}
        self.matchers: dict[int, Matcher] = {}
        self.alike: dict[Match, Matcher] = {}

    def all_reviewed(self) -> "View":
        other = object.__new__(View)
        other.__dict__.update(self.__dict__)
        other.status = {
            item: Status.ACTIVE if status is Status.PENDING else status for item, status in self.status.items()
        }
        return other

    def matcher(self, match: Match) -> Matcher:
        """Matches that ask the same share one, so that each item is looked at once for all of them."""
        found = self.matchers.get(id(match))
        if found is None:
            found = self.alike.get(match)
            if found is None:
                found = self.alike[match] = Matcher(match, self.facts)
            self.matchers[id(match)] = found
        return found


def _works(items: Iterable[Item]) -> dict[str, str]:
    """The underlying work of each item: items that name each other as duplicates, directly or in a chain, share one."""
    above: dict[str, str] = {}

    def root(name: str) -> str:
        seen = []
        while name in above:
            seen.append(name)
            name = above[name]
        for one in seen:
            above[one] = name
        return name

    listed = list(items)
    for item in listed:
        if item.dup is not None:
            mine, theirs = sorted((root(item.id), root(item.dup)))
            if mine != theirs:
                above[theirs] = mine
    return {item.id: root(item.id) for item in listed}


class Judge:
    """One pass over a rule. What it finds on the way lands in ``reasons``, ``uses`` and ``excluded``."""

    def __init__(self, view: View, waived: frozenset[str], budget: Budget) -> None:
        self.view = view
        self.waived = waived
        self.budget = budget
        self.reasons: list[Reason] = []
        self.uses: dict[str, list[Use]] = defaultdict(list)
        self.excluded: dict[str, dict[str, tuple[Rule, Code, Any, Any]]] = defaultdict(dict)
        self.asked: list[str] = []
        self._titles: dict[str, str] = {}
        self.top = ""

    # Every node

    def node(self, rule: Rule) -> Requirement:
        self.top = self.top or rule.name
        found = self._node(rule)
        if rule.name in self.waived and found.state in {State.NOT_MET, State.UNDECIDED}:
            return msgspec.structs.replace(found, state=State.WAIVED)
        return found

    def _node(self, rule: Rule) -> Requirement:
        match rule:
            case All(exclusive=True):
                return self._exclusive(rule)
            case All() | AnyOf() | KOf():
                return self._counted(rule)
            case Credential():
                return self._credential(rule)
            case Sum():
                return self._sum(rule)
            case Fact():
                return self._fact(rule)
            case If():
                return self._if(rule)
            case Versions():
                return self._versions(rule)
            case NotApplicable():
                return self._judged(rule, State.NOT_APPLICABLE)
            case Always():
                return self._judged(rule, State.MET)

    def _judged(self, rule: Rule, state: State, **more: Any) -> Requirement:
        return Requirement(
            requirement=rule.name,
            at=rule.at,
            kind=_KINDS[type(rule)],
            state=state,
            words=headline(rule),
            text=rule.text,
            source=rule.source,
            **more,
        )

    def _reason(self, code: Code, rule: Rule, have: Any = None, need: Any = None, detail: str = "") -> None:
        text = sentence(code, title(rule), None, have, need, detail)
        self.reasons.append(Reason(code=code, requirement=rule.name, have=have, need=need, text=text))

    # Nodes of nodes

    def _counted(self, rule: All | AnyOf | KOf) -> Requirement:
        found = tuple(self.node(child) for child in rule.children)
        state, met, need = counting(rule, (child.state for child in found))
        if state is State.NOT_APPLICABLE:
            return self._judged(rule, state, children=found)
        if state is State.NOT_MET and not isinstance(rule, All):
            self._reason(Code.SHORT, rule, met, need)
        return self._judged(rule, state, have=met, need=need, children=found)

    def _if(self, rule: If) -> Requirement:
        condition = self._condition(rule.condition)
        if condition.state is State.UNKNOWN:
            for path in sorted(_needed(condition)):
                self._reason(Code.FACT_MISSING, rule, detail=path)
            return self._judged(rule, State.NOT_MET, condition=condition)
        branch = rule.then if condition.state is State.MET else rule.otherwise
        if branch is None:
            return self._judged(rule, State.MET, condition=condition)
        found = self.node(branch)
        state = State.MET if found.state is State.WAIVED else found.state
        return self._judged(rule, state, condition=condition, children=(found,))

    def _condition(self, rule: Rule) -> Requirement:
        """A condition is met, not met, or unknown: a fact that its answer hangs on was not recorded."""
        if isinstance(rule, Fact):
            code, have, need, missing = self._compared(rule)
            state = State.MET if code is None else State.UNKNOWN if missing else State.NOT_MET
            return self._judged(rule, state, have=have, need=missing or need)
        assert isinstance(rule, All | AnyOf | KOf)
        found = tuple(self._condition(child) for child in rule.children)
        need = {All: len(found), AnyOf: 1}.get(type(rule)) if not isinstance(rule, KOf) else rule.k
        assert need is not None
        met = sum(child.state is State.MET for child in found)
        possible = met + sum(child.state is State.UNKNOWN for child in found)
        state = State.MET if met >= need else State.UNKNOWN if possible >= need else State.NOT_MET
        return self._judged(rule, state, children=found)

    def _versions(self, rule: Versions) -> Requirement:
        recorded = fact_at(self.view.facts, rule.basis)
        on = as_day(recorded)
        if on is None:
            self._reason(Code.FACT_MISSING, rule, have=recorded, detail=f"{rule.basis}, a date")
            return self._judged(rule, State.NOT_MET)
        for version in rule.versions:
            if version.in_force(on):
                found = self.node(version.rule)
                state = State.MET if found.state is State.WAIVED else found.state
                return self._judged(rule, state, version=version.name, have=on.isoformat(), children=(found,))
        self._reason(Code.NO_RULE_IN_FORCE, rule, have=on.isoformat())
        return self._judged(rule, State.NOT_MET, have=on.isoformat())

    # Facts

    def _fact(self, rule: Fact) -> Requirement:
        code, have, need, missing = self._compared(rule)
        if code is None:
            return self._judged(rule, State.MET, have=have, need=need)
        detail = missing or fact_in_words(rule)
        self._reason(code, rule, have, need, detail)
        return self._judged(rule, State.NOT_MET, have=have, need=need)

    def _compared(self, rule: Fact) -> tuple[Code | None, Any, Any, str]:
        """Nothing or a code; the fact, what it is compared with, and the path that nobody recorded."""
        have, need = fact_at(self.view.facts, rule.path), rule.value
        if have is None:
            return Code.FACT_MISSING, None, None if is_path(need) else need, rule.path
        if is_path(need):
            path = need.removeprefix("$")
            need = fact_at(self.view.facts, path)
            if need is None:
                return Code.FACT_MISSING, have, None, path
        return (None if compares(have, rule.op, need) else Code.FACT_NOT_MET), have, need, ""

    # Items

    def _credential(self, rule: Credential) -> Requirement:
        (found,) = self._slots([rule])
        if found.state is State.NOT_MET:
            self._missing_facts(rule, self.view.matcher(rule.match))
            self._reason(Code.SHORT, rule, found.have, found.need)
        return found

    def _exclusive(self, rule: All) -> Requirement:
        slots = [child for child in rule.children if isinstance(child, Credential)]
        waived = [child.name in self.waived for child in slots]
        open_slots = [child for child, let_off in zip(slots, waived, strict=True) if not let_off]
        found = self._slots(open_slots)
        have, need = sum(child.have for child in found), sum(child.need for child in found)
        for child, slot in zip(found, open_slots, strict=True):
            if child.state is State.NOT_MET:
                self._missing_facts(slot, self.view.matcher(slot.match))
        judged = iter(found)
        both = [
            self._judged(child, State.WAIVED, need=child.count) if let_off else next(judged)
            for child, let_off in zip(slots, waived, strict=True)
        ]
        if have >= need:
            return self._judged(rule, State.MET, have=have, need=need, children=tuple(both))
        self._reason(Code.SHORT, rule, have, need)
        if all(self._could_fill(slot) for slot in open_slots):
            self._reason(Code.NO_VALID_ALLOCATION, rule, have, need)
        else:
            for child, slot in zip(found, open_slots, strict=True):
                if child.state is State.NOT_MET:
                    self._reason(Code.SHORT, slot, child.have, child.need)
        return self._judged(rule, State.NOT_MET, have=have, need=need, children=tuple(both))

    def _could_fill(self, rule: Credential) -> bool:
        matching = [item for item in self.view.items if self._excluded_by(rule, item) is None]
        candidates = [Candidate(item.id, item.ref, self.view.works[item.id], (0,)) for item in matching]
        (taken,) = assign([Demand(rule.count, rule.repeat)], candidates)
        return len(taken) >= rule.count

    def _slots(self, rules: list[Credential]) -> list[Requirement]:
        """Fill the slots of credential requirements that share no item."""
        self.asked += [rule.name for rule in rules]
        candidates = self.candidates(rules)
        taken = assign([Demand(rule.count, rule.repeat) for rule in rules], candidates)
        self._left_over(rules, candidates, taken)
        found = []
        for rule, filled in zip(rules, taken, strict=True):
            for name in filled:
                self.uses[name].append(Use(requirement=rule.name, units=1))
            counted = tuple(Counted(item=name, units=1) for name in filled)
            state = State.MET if len(filled) >= rule.count else State.NOT_MET
            found.append(self._judged(rule, state, have=len(filled), need=rule.count, counted=counted))
        return found

    def candidates(self, rules: Sequence[Credential]) -> list[Candidate]:
        """The items that fit one of the slots, earliest first; why others do not is put down."""
        candidates: list[Candidate] = []
        for item in self.view.items:
            fits = []
            for place, rule in enumerate(rules):
                failure = self._excluded_by(rule, item)
                if failure is None:
                    fits.append(place)
                elif failure is not _UNRELATED:
                    self._exclude(item, rule, failure)
            if fits:
                candidates.append(Candidate(item.id, item.ref, self.view.works[item.id], tuple(fits)))
        return candidates

    def _left_over(self, rules: list[Credential], candidates: list[Candidate], taken: list[list[str]]) -> None:
        """Why an item that fits was not taken: it repeats what is counted, or all its slots are full."""
        by_item = {candidate.item: candidate for candidate in candidates}
        counted = {item for items in taken for item in items}
        works = {by_item[item].work for item in counted}
        refs = [{by_item[item].ref for item in items if by_item[item].ref is not None} for items in taken]
        for candidate in candidates:
            if candidate.item in counted:
                continue
            for place in candidate.fits:
                repeats = candidate.work in works or (candidate.ref in refs[place] and not rules[place].repeat)
                self._exclude(
                    candidate.item, rules[place], (Code.DUPLICATE if repeats else Code.NOT_NEEDED, None, None)
                )

    def _excluded_by(self, rule: Credential, item: Item) -> "tuple[Code, Any, Any] | None":
        matcher = self.view.matcher(rule.match)
        rank = matcher.rank(item)
        if rank == UNRELATED:
            return _UNRELATED
        if item.id in self.view.unknown or self.view.status[item.id] is not Status.ACTIVE:
            return self._by_status(item)
        return None if rank == NOTHING else matcher.named(item, rank)

    def _by_status(self, item: Item) -> tuple[Code, Any, Any]:
        if item.id in self.view.unknown:
            return Code.NOT_DOCUMENTED, None, None
        return STATUS_CODES[self.view.status[item.id]], None, None

    def _missing_facts(self, rule: Rule, *matchers: Matcher) -> None:
        for path in sorted({path for matcher in matchers for path in matcher.missing.values()}):
            self._reason(Code.FACT_MISSING, rule, detail=path)

    # Sums

    def _sum(self, rule: Sum) -> Requirement:
        self.asked.append(rule.name)
        offers = self.offers(rule)
        found = share_out(rule, offers, self.budget)
        counted, totals = self._count(rule, offers, found)
        state = State.MET if found.met else State.UNDECIDED if found.met is None else State.NOT_MET
        if state is State.NOT_MET:
            self._missing_facts(rule, *map(self.view.matcher, (rule.where, *(rate.match for rate in rule.rates))))
            self._short(rule, found)
        return self._judged(
            rule,
            state,
            unit=rule.unit,
            have=plain(found.total),
            need=plain(rule.minimum),
            counted=tuple(counted),
            rates=tuple(totals),
            categories=tuple(
                CategoryTotal(category=category.tag, have=plain(have), need=plain(category.minimum))
                for category, have in zip(rule.categories, found.categories, strict=True)
            ),
            areas=CategoryTotal(category="areas", have=found.areas, need=rule.min_areas) if rule.min_areas else None,
        )

    def offers(self, rule: Sum) -> list[Offer]:
        """What its rates take, earliest first; why others are not taken is put down."""
        where, rates = self.view.matcher(rule.where), [self.view.matcher(rate.match) for rate in rule.rates]
        offers = []
        for item in self.view.items:
            taken = self._rate_of(rule, where, rates, item)
            if taken is None:
                continue
            rate = rule.rates[taken]
            units = rate.value if rate.per_item else rate.value * item.qty
            bears = frozenset(place for place, category in enumerate(rule.categories) if category.tag in item.tags)
            offers.append(Offer(item.id, taken, units, bears, self.view.works[item.id]))
        return offers

    def _rate_of(self, rule: Sum, where: Matcher, rates: list[Matcher], item: Item) -> int | None:
        """The first rate that matches an item; where there is none, the first failure is put down."""
        by_where = where.rank(item)
        if by_where == UNRELATED:
            return None
        first: Matcher | None = None
        taken: int | None = None
        by_rate = NOTHING
        for place, rate in enumerate(rates):
            rank = rate.rank(item)
            if rank == NOTHING:
                taken, by_rate = place, NOTHING
                break
            if rank != UNRELATED and first is None:
                first, by_rate = rate, rank
        if taken is None and first is None:
            return None
        if item.id in self.view.unknown or self.view.status[item.id] is not Status.ACTIVE:
            self._exclude(item, rule, self._by_status(item))
            return None
        if by_where == by_rate == NOTHING:
            return taken
        matcher = where if by_where <= by_rate or first is None else first
        self._exclude(item, rule, matcher.named(item, min(by_where, by_rate)))
        return None

    def _count(self, rule: Sum, offers: list[Offer], found: Allocation) -> tuple[list[Counted], list[RateTotal]]:
        """Share the counted units out over the kept items, earliest first, and name what was left out or cut."""
        kept = set(found.kept)
        works = {offers[place].work for place in kept}
        offered: dict[int, list[int]] = defaultdict(list)
        for place, offer in enumerate(offers):
            if place in kept:
                offered[offer.rate].append(place)
            elif offer.work in works:
                self._exclude(offer.item, rule, (Code.DUPLICATE, None, None))
        shut_out: dict[int, list[int]] = defaultdict(list)
        for place, offer in enumerate(offers):
            if place not in kept and offer.work not in works:
                shut_out[offer.rate].append(place)
        counted, totals = [], []
        for number, rate in enumerate(rule.rates):
            most = rate.max_items
            for place in shut_out[number]:
                have = len(offered[number]) + len(shut_out[number])
                self._exclude(offers[place].item, rule, (Code.MAX_ITEMS, have, most))
            offered_units = plain(fsum(offers[place].units for place in offered[number]))
            left = float(offered_units) if rate.cap is None else min(rate.cap, offered_units)
            if offered[number]:
                totals.append(
                    RateTotal(
                        area=rate.area or rate_in_words(rate, rule.unit),
                        offered=offered_units,
                        counted=plain(left),
                        items=len(offered[number]),
                        cap=None if rate.cap is None else plain(rate.cap),
                        max_items=most,
                    )
                )
            for place in offered[number]:
                offer = offers[place]
                units = offer.units if rate.cap is None else min(offer.units, left)
                left -= units
                category = rule.categories[found.put[place]].tag if place in found.put else None
                if units > 0 or offer.units == 0:
                    self.uses[offer.item].append(Use(requirement=rule.name, units=plain(units)))
                    counted.append(Counted(item=offer.item, units=plain(units), category=category))
                if rate.cap is not None and round(units, 9) < round(offer.units, 9):
                    self._exclude(offer.item, rule, (Code.CAP_EXCEEDED, offered_units, plain(rate.cap)))
        return counted, totals

    def _short(self, rule: Sum, found: Allocation) -> None:
        """Each minimum that even its own best choice does not reach; else the choice that cannot be made."""
        before = len(self.reasons)
        if round(found.best_total, 9) < round(rule.minimum, 9):
            self._reason(Code.SHORT, rule, plain(found.best_total), plain(rule.minimum), rule.unit)
        for category, best in zip(rule.categories, found.best_categories, strict=True):
            if round(best, 9) < round(category.minimum, 9):
                self._reason(Code.CATEGORY_SHORT, rule, plain(best), plain(category.minimum), category.tag)
        if found.best_areas < rule.min_areas:
            self._reason(Code.AREAS_SHORT, rule, found.best_areas, rule.min_areas)
        if len(self.reasons) > before:
            return
        self._reason(Code.NO_VALID_ALLOCATION, rule)
        if round(found.total, 9) < round(rule.minimum, 9):
            self._reason(Code.SHORT, rule, plain(found.total), plain(rule.minimum), rule.unit)
        for category, have in zip(rule.categories, found.categories, strict=True):
            if round(have, 9) < round(category.minimum, 9):
                self._reason(Code.CATEGORY_SHORT, rule, plain(have), plain(category.minimum), category.tag)
        if found.areas < rule.min_areas:
            self._reason(Code.AREAS_SHORT, rule, found.areas, rule.min_areas)

    # Reports

    def _exclude(self, item: Item | str, rule: Rule, failure: tuple[Code, Any, Any]) -> None:
        self.excluded[item if isinstance(item, str) else item.id][rule.name] = (rule, *failure)

    def _exclusion(self, item: str, rule: Rule, code: Code, have: Any, need: Any) -> Reason:
        detail = "was not on record yet on that day" if item in self.view.unknown else ""
        short = self._titles.get(rule.name) or self._titles.setdefault(rule.name, title(rule))
        text = sentence(code, short, self.view.names.get(item, item), have, need, detail)
        return Reason(code=code, requirement=rule.name, item=item, have=have, need=need, text=text)

    def exclusions(self, item: str) -> list[Reason]:
        """An item that bears on no requirement is said to be unrelated once: to the only one there is, else to the rule."""
        found = [self._exclusion(item, *why) for why in self.excluded[item].values()]
        if not found and not self.uses[item]:
            where = self.asked[0] if len(set(self.asked)) == 1 else self.top
            text = sentence(Code.NOT_RELATED, where, self.view.names.get(item, item), None, None)
            found.append(Reason(code=Code.NOT_RELATED, requirement=where, item=item, text=text))
        return found

    def report(self, item: str, excluded: list[Reason]) -> ItemReport:
        return ItemReport(
            item=item,
            uses=tuple(self.uses[item]),
            exclusions=tuple(
                Exclusion(requirement=reason.requirement or self.top, code=reason.code) for reason in excluded
            ),
        )


def share_out(rule: Sum, offers: Sequence[Offer], budget: Budget) -> Allocation:
    """The best choice among what the rates of a sum take."""
    names = [rate.area or place for place, rate in enumerate(rule.rates)]
    areas = {name: place for place, name in enumerate(dict.fromkeys(names))}
    limits = [Limit(rate.cap, rate.max_items, areas[name]) for rate, name in zip(rule.rates, names, strict=True)]
    minima = tuple(category.minimum for category in rule.categories)
    return allocate(offers, limits, Demands(rule.minimum, minima, rule.disjoint, rule.min_areas), budget)


def counting(rule: All | AnyOf | KOf, states: Iterable[State]) -> tuple[State, int, int]:
    """The state of a requirement of requirements, how many are met, and how many must be."""
    applying = [state for state in states if state is not State.NOT_APPLICABLE]
    if not applying:
        return State.NOT_APPLICABLE, 0, 0
    met = sum(state.good for state in applying)
    possible = met + applying.count(State.UNDECIDED)
    need = rule.k if isinstance(rule, KOf) else len(applying) if isinstance(rule, All) else 1
    return (State.MET if met >= need else State.UNDECIDED if possible >= need else State.NOT_MET), met, need


_UNRELATED = (Code.NOT_RELATED, None, None)
_KINDS: Mapping[type, str] = {
    All: "all",
    AnyOf: "any",
    KOf: "k_of",
    Credential: "credential",
    Sum: "sum",
    Fact: "fact",
    If: "if",
    Versions: "versions",
    NotApplicable: "not_applicable",
    Always: "true",
}


def _needed(condition: Requirement) -> set[str]:
    """The facts that an unknown condition hangs on."""
    if condition.state is not State.UNKNOWN:
        return set()
    if condition.kind == "fact":
        return {str(condition.need)}
    return {path for child in condition.children for path in _needed(child)}


def compares(have: Any, op: Op, need: Any) -> bool:
    """Does a recorded fact compare true? Dates compare as dates, numbers as numbers; unlike things never do."""
    if op is Op.IN:
        return isinstance(need, list) and any(compares(have, Op.EQUAL, one) for one in need)
    one, other = as_day(have), as_day(need)
    if one is not None and other is not None:
        return _ordered(one, op, other)
    if _is_number(have) and _is_number(need):
        return _ordered(round(have, 9), op, round(need, 9))
    return op is Op.EQUAL and type(have) is type(need) and bool(have == need)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ordered(have: Any, op: Op, need: Any) -> bool:
    match op:
        case Op.EQUAL:
            return bool(have == need)
        case Op.AT_LEAST:
            return bool(have >= need)
        case Op.AT_MOST:
            return bool(have <= need)
        case Op.LESS:
            return bool(have < need)
        case Op.MORE:
            return bool(have > need)
        case Op.IN:
            return False
