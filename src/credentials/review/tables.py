from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.evidence.model import Artifact
from credentials.evidence.tables import artifacts, submission_schools, submissions
from credentials.review.model import Decision, Judgement, Score, TrueScore

WAITING = submissions
"""The queue is what ``evidence`` says is wanted, less what an assessor must not score: one query over both rooms' tables."""
THEIR_PLACES = submission_schools
EVIDENCE = artifacts

_LIVE = "stage IN ('claimed', 'scoring', 'decided')"
_DECIDING = text(f"{_LIVE} AND kind IN ('first', 'second', 'adjudication', 'leader')")
_OPEN = text("stage IN ('claimed', 'scoring')")

reviews = Table(
    "reviews",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("assessor_id", Id, ForeignKey("persons.id"), nullable=False),
    # Those of the submission, once more: who scored one attempt is found without it.
    Column("educator_id", Id, nullable=False),
    Column("micro_credential_id", Id, nullable=False),
    Column("kind", Name, nullable=False),
    Column("manifest_digest", String(64), nullable=False),
    Column("stage", Name, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("checked_at", Moment),
    Column("ended_at", Moment),
    Column("lease_until", Moment),
    Column("assigned_by", Id),
    Column("return_note", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    # Two assessors race for one reading: the database lets one win.
    Index("uq_reviews_kind", "submission_id", "kind", unique=True, sqlite_where=_DECIDING, postgresql_where=_DECIDING),
    # Nobody reads a submission twice, in whatever part.
    Index(
        "uq_reviews_assessor",
        "submission_id",
        "assessor_id",
        unique=True,
        sqlite_where=text(_LIVE),
        postgresql_where=text(_LIVE),
    ),
    Index("ix_reviews_assessor_id_stage", "assessor_id", "stage"),
    # What two assessors scored within a time.
    Index("ix_reviews_kind_ended_at", "kind", "ended_at"),
    Index("ix_reviews_educator_id", "educator_id", "micro_credential_id"),
    Index("ix_reviews_lease_until", "lease_until", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

scores = Table(
    "scores",
    METADATA,
    Column("review_id", Id, ForeignKey("reviews.id"), nullable=False),
    Column("criterion", Name, nullable=False),
    Column("level", Name, nullable=False),
    Column("feedback", Text, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("review_id", "criterion"),
)

decisions = Table(
    "decisions",
    METADATA,
    Column("submission_id", Id, ForeignKey("submissions.id"), primary_key=True),
    Column("review_id", Id, ForeignKey("reviews.id"), nullable=False),
    Column("outcome", Name, nullable=False),
    Column("scores", Document(tuple[Score, ...]), nullable=False),
    Column("basis", Name, nullable=False),
    Column("points", Float),
    Column("review_ids", Document(tuple[str, ...]), nullable=False),
    Column("decided_by", Id, nullable=False),
    Column("decided_at", Moment, nullable=False),
)

conflicts = Table(
    "conflicts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("other_id", Id, ForeignKey("persons.id")),
    Column("other_address", String(254), nullable=False),
    Column("kind", Name, nullable=False),
    Column("from_", Date, nullable=False),
    Column("until", Date),
    Column("declared_by", Id, nullable=False),
    Column("declared_at", Moment, nullable=False),
    Index("ix_conflicts_person_id", "person_id"),
    Index("ix_conflicts_other_id", "other_id"),
    Index("ix_conflicts_other_address", "other_address"),
)

comments = Table(
    "review_comments",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("owner_id", Id, ForeignKey("persons.id")),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id")),
    Column("text", Text, nullable=False),
    Column("made_by", Id, nullable=False),
    Column("made_at", Moment, nullable=False),
    Index("ix_review_comments_owner_id", "owner_id"),
    Index("ix_review_comments_micro_credential_id", "micro_credential_id"),
)

unblindings = Table(
    "unblindings",
    METADATA,
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("submission_id", "person_id"),
    Index("ix_unblindings_person_id", "person_id"),
)

# What draws the samples of a version: secret until it is reported, because nobody must know which submissions are drawn.
seeds = Table(
    "sample_seeds",
    METADATA,
    Column("version_id", Id, ForeignKey("micro_credential_versions.id"), primary_key=True),
    Column("seed", String(64), nullable=False),
)

# The smallest hashes of each text that was handed in: what finds texts that are alike without reading them all.
marks = Table(
    "text_marks",
    METADATA,
    Column("artifact_id", Id, nullable=False),
    Column("hash", BigInteger, nullable=False),
    Column("organisation_id", Id, nullable=False),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    PrimaryKeyConstraint("artifact_id", "hash"),
    Index("ix_text_marks_hash", "organisation_id", "hash"),
    Index("ix_text_marks_submission_id", "submission_id"),
)

cases = Table(
    "integrity_cases",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("finding", Name, nullable=False),
    Column("detail", Text, nullable=False),
    Column("panel", Integer, nullable=False),
    Column("opened_by", Name, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("revision", Integer, nullable=False),
    Index("ix_integrity_cases_organisation_id", "organisation_id", "closed_at", "id"),
)

parties = Table(
    "integrity_parties",
    METADATA,
    Column("case_id", Id, ForeignKey("integrity_cases.id"), nullable=False),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("educator_id", Id, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("verdict", Name),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("case_id", "submission_id"),
    Index("ix_integrity_parties_submission_id", "submission_id"),
)

votes = Table(
    "integrity_votes",
    METADATA,
    Column("case_id", Id, ForeignKey("integrity_cases.id"), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("against", Document(tuple[str, ...]), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("case_id", "person_id"),
)

appeals = Table(
    "appeals",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("against", Name, nullable=False),
    Column("decision_at", Moment, nullable=False),
    Column("statement", Text, nullable=False),
    Column("waives", Document(tuple[str, ...]), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("good_cause", Text, nullable=False),
    Column("cause_accepted", Boolean, nullable=False),
    Column("stage", Name, nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Moment),
    Column("reason", Text, nullable=False),
    Column("before", Document(Decision)),
    Column("revision", Integer, nullable=False),
    # A decision is appealed once.
    UniqueConstraint("submission_id", "decision_at"),
    Index("ix_appeals_educator_id", "educator_id"),
    Index("ix_appeals_organisation_id", "organisation_id", "stage", "id"),
)

exhibits = Table(
    "appeal_exhibits",
    METADATA,
    Column("appeal_id", Id, ForeignKey("appeals.id"), nullable=False),
    Column("artifact_id", Id, nullable=False),
    Column("artifact", Document(Artifact), nullable=False),
    # That of a file, so that its bytes are known to be wanted.
    Column("digest", String(64)),
    PrimaryKeyConstraint("appeal_id", "artifact_id"),
    Index("ix_appeal_exhibits_digest", "digest"),
)

# Calibration

anchors = Table(
    "anchors",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("version_id", Id, ForeignKey("micro_credential_versions.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("source_id", Id, ForeignKey("submissions.id")),
    Column("title", String(300), nullable=False),
    Column("use", Name, nullable=False),
    Column("scores", Document(tuple[TrueScore, ...]), nullable=False),
    Column("moderation_id", Id),
    Column("made_by", Id, ForeignKey("persons.id"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("retired_at", Moment),
    UniqueConstraint("submission_id"),
    Index("ix_anchors_key", "key", "use"),
    Index("ix_anchors_organisation_id", "organisation_id", "id"),
    Index("ix_anchors_source_id", "source_id"),
)

qualification_sets = Table(
    "qualification_sets",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("version_id", Id, ForeignKey("micro_credential_versions.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("title", String(300), nullable=False),
    Column("anchor_ids", Document(tuple[str, ...]), nullable=False),
    Column("made_by", Id, ForeignKey("persons.id"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("retired_at", Moment),
    Index("ix_qualification_sets_key", "key"),
    Index("ix_qualification_sets_organisation_id", "organisation_id", "id"),
)

attempts = Table(
    "qualification_attempts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("set_id", Id, ForeignKey("qualification_sets.id"), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("micro_credential_id", Id, nullable=False),
    Column("key", String(64), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("judgement", Document(Judgement)),
    # Nobody has two attempts at a set open.
    Index(
        "uq_qualification_attempts_open",
        "set_id",
        "person_id",
        unique=True,
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    ),
    Index("ix_qualification_attempts_person_id", "person_id", "key"),
)

answers = Table(
    "qualification_answers",
    METADATA,
    Column("attempt_id", Id, ForeignKey("qualification_attempts.id"), nullable=False),
    Column("anchor", Id, ForeignKey("anchors.id"), nullable=False),
    Column("criterion", Name, nullable=False),
    Column("level", Name, nullable=False),
    PrimaryKeyConstraint("attempt_id", "anchor", "criterion"),
)

qualifications = Table(
    "qualifications",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("set_ids", Document(tuple[str, ...]), nullable=False),
    Column("qualified_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_qualifications_person_id", "person_id", "expires_at"),
    Index("ix_qualifications_key", "key", "expires_at"),
)

_LOCKED = text("unlocked_at IS NULL")

locks = Table(
    "assessor_locks",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("set_id", Id, ForeignKey("qualification_sets.id")),
    Column("misses", Integer, nullable=False),
    Column("of", Integer, nullable=False),
    Column("locked_at", Moment, nullable=False),
    Column("unlocked_at", Moment),
    Column("attempt_id", Id),
    Index(
        "uq_assessor_locks_open",
        "person_id",
        "micro_credential_id",
        unique=True,
        sqlite_where=_LOCKED,
        postgresql_where=_LOCKED,
    ),
    Index("ix_assessor_locks_organisation_id", "organisation_id", "id"),
)

papers = Table(
    "validity_papers",
    METADATA,
    Column("submission_id", Id, ForeignKey("submissions.id"), primary_key=True),
    Column("anchor_id", Id, ForeignKey("anchors.id"), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("micro_credential_id", Id, nullable=False),
    Column("key", String(64), nullable=False),
    Column("dealt_at", Moment, nullable=False),
    Column("judged_at", Moment),
    Column("missed", Boolean),
    # Nobody is dealt the same anchor twice: they would know it again.
    UniqueConstraint("anchor_id", "person_id"),
    Index("ix_validity_papers_person_id", "person_id", "micro_credential_id", "judged_at"),
    Index("ix_validity_papers_organisation_id", "organisation_id", "judged_at"),
)

# Moderation

_UNDER_WAY = text("stage IN ('scoring', 'discussing')")

moderations = Table(
    "moderations",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("version_id", Id, ForeignKey("micro_credential_versions.id"), nullable=False),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("title", String(300), nullable=False),
    Column("stage", Name, nullable=False),
    Column("opened_by", Id, ForeignKey("persons.id"), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("ended_by", Id, ForeignKey("persons.id")),
    Column("ended_at", Moment),
    Column("reason", Text, nullable=False),
    Column("consensus", Document(tuple[TrueScore, ...]), nullable=False),
    Column("anchor_id", Id, ForeignKey("anchors.id")),
    Column("revision", Integer, nullable=False),
    # One session about a work at a time.
    Index(
        "uq_moderations_under_way",
        "submission_id",
        unique=True,
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    ),
    Index("ix_moderations_organisation_id", "organisation_id", "id"),
)

seats = Table(
    "moderation_seats",
    METADATA,
    Column("moderation_id", Id, ForeignKey("moderations.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("review_id", Id, ForeignKey("reviews.id"), nullable=False),
    PrimaryKeyConstraint("moderation_id", "place"),
    # Whoever gave it back may be asked again: then their place has a new reading.
    UniqueConstraint("moderation_id", "person_id"),
    UniqueConstraint("review_id"),
    Index("ix_moderation_seats_person_id", "person_id", "moderation_id"),
)

common_tasks = Table(
    "common_tasks",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("version_id", Id, ForeignKey("micro_credential_versions.id"), nullable=False),
    Column("home_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("guest_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("seed", String(64), nullable=False),
    Column("asked", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("of", Integer, nullable=False),
    Column("opened_by", Id, ForeignKey("persons.id"), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Index("ix_common_tasks_organisation_id", "organisation_id", "id"),
)

common_works = Table(
    "common_task_works",
    METADATA,
    Column("task_id", Id, ForeignKey("common_tasks.id"), nullable=False),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("guest_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("review_id", Id, ForeignKey("reviews.id"), nullable=False),
    PrimaryKeyConstraint("task_id", "submission_id"),
    UniqueConstraint("review_id"),
    # A district scores the same work once.
    UniqueConstraint("submission_id", "guest_id"),
)

# Figures that were worked out: of days that are over, so that they stay.
reports = Table(
    "agreement_reports",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("made_on", Date, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
