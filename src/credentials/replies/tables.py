from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, SmallInteger, String, Table

from credentials.db import METADATA, Document, Id, Moment

replies = Table(
    "replies",
    METADATA,
    Column("caller", Id, nullable=False),
    Column("key", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("status", SmallInteger),  # null until the request that holds the key is answered
    Column("headers", Document(dict[str, str])),
    Column("body", LargeBinary),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("caller", "key"),
    Index("ix_replies_at", "at"),
)
