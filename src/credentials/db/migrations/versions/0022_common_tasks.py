"""Common tasks: work that was decided in one district is scored again by another.

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "common_tasks",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("micro_credential_id", sa.String(36), nullable=False),
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.Column("home_id", sa.String(36), nullable=False),
        sa.Column("guest_id", sa.String(36), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(36), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        _of("common_tasks", "organisation_id", "organisations"),
        _of("common_tasks", "micro_credential_id", "micro_credentials"),
        _of("common_tasks", "version_id", "micro_credential_versions"),
        _of("common_tasks", "home_id", "organisations"),
        _of("common_tasks", "guest_id", "organisations"),
        _of("common_tasks", "opened_by", "persons"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_common_tasks")),
    )
    op.create_index("ix_common_tasks_organisation_id", "common_tasks", ["organisation_id", "id"])
    op.create_table(
        "common_task_works",
        sa.Column("task_id", sa.String(36), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("guest_id", sa.String(36), nullable=False),
        sa.Column("review_id", sa.String(36), nullable=False),
        _of("common_task_works", "task_id", "common_tasks"),
        _of("common_task_works", "submission_id", "submissions"),
        _of("common_task_works", "guest_id", "organisations"),
        _of("common_task_works", "review_id", "reviews"),
        sa.PrimaryKeyConstraint("task_id", "submission_id", name=op.f("pk_common_task_works")),
        sa.UniqueConstraint("review_id", name=op.f("uq_common_task_works_review_id")),
        sa.UniqueConstraint("submission_id", "guest_id", name=op.f("uq_common_task_works_submission_id_guest_id")),
    )


def downgrade() -> None:
    op.drop_table("common_task_works")
    op.drop_table("common_tasks")
