"""Rules and records as documents: what is read, and how a mistake is named."""

from typing import Any

import msgspec
import pytest

from credentials.pathways import reading
from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.model import DocumentRefused

OK = {"true": True}
RATE = {"match": {}, "value": 1}
SUM = {"unit": "hour", "min": 1, "rates": [RATE]}


def deep(levels: int) -> Any:
    return {"all": [deep(levels - 1)]} if levels else OK


@pytest.mark.parametrize(
    ("document", "place"),
    [
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
    ],
)
def test_a_mistake_in_a_rule_is_named_by_its_place(document: Any, place: str) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        rules.decode(msgspec.json.encode(document))
    assert refusal.value.faults[0].pointer == place
    assert refusal.value.detail.startswith(place)


@pytest.mark.parametrize(
    ("document", "place"),
    [
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
    ],
)
def test_a_mistake_in_a_record_is_named_by_its_place(document: Any, place: str) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        records.decode(msgspec.json.encode(document))
    assert refusal.value.faults[0].pointer == place


@pytest.mark.parametrize("data", [b"", b"{", b'{"all": NaN}', b"\xff", b"[" * 100_000, b'{"true": true} x'])
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentRefused):
        rules.decode(data)
    with pytest.raises(DocumentRefused):
        records.decode(data)


def test_a_document_over_the_cap_is_not_parsed() -> None:
    with pytest.raises(DocumentRefused, match="longer than 4 MiB"):
        records.decode(b" " * (reading.MAX_BYTES + 1))


def test_null_is_the_same_as_absent() -> None:
    written = {"credential": {"type": "a", "ref": None, "from": None}, "label": None, "count": None}
    assert rules.read(written) == rules.read({"credential": {"type": "a"}})
    item = {"id": "a", "score": None, "ref": None, "tags": None, "qty": None, "status": None, "used_in": None}
    assert records.read({"items": [item], "facts": None}) == records.read({"items": [{"id": "a"}]})


def test_facts_may_be_nested_or_dotted() -> None:
    both = records.read({"facts": {"license.from": "2024-01-01", "license": {"to": "2025-01-01"}}})
    assert (both.fact("license.from"), both.fact("license.to")) == ("2024-01-01", "2025-01-01")
    assert both.fact("license.from.year") is None


def test_each_node_knows_its_place_and_its_label() -> None:
    rule = rules.read({"all": [{"credential": {}, "label": "first"}, {"any": [OK]}]})
    assert [node.name for node in rules.walk(rule)] == ["#", "first", "#/all/1", "#/all/1/any/0"]
