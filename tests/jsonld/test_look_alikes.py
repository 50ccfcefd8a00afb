"""Nodes without an id that look the same: told apart when that can be done, refused when it would take too long."""

import json
import time
from collections.abc import Callable
from itertools import permutations
from math import factorial
from typing import Any

import pytest
from jsonld_reference import Reference
from sentences import refusal, sentences

from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.rdfc10 import _orders
from credentials.jsonld.reader import MAX_BYTES

VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
Node = dict[str, Any]

SOON = 5
"""Seconds: ten times what it takes, because tests also run on busy machines and with coverage."""


def leaves(count: int) -> list[Node]:
    return [{"type": "Evidence", "name": "x"} for _ in range(count)]


def hub(count: int) -> Node:
    return {"type": "Profile", "otherIdentifier": leaves(count)}


def tree(branches: int, depth: int) -> Node:
    below = [tree(branches, depth - 1) for _ in range(branches)] if depth else None
    return {"type": "Profile", "name": "x"} | ({"otherIdentifier": below} if below else {})


def chain(length: int) -> Node:
    inner: Node = {"type": "Profile", "name": "x"}
    for _ in range(length):
        inner = {"type": "Profile", "name": "x", "parentOrg": inner}
    return inner


def grades(count: int) -> Node:
    return {"type": "ResultDescription", "allowedValue": [*"ABCDEFGHIJ"[:count]] if count <= 10 else ["A"] * count}


def credential(**members: Any) -> Node:
    return {"@context": [VC, OB], "id": "urn:x", "type": ["VerifiableCredential", "OpenBadgeCredential"], **members}


TOLD_APART = {
    "two hundred pieces of evidence": credential(evidence=leaves(200)),
    "under a subject without an id": credential(credentialSubject=hub(100)),
    "two hubs of five": credential(evidence=[hub(5), hub(5)]),
    "thirty hubs of three": credential(evidence=[hub(3) for _ in range(30)]),
    "two trees": credential(evidence=[tree(2, 3), tree(2, 3)]),
    "twenty chains": credential(evidence=[chain(20) for _ in range(20)]),
    "two equal scales of grades": credential(evidence=[grades(5), grades(5)]),
    "a scale of equal grades": credential(evidence=[grades(50)]),
}


@sentences("document", TOLD_APART)
def test_look_alikes_are_told_apart_as_the_reference_does(
    document: Node, contexts: Contexts, reference: Reference
) -> None:
    assert canonize(document, contexts) == reference.canonize(document)


def test_two_equal_proofs_with_many_statements_are_told_apart_at_once(contexts: Contexts, reference: Reference) -> None:
    """Each statement names the graph: in the letter of the algorithm that makes n! orders of one node."""
    proof = {"type": "DataIntegrityProof", "domain": [f"d{number}" for number in range(200)]}
    few = {"type": "DataIntegrityProof", "domain": ["a", "b", "c"]}
    assert canonize(credential(proof=[proof, proof]), contexts).count(b"\n") == 406
    assert canonize(credential(proof=[few, few]), contexts) == reference.canonize_by_pyld(credential(proof=[few, few]))


TOO_MUCH: dict[str, Callable[[], Node]] = {
    "two hubs of nine hundred": lambda: credential(evidence=[hub(900), hub(900)]),
    "two hubs of ten": lambda: credential(evidence=[hub(10), hub(10)]),
    "a binary tree of a thousand": lambda: credential(evidence=[tree(2, 9)]),
    "two lists of nine hundred equal items": lambda: credential(evidence=[grades(900), grades(900)]),
}


@sentences("make", TOO_MUCH)
def test_what_would_take_too_long_is_refused_soon(make: Callable[[], Node], contexts: Contexts) -> None:
    document = make()
    began = time.process_time()
    assert refusal(canonize, document, contexts) == ("canonicalization-limit", "")
    assert time.process_time() - began < SOON


def test_a_document_of_nearly_a_megabyte_is_canonicalised_soon(contexts: Contexts) -> None:
    document = credential(credentialSubject={"type": "Achievement", "tag": [f"t{number}" for number in range(100_000)]})
    assert 900_000 < len(json.dumps(document)) < MAX_BYTES
    began = time.process_time()
    assert canonize(document, contexts).count(b"\n") == 100_004
    assert time.process_time() - began < SOON


@pytest.mark.parametrize("nodes", [[1], [3, 1, 2], [1, 1, 1], [2, 1, 2, 1], [1, 1, 2, 3, 3]])
def test_orders_are_all_orders_and_each_once(nodes: list[int]) -> None:
    found = [tuple(order) for order in _orders(nodes)]
    assert len(found) == len(set(found))
    assert set(found) == set(permutations(nodes))
    assert len(set(nodes)) < len(nodes) or len(found) == factorial(len(nodes))
