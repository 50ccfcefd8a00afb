from sqlalchemy import (
    Column,
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

from credentials.catalog.model import Framework
from credentials.db import METADATA, Document, Id, Moment, Name

frameworks = Table(
    "frameworks",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("identifier", String(300), nullable=False, unique=True),
    Column("title", String(300), nullable=False),
    Column("framework", Document(Framework), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# The items again, one by one, so that a competency is found without reading whole frameworks.
framework_items = Table(
    "framework_items",
    METADATA,
    Column("identifier", String(300), primary_key=True),
    Column("framework_id", Id, ForeignKey("frameworks.id"), nullable=False),
    Column("code", String(300), nullable=False),
    Column("statement", Text, nullable=False),
    Column("item_type", String(300), nullable=False),
    Index("ix_framework_items_framework_id", "framework_id"),
)

micro_credentials = Table(
    "micro_credentials",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("slug", Name, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Index("ix_micro_credentials_organisation_id", "organisation_id"),
)

versions = Table(
    "micro_credential_versions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("stage", Name, nullable=False),
    Column("title", String(300), nullable=False),
    Column("words", Text, nullable=False, server_default=""),
    Column("specification", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("author_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("published_by", Id),
    Column("published_at", Moment),
    Column("retired_at", Moment),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("micro_credential_id", "number"),
    # At any time one version is open for editing and one for new submissions.
    *(
        Index(
            f"uq_micro_credential_versions_{name}",
            "micro_credential_id",
            unique=True,
            sqlite_where=text(condition),
            postgresql_where=text(condition),
        )
        for name, condition in (("open", "stage IN ('draft', 'in_review')"), ("published", "stage = 'published'"))
    ),
)

proposals = Table(
    "proposals",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("author_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("slug", Name, nullable=False),
    Column("specification", LargeBinary, nullable=False),
    Column("stage", Name, nullable=False),
    Column("round", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("submitted_at", Moment),
    Column("decided_at", Moment),
    Column("version_id", Id, ForeignKey("micro_credential_versions.id")),
    Column("revision", Integer, nullable=False),
    Index("ix_proposals_author_id", "author_id", "id"),
    Index("ix_proposals_organisation_id", "organisation_id", "id"),
)

proposal_members = Table(
    "proposal_members",
    METADATA,
    Column("proposal_id", Id, ForeignKey("proposals.id"), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    PrimaryKeyConstraint("proposal_id", "person_id"),
    Index("ix_proposal_members_person_id", "person_id", "proposal_id"),
)

proposal_votes = Table(
    "proposal_votes",
    METADATA,
    Column("proposal_id", Id, ForeignKey("proposals.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("choice", Name, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("proposal_id", "round", "person_id"),
)
