from sqlalchemy import (
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.evidence.tables import submission_schools, submissions
from credentials.review.model import Score

WAITING = submissions
"""The queue is what ``evidence`` says is wanted, less what an assessor must not score: one query over both rooms' tables."""
THEIR_PLACES = submission_schools

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
