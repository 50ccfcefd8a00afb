"""How an intent is secured: the cryptosuite and the type of key. Empty for intents of before, which had no choice.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intents", sa.Column("means", sa.LargeBinary(), nullable=True))
