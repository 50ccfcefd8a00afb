"""Two or three rules that count nothing twice, at once: exactly, against every choice that there is (Hypothesis)."""

from datetime import date
from itertools import product
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.pathways import record as records
from credentials.pathways import rule as rules
from credentials.pathways.allocation import Budget
from credentials.pathways.evaluate import evaluate
from credentials.pathways.together import Claim, Share, share_out, without
from credentials.pathways.verdict import Verdict

TODAY = date(2026, 11, 28)
Document = dict[str, Any]


def claims(listed: list[Document], record: Document) -> list[Claim]:
    read = records.read(record)
    return [Claim(name=f"rule {place}", rule=rules.read(rule), record=read) for place, rule in enumerate(listed)]


def best(made: list[Claim]) -> tuple[int, ...]:
    """By trying all: which claims can be met when each item goes to one of them or to none."""
    items = [item.id for item in made[0].record.items]
    answers: dict[tuple[int, frozenset[str]], bool] = {}

    def met(place: int, mine: frozenset[str]) -> bool:
        if (place, mine) not in answers:
            record = without(made[place].record, {item: "x" for item in items if item not in mine})
            answers[place, mine] = evaluate(made[place].rule, record, TODAY).verdict.good
        return answers[place, mine]

    found: set[tuple[int, ...]] = set()
    for choice in product(range(len(made)), repeat=len(items)):
        owned = [
            frozenset(item for item, owner in zip(items, choice, strict=True) if owner == place)
            for place in range(len(made))
        ]
        found.add(tuple(place for place, mine in enumerate(owned) if met(place, mine)))
    return min(found, key=lambda some: (-len(some), some))


def met(shares: list[Share]) -> tuple[int, ...]:
    return tuple(place for place, one in enumerate(shares) if one.verdict.good)


TYPES, TAGS = ["course", "award"], ["a", "b"]
matches = st.fixed_dictionaries(
    {}, optional={"type": st.sampled_from(TYPES), "tag": st.sampled_from(TAGS), "unused": st.just(True)}
)
unused = st.builds(lambda match: {**match, "unused": True}, matches)
slots = st.builds(
    lambda match, count, repeat: {"credential": match, "count": count, "repeat": repeat},
    st.one_of(unused, unused, matches),
    st.integers(1, 3),
    st.booleans(),
)
amounts = st.sampled_from([0.5, 1.0, 2.0, 3.0])


@st.composite
def sums(draw: st.DrawFn) -> Document:
    rates = [
        {"match": draw(matches), "value": draw(amounts), **({"cap": draw(amounts)} if draw(st.booleans()) else {})}
        for _ in range(draw(st.integers(1, 2)))
    ]
    tags = draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=2))
    asked = {"unit": "hour", "min": draw(amounts), "where": draw(unused), "rates": rates}
    categories = [{"tag": tag, "min": draw(amounts)} for tag in tags]
    return {"sum": {**asked, "categories": categories, "disjoint": draw(st.booleans())}}


trees = st.recursive(
    st.one_of(slots, sums()),
    lambda below: st.one_of(
        st.builds(lambda c: {"all": c}, st.lists(below, min_size=1, max_size=2)),
        st.builds(lambda c: {"any": c}, st.lists(below, min_size=1, max_size=2)),
    ),
    max_leaves=3,
)


@st.composite
def items(draw: st.DrawFn) -> list[Document]:
    made: list[Document] = []
    for number in range(draw(st.integers(0, 5))):
        item: Document = {
            "id": f"i{number}",
            "type": draw(st.sampled_from(TYPES)),
            "qty": draw(amounts),
            "tags": draw(st.lists(st.sampled_from(TAGS), unique=True)),
        }
        if draw(st.integers(0, 2)) == 0:
            item["ref"] = draw(st.sampled_from(["r1", "r2"]))
        if number and draw(st.integers(0, 4)) == 0:
            item["dup"] = f"i{draw(st.integers(0, number - 1))}"
        made.append(item)
    return made


@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(st.lists(trees, min_size=2, max_size=3), items(), st.randoms(use_true_random=False))
def test_as_many_rules_as_can_be_are_met_together_and_the_first_among_equals(
    listed: list[Document], held: list[Document], rng: Any
) -> None:
    made = claims(listed, {"items": held})
    shares = share_out(made, TODAY)
    assert met(shares) == best(made)
    for one in shares:
        assert one.alone is Verdict.MET or not one.verdict.good
    kept = [item for one in shares for item in one.kept]
    assert len(kept) == len(set(kept)), "no item is kept for two"
    rng.shuffle(held)
    assert share_out(claims(listed, {"items": held}), TODAY) == [_in_order(one, held) for one in shares], (
        "the order of items changes nothing"
    )


def _in_order(share: Share, held: list[Document]) -> Share:
    by_id = {item.id: item for item in share.record.items}
    record = msgspec.structs.replace(share.record, items=tuple(by_id[item["id"]] for item in held))
    return msgspec.structs.replace(share, record=record)


ANY_SIX = {"sum": {"unit": "point", "min": 36, "where": {"unused": True},
                   "rates": [{"match": {"type": "award"}, "value": 6, "per": "item"}]}}  # fmt: skip
THREE_A = {"credential": {"type": "award", "tag": "a", "unused": True}, "count": 3}


def awards(count: int, marked: int) -> list[Document]:
    return [
        {"id": f"i{number}", "type": "award", "ref": f"r{number}", "tags": ["a"] if number < marked else []}
        for number in range(count)
    ]


def test_what_first_fit_would_spend_is_kept_for_whoever_needs_it() -> None:
    """The first rule could take the three that alone serve the second, and takes others."""
    first, second = share_out(claims([ANY_SIX, THREE_A], {"items": awards(9, 3)}), TODAY)
    assert (first.verdict, second.verdict) == (Verdict.MET, Verdict.MET)
    assert second.kept == ("i0", "i1", "i2")


def test_where_both_cannot_be_the_first_is_met_and_the_other_is_told_what_is_kept_from_it() -> None:
    first, second = share_out(claims([ANY_SIX, THREE_A], {"items": awards(8, 3)}), TODAY)
    assert (first.alone, second.alone) == (Verdict.MET, Verdict.MET)
    assert (first.verdict, second.verdict) == (Verdict.MET, Verdict.NOT_MET)
    found = evaluate(rules.read(THREE_A), second.record, TODAY)
    texts = [reason.text for reason in found.reasons if reason.code == "ALREADY_USED"]
    assert texts
    assert all("is kept for “rule 0”" in text for text in texts)


def test_rules_that_may_share_are_left_alone() -> None:
    sharing = {"credential": {"type": "award", "tag": "a"}, "count": 3}
    first, second = share_out(claims([sharing, THREE_A], {"items": awards(3, 3)}), TODAY)
    assert (first.verdict, second.verdict, first.kept, second.kept) == (Verdict.MET, Verdict.MET, (), ())


def test_a_large_record_of_like_items_is_decided_within_its_tries() -> None:
    twelve = {"sum": {**ANY_SIX["sum"], "min": 72}}
    shares = share_out(claims([twelve, twelve, twelve, THREE_A], {"items": awards(39, 20)}), TODAY)
    assert [one.verdict for one in shares] == [Verdict.MET] * 4


def test_a_question_that_outruns_its_tries_is_undecided_and_never_refused() -> None:
    shares = share_out(claims([ANY_SIX, THREE_A], {"items": awards(9, 3)}), TODAY, budget=Budget(nodes=0, seconds=0.0))
    assert all(one.verdict in {Verdict.MET, Verdict.UNDECIDED} for one in shares)
