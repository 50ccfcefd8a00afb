"""A period's payments, from values alone."""

from datetime import date, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from payroll import NOW

from credentials.compensation.model.assessment import Assessment
from credentials.compensation.model.claims import Claim
from credentials.compensation.model.runs import PayPeriod
from credentials.compensation.rules.calendar import share_of_year
from credentials.compensation.rules.runs import Owed, pay_run


@given(st.integers(1, 10**9), st.integers(1, 60))
def test_the_shares_of_a_year_are_the_year_to_the_cent(annual: int, periods: int) -> None:
    shares = [share_of_year(annual, number, periods) for number in range(1, periods + 1)]
    assert sum(shares) == annual
    assert max(shares) - min(shares) <= 1


def a_claim(number: int, decided_at: datetime = NOW) -> Claim:
    return Claim(
        id=f"c{number}", organisation_id="district", rule_id="rule", version_id="version-1", educator_id="p",
        award_id=f"a{number}", achievement_id=f"a{number}", title="Practice", covers=(f"a{number}",),
        awarded_on=date(2023, 7, 1), claimed_at=NOW, claimed_on=date(2023, 7, 1), verdict="accept", document_digest="",
        assessment=Assessment(payable=True, year=2023), decided_at=decided_at,
    )  # fmt: skip


def a_calendar() -> list[PayPeriod]:
    start = date(2023, 7, 1)
    return [
        PayPeriod(
            id=f"p{number}", organisation_id="district", year=2023, number=number, of=12,
            starts_on=start + timedelta(days=30 * number - 30), ends_on=start + timedelta(days=30 * number - 1),
            pays_on=start + timedelta(days=30 * number - 1),
        )
        for number in range(1, 13)
    ]  # fmt: skip


@settings(max_examples=60)
@given(st.permutations(range(12)), st.integers(1, 10**6), st.integers(0, 13))
def test_base_pay_comes_to_the_year_whatever_the_order_of_exports_and_the_day_of_the_decision(
    order: list[int], annual: int, decided_after: int
) -> None:
    """A decision that reaches back to exported periods is caught up once, and no share is ever paid twice."""
    calendar = a_calendar()
    paid: dict[str, int] = {}
    decided_at = None
    for done, place in enumerate([*order, *order]):
        if done == decided_after:
            decided_at = NOW + timedelta(days=done, hours=1)
        if calendar[place].exported_at is None:
            moment = NOW + timedelta(days=done + 1)
            if decided_at is not None:
                one = Owed(
                    claim=a_claim(1, decided_at), rule_slug="rule", rule_version=1, name="Ada", employee_number="",
                    raises=((date(2023, 7, 1), annual),),
                    paid=frozenset(period.id for period in calendar if period.label in paid),
                )  # fmt: skip
                for line in pay_run("District", calendar[place], calendar, [one]).lines:
                    assert line.for_period not in paid
                    paid[line.for_period] = line.amount_cents
            calendar[place] = msgspec.structs.replace(calendar[place], exported_at=moment)
    assert sum(paid.values()) <= annual
    if decided_after == 0:
        assert sum(paid.values()) == annual


def test_what_waits_for_a_case_or_for_somebody_who_left_is_left_out_and_named() -> None:
    period = a_calendar()[0]
    common = {"rule_slug": "rule", "rule_version": 1, "name": "Ada", "employee_number": ""}
    held = Owed(claim=a_claim(1), stipend=100, has_open_case=True, **common)
    left = Owed(claim=a_claim(2), raises=((date(2023, 7, 1), 1200),), is_member=False, **common)
    run = pay_run("District", period, [period], [held, left])
    assert run.lines == ()
    assert [(one.claim_id, one.amount_cents) for one in run.left_out] == [("c1", 100), ("c2", 100)]
