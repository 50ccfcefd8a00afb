"""Plans to earn something, which the office approves first."""

from datetime import date, datetime
from enum import StrEnum

import msgspec


class RequestState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


class PriorApproval(msgspec.Struct, frozen=True, kw_only=True):
    """A plan to earn something, which the office approves before it is earned."""

    id: str
    organisation_id: str
    rule_id: str
    educator_id: str
    achievement_id: str
    title: str
    requested_at: datetime
    state: RequestState = RequestState.REQUESTED
    decided_at: datetime | None = None
    decided_on: date | None = None
    decided_by: str | None = None
    reason: str = ""
