"""Integrity cases with their votes, marks of texts, appeals; a submission that is held is open.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN_BEFORE = sa.text("stage IN ('draft', 'submitted', 'incomplete', 'in_review')")
OPEN = sa.text("stage IN ('draft', 'submitted', 'incomplete', 'in_review', 'held')")


def _open_submissions(condition: sa.TextClause) -> None:
    op.drop_index("uq_submissions_open", "submissions")
    op.create_index(
        "uq_submissions_open",
        "submissions",
        ["educator_id", "micro_credential_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def upgrade() -> None:
    _open_submissions(OPEN)
    op.create_table(
        "text_marks",
        sa.Column("artifact_id", sa.String(36), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_text_marks_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("artifact_id", "hash", name=op.f("pk_text_marks")),
    )
    op.create_index("ix_text_marks_hash", "text_marks", ["organisation_id", "hash"])
    op.create_index("ix_text_marks_submission_id", "text_marks", ["submission_id"])
    op.create_table(
        "integrity_cases",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("finding", sa.String(80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("panel", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(80), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_integrity_cases_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_cases")),
    )
    op.create_index(
        "ix_integrity_cases_organisation_id", "integrity_cases", ["organisation_id", "closed_at", "id"]
    )
    op.create_table(
        "integrity_parties",
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("educator_id", sa.String(36), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(80)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["integrity_cases.id"], name=op.f("fk_integrity_parties_case_id_integrity_cases")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_integrity_parties_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("case_id", "submission_id", name=op.f("pk_integrity_parties")),
    )
    op.create_index("ix_integrity_parties_submission_id", "integrity_parties", ["submission_id"])
    op.create_table(
        "integrity_votes",
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("against", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["integrity_cases.id"], name=op.f("fk_integrity_votes_case_id_integrity_cases")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_integrity_votes_person_id_persons")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_integrity_votes")),
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("educator_id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("against", sa.String(80), nullable=False),
        sa.Column("decision_at", MOMENT, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("waives", sa.LargeBinary(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("good_cause", sa.Text(), nullable=False),
        sa.Column("cause_accepted", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(80), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(36)),
        sa.Column("decided_at", MOMENT),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_appeals_submission_id_submissions")
        ),
        sa.ForeignKeyConstraint(["educator_id"], ["persons.id"], name=op.f("fk_appeals_educator_id_persons")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_appeals_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("submission_id", "decision_at", name=op.f("uq_appeals_submission_id_decision_at")),
    )
    op.create_index("ix_appeals_educator_id", "appeals", ["educator_id"])
    op.create_index("ix_appeals_organisation_id", "appeals", ["organisation_id", "stage", "id"])
    op.create_table(
        "appeal_exhibits",
        sa.Column("appeal_id", sa.String(36), nullable=False),
        sa.Column("artifact_id", sa.String(36), nullable=False),
        sa.Column("artifact", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(64)),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_exhibits_appeal_id_appeals")),
        sa.PrimaryKeyConstraint("appeal_id", "artifact_id", name=op.f("pk_appeal_exhibits")),
    )
    op.create_index("ix_appeal_exhibits_digest", "appeal_exhibits", ["digest"])


def downgrade() -> None:
    for table in (
        "appeal_exhibits",
        "appeals",
        "integrity_votes",
        "integrity_parties",
        "integrity_cases",
        "text_marks",
    ):
        op.drop_table(table)
    _open_submissions(OPEN_BEFORE)
