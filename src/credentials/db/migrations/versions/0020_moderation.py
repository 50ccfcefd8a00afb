"""Moderation sessions: several score the same work apart, and agree.

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UNDER_WAY = sa.text("stage IN ('scoring', 'discussing')")


def upgrade() -> None:
    op.create_table(
        "moderations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("micro_credential_id", sa.String(36), nullable=False),
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("stage", sa.String(80), nullable=False),
        sa.Column("opened_by", sa.String(36), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(36)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("consensus", sa.LargeBinary(), nullable=False),
        sa.Column("anchor_id", sa.String(36)),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_moderations_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["micro_credential_id"],
            ["micro_credentials.id"],
            name=op.f("fk_moderations_micro_credential_id_micro_credentials"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["micro_credential_versions.id"],
            name=op.f("fk_moderations_version_id_micro_credential_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_moderations_submission_id_submissions")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["persons.id"], name=op.f("fk_moderations_opened_by_persons")),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name=op.f("fk_moderations_ended_by_persons")),
        sa.ForeignKeyConstraint(["anchor_id"], ["anchors.id"], name=op.f("fk_moderations_anchor_id_anchors")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderations")),
    )
    op.create_index(
        "uq_moderations_under_way",
        "moderations",
        ["submission_id"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.create_index("ix_moderations_organisation_id", "moderations", ["organisation_id", "id"])
    op.create_table(
        "moderation_seats",
        sa.Column("moderation_id", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("review_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderation_id"], ["moderations.id"], name=op.f("fk_moderation_seats_moderation_id_moderations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_moderation_seats_person_id_persons")),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_moderation_seats_review_id_reviews")),
        sa.PrimaryKeyConstraint("moderation_id", "place", name=op.f("pk_moderation_seats")),
        sa.UniqueConstraint("moderation_id", "person_id", name=op.f("uq_moderation_seats_moderation_id_person_id")),
        sa.UniqueConstraint("review_id", name=op.f("uq_moderation_seats_review_id")),
    )
    op.create_index("ix_moderation_seats_person_id", "moderation_seats", ["person_id", "moderation_id"])


def downgrade() -> None:
    op.drop_table("moderation_seats")
    op.drop_table("moderations")
