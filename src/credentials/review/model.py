from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from credentials.catalog.model import Key
from credentials.errors import Conflict, Forbidden, Malformed


class ReviewStage(StrEnum):
    CLAIMED = "claimed"
    SCORING = "scoring"
    DECIDED = "decided"
    RETURNED = "returned"
    RELEASED = "released"


class Outcome(StrEnum):
    EARNED = "earned"
    NOT_YET_EARNED = "not_yet_earned"


class Score(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The level that an assessor found for one criterion. ``feedback`` goes to the educator; ``note`` does not."""

    criterion: Key
    level: Key
    feedback: Annotated[str, Meta(max_length=5_000)] = ""
    note: Annotated[str, Meta(max_length=5_000)] = ""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One assessor's reading of one hand-in. ``manifest_digest`` says which evidence was read."""

    id: str
    submission_id: str
    assessor_id: str
    manifest_digest: str
    stage: ReviewStage
    claimed_at: datetime
    checked_at: datetime | None = None
    ended_at: datetime | None = None
    return_note: str = ""
    revision: int = 1


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on a submission, once."""

    submission_id: str
    review_id: str
    outcome: Outcome
    scores: tuple[Score, ...]
    decided_by: str
    decided_at: datetime


class QueueItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What an assessor sees of a waiting submission: nothing that tells whose it is."""

    submission: str
    title: str
    version: str
    attempt_no: int
    submitted_at: datetime


class ConflictOfInterest(Forbidden):
    code = "conflict-of-interest"


class AlreadyClaimed(Conflict):
    code = "already-claimed"


class WrongStage(Conflict):
    code = "wrong-stage"


class NotScored(Malformed):
    """``faults`` name each criterion that lacks a level or feedback."""

    code = "not-scored"
