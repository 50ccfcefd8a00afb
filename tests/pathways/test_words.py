"""What people read: the rule in plain words, and the page that explains the language."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.nearest import explain
from credentials.pathways.wording import outline

DOCS = Path(__file__).parents[2] / "docs" / "pathways.md"


def test_the_example_of_the_documentation_says_what_the_page_says() -> None:
    rule, record, *_ = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL))
    found = explain(rules.read(rule), records.read(record), date(2026, 11, 28))
    (points,) = [one for one in found.requirement.children[1].children if one.requirement == "60 points"]
    (equity,) = points.categories
    assert (found.verdict, points.have, points.need, equity.have, equity.need) == ("not_met", 36, 60, 6, 12)
    assert [(rate.offered, rate.counted) for rate in points.rates] == [(6, 6), (45, 30)]
    assert points.text == "Sixty points, of which twelve in equity."
    assert found.nearest


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"credential": {"type": "national_board"}}, ["one national board"]),
        (
            {"credential": {"type": ["a", "b"], "tag": "x", "min_score": 85, "issuers": ["i"]}, "count": 5},
            ["5 different a or b marked x, from i, with a score of at least 85"],
        ),
        (
            {"credential": {"ref": "r", "from": "$license.from", "to": "2026-01-01", "unused": True}, "repeat": True},
            ["one item of r, earned from the recorded license from to 2026-01-01, not used before"],
        ),
        ({"fact": "years", "op": ">=", "value": 3, "label": "time"}, ["time: years is at least 3"]),
        ({"fact": "type", "op": "in", "value": ["x", "y", "z"]}, ["type is one of x, y or z"]),
        ({"fact": "done", "op": "==", "value": True}, ["done is yes"]),
        (
            {
                "if": {"all": [{"fact": "a", "op": "==", "value": 1}, {"any": [{"fact": "b", "op": "<", "value": 2}]}]},
                "then": {"true": True},
                "else": {"not_applicable": True},
            },
            [
                "if a is 1 and (b is less than 2)",
                "then",
                "nothing more is asked",
                "otherwise",
                "this rule does not apply",
            ],
        ),
        (
            {"basis": "license.to", "versions": [{"name": "old", "to": "2025-06-30", "rule": {"true": True}}]},
            ["the version in force on the date of license to", "old (before 2025-06-30)", "nothing more is asked"],
        ),
        (
            {
                "sum": {
                    "unit": "point",
                    "min": 60,
                    "rates": [{"match": {"type": "pd_hours"}, "value": 0.5, "cap": 30, "max_items": 2}],
                    "categories": [{"tag": "swd", "min": 20}],
                    "min_areas": 2,
                    "disjoint": True,
                }
            },
            [
                (
                    "60 points. 0.5 points for each unit of pd hours (at most 30, at most 2 of them). From at least 2 areas. "
                    "At least 20 marked swd. Each item toward one of these marks only"
                )
            ],
        ),
        (
            {"k_of": 2, "of": [{"all": [{"credential": {}}], "exclusive": True}, {"any": [{"true": True}]}]},
            [
                "at least 2 of these 2",
                "all of these, and no item may serve two of them",
                "one item",
                "one of these",
                "nothing more is asked",
            ],
        ),
    ],
)
def test_every_kind_of_rule_is_said_in_plain_words(rule: dict[str, object], words: list[str]) -> None:
    assert [line for _, line in outline(rules.read(rule))] == words


def test_a_rule_tells_what_it_asks_for_by_name_and_no_facts() -> None:
    talks = {"credential": {"ref": ["data", "$own.choice"]}}
    hours = {"sum": {"unit": "hour", "min": 1, "where": {"ref": "w"}, "rates": [{"match": {"ref": "r"}, "value": 1}]}}
    rule = rules.read({"all": [talks, {"if": {"fact": "kind", "op": "==", "value": "c"}, "then": hours}]})
    assert rules.refs_of(rule) == {"data", "w", "r"}
