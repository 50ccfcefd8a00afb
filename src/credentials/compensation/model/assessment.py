"""What a claim comes to under a rule."""

from datetime import date

from credentials.compensation.model.ledger import Account, Entry
from credentials.compensation.model.reasons import Reason
from credentials.compensation.model.wire import Wire


class LaneMove(Wire, frozen=True, kw_only=True):
    """``credit_hundredths`` is what is left towards the lane behind ``to``."""

    lane: str
    to: str
    effective_on: date
    share: str = ""
    credit_hundredths: int = 0


class Assessment(Wire, frozen=True, kw_only=True):
    """What a claim comes to under a rule: what it would be granted, and why not more. ``hours``: what it adds to those that
    are converted together."""

    payable: bool
    year: int
    hours: int = 0
    entries: tuple[Entry, ...] = ()
    reasons: tuple[Reason, ...] = ()
    moves: tuple[LaneMove, ...] = ()

    def amount(self, account: Account) -> int:
        return sum(entry.amount for entry in self.entries if entry.account == account)
