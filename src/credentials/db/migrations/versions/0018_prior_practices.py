"""Prior learning: earlier practice that a submission shows, and what somebody who saw it attests.

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prior_practices",
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("capacity", sa.String(80), nullable=False),
        sa.Column("witness_id", sa.String(36), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attested", sa.String(80), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_prior_practices_submission_id_submissions")
        ),
        sa.ForeignKeyConstraint(["witness_id"], ["persons.id"], name=op.f("fk_prior_practices_witness_id_persons")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_prior_practices")),
    )
    op.create_index("ix_prior_practices_witness_id", "prior_practices", ["witness_id", "asked_at"])


def downgrade() -> None:
    op.drop_table("prior_practices")
