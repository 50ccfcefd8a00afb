from sqlalchemy import Column, Date, ForeignKey, Index, Integer, SmallInteger, String, Table, Text

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.figures.model import BandCount

goals = Table(
    "growth_goals",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("title", String(300), nullable=False),
    Column("measure", Name, nullable=False),
    Column("baseline_year", SmallInteger, nullable=False),
    Column("baseline", Integer, nullable=False),
    Column("rate_hundredths", Integer, nullable=False),
    Column("years", SmallInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_growth_goals_organisation_id", "organisation_id"),
)

bands = Table(
    "district_bands",
    METADATA,
    Column("organisation_id", Id, ForeignKey("organisations.id"), primary_key=True),
    Column("band", Name, nullable=False),
)

# Counts of everybody, as they were published: the numbers themselves. What is shown of them goes through ``rules.tables_of``.
counts = Table(
    "published_counts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("counted_on", Date, nullable=False),
    Column("first_year", SmallInteger, nullable=False),
    Column("bands", Document(tuple[BandCount, ...]), nullable=False),
    Column("published_by", Id, nullable=False),
    Index("ix_published_counts_organisation_id", "organisation_id", "counted_on", unique=True),
)
