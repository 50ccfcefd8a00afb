"""What each organisation recognises: its registry of issuers.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recognitions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("logo", sa.Text(), nullable=False),
        sa.Column("uses", sa.LargeBinary(), nullable=False),
        sa.Column("achievement_types", sa.LargeBinary(), nullable=False),
        sa.Column("achievements", sa.LargeBinary(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("from_", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognitions")),
    )
    with op.batch_alter_table("recognitions", schema=None) as batch_op:
        batch_op.create_index("ix_recognitions_owner_issuer", ["owner", "issuer"], unique=False)
        batch_op.create_index("ix_recognitions_owner_id", ["owner", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("recognitions")
