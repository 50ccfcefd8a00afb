from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

from credentials.errors import Conflict, Forbidden, Malformed


class Effect(StrEnum):
    """What becomes of the credential of a stack; the mildest first."""

    STAYS = "stays"
    SUSPENDED = "suspended"
    """Until the stack is complete again."""
    REVOKED = "revoked"
    """For good; a stack that is complete again is issued anew."""


class Loss(StrEnum):
    """Why an award of a member counts no longer."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


class StackPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of the credential of a stack when a member of it is revoked, is suspended or expires: ``stays``,
    ``suspended`` (until the stack is complete again) or ``revoked`` (and issued anew when it is complete again; not for a
    suspension, which may be lifted)."""

    revoked: Effect = Effect.SUSPENDED
    suspended: Effect = Effect.SUSPENDED
    expired: Effect = Effect.SUSPENDED

    def effect(self, loss: Loss) -> Effect:
        match loss:
            case Loss.REVOKED:
                return self.revoked
            case Loss.SUSPENDED:
                return self.suspended
            case Loss.EXPIRED:
                return self.expired


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """A set of micro-credentials that together earn a credential of their own. Published it does not change."""

    id: str
    organisation_id: str
    slug: str
    title: str
    description: str
    members: tuple[str, ...]
    policy: StackPolicy = StackPolicy()
    created_at: datetime
    published_at: datetime | None = None
    published_by: str | None = None
    author_id: str


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far somebody is. ``earned`` maps a member micro-credential to the award that counts for it."""

    stack: Stack
    earned: dict[str, str]

    @property
    def complete(self) -> bool:
        return set(self.earned) == set(self.stack.members)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(member for member in self.stack.members if member not in self.earned)


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A member that somebody earned and that counts no longer. ``title`` is that of the award."""

    member: str
    title: str
    loss: Loss
    effect: Effect


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """How an awarded stack stands with its members. ``counting`` maps each member to the award that counts for it, also where
    the policy lets one count that is lost; ``lost`` is in the order of the members."""

    counting: dict[str, str]
    lost: tuple[Lost, ...]

    @property
    def effect(self) -> Effect:
        """The strictest of what its losses cause."""
        return max((one.effect for one in self.lost), key=list(Effect).index, default=Effect.STAYS)


class StackRefused(Malformed):
    code = "stack-refused"


class DocumentRefused(Malformed):
    """A rule or a record cannot be read; the fault's pointer says where."""

    code = "document-refused"


class Phase(StrEnum):
    """Of a version on a day: written; approved and not yet in force; in force; over."""

    DRAFT = "draft"
    APPROVED = "approved"
    IN_FORCE = "in_force"
    SUNSET = "sunset"


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Which body approved a rule and when; ``bargaining`` names the agreement with the union where one was needed."""

    board: str
    decided_on: date
    bargaining: str = ""
    note: str = ""


EVALUATION_DATE = "evaluation.date"
"""A fact of every record: the day as of which it is judged."""


JUDGE_ORDER = "pathways.judge"
"""Somebody's record changed: judge them again."""
RULE_ORDER = "pathways.judge-rule"
"""A rule begins or ends: judge everybody whom it concerns, one batch for each order."""


class Pathway(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of one office. ``basis`` is the fact whose date chooses the version; ``modelled_on`` the law it follows."""

    id: str
    organisation_id: str
    slug: str
    title: str
    description: str
    modelled_on: str = ""
    basis: str = EVALUATION_DATE
    author_id: str
    created_at: datetime


class PathwayVersion(msgspec.Struct, frozen=True, kw_only=True):
    """``rule`` is the document as it was written. In force from ``effective_from`` on, and until the day before
    ``effective_to``. Approved, nothing but its end changes."""

    id: str
    pathway_id: str
    number: int
    name: str
    rule: bytes
    effective_from: date
    effective_to: date | None = None
    author_id: str
    created_at: datetime
    approval: Approval | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    revision: int = 1

    def phase(self, on: date) -> Phase:
        if self.approved_at is None:
            return Phase.DRAFT
        if on < self.effective_from:
            return Phase.APPROVED
        return Phase.IN_FORCE if self.effective_to is None or on < self.effective_to else Phase.SUNSET


class FactRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that an office recorded about an educator, with its evidence. Both days of validity are inclusive."""

    id: str
    educator_id: str
    organisation_id: str
    path: str
    value: Any
    evidence: str
    valid_from: date | None = None
    valid_to: date | None = None
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawal: str = ""


class HoldingKind(StrEnum):
    OFFICE = "office"
    """Recorded by an office: hours of training, a degree, a test."""
    OUTSIDE = "outside"
    """A credential of another issuer, verified and accepted; its report is kept."""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """Something besides our own awards. ``item`` is an item as record documents write it, without its ``id``.

    ``credential`` is the id of an outside credential, ``report`` its verification report as JSON.
    """

    id: str
    educator_id: str
    organisation_id: str
    kind: HoldingKind
    title: str
    item: dict[str, Any]
    evidence: str
    credential: str = ""
    report: bytes | None = None
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawal: str = ""


class ExceptionKind(StrEnum):
    WAIVER = "waiver"
    """One requirement need not be met."""
    OVERRIDE = "override"
    """The whole rule counts as met."""


class RecordedException(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver or an override of one educator in one pathway, with who decided it and why; both days are inclusive.

    ``requirement`` is the label of the one that is waived, ``replacement_plan`` what is done instead, ``evidence`` what an
    override rests on.
    """

    id: str
    pathway_id: str
    educator_id: str
    organisation_id: str
    kind: ExceptionKind
    requirement: str = ""
    reason: str
    replacement_plan: str = ""
    evidence: str = ""
    opens: date
    closes: date | None = None
    recorded_by: str
    recorded_at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawal: str = ""


class Presented(msgspec.Struct, frozen=True, kw_only=True):
    """An outside credential as it was handed in, so that it can be verified again. ``looked_at`` is when it was last, whatever
    was found; nobody knows of the oldest ones."""

    holding_id: str
    educator_id: str
    octets: bytes
    looked_at: datetime | None = None


class OutsideCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A later look at an outside credential that found something else than the one before."""

    id: str
    holding_id: str
    verdict: str
    code: str
    summary: str
    report: bytes
    checked_at: datetime


class ItemUse(msgspec.Struct, frozen=True, kw_only=True):
    """A decision consumed an award or a holding (its id is ``item``)."""

    id: str
    educator_id: str
    item: str
    decision: str
    used_at: datetime
    released_at: datetime | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    pathway_id: str
    educator_id: str
    verdict: str
    as_of: date
    judged_at: datetime


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How a verdict differs under a draft. Better or worse: whether the rule counts as met."""

    educator_id: str
    before: str
    after: str


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """One batch of a trial run. ``last`` is where the next batch begins; absent when everybody was judged."""

    judged: int
    gains: tuple[Change, ...]
    loses: tuple[Change, ...]
    undecided: int
    last: str | None


class PathwayRefused(Malformed):
    code = "pathway-refused"


class OutsideRefused(Malformed):
    """A credential of another issuer is not accepted; each fault is a check that it did not pass."""

    code = "outside-credential-refused"


class VersionApproved(Conflict):
    code = "pathway-version-approved"


class OwnRule(Forbidden):
    code = "own-rule"


class Withdrawn(Conflict):
    code = "withdrawn"
