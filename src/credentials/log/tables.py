from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from credentials.db import METADATA

leaves = Table(
    "log_leaves",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_log_leaves_digest", "digest"),
)

head = Table(
    "log_head",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
