"""The pay scenarios C01 to C15 of the domain notes (section 7.3), over HTTP: each test is its sentence."""

from typing import Any

import msgspec
import pytest
from payroll import PayOffice, codes, granted, noon

from credentials.audit import service as audit

STIPEND_200 = {
    "amountCents": 20_000,
    "caps": {"count": 8},
    "eligible": {"positions": ["teacher"], "bands": ["5", "6"]},
}


async def test_c01_ten_awards_in_a_year_pay_eight_times_200_dollars_and_two_are_over_the_cap(office: PayOffice) -> None:
    rule = await office.rule("stipend", STIPEND_200)
    await office.place("teacher", "teacher")
    office.now(noon(2023, 10, 2))
    awards = [await office.award("teacher", f"Practice {number}") for number in range(10)]
    claims = [await office.claim("teacher", rule, award) for award in awards]
    for claim in claims[:8]:
        assert granted(await office.approve_claim(claim), "stipend") == 20_000
    for claim in claims[8:]:
        refused = await office.approve_claim(claim, status=409)
        assert codes(refused) == ["CAP_EXCEEDED"]
        assert "8 awards in a school year" in refused["detail"]
        asked = {"approve": False, "reason": "Eight are paid in a year."}
        decided = await office.ask("officer", "POST", f"/pay-claims/{claim['id']}/decision", asked)
        assert (decided["state"], codes(decided)) == ("refused", ["CAP_EXCEEDED"])
    assert await office.balance("teacher", "stipend") == 160_000


async def test_c02_an_administrator_outside_bands_5_and_6_is_paid_nothing_for_three_awards(office: PayOffice) -> None:
    rule = await office.rule("stipend", STIPEND_200)
    await office.place("teacher", "district administrator", band="8")
    office.now(noon(2023, 10, 2))
    for number in range(3):
        claim = await office.claim("teacher", rule, await office.award("teacher", f"Practice {number}"))
        assert (granted(claim, "stipend"), codes(claim)) == (0, ["ROLE_NOT_ELIGIBLE"])
        assert codes(await office.approve_claim(claim, status=409)) == ["ROLE_NOT_ELIGIBLE"]
    assert await office.ledger("teacher") == []


async def test_c02_somebody_in_band_6_is_paid_and_somebody_unrecorded_is_told_what_is_missing(
    office: PayOffice,
) -> None:
    rule = await office.rule("stipend", STIPEND_200)
    await office.place("teacher", "district administrator", band="6")
    office.now(noon(2023, 10, 2))
    assert granted(await office.paid("teacher", rule), "stipend") == 20_000
    claim = await office.claim("colleague", rule, await office.award("colleague", "Practice"))
    assert codes(claim) == ["FACT_MISSING"]


CARRIED = {
    "amountCents": 13_000,
    "caps": {"amountCents": 50_000, "carryOver": "if_funded"},
    "payDates": [{"cutOff": "12-29", "pays": "01-31"}, {"cutOff": "05-31", "pays": "06-30"}],
}


async def test_c03_of_650_dollars_500_are_owed_now_and_150_are_carried_until_there_are_funds(office: PayOffice) -> None:
    rule = await office.rule("stipend", CARRIED)
    office.now(noon(2023, 10, 2))
    claims = [await office.paid("teacher", rule, f"Practice {number}") for number in range(5)]
    assert [granted(claim, "stipend") for claim in claims] == [13_000, 13_000, 13_000, 11_000, 0]
    assert [granted(claim, "carried") for claim in claims] == [0, 0, 0, 2_000, 13_000]
    assert codes(claims[4]) == ["CAP_EXCEEDED"]
    release = f"/pay-rules/{rule['id']}/releases"
    funds = {"fundsCents": 1_000_000, "reason": "the board set funds aside"}
    assert await office.ask("officer", "POST", release, funds, status=201) == []  # not in the same year
    office.now(noon(2024, 9, 2))
    assert await office.balance("teacher", "carried") == 15_000
    limited = {"fundsCents": 9_000, "reason": "the board set 90 dollars aside"}
    released = await office.ask("officer", "POST", release, limited, status=201)
    assert [posting["entries"][0]["amount"] for posting in released] == [2_000, 7_000]  # the oldest first
    assert await office.balance("teacher", "carried") == 6_000
    assert await office.balance("teacher", "stipend") == 59_000


@pytest.mark.parametrize(
    ("day", "month", "warrant"), [(29, 12, "2024-01-31"), (30, 12, "2024-06-30")], ids=["29-december", "30-december"]
)
async def test_c04_submitted_by_29_december_is_paid_in_january_and_a_day_later_in_june(
    office: PayOffice, day: int, month: int, warrant: str
) -> None:
    rule = await office.rule("stipend", CARRIED, timeZone="America/Los_Angeles")
    office.now(noon(2023, 12, 1))
    award = await office.award("teacher", "Practice")
    office.now(noon(2023, month, day).replace(hour=23))  # afternoon in California: the same day there
    claim = await office.approve_claim(await office.claim("teacher", rule, award))
    assert [entry["dueOn"] for entry in claim["assessment"]["entries"] if entry["dueOn"]] == [warrant]


async def test_c04_the_cut_off_is_the_districts_midnight_and_not_the_servers(office: PayOffice) -> None:
    rule = await office.rule("stipend", CARRIED, timeZone="America/Los_Angeles")
    office.now(noon(2023, 12, 1))
    award = await office.award("teacher", "Practice")
    office.now(noon(2023, 12, 30).replace(hour=7))  # eleven in the evening of the 29th in California
    claim = await office.claim("teacher", rule, award)
    assert claim["assessment"]["entries"][0]["dueOn"] == "2024-01-31"


CREDITS = {
    "conversion": {"hours": 15, "hoursPerCredit": 15, "rounding": "down"},
    "priorApproval": True,
    "evidenceWithinDays": 90,
    "ladder": [
        {"lane": "BA", "to": "MA", "creditHundredths": 3_600, "raiseCents": 240_000},
        {"lane": "MA", "to": "MA+15", "creditHundredths": 1_500},
    ],
    "laneDates": [
        {"approvedBy": "09-01", "effectiveOn": "07-01", "share": "full year"},
        {"approvedBy": "02-01", "effectiveOn": "02-01", "share": "half year"},
    ],
}


async def plan(office: PayOffice, rule: Any, slug: str = "feedback", who: str = "teacher") -> str:
    """A micro-credential of the catalogue that somebody planned, and the officer approved."""
    entry = await office.world.publish(slug=slug)
    asked = {"ruleId": rule["id"], "achievementId": entry.micro_credential.id}
    requested = await office.ask(who, "POST", "/pay-plans", asked, status=201)
    assert requested["state"] == "requested"
    await office.ask("officer", "POST", f"/pay-plans/{requested['id']}/decision", {"approve": True})
    return entry.micro_credential.id


async def test_c05_without_prior_approval_there_is_no_salary_credit(office: PayOffice) -> None:
    rule = await office.rule("hours_to_credits", CREDITS)
    office.now(noon(2023, 10, 2))
    claim = await office.claim("teacher", rule, await office.award("teacher", "Practice"))
    assert codes(await office.approve_claim(claim, status=409)) == ["NOT_PREAPPROVED"]
    assert await office.balance("teacher", "credits") == 0


async def test_c05_a_plan_approved_after_the_award_does_not_help(office: PayOffice) -> None:
    rule = await office.rule("hours_to_credits", CREDITS)
    office.now(noon(2023, 10, 2))
    entry = await office.world.publish()
    award = await office.award("teacher", "Practice", achievement_id=entry.micro_credential.id)
    office.now(noon(2023, 10, 3))
    asked = {"ruleId": rule["id"], "achievementId": entry.micro_credential.id}
    requested = await office.ask("teacher", "POST", "/pay-plans", asked, status=201)
    await office.ask("officer", "POST", f"/pay-plans/{requested['id']}/decision", {"approve": True})
    claim = await office.claim("teacher", rule, award)
    assert codes(claim) == ["NOT_PREAPPROVED"]


@pytest.mark.parametrize(("days", "expected"), [(90, ["GRANTED", "FACT_MISSING"]), (91, ["LATE"])])
async def test_c06_evidence_91_days_after_the_proof_is_late_and_90_days_after_is_not(
    office: PayOffice, days: int, expected: list[str]
) -> None:
    rule = await office.rule("hours_to_credits", CREDITS)
    office.now(noon(2023, 9, 1))
    planned = await plan(office, rule)
    award = await office.award("teacher", "Practice", achievement_id=planned)
    office.world.clock.advance(days=days)
    claim = await office.claim("teacher", rule, award)
    assert codes(claim) == expected
    if expected == ["LATE"]:
        assert codes(await office.approve_claim(claim, status=409)) == ["LATE"]


async def test_c07_the_36th_credit_moves_from_lane_ba_to_ma(office: PayOffice) -> None:
    rule = await office.rule("hours_to_credits", CREDITS)
    await office.place("teacher", "teacher", lane="BA", creditHundredths=3_500)
    office.now(noon(2023, 8, 21))
    planned = await plan(office, rule)
    claim = await office.paid("teacher", rule, achievement_id=planned)
    assert granted(claim, "credits") == 100
    path = f"/organisations/{office.district}/pay-placements/{office.person('teacher')}"
    now = await office.ask("teacher", "GET", path)
    assert (now["lane"], now["creditHundredths"], now["share"]) == ("MA", 0, "full year")
    assert granted(claim, "salary_base") == 240_000


@pytest.mark.parametrize(("awards", "hundredths"), [(1, 66), (2, 133), (3, 200)])
async def test_c08_three_awards_of_ten_hours_are_30_hours_and_two_college_credits(
    office: PayOffice, awards: int, hundredths: int
) -> None:
    conversion = {"hours": 10, "hoursPerCredit": 15, "rounding": "down"}
    rule = await office.rule("hours_to_credits", {"conversion": conversion})
    office.now(noon(2023, 10, 2))
    for number in range(awards):
        await office.paid("teacher", rule, f"Practice {number}")
    assert await office.balance("teacher", "credits") == hundredths


@pytest.mark.parametrize(
    ("year", "month", "day", "effective", "share"),
    [
        (2023, 9, 1, "2023-07-01", "full year"),
        (2024, 2, 1, "2024-02-01", "half year"),
        (2024, 2, 2, "2024-07-01", "full year of the next year"),
    ],
    ids=["1-september", "1-february", "2-february"],
)
async def test_c09_approved_by_1_september_counts_a_full_year_by_1_february_half_and_then_the_next(
    office: PayOffice, year: int, month: int, day: int, effective: str, share: str
) -> None:
    rule = await office.rule("points_to_lane", {
        "pointHundredths": 100,
        "ladder": CREDITS["ladder"],
        "laneDates": CREDITS["laneDates"],
    })  # fmt: skip
    await office.place("teacher", "teacher", lane="BA", creditHundredths=3_500)
    office.now(noon(2023, 8, 1))
    award = await office.award("teacher", "Practice")
    claim = await office.claim("teacher", rule, award)
    office.now(noon(year, month, day))
    decided = await office.approve_claim(claim)
    (move,) = decided["assessment"]["moves"]
    assert (move["lane"], move["to"], move["effectiveOn"], move["share"]) == ("BA", "MA", effective, share)


async def test_c10_after_a_stipend_salary_credit_for_the_same_course_is_refused(office: PayOffice) -> None:
    stipend = await office.rule("stipend", {"amountCents": 15_000}, "stipend")
    credit = await office.rule("points_to_lane", {"pointHundredths": 100, "exclusive": True}, "credit")
    office.now(noon(2023, 10, 2))
    award = await office.award("teacher", "Practice")
    await office.approve_claim(await office.claim("teacher", stipend, award))
    claim = await office.claim("teacher", credit, award)
    assert codes(await office.approve_claim(claim, status=409)) == ["ALREADY_COMPENSATED"]
    again = await office.award("teacher", "Practice", achievement_id=award.achievement_id)
    once_more = await office.claim("teacher", stipend, again)
    assert codes(await office.approve_claim(once_more, status=409)) == ["ALREADY_COMPENSATED"]
    assert await office.balance("teacher", "credits") == 0


async def test_c11_base_pay_rises_and_stays_in_the_second_year(office: PayOffice) -> None:
    rule = await office.rule("base_building", {"amountCents": 30_000, "caps": {"count": 3}})
    first, second = await office.calendar(2023, 4), await office.calendar(2024, 4)
    office.now(noon(2023, 7, 1))
    await office.paid("teacher", rule)
    for period in (*first, *second):
        office.now(noon(*map(int, period["endsOn"].split("-"))))
        await office.export(period)
    runs = [await office.run(period) for period in (*first, *second)]
    assert [run["totalCents"] for run in runs] == [7_500] * 8
    assert {line["kind"] for run in runs for line in run["lines"]} == {"base"}
    assert await office.balance("teacher", "salary_base") == 30_000
    assert await office.balance("teacher", "paid") == 60_000


async def test_c12_a_revoked_award_opens_a_case_and_claws_nothing_back_by_itself(office: PayOffice) -> None:
    steps = [{"lane": "BA", "to": "Master's equivalent", "creditHundredths": 3_000, "raiseCents": 300_000}]
    rule = await office.rule("points_to_lane", {"pointHundredths": 100, "ladder": steps})
    await office.place("teacher", "teacher", lane="BA", creditHundredths=2_900)
    office.now(noon(2023, 10, 2))
    award = await office.award("teacher", "The thirtieth")
    claim = await office.approve_claim(await office.claim("teacher", rule, award))
    before = await office.ledger("teacher")
    await office.revoke(award)
    (case,) = (await office.ask("officer", "GET", f"/organisations/{office.district}/pay-cases"))["items"]
    assert (case["claimId"], case["awardState"], case["state"]) == (claim["id"], "revoked", "open")
    assert await office.ledger("teacher") == before
    path = f"/organisations/{office.district}/pay-placements/{office.person('teacher')}"
    assert (await office.ask("officer", "GET", path))["lane"] == "Master's equivalent"
    entries = await office.world.see(audit.about, f"pay-claim:{claim['id']}")
    assert [entry.action for entry in entries] == ["pay.claimed", "pay.approved", "pay-case.opened"]
    asked = {"outcome": "end", "reason": "The panel found that the work was copied."}
    await office.ask("officer", "POST", f"/pay-cases/{case['id']}/decision", asked)
    *kept, reversal = await office.ledger("teacher")
    assert kept == before  # written is written: a reversal comes behind
    assert (reversal["purpose"], reversal["reason"]) == ("reversal", asked["reason"])
    assert await office.balance("teacher", "salary_base") == 0
    assert await office.balance("teacher", "credits") == 0


async def test_c13_of_twelve_graduate_credits_nine_are_accepted_into_the_degree(office: PayOffice) -> None:
    await office.another("northfield")
    rule = await office.rule(
        "points_to_lane",
        {
            "pointHundredths": 100,
            "eligible": {"membersOnly": False},
            "acceptance": {"programme": "Master of Education", "maximumHundredths": 900},
        },
        organisation="northfield",
    )
    office.now(noon(2023, 10, 2))
    decided = []
    for number in range(12):
        claim = await office.claim("teacher", rule, await office.award("teacher", f"Practice {number}"))
        decided.append(await office.approve_claim(claim, who="northfield-officer"))
    assert sum(granted(claim, "credits") for claim in decided) == 900
    assert sum(granted(claim, "credits_over") for claim in decided) == 300
    assert [codes(claim) for claim in decided[8:10]] == [["GRANTED"], ["CAP_EXCEEDED"]]


async def test_c14_an_award_of_20_june_is_paid_by_the_version_that_was_in_force_then(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 10_000}, begins="2023-06-02")
    office.now(noon(2023, 6, 9))
    asked = {"terms": {"words": "The new contract.", "amountCents": 25_000}}
    second = await office.ask("officer", "POST", f"/pay-rules/{rule['id']}/versions", asked, status=201)
    office.now(noon(2023, 6, 10))
    await office.approve(second["versions"][-1]["id"], "2023-07-01")
    office.now(noon(2023, 6, 20))
    june = await office.award("teacher", "In June")
    office.now(noon(2023, 7, 5))
    july = await office.award("teacher", "In July")
    claims = [await office.approve_claim(await office.claim("teacher", rule, award)) for award in (june, july)]
    assert [granted(claim, "stipend") for claim in claims] == [10_000, 25_000]
    assert [claim["versionId"] for claim in claims] == [version["id"] for version in second["versions"]]


async def test_c14_no_version_begins_on_a_day_that_is_over_or_changes_once_approved(office: PayOffice) -> None:
    drafted = await office.draft("stipend", {"amountCents": 10_000})
    (version,) = drafted["versions"]
    for begins in ("2023-05-01", "2023-06-01"):
        problem = await office.approve(version["id"], begins, status=400)
        assert [error["pointer"] for error in problem["errors"]] == ["/effectiveFrom"]
    board = {"kind": "board", "body": "Board", "on": "2023-05-30", "reference": "minutes"}
    problem = await office.approve(version["id"], "2023-07-01", status=400, records=[board])
    assert problem["errors"][0]["pointer"] == "/approval/withoutBargainingBecause"
    approved = {"effectiveFrom": "2023-07-01", "approval": {"records": [board], "withoutBargainingBecause": "None."}}
    path = f"/pay-rule-versions/{version['id']}"
    problem = await office.ask("officer", "POST", f"{path}/approval", approved, status=403)
    assert "did not write" in problem["detail"]
    await office.ask("admin", "POST", f"{path}/approval", approved)
    answer = await office.answer("officer", "PUT", path, {"terms": {"words": "More.", "amountCents": 99_000}})
    assert answer.status_code == 428
    sunset = {"effectiveTo": "2023-06-01", "reason": "funds are short"}
    await office.ask("officer", "POST", f"{path}/sunset", sunset, status=400)


async def test_c15_a_pay_run_exported_twice_is_the_same_file_and_pays_once(office: PayOffice) -> None:
    rule = await office.rule("stipend", {"amountCents": 20_000})
    periods = await office.calendar(2023)
    office.now(noon(2023, 10, 2))
    await office.paid("teacher", rule)
    october, november = periods[3], periods[4]
    office.now(noon(2023, 10, 31))
    first = await office.export(october)
    files = [await office.file(october, form) for form in ("csv", "json")]
    office.now(noon(2023, 11, 15))
    assert await office.export(october) == first
    assert [await office.file(october, form) for form in ("csv", "json")] == files
    assert (await office.export(november))["totalCents"] == 0
    assert first["totalCents"] == 20_000
    assert await office.balance("teacher", "paid") == 20_000
    payments = [posting for posting in await office.ledger("teacher") if posting["purpose"] == "payment"]
    assert len(payments) == 1
    lines = files[0].decode().splitlines()
    assert lines[0].startswith('"period","pays_on","employee_number"')
    assert '"stipend","2023-24/04",200.00,"USD"' in lines[1]
    assert msgspec.json.decode(files[1])["totalCents"] == 20_000
