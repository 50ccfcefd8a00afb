"""What pay decides from values alone."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.awards.model import AwardKind, AwardState
from credentials.compensation import rules
from credentials.compensation.model import (
    Account,
    Assessment,
    Basis,
    Claim,
    Code,
    Conversion,
    PayKind,
    PayLine,
    PayLineKind,
    PayPeriod,
    PayRule,
    PayRuleVersion,
    PayRun,
    RoundingMode,
    Standing,
    Terms,
    TermsRefused,
    VersionState,
)
from credentials.spreadsheets import neutral

NOW = datetime(2023, 6, 1, 12, 0, tzinfo=UTC)


def a_rule(kind: PayKind = PayKind.STIPEND, **changed: object) -> PayRule:
    whole = PayRule(
        id="rule", organisation_id="district", slug="rule", title="Rule", kind=kind, basis=Basis.AWARD_DATE,
        time_zone="UTC", created_at=NOW, author_id="officer",
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changed)


def a_version(
    terms: Terms, number: int = 1, begins: date = date(2023, 7, 1), until: date | None = None
) -> PayRuleVersion:
    return PayRuleVersion(
        id=f"version-{number}", rule_id="rule", number=number, terms=terms, state=VersionState.APPROVED,
        author_id="officer", created_at=NOW, effective_from=begins, effective_to=until,
    )  # fmt: skip


def a_terms(text: str) -> Terms:
    return rules.read_terms(b'{"words": "As written.", ' + text.encode() + b"}")


def some_facts(**changed: object) -> rules.Facts:
    day = date(2023, 10, 2)
    whole = rules.Facts(
        state=AwardState.ACTIVE, is_current=True, kind=AwardKind.MICRO_CREDENTIAL, achievement_id="a", issuer_id="alder",
        covers=("a",), awarded_on=day, claimed_on=day, today=day, is_member=True,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changed)


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
        rules.check_terms(PayKind.STIPEND, a_terms(text))
    assert place in [fault.pointer for fault in refused.value.faults]


def test_lanes_do_not_lead_back_and_dates_stand_in_the_order_of_the_school_year() -> None:
    step = '{"lane": "%s", "to": "%s", "creditHundredths": 1}'
    terms = a_terms(f'"pointHundredths": 1, "ladder": [{step % ("BA", "MA")}, {step % ("MA", "BA")}]')
    assert [fault.pointer for fault in rules.faults_of(PayKind.POINTS_TO_LANE, terms)] == ["/ladder/1/to"]
    lane = '{"approvedBy": "%s", "effectiveOn": "07-01", "share": ""}'
    terms = a_terms(f'"pointHundredths": 1, "laneDates": [{lane % "02-01"}, {lane % "09-01"}]')
    assert [fault.pointer for fault in rules.faults_of(PayKind.POINTS_TO_LANE, terms)] == ["/laneDates/1/approvedBy"]


def test_a_version_is_draft_approved_in_force_superseded_or_past_its_sunset() -> None:
    terms = a_terms('"amountCents": 100')
    first = a_version(terms)
    second = a_version(terms, 2, date(2024, 7, 1), date(2025, 7, 1))
    both = [first, second]
    days = [date(2023, 6, 30), date(2023, 7, 1), date(2024, 7, 1), date(2025, 6, 30), date(2025, 7, 1)]
    assert [rules.standing(first, both, day) for day in days] == [
        Standing.APPROVED, Standing.IN_FORCE, Standing.SUPERSEDED, Standing.SUPERSEDED, Standing.SUPERSEDED,
    ]  # fmt: skip
    assert [rules.standing(second, both, day) for day in days[-3:]] == [
        Standing.IN_FORCE,
        Standing.IN_FORCE,
        Standing.SUNSET,
    ]
    assert rules.version_on(both, date(2025, 7, 1)) is None, "a sunset does not bring the version before it back"


def test_everything_that_bars_a_claim_is_named_each_with_a_sentence() -> None:
    terms = a_terms(
        '"amountCents": 100, "evidenceWithinDays": 90, "priorApproval": true, "accepts": {"issuers": ["elsewhere"],'
        ' "tags": ["advanced"], "achievements": ["b"]}, "caps": {"count": 1}'
    )
    facts = some_facts(
        state=AwardState.REVOKED, is_member=False, awarded_on=date(2023, 7, 2), claimed_on=date(2023, 10, 2)
    )
    found = rules.assess(a_rule(), a_version(terms), facts, rules.History(count=1))
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
    assert (
        rules.to_credits(Conversion(hours=10, hours_per_credit=15, rounding=mode, to_hundredths=part), 10) == expected
    )


@given(st.integers(1, 200), st.integers(1, 50), st.sampled_from(RoundingMode), st.sampled_from((1, 5, 10, 25, 50, 100)))
def test_rounding_never_adds_up(hours: int, awards: int, mode: RoundingMode, part: int) -> None:
    terms = Terms(words="x", conversion=Conversion(hours=hours, hours_per_credit=15, rounding=mode, to_hundredths=part))
    rule, version = a_rule(PayKind.HOURS_TO_CREDITS), a_version(terms)
    total, so_far = 0, 0
    for _ in range(awards):
        found = rules.assess(rule, version, some_facts(), rules.History(hours=so_far))
        assert found.payable
        total += found.amount(Account.CREDITS)
        so_far += found.hours
    assert abs(total * 15 - so_far * 100) < 15 * part + 15


@given(st.integers(1, 10**9), st.integers(1, 60))
def test_the_shares_of_a_year_are_the_year_to_the_cent(annual: int, periods: int) -> None:
    shares = [rules.share_of_year(annual, number, periods) for number in range(1, periods + 1)]
    assert sum(shares) == annual
    assert max(shares) - min(shares) <= 1


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 500)), max_size=12),
    st.integers(0, 2_000),
    st.one_of(st.none(), st.integers(0, 800)),
)
def test_released_amounts_exceed_neither_the_funds_nor_a_cap_nor_what_waits(
    waiting: list[tuple[str, int]], funds: int, cap: int | None
) -> None:
    queue = [rules.Waiting(claim_id=str(n), educator_id=who, cents=cents) for n, (who, cents) in enumerate(waiting)]
    released = rules.release(queue, funds, cap, {"A": 100})
    assert sum(amount for _, amount in released) <= funds
    assert all(0 < amount <= one.cents for one, amount in released)
    given_ = Counter({"A": 100})
    for one, amount in released:
        given_[one.educator_id] += amount
    if cap is not None:
        assert all(amount <= max(cap, 100 if who == "A" else 0) for who, amount in given_.items())


# The export


def a_line(**changed: object) -> PayLine:
    whole = PayLine(
        educator_id="p", employee_number="0042", name="Ada", rule="rule", rule_version=1, kind=PayLineKind.STIPEND,
        title="Practice", award_id="a", claim_id="c", for_period="2023-24/04", amount_cents=12_345,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changed)


def a_run(*lines: PayLine) -> PayRun:
    day = date(2023, 10, 31)
    return PayRun(
        organisation="District", period="2023-24/04", starts_on=day, ends_on=day, pays_on=day, lines=lines,
        total_cents=sum(line.amount_cents for line in lines),
    )  # fmt: skip


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("http://x")')


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_person_begins_a_formula_in_the_csv(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(rules.run_csv(a_run(a_line(name=text, title=text))).decode(), newline=""))
    assert row["name"].startswith("'")
    assert row["title"].startswith("'")


@given(st.text(max_size=40))
def test_a_cell_of_text_is_one_line_and_begins_no_formula(text: str) -> None:
    cell = neutral(text)
    assert len(cell.splitlines()) <= 1
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


def test_amounts_are_bare_numbers_and_texts_are_in_quotes() -> None:
    line = rules.run_csv(a_run(a_line(amount_cents=5))).decode().splitlines()[1]
    assert '"0042","Ada","rule",1,"stipend","2023-24/04",0.05,"USD"' in line


# Runs


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
                one = rules.Owed(
                    claim=a_claim(1, decided_at), rule_slug="rule", rule_version=1, name="Ada", employee_number="",
                    raises=((date(2023, 7, 1), annual),),
                    paid=frozenset(period.id for period in calendar if period.label in paid),
                )  # fmt: skip
                for line in rules.pay_run("District", calendar[place], calendar, [one]).lines:
                    assert line.for_period not in paid
                    paid[line.for_period] = line.amount_cents
            calendar[place] = msgspec.structs.replace(calendar[place], exported_at=moment)
    assert sum(paid.values()) <= annual
    if decided_after == 0:
        assert sum(paid.values()) == annual


def test_what_waits_for_a_case_or_for_somebody_who_left_is_left_out_and_named() -> None:
    period = a_calendar()[0]
    common = {"rule_slug": "rule", "rule_version": 1, "name": "Ada", "employee_number": ""}
    held = rules.Owed(claim=a_claim(1), stipend=100, has_open_case=True, **common)
    left = rules.Owed(claim=a_claim(2), raises=((date(2023, 7, 1), 1200),), is_member=False, **common)
    run = rules.pay_run("District", period, [period], [held, left])
    assert run.lines == ()
    assert [(one.claim_id, one.amount_cents) for one in run.left_out] == [("c1", 100), ("c2", 100)]
