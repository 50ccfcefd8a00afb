"""Accounts, and the postings that move amounts between them."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from credentials.compensation.model.reasons import Code
from credentials.compensation.model.wire import Wire


class Account(StrEnum):
    """Every posting moves amounts between these and comes to nothing in sum. What the recogniser owes stands against
    ``obligation``; ``recovery`` is what was paid and is asked back."""

    OBLIGATION = "obligation"
    SALARY_BASE = "salary_base"
    STIPEND = "stipend"
    CARRIED = "carried"
    PAID = "paid"
    RECOVERY = "recovery"
    CREDITS = "credits"
    CREDITS_OVER = "credits_over"


class Unit(StrEnum):
    CENTS = "cents"
    HUNDREDTHS = "hundredths"


UNIT: dict[Account, Unit] = {
    account: Unit.HUNDREDTHS if account in {Account.CREDITS, Account.CREDITS_OVER} else Unit.CENTS
    for account in Account
}
"""Of everything but ``obligation``, which has both."""


class Entry(Wire, frozen=True, kw_only=True):
    """One line of a posting. ``due_on``: from when a stipend is owed, or base pay raised."""

    account: Account
    unit: Unit
    amount: int
    due_on: date | None = None
    reason: Code
    text: str = ""


class Purpose(StrEnum):
    """Why something is posted. Of each there is one for an award, a rule, a period and a round."""

    GRANT = "grant"
    RELEASE = "release"
    PAYMENT = "payment"
    REVERSAL = "reversal"


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that belong together. ``sequence`` counts within the organisation, without a gap. ``round`` rises when an award is
    granted anew after a reversal."""

    id: str
    organisation_id: str
    sequence: int
    educator_id: str
    rule_id: str
    version_id: str
    claim_id: str
    award_id: str
    purpose: Purpose
    period: str
    round: int = 0
    year: int
    reason: str
    posted_at: datetime
    posted_by: str
    entries: tuple[Entry, ...] = ()
