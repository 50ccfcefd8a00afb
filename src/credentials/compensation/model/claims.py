"""Claims on awards."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from credentials.compensation.model.assessment import Assessment


class ClaimState(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"  # approved once, and taken back by an officer who closed a case


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An educator's claim on one of their awards under one rule.

    ``covers``: the achievement and, of a stack, its members: what was paid for within one is not paid for within another.
    ``counts``: something was given and kept, so it uses up caps and bars a second payment.
    ``outstanding``: it may have something to pay: a stipend, a carried amount, a raise that stands.
    ``assessment`` is that of the decision, and before it the one that the educator was shown.
    """

    id: str
    organisation_id: str
    rule_id: str
    version_id: str | None = None
    educator_id: str
    award_id: str
    achievement_id: str
    title: str
    covers: tuple[str, ...]
    awarded_on: date
    claimed_at: datetime
    claimed_on: date
    verdict: str
    document_digest: str
    state: ClaimState = ClaimState.SUBMITTED
    year: int = 0
    exclusive: bool = True
    counts: bool = False
    outstanding: bool = False
    assessment: Assessment
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
    revision: int = 1
