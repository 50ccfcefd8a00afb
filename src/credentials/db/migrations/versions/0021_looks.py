"""When an outside credential was last verified, whatever was found; and the short names by which rules call licences.

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outside_credentials", sa.Column("looked_at", sa.DateTime(timezone=True)))
    op.create_table(
        "achievement_refs",
        sa.Column("achievement_id", sa.String(36), nullable=False),
        sa.Column("ref", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("achievement_id", name=op.f("pk_achievement_refs")),
    )
    op.execute("INSERT INTO achievement_refs (achievement_id, ref) SELECT id, slug FROM licence_types")


def downgrade() -> None:
    op.drop_table("achievement_refs")
    op.drop_column("outside_credentials", "looked_at")
