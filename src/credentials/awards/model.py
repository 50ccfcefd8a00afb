from datetime import datetime
from enum import StrEnum

import msgspec

from credentials.errors import Conflict


class AwardKind(StrEnum):
    MICRO_CREDENTIAL = "micro_credential"
    STACK = "stack"
    LICENCE = "licence"


class AwardState(StrEnum):
    """The words of Ed-Fi's CredentialStatus that apply to an award. Expiry is a date, not a state."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """One award to one educator.

    ``achievement_id`` is the micro-credential or stack, ``version_id`` the version of the former. ``credential_id`` is the
    credential's own ``id`` and stays when a correction replaces the document; ``intent_id`` is the newest document.
    ``share`` is the secret of the public link, absent while the award is private.
    """

    id: str
    kind: AwardKind
    educator_id: str
    organisation_id: str
    achievement_id: str
    version_id: str | None = None
    submission_id: str | None = None
    title: str
    credential_id: str
    intent_id: str
    awarded_at: datetime
    valid_until: datetime | None = None
    state: AwardState = AwardState.ACTIVE
    state_reason: str = ""
    state_changed_at: datetime | None = None
    share: str | None = None
    corrections: int = 0
    revision: int = 1

    def is_current(self, now: datetime) -> bool:
        return self.state is AwardState.ACTIVE and (self.valid_until is None or now < self.valid_until)

    def has_run_out(self, now: datetime) -> bool:
        """Its time is over and nothing else became of it."""
        return self.state is AwardState.ACTIVE and not self.is_current(now)


class WrongState(Conflict):
    code = "wrong-state"
