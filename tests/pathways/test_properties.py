"""What always holds of an evaluation, whatever the rule and the record (Hypothesis, against a brute-force evaluator)."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import pathway_reference
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.allocation import Budget, Demands, Limit, Offer, allocate
from credentials.pathways.evaluate import evaluate
from credentials.pathways.nearest import explain
from credentials.pathways.record import Known
from credentials.pathways.trials import Trials
from credentials.pathways.verdict import Code, Evaluation, Requirement, Verdict

TODAY = date(2026, 11, 28)
Document = dict[str, Any]

some = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def judged(rule: Document, record: Document, as_of: date = TODAY, known: Known = Known.THEN) -> Evaluation:
    return evaluate(rules.read(rule), records.read(record), as_of, known=known)


# Small worlds, in which things collide often: three types, three tags, three achievements, round and awkward numbers


TYPES, TAGS, REFS = ["course", "award", "test"], ["a", "b", "c"], ["r1", "r2", "r3"]
amounts = st.sampled_from([0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 1 / 3])


@st.composite
def matches(draw: st.DrawFn) -> Document:
    found: Document = {}
    if draw(st.booleans()):
        found["type"] = draw(st.sampled_from(TYPES))
    if draw(st.integers(0, 3)) == 0:
        found["tag"] = draw(st.sampled_from(TAGS))
    if draw(st.integers(0, 6)) == 0:
        found["ref"] = draw(st.sampled_from(REFS))
    if draw(st.integers(0, 6)) == 0:
        found["min_score"] = 50
    return found


@st.composite
def credentials(draw: st.DrawFn) -> Document:
    return {"credential": draw(matches()), "count": draw(st.integers(1, 3)), "repeat": draw(st.booleans())}


@st.composite
def sums(draw: st.DrawFn) -> Document:
    rates = []
    for _ in range(draw(st.integers(1, 3))):
        rate: Document = {"match": draw(matches()), "value": draw(amounts)}
        if draw(st.booleans()):
            rate["per"] = "item"
        if draw(st.integers(0, 2)) == 0:
            rate["cap"] = draw(amounts)
        if draw(st.integers(0, 2)) == 0:
            rate["max_items"] = draw(st.integers(0, 2))
        if draw(st.integers(0, 2)) == 0:
            rate["area"] = draw(st.sampled_from(["x", "y"]))
        rates.append(rate)
    tags = draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=3))
    return {
        "sum": {
            "unit": "hour",
            "min": draw(amounts),
            "where": draw(st.one_of(st.just({}), matches())),
            "rates": rates,
            "categories": [{"tag": tag, "min": draw(amounts)} for tag in tags],
            "disjoint": draw(st.booleans()),
            "min_areas": draw(st.integers(0, 2)),
        }
    }


facts_nodes = st.builds(
    lambda name, op, value: {"fact": name, "op": op, "value": value},
    st.sampled_from(["f", "g", "h"]),
    st.sampled_from(["==", ">=", "<"]),
    st.integers(0, 2),
)
conditions = st.recursive(
    facts_nodes,
    lambda below: st.one_of(
        st.builds(lambda c: {"all": c}, st.lists(below, min_size=1, max_size=3)),
        st.builds(lambda c: {"any": c}, st.lists(below, min_size=1, max_size=3)),
        st.builds(lambda k, c: {"k_of": k, "of": c}, st.integers(0, 3), st.lists(below, min_size=1, max_size=3)),
    ),
    max_leaves=4,
)
leaves = st.one_of(
    credentials(),
    sums(),
    sums(),
    facts_nodes,
    st.just({"not_applicable": True}),
    st.just({"true": True}),
    st.builds(lambda c: {"all": c, "exclusive": True}, st.lists(credentials(), min_size=1, max_size=3)),
)
trees = st.recursive(
    leaves,
    lambda below: st.one_of(
        st.builds(lambda c: {"all": c}, st.lists(below, min_size=1, max_size=3)),
        st.builds(lambda c: {"any": c}, st.lists(below, min_size=1, max_size=3)),
        st.builds(lambda k, c: {"k_of": k, "of": c}, st.integers(0, 3), st.lists(below, min_size=1, max_size=3)),
        st.builds(lambda c, t, e: {"if": c, "then": t, "else": e}, conditions, below, below),
        st.builds(lambda c, t: {"if": c, "then": t}, conditions, below),
    ),
    max_leaves=5,
)


@st.composite
def item(draw: st.DrawFn, name: str, originals: list[str]) -> Document:
    found: Document = {"id": name, "type": draw(st.sampled_from(TYPES)), "qty": draw(amounts), "earned": "2024-03-01"}
    found["tags"] = draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=3))
    if draw(st.integers(0, 2)) == 0:
        found["ref"] = draw(st.sampled_from(REFS))
    if draw(st.booleans()):
        found["score"] = draw(st.sampled_from([10, 90]))
    found["status"] = draw(st.sampled_from(["active"] * 6 + ["pending", "revoked"]))
    if originals and draw(st.integers(0, 3)) == 0:
        found["dup"] = draw(st.sampled_from(originals))
    return found


@st.composite
def records_of(draw: st.DrawFn, most: int = 6) -> Document:
    items: list[Document] = []
    for number in range(draw(st.integers(0, most))):
        originals = [one["id"] for one in items if "dup" not in one]
        items.append(draw(item(f"i{number}", originals)))
    facts = {name: draw(st.integers(0, 2)) for name in ("f", "g", "h") if draw(st.booleans())}
    return {"items": items, "facts": facts}


@some
@given(rule=trees, record=records_of())
def test_the_verdict_is_the_one_that_trying_every_choice_gives(rule: Document, record: Document) -> None:
    assert judged(rule, record).verdict == pathway_reference.verdict(rule, record)


# Worlds in which a choice matters: what is offered fits the minima closely, and every item fits in several places. Each of
# these finds an evaluator that fills greedily within a few dozen examples.


@st.composite
def tight_sums(draw: st.DrawFn) -> tuple[Document, Document]:
    items: list[Document] = []
    for number in range(draw(st.integers(3, 6))):
        qty, tags = draw(st.sampled_from([1, 2, 2, 3, 3, 5])), draw(st.sampled_from(["a", "b", "ab", "ab"]))
        one = {"id": f"i{number}", "type": draw(st.sampled_from(TYPES[:2])), "qty": qty, "tags": list(tags)}
        originals = [other["id"] for other in items if "dup" not in other]
        if originals and draw(st.integers(0, 2)) == 0:
            one["dup"] = draw(st.sampled_from(originals))
        items.append(one)
    rates: list[Document] = [{"match": {"type": "course"}, "value": 1}, {"match": {}, "value": 1}]
    for rate in rates:
        if draw(st.integers(0, 2)) == 0:
            rate["max_items"] = draw(st.integers(1, 3))
        if draw(st.integers(0, 3)) == 0:
            rate["cap"] = draw(st.integers(2, 8))
    most = sum(one["qty"] for one in items)
    asked = {
        "min": draw(st.integers(0, most)),
        "rates": rates,
        "categories": [{"tag": tag, "min": draw(st.integers(most // 4, most // 2 + 1))} for tag in "ab"],
        "disjoint": draw(st.booleans()),
        "min_areas": draw(st.integers(0, 2)),
    }
    return {"sum": asked}, {"items": items}


@st.composite
def exact_splits(draw: st.DrawFn) -> tuple[Document, Document]:
    """Everything is needed, and goes into one of two categories."""
    amounts = draw(st.lists(st.sampled_from([2, 3, 4, 7]), min_size=5, max_size=5))
    first = draw(st.integers(sum(amounts) // 2 - 2, sum(amounts) // 2 + 2))
    items = [{"id": f"i{number}", "qty": qty, "tags": ["a", "b"]} for number, qty in enumerate(amounts)]
    categories = [{"tag": "a", "min": first}, {"tag": "b", "min": sum(amounts) - first}]
    asked = {"min": 0, "rates": [{"match": {}, "value": 1}], "categories": categories, "disjoint": True}
    return {"sum": asked}, {"items": items}


@st.composite
def crowded_slots(draw: st.DrawFn) -> tuple[Document, Document]:
    items: list[Document] = []
    for number in range(draw(st.integers(3, 6))):
        one: Document = {"id": f"i{number}", "tags": list(draw(st.sampled_from(["a", "b", "c", "ab", "bc", "abc"])))}
        if draw(st.booleans()):
            one["ref"] = draw(st.sampled_from(REFS))
        originals = [other["id"] for other in items if "dup" not in other]
        if originals and draw(st.integers(0, 3)) == 0:
            one["dup"] = draw(st.sampled_from(originals))
        items.append(one)
    slots = [
        {"credential": {"tag": tag}, "count": draw(st.integers(1, 2)), "repeat": draw(st.booleans())}
        for tag in draw(st.permutations(TAGS))[: draw(st.integers(1, 3))]
    ]
    return {"all": slots, "exclusive": True}, {"items": items}


@settings(some, max_examples=150)
@given(st.one_of(tight_sums(), exact_splits()))
def test_where_a_choice_matters_a_sum_is_met_exactly_when_some_choice_reaches_everything(
    question: tuple[Document, Document],
) -> None:
    assert judged(*question).verdict == pathway_reference.verdict(*question)


@settings(some, max_examples=200)
@given(crowded_slots())
def test_where_a_choice_matters_slots_are_filled_exactly_when_some_assignment_fills_them(
    question: tuple[Document, Document],
) -> None:
    assert judged(*question).verdict == pathway_reference.verdict(*question)


@settings(some, max_examples=100)
@given(st.one_of(tight_sums(), crowded_slots()), st.integers(0, 5))
def test_where_a_choice_matters_one_item_less_is_never_more(question: tuple[Document, Document], gone: int) -> None:
    rule, record = question
    items = [one for one in record["items"] if one["id"] != f"i{gone}" and one.get("dup") != f"i{gone}"]
    if judged(rule, {"items": items}).verdict is Verdict.MET:
        assert judged(rule, record).verdict is Verdict.MET


@some
@given(rule=sums(), record=records_of(most=6))
def test_a_sum_is_met_exactly_when_some_choice_of_items_and_categories_reaches_everything(
    rule: Document, record: Document
) -> None:
    assert judged(rule, record).verdict == pathway_reference.verdict(rule, record)


@some
@given(rule=trees, record=records_of(), more=item("new", ["i0"]))
def test_one_more_active_item_never_turns_met_into_anything_less(
    rule: Document, record: Document, more: Document
) -> None:
    if judged(rule, record).verdict is Verdict.MET:
        richer = {**record, "items": [*record["items"], {**more, "status": "active"}]}
        assert judged(rule, richer).verdict is Verdict.MET


def mixed(value: Any, rng: random.Random) -> Any:
    """The same rule or record with its items, children and categories in another order."""
    if isinstance(value, dict):
        return {
            name: rng.sample([mixed(one, rng) for one in below], len(below))
            if name in {"all", "any", "of", "categories", "items", "tags"}
            else mixed(below, rng)
            for name, below in value.items()
        }
    return [mixed(one, rng) for one in value] if isinstance(value, list) else value


@some
@given(rule=trees, record=records_of(), seed=st.integers(0, 1000))
def test_the_order_of_items_children_and_categories_changes_no_verdict(
    rule: Document, record: Document, seed: int
) -> None:
    rng = random.Random(seed)
    assert judged(mixed(rule, rng), mixed(record, rng)).verdict == judged(rule, record).verdict


@some
@given(rule=trees, record=records_of(), seed=st.integers(0, 1000))
def test_the_order_of_items_changes_nothing_at_all(rule: Document, record: Document, seed: int) -> None:
    shuffled = {**record, "items": random.Random(seed).sample(record["items"], len(record["items"]))}
    assert judged(rule, shuffled) == judged(rule, record)


def nodes(requirement: Requirement) -> list[Requirement]:
    return [requirement, *(found for child in requirement.children for found in nodes(child))]


@some
@given(rule=trees, record=records_of())
def test_every_item_is_reported_once_with_a_use_or_an_exclusion_and_no_total_is_over_its_cap(
    rule: Document, record: Document
) -> None:
    found = judged(rule, record)
    assert sorted(report.item for report in found.items) == sorted(item["id"] for item in record["items"])
    assert all(report.uses or report.exclusions for report in found.items)
    for node in nodes(found.requirement):
        for rate in node.rates:
            assert rate.cap is None or rate.counted <= rate.cap
            assert rate.max_items is None or rate.items <= rate.max_items
        if node.kind == "sum":
            assert abs(sum(one.units for one in node.counted) - node.have) < 1e-6
            assert abs(sum(rate.counted for rate in node.rates) - node.have) < 1e-6


@some
@given(rule=trees, record=records_of(), chosen=st.sets(st.integers(0, 5)))
def test_a_past_date_gives_the_verdict_of_that_date_after_later_revocations_and_later_records(
    rule: Document, record: Document, chosen: set[int]
) -> None:
    then, later = date(2025, 5, 1), "2025-06-01"
    before = judged(rule, record, then)
    since = [
        {**one, "status": "revoked", "revoked_on": later} if number in chosen and one["status"] == "active" else one
        for number, one in enumerate(record["items"])
    ]
    new = {"id": "new", "type": "award", "tags": TAGS, "qty": 9, "earned": "2024-03-01", "recorded_on": later}
    after = judged(rule, {**record, "items": [*since, new]}, then)
    assert after.verdict == before.verdict
    assert [report for report in after.items if report.item != "new"] == list(before.items)


@some
@given(rule=trees, record=records_of())
def test_every_reason_has_a_code_a_place_and_a_sentence(rule: Document, record: Document) -> None:
    found = judged(rule, record)
    for reason in found.reasons:
        assert reason.code in Code
        assert reason.requirement
        assert reason.text.endswith(".")
    if found.verdict is Verdict.NOT_MET:
        assert any(reason.item is None for reason in found.reasons), "a requirement that is not met says so"


@some
@given(rule=trees, record=records_of())
def test_each_nearest_way_once_added_to_the_record_gives_met(rule: Document, record: Document) -> None:
    found = explain(rules.read(rule), records.read(record), TODAY)
    assert len(found.nearest) <= 5
    for way in found.nearest:
        richer = {"items": [*record["items"], *way.items], "facts": {**record["facts"], **way.facts}}
        assert judged(rule, richer).verdict is Verdict.MET, way


@settings(some, max_examples=150)
@given(
    question=st.one_of(st.tuples(trees, records_of()), tight_sums(), crowded_slots()),
    more=st.lists(item("", []), min_size=1, max_size=3),
)
def test_judging_again_only_what_new_items_can_change_gives_what_judging_all_of_it_gives(
    question: tuple[Document, Document], more: list[Document]
) -> None:
    rule, record = question
    new = [{**one, "id": f"new{number}", "status": "active"} for number, one in enumerate(more)]
    found, read = judged(rule, record), records.read({"items": new}).items
    trials = Trials(rules.read(rule), records.read(record), found.requirement, TODAY, Known.THEN, Budget())
    assert trials.can_tell(read)
    richer = judged(rule, {**record, "items": [*record["items"], *new]})
    for _ in range(2):  # what is remembered of one trial serves the next, and changes nothing
        assert trials.is_met(read) == (richer.verdict is Verdict.MET)


@st.composite
def choices(draw: st.DrawFn) -> tuple[list[Offer], list[Limit]]:
    """Offers that share works across rates with caps and ``max_items``."""
    limits = [
        Limit(draw(st.sampled_from([None, 3.0, 5.0])), draw(st.sampled_from([None, 1, 2])), area) for area in range(3)
    ]
    offers = [
        Offer(
            f"i{number}", draw(st.integers(0, 2)), draw(st.sampled_from([0.0, 1.0, 1.5, 2.0, 4.0])),
            frozenset(draw(st.sets(st.integers(0, 1)))), f"w{draw(st.integers(0, 4))}",
        )
        for number in range(draw(st.integers(1, 6)))
    ]  # fmt: skip
    return offers, limits


def every_choice(offers: list[Offer], limits: list[Limit]) -> Iterator[list[Offer]]:
    for kept in product((False, True), repeat=len(offers)):
        chosen = [offer for offer, keep in zip(offers, kept, strict=True) if keep]
        works = Counter(offer.work for offer in chosen)
        rates = Counter(offer.rate for offer in chosen)
        crowded = any((most := limits[rate].max_items) is not None and count > most for rate, count in rates.items())
        if max(works.values(), default=0) < 2 and not crowded:
            yield chosen


@settings(some, max_examples=150)
@given(choices())
def test_how_far_each_minimum_is_from_its_own_best_choice_is_what_trying_every_choice_gives(
    question: tuple[list[Offer], list[Limit]],
) -> None:
    offers, limits = question
    found = allocate(offers, limits, Demands(99.0, (99.0, 99.0), False, 0), Budget())
    most, tagged = 0.0, [0.0, 0.0]
    for chosen in every_choice(offers, limits):
        by_rate = [sum(offer.units for offer in chosen if offer.rate == rate) for rate in range(3)]
        capped = sum(
            units if limit.cap is None else min(units, limit.cap) for units, limit in zip(by_rate, limits, strict=True)
        )
        most = max(most, capped)
        for category in range(2):
            tagged[category] = max(tagged[category], sum(offer.units for offer in chosen if category in offer.tags))
    assert found.met is False
    assert (found.best_total, *found.best_categories) == pytest.approx((most, *tagged))


@pytest.mark.long
@settings(some, max_examples=5000)
@given(rule=trees, record=records_of(most=7))
def test_the_verdict_is_that_of_trying_every_choice_for_longer(rule: Document, record: Document) -> None:
    assert judged(rule, record).verdict == pathway_reference.verdict(rule, record)
