from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from credentials.db import METADATA, Document, Id, Moment, Name

orders = Table(
    "orders",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("kind", Name, nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", Document(dict[str, str]), nullable=False),
    Column("placed_at", Moment, nullable=False),
    Column("due_at", Moment),  # null: done, or set aside after too many attempts
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text, nullable=False, default=""),
    Column("done_at", Moment),
    UniqueConstraint("kind", "key"),
    Index("ix_orders_due_at", "due_at"),
)
