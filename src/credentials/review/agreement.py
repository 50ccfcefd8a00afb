"""How well assessors agree, by the statistics that the literature uses. Pure: the bootstrap's seed is a parameter.

A *table of ratings* has a row for each unit (one criterion of one submission, say) and in it the ratings that it was given,
``None`` where a rater gave none. Ratings are values of an ordered scale, which is handed in: a category that nobody used
counts too. Figures of two raters (exact, adjacent, kappas) look at the first and the second rating of a unit; alpha, AC1 and
AC2 take any number of raters and gaps.

Nothing is shown of fewer than ``MIN_UNITS`` units, and a figure that is not defined is ``None`` with the reason, never 0 or 1.

Sources: Cohen 1960 (kappa), Cohen 1968 (weights), Krippendorff 2011 (alpha; the package ``krippendorff``), Gwet 2008 and 2014
(AC1, AC2), Efron 1979 (percentile bootstrap).
"""

import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, TypeAlias

import krippendorff
import msgspec
import numpy as np
from numpy.typing import NDArray

Rating: TypeAlias = int | float
Ratings: TypeAlias = Sequence[Sequence[Rating | None]]
Numbers: TypeAlias = NDArray[np.float64]

MIN_UNITS = 20
"""Fewer say nothing about agreement, and may show who scored what."""
RESAMPLES = 400
"""Of the bootstrap: the ends of a 95 % interval move by less than a hundredth with more."""
MAX_UNITS = 200_000
"""Rows of a table: two years of double scores of a large state."""
MAX_CATEGORIES = 50


class Undefined(StrEnum):
    """Why there is no figure."""

    TOO_FEW = "too-few"
    ONE_CATEGORY = "one-category"
    NO_PAIRS = "no-pairs"


class Measurement(StrEnum):
    """The level of measurement, as Krippendorff's alpha knows it. Levels of a rubric are *ordinal*."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


class Weights(StrEnum):
    """How much of an agreement a difference still is: none, or the less the further apart."""

    IDENTITY = "identity"
    LINEAR = "linear"
    QUADRATIC = "quadratic"


class Figure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One statistic with its 95 % bootstrap interval; ``value`` is ``None`` where ``undefined`` says why."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    undefined: Undefined | None = None


class Agreement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All figures of one table. ``units`` have two ratings or more, ``pairs`` a first and a second one."""

    units: int
    pairs: int
    exact: Figure
    adjacent: Figure
    kappa: Figure
    kappa_linear: Figure
    kappa_quadratic: Figure
    alpha: Figure
    ac1: Figure
    ac2: Figure


def agreement(
    ratings: Ratings,
    scale: Sequence[Rating],
    *,
    seed: int,
    measurement: Measurement = Measurement.ORDINAL,
    min_units: int = MIN_UNITS,
    resamples: int = RESAMPLES,
) -> Agreement:
    """Every figure of a table of ratings. Raises ``ValueError`` for a rating that is not on the scale."""
    counts = _counts(ratings, scale)
    counts = counts[counts.sum(axis=1) >= 2]
    table = _table(ratings, scale)
    draw = np.random.default_rng(seed)
    pairs, units = int(table.sum()), len(counts)

    def of_pairs(statistic: Callable[[Numbers], float]) -> Figure:
        if pairs < max(min_units, 1):
            return Figure(undefined=Undefined.TOO_FEW if pairs else Undefined.NO_PAIRS)
        drawn = draw.multinomial(pairs, (table / pairs).ravel(), size=resamples).reshape(-1, *table.shape)
        return _figure(statistic(table), [statistic(one.astype(np.float64)) for one in drawn])

    def of_units(statistic: Callable[[Numbers], float]) -> Figure:
        if units < max(min_units, 1):
            return Figure(undefined=Undefined.TOO_FEW if units else Undefined.NO_PAIRS)
        patterns, often = np.unique(counts, axis=0, return_counts=True)
        drawn = draw.multinomial(units, often / units, size=resamples)
        return _figure(statistic(counts), [statistic(np.repeat(patterns, one, axis=0)) for one in drawn])

    return Agreement(
        units=units,
        pairs=pairs,
        exact=of_pairs(lambda found: _share(found, 0)),
        adjacent=of_pairs(lambda found: _share(found, 1)),
        kappa=of_pairs(lambda found: _kappa(found, Weights.IDENTITY)),
        kappa_linear=of_pairs(lambda found: _kappa(found, Weights.LINEAR)),
        kappa_quadratic=of_pairs(lambda found: _kappa(found, Weights.QUADRATIC)),
        alpha=of_units(lambda found: _alpha(found, scale, measurement)),
        ac1=of_units(lambda found: _ac(found, Weights.IDENTITY)),
        ac2=of_units(lambda found: _ac(found, Weights.QUADRATIC)),
    )


# One figure by itself, without an interval and without a least number of units


def exact(ratings: Ratings, scale: Sequence[Rating]) -> float | None:
    """The share of pairs with the same rating."""
    return _defined(_share(_table(ratings, scale), 0))


def adjacent(ratings: Ratings, scale: Sequence[Rating]) -> float | None:
    """The share of pairs that are the same or one step of the scale apart. It hides differences about passing."""
    return _defined(_share(_table(ratings, scale), 1))


def kappa(ratings: Ratings, scale: Sequence[Rating], weights: Weights = Weights.IDENTITY) -> float | None:
    """Cohen's kappa, weighted or not; ``None`` where both raters used one and the same category only."""
    return _defined(_kappa(_table(ratings, scale), weights))


def alpha(ratings: Ratings, scale: Sequence[Rating], measurement: Measurement = Measurement.ORDINAL) -> float | None:
    """Krippendorff's alpha: any number of raters, with gaps; ``None`` where all ratings are the same."""
    counts = _counts(ratings, scale)
    return _defined(_alpha(counts[counts.sum(axis=1) >= 2], scale, measurement))


def gwet(ratings: Ratings, scale: Sequence[Rating], weights: Weights = Weights.IDENTITY) -> float | None:
    """Gwet's AC1 (identity weights) or AC2: any number of raters, with gaps."""
    counts = _counts(ratings, scale)
    return _defined(_ac(counts[counts.sum(axis=1) >= 2], weights))


def severity(given: Sequence[Rating], consensus: Sequence[Rating]) -> float | None:
    """The mean difference of somebody's ratings from the agreed ones: below zero is harsher, above it softer."""
    if len(given) != len(consensus):
        raise ValueError("there must be an agreed rating for each one given")
    return math.fsum(mine - true for mine, true in zip(given, consensus, strict=True)) / len(given) if given else None


# How they are worked out. Not-a-number stands for what is not defined.


def _share(table: Numbers, apart: int) -> float:
    places = np.arange(len(table))
    near = np.abs(places[:, None] - places[None, :]) <= apart
    return float(table[near].sum() / table.sum()) if table.sum() else math.nan


def _kappa(table: Numbers, weights: Weights) -> float:
    total = table.sum()
    if not total:
        return math.nan
    rows, columns = table.sum(axis=1) / total, table.sum(axis=0) / total
    apart = 1 - _weights(len(table), weights)
    expected = float((apart * np.outer(rows, columns)).sum())
    return 1 - float((apart * table / total).sum()) / expected if expected > 0 else math.nan


def _alpha(counts: Numbers, scale: Sequence[Rating], measurement: Measurement) -> float:
    used = counts.sum(axis=0) > 0
    if not len(counts) or used.sum() < 2:
        return math.nan
    values = np.asarray(scale, dtype=np.float64)[used]
    found: Any = krippendorff.alpha(
        value_counts=counts[:, used], value_domain=values, level_of_measurement=measurement.value
    )
    return float(found)


def _ac(counts: Numbers, weights: Weights) -> float:
    if not len(counts):
        return math.nan
    size = counts.shape[1]
    weighed = _weights(size, weights)
    raters = counts.sum(axis=1)
    agreed = (counts * (counts @ weighed - 1)).sum(axis=1) / (raters * (raters - 1))
    prevalence = (counts / raters[:, None]).mean(axis=0)
    if size < 2:
        return math.nan
    by_chance = float(weighed.sum() / (size * (size - 1)) * (prevalence * (1 - prevalence)).sum())
    return float((agreed.mean() - by_chance) / (1 - by_chance))


def _weights(size: int, weights: Weights) -> Numbers:
    places = np.arange(size, dtype=np.float64)
    apart = np.abs(places[:, None] - places[None, :]) / max(size - 1, 1)
    match weights:
        case Weights.IDENTITY:
            return np.eye(size)
        case Weights.LINEAR:
            return 1 - apart
        case Weights.QUADRATIC:
            return 1 - apart**2


def _figure(value: float, drawn: Sequence[float]) -> Figure:
    if math.isnan(value):
        return Figure(undefined=Undefined.ONE_CATEGORY)
    spread = np.asarray([one for one in drawn if not math.isnan(one)])
    if len(spread) * 2 < len(drawn) or not len(
        spread
    ):  # mostly undefined: an interval of the rest would be false comfort
        return Figure(value=value)
    low, high = np.quantile(spread, (0.025, 0.975))
    return Figure(value=value, low=float(low), high=float(high))


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def _places(scale: Sequence[Rating]) -> dict[Rating, int]:
    if not 1 <= len(scale) <= MAX_CATEGORIES or list(scale) != sorted(set(scale)):
        raise ValueError(f"a scale has 1 to {MAX_CATEGORIES} different values, lowest first")
    return {value: place for place, value in enumerate(scale)}


def _place(places: dict[Rating, int], rating: Rating) -> int:
    if rating not in places:
        raise ValueError(f"the rating {rating} is not on the scale")
    return places[rating]


def _table(ratings: Ratings, scale: Sequence[Rating]) -> Numbers:
    """How often the first rating was this one and the second that one."""
    places = _places(scale)
    found = np.zeros((len(scale), len(scale)))
    for unit in ratings:
        if len(unit) >= 2 and (first := unit[0]) is not None and (second := unit[1]) is not None:
            found[_place(places, first), _place(places, second)] += 1
    return found


def _counts(ratings: Ratings, scale: Sequence[Rating]) -> Numbers:
    """How often a unit (row) was given each value of the scale (column)."""
    if len(ratings) > MAX_UNITS:
        raise ValueError(f"at most {MAX_UNITS} units are looked at together")
    places = _places(scale)
    found = np.zeros((len(ratings), len(scale)))
    for row, unit in enumerate(ratings):
        for rating in unit:
            if rating is not None:
                found[row, _place(places, rating)] += 1
    return found
