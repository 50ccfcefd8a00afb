"""Agreement of assessors: published values, and what holds for every table of ratings."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.review import agreement
from credentials.review.agreement import Measurement, Undefined, Weights

SCALE = (0, 1, 2, 3)
Table = list[tuple[int, int]]

PAIRS = st.lists(st.tuples(st.sampled_from(SCALE), st.sampled_from(SCALE)), min_size=1, max_size=40)
UNITS = st.lists(
    st.lists(st.one_of(st.none(), st.sampled_from(SCALE)), min_size=2, max_size=4), min_size=1, max_size=20
)


@pytest.fixture(scope="session")
def vectors(shared: Path) -> Any:
    return json.loads((shared / "domain" / "agreement_vectors.json").read_text())


@pytest.mark.parametrize(
    ("name", "measurement"),
    [
        ("A_nominal", Measurement.NOMINAL),
        ("A_interval", Measurement.INTERVAL),
        ("B_ordinal", Measurement.ORDINAL),
        ("B_ratio", Measurement.RATIO),
    ],
)
def test_a20_the_published_alphas_come_out(vectors: Any, name: str, measurement: Measurement) -> None:
    units = list(zip(*vectors["krippendorff_data"][name[0]], strict=True))
    scale = sorted({rating for unit in units for rating in unit if rating is not None})
    expected = vectors["krippendorff_published"][name]["alpha"]
    assert agreement.alpha(units, scale, measurement) == pytest.approx(expected, abs=1e-6)


def test_a18_twenty_double_scores_have_the_published_figures(vectors: Any) -> None:
    given_ = vectors["two_rater_0_3"]
    found = agreement.agreement(list(zip(given_["r1"], given_["r2"], strict=True)), SCALE, seed=1)
    for name, figure in {
        "exact": found.exact,
        "adjacent": found.adjacent,
        "kappa": found.kappa,
        "linear": found.kappa_linear,
        "qwk": found.kappa_quadratic,
        "alpha_ordinal": found.alpha,
    }.items():
        assert figure.value == pytest.approx(given_[name], abs=1e-6), name
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= figure.value <= figure.high
    assert (found.units, found.pairs) == (20, 20)


def test_a17_much_agreement_on_a_lopsided_scale_has_a_kappa_below_zero_and_a_high_ac1(vectors: Any) -> None:
    wanted = vectors["kappa_paradox_passfail_100"]
    table = [(1, 1)] * 90 + [(1, 0)] * 5 + [(0, 1)] * 5
    found = agreement.agreement(table, (0, 1), seed=1)
    assert found.exact.value == pytest.approx(wanted["exact"], abs=1e-6)
    assert found.kappa.value == pytest.approx(wanted["kappa"], abs=1e-6)
    assert found.ac1.value == pytest.approx(wanted["gwet_ac1"], abs=1e-6)


def test_a19_when_all_scores_are_the_same_kappa_is_not_defined_and_says_why() -> None:
    found = agreement.agreement([(2, 2)] * 25, SCALE, seed=1)
    assert found.exact.value == 1.0
    for figure in (found.kappa, found.kappa_linear, found.kappa_quadratic, found.alpha):
        assert figure.value is None
        assert figure.undefined is Undefined.ONE_CATEGORY
    assert found.ac1.value == 1.0


def test_fewer_than_twenty_units_are_not_shown() -> None:
    found = agreement.agreement([(2, 2), (1, 2)] * 9, SCALE, seed=1)
    assert found.exact.value is None
    assert found.alpha.undefined is Undefined.TOO_FEW
    assert found.units == 18


def test_nothing_that_two_have_rated_gives_no_figure() -> None:
    found = agreement.agreement([(2, None)] * 30, SCALE, seed=1)
    assert found.kappa.undefined is Undefined.NO_PAIRS
    assert found.alpha.undefined is Undefined.NO_PAIRS


def test_a_rating_that_is_not_on_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="not on the scale"):
        agreement.exact([(2, 7)], SCALE)


@pytest.mark.parametrize("scale", [(), (1, 1), (2, 1)])
def test_a_scale_has_different_values_in_order(scale: Sequence[int]) -> None:
    with pytest.raises(ValueError, match="lowest first"):
        agreement.exact([(1, 1)], scale)


def test_the_same_seed_gives_the_same_interval() -> None:
    table = [(1, 2), (2, 2), (3, 3), (0, 1)] * 10
    assert agreement.agreement(table, SCALE, seed=5) == agreement.agreement(table, SCALE, seed=5)


def test_severity_is_the_mean_difference_from_what_was_agreed() -> None:
    assert agreement.severity([1, 2, 1, 0], [2, 2, 2, 1]) == pytest.approx(-0.75)
    assert agreement.severity([], []) is None


# What holds for every table


@given(PAIRS)
def test_exact_is_never_more_than_adjacent_and_both_are_shares(table: Table) -> None:
    exact, adjacent = agreement.exact(table, SCALE), agreement.adjacent(table, SCALE)
    assert exact is not None
    assert adjacent is not None
    assert 0 <= exact <= adjacent <= 1


@given(PAIRS, st.sampled_from(Weights))
def test_it_does_not_matter_who_was_first(table: Table, weights: Weights) -> None:
    turned = [(second, first) for first, second in table]
    assert agreement.kappa(table, SCALE, weights) == pytest.approx(agreement.kappa(turned, SCALE, weights))
    assert agreement.gwet(table, SCALE, weights) == pytest.approx(agreement.gwet(turned, SCALE, weights))


@given(PAIRS, st.sampled_from(Weights))
def test_no_figure_is_over_one(table: Table, weights: Weights) -> None:
    for figure in (agreement.kappa(table, SCALE, weights), agreement.gwet(table, SCALE, weights)):
        assert figure is None or figure <= 1 + 1e-9


@given(st.lists(st.sampled_from(SCALE), min_size=2, max_size=30), st.sampled_from(Weights))
def test_perfect_agreement_is_one_wherever_it_is_defined(scores: list[int], weights: Weights) -> None:
    table = [(score, score) for score in scores]
    assert agreement.exact(table, SCALE) == 1
    one_only = len(set(scores)) == 1
    assert agreement.kappa(table, SCALE, weights) == (None if one_only else pytest.approx(1))
    assert agreement.alpha(table, SCALE) == (None if one_only else pytest.approx(1))
    assert agreement.gwet(table, SCALE, weights) == pytest.approx(1)


@given(UNITS, st.randoms(use_true_random=False), st.sampled_from(Measurement))
def test_the_order_of_raters_and_units_does_not_matter_to_alpha(
    units: list[list[int | None]], shuffle: Any, measurement: Measurement
) -> None:
    mixed = [shuffle.sample(unit, len(unit)) for unit in units]
    shuffle.shuffle(mixed)
    before = agreement.alpha(units, SCALE, measurement)
    after = agreement.alpha(mixed, SCALE, measurement)
    assert after == (before if before is None else pytest.approx(before))
    assert agreement.gwet(mixed, SCALE) == pytest.approx(agreement.gwet(units, SCALE))


@given(PAIRS)
def test_alpha_and_unweighted_kappa_know_no_order_of_the_categories(table: Table) -> None:
    other = {0: 2, 1: 0, 2: 3, 3: 1}
    renamed = [(other[first], other[second]) for first, second in table]
    assert agreement.kappa(renamed, SCALE) == pytest.approx(agreement.kappa(table, SCALE))
    nominal = Measurement.NOMINAL
    assert agreement.alpha(renamed, SCALE, nominal) == pytest.approx(agreement.alpha(table, SCALE, nominal))
