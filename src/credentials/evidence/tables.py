from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.evidence.model import Attestations

_WANTED = text("wants <> 'nothing'")
_OPEN = text("stage IN ('draft', 'submitted', 'incomplete', 'in_review', 'held')")

submissions = Table(
    "submissions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("version_id", Id, ForeignKey("micro_credential_versions.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("attempt_no", Integer, nullable=False),
    Column("stage", Name, nullable=False),
    Column("attestations", Document(Attestations), nullable=False),
    Column("school_ids", Document(tuple[str, ...]), nullable=False),
    Column("manifest_digest", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("submitted_at", Moment),
    Column("decided_at", Moment),
    Column("wants", Name, nullable=False),
    Column("due_at", Moment),
    Column("earned_only", Boolean, nullable=False),
    Column("calibration", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Index(
        "uq_submissions_open",
        "educator_id",
        "micro_credential_id",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("ix_submissions_queue", "organisation_id", "stage", "submitted_at"),
    Index("ix_submissions_wanted", "submitted_at", "id", sqlite_where=_WANTED, postgresql_where=_WANTED),
)

# Names that an educator lists so that they are found before a hand-in. Nobody else sees them; they go with the decision.
hidden_names = Table(
    "hidden_names",
    METADATA,
    Column("submission_id", Id, ForeignKey("submissions.id"), primary_key=True),
    Column("names", Document(tuple[str, ...]), nullable=False),
)

prior_practices = Table(
    "prior_practices",
    METADATA,
    Column("submission_id", Id, ForeignKey("submissions.id"), primary_key=True),
    Column("began_on", Date, nullable=False),
    Column("ended_on", Date, nullable=False),
    Column("account", Text, nullable=False),
    Column("capacity", Name, nullable=False),
    Column("witness_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("attested", Name, nullable=False),
    Column("statement", Text, nullable=False),
    Column("answered_at", Moment),
    Index("ix_prior_practices_witness_id", "witness_id", "asked_at"),
)

coach_meetings = Table(
    "coach_meetings",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("coach_id", Id, ForeignKey("persons.id")),
    Column("held_on", Date, nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_by", Id, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index("ix_coach_meetings_educator_id", "educator_id", "micro_credential_id"),
    Index("ix_coach_meetings_coach_id", "coach_id"),
)

# ``school_ids`` one by one, so that the queue can leave out an assessor's own.
submission_schools = Table(
    "submission_schools",
    METADATA,
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("school_id", Id, ForeignKey("organisations.id"), nullable=False),
    PrimaryKeyConstraint("submission_id", "school_id"),
)

artifacts = Table(
    "artifacts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("requirement", Name, nullable=False),
    Column("kind", Name, nullable=False),
    Column("mode", Name, nullable=False),
    Column("text", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("name", String(200), nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("shows_students", Boolean, nullable=False),
    Column("added_at", Moment, nullable=False),
    Index("ix_artifacts_submission_id", "submission_id"),
    Index("ix_artifacts_digest", "digest"),
)

manifests = Table(
    "manifests",
    METADATA,
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("frozen_at", Moment, nullable=False),
    PrimaryKeyConstraint("submission_id", "digest"),
)
