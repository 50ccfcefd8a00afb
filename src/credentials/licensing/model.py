from datetime import date, datetime
from enum import StrEnum

import msgspec

from credentials.errors import Conflict, Forbidden, Malformed


class LicenceKind(StrEnum):
    """What the credential says it is: an ``achievementType`` of Open Badges 3.0. An endorsement on a licence is a
    ``Certification``."""

    LICENSE = "License"
    CERTIFICATION = "Certification"


class LicenceType(msgspec.Struct, frozen=True, kw_only=True):
    """A licence or an endorsement that an office grants.

    It is granted by the rule of ``pathway_id``, and renewed by that of ``renewal_pathway_id``, where there is one. It lasts
    ``term_months``; without them it is for life. A renewal is asked for within ``renewal_days`` before the end. ``consumes``:
    what a decision counted counts for no other decision. ``not_waivable`` are labels of requirements that no waiver and no
    appeal can set aside.
    """

    id: str
    organisation_id: str
    slug: str
    title: str
    description: str
    kind: LicenceKind = LicenceKind.LICENSE
    pathway_id: str
    renewal_pathway_id: str | None = None
    term_months: int | None = None
    renewal_days: int = 365
    consumes: bool = False
    not_waivable: tuple[str, ...] = ()
    appeal_days: int = 60
    author_id: str
    created_at: datetime
    closed_at: datetime | None = None
    revision: int = 1


class ApplicationKind(StrEnum):
    FIRST = "first"
    RENEWAL = "renewal"


class Stage(StrEnum):
    """Of an application."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """``verdict`` and ``evaluation`` (as JSON) are those on which it was last handed in or decided. ``counted`` are the items
    of the record that the decision counted; ``concern`` says what became of one of them since. ``renews`` is the award that
    is renewed, ``award_id`` the one that was issued."""

    id: str
    type_id: str
    organisation_id: str
    educator_id: str
    kind: ApplicationKind = ApplicationKind.FIRST
    renews: str | None = None
    stage: Stage = Stage.SUBMITTED
    statement: str = ""
    submitted_at: datetime
    verdict: str
    evaluation: bytes
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    valid_until: date | None = None
    counted: tuple[str, ...] = ()
    concern: str = ""
    award_id: str | None = None
    revision: int = 1

    @property
    def is_open(self) -> bool:
        return self.stage in {Stage.SUBMITTED, Stage.RETURNED}


class Decision(StrEnum):
    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"


class AppealStage(StrEnum):
    FILED = "filed"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """Against a refusal. ``waive`` are labels of requirements that it asks to set aside. ``late`` with the good cause that
    kept the educator."""

    id: str
    application_id: str
    organisation_id: str
    educator_id: str
    statement: str
    waive: tuple[str, ...] = ()
    late: bool = False
    good_cause: str = ""
    stage: AppealStage = AppealStage.FILED
    filed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    revision: int = 1


class LicenceRefused(Malformed):
    """Something about a type, an application or an appeal that the person can mend."""

    code = "licence-refused"


class NotMet(Conflict):
    """The rule is not met, so the office cannot approve: it would take a waiver or an override on record."""

    code = "rule-not-met"


class NotVerified(Conflict):
    """A credential of another issuer was not, or could not be, verified for this decision."""

    code = "outside-not-verified"


class WrongStage(Conflict):
    code = "wrong-stage"


class AppealLate(Conflict):
    code = "appeal-late"


class NotWaivable(Conflict):
    code = "not-waivable"


class OwnApplication(Forbidden):
    code = "own-application"
