"""How long one answer of the rule engine takes: two hundred items against sixty nodes with allocations.

    python bench/rules.py

Prints CPU milliseconds of judging, of judging with the nearest ways, and each as a ratio to reading the same two documents from
JSON in the same run, so that figures of different machines can be compared. The goal of the program is 100 ms for each of them.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from pathway_documents import a_large_record, a_large_rule

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.evaluate import evaluate
from credentials.pathways.nearest import explain

TODAY = date(2026, 11, 28)
ROUNDS = 15


def harder() -> dict[str, Any]:
    """The same rule with higher minima, so that it is not met and every sum asks the solver."""
    document = a_large_rule()
    for part in document["all"]:
        for category in part.get("sum", {}).get("categories", ()):
            category["min"] += 80
    return document


def main() -> None:
    rule_text, record_text = json.dumps(a_large_rule()).encode(), json.dumps(a_large_record()).encode()
    rule, hard, record = rules.decode(rule_text), rules.read(harder()), records.decode(record_text)
    work: dict[str, Callable[[], object]] = {
        "reading both documents": lambda: (rules.decode(rule_text), records.decode(record_text)),
        "judging": lambda: evaluate(rule, record, TODAY),
        "judging a rule that is not met": lambda: evaluate(hard, record, TODAY),
        "the same with the nearest ways": lambda: explain(hard, record, TODAY),
    }
    took: dict[str, list[float]] = {name: [] for name in work}
    for name, one in work.items():
        one()  # imports, and what is made once
        took[name].clear()
    for _ in range(ROUNDS):
        for name, one in work.items():
            began = time.process_time()
            one()
            took[name].append(time.process_time() - began)
    base = statistics.median(took["reading both documents"])
    for name, seconds in took.items():
        middle = statistics.median(seconds)
        print(f"{name:34} {1000 * middle:8.1f} ms  {middle / base:6.1f} x reading")


if __name__ == "__main__":
    main()
