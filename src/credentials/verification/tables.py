from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.verification.model import Question

batches = Table(
    "verification_batches",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("owner", Id, nullable=False),
    Column("organisation", Name, nullable=False),
    Column("question", Document(Question), nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("taken_until", Moment),
    Index("ix_verification_batches_owner", "owner", "id"),
    Index("ix_verification_batches_finished_at", "finished_at"),
)

# What waits is here as it was sent, and is taken away when its verdict is there.
items = Table(
    "verification_items",
    METADATA,
    Column("batch_id", Id, ForeignKey("verification_batches.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("label", String(400), nullable=False),
    Column("octets", LargeBinary),
    Column("link", Text),
    Column("result", LargeBinary),
    Column("verdict", Name),
    PrimaryKeyConstraint("batch_id", "number"),
)
