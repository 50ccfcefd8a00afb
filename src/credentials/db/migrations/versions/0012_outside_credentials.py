"""Credentials of other issuers: as they were handed in, and later looks at them.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_credentials",
        sa.Column("holding_id", sa.String(length=36), nullable=False),
        sa.Column("educator_id", sa.String(length=36), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["educator_id"], ["persons.id"], name=op.f("fk_outside_credentials_educator_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["holding_id"], ["educator_holdings.id"], name=op.f("fk_outside_credentials_holding_id_educator_holdings")
        ),
        sa.PrimaryKeyConstraint("holding_id", name=op.f("pk_outside_credentials")),
    )
    with op.batch_alter_table("outside_credentials", schema=None) as batch_op:
        batch_op.create_index("ix_outside_credentials_educator_id", ["educator_id"], unique=False)
    op.create_table(
        "outside_checks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("holding_id", sa.String(length=36), nullable=False),
        sa.Column("verdict", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["holding_id"], ["educator_holdings.id"], name=op.f("fk_outside_checks_holding_id_educator_holdings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_checks")),
    )
    with op.batch_alter_table("outside_checks", schema=None) as batch_op:
        batch_op.create_index("ix_outside_checks_holding_id", ["holding_id"], unique=False)


def downgrade() -> None:
    op.drop_table("outside_checks")
    op.drop_table("outside_credentials")
