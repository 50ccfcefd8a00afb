from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.review.model import Score

_OPEN = text("stage IN ('claimed', 'scoring')")

reviews = Table(
    "reviews",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submissions.id"), nullable=False),
    Column("assessor_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("manifest_digest", String(64), nullable=False),
    Column("stage", Name, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("checked_at", Moment),
    Column("ended_at", Moment),
    Column("return_note", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    # Two assessors race for one submission: the database lets one win.
    Index("uq_reviews_open", "submission_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_reviews_assessor_id_stage", "assessor_id", "stage"),
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
    Column("decided_by", Id, nullable=False),
    Column("decided_at", Moment, nullable=False),
)
