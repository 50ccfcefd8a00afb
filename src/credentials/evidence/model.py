from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from credentials.catalog.model import Mode
from credentials.errors import Conflict, Malformed


class Stage(StrEnum):
    """``HELD``: an integrity case is open, and nobody scores it meanwhile. ``DENIED``: such a case was upheld. ``SPECIMEN``: a
    copy of work of which nothing is decided, by which assessors are calibrated; nobody handed it in."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    IN_REVIEW = "in_review"
    HELD = "held"
    NOT_YET_EARNED = "not_yet_earned"
    EARNED = "earned"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    SPECIMEN = "specimen"


class Wanted(StrEnum):
    """Which reading a hand-in waits for, so that an assessor can take it. ``LEADER``: a scoring leader settles a split."""

    NOTHING = "nothing"
    FIRST = "first"
    SECOND = "second"
    ADJUDICATION = "adjudication"
    LEADER = "leader"


class ArtifactKind(StrEnum):
    TEXT = "text"
    LINK = "link"
    FILE = "file"


class AiDeclaration(StrEnum):
    """What the educator says of generative AI in this work."""

    NONE = "none"
    USED = "used"


class Attestations(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What the educator vouches for. ``student_consent``: written permission for every student who can be known.
    ``practised_from``: the first day of the practice that the evidence shows."""

    own_work: bool = False
    student_consent: bool = False
    ai_use: AiDeclaration = AiDeclaration.NONE
    ai_statement: Annotated[str, Meta(max_length=5_000)] = ""
    practised_from: date | None = None


class Artifact(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One piece of evidence for one requirement.

    ``digest``: SHA-256 in hexadecimal over the text, the link or the file as it is kept (after metadata were stripped from
    a picture). ``shows_students``: a student can be known from it. ``name`` is what the educator called the file.
    """

    id: str
    requirement: str
    kind: ArtifactKind
    mode: Mode
    text: str = ""
    url: str = ""
    name: str = ""
    media_type: str = ""
    size: int = 0
    digest: str
    shows_students: bool = False
    added_at: datetime


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One hand-in. ``attempt_no`` counts what was assessed: an incomplete one that comes back is the same attempt.

    ``organisation_id`` is who issues; ``school_ids`` the schools where the educator works at submission, and their districts
    where the programme lets nobody of these score it either. ``manifest_digest``: the SHA-256 of what was frozen last.
    ``due_at``: when the programme's days to decide are over. ``earned_only``: only an assessor who has earned it may score it.
    ``calibration``: for what an assessor must be qualified to score it (``catalog.rules.calibration_key``); empty: for nothing.
    """

    id: str
    educator_id: str
    version_id: str
    micro_credential_id: str
    organisation_id: str
    attempt_no: int
    stage: Stage
    attestations: Attestations
    school_ids: tuple[str, ...] = ()
    manifest_digest: str = ""
    created_at: datetime
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    wants: Wanted = Wanted.NOTHING
    due_at: datetime | None = None
    earned_only: bool = False
    calibration: str = ""
    revision: int = 1


class Hidden(msgspec.Struct, frozen=True, kw_only=True):
    """What must not stand in evidence that is scored blind: the educator's name, addresses and schools (``places``), and the
    names that the educator lists, such as those of students who may not be named."""

    name: str = ""
    addresses: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()


MAX_LISTED = 200
"""Names that an educator lists: more than the students of a teacher's classes."""


class CoachMeeting(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting with a coach, which some programmes ask for before a further attempt."""

    id: str
    educator_id: str
    micro_credential_id: str
    coach_id: str | None = None
    held_on: date
    note: str = ""
    recorded_by: str
    recorded_at: datetime


class Capacity(StrEnum):
    """As what somebody saw earlier practice."""

    SUPERVISOR = "supervisor"
    WITNESS = "witness"


class Attested(StrEnum):
    """What a witness has said of earlier practice: nothing yet, that it was so, or that they cannot say so."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class PriorPractice(msgspec.Struct, frozen=True, kw_only=True):
    """Practice of earlier years that a submission shows, as the educator dates and tells it in ``account``, and what somebody
    who saw it says. Assessors see everything of it but who that is and what they wrote."""

    submission_id: str
    began_on: date
    ended_on: date
    account: str
    capacity: Capacity
    witness_id: str
    asked_at: datetime
    attested: Attested = Attested.ASKED
    statement: str = ""
    answered_at: datetime | None = None


class PriorInManifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``attested_on``: the day on which a supervisor or a witness confirmed it, in UTC."""

    began_on: date
    ended_on: date
    account: str
    capacity: Capacity
    attested_on: date


class ManifestEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    artifact: str
    requirement: str
    kind: ArtifactKind
    media_type: str
    size: int
    digest: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was handed in, as it was at that moment: the digests of every artifact, of the rubric version, the attestations,
    and earlier practice that was attested. Its own digest is bound into the credential."""

    submission: str
    version: str
    version_digest: str
    attempt_no: int
    attestations: Attestations
    artifacts: tuple[ManifestEntry, ...]
    frozen_at: datetime
    prior: PriorInManifest | None = None


class WrongStage(Conflict):
    code = "wrong-stage"


class NotOpen(Conflict):
    code = "not-open"


class CoachNeeded(Conflict):
    code = "coach-meeting-needed"


class AttemptOpen(Conflict):
    code = "attempt-open"


class NothingToTakeUp(Conflict):
    code = "nothing-to-take-up"


class NotReady(Malformed):
    """``faults`` name everything that is missing, with its place."""

    code = "not-ready"


class FileRefused(Malformed):
    """An upload that is not kept. ``code`` says why: one of the stable codes of docs/codes.md."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code  # type: ignore[misc]  # the code belongs to the defect, not to the class
