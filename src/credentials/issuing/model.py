from datetime import datetime

import msgspec

from credentials.awards.model import AwardKind
from credentials.openbadges.build import Achievement, Member, Outcome, Resource, Work
from credentials.sealing.model import Source

SUBMISSION = "submission"
STACK = "stack"
CORRECTION = "correction"
RESTORATION = "restoration"
STATUS_LIST = "status-list"
RECORD = "record"


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """Who is awarded what, and why. ``source`` is awarded once."""

    source: Source
    kind: AwardKind
    educator_id: str
    organisation_id: str
    achievement_id: str
    version_id: str | None = None
    submission_id: str | None = None
    title: str
    awarded_at: datetime
    valid_until: datetime | None = None


class Entitlement(Grounds, frozen=True, kw_only=True):
    """Grounds, and all that the credential says."""

    achievement: Achievement
    outcomes: tuple[Outcome, ...] = ()
    evidence: tuple[Work, ...] = ()
    resources: tuple[Resource, ...] = ()
    members: tuple[Member, ...] = ()
