from sqlalchemy import (
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

types = Table(
    "licence_types",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("slug", Name, nullable=False, unique=True),
    Column("title", String(300), nullable=False),
    Column("description", Text, nullable=False),
    Column("kind", Name, nullable=False),
    Column("pathway_id", Id, ForeignKey("pathways.id"), nullable=False),
    Column("renewal_pathway_id", Id, ForeignKey("pathways.id")),
    Column("term_months", Integer),
    Column("renewal_days", Integer, nullable=False),
    Column("consumes", Boolean, nullable=False),
    Column("not_waivable", Document(tuple[str, ...]), nullable=False),
    Column("appeal_days", Integer, nullable=False),
    Column("author_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("revision", Integer, nullable=False),
    Index("ix_licence_types_organisation_id", "organisation_id"),
)

_OPEN = text("stage IN ('submitted', 'returned')")

applications = Table(
    "licence_applications",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("type_id", Id, ForeignKey("licence_types.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("kind", Name, nullable=False),
    Column("renews", Id),
    Column("stage", Name, nullable=False),
    Column("statement", Text, nullable=False),
    Column("submitted_at", Moment, nullable=False),
    Column("verdict", Name, nullable=False),
    Column("evaluation", LargeBinary, nullable=False),
    Column("decided_by", String(80)),
    Column("decided_at", Moment),
    Column("reason", Text, nullable=False),
    Column("valid_until", Date),
    Column("counted", Document(tuple[str, ...]), nullable=False),
    Column("concern", Text, nullable=False),
    Column("award_id", Id),
    Column("revision", Integer, nullable=False),
    Index("ix_licence_applications_educator_id", "educator_id"),
    Index("ix_licence_applications_organisation_id", "organisation_id", "stage", "id"),
    # One at a time for each licence: a second click finds the first one's.
    Index(
        "uq_licence_applications_open",
        "educator_id",
        "type_id",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
)

# What a decision counted, one by one, so that whoever withdraws one finds the decisions that rest on it.
counted = Table(
    "licence_counted",
    METADATA,
    Column("application_id", Id, ForeignKey("licence_applications.id"), nullable=False),
    Column("item", Id, nullable=False),
    PrimaryKeyConstraint("application_id", "item"),
    Index("ix_licence_counted_item", "item"),
)

appeals = Table(
    "licence_appeals",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("application_id", Id, ForeignKey("licence_applications.id"), nullable=False, unique=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("statement", Text, nullable=False),
    Column("waive", Document(tuple[str, ...]), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("good_cause", Text, nullable=False),
    Column("stage", Name, nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("decided_by", String(80)),
    Column("decided_at", Moment),
    Column("reason", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("ix_licence_appeals_organisation_id", "organisation_id", "stage", "id"),
)
