"""Why something counts, counts in part, or does not."""

from enum import StrEnum

from credentials.compensation.model.wire import Wire


class Code(StrEnum):
    """Why something counts, counts in part, or does not."""

    GRANTED = "GRANTED"
    CAP_EXCEEDED = "CAP_EXCEEDED"
    ROLE_NOT_ELIGIBLE = "ROLE_NOT_ELIGIBLE"
    FACT_MISSING = "FACT_MISSING"
    NOT_PREAPPROVED = "NOT_PREAPPROVED"
    LATE = "LATE"
    ALREADY_COMPENSATED = "ALREADY_COMPENSATED"
    RULE_NOT_IN_FORCE = "RULE_NOT_IN_FORCE"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    ISSUER_NOT_ACCEPTED = "ISSUER_NOT_ACCEPTED"
    LEVEL_NOT_ACCEPTED = "LEVEL_NOT_ACCEPTED"
    REVOKED = "REVOKED"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"


class Reason(Wire, frozen=True, kw_only=True):
    """A code for programs, a sentence for a person."""

    code: Code
    text: str
