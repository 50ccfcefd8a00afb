from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from credentials.db import METADATA, Id, Moment, Name

entries = Table(
    "audit_entries",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("hash", String(64), nullable=False),
    # Copies of what the body says, for looking things up. The body decides.
    Column("at", Moment, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("organisation", Id, nullable=False),
    Column("action", Name, nullable=False),
    Column("subject", String(120), nullable=False),
    Index("ix_audit_entries_subject", "subject", "sequence"),
    Index("ix_audit_entries_organisation", "organisation", "sequence"),
)

head = Table(
    "audit_head",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
