from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from credentials.db import METADATA, Id, Moment, Name

lists = Table(
    "status_lists",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("owner", Id, nullable=False),
    Column("did", Text, nullable=False),
    Column("purpose", Name, nullable=False),
    Column("size", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("published_version", Integer, nullable=False),
    Column("published_at", Moment),
    Index(
        "uq_status_lists_open",
        "owner",
        "purpose",
        unique=True,
        sqlite_where=text("NOT closed"),
        postgresql_where=text("NOT closed"),
    ),
)

places = Table(
    "status_places",
    METADATA,
    Column("list_id", Id, ForeignKey("status_lists.id"), nullable=False),
    Column("index", Integer, nullable=False),
    Column("purpose", Name, nullable=False),
    Column("reference", Id, nullable=False),
    Column("set", Boolean, nullable=False),
    Column("changed_at", Moment),
    PrimaryKeyConstraint("list_id", "index"),
    Index("uq_status_places_reference_purpose", "reference", "purpose", unique=True),
    # A list is made from the few bits that are set, however many credentials there are.
    Index("ix_status_places_set", "list_id", "index", sqlite_where=text('"set"'), postgresql_where=text('"set"')),
)

published = Table(
    "status_published",
    METADATA,
    Column("list_id", Id, ForeignKey("status_lists.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("published_at", Moment, nullable=False),
)

# Every change of a bit: what was true on a past day.
changes = Table(
    "status_changes",
    METADATA,
    Column("list_id", Id, nullable=False),
    Column("index", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("set", Boolean, nullable=False),
    Index("ix_status_changes_list_id_index", "list_id", "index", "at"),
)
