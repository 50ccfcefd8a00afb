"""The rules of the demonstration's offices: read by the service's own validators, marked as modelled, and each case of them
comes out as it was meant, for the reason that it was meant for."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, permutations

import pytest

from credentials.awards.model import Award, AwardKind
from credentials.compensation.rules.terms import check_terms
from credentials.demo.content import load
from credentials.demo.content.model import Case, PathwayPlan, PayPlan
from credentials.demo.world import newest_first
from credentials.pathways import rule as pathway_rules
from credentials.pathways.evaluate import evaluate
from credentials.pathways.record import Record, Waiver, nested, read_item

CONTENT = load()
PATHWAYS = {plan.slug: plan for plan in CONTENT.pathways}
TODAY = date(2026, 7, 1)


@pytest.mark.parametrize("plan", CONTENT.pathways, ids=PATHWAYS)
def test_a_pathway_is_a_rule_that_says_on_what_it_is_modelled_and_was_approved_before_it_began(
    plan: PathwayPlan,
) -> None:
    (edition,) = plan.versions
    pathway_rules.decode(bytes(edition.rule))
    assert plan.modelled_on
    assert edition.approval.decided_on <= edition.effective_from


@pytest.mark.parametrize("plan", CONTENT.pay, ids=lambda plan: plan.organisation)
def test_a_pay_rule_can_be_carried_out_and_says_on_what_it_is_modelled(plan: PayPlan) -> None:
    check_terms(plan.kind, plan.terms)
    assert "Modelled on" in plan.terms.words
    assert plan.drafts != plan.approves


def test_there_are_eight_pathways_three_pay_schemes_and_a_hundred_educators() -> None:
    assert (len(CONTENT.pathways), len(CONTENT.pay)) == (8, 3)
    assert len(CONTENT.educators) + len(CONTENT.colleagues) == 100
    assert {plan.organisation for plan in CONTENT.pay} == {"kestrel-moor", "three-rivers", "port-ember"}


def test_every_colleague_has_a_name_and_an_address_of_their_own_and_teaches_in_a_school_that_exists() -> None:
    everybody = (*CONTENT.colleagues, *CONTENT.educators, *CONTENT.staff)
    counted = Counter(address for one in everybody for address in one.emails)
    assert [address for address, count in counted.items() if count > 1] == []
    assert len({one.name for one in everybody}) == len(everybody)
    schools = {place.slug for place in CONTENT.organisations if place.kind == "school"}
    assert {one.school for one in CONTENT.colleagues} <= schools


@pytest.mark.parametrize("case", CONTENT.cases.colleagues, ids=lambda case: case.name)
def test_a_case_comes_out_as_it_was_meant(case: Case) -> None:
    withdrawn = {"revoked_on": "2025-12-01"} if case.taken_back else {}
    items = [read_item({**item, **withdrawn, "id": f"item {place}"}, "") for place, item in enumerate(case.items)]
    facts = nested([*case.facts.items(), ("evaluation.date", TODAY.isoformat())])
    waivers = [Waiver(requirement=case.waived, rationale="as told", approver="officer")] if case.waived else []
    record = Record(items=tuple(items), facts=facts, waivers=tuple(waivers))
    found = evaluate(pathway_rules.decode(bytes(PATHWAYS[case.pathway].versions[0].rule)), record, TODAY)
    assert found.verdict == case.verdict
    assert not case.code or case.code in {reason.code for reason in found.reasons}


def test_the_cases_show_every_state_of_progress_and_many_reasons() -> None:
    assert {case.verdict for case in CONTENT.cases.colleagues} == {
        "met",
        "met_by_waiver",
        "not_met",
        "pending",
        "not_applicable",
    }
    assert {case.pathway for case in CONTENT.cases.colleagues} >= set(PATHWAYS) - {"assessment-specialist"}
    assert len({case.code for case in CONTENT.cases.colleagues if case.code}) >= 10
    dealt = Counter(case.verdict for _, case in zip(CONTENT.colleagues, cycle(CONTENT.cases.colleagues), strict=False))
    assert min(dealt.values()) >= 1


def an_award(title: str, submission: str | None, awarded_at: datetime) -> Award:
    kind = AwardKind.MICRO_CREDENTIAL if submission else AwardKind.STACK
    rest = dict.fromkeys(("id", "educator_id", "organisation_id", "achievement_id", "credential_id", "intent_id"), "x")
    return Award(kind=kind, title=title, submission_id=submission, awarded_at=awarded_at, **rest)


def test_which_awards_are_the_newest_does_not_hang_on_the_chance_of_their_identifiers() -> None:
    """Those of one look for orders have the same moment: pay was claimed now on one of them, now on another."""
    week = datetime(2026, 1, 9, tzinfo=UTC)
    newest_to_oldest = [
        an_award("Began first, passed last", "a", week + timedelta(days=7)),
        an_award("Whole stack", None, week),
        an_award("Third of the week", "d", week),
        an_award("Second of the week", "c", week),
        an_award("First of the week", "b", week),
        an_award("Week before", "e", week - timedelta(days=7)),
    ]
    for held in permutations(newest_to_oldest):
        assert newest_first(held, ["a", "b", "c", "d", "e"]) == newest_to_oldest
