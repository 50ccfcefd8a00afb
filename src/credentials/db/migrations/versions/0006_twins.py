"""An intent that gave the same octets as another one.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intents", sa.Column("twin", sa.String(length=36), nullable=True))
