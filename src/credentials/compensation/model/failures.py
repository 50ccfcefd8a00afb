"""The room's failures."""

from credentials.errors import Conflict, Malformed


class TermsRefused(Malformed):
    """A rule that cannot be: each fault names its place."""

    code = "pay-terms-refused"


class ApprovalRefused(Malformed):
    code = "pay-approval-refused"


class ClaimRefused(Conflict):
    """This award cannot be claimed on, or this claim not be approved; the faults carry the reason codes."""

    code = "pay-claim-refused"


class AlreadyDecided(Conflict):
    code = "pay-already-decided"


class CalendarRefused(Malformed):
    code = "pay-calendar-refused"
