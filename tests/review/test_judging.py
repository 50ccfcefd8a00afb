"""Qualification, hidden checks and locks, decided from values alone."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import a_criterion
from hypothesis import given
from hypothesis import strategies as st

from credentials.catalog.model import Calibration, Rubric
from credentials.review import judging
from credentials.review.model import (
    Answer,
    Attempt,
    Judgement,
    NotScored,
    QualificationSet,
    Score,
    TrueScore,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUBRIC = Rubric(criteria=(a_criterion("clarity", "work"), a_criterion("uptake", "work")))
ONE = Rubric(criteria=(a_criterion("clarity", "work"),))
LEVELS = ("not-yet", "developing", "demonstrated", "extending")


def true(criterion: str, level: str) -> TrueScore:
    return TrueScore(criterion=criterion, level=level, rationale="Because of the second draft.")


def of_ten(agree: int, *, bar: Calibration | None = None, otherwise: str = "developing") -> Judgement:
    truths = {f"a{place}": (true("clarity", "demonstrated"),) for place in range(10)}
    answers = [
        Answer(anchor=f"a{place}", criterion="clarity", level="demonstrated" if place < agree else otherwise)
        for place in range(10)
    ]
    return judging.judge(bar or Calibration(), ONE, truths, answers)


@pytest.mark.parametrize(("agree", "passed"), [(10, True), (8, True), (7, False), (0, False)])
def test_eight_of_ten_reach_a_bar_of_80_percent_and_seven_do_not(agree: int, passed: bool) -> None:
    judged = of_ten(agree)
    assert (judged.passed, judged.exact, judged.of) == (passed, agree, 10)
    assert bool(judged.reasons) is not passed


@given(st.integers(1, 40), st.integers(0, 40))
def test_a_bar_is_reached_exactly_when_the_fraction_reaches_it(of: int, part: int) -> None:
    part = min(part, of)
    truths = {f"a{place}": (true("clarity", "demonstrated"),) for place in range(of)}
    answers = [
        Answer(anchor=f"a{place}", criterion="clarity", level="demonstrated" if place < part else "developing")
        for place in range(of)
    ]
    assert judging.judge(Calibration(exact_share=part / of), ONE, truths, answers).passed


def test_a_score_far_from_the_true_one_fails_where_the_programme_lets_none_be() -> None:
    bar = Calibration(exact_share=0.8, non_adjacent=0)
    assert of_ten(9, bar=bar).passed
    judged = of_ten(9, bar=bar, otherwise="not-yet")
    assert judged.non_adjacent == 1
    assert judged.reasons == ("1 lie more than one level from the true one; at most 0 may",)


def test_every_criterion_has_to_reach_the_bar_where_the_programme_says_so() -> None:
    truths = {f"a{place}": (true("clarity", "extending"), true("uptake", "extending")) for place in range(4)}
    answers = [
        Answer(anchor=anchor, criterion=criterion, level="demonstrated" if criterion == "uptake" else "extending")
        for anchor in truths
        for criterion in ("clarity", "uptake")
    ]
    assert judging.judge(Calibration(exact_share=0.5), RUBRIC, truths, answers).passed
    judged = judging.judge(Calibration(exact_share=0.5, criterion_share=0.75), RUBRIC, truths, answers)
    assert judged.reasons == ("0 of 4 for “Uptake” are the true ones; 75% are asked",)


def test_an_attempt_is_not_judged_while_a_score_is_missing() -> None:
    truths = {"a": (true("clarity", "extending"), true("uptake", "extending"))}
    with pytest.raises(NotScored) as refused:
        judging.judge(Calibration(), RUBRIC, truths, [Answer(anchor="a", criterion="clarity", level="extending")])
    assert [one.pointer for one in refused.value.faults] == ["/a/uptake"]


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ((true("clarity", "extending"),), "score-missing"),
        ((true("clarity", "extending"), true("uptake", "great")), "level-unknown"),
        ((true("clarity", "extending"), TrueScore(criterion="uptake", level="extending")), "rationale-missing"),
        ((true("clarity", "extending"), true("uptake", "extending"), true("charm", "extending")), "criterion-unknown"),
        ((true("clarity", "extending"), true("clarity", "developing"), true("uptake", "extending")), "score-repeated"),
    ],
)
def test_an_anchor_has_one_true_level_with_a_reason_for_every_criterion(
    scores: tuple[TrueScore, ...], code: str
) -> None:
    with pytest.raises(NotScored) as refused:
        judging.check_true(RUBRIC, scores)
    assert code in {one.code for one in refused.value.faults}


@pytest.mark.parametrize(
    ("level", "missed"),
    [("demonstrated", False), ("extending", False), ("developing", True), ("not-yet", True)],
)
def test_a_check_is_missed_on_whether_it_passes_or_by_more_than_the_programme_allows(level: str, missed: bool) -> None:
    truth = (true("clarity", "demonstrated"),)
    assert judging.is_missed(ONE, truth, [Score(criterion="clarity", level=level)], 1) is missed


def test_a_check_two_levels_apart_is_missed_even_if_both_fail_to_pass() -> None:
    low = Rubric(criteria=(a_criterion("clarity", "work"),))
    truth = (true("clarity", "not-yet"),)
    assert not judging.is_missed(low, truth, [Score(criterion="clarity", level="developing")], 1)
    assert judging.is_missed(low, (true("clarity", "extending"),), [Score(criterion="clarity", level="not-yet")], 5)


@pytest.mark.parametrize(
    ("judged", "found"),
    [
        ([True] + [False] * 7 + [True, True], (3, 10)),
        ([True] + [False] * 8 + [True, True], None),  # the third one lies eleven checks back
        ([True, True], None),
        ([True, True, True], (3, 3)),
        ([], None),
    ],
)
def test_three_misses_of_the_last_ten_lock(judged: list[bool], found: tuple[int, int] | None) -> None:
    assert judging.misses(Calibration(window=10, misses=3), judged) == found


def a_set(name: str) -> QualificationSet:
    return QualificationSet(
        id=name,
        organisation_id="o",
        micro_credential_id="m",
        version_id="v",
        key="k",
        title=name,
        anchor_ids=("a",),
        made_by="p",
        made_at=NOW,
    )


def an_attempt(of: str, *, passed: bool = True, ago: int = 1) -> Attempt:
    at = NOW - timedelta(days=ago)
    judged = Judgement(passed=passed, exact=1, of=1, non_adjacent=0, criteria=())
    return Attempt(
        id=f"{of}-{ago}",
        set_id=of,
        person_id="p",
        micro_credential_id="m",
        key="k",
        begun_at=at,
        finished_at=at,
        judgement=judged,
    )


def test_a_set_comes_again_only_when_every_other_one_was_taken_as_often() -> None:
    sets = [a_set("one"), a_set("two")]
    assert judging.fresh_sets(sets, []) == sets
    assert judging.fresh_sets(sets, [an_attempt("one")]) == [sets[1]]
    assert judging.fresh_sets(sets, [an_attempt("one"), an_attempt("two")]) == sets


def test_the_same_set_passed_twice_counts_once_and_an_old_one_not_at_all() -> None:
    sets = [a_set("one"), a_set("two"), a_set("three")]
    attempts = [
        an_attempt("one"),
        an_attempt("one", ago=2),
        an_attempt("two", ago=400),
        an_attempt("three", passed=False),
    ]
    since = judging.counted_since(Calibration(valid_days=365), NOW)
    assert judging.sets_passed(attempts, sets, since) == ("one",)
