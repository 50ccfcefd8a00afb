"""The thirty-four worked cases: each gives its verdict and the reason it must show, in every order."""

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.nearest import as_record, explain
from credentials.pathways.record import Record, merged
from credentials.pathways.verdict import Evaluation, Verdict

TODAY = date(2026, 11, 28)
IDS = """
    P01 P02 P03 P04 P05 P06 P08 P09 P10 P12 P14 P15 P17 P18 P21 P22 P24 P26 P27 P28 P30 P32 P34 P35 P36 P38 P40 P42
    P44 P46 P49 P51 P53 P54
""".split()  # noqa: SIM905 - one name beside the other reads better


@pytest.fixture(scope="session")
def cases(shared: Path) -> dict[str, Any]:
    return {case["id"]: case for case in json.loads((shared / "domain" / "scenarios.json").read_bytes())}


def test_all_cases_are_tried(cases: dict[str, Any]) -> None:
    assert sorted(cases) == sorted(IDS)


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        mixed = {name: shuffled(below, rng) for name, below in value.items()}
        for name in ("all", "any", "of", "categories"):
            if name in mixed:
                rng.shuffle(mixed[name])
        return mixed
    return [shuffled(one, rng) for one in value] if isinstance(value, list) else value


def judged(case: Any, rng: random.Random | None = None) -> tuple[rules.Rule, Record, Evaluation]:
    document = {"items": case["items"], "facts": case["facts"]}
    rule = rules.read(shuffled(case["rule"], rng) if rng else case["rule"])
    if rng:
        document["items"] = rng.sample(case["items"], len(case["items"]))
    record = records.read(document)
    return rule, record, explain(rule, record, TODAY)


@pytest.mark.parametrize("name", IDS)
def test_the_case_has_its_verdict_and_its_reason_in_twenty_orders(cases: dict[str, Any], name: str) -> None:
    case = cases[name]
    for seed in range(20):
        _, _, found = judged(case, random.Random(seed))
        assert found.verdict == case["expect"], seed
        wanted = case["expect_reason"]
        reasons = msgspec.to_builtins(found.reasons)
        assert wanted is None or any(wanted.items() <= reason.items() for reason in reasons), (seed, reasons)


@pytest.mark.parametrize("name", IDS)
def test_what_is_not_met_names_ways_and_each_of_them_gives_met(cases: dict[str, Any], name: str) -> None:
    rule, record, found = judged(cases[name])
    if found.verdict in {Verdict.NOT_MET, Verdict.PENDING}:
        assert 1 <= len(found.nearest) <= 5
        assert [way.cost for way in found.nearest] == sorted(way.cost for way in found.nearest)
        for way in found.nearest:
            items, facts = as_record(way)
            richer = msgspec.structs.replace(record, items=(*record.items, *items), facts=merged(record.facts, facts))
            assert explain(rule, richer, TODAY).verdict is Verdict.MET, way.text
    else:
        assert not found.nearest
