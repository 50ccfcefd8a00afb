"""Moments with an offset, as XML Schema writes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.proofs.timestamp import moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00.5Z", datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-31T12:00:00.123456789Z", datetime(2026, 1, 31, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-01-31T12:00:00-05:30", datetime(2026, 1, 31, 17, 30, tzinfo=UTC)),
        ("2026-01-31T12:00:00+14:00", datetime(2026, 1, 30, 22, tzinfo=UTC)),
        ("2024-02-29T23:59:59Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_date_time_stamp_is_a_moment(text, expected):
    assert moment(text) == expected


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_what_python_writes_comes_back(when):
    assert moment(when.isoformat()) == when


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-01-31T12:00:00", id="no offset"),
        pytest.param("2026-01-31", id="a date alone"),
        pytest.param("2026-01-31 12:00:00Z", id="a space for the T"),
        pytest.param("2026-01-31t12:00:00z", id="small letters"),
        pytest.param("2026-02-30T12:00:00Z", id="the thirtieth of February"),
        pytest.param("2023-02-29T12:00:00Z", id="a leap day in no leap year"),
        pytest.param("2026-13-01T12:00:00Z", id="a thirteenth month"),
        pytest.param("0000-01-01T00:00:00Z", id="the year zero"),
        pytest.param("2026-06-30T23:59:60Z", id="a leap second"),
        pytest.param("2026-01-31T24:00:00Z", id="midnight as 24:00"),
        pytest.param("2026-01-31T12:00Z", id="no seconds"),
        pytest.param("2026-01-31T12:00:00.Z", id="a point and no fraction"),
        pytest.param("2026-01-31T12:00:00+0000", id="an offset without colon"),
        pytest.param("2026-01-31T12:00:00+14:01", id="an offset beyond fourteen hours"),
        pytest.param("2026-01-31T12:00:00+24:00", id="an offset of a day"),
        pytest.param("-2026-01-31T12:00:00Z", id="before Christ"),
        pytest.param("12026-01-31T12:00:00Z", id="five digits of year"),
        pytest.param("20260131T120000Z", id="the basic form"),
        pytest.param("2026-01-31T12:00:00Z\n", id="a line break after it"),
        pytest.param("２０２６-01-31T12:00:00Z", id="other digits than ASCII"),
        pytest.param("1767225600", id="seconds since 1970"),
        pytest.param("", id="nothing"),
        pytest.param(None, id="null"),
        pytest.param(1767225600, id="a number"),
        pytest.param(["2026-01-31T12:00:00Z"], id="a list"),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(Malformed):
        moment(text)


def test_the_first_and_the_last_moment_can_be_compared_with_any_other():
    assert moment("0001-01-01T00:00:00+14:00") < moment("9999-12-31T23:59:59-14:00")
