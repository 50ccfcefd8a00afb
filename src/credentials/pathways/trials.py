"""Would a record be *met* with some items more? Only the parts of a rule that can change by them are judged again. Pure.

Adding items takes nothing from anybody: a requirement that is met stays so, whatever is added, and one that looks at facts
only does not change. What is left are the requirements of items that are not met, and of each the items that were there
before are matched once, for all that is tried.
"""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from credentials.pathways.allocation import Budget, Offer
from credentials.pathways.evaluate import Judge, View, counting, share_out
from credentials.pathways.flow import Candidate, Demand, assign
from credentials.pathways.record import Item, Known, Record
from credentials.pathways.rule import All, AnyOf, Credential, If, KOf, Rule, Sum, Versions
from credentials.pathways.verdict import Requirement, State

_Fitting = TypeVar("_Fitting", Offer, Candidate)


class Trials:
    """``found`` is how the record was judged, without a waiver."""

    def __init__(
        self, rule: Rule, record: Record, found: Requirement, as_of: date, known: Known, budget: Budget
    ) -> None:
        self.rule = rule
        self.record = record
        self.found = found
        self.as_of = as_of
        self.known = known
        self.budget = budget
        self._there = Judge(View(record, as_of, known), frozenset(), budget)
        self._order = {item.id: item.order for item in record.items}
        self._named = {item.dup for item in record.items if item.dup is not None}
        self._offers: dict[str, list[Offer]] = {}
        self._candidates: dict[str, list[Candidate]] = {}

    def can_tell(self, items: Sequence[Item]) -> bool:
        """Items that replace others, or belong to the work of others, change more than what is asked here."""
        return not any(item.id in self._order or item.id in self._named or item.dup for item in items)

    def is_met(self, items: Sequence[Item]) -> bool:
        """Is the rule met with these items beside those of the record?"""
        added = Record(items=tuple({item.id: item for item in items}.values()), facts=self.record.facts)
        new = Judge(View(added, self.as_of, self.known), frozenset(), self.budget)
        return self._state(self.rule, self.found, new) is State.MET

    def _state(self, rule: Rule, found: Requirement, new: Judge) -> State:
        if found.state is State.MET:
            return State.MET
        match rule:
            case All(exclusive=True):
                slots = [child for child in rule.children if isinstance(child, Credential)]
                return self._filled(rule, slots, new)
            case All() | AnyOf() | KOf():
                below = zip(rule.children, found.children, strict=True)
                return counting(rule, (self._state(child, was, new) for child, was in below))[0]
            case Credential():
                return self._filled(rule, [rule], new)
            case Sum():
                return self._summed(rule, new)
            case If() | Versions() if found.children:
                (was,) = found.children
                return self._state(_branch(rule, was), was, new)
            case _:
                return found.state

    def _filled(self, rule: Rule, slots: list[Credential], new: Judge) -> State:
        if rule.at not in self._candidates:
            self._candidates[rule.at] = self._there.candidates(slots)
        candidates = self._together(self._candidates[rule.at], new.candidates(slots), new)
        taken = assign([Demand(slot.count, slot.repeat) for slot in slots], candidates)
        need = sum(slot.count for slot in slots)
        return State.MET if sum(map(len, taken)) >= need else State.NOT_MET

    def _summed(self, rule: Sum, new: Judge) -> State:
        if rule.at not in self._offers:
            self._offers[rule.at] = self._there.offers(rule)
        met = share_out(rule, self._together(self._offers[rule.at], new.offers(rule), new), self.budget).met
        return State.UNDECIDED if met is None else State.MET if met else State.NOT_MET

    def _together(self, there: list[_Fitting], more: list[_Fitting], new: Judge) -> list[_Fitting]:
        """In the order in which a record with all of them has them, which decides among equals."""
        if not more:
            return there
        order = self._order | {item.id: item.order for item in new.view.items}
        return sorted(there + more, key=lambda one: order[one.item])


def _branch(rule: If | Versions, found: Requirement) -> Rule:
    """The branch that was taken, by its place."""
    if isinstance(rule, Versions):
        return next(version.rule for version in rule.versions if version.rule.at == found.at)
    return rule.then if rule.then.at == found.at or rule.otherwise is None else rule.otherwise
