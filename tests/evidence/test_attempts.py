"""When another attempt may begin, from values alone."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from builders import a_specification

from credentials.awards.model import Award, AwardKind, AwardState
from credentials.evidence import rules
from credentials.evidence.model import NotOpen, Stage

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
EARNED, NOT_YET = Stage.EARNED, Stage.NOT_YET_EARNED
CURRENT = Award(
    id="1", kind=AwardKind.MICRO_CREDENTIAL, educator_id="teacher", organisation_id="alder", achievement_id="feedback",
    title="Feedback", credential_id="urn:1", intent_id="1", awarded_at=NOW, valid_until=NOW + timedelta(days=1),
)  # fmt: skip
RAN_OUT = msgspec.structs.replace(CURRENT, valid_until=NOW)
FOR_LIFE = msgspec.structs.replace(CURRENT, valid_until=None)
REVOKED = msgspec.structs.replace(RAN_OUT, state=AwardState.REVOKED)
SUSPENDED = msgspec.structs.replace(RAN_OUT, state=AwardState.SUSPENDED)


@pytest.mark.parametrize(
    ("ended", "awarded", "holds"),
    [
        ([], [], False),
        ([NOT_YET], [], False),
        ([EARNED], [], True),  # its badge is being made
        ([EARNED], [CURRENT], True),
        ([EARNED], [FOR_LIFE], True),
        ([EARNED], [RAN_OUT], False),
        ([EARNED, NOT_YET], [RAN_OUT], False),
        ([EARNED, EARNED], [RAN_OUT], True),  # earned anew, and that badge is being made
        ([EARNED, EARNED], [RAN_OUT, CURRENT], True),
        ([EARNED, EARNED], [RAN_OUT, RAN_OUT], False),
        ([EARNED], [REVOKED], True),
        ([EARNED], [SUSPENDED], True),
    ],
)
def test_what_ran_out_is_earned_no_longer_and_what_was_taken_away_is_not_earned_anew(
    ended: list[Stage], awarded: list[Award], holds: bool
) -> None:
    assert rules.still_earned(ended, awarded, NOW) is holds


@pytest.mark.parametrize(
    ("ended", "earned", "refusal"),
    [
        ([], False, ""),
        ([NOT_YET], False, ""),
        ([NOT_YET, NOT_YET], False, "used up"),
        ([NOT_YET, EARNED], True, "already"),
        ([NOT_YET, EARNED], False, ""),
        ([NOT_YET, EARNED, NOT_YET], False, ""),
        ([NOT_YET, EARNED, NOT_YET, NOT_YET], False, "used up"),
    ],
)
def test_attempts_are_counted_anew_once_what_was_earned_has_run_out(
    ended: list[Stage], earned: bool, refusal: str
) -> None:
    specification = a_specification(attempts=2)
    if not refusal:
        rules.check_may_start(specification, ended, 0, earned=earned)
        return
    with pytest.raises(NotOpen, match=refusal):
        rules.check_may_start(specification, ended, 0, earned=earned)
