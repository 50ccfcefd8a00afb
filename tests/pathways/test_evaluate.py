"""Every sentence of the rule language, as a table: a rule, a record, and the verdict and reasons that follow."""

from datetime import date
from itertools import permutations
from typing import Any

import msgspec
import pytest

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.allocation import Budget
from credentials.pathways.evaluate import evaluate
from credentials.pathways.record import Known
from credentials.pathways.verdict import Evaluation

TODAY = date(2026, 11, 28)
Document = dict[str, Any]


def an_item(name: str, **more: Any) -> Document:
    return {"id": name, "type": "award", "earned": "2024-03-01", **more}


def judged(rule: Document, *items: Document, as_of: str = "2026-11-28", known: str = "then", **more: Any) -> Evaluation:
    record = records.read({"items": list(items), **more})
    return evaluate(rules.read(rule), record, date.fromisoformat(as_of), known=Known(known))


def reasons(found: Evaluation) -> list[Document]:
    return [
        {name: value for name, value in one.items() if name != "text"} for one in msgspec.to_builtins(found.reasons)
    ]


def of_item(found: Evaluation, name: str) -> list[str]:
    (report,) = [report for report in found.items if report.item == name]
    return [str(one.code) for one in report.exclusions]


def uses(found: Evaluation) -> Document:
    return {report.item: sum(use.units for use in report.uses) for report in found.items}


def a_sum(minimum: float = 10, **more: Any) -> Document:
    rates = more.pop("rates", [{"match": {"type": "award"}, "value": 1}])
    return {"sum": {"unit": "hour", "min": minimum, "rates": rates, **more}}


MET, NOT = {"true": True}, {"fact": "nobody", "op": "==", "value": 1}
NO_RULE = {"not_applicable": True}


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ({"all": [MET, MET]}, "met"),
        ({"all": [MET, NOT]}, "not_met"),
        ({"any": [NOT, MET]}, "met"),
        ({"any": [NOT, NOT]}, "not_met"),
        ({"k_of": 2, "of": [MET, NOT, MET]}, "met"),
        ({"k_of": 2, "of": [MET, NOT, NOT]}, "not_met"),
        ({"k_of": 3, "of": [MET, MET]}, "not_met"),
        ({"k_of": 0, "of": [NOT]}, "met"),
        # a child that does not apply is dropped; when all are, the node itself does not apply
        ({"all": [MET, NO_RULE]}, "met"),
        ({"all": [NOT, NO_RULE]}, "not_met"),
        ({"any": [NOT, NO_RULE]}, "not_met"),
        ({"any": [MET, NO_RULE]}, "met"),
        ({"k_of": 1, "of": [NO_RULE, MET]}, "met"),
        ({"k_of": 1, "of": [NO_RULE, NOT]}, "not_met"),
        ({"all": [NO_RULE, NO_RULE]}, "not_applicable"),
        ({"any": [NO_RULE]}, "not_applicable"),
        ({"k_of": 1, "of": [{"all": [NO_RULE]}]}, "not_applicable"),
        ({"any": [{"all": [NO_RULE]}, NOT]}, "not_met"),
    ],
)
def test_nodes_of_nodes(rule: Document, verdict: str) -> None:
    assert judged(rule).verdict == verdict


def test_k_of_says_how_many_are_met_of_how_many() -> None:
    found = judged({"k_of": 2, "of": [MET, NOT, NOT], "label": "two of three"})
    assert {"code": "SHORT", "requirement": "two of three", "have": 1, "need": 2} in reasons(found)


# Facts


@pytest.mark.parametrize(
    ("have", "op", "need", "holds"),
    [
        (3, ">=", 3, True),
        (2.5, ">=", 3, False),
        (3, "<=", 3, True),
        (3, "<", 3, False),
        (4, ">", 3, True),
        (0.1 + 0.2, "==", 0.3, True),  # numbers are compared at nine decimals
        (True, "==", True, True),
        (1, "==", True, False),  # a number is no yes
        (True, ">=", 1, False),
        ("3", ">=", 3, False),  # a text is no number
        ("II", "==", "II", True),
        ("II", "==", "I", False),
        ("II", ">=", "I", False),  # texts that are no dates have no order
        ("2024-03-29", "<=", "2024-03-29", True),
        ("2024-03-29T17:00:00Z", "<=", "2024-03-29", True),  # a moment counts as its day
        ("2024-04-10", "<=", "2024-03-29", False),
        ("2024-04-10", ">", "2024-03-29", True),
        ("2024-4-1", "<=", "2024-05-01", False),  # no ISO date
        ("lifetime", "in", ["lifetime", "permanent"], True),
        ("initial", "in", ["lifetime"], False),
        (2, "in", [1, 2.0], True),
        (["a"], "==", ["a"], True),
    ],
)
def test_a_fact_compares(have: Any, op: str, need: Any, holds: bool) -> None:
    found = judged({"fact": "x.y", "op": op, "value": need, "label": "it"}, facts={"x": {"y": have}})
    assert found.verdict == ("met" if holds else "not_met")
    if not holds:
        assert reasons(found) == [{"code": "FACT_NOT_MET", "requirement": "it", "have": have, "need": need}]


@pytest.mark.parametrize("facts", [{}, {"x": None}, {"x": {"y": None}}, {"x": 3}, {"x.z": 1}])
def test_a_fact_that_nobody_recorded_is_missing_and_null_is_the_same(facts: Document) -> None:
    found = judged({"fact": "x.y", "op": ">=", "value": 3, "label": "it"}, facts=facts)
    assert (found.verdict, reasons(found)) == (
        "not_met",
        [{"code": "FACT_MISSING", "requirement": "it", "need": 3}],
    )
    assert "x.y" in found.reasons[0].text


def test_a_fact_may_be_compared_with_another_fact() -> None:
    rule = {"fact": "rank", "op": "==", "value": "$needed.rank"}
    assert judged(rule, facts={"rank": "II", "needed": {"rank": "II"}}).verdict == "met"
    assert judged(rule, facts={"rank": "II", "needed.rank": "II"}).verdict == "met"
    assert [one["code"] for one in reasons(judged(rule, facts={"rank": "II", "needed.rank": "I"}))] == ["FACT_NOT_MET"]
    missing = judged(rule, facts={"rank": "II"})
    assert [one["code"] for one in reasons(missing)] == ["FACT_MISSING"]
    assert "needed.rank" in missing.reasons[0].text


# Conditions


def a_condition(condition: Document) -> Document:
    return {"if": condition, "then": MET, "else": NO_RULE, "label": "branch"}


A, B = {"fact": "a", "op": "==", "value": True}, {"fact": "b", "op": "==", "value": True}


@pytest.mark.parametrize(
    ("condition", "facts", "verdict"),
    [
        (A, {"a": True}, "met"),
        (A, {"a": False}, "not_applicable"),
        (A, {}, "not_met"),
        ({"all": [A, B]}, {"a": True}, "not_met"),
        ({"all": [A, B]}, {"a": False}, "not_applicable"),  # the other fact is not needed
        ({"all": [B, A]}, {"a": False}, "not_applicable"),  # in any order
        ({"any": [A, B]}, {"a": True}, "met"),
        ({"any": [B, A]}, {"a": True}, "met"),
        ({"any": [A, B]}, {"a": False}, "not_met"),
        ({"k_of": 1, "of": [A, B]}, {"b": True}, "met"),
        ({"k_of": 2, "of": [A, B]}, {"b": True}, "not_met"),
        ({"k_of": 2, "of": [A, B]}, {"b": False}, "not_applicable"),
    ],
)
def test_a_condition_chooses_a_branch_or_lacks_a_fact(condition: Document, facts: Document, verdict: str) -> None:
    found = judged(a_condition(condition), facts=facts)
    assert found.verdict == verdict
    missing = {one["requirement"] for one in reasons(found) if one["code"] == "FACT_MISSING"}
    assert missing == ({"branch"} if verdict == "not_met" else set())


def test_without_else_the_other_branch_asks_nothing() -> None:
    assert judged({"if": A, "then": NOT}, facts={"a": False}).verdict == "met"


def test_the_branch_that_is_not_taken_gives_no_reasons() -> None:
    found = judged({"if": A, "then": MET, "else": NOT}, facts={"a": True})
    assert (found.verdict, reasons(found)) == ("met", [])


# Versions


VERSIONS = {
    "basis": "license.to",
    "label": "renewal",
    "versions": [
        {"name": "old", "to": "2025-06-30", "rule": MET},
        {"name": "new", "from": "2025-06-30", "to": "2030-01-01", "rule": NO_RULE},
    ],
}


@pytest.mark.parametrize(
    ("on", "verdict", "code"),
    [
        ("2025-06-29", "met", None),
        ("2025-06-30", "not_applicable", None),  # `to` is exclusive, `from` inclusive
        ("2029-12-31", "not_applicable", None),
        ("2030-01-01", "not_met", "NO_RULE_IN_FORCE"),
        (None, "not_met", "FACT_MISSING"),
        ("next summer", "not_met", "FACT_MISSING"),
    ],
)
def test_the_version_in_force_on_the_basis_date_is_asked(on: str | None, verdict: str, code: str | None) -> None:
    found = judged(VERSIONS, facts={"license": {"to": on}})
    assert found.verdict == verdict
    assert [(one["code"], one["requirement"]) for one in reasons(found)] == ([(code, "renewal")] if code else [])


# Credentials


ONE = {"credential": {"type": "award"}, "label": "one"}


@pytest.mark.parametrize(
    ("rule", "items", "verdict"),
    [
        (ONE, [an_item("a")], "met"),
        (ONE, [an_item("a", type="course")], "not_met"),
        ({**ONE, "count": 2}, [an_item("a"), an_item("b")], "met"),
        ({**ONE, "count": 2}, [an_item("a", ref="r"), an_item("b", ref="r")], "not_met"),
        ({**ONE, "count": 2, "repeat": True}, [an_item("a", ref="r"), an_item("b", ref="r")], "met"),
        ({**ONE, "count": 2, "repeat": True}, [an_item("a", ref="r"), an_item("b", ref="r", dup="a")], "not_met"),
        ({**ONE, "count": 2}, [an_item("a"), an_item("b", dup="a")], "not_met"),
        ({**ONE, "count": 2}, [an_item("a", dup="x"), an_item("b", dup="x")], "not_met"),  # whose original is elsewhere
        # one of each achievement *and* one of each work: a is first in both, and taking it loses
        (
            {**ONE, "count": 2},
            [an_item("a", ref="r"), an_item("b", ref="r"), an_item("c", ref="s", dup="a")],
            "met",
        ),
        ({"credential": {"type": ["course", "award"]}}, [an_item("a")], "met"),
        ({"credential": {"tag": "$area"}}, [an_item("a", tags=["math"])], "met"),
        ({"credential": {"tag": ["x", "math"]}}, [an_item("a", tags="math")], "met"),
        ({"credential": {"id": "a"}}, [an_item("a")], "met"),
        ({"credential": {"ref": ["r"]}}, [an_item("a")], "not_met"),
        ({"credential": {"issuers": "$trusted"}}, [an_item("a", issuer="i2")], "met"),
        ({"credential": {"min_score": "$bar"}}, [an_item("a", score=80)], "met"),
        ({"credential": {"min_score": "$bar"}}, [an_item("a", score=79.5)], "not_met"),
        ({"credential": {}}, [an_item("a", type=None)], "met"),
    ],
)
def test_credentials(rule: Document, items: list[Document], verdict: str) -> None:
    facts = {"area": "math", "trusted": ["i1", "i2"], "bar": 80}
    for order in (items, items[::-1]):
        assert judged(rule, *order, facts=facts).verdict == verdict


def test_an_item_too_many_is_not_needed_and_a_second_of_an_achievement_is_a_duplicate() -> None:
    found = judged(ONE, an_item("a", ref="r"), an_item("b", ref="s"), an_item("c", ref="r"))
    assert (uses(found), of_item(found, "b"), of_item(found, "c")) == (
        {"a": 1, "b": 0, "c": 0},
        ["NOT_NEEDED"],
        ["DUPLICATE"],
    )


WINDOW = {"from": "2024-01-01", "to": "2024-12-31"}
ALL_FAIL = {
    "issuer": "x",
    "score": 1,
    "earned": "2020-01-01",
    "documented": False,
    "preapproved": False,
    "used_in": "d1",
    "started": "2000-01-01",
}
STRICT = {
    "credential": {
        "type": "award",
        "issuers": ["good"],
        "min_score": 85,
        **WINDOW,
        "documented": True,
        "preapproved": True,
        "unused": True,
        "after": "$licensed",
    }
}


@pytest.mark.parametrize(
    ("right", "code"),
    [
        ({"status": "revoked"}, "REVOKED"),
        ({"status": "suspended"}, "SUSPENDED"),
        ({"status": "expired"}, "EXPIRED"),
        ({"status": "pending"}, "PENDING_REVIEW"),
        ({}, "ISSUER_NOT_ACCEPTED"),
        ({"issuer": "good"}, "LEVEL_TOO_LOW"),
        ({"score": 90}, "BEFORE_WINDOW"),
        ({"earned": "2025-01-01"}, "AFTER_WINDOW"),
        ({"earned": "2024-12-31"}, "NOT_DOCUMENTED"),
        ({"documented": True}, "NOT_PREAPPROVED"),
        ({"preapproved": True}, "ALREADY_USED"),
        ({"used_in": []}, "PREREQUISITE_NOT_MET"),
        ({"type": "course"}, "NOT_RELATED"),
    ],
)
@pytest.mark.parametrize("kind", ["credential", "where", "rate"])
def test_of_several_failures_the_first_in_the_order_is_named(right: Document, code: str, kind: str) -> None:
    """Each line mends one more failure of the lines before it."""
    item = an_item("a", **ALL_FAIL)
    for step in ({"issuer": "good"}, {"score": 90}, {"earned": "2025-01-01"}, {"earned": "2024-12-31"}, {"documented": True},
                 {"preapproved": True}, {"used_in": []}):  # fmt: skip
        if "status" in right or "type" in right or not right:
            break
        item |= step
        if step == right:
            break
    item |= right
    match = STRICT["credential"]
    rule = {
        "credential": STRICT,
        "where": a_sum(where=match),
        "rate": a_sum(rates=[{"match": match, "value": 1}]),
    }[kind]
    found = judged(rule, item, facts={"licensed": "2024-01-15"})
    assert of_item(found, "a") == [code]


def test_an_item_without_a_score_a_date_or_a_start_fails_what_asks_for_it() -> None:
    for match, code in (({"min_score": 1}, "LEVEL_TOO_LOW"), (WINDOW, "BEFORE_WINDOW"), ({"to": "2024-12-31"}, "AFTER_WINDOW"),
                        ({"after": "2024-01-01"}, "PREREQUISITE_NOT_MET")):  # fmt: skip
        found = judged({"credential": match}, {"id": "a"})
        assert (found.verdict, of_item(found, "a")) == ("not_met", [code])


@pytest.mark.parametrize(
    ("earned", "verdict"),
    [("2023-12-31", "not_met"), ("2024-01-01", "met"), ("2024-12-31", "met"), ("2025-01-01", "not_met")],
)
def test_a_window_is_inclusive_at_both_ends(earned: str, verdict: str) -> None:
    assert judged({"credential": WINDOW}, an_item("a", earned=earned)).verdict == verdict


@pytest.mark.parametrize(("started", "verdict"), [("2024-01-14", "not_met"), ("2024-01-15", "met"), (None, "not_met")])
@pytest.mark.parametrize("path", ["$licensed", "licensed", "2024-01-15"])
def test_after_means_started_not_before_that_fact(path: str, started: str | None, verdict: str) -> None:
    found = judged({"credential": {"after": path}}, an_item("a", started=started), facts={"licensed": "2024-01-15"})
    assert found.verdict == verdict


def test_a_condition_whose_fact_is_missing_holds_for_no_item_and_says_so() -> None:
    found = judged({**ONE, "credential": {"type": "award", "from": "$license.from"}}, an_item("a"))
    assert found.verdict == "not_met"
    assert {"code": "FACT_MISSING", "requirement": "one"} in reasons(found)
    assert {"code": "SHORT", "requirement": "one", "have": 0, "need": 1} in reasons(found)
    assert of_item(found, "a") == ["FACT_MISSING"]


# Exclusive slots


def exclusive(*slots: Document, **more: Any) -> Document:
    return {"all": list(slots), "exclusive": True, "label": "slots", **more}


TAG_A, TAG_B = {"credential": {"tag": "A"}, "label": "A"}, {"credential": {"tag": "B"}, "label": "B"}


def test_an_assignment_exists_where_first_fit_finds_none() -> None:
    items = [an_item("both", tags=["A", "B"], earned="2020-01-01"), an_item("only a", tags=["A"])]
    for order in (items, items[::-1]):
        for slots in ((TAG_A, TAG_B), (TAG_B, TAG_A)):
            assert judged(exclusive(*slots), *order).verdict == "met"


def test_exclusive_slots_that_cannot_all_be_filled_are_counted_together() -> None:
    found = judged(exclusive({**TAG_A, "count": 2}, {**TAG_B, "count": 2}),
                   an_item("1", tags=["A"]), an_item("2", tags=["A", "B"]), an_item("3", tags=["B"]))  # fmt: skip
    assert {"code": "SHORT", "requirement": "slots", "have": 3, "need": 4} in reasons(found)
    assert {"code": "NO_VALID_ALLOCATION", "requirement": "slots", "have": 3, "need": 4} in reasons(found)


def test_one_work_entered_twice_fills_one_slot_only() -> None:
    items = [an_item("1", tags=["A"]), an_item("2", tags=["B"], dup="1")]
    assert judged(exclusive(TAG_A, TAG_B), *items).verdict == "not_met"
    assert judged({"all": [TAG_A, TAG_B]}, *items).verdict == "met"  # without `exclusive` each counts for itself


def test_two_slots_may_take_two_items_of_one_achievement() -> None:
    items = [an_item("1", tags=["A"], ref="r"), an_item("2", tags=["B"], ref="r")]
    assert judged(exclusive(TAG_A, TAG_B), *items).verdict == "met"


# Sums


def test_units_go_by_quantity_or_by_item_and_fractions_add_up_at_nine_decimals() -> None:
    thirds = a_sum(1, rates=[{"match": {}, "value": 1 / 6}])
    assert judged(thirds, *(an_item(str(n)) for n in range(6))).verdict == "met"
    assert judged(thirds, *(an_item(str(n)) for n in range(5)), an_item("5", qty=0.99999)).verdict == "not_met"
    tenths = a_sum(0.3, rates=[{"match": {}, "value": 0.1}])
    assert judged(tenths, an_item("a"), an_item("b"), an_item("c")).requirement.have == 0.3
    by_item = a_sum(12, rates=[{"match": {}, "per": "item", "value": 6}])
    assert judged(by_item, an_item("a", qty=50), an_item("b", qty=0.1)).requirement.have == 12


def test_an_item_counts_under_the_first_rate_that_matches_it_and_under_no_other() -> None:
    rates = [{"match": {"tag": "special"}, "value": 5, "cap": 5}, {"match": {"type": "award"}, "value": 1}]
    found = judged(a_sum(20, rates=rates), an_item("a", tags=["special"], qty=2), an_item("b", qty=3))
    assert (found.requirement.have, uses(found)) == (8, {"a": 5, "b": 3})
    better = [{"match": {"min_score": 90}, "per": "item", "value": 9}, {"match": {"type": "award"}, "value": 1}]
    assert uses(judged(a_sum(20, rates=better), an_item("a", score=80), an_item("b", score=95))) == {"a": 1, "b": 9}


def test_a_cap_cuts_and_says_what_was_offered_and_what_counts() -> None:
    found = judged(
        {**a_sum(100, rates=[{"match": {}, "value": 1, "cap": 30}]), "label": "x"},
        an_item("a", qty=20), an_item("b", qty=25), an_item("c", qty=5),
    )  # fmt: skip
    assert uses(found) == {"a": 20, "b": 10, "c": 0}
    cut = {"code": "CAP_EXCEEDED", "requirement": "x", "have": 50, "need": 30}
    assert reasons(found) == [
        {"code": "SHORT", "requirement": "x", "have": 30, "need": 100},
        {**cut, "item": "b"},
        {**cut, "item": "c"},
    ]


def test_categories_are_measured_before_the_cap_cuts() -> None:
    rule = a_sum(30, rates=[{"match": {}, "value": 1, "cap": 30}], categories=[{"tag": "swd", "min": 40}])
    assert judged(rule, an_item("a", qty=40, tags=["swd"]), an_item("b", qty=40)).verdict == "met"


def test_max_items_keeps_what_counts_most() -> None:
    rule = {**a_sum(50, rates=[{"match": {}, "value": 1, "max_items": 2}]), "label": "tests"}
    found = judged(rule, an_item("a", qty=10), an_item("b", qty=25), an_item("c", qty=15))
    assert (found.requirement.have, uses(found)) == (40, {"a": 0, "b": 25, "c": 15})
    assert {"code": "MAX_ITEMS", "requirement": "tests", "item": "a", "have": 3, "need": 2} in reasons(found)


def test_max_items_keeps_what_a_category_needs_when_that_is_what_is_missing() -> None:
    """An award more never makes *met* into less: b is worth more, and a brings the category."""
    rates = [{"match": {}, "value": 1, "max_items": 1}]
    rule = a_sum(5, rates=rates, categories=[{"tag": "reading", "min": 5}])
    items = [an_item("a", qty=5, tags=["reading"]), an_item("b", qty=20)]
    found = judged(rule, *items)
    assert (found.verdict, uses(found)) == ("met", {"a": 5, "b": 0})


def test_of_duplicates_the_one_that_counts_most_is_kept() -> None:
    found = judged(a_sum(10), an_item("a", qty=3), an_item("b", qty=7, dup="a"), an_item("c", qty=1))
    assert (found.requirement.have, uses(found), of_item(found, "a")) == (8, {"a": 0, "b": 7, "c": 1}, ["DUPLICATE"])


def test_a_duplicate_is_kept_for_its_category_when_that_is_what_is_missing() -> None:
    rule = a_sum(3, categories=[{"tag": "reading", "min": 3}])
    assert judged(rule, an_item("a", qty=3, tags=["reading"]), an_item("b", qty=7, dup="a")).verdict == "met"


def test_a_revoked_original_leaves_its_duplicate_standing() -> None:
    found = judged(a_sum(5), an_item("a", qty=5, status="revoked"), an_item("b", qty=5, dup="a"))
    assert (found.verdict, of_item(found, "a")) == ("met", ["REVOKED"])


def test_items_of_one_achievement_all_count_in_a_sum() -> None:
    assert judged(a_sum(2), an_item("a", ref="r"), an_item("b", ref="r")).verdict == "met"


@pytest.mark.parametrize(
    ("rates", "items", "areas"),
    [
        (
            [{"match": {"type": "x"}, "value": 1}, {"match": {"type": "y"}, "value": 1}],
            ["x", "y"],
            2,
        ),  # its own area each
        (
            [{"match": {"type": "x"}, "value": 1, "area": "k"}, {"match": {"type": "y"}, "value": 1, "area": "k"}],
            ["x", "y"],
            1,
        ),
        ([{"match": {"type": "x"}, "value": 1}, {"match": {"type": "y"}, "value": 1}], ["x", "x"], 1),
        ([{"match": {"type": "x"}, "value": 1}, {"match": {"type": "y"}, "value": 1, "cap": 0}], ["x", "y"], 1),
    ],
)
def test_items_come_from_areas(rates: list[Document], items: list[str], areas: int) -> None:
    found = judged(
        {**a_sum(1, rates=rates, min_areas=2), "label": "s"}, *(an_item(f"{n}", type=t) for n, t in enumerate(items))
    )
    assert found.verdict == ("met" if areas == 2 else "not_met")
    short = {"code": "AREAS_SHORT", "requirement": "s", "have": areas, "need": 2}
    assert (short in reasons(found)) is (areas < 2)


def split(*minima: tuple[str, float], disjoint: bool = True, **more: Any) -> Document:
    categories = [{"tag": tag, "min": minimum} for tag, minimum in minima]
    return {**a_sum(0, categories=categories, disjoint=disjoint, **more), "label": "s"}


def test_without_disjoint_an_item_counts_toward_every_category_and_once_toward_the_minimum() -> None:
    rule = {**split(("A", 3), ("B", 3), disjoint=False)}
    rule["sum"]["min"] = 4
    found = judged(rule, an_item("x", qty=3, tags=["A", "B"]))
    assert (found.verdict, reasons(found)) == ("not_met", [{"code": "SHORT", "requirement": "s", "have": 3, "need": 4}])


def test_disjoint_categories_are_split_exactly_whatever_the_order() -> None:
    for items in permutations(HARD_ITEMS):
        assert judged(HARD, *items).verdict == "met"
    assert judged(HARD, *HARD_ITEMS[1:]).verdict == "not_met"


def test_a_split_that_does_not_exist_is_no_valid_allocation_though_each_category_could_be_reached() -> None:
    found = judged(split(("A", 3), ("B", 3)), an_item("x", qty=3, tags=["A", "B"]), an_item("y", qty=2, tags=["B"]))
    assert reasons(found) == [
        {"code": "NO_VALID_ALLOCATION", "requirement": "s"},
        {"code": "CATEGORY_SHORT", "requirement": "s", "have": 2, "need": 3},
    ]


def test_a_category_that_cannot_be_reached_even_alone_says_how_far_it_comes() -> None:
    found = judged(split(("A", 3), ("B", 4)), an_item("x", qty=3, tags=["A", "B"]), an_item("y", qty=0.5, tags=["B"]))
    assert reasons(found) == [{"code": "CATEGORY_SHORT", "requirement": "s", "have": 3.5, "need": 4}]


# Pending, waivers, overrides


PENDING = an_item("p", status="pending")
WAIVER = {
    "requirement": "one",
    "rationale": "r",
    "replacement_plan": "p",
    "approver": "a",
    "from": "2026-01-01",
    "to": "2026-12-31",
}
OVERRIDE = {"actor": "a", "reason": "r", "evidence": "e", "to": "2026-12-31"}


@pytest.mark.parametrize(
    ("rule", "items", "more", "verdict"),
    [
        (ONE, [PENDING], {}, "pending"),
        ({**ONE, "count": 2}, [PENDING], {}, "not_met"),
        (ONE, [PENDING, an_item("a")], {}, "met"),
        ({"all": [ONE, NOT]}, [PENDING], {}, "not_met"),
        (ONE, [], {"waivers": [WAIVER]}, "met_by_waiver"),
        (ONE, [an_item("a")], {"waivers": [WAIVER]}, "met"),  # met only *because* of the waiver
        (ONE, [], {"waivers": [{**WAIVER, "to": "2026-11-27"}]}, "not_met"),
        (ONE, [], {"waivers": [{**WAIVER, "to": "2026-11-28"}]}, "met_by_waiver"),
        (ONE, [], {"waivers": [{**WAIVER, "from": "2026-11-29"}]}, "not_met"),
        (ONE, [], {"waivers": [{**WAIVER, "requirement": "two"}]}, "not_met"),
        ({"all": [ONE, NOT]}, [], {"waivers": [WAIVER]}, "not_met"),
        ({"all": [ONE, {**NOT, "label": "two"}]}, [], {"waivers": [WAIVER, {**WAIVER, "requirement": "two"}]}, "met_by_waiver"),
        ({"all": [ONE, {"credential": {"type": "award"}, "count": 1}]}, [PENDING], {"waivers": [WAIVER]}, "pending"),
        ({"k_of": 1, "of": [NOT, ONE]}, [], {"waivers": [WAIVER]}, "met_by_waiver"),
        ({"if": A, "then": ONE}, [], {"waivers": [WAIVER], "facts": {"a": True}}, "met_by_waiver"),
        (NO_RULE, [], {"waivers": [WAIVER], "overrides": [OVERRIDE]}, "not_applicable"),
        (ONE, [], {"overrides": [OVERRIDE]}, "met_by_override"),
        (ONE, [PENDING], {"overrides": [OVERRIDE]}, "met_by_override"),
        (ONE, [], {"overrides": [OVERRIDE], "waivers": [WAIVER]}, "met_by_waiver"),
        (ONE, [an_item("a")], {"overrides": [OVERRIDE]}, "met"),
        (ONE, [], {"overrides": [{**OVERRIDE, "to": "2026-11-27"}]}, "not_met"),
        # a waived slot of an exclusive `all` needs no item, and the item is free for the other
        (exclusive({**TAG_A, "label": "one"}, TAG_B), [an_item("x", tags=["A", "B"])], {"waivers": [WAIVER]}, "met_by_waiver"),
    ],
)  # fmt: skip
def test_pending_waived_overridden(rule: Document, items: list[Document], more: Document, verdict: str) -> None:
    assert judged(rule, *items, **more).verdict == verdict


def test_a_requirement_without_a_label_is_waived_by_its_place() -> None:
    rule = {"all": [MET, {"credential": {"type": "award"}}]}
    assert judged(rule, waivers=[{**WAIVER, "requirement": "#/all/1"}]).verdict == "met_by_waiver"


# Days


@pytest.mark.parametrize(
    ("more", "as_of", "known", "verdict", "code"),
    [
        ({"status": "revoked", "revoked_on": "2026-06-01"}, "2026-05-01", "then", "met", None),
        ({"status": "revoked", "revoked_on": "2026-06-01"}, "2026-06-01", "then", "not_met", "REVOKED"),
        ({"revoked_on": "2026-06-01"}, "2026-05-31", "then", "met", None),
        ({"revoked_on": "2026-06-01"}, "2026-06-02", "then", "not_met", "REVOKED"),
        ({"revoked_on": "2026-06-01"}, "2026-05-01", "now", "not_met", "REVOKED"),
        ({"status": "revoked"}, "2026-05-01", "then", "not_met", "REVOKED"),
        ({"expires_on": "2026-06-01"}, "2026-05-31", "then", "met", None),
        ({"expires_on": "2026-06-01"}, "2026-06-01", "then", "not_met", "EXPIRED"),
        ({"status": "expired", "expires_on": "2026-06-01"}, "2026-05-01", "then", "met", None),
        ({"status": "expired"}, "2026-05-01", "then", "not_met", "EXPIRED"),
        ({"expires_on": "2026-06-01"}, "2026-05-31", "now", "met", None),
        ({"status": "suspended", "expires_on": "2027-06-01"}, "2026-05-31", "then", "not_met", "SUSPENDED"),
        ({"revoked_on": "2026-06-01", "expires_on": "2026-04-01"}, "2026-05-01", "then", "not_met", "EXPIRED"),
        ({"recorded_on": "2026-06-01"}, "2026-05-31", "then", "not_met", "NOT_DOCUMENTED"),
        ({"recorded_on": "2026-06-01"}, "2026-06-01", "then", "met", None),
        ({"recorded_on": "2026-06-01"}, "2026-05-31", "now", "met", None),
        ({"recorded_on": "2026-06-01", "status": "pending"}, "2026-05-31", "then", "not_met", "NOT_DOCUMENTED"),
    ],
)  # fmt: skip
def test_a_past_day_is_judged_as_known_then_or_as_known_now(
    more: Document, as_of: str, known: str, verdict: str, code: str | None
) -> None:
    found = judged(ONE, an_item("a", **more), as_of=as_of, known=known)
    assert (found.verdict, of_item(found, "a")) == (verdict, [code] if code else [])


# Items, and work that runs out


def test_an_item_that_bears_on_nothing_is_said_to_be_unrelated_once() -> None:
    found = judged(
        {"all": [ONE, {"credential": {"type": "course"}}], "label": "top"}, an_item("a"), an_item("z", type="other")
    )
    assert of_item(found, "a") == []
    assert {"code": "NOT_RELATED", "requirement": "top", "item": "z"} in reasons(found)
    alone = judged(ONE, an_item("z", type="other"))
    assert {"code": "NOT_RELATED", "requirement": "one", "item": "z"} in reasons(alone)


HARD = split(("A", 6), ("B", 6))
HARD_ITEMS = [an_item(f"{n}", qty=qty, tags=["A", "B"]) for n, qty in enumerate((3, 3, 2, 2, 2))]
"""Largest-first puts 3 into each and cannot end; 3 + 3 and 2 + 2 + 2 does, and only the solver sees it."""


def test_a_question_that_outruns_its_budget_is_undecided_and_never_refused() -> None:
    assert judged(HARD, *HARD_ITEMS).verdict == "met"
    record = records.read({"items": HARD_ITEMS})
    poor = Budget(nodes=0)
    assert evaluate(rules.read(HARD), record, TODAY, budget=poor).verdict == "undecided"
    assert poor.spent_out


@pytest.mark.parametrize(
    ("rule", "more", "verdict"),
    [
        ({"any": [MET, HARD]}, {}, "met"),  # the question does not matter
        ({"all": [NOT, HARD]}, {}, "not_met"),
        ({"all": [MET, HARD]}, {}, "undecided"),
        ({"k_of": 1, "of": [NOT, HARD]}, {}, "undecided"),
        (HARD, {"waivers": [{**WAIVER, "requirement": "s"}]}, "met_by_waiver"),
        (HARD, {"overrides": [OVERRIDE]}, "met_by_override"),
    ],
)
def test_what_is_undecided_matters_only_where_it_could_change_the_answer(
    rule: Document, more: Document, verdict: str
) -> None:
    record = records.read({"items": HARD_ITEMS, **more})
    assert evaluate(rules.read(rule), record, TODAY, budget=Budget(nodes=0)).verdict == verdict
