from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.sealing.model import Format, Means

_WAITING = text("sealed_at IS NULL")

intents = Table(
    "intents",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("source_kind", Name, nullable=False),
    Column("source_id", String(120), nullable=False),
    Column("owner", Id, nullable=False),
    Column("did", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("formats", Document(tuple[Format, ...]), nullable=False),
    Column("means", Document(tuple[Means, ...])),
    Column("prepared_at", Moment, nullable=False),
    Column("sealed_at", Moment),
    Column("twin", Id),
    UniqueConstraint("source_kind", "source_id"),
    Index("ix_intents_document_id", "document_id"),
    Index("ix_intents_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
)

sealed = Table(
    "sealed",
    METADATA,
    Column("intent_id", Id, ForeignKey("intents.id"), nullable=False),
    Column("format", Name, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("key", Text, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    PrimaryKeyConstraint("intent_id", "format"),
)
