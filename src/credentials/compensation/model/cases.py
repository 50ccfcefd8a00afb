"""Awards that pay rests on and that were withdrawn."""

from datetime import datetime
from enum import StrEnum

import msgspec

from credentials.awards.model import AwardState


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """What an officer decides when a paid award is withdrawn."""

    KEEP = "keep"  # everything stays as it is
    END = "end"  # what is not paid yet falls away, what is paid stays
    RECOVER = "recover"  # and what is paid is recorded as owed back
    REINSTATED = "reinstated"  # the award is in force again: nothing was left to decide
    SUPERSEDED = "superseded"  # the award's state changed again: a newer case says how


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An award that pay rests on was suspended or revoked, at ``changed_at``. A person decides; until then nothing is taken
    back."""

    id: str
    organisation_id: str
    claim_id: str
    award_id: str
    educator_id: str
    title: str
    award_state: AwardState
    changed_at: datetime
    opened_at: datetime
    state: CaseState = CaseState.OPEN
    outcome: CaseOutcome | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
