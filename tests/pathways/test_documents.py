"""Rules and records as documents: what is read, and how a mistake is named."""

from typing import Any

import msgspec
import pytest
from pathway_documents import OK, RECORD_MISTAKES, RULE_MISTAKES

from credentials.pathways import reading
from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.model import DocumentRefused


@pytest.mark.parametrize(("document", "place"), RULE_MISTAKES)
def test_a_mistake_in_a_rule_is_named_by_its_place(document: Any, place: str) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        rules.decode(msgspec.json.encode(document))
    assert refusal.value.faults[0].pointer == place
    assert refusal.value.detail.startswith(place)


@pytest.mark.parametrize(("document", "place"), RECORD_MISTAKES)
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


def test_a_byte_order_mark_is_passed_over() -> None:
    assert rules.decode(b"\xef\xbb\xbf" + b'{"true": true}') == rules.read(OK)


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
