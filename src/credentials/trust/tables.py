from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.trust.model import Use

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

# What each organisation recognises, for itself and for those below it.
recognitions = Table(
    "recognitions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("owner", Id, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("name", String(200), nullable=False),
    Column("logo", Text, nullable=False),
    Column("uses", Document(frozenset[Use]), nullable=False),
    Column("achievement_types", Document(tuple[str, ...]), nullable=False),
    Column("achievements", Document(tuple[str, ...]), nullable=False),
    Column("condition", Text, nullable=False),
    Column("from_", Moment),
    Column("until", Moment),
    Column("source", Text, nullable=False),
    Column("listed_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("ix_recognitions_owner_issuer", "owner", "issuer"),
    Index("ix_recognitions_owner_id", "owner", "id"),
)
