"""Proposals: micro-credentials of teachers' own making, their committees, and how these voted.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("specification", sa.LargeBinary(), nullable=False),
        sa.Column("stage", sa.String(80), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("version_id", sa.String(36)),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_proposals_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name=op.f("fk_proposals_author_id_persons")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["micro_credential_versions.id"],
            name=op.f("fk_proposals_version_id_micro_credential_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_author_id", "proposals", ["author_id", "id"])
    op.create_index("ix_proposals_organisation_id", "proposals", ["organisation_id", "id"])
    op.create_table(
        "proposal_members",
        sa.Column("proposal_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_proposal_members_proposal_id_proposals")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_proposal_members_person_id_persons")),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_proposal_members")),
    )
    op.create_index("ix_proposal_members_person_id", "proposal_members", ["person_id", "proposal_id"])
    op.create_table(
        "proposal_votes",
        sa.Column("proposal_id", sa.String(36), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("choice", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_proposal_votes_proposal_id_proposals")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_proposal_votes_person_id_persons")),
        sa.PrimaryKeyConstraint("proposal_id", "round", "person_id", name=op.f("pk_proposal_votes")),
    )


def downgrade() -> None:
    op.drop_table("proposal_votes")
    op.drop_table("proposal_members")
    op.drop_table("proposals")
