"""Items of a batch by their verdicts.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verification_items", sa.Column("verdict", sa.String(80)))


def downgrade() -> None:
    op.drop_column("verification_items", "verdict")
