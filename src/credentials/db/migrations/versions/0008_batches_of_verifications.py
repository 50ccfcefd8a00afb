"""Batches of verifications: what waits, and the results of what is done.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verification_batches",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_batches")),
    )
    with op.batch_alter_table("verification_batches", schema=None) as batch_op:
        batch_op.create_index("ix_verification_batches_owner", ["owner", "id"], unique=False)
        batch_op.create_index("ix_verification_batches_finished_at", ["finished_at"], unique=False)
    op.create_table(
        "verification_items",
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=400), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["verification_batches.id"],
            name=op.f("fk_verification_items_batch_id_verification_batches"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_verification_items")),
    )


def downgrade() -> None:
    op.drop_table("verification_items")
    op.drop_table("verification_batches")
