"""Figures of agreement that were worked out, and the index by which pairs of readings are found.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reviews_kind_ended_at", "reviews", ["kind", "ended_at"])
    op.create_table(
        "agreement_reports",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_agreement_reports")),
    )


def downgrade() -> None:
    op.drop_table("agreement_reports")
    op.drop_index("ix_reviews_kind_ended_at", "reviews")
