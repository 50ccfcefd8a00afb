"""The words by which a micro-credential is found in the catalogue: those of its summary and its tags, too, besides its title.

Revision: 0023, after 0022
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

VERSIONS = "micro_credential_versions"


def upgrade() -> None:
    op.add_column(VERSIONS, sa.Column("words", sa.Text(), nullable=False, server_default=""))
    find_words()


def find_words() -> None:
    """Of what was written until today."""
    versions = sa.table(
        VERSIONS, sa.column("id"), sa.column("specification", sa.LargeBinary()), sa.column("words", sa.Text())
    )
    connection = op.get_bind()
    found = connection.execute(sa.select(versions.c.id, versions.c.specification)).all()
    for version, specification in found:
        words = words_of(json.loads(specification))
        connection.execute(sa.update(versions).where(versions.c.id == version).values(words=words))


def words_of(specification: dict[str, Any]) -> str:
    """As ``catalog.rules.words_of`` tells them of a specification that is written from now on."""
    method = specification.get("keyMethod") or {}
    told = (specification.get("title"), specification.get("summary"), method.get("name"), *specification.get("tags", ()))
    return "\n".join(filter(None, told)).replace("\0", "").lower()


def downgrade() -> None:
    op.drop_column(VERSIONS, "words")
