"""How far somebody is, as a bar shows it."""

from datetime import date
from typing import Any

import pytest

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.evaluate import evaluate
from credentials.pathways.progress import share_of, steps_of

YES, NO = {"true": True}, {"fact": "missing", "op": "==", "value": 1}
ONE, THREE = {"credential": {"type": "a"}}, {"credential": {"type": "a"}, "count": 4, "repeat": True}
POINTS = {
    "sum": {
        "unit": "point",
        "min": 4,
        "rates": [{"match": {"type": "a"}, "value": 2}],
        "categories": [{"tag": "t", "min": 8}],
    }
}
RECORD = records.read({"items": [{"id": "1", "type": "a", "tags": ["t"]}]})


@pytest.mark.parametrize(
    ("rule", "share", "steps"),
    [
        (YES, 1.0, (1, 1)),
        (NO, 0.0, (0, 1)),
        (ONE, 1.0, (1, 1)),
        (THREE, 0.25, (0, 1)),
        (POINTS, 0.25, (0, 1)),
        ({"all": [YES, NO]}, 0.5, (1, 2)),
        ({"all": [YES, {"not_applicable": True}]}, 1.0, (1, 1)),
        ({"all": [{"not_applicable": True}]}, 0.0, (0, 1)),
        ({"any": [THREE, NO]}, 0.25, (0, 1)),
        ({"k_of": 2, "of": [YES, NO, THREE]}, 0.625, (1, 2)),
        ({"if": {"fact": "x", "op": "==", "value": 1}, "then": YES}, 0.0, (0, 1)),
        ({"all": [{"all": [YES, NO, NO, YES]}]}, 0.5, (2, 4)),
    ],
)
def test_the_share_and_the_parts_of_a_rule(rule: Any, share: float, steps: tuple[int, int]) -> None:
    found = evaluate(rules.read(rule), RECORD, date(2026, 11, 28)).requirement
    assert (share_of(found), steps_of(found)) == (share, steps)
