"""Rules and records with one mistake each, and the place where it is."""

import random
from typing import Any

OK = {"true": True}
RATE = {"match": {}, "value": 1}
SUM = {"unit": "hour", "min": 1, "rates": [RATE]}


def deep(levels: int) -> Any:
    return {"all": [deep(levels - 1)]} if levels else OK


RULE_MISTAKES: list[tuple[Any, str]] = [
    ([], "/"),
    ({}, "/"),
    ({"label": "x"}, "/"),
    ({"all": [OK], "any": [OK]}, "/"),
    ({"all": []}, "/all"),
    ({"all": OK}, "/all"),
    ({"all": [OK, {"any": []}]}, "/all/1/any"),
    ({"all": [OK], "colour": 1}, "/colour"),
    ({"all": [OK], "a/b~c": 1}, "/a~1b~0c"),
    ({"all": [OK], "exclusive": True}, "/all/0"),
    ({"all": [{"credential": {}}], "exclusive": "yes"}, "/exclusive"),
    ({"any": [OK], "exclusive": True}, "/exclusive"),
    ({"any": [OK, 3]}, "/any/1"),
    ({"k_of": 1}, "/of"),
    ({"k_of": 1.5, "of": [OK]}, "/k_of"),
    ({"k_of": -1, "of": [OK]}, "/k_of"),
    ({"k_of": True, "of": [OK]}, "/k_of"),
    ({"true": False}, "/true"),
    ({"not_applicable": 1}, "/not_applicable"),
    ({"true": True, "label": 5}, "/label"),
    ({"credential": {"colour": "red"}}, "/credential/colour"),
    ({"credential": {"type": []}}, "/credential/type"),
    ({"credential": {"type": ["a", 1]}}, "/credential/type/1"),
    ({"credential": {"min_score": "high"}}, "/credential/min_score"),
    ({"credential": {"from": "yesterday"}}, "/credential/from"),
    ({"credential": {"to": "2024-02-30"}}, "/credential/to"),
    ({"credential": {"from": "$"}}, "/credential/from"),
    ({"credential": {"documented": "yes"}}, "/credential/documented"),
    ({"credential": {}, "count": -1}, "/count"),
    ({"credential": {}, "count": "2"}, "/count"),
    ({"credential": {}, "repeat": 1}, "/repeat"),
    ({"sum": {"unit": "h", "rates": [RATE]}}, "/sum/min"),
    ({"sum": {"unit": "h", "min": 1}}, "/sum/rates"),
    ({"sum": {**SUM, "rates": []}}, "/sum/rates"),
    ({"sum": {**SUM, "min": -1}}, "/sum/min"),
    ({"sum": {**SUM, "max": 1}}, "/sum/max"),
    ({"sum": {**SUM, "rates": [{"value": 1}]}}, "/sum/rates/0/match"),
    ({"sum": {**SUM, "rates": [RATE, {**RATE, "per": "hour"}]}}, "/sum/rates/1/per"),
    ({"sum": {**SUM, "rates": [{**RATE, "cap": -1}]}}, "/sum/rates/0/cap"),
    ({"sum": {**SUM, "rates": [{**RATE, "max_items": 0.5}]}}, "/sum/rates/0/max_items"),
    ({"sum": {**SUM, "rates": [{"match": {"tpye": "a"}, "value": 1}]}}, "/sum/rates/0/match/tpye"),
    ({"sum": {**SUM, "where": {"unit": 1}}}, "/sum/where/unit"),
    ({"sum": {**SUM, "categories": [{"tag": "a"}]}}, "/sum/categories/0/min"),
    ({"sum": {**SUM, "min": 1e300}}, "/sum/min"),
    ({"fact": "a", "op": "=", "value": 1}, "/op"),
    ({"fact": "a", "op": [], "value": 1}, "/op"),
    ({"fact": "a", "op": "=="}, "/value"),
    ({"fact": "a", "op": "==", "value": None}, "/value"),
    ({"fact": "a", "op": "==", "value": {}}, "/value"),
    ({"fact": "a", "op": "in", "value": "x"}, "/value"),
    ({"fact": "a..b", "op": "==", "value": 1}, "/fact"),
    ({"if": {"credential": {}}, "then": OK}, "/if"),
    ({"if": {"all": [{"fact": "a", "op": "==", "value": 1}, OK]}, "then": OK}, "/if/all/1"),
    ({"if": {"fact": "a", "op": "==", "value": 1}}, "/then"),
    ({"if": {"fact": "a", "op": "==", "value": 1}, "then": OK, "otherwise": OK}, "/otherwise"),
    ({"versions": [{"rule": OK}]}, "/basis"),
    ({"basis": "a", "versions": [{"name": "x"}]}, "/versions/0/rule"),
    ({"basis": "a", "versions": [{"rule": OK, "from": "2024"}]}, "/versions/0/from"),
    ({"basis": "a", "versions": [{"rule": {"sum": {}}}]}, "/versions/0/rule/sum/min"),
    (deep(60), "/all/0" * 40),
    ({"all": [{"all": [OK] * 200}] * 6}, "/all/4/all/194"),
    ({"all": [OK] * 201}, "/all"),
]

RECORD_MISTAKES: list[tuple[Any, str]] = [
    ([], "/"),
    ({"item": []}, "/item"),
    ({"items": {}}, "/items"),
    ({"items": [3]}, "/items/0"),
    ({"items": [{"type": "a"}]}, "/items/0/id"),
    ({"items": [{"id": "a"}, {"id": "a"}]}, "/items/1/id"),
    ({"items": [{"id": "a", "colour": 1}]}, "/items/0/colour"),
    ({"items": [{"id": "a", "qty": "2"}]}, "/items/0/qty"),
    ({"items": [{"id": "a", "qty": -2}]}, "/items/0/qty"),
    ({"items": [{"id": "a", "earned": "2024-13-01"}]}, "/items/0/earned"),
    ({"items": [{"id": "a", "status": "lost"}]}, "/items/0/status"),
    ({"items": [{"id": "a", "tags": ["x", 1]}]}, "/items/0/tags/1"),
    ({"items": [{"id": "a", "documented": "no"}]}, "/items/0/documented"),
    ({"facts": []}, "/facts"),
    ({"facts": {"a.": 1}}, "/facts/a."),
    ({"facts": {"a.b": 1, "a": {"b": 2}}}, "/facts/a.b"),
    ({"facts": {"a": 1, "a.b": 2}}, "/facts/a.b"),
    ({"waivers": [{"requirement": "x", "rationale": "r"}]}, "/waivers/0/approver"),
    ({"waivers": [{"requirement": "x", "rationale": "r", "approver": "a", "to": 3}]}, "/waivers/0/to"),
    ({"overrides": [{"actor": "a", "reason": "r", "evidence": "e"}]}, "/overrides/0/to"),
    ({"overrides": [{"actor": "a", "reason": " ", "evidence": "e", "to": "2027-01-01"}]}, "/overrides/0/reason"),
    ({"overrides": [{"actor": "a", "reason": "r", "to": "2027-01-01"}]}, "/overrides/0/evidence"),
    ({"items": [{"id": str(number)} for number in range(5001)]}, "/items"),
]


Document = dict[str, Any]
TAGS = [f"t{number}" for number in range(6)]


def a_large_record(count: int = 200) -> Document:
    rng = random.Random(3)
    items = [
        {
            "id": f"i{number}",
            "type": rng.choice(["award", "course", "hours", "test"]),
            "qty": rng.choice([1, 1.5, 2, 3, 7.25]),
            "earned": f"20{rng.randint(15, 26)}-0{rng.randint(1, 9)}-15",
            "tags": rng.sample(TAGS, rng.randint(0, 3)),
            "ref": f"r{rng.randint(0, count)}",
            "score": rng.randint(50, 100),
            **({"dup": f"i{rng.randint(0, number - 1)}"} if number and rng.random() < 0.1 else {}),
        }
        for number in range(count)
    ]
    return {"items": items, "facts": {"license": {"from": "2018-01-01", "to": "2026-08-31"}}}


def a_large_rule() -> Document:
    """Sixty nodes: exclusive slots, disjoint categories under caps, ``max_items`` that compete with categories."""

    def a_sum(number: int) -> Document:
        rates = [
            {"match": {"type": "award"}, "per": "item", "value": 6, "cap": 120, "max_items": 15},
            {"match": {"type": "course"}, "value": 1.5, "area": "study"},
            {"match": {"type": "hours"}, "value": 1, "cap": 60},
        ]
        categories = [{"tag": TAGS[number % 6], "min": 30}, {"tag": TAGS[(number + 1) % 6], "min": 40}]
        where = {"from": "$license.from", "to": "$license.to"}
        asked = {"unit": "hour", "min": 180 + number, "where": where, "rates": rates, "categories": categories}
        return {"sum": {**asked, "disjoint": number % 2 == 0, "min_areas": 2}}

    slots = [{"credential": {"tag": tag, "min_score": 60}, "count": 4} for tag in TAGS]
    parts: list[Document] = [a_sum(number) for number in range(20)]
    parts += [{"all": slots, "exclusive": True}, {"all": [*slots], "exclusive": True}]
    parts += [
        {"k_of": 2, "of": [{"credential": {"type": kind}, "count": 3} for kind in ("award", "course", "test")]}
    ] * 5
    parts += [{"credential": {"type": "award"}, "count": 20}] * 3
    return {"all": parts}


def a_hard_question() -> tuple[Document, Document]:
    """Forty awkward quantities that fill four categories exactly, in one way in very many: a rule and a record."""
    rng = random.Random(5)
    groups = [[rng.randint(10_000, 90_000) for _ in range(10)] for _ in range(4)]
    amounts = [amount / 100 for group in groups for amount in group]
    rng.shuffle(amounts)
    items = [{"id": f"i{number}", "qty": qty, "tags": TAGS[:4]} for number, qty in enumerate(amounts)]
    categories = [{"tag": tag, "min": sum(group) / 100} for tag, group in zip(TAGS, groups, strict=False)]
    asked = {"unit": "hour", "min": 0, "rates": [{"match": {}, "value": 1}], "categories": categories, "disjoint": True}
    return {"sum": asked}, {"items": items}
