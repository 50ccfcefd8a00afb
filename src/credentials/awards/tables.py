from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from credentials.db import METADATA, Id, Moment, Name

awards = Table(
    "awards",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", Name, nullable=False),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("achievement_id", Id, nullable=False),
    Column("version_id", Id, ForeignKey("micro_credential_versions.id")),
    Column("submission_id", Id, ForeignKey("submissions.id"), unique=True),
    Column("title", String(300), nullable=False),
    Column("credential_id", String(60), nullable=False, unique=True),
    Column("intent_id", Id, nullable=False, unique=True),
    Column("awarded_at", Moment, nullable=False),
    Column("valid_until", Moment),
    Column("state", Name, nullable=False),
    Column("state_reason", Text, nullable=False),
    Column("state_changed_at", Moment),
    Column("share", String(64), unique=True),
    Column("corrections", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("ix_awards_educator_id", "educator_id", "achievement_id"),
    Index("ix_awards_organisation_id", "organisation_id", "id"),
)

# Short names of achievements that rooms after the catalogue award, such as licences: what rules call them by.
refs = Table(
    "achievement_refs",
    METADATA,
    Column("achievement_id", Id, primary_key=True),
    Column("ref", Name, nullable=False),
)
