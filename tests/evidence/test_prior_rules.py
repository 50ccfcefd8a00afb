"""When evidence of earlier years can be handed in, from values alone."""

import json
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from builders import ATTESTED, a_specification
from hypothesis import given
from hypothesis import strategies as st

from credentials.catalog.model import Programme
from credentials.errors import Malformed
from credentials.evidence import rules
from credentials.evidence.model import Attested, Capacity, Hidden, Manifest, NotReady, PriorPractice

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
ACCOUNT = "A reading circle that I led for two years."


def told(began: date, **changed: Any) -> PriorPractice:
    values: dict[str, Any] = {
        "submission_id": "s",
        "began_on": began,
        "ended_on": date(2025, 6, 30),
        "account": ACCOUNT,
        "capacity": Capacity.SUPERVISOR,
        "witness_id": "w",
        "asked_at": NOW,
        "attested": Attested.CONFIRMED,
        "answered_at": NOW,
    }
    return PriorPractice(**{**values, **changed})


def codes(programme: Programme, prior: PriorPractice | None, since: date | None = None) -> set[str]:
    """What stands in the way, besides the evidence itself."""
    said = msgspec.structs.replace(ATTESTED, practised_from=since)
    specification = a_specification(programme=programme, evidence=())
    try:
        rules.check_ready(specification, said, [], Hidden(name="Marta Núñez"), prior, NOW)
    except NotReady as refused:
        return {fault.code for fault in refused.faults}
    return set()


WINDOW = Programme(practice_months=24)
BOTH = Programme(practice_months=24, prior_learning=True, prior_months=60)


@pytest.mark.parametrize(
    ("programme", "prior", "since", "expected"),
    [
        (Programme(), None, None, set()),
        (WINDOW, None, None, {"practice-undated"}),
        (WINDOW, None, date(2026, 9, 2), {"practice-undated"}),
        (WINDOW, None, date(2024, 9, 1), set()),
        (WINDOW, None, date(2024, 8, 31), {"practice-too-old"}),
        (BOTH, None, date(2024, 8, 31), {"practice-too-old"}),
        (BOTH, told(date(2021, 9, 1)), None, set()),
        (BOTH, told(date(2021, 8, 31)), None, {"practice-too-old"}),
        (Programme(prior_learning=True), told(date(1999, 9, 1)), None, set()),
        (WINDOW, told(date(2024, 9, 1)), None, {"prior-learning-not-taken"}),
        (BOTH, told(date(2023, 9, 1), attested=Attested.ASKED), None, {"practice-not-attested"}),
        (BOTH, told(date(2023, 9, 1), attested=Attested.DECLINED), None, {"practice-not-attested"}),
        (BOTH, told(date(2023, 9, 1), account="Ms Nunez led it."), None, {"name-shown"}),
    ],
)
def test_earlier_practice_counts_only_where_the_programme_takes_it_dated_attested_and_not_too_old(
    programme: Programme, prior: PriorPractice | None, since: date | None, expected: set[str]
) -> None:
    assert codes(programme, prior, since) == expected


@pytest.mark.parametrize(
    ("began", "ended", "account"),
    [
        (date(2025, 2, 1), date(2025, 1, 31), ACCOUNT),
        (date(2025, 2, 1), date(2026, 9, 2), ACCOUNT),
        (date(2025, 1, 1), date(2025, 2, 1), " "),
    ],
)
def test_practice_has_a_first_and_a_last_day_that_are_past_and_is_told(began: date, ended: date, account: str) -> None:
    with pytest.raises(Malformed):
        rules.check_prior(began, ended, account, NOW)


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(1, 600))
def test_months_before_is_a_day_that_is_so_many_months_earlier(day: date, months: int) -> None:
    before = rules.months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day == day.day or (before.day < day.day and before.day >= 28)


def test_a_manifest_from_before_there_was_prior_learning_is_read_as_one_without() -> None:
    older = {
        "submission": "s",
        "version": "v",
        "versionDigest": "d",
        "attemptNo": 1,
        "attestations": {"ownWork": True},
        "artifacts": [],
        "frozenAt": "2026-01-01T00:00:00Z",
    }
    assert msgspec.json.decode(json.dumps(older), type=Manifest).prior is None
