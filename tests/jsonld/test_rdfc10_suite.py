"""The W3C's tests of RDF Dataset Canonicalization 1.0: all of them."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from strict_nquads import read_nquads

from credentials.jsonld.problem import LIMIT, Problem
from credentials.jsonld.rdfc10 import Statements, canonical_labels, n_quads


@pytest.fixture(scope="module")
def suite(shared: Path) -> Path:
    return shared / "standards" / "rdfc10"


def entries(suite: Path, kind: str) -> list[dict[str, Any]]:
    manifest = json.loads((suite / "manifest.jsonld").read_bytes())
    return [entry for entry in manifest["entries"] if entry["type"] == f"rdfc:{kind}"]


def action(suite: Path, entry: dict[str, Any]) -> tuple[Statements, list[str], Any]:
    statements, labels = read_nquads((suite / entry["action"]).read_bytes().decode())
    return statements, labels, {"SHA384": "sha384"}.get(entry.get("hashAlgorithm", ""), "sha256")


def test_every_evaluation_test_gives_the_published_form(suite: Path, subtests: pytest.Subtests) -> None:
    found = entries(suite, "RDFC10EvalTest")
    assert len(found) == 64
    for entry in found:
        with subtests.test(entry["id"], name=entry["name"]):
            statements, _, hash_name = action(suite, entry)
            canonical = n_quads(statements, canonical_labels(statements, hash_name))
            assert canonical.encode() == (suite / entry["result"]).read_bytes()


def test_every_map_test_gives_the_published_labels(suite: Path, subtests: pytest.Subtests) -> None:
    found = entries(suite, "RDFC10MapTest")
    assert len(found) == 21
    for entry in found:
        with subtests.test(entry["id"], name=entry["name"]):
            statements, labels, hash_name = action(suite, entry)
            canonical = [label.removeprefix("_:") for label in canonical_labels(statements, hash_name)]
            assert dict(zip(labels, canonical, strict=True)) == json.loads((suite / entry["result"]).read_bytes())


def test_the_poisonous_graph_is_refused_within_a_second(suite: Path) -> None:
    (entry,) = entries(suite, "RDFC10NegativeEvalTest")
    statements, _, hash_name = action(suite, entry)
    began = time.process_time()
    with pytest.raises(Problem) as caught:
        canonical_labels(statements, hash_name)
    assert caught.value.code == LIMIT
    assert time.process_time() - began < 1
