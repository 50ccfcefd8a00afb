"""Two hundred items against sixty nodes with allocations are decided; what is harder ends, undecided at worst.

How long it takes is measured in ``bench/rules.py``: no test asks a clock.
"""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pathway_documents import TAGS, a_hard_question, a_large_record, a_large_rule

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.allocation import Budget
from credentials.pathways.evaluate import evaluate
from credentials.pathways.nearest import explain
from credentials.pathways.verdict import Verdict

TODAY = date(2026, 11, 28)


def a_hard_pair() -> tuple[rules.Rule, records.Record]:
    rule, record = a_hard_question()
    return rules.read(rule), records.read(record)


def test_two_hundred_items_against_sixty_nodes_are_decided() -> None:
    rule, record = rules.read(a_large_rule()), records.read(a_large_record())
    assert len(list(rules.walk(rule))) >= 58
    assert evaluate(rule, record, TODAY).verdict is not Verdict.UNDECIDED


def test_the_whole_answer_with_the_nearest_ways_is_within_its_budget_also_where_every_sum_asks_the_solver() -> None:
    document = a_large_rule()
    for part in document["all"]:
        for category in part.get("sum", {}).get("categories", ()):
            category["min"] += 80
    rule, record = rules.read(document), records.read(a_large_record())
    budget = Budget()
    found = explain(rule, record, TODAY, budget=budget)
    assert (found.verdict, budget.spent_out) == (Verdict.NOT_MET, False)
    assert budget.nodes < Budget().nodes, "the solver was asked"


def test_the_solver_prints_nothing(tmp_path: Path) -> None:
    """It would stand before the answer of the command line, which is one JSON document and nothing else."""
    items = [{"id": str(number), "qty": qty, "tags": TAGS[:2]} for number, qty in enumerate((3, 3, 2, 2, 2))]
    categories = [{"tag": tag, "min": 6} for tag in TAGS[:2]]
    asked = {"min": 0, "rates": [{"match": {}, "value": 1}], "categories": categories, "disjoint": True}
    for name, document in (("rule", {"sum": asked}), ("record", {"items": items})):
        (tmp_path / name).write_text(json.dumps(document))
    command = [sys.executable, "-m", "credentials", "pathway", "evaluate", "rule", "record", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["verdict"] == "met"


def test_a_question_that_is_too_hard_for_its_budget_is_undecided() -> None:
    rule, record = a_hard_pair()
    assert evaluate(rule, record, TODAY, budget=Budget(nodes=20)).verdict is Verdict.UNDECIDED


@pytest.mark.long
def test_a_question_built_to_be_hard_ends() -> None:
    rule, record = a_hard_pair()
    found = evaluate(rule, record, TODAY)
    assert found.verdict in {Verdict.UNDECIDED, Verdict.MET}
