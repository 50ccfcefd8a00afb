"""A mistake in the terms of a rule is named with its place."""

import pytest
from payroll import a_terms

from credentials.compensation.model.failures import TermsRefused
from credentials.compensation.model.rules import PayKind
from credentials.compensation.rules.terms import check_terms, faults_of


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('"amountCents": 1.5', "/amountCents"),
        ('"amountCents": 0', "/amountCents"),
        ('"amountCents": 100, "colour": "red"', ""),
        ('"amountCents": 100, "caps": {"count": "3"}', "/caps/count"),
        ('"amountCents": 100, "payDates": [{"cutOff": "12-29", "pays": "soon"}]', "/payDates/0/pays"),
        ('"amountCents": 100, "payDates": [{"cutOff": "02-29", "pays": "06-30"}]', "/payDates/0/cutOff"),
        ('"pointHundredths": 100', "/amountCents"),
        ('"amountCents": 100, "conversion": {"hours": 1, "hoursPerCredit": 1, "rounding": "up"}', "/conversion"),
        ('"amountCents": 100, "ladder": [{"lane": "BA", "to": "MA", "creditHundredths": 1}]', "/ladder"),
        ('"amountCents": 100, "caps": {"carryOver": "if_funded"}', "/caps/carryOver"),
        ('"amountCents": 1, "amounts": [{"achievement": "a", "amountCents": 1}, {"achievement": "a", "amountCents": 2}]',
         "/amounts/1/achievement"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_rule_is_named_with_its_path(text: str, place: str) -> None:
    with pytest.raises(TermsRefused) as refused:
        check_terms(PayKind.STIPEND, a_terms(text))
    assert place in [fault.pointer for fault in refused.value.faults]


def test_lanes_do_not_lead_back_and_dates_stand_in_the_order_of_the_school_year() -> None:
    step = '{"lane": "%s", "to": "%s", "creditHundredths": 1}'
    terms = a_terms(f'"pointHundredths": 1, "ladder": [{step % ("BA", "MA")}, {step % ("MA", "BA")}]')
    assert [fault.pointer for fault in faults_of(PayKind.POINTS_TO_LANE, terms)] == ["/ladder/1/to"]
    lane = '{"approvedBy": "%s", "effectiveOn": "07-01", "share": ""}'
    terms = a_terms(f'"pointHundredths": 1, "laneDates": [{lane % "02-01"}, {lane % "09-01"}]')
    assert [fault.pointer for fault in faults_of(PayKind.POINTS_TO_LANE, terms)] == ["/laneDates/1/approvedBy"]
