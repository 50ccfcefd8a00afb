"""Which version of a rule holds on which day."""

from datetime import date

from payroll import a_terms, a_version

from credentials.compensation.model.rules import Standing
from credentials.compensation.rules.versions import standing, version_on


def test_a_version_is_draft_approved_in_force_superseded_or_past_its_sunset() -> None:
    terms = a_terms('"amountCents": 100')
    first = a_version(terms)
    second = a_version(terms, 2, date(2024, 7, 1), date(2025, 7, 1))
    both = [first, second]
    days = [date(2023, 6, 30), date(2023, 7, 1), date(2024, 7, 1), date(2025, 6, 30), date(2025, 7, 1)]
    assert [standing(first, both, day) for day in days] == [
        Standing.APPROVED, Standing.IN_FORCE, Standing.SUPERSEDED, Standing.SUPERSEDED, Standing.SUPERSEDED,
    ]  # fmt: skip
    assert [standing(second, both, day) for day in days[-3:]] == [
        Standing.IN_FORCE,
        Standing.IN_FORCE,
        Standing.SUNSET,
    ]
    assert version_on(both, date(2025, 7, 1)) is None, "a sunset does not bring the version before it back"
