from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, Text, text

from credentials.db import METADATA, Document, Id, Moment, Name
from credentials.people.model import Scope

organisations = Table(
    "organisations",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("parent_id", Id, ForeignKey("organisations.id")),
    Column("kind", Name, nullable=False),
    Column("slug", Name, nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("lineage", Document(tuple[str, ...]), nullable=False),
)

# The lineage again, one by one: every organisation with itself (depth 0) and each one above it. What a role reaches is one
# indexed look-up.
lineage = Table(
    "organisation_lineage",
    METADATA,
    Column("organisation_id", Id, ForeignKey("organisations.id"), primary_key=True),
    Column("ancestor_id", Id, ForeignKey("organisations.id"), primary_key=True),
    Column("depth", SmallInteger, nullable=False),
    Index("ix_organisation_lineage_ancestor_id", "ancestor_id"),
)

persons = Table(
    "persons",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("subject", String(60), nullable=False, unique=True),
    Column("did", Text),
    Column("name_in_credentials", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
)

addresses = Table(
    "addresses",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("address", String(254), nullable=False),
    Column("verified_at", Moment),
    Column("primary", Boolean, nullable=False),
    Index("ix_addresses_person_id", "person_id"),
    # A verified address belongs to one person; anybody may *claim* one, and the claim runs out unless it is proved.
    Index(
        "uq_addresses_verified",
        "address",
        unique=True,
        sqlite_where=text("verified_at IS NOT NULL"),
        postgresql_where=text("verified_at IS NOT NULL"),
    ),
    Index("uq_addresses_person_id_address", "person_id", "address", unique=True),
)

passwords = Table(
    "passwords",
    METADATA,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column("phc", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

grants = Table(
    "grants",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("role", Name, nullable=False),
    Column("from_", Moment, nullable=False),
    Column("until", Moment),
    Column("granted_by", String(80), nullable=False),
    Index("ix_grants_person_id", "person_id"),
    Index("ix_grants_organisation_id_role", "organisation_id", "role"),
)

tickets = Table(
    "tickets",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("purpose", Name, nullable=False),
    Column("address", String(254), nullable=False),
    Column("person_id", Id, ForeignKey("persons.id")),
    Column("organisation_id", Id, ForeignKey("organisations.id")),
    Column("role", Name),
    Column("created_by", String(80), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("ix_tickets_organisation_id", "organisation_id"),
    Index("ix_tickets_person_id", "person_id"),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_sessions_person_id", "person_id"),
    Index("ix_sessions_expires_at", "expires_at"),
)

tokens = Table(
    "api_tokens",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("person_id", Id, ForeignKey("persons.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("scopes", Document(frozenset[Scope]), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("used_at", Moment),
    Index("ix_api_tokens_person_id", "person_id"),
)

# Failed sign-ins in a row, for an address or a peer. The key has a hash: the record must not list who has an account.
failures = Table(
    "sign_in_failures",
    METADATA,
    Column("key", Name, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)

# What a district's list of its educators says, until the district takes it out.
roster_entries = Table(
    "roster_entries",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation_id", Id, ForeignKey("organisations.id"), nullable=False),
    Column("address", String(254), nullable=False),
    Column("first_name", String(200), nullable=False),
    Column("last_name", String(200), nullable=False),
    Column("educator_id", String(64), nullable=False),
    Column("district_id", String(64), nullable=False),
    Column("listed_at", Moment, nullable=False),
    Index("uq_roster_entries_organisation_id_address", "organisation_id", "address", unique=True),
    Index("ix_roster_entries_organisation_id", "organisation_id", "id"),
)
