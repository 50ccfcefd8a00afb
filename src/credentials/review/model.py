from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from credentials.catalog.model import Key
from credentials.errors import Conflict, Forbidden, Malformed


class ReviewStage(StrEnum):
    """``EXPIRED``: the lease ran out. ``VOID``: what was read is not what counts any more, because it went back as
    incomplete."""

    CLAIMED = "claimed"
    SCORING = "scoring"
    DECIDED = "decided"
    RETURNED = "returned"
    RELEASED = "released"
    EXPIRED = "expired"
    VOID = "void"


class ReviewKind(StrEnum):
    """What a reading is for. An assessor is not told: a second score is worth as much as it is unaware of being one.

    ``LEADER``: a scoring leader settles a split. ``BACK_READ``: a leader reads again what was decided. ``VALIDITY`` and
    ``ANCHOR``: hidden checks and agreed examples, of which nothing is decided. Nor is it by ``MODERATION``, one of several who
    score the same work apart, and ``COMMON_TASK``, decided work that another district scores again to compare.
    """

    FIRST = "first"
    SECOND = "second"
    ADJUDICATION = "adjudication"
    LEADER = "leader"
    BACK_READ = "back_read"
    VALIDITY = "validity"
    ANCHOR = "anchor"
    MODERATION = "moderation"
    COMMON_TASK = "common_task"


DECIDING = (ReviewKind.FIRST, ReviewKind.SECOND, ReviewKind.ADJUDICATION, ReviewKind.LEADER)
"""The kinds on which a decision rests, in the order in which they are called for."""


class Outcome(StrEnum):
    EARNED = "earned"
    NOT_YET_EARNED = "not_yet_earned"


class Basis(StrEnum):
    """What a decision rests on."""

    SINGLE = "single"
    AGREED = "agreed"
    AVERAGED = "averaged"
    MIDDLE_OF_THREE = "middle_of_three"
    LEADER = "leader"
    APPEAL = "appeal"


class Score(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The level that an assessor found for one criterion. ``feedback`` goes to the educator; ``note`` does not.

    An assessor writes at most 5,000 characters; a decision may join what three wrote.
    """

    criterion: Key
    level: Key
    feedback: Annotated[str, Meta(max_length=16_000)] = ""
    note: Annotated[str, Meta(max_length=5_000)] = ""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One assessor's reading of one hand-in. ``manifest_digest`` says which evidence was read.

    ``educator_id`` and ``micro_credential_id`` are those of the submission: whoever scored one attempt scores no other.
    ``lease_until``: when it goes back to the queue unless something is saved. ``assigned_by``: the leader who assigned it.
    """

    id: str
    submission_id: str
    assessor_id: str
    educator_id: str
    micro_credential_id: str
    kind: ReviewKind = ReviewKind.FIRST
    manifest_digest: str
    stage: ReviewStage
    claimed_at: datetime
    checked_at: datetime | None = None
    ended_at: datetime | None = None
    lease_until: datetime | None = None
    assigned_by: str | None = None
    return_note: str = ""
    revision: int = 1

    @property
    def is_open(self) -> bool:
        return self.stage in {ReviewStage.CLAIMED, ReviewStage.SCORING}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on a submission, once. ``review_ids``: the readings that it rests on; ``review_id``: the last of them.
    ``points``: the mean points, where the programme averages them."""

    submission_id: str
    review_id: str
    outcome: Outcome
    scores: tuple[Score, ...]
    basis: Basis = Basis.SINGLE
    points: float | None = None
    review_ids: tuple[str, ...] = ()
    decided_by: str
    decided_at: datetime


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A finished or open review with its scores: what decisions are made from."""

    review: Review
    scores: tuple[Score, ...] = ()


class Combined(msgspec.Struct, frozen=True, kw_only=True):
    """What several readings come to."""

    outcome: Outcome
    scores: tuple[Score, ...]
    basis: Basis
    points: float | None = None


class QueueItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an assessor sees of a waiting submission: nothing that tells whose it is, nor whether somebody scored it."""

    submission: str
    title: str
    version: str
    attempt_no: int
    submitted_at: datetime
    due_on: date | None = None
    overdue: bool = False


class QueueCount(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How much waits for one micro-credential, and how much of it is overdue."""

    micro_credential: str
    title: str
    waiting: int
    overdue: int


# Conflicts of interest


class ConflictKind(StrEnum):
    """Why somebody does not score somebody's work. The first ones are seen by the service, the others are declared."""

    OWN_WORK = "own_work"
    SAME_SCHOOL = "same_school"
    SAME_DISTRICT = "same_district"
    SCORED_BEFORE = "scored_before"
    RECIPROCAL = "reciprocal"
    NOT_EARNED = "not_earned"
    UNBLINDED = "unblinded"
    ATTESTED = "attested"
    COACH = "coach"
    FAMILY = "family"
    CO_AUTHOR = "co_author"
    TUTOR = "tutor"
    OTHER = "other"


DECLARED = frozenset(
    {
        ConflictKind.COACH,
        ConflictKind.FAMILY,
        ConflictKind.CO_AUTHOR,
        ConflictKind.RECIPROCAL,
        ConflictKind.TUTOR,
        ConflictKind.OTHER,
    }
)


class DeclaredConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A relationship between two people for which neither scores the other's work, from ``from_`` until before ``until``.

    The other one is known by ``other_id`` or, where whoever declares it has no more, by an e-mail ``other_address``.
    """

    id: str
    person_id: str
    other_id: str | None = None
    other_address: str = ""
    kind: ConflictKind
    from_: date
    until: date | None = None
    declared_by: str
    declared_at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an assessor that bears on whose work they may score.

    ``places``: schools where they have a role and the districts of their roles; ``related``: people with whom a relationship is
    on record; ``earned``: the micro-credentials that they hold; ``qualified``: what they are calibrated for; ``locked``: the
    micro-credentials of which they missed too many hidden checks.
    """

    person_id: str
    schools: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    related: dict[str, ConflictKind] = {}
    earned: frozenset[str] = frozenset()
    qualified: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()

    @property
    def places(self) -> frozenset[str]:
        return self.schools | self.districts


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of feedback to use again: an assessor's own, or for all who score a micro-credential."""

    id: str
    owner_id: str | None = None
    micro_credential_id: str | None = None
    text: str
    made_by: str
    made_at: datetime


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Where two readings differ on one criterion."""

    criterion: str
    first: str
    second: str
    on_passing: bool


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """How many submissions of a version were drawn for a second score, of how many, with the seed that drew them."""

    version_id: str
    seed: str
    asked: float
    drawn: int
    of: int

    @property
    def share(self) -> float | None:
        return self.drawn / self.of if self.of else None


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How busy an assessor is: open reviews, what was decided in the last 30 days, and its mean hours from claim to score."""

    person_id: str
    open: int = 0
    decided: int = 0
    hours: float | None = None


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """Whose work it is, for a scoring leader who gave a reason for asking."""

    person_id: str
    name: str
    schools: tuple[str, ...]


class ConflictOfInterest(Forbidden):
    """``kind`` is for the record, not for the assessor: it would tell something of whose work it is."""

    code = "conflict-of-interest"

    def __init__(self, detail: str, kind: ConflictKind = ConflictKind.OTHER) -> None:
        super().__init__(detail)
        self.kind = kind


class AlreadyClaimed(Conflict):
    code = "already-claimed"


class WrongStage(Conflict):
    code = "wrong-stage"


class NotScored(Malformed):
    """``faults`` name each criterion that lacks a level or feedback."""

    code = "not-scored"


# Integrity


class Finding(StrEnum):
    """Why an integrity case was opened: the same file, nearly the same text, or somebody's report."""

    SAME_FILE = "same_file"
    LIKE_TEXT = "like_text"
    REPORT = "report"


class Verdict(StrEnum):
    CLEARED = "cleared"
    UPHELD = "upheld"


class IntegrityCase(msgspec.Struct, frozen=True, kw_only=True):
    """Work of several applicants that is too alike, or a report of misconduct. ``panel``: how many may vote, of whom more than
    half decide. ``opened_by``: who reported it, or the service."""

    id: str
    organisation_id: str
    finding: Finding
    detail: str
    panel: int
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None
    revision: int = 1


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A submission that a case names. ``held``: it was taken out of the queue until the case is decided."""

    case_id: str
    submission_id: str
    educator_id: str
    held: bool
    verdict: Verdict | None = None
    reason: str = ""


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """One panel member's: the submissions that they find against. None clears all."""

    case_id: str
    person_id: str
    against: tuple[str, ...]
    reason: str
    at: datetime


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """Another applicant's submission that has the same file or nearly the same text. ``share``: how far the texts resemble."""

    submission_id: str
    finding: Finding
    requirement: str
    share: float = 1.0


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the panel sees it. The votes of others only after one's own, or when it is closed."""

    case: IntegrityCase
    parties: tuple[Party, ...]
    votes: tuple[Vote, ...]
    voted: int
    mine: Vote | None = None


class AlreadyVoted(Conflict):
    code = "already-voted"


class CaseClosed(Conflict):
    code = "case-closed"


# Appeals


class Against(StrEnum):
    NOT_YET_EARNED = "not_yet_earned"
    DENIED = "denied"
    REVOKED = "revoked"


class AppealStage(StrEnum):
    FILED = "filed"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """An educator's appeal of one decision. ``decision_at`` says which. ``good_cause``: why it comes late; whoever decides the
    appeal says whether that holds (``cause_accepted``). ``waives``: what it asks to be let off. ``before``: the decision as it
    was, once an upheld appeal has changed it."""

    id: str
    submission_id: str
    educator_id: str
    organisation_id: str
    against: Against
    decision_at: datetime
    statement: str
    waives: tuple[str, ...] = ()
    late: bool = False
    good_cause: str = ""
    cause_accepted: bool = False
    stage: AppealStage = AppealStage.FILED
    filed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    before: Decision | None = None
    revision: int = 1


class AppealLate(Conflict):
    code = "appeal-late"


class NotAppealable(Conflict):
    code = "not-appealable"


class NotWaivable(Malformed):
    code = "not-waivable"


# Calibration: anchors, qualification, hidden checks


class AnchorUse(StrEnum):
    """What an anchor is for, and only that: whoever has seen one beside the work cannot be tested by it. ``SHOWN``: an example
    for assessors to look at. ``QUALIFICATION``: a part of qualification sets. ``VALIDITY``: dealt as a hidden check."""

    SHOWN = "shown"
    QUALIFICATION = "qualification"
    VALIDITY = "validity"


class TrueScore(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The level that is right for one criterion, and why."""

    criterion: Key
    level: Key
    rationale: Annotated[str, Meta(max_length=5_000)] = ""


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """Work with its true scores. ``submission_id``: the copy of the work that is kept for it; ``source_id``: the submission
    that it was copied from, if it was not made up. ``key``: ``catalog.rules.calibration_key``. ``moderation_id``: the session
    that agreed on the scores."""

    id: str
    organisation_id: str
    micro_credential_id: str
    version_id: str
    key: str
    submission_id: str
    source_id: str | None = None
    title: str
    use: AnchorUse
    scores: tuple[TrueScore, ...]
    moderation_id: str | None = None
    made_by: str
    made_at: datetime
    retired_at: datetime | None = None


class QualificationSet(msgspec.Struct, frozen=True, kw_only=True):
    """Anchors that an assessor scores to be qualified, by the bar of the version's programme."""

    id: str
    organisation_id: str
    micro_credential_id: str
    version_id: str
    key: str
    title: str
    anchor_ids: tuple[str, ...]
    made_by: str
    made_at: datetime
    retired_at: datetime | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an assessor scored one criterion of one anchor with."""

    anchor: str
    criterion: Key
    level: Key


class OnCriterion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    criterion: str
    exact: int
    of: int


class Judgement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an attempt at a set comes to. ``non_adjacent``: scores more than one level from the true one. ``reasons``: every
    part of the bar that was missed, in words; none when it was passed."""

    passed: bool
    exact: int
    of: int
    non_adjacent: int
    criteria: tuple[OnCriterion, ...]
    reasons: tuple[str, ...] = ()


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """An assessor's attempt at a qualification set."""

    id: str
    set_id: str
    person_id: str
    micro_credential_id: str
    key: str
    begun_at: datetime
    finished_at: datetime | None = None
    judgement: Judgement | None = None


class Qualification(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody may score what ``key`` stands for, until it expires."""

    id: str
    person_id: str
    micro_credential_id: str
    key: str
    set_ids: tuple[str, ...]
    qualified_at: datetime
    expires_at: datetime


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody's queue of a micro-credential is closed until they pass ``set_id``, because they missed ``misses`` of the
    last ``of`` hidden checks. Without a set, the leaders have none yet: any set that is passed opens it."""

    id: str
    person_id: str
    organisation_id: str
    micro_credential_id: str
    key: str
    set_id: str | None = None
    misses: int
    of: int
    locked_at: datetime
    unlocked_at: datetime | None = None
    attempt_id: str | None = None


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A hidden check: a copy of an anchor in one assessor's queue. ``missed``: they judged it otherwise than is right."""

    submission_id: str
    anchor_id: str
    person_id: str
    organisation_id: str
    micro_credential_id: str
    key: str
    dealt_at: datetime
    judged_at: datetime | None = None
    missed: bool | None = None


class Calibrated(msgspec.Struct, frozen=True, kw_only=True):
    """How an assessor stands with one micro-credential. ``passed``: different sets that were passed and still count."""

    micro_credential_id: str
    key: str
    required: bool
    qualification: Qualification | None = None
    lock: Lock | None = None
    passed: int = 0
    needed: int = 1


class NotQualified(Forbidden):
    code = "not-qualified"


class QueueLocked(NotQualified):
    code = "queue-locked"


class AttemptEnded(Conflict):
    code = "attempt-ended"


# Moderation: several score the same work apart, see the spread, and agree


class ModerationStage(StrEnum):
    """``SCORING``: each one by themselves. ``DISCUSSING``: scoring is closed and the spread is open to all who take part.
    ``AGREED``: the consensus is on record. ``CANCELLED``: given up, with a reason."""

    SCORING = "scoring"
    DISCUSSING = "discussing"
    AGREED = "agreed"
    CANCELLED = "cancelled"


class Moderation(msgspec.Struct, frozen=True, kw_only=True):
    """A session in which several assessors score one work. ``submission_id``: the work, decided already or a copy that was
    prepared. ``consensus``: what was agreed on for each criterion, and why. ``anchor_id``: the anchor that was made of it."""

    id: str
    organisation_id: str
    micro_credential_id: str
    version_id: str
    submission_id: str
    title: str
    stage: ModerationStage = ModerationStage.SCORING
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    reason: str = ""
    consensus: tuple[TrueScore, ...] = ()
    anchor_id: str | None = None
    revision: int = 1


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who takes part in a session, with their reading of the work. ``place``: 1 and so on, by which the others know
    them."""

    moderation_id: str
    person_id: str
    review_id: str
    place: int


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What was given for one criterion in one place of a session."""

    place: int
    level: str
    feedback: str = ""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How far those who took part lie apart on one criterion. ``apart``: levels between the lowest and the highest; ``same``
    of ``pairs`` pairs of them chose the same level; ``on_passing``: they differ on whether it passes."""

    criterion: str
    given: tuple[Given, ...]
    apart: int
    same: int
    pairs: int
    on_passing: bool


# Common tasks: work that was decided in one district is scored again by another


class CommonTask(msgspec.Struct, frozen=True, kw_only=True):
    """A sample of decided work of the district ``home_id`` that assessors of ``guest_id`` score again. ``seed`` drew it: those
    with the lowest hashes. ``drawn`` works of ``of`` are scored, each by one assessor; ``asked``: how many were wanted."""

    id: str
    organisation_id: str
    micro_credential_id: str
    version_id: str
    home_id: str
    guest_id: str
    seed: str
    asked: int
    drawn: int
    of: int
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None


class Rescored(msgspec.Struct, frozen=True, kw_only=True):
    """One criterion of one work: the level that was decided at home, and the one that the guest found."""

    micro_credential_id: str
    version_id: str
    home_id: str
    guest_id: str
    criterion: str
    home: str
    guest: str


class Difference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far the guest's levels lie from those decided at home, over ``n`` scores: below zero, the guest is harsher. ``low``
    and ``high``: the 95 % interval of the mean. ``alert``: too far apart to be chance. Without figures of fewer than 20."""

    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    alert: bool = False


# Figures: how well assessors agree


class By(StrEnum):
    """What agreement is told by. ``SCHOOL``: the group of applicants that is recorded with a hand-in."""

    MICRO_CREDENTIAL = "micro_credential"
    CRITERION = "criterion"
    ASSESSOR = "assessor"
    MONTH = "month"
    SCHOOL = "school"


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """What two assessors scored one criterion of one submission with. ``at``: when the second one was done."""

    submission_id: str
    micro_credential_id: str
    version_id: str
    schools: tuple[str, ...]
    first_id: str
    second_id: str
    criterion: str
    first: str
    second: str
    at: datetime


class Severity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far somebody's scores lie from those of the other reader, in levels, over their last ``n`` scores: below zero is
    harsher. ``low`` and ``high``: the 95 % interval of the mean. ``before``: the mean of as many scores before these.
    ``alert``: too harsh or too soft to be chance. Without figures of fewer than 20 scores."""

    person_id: str
    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    alert: bool = False
