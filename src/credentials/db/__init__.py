"""Engine, session type, metadata, rows and migrations: what every room's tables and store stand on."""

from credentials.db.engine import Database, Session, constraint_of
from credentials.db.metadata import METADATA, Document, Id, Moment, Name
from credentials.db.rows import (
    all_by_id,
    change_row,
    find_all,
    find_by,
    find_groups,
    find_one,
    find_row,
    insert_all,
    insert_once,
    insert_one,
    known,
    one_by_id,
    revise,
    to_struct,
)

__all__ = [
    "METADATA",
    "Database",
    "Document",
    "Id",
    "Moment",
    "Name",
    "Session",
    "all_by_id",
    "change_row",
    "constraint_of",
    "find_all",
    "find_by",
    "find_groups",
    "find_one",
    "find_row",
    "insert_all",
    "insert_once",
    "insert_one",
    "known",
    "one_by_id",
    "revise",
    "to_struct",
]
