"""By what a rule counts a badge, from its own words alone."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payroll import NOW, a_terms

from credentials.awards.model import AwardKind
from credentials.compensation.model.rules import Basis, PayKind, PayRule
from credentials.pathways.rule import decode, read_match
from credentials.recognition.model import Badge
from credentials.recognition.rules import Badges, admitted, in_pathway, in_pay

TODAY = date(2026, 10, 1)
FEEDBACK = Badge(
    id="1", ref="feedback", title="Feedback", issuer_id="a", issuer="alder", tags=frozenset({"advanced"}), covers=("1",)
)
TARGETS = Badge(id="2", ref="targets", title="Targets", issuer_id="a", issuer="alder", covers=("2",))
PAIR = Badge(
    id="3", kind=AwardKind.STACK, ref="pair", title="A Pair", issuer_id="a", issuer="alder", covers=("3", "1", "2")
)
WHATEVER = Badge(issuer_id="a", issuer="alder")
CREDENTIAL = {"type": "micro_credential"}


def mentions(rule: dict[str, Any], *badges: Badge) -> list[tuple[str, list[str], bool]]:
    """How each requirement counts which badges, and whether somebody's record decides."""
    found = in_pathway(decode(json.dumps(rule).encode()), Badges(badges), TODAY)
    return [(one.how.value, [badge.ref for badge in one.badges], one.recorded) for one in found]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        pytest.param({"ref": "feedback"}, ("named", False), id="its short name"),
        pytest.param({"ref": ["targets", "feedback"]}, ("named", False), id="its short name among others"),
        pytest.param({"ref": "targets"}, None, id="the short name of another"),
        pytest.param({"ref": "feedback", "issuers": ["elsewhere"]}, None, id="its short name, of another issuer"),
        pytest.param({"type": "stack", "ref": "feedback"}, None, id="its short name, of another kind"),
        pytest.param({"tag": "advanced"}, ("tagged", False), id="a tag that it has"),
        pytest.param({"tag": "novice"}, None, id="a tag that it has not"),
        pytest.param({**CREDENTIAL, "issuers": ["alder", "other"]}, ("issuer", False), id="its issuer"),
        pytest.param({**CREDENTIAL, "issuers": ["other"]}, None, id="another issuer"),
        pytest.param(CREDENTIAL, ("kind", False), id="its kind"),
        pytest.param({}, ("kind", False), id="anything at all"),
        pytest.param({"type": "pd_hours"}, None, id="another kind of thing"),
        pytest.param({"id": "1"}, None, id="one award of one person"),
        pytest.param({"tag": "$license.area"}, ("tagged", True), id="the tag that is on record about the educator"),
        pytest.param({"tag": ["$license.area", "advanced"]}, ("tagged", False), id="its tag, whatever is on record"),
        pytest.param(
            {**CREDENTIAL, "issuers": ["$employer.accepts"]}, ("issuer", True), id="an issuer that is on record"
        ),
    ],
)
def test_a_match_counts_a_badge_by_the_narrowest_that_it_asks_for(
    match: dict[str, Any], expected: tuple[str, bool] | None
) -> None:
    found = admitted(read_match(match, ""), FEEDBACK)
    assert (found and (found.how.value, found.recorded)) == expected


def test_every_branch_is_read_but_versions_that_are_over() -> None:
    def version(name: str, ref: str, **days: str) -> dict[str, Any]:
        return {"name": name, "rule": {"credential": {"ref": ref}}, **days}

    rule = {
        "any": [
            {"if": {"fact": "years", "op": ">", "value": 3}, "then": {"credential": {"ref": "feedback"}},
             "else": {"credential": {"ref": "targets"}}},
            {"versions": [
                version("old", "feedback", to="2026-10-01"), version("new", "targets", **{"from": "2026-10-01"}),
             ], "basis": "license.from"},
        ]
    }  # fmt: skip
    assert mentions(rule, FEEDBACK) == [("named", ["feedback"], False)]
    assert mentions(rule, FEEDBACK, TARGETS) == [
        ("named", ["feedback"], False),
        ("named", ["targets"], False),
    ], "the same words twice are one mention"


def test_a_sum_counts_what_answers_both_its_rate_and_what_it_counts_at_all() -> None:
    def of(where: dict[str, Any], *matches: dict[str, Any]) -> dict[str, Any]:
        rates = [{"match": match, "value": 6, "per": "item"} for match in matches]
        return {"sum": {"unit": "point", "min": 60, "where": where, "rates": rates}}

    assert mentions(of({"from": "2021-07-01"}, CREDENTIAL, {"type": "pd_hours"}), FEEDBACK) == [("kind", [], False)]
    assert mentions(of({"issuers": ["alder"]}, CREDENTIAL), FEEDBACK) == [("issuer", [], False)]
    assert mentions(of({"tag": "advanced"}, CREDENTIAL), FEEDBACK, TARGETS) == [("tagged", ["feedback"], False)]
    assert mentions(of({"issuers": ["other"]}, CREDENTIAL), FEEDBACK) == []


def test_of_an_issuer_only_what_is_named_is_listed_and_a_stack_is_told_apart() -> None:
    rule = {
        "all": [
            {"credential": {**CREDENTIAL, "issuers": ["alder"]}, "count": 5},
            {"credential": {"ref": ["feedback", "targets"]}},
            {"credential": {"type": "stack", "ref": "pair"}},
        ]
    }
    assert mentions(rule, WHATEVER, FEEDBACK, TARGETS, PAIR) == [
        ("issuer", [], False),
        ("named", ["feedback", "targets"], False),
        ("named", ["pair"], False),
    ]
    assert mentions(rule, WHATEVER) == [("issuer", [], False)]


REFS = st.sampled_from(["feedback", "targets", "pair", "other"])
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["micro_credential", "stack", "pd_hours"]),
        "ref": st.lists(REFS, min_size=1, max_size=2),
        "tag": st.lists(st.sampled_from(["advanced", "novice", "$area"]), min_size=1, max_size=2),
        "issuers": st.lists(st.sampled_from(["alder", "other", "$accepted"]), min_size=1, max_size=2),
    },
)


@given(MATCHES)
def test_looking_badges_up_finds_the_same_as_looking_at_each(match: dict[str, Any]) -> None:
    """Where the rule names or tags; where it does neither, one stands for all of its kind and issuer."""
    badges = (FEEDBACK, TARGETS, PAIR)
    found = mentions({"credential": match}, *badges)
    each = {badge.ref: admission for badge in badges if (admission := admitted(read_match(match, ""), badge))}
    assert {ref for _, refs, _ in found for ref in refs} == {ref for ref, one in each.items() if one.tells_which}
    assert bool(found) == bool(each)


def a_rule(kind: PayKind = PayKind.STIPEND) -> PayRule:
    return PayRule(
        id="rule", organisation_id="district", slug="rule", title="Rule", kind=kind, basis=Basis.AWARD_DATE,
        time_zone="UTC", created_at=NOW, author_id="officer",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param('"amountCents": 15000', [("kind", [])], id="every micro-credential"),
        pytest.param('"amountCents": 15000, "accepts": {"issuers": ["a"]}', [("issuer", [])], id="of the issuer"),
        pytest.param('"amountCents": 15000, "accepts": {"issuers": ["b"]}', [], id="of another issuer"),
        pytest.param('"amountCents": 1, "accepts": {"tags": ["advanced"]}', [("tagged", ["feedback"])], id="of a level"),
        pytest.param('"amountCents": 1, "accepts": {"achievements": ["2"]}', [("named", ["targets"])], id="listed"),
        pytest.param('"amounts": [{"achievement": "1", "amountCents": 5}]', [("named", ["feedback"])],
                     id="with an amount of its own, and nothing for the rest"),
        pytest.param('"amountCents": 1, "amounts": [{"achievement": "1", "amountCents": 5}]',
                     [("named", ["feedback"]), ("kind", [])], id="with an amount of its own, and another for the rest"),
        pytest.param('"amountCents": 1, "accepts": {"kinds": ["stack"], "achievements": ["1"]}', [("named", ["pair"])],
                     id="a stack for its member"),
        pytest.param('"amountCents": 1, "accepts": {"kinds": ["licence"]}', [], id="of another kind"),
    ],
)  # fmt: skip
def test_a_pay_rule_counts_what_it_would_pay_for(terms: str, expected: list[tuple[str, list[str]]]) -> None:
    badges = Badges((WHATEVER, FEEDBACK, TARGETS, PAIR))
    found = in_pay(a_rule(), a_terms(terms), badges, {"1": "Feedback"})
    assert [(one.how.value, [badge.ref for badge in one.badges]) for one in found] == expected
    assert all(one.words.endswith(".") for one in found)
