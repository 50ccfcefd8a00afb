"""What becomes of a stack when a member is withdrawn or runs out, and a look at each stack on the day that a member does.

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COLUMNS = ("when_revoked", "when_suspended", "when_expired")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in COLUMNS:  # what all stacks did so far
        op.add_column("stacks", sa.Column(name, sa.String(80), nullable=False, server_default="suspended"))
    order_looks()


def order_looks() -> None:
    """For what was awarded until today. An order needs an id of its own: that of the award is no other order's."""
    awards = sa.table(
        "awards",
        *(sa.column(name) for name in ("id", "kind", "state")),
        *(sa.column(name, MOMENT) for name in ("awarded_at", "valid_until")),
    )
    orders = sa.table(
        "orders",
        *(sa.column(name) for name in ("id", "kind", "key", "attempts", "last_error")),
        sa.column("payload", sa.LargeBinary()),
        *(sa.column(name, MOMENT) for name in ("placed_at", "due_at")),
    )
    ends = sa.select(awards.c.id, awards.c.awarded_at, awards.c.valid_until).where(
        awards.c.kind == "micro_credential", awards.c.valid_until.is_not(None), awards.c.state != "revoked"
    )
    connection = op.get_bind()
    rows = [
        {
            "id": award,
            "kind": "stack.check",
            "key": f"{award}:ran-out",
            "payload": f'{{"award":"{award}"}}'.encode(),
            "placed_at": awarded_at,
            "due_at": valid_until,
            "attempts": 0,
            "last_error": "",
        }
        for award, awarded_at, valid_until in connection.execute(ends)
    ]
    if rows:
        connection.execute(sa.insert(orders), rows)


def downgrade() -> None:
    op.execute("DELETE FROM orders WHERE kind = 'stack.check' AND key LIKE '%:ran-out' AND done_at IS NULL")
    for name in COLUMNS:
        op.drop_column("stacks", name)
