"""The pathway language once more, slowly and plainly: every choice is tried. The oracle of the evaluator's properties."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, product
from math import fsum
from typing import Any

Document = dict[str, Any]


def verdict(rule: Document, record: Document) -> str:
    """``met``, ``not_met``, ``pending`` or ``not_applicable``; small records only: it tries all choices."""
    items, facts = record.get("items", []), record.get("facts", {})
    found = _state(rule, [item for item in items if item.get("status", "active") == "active"], facts)
    if found == "not_met" and any(item.get("status") == "pending" for item in items):
        able = [item for item in items if item.get("status", "active") in {"active", "pending"}]
        return "pending" if _state(rule, able, facts) == "met" else "not_met"
    return found


def _state(rule: Document, items: list[Document], facts: Document) -> str:
    if "not_applicable" in rule:
        return "not_applicable"
    if "true" in rule:
        return "met"
    if "if" in rule:
        held = _condition(rule["if"], facts)
        if held is None:
            return "not_met"
        branch = rule["then"] if held else rule.get("else", {"true": True})
        return _state(branch, items, facts)
    if rule.get("exclusive"):
        return _word(any(True for _ in _assignments(rule["all"], items)))
    for kind, listed in (("all", "all"), ("any", "any"), ("k_of", "of")):
        if kind in rule:
            states = [one for child in rule[listed] if (one := _state(child, items, facts)) != "not_applicable"]
            if not states:
                return "not_applicable"
            need = {"all": len(states), "any": 1}.get(kind, rule.get("k_of"))
            return _word(states.count("met") >= need)
    if "credential" in rule:
        return _word(any(True for _ in _assignments([rule], items)))
    if "fact" in rule:
        return _word(_condition(rule, facts) is True)
    return _word(_sum(rule["sum"], items))


def _word(held: bool) -> str:
    return "met" if held else "not_met"


def _condition(rule: Document, facts: Document) -> bool | None:
    if "fact" in rule:
        have = facts.get(rule["fact"])
        if have is None:
            return None
        return {"==": have == rule["value"], ">=": have >= rule["value"], "<": have < rule["value"]}[rule["op"]]
    (listed,) = [rule[name] for name in ("all", "any", "of") if name in rule]
    held = [_condition(child, facts) for child in listed]
    need = rule.get("k_of", 1 if "any" in rule else len(held))
    if held.count(True) >= need:
        return True
    return None if held.count(True) + held.count(None) >= need else False


def _matches(match: Document, item: Document) -> bool:
    if "type" in match and item.get("type") != match["type"]:
        return False
    if "ref" in match and item.get("ref") != match["ref"]:
        return False
    if "tag" in match and match["tag"] not in item.get("tags", []):
        return False
    return "min_score" not in match or item.get("score", -1) >= match["min_score"]


def _work(item: Document) -> str:
    return item.get("dup") or item["id"]  # the oracle's records name an original that is no copy itself


def _assignments(slots: list[Document], items: list[Document]) -> Iterator[tuple[int | None, ...]]:
    """Every way to give each item one slot or none, so that all slots are full."""
    fits = [
        [None, *(place for place, slot in enumerate(slots) if _matches(slot["credential"], item))] for item in items
    ]
    for way in product(*fits):
        taken = [(item, place) for item, place in zip(items, way, strict=True) if place is not None]
        works = [_work(item) for item, _ in taken]
        if len(set(works)) < len(works):
            continue
        refs = [(place, item["ref"]) for item, place in taken if "ref" in item and not slots[place].get("repeat")]
        if len(set(refs)) < len(refs):
            continue
        if all(sum(of == place for _, of in taken) >= slot.get("count", 1) for place, slot in enumerate(slots)):
            yield way


def _sum(rule: Document, items: list[Document]) -> bool:
    offers = []
    for item in items:
        if not _matches(rule.get("where", {}), item):
            continue
        for place, rate in enumerate(rule["rates"]):
            if _matches(rate["match"], item):
                offers.append((item, place, rate["value"] * (1 if rate.get("per") == "item" else item.get("qty", 1))))
                break
    return any(
        _kept_is_enough(rule, kept)
        for size in range(len(offers) + 1)
        for kept in combinations(offers, size)
        if _may_be_kept(rule, kept)
    )


def _may_be_kept(rule: Document, kept: tuple[tuple[Document, int, float], ...]) -> bool:
    works = [_work(item) for item, _, _ in kept]
    if len(set(works)) < len(works):
        return False
    return all(
        rate.get("max_items") is None or sum(place == of for _, of, _ in kept) <= rate["max_items"]
        for place, rate in enumerate(rule["rates"])
    )


def _kept_is_enough(rule: Document, kept: tuple[tuple[Document, int, float], ...]) -> bool:
    by_rate: dict[int, list[float]] = defaultdict(list)
    for _, place, units in kept:
        by_rate[place].append(units)
    total = fsum(min(fsum(units), rule["rates"][place].get("cap", 1e9)) for place, units in by_rate.items())
    areas = {
        rule["rates"][place].get("area", place)
        for _, place, units in kept
        if min(units, rule["rates"][place].get("cap", 1e9)) > 0
    }
    if round(total, 9) < round(rule["min"], 9) or len(areas) < rule.get("min_areas", 0):
        return False
    categories = rule.get("categories", [])
    if not rule.get("disjoint"):
        return all(
            round(fsum(units for item, _, units in kept if each["tag"] in item.get("tags", [])), 9) >= each["min"]
            for each in categories
        )
    choices = [
        [None, *(place for place, each in enumerate(categories) if each["tag"] in item.get("tags", []))]
        for item, _, _ in kept
    ]
    return any(
        all(
            round(fsum(units for (_, _, units), put in zip(kept, way, strict=True) if put == place), 9) >= each["min"]
            for place, each in enumerate(categories)
        )
        for way in product(*choices)
    )
