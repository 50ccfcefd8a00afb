from sqlalchemy import Column, Index, String, Table, Text, text

from credentials.db import METADATA, Id, Moment, Name

keys = Table(
    "signing_keys",
    METADATA,
    Column("id", Name, primary_key=True),
    Column("owner", Id, nullable=False),
    Column("did", Text, nullable=False),
    Column("key_type", Name, nullable=False),
    Column("multikey", Text, nullable=False),
    Column("state", Name, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),
    Column("compromised_since", Moment),
    Index("ix_signing_keys_did", "did"),
    Index(
        "uq_signing_keys_active",
        "owner",
        "key_type",
        unique=True,
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
    ),
)

issuers = Table(
    "trusted_issuers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("from_", Moment),
    Column("until", Moment),
)
