"""What a rule gives for a claim, from values alone."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from payroll import NOW, a_terms, a_version

from credentials.awards.model import AwardKind, AwardState
from credentials.compensation.model.ledger import Account
from credentials.compensation.model.reasons import Code
from credentials.compensation.model.rules import Basis, PayKind, PayRule
from credentials.compensation.model.terms import Conversion, RoundingMode, Terms
from credentials.compensation.rules.assessment import assess
from credentials.compensation.rules.facts import Facts, History
from credentials.compensation.rules.lanes import to_credits


def a_rule(kind: PayKind = PayKind.STIPEND, **changed: object) -> PayRule:
    whole = PayRule(
        id="rule", organisation_id="district", slug="rule", title="Rule", kind=kind, basis=Basis.AWARD_DATE,
        time_zone="UTC", created_at=NOW, author_id="officer",
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changed)


def some_facts(**changed: object) -> Facts:
    day = date(2023, 10, 2)
    whole = Facts(
        state=AwardState.ACTIVE, is_current=True, kind=AwardKind.MICRO_CREDENTIAL, achievement_id="a", issuer_id="alder",
        covers=("a",), awarded_on=day, claimed_on=day, today=day, is_member=True,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changed)


def test_everything_that_bars_a_claim_is_named_each_with_a_sentence() -> None:
    terms = a_terms(
        '"amountCents": 100, "evidenceWithinDays": 90, "priorApproval": true, "accepts": {"issuers": ["elsewhere"],'
        ' "tags": ["advanced"], "achievements": ["b"]}, "caps": {"count": 1}'
    )
    facts = some_facts(
        state=AwardState.REVOKED, is_member=False, awarded_on=date(2023, 7, 2), claimed_on=date(2023, 10, 2)
    )
    found = assess(a_rule(), a_version(terms), facts, History(count=1))
    assert [reason.code for reason in found.reasons] == [
        Code.REVOKED, Code.NOT_ACCEPTED, Code.ISSUER_NOT_ACCEPTED, Code.LEVEL_NOT_ACCEPTED, Code.ROLE_NOT_ELIGIBLE,
        Code.NOT_PREAPPROVED, Code.LATE, Code.CAP_EXCEEDED,
    ]  # fmt: skip
    assert all(reason.text.endswith(".") and len(reason.text) > 20 for reason in found.reasons)
    assert (found.payable, found.entries) == (False, ())


@pytest.mark.parametrize(
    ("mode", "part", "expected"),
    [
        (RoundingMode.DOWN, 1, 66),
        (RoundingMode.NEAREST, 1, 67),
        (RoundingMode.UP, 1, 67),
        (RoundingMode.DOWN, 50, 50),
        (RoundingMode.NEAREST, 50, 50),
        (RoundingMode.UP, 50, 100),
        (RoundingMode.DOWN, 100, 0),
    ],
)
def test_ten_hours_at_fifteen_to_the_credit_by_every_way_of_rounding(
    mode: RoundingMode, part: int, expected: int
) -> None:
    assert to_credits(Conversion(hours=10, hours_per_credit=15, rounding=mode, to_hundredths=part), 10) == expected


@given(st.integers(1, 200), st.integers(1, 50), st.sampled_from(RoundingMode), st.sampled_from((1, 5, 10, 25, 50, 100)))
def test_rounding_never_adds_up(hours: int, awards: int, mode: RoundingMode, part: int) -> None:
    terms = Terms(words="x", conversion=Conversion(hours=hours, hours_per_credit=15, rounding=mode, to_hundredths=part))
    rule, version = a_rule(PayKind.HOURS_TO_CREDITS), a_version(terms)
    total, so_far = 0, 0
    for _ in range(awards):
        found = assess(rule, version, some_facts(), History(hours=so_far))
        assert found.payable
        total += found.amount(Account.CREDITS)
        so_far += found.hours
    assert abs(total * 15 - so_far * 100) < 15 * part + 15
