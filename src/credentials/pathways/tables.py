from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, SmallInteger, String, Table, Text

from credentials.db import METADATA, Id, Moment, Name

stacks = Table(
    "stacks",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("slug", Name, nullable=False, unique=True),
    Column("title", String(300), nullable=False),
    Column("description", Text, nullable=False),
    Column("author_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("published_at", Moment),
    Column("published_by", Id),
)

members = Table(
    "stack_members",
    METADATA,
    Column("stack_id", Id, ForeignKey("stacks.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("place", SmallInteger, nullable=False),
    PrimaryKeyConstraint("stack_id", "micro_credential_id"),
    Index("ix_stack_members_micro_credential_id", "micro_credential_id"),
)
