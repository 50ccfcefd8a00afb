"""Licences: what an office grants, applications, appeals; waivers and overrides in pathways.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.String(36)
NAME = sa.String(80)
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("stage IN ('submitted', 'returned')")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "pathway_exceptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("pathway_id", ID, nullable=False),
        sa.Column("educator_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("requirement", sa.String(300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replacement_plan", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("closes", sa.Date()),
        sa.Column("recorded_by", ID, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("withdrawn_by", ID),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawal", sa.Text(), nullable=False),
        _to("pathway_exceptions", "pathway_id", "pathways"),
        _to("pathway_exceptions", "educator_id", "persons"),
        _to("pathway_exceptions", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_exceptions")),
    )
    op.create_index("ix_pathway_exceptions_educator_id", "pathway_exceptions", ["educator_id", "pathway_id"])
    op.create_table(
        "licence_types",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("slug", NAME, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("pathway_id", ID, nullable=False),
        sa.Column("renewal_pathway_id", ID),
        sa.Column("term_months", sa.Integer()),
        sa.Column("renewal_days", sa.Integer(), nullable=False),
        sa.Column("consumes", sa.Boolean(), nullable=False),
        sa.Column("not_waivable", sa.LargeBinary(), nullable=False),
        sa.Column("appeal_days", sa.Integer(), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("revision", sa.Integer(), nullable=False),
        _to("licence_types", "organisation_id", "organisations"),
        _to("licence_types", "pathway_id", "pathways"),
        _to("licence_types", "renewal_pathway_id", "pathways"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_types")),
        sa.UniqueConstraint("slug", name=op.f("uq_licence_types_slug")),
    )
    op.create_index("ix_licence_types_organisation_id", "licence_types", ["organisation_id"])
    op.create_table(
        "licence_applications",
        sa.Column("id", ID, nullable=False),
        sa.Column("type_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("educator_id", ID, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("renews", ID),
        sa.Column("stage", NAME, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.Column("verdict", NAME, nullable=False),
        sa.Column("evaluation", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.String(80)),
        sa.Column("decided_at", MOMENT),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("counted", sa.LargeBinary(), nullable=False),
        sa.Column("concern", sa.Text(), nullable=False),
        sa.Column("award_id", ID),
        sa.Column("revision", sa.Integer(), nullable=False),
        _to("licence_applications", "type_id", "licence_types"),
        _to("licence_applications", "organisation_id", "organisations"),
        _to("licence_applications", "educator_id", "persons"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_applications")),
    )
    op.create_index("ix_licence_applications_educator_id", "licence_applications", ["educator_id"])
    op.create_index(
        "ix_licence_applications_organisation_id", "licence_applications", ["organisation_id", "stage", "id"]
    )
    op.create_index(
        "uq_licence_applications_open",
        "licence_applications",
        ["educator_id", "type_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "licence_counted",
        sa.Column("application_id", ID, nullable=False),
        sa.Column("item", ID, nullable=False),
        _to("licence_counted", "application_id", "licence_applications"),
        sa.PrimaryKeyConstraint("application_id", "item", name=op.f("pk_licence_counted")),
    )
    op.create_index("ix_licence_counted_item", "licence_counted", ["item"])
    op.create_table(
        "licence_appeals",
        sa.Column("id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("educator_id", ID, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("waive", sa.LargeBinary(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("good_cause", sa.Text(), nullable=False),
        sa.Column("stage", NAME, nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(80)),
        sa.Column("decided_at", MOMENT),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _to("licence_appeals", "application_id", "licence_applications"),
        _to("licence_appeals", "organisation_id", "organisations"),
        _to("licence_appeals", "educator_id", "persons"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_appeals")),
        sa.UniqueConstraint("application_id", name=op.f("uq_licence_appeals_application_id")),
    )
    op.create_index("ix_licence_appeals_organisation_id", "licence_appeals", ["organisation_id", "stage", "id"])


def downgrade() -> None:
    for table in (
        "licence_appeals",
        "licence_counted",
        "licence_applications",
        "licence_types",
        "pathway_exceptions",
    ):
        op.drop_table(table)
