"""The published schemas say what the reader says, and are found at addresses of their own."""

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest
from pathway_documents import RECORD_MISTAKES, RULE_MISTAKES

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.schema import RECORD_PATH, RULE_PATH, STACK_PATH, record_schema, rule_schema, stack_schema

BASE = "http://alder.test"
RULES = jsonschema_rs.validator_for(rule_schema(BASE))
RECORDS = jsonschema_rs.validator_for(record_schema(BASE))

BEYOND = (
    "/credential/to",  # 30 February
    "/all/0" * 40,  # how deep
    "/all/4/all/194",  # how many nodes in all
    "/items/1/id",  # that ids differ
    "/facts/a.",  # names of facts
    "/facts/a.b",
    "/items/0/earned",  # the thirteenth month
)
"""What a schema cannot say, or would say at a length that nobody reads."""


@pytest.mark.parametrize(("validator", "mistakes"), [(RULES, RULE_MISTAKES), (RECORDS, RECORD_MISTAKES)])
def test_the_schema_refuses_what_the_reader_refuses(validator: Any, mistakes: list[tuple[Any, str]]) -> None:
    assert len(mistakes) > 20
    for document, place in mistakes:
        assert validator.is_valid(document) is (place in BEYOND), (document, place)


GOOD_RULES = [
    {"true": True},
    {"not_applicable": True, "label": "x", "text": "", "source": None},
    {"all": [{"credential": {"type": ["a", "b"], "from": "$license.from"}, "count": 2}], "exclusive": True},
    {"all": [{"true": True}], "exclusive": False},
    {"k_of": 0, "of": [{"any": [{"credential": {}}]}]},
    {"fact": "a.b", "op": "in", "value": ["x", 1]},
    {"fact": "$a.b", "op": "in", "value": "$list"},
    {"if": {"k_of": 1, "of": [{"fact": "a", "op": "<", "value": "2024-01-01"}]}, "then": {"true": True}, "else": None},
    {"basis": "a", "versions": [{"name": "x", "from": "2024-01-01", "to": None, "rule": {"true": True}}]},
    {
        "sum": {
            "min": 1.5,
            "rates": [
                {
                    "match": {"after": "licensed", "min_score": "$bar"},
                    "value": 1,
                    "per": "item",
                    "cap": 0,
                    "max_items": 1,
                }
            ],
            "categories": [{"tag": "t", "min": 1}],
            "disjoint": True,
            "min_areas": 2,
        }
    },
]
GOOD_RECORDS = [
    {},
    {"items": None, "facts": {"a": {"b": [1]}, "c.d": None}},
    {"items": [{"id": "1", "tags": "x", "qty": 0.5, "earned": "2024-01-01T09:00:00Z", "used_in": "", "score": -1}]},
    {"waivers": [{"requirement": "x", "rationale": "r", "approver": "a"}]},
    {"overrides": [{"actor": "a", "reason": "r", "evidence": "e", "to": "2027-01-01"}]},
]


def test_the_schema_takes_what_the_reader_takes() -> None:
    for rule in GOOD_RULES:
        rules.read(rule)
        RULES.validate(rule)
    for record in GOOD_RECORDS:
        records.read(record)
        RECORDS.validate(record)


def test_the_worked_cases_are_good_by_the_schema(shared: Path) -> None:
    for case in json.loads((shared / "domain" / "scenarios.json").read_bytes()):
        RULES.validate(case["rule"])
        RECORDS.validate({"items": case["items"], "facts": case["facts"]})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_schemas_are_served_at_their_own_addresses(client: httpx.AsyncClient) -> None:
    published = {RULE_PATH: rule_schema, RECORD_PATH: record_schema, STACK_PATH: stack_schema}
    for path, schema_at in published.items():
        schema = schema_at(BASE)
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
        assert answer.json() == msgspec.to_builtins(schema)
        assert answer.json()["$id"] == f"{BASE}{path}"
        assert answer.headers["access-control-allow-origin"] == "*"
