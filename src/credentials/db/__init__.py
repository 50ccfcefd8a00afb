"""Engine, session type, metadata and migrations: what every room's tables and store stand on."""

from credentials.db.engine import Database, Session, constraint_of, insert_once, to_struct
from credentials.db.metadata import METADATA, Document, Id, Moment, Name

__all__ = [
    "METADATA",
    "Database",
    "Document",
    "Id",
    "Moment",
    "Name",
    "Session",
    "constraint_of",
    "insert_once",
    "to_struct",
]
