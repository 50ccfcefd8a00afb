"""An intent that gave the same octets as another one.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intents", sa.Column("twin", sa.String(length=36), nullable=True))
