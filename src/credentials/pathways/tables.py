from typing import Any

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.pathways.model import Approval

stacks = Table(
    "stacks",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("slug", Name, nullable=False, unique=True),
    Column("title", String(300), nullable=False),
    Column("description", Text, nullable=False),
    Column("when_revoked", Name, nullable=False),
    Column("when_suspended", Name, nullable=False),
    Column("when_expired", Name, nullable=False),
    Column("author_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("published_at", Moment),
    Column("published_by", Id),
)

members = Table(
    "stack_members",
    METADATA,
    Column("stack_id", Id, ForeignKey("stacks.id"), nullable=False),
    Column("micro_credential_id", Id, ForeignKey("micro_credentials.id"), nullable=False),
    Column("place", SmallInteger, nullable=False),
    PrimaryKeyConstraint("stack_id", "micro_credential_id"),
    Index("ix_stack_members_micro_credential_id", "micro_credential_id"),
)

pathways = Table(
    "pathways",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("slug", Name, nullable=False, unique=True),
    Column("title", String(300), nullable=False),
    Column("description", Text, nullable=False),
    Column("modelled_on", Text, nullable=False),
    Column("basis", String(200), nullable=False),
    Column("author_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_pathways_organisation_id", "organisation_id"),
)

pathway_versions = Table(
    "pathway_versions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("pathway_id", Id, ForeignKey("pathways.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", String(300), nullable=False),
    Column("rule", LargeBinary, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    Column("author_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("approval", Document(Approval | None)),
    Column("approved_by", Id),
    Column("approved_at", Moment),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("pathway_id", "number"),
)

# What is known about educators besides their awards. Nothing is edited: a later line replaces an earlier one, and one that was
# wrong is withdrawn with a reason, so that a past day can be judged with what was known then.
facts = Table(
    "educator_facts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("path", String(200), nullable=False),
    Column("value", Document(Any), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("recorded_by", Id, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("withdrawn_by", Id),
    Column("withdrawn_at", Moment),
    Column("withdrawal", Text, nullable=False),
    Index("ix_educator_facts_educator_id", "educator_id"),
)

holdings = Table(
    "educator_holdings",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("kind", Name, nullable=False),
    Column("title", String(300), nullable=False),
    Column("item", Document(Any), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("credential", Text, nullable=False),
    Column("report", LargeBinary),
    Column("recorded_by", Id, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("withdrawn_by", Id),
    Column("withdrawn_at", Moment),
    Column("withdrawal", Text, nullable=False),
    Index("ix_educator_holdings_educator_id", "educator_id"),
)

# Waivers and overrides: what the rule of a pathway need not ask of somebody.
exceptions = Table(
    "pathway_exceptions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("pathway_id", Id, ForeignKey("pathways.id"), nullable=False),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("kind", Name, nullable=False),
    Column("requirement", String(300), nullable=False),
    Column("reason", Text, nullable=False),
    Column("replacement_plan", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("opens", Date, nullable=False),
    Column("closes", Date),
    Column("recorded_by", Id, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("withdrawn_by", Id),
    Column("withdrawn_at", Moment),
    Column("withdrawal", Text, nullable=False),
    Index("ix_pathway_exceptions_educator_id", "educator_id", "pathway_id"),
)

# Outside credentials as they were handed in, apart from their lines on record: those are read for whole populations.
presented = Table(
    "outside_credentials",
    METADATA,
    Column("holding_id", Id, ForeignKey("educator_holdings.id"), primary_key=True),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("octets", LargeBinary, nullable=False),
    Column("looked_at", Moment),
    Index("ix_outside_credentials_educator_id", "educator_id"),
)

checks = Table(
    "outside_checks",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("holding_id", Id, ForeignKey("educator_holdings.id"), nullable=False),
    Column("verdict", Name, nullable=False),
    Column("code", Name, nullable=False),
    Column("summary", Text, nullable=False),
    Column("report", LargeBinary, nullable=False),
    Column("checked_at", Moment, nullable=False),
    Index("ix_outside_checks_holding_id", "holding_id"),
)

# Awards and holdings that a decision consumed, where a rule counts only what was not used before.
uses = Table(
    "holding_uses",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("item", Id, nullable=False),
    Column("decision", String(200), nullable=False),
    Column("used_at", Moment, nullable=False),
    Column("released_at", Moment),
    UniqueConstraint("item", "decision"),
    Index("ix_holding_uses_educator_id", "educator_id"),
    Index("ix_holding_uses_decision", "decision"),
)

# Where everybody stood when it was last looked at: what lists and counts read.
standings = Table(
    "pathway_standings",
    METADATA,
    Column("pathway_id", Id, ForeignKey("pathways.id"), nullable=False),
    Column("educator_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("verdict", Name, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("judged_at", Moment, nullable=False),
    PrimaryKeyConstraint("pathway_id", "educator_id"),
    Index("ix_pathway_standings_educator_id", "educator_id"),
)
