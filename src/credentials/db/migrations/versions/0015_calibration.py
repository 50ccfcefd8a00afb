"""Anchors, qualification sets with their attempts, hidden checks and locks; for what an assessor must be qualified.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("submissions", sa.Column("calibration", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "anchors",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("micro_credential_id", sa.String(36), nullable=False),
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("source_id", sa.String(36)),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("use", sa.String(80), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.Column("moderation_id", sa.String(36)),
        sa.Column("made_by", sa.String(36), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_anchors_organisation_id_organisations")),
        sa.ForeignKeyConstraint(["micro_credential_id"], ["micro_credentials.id"], name=op.f("fk_anchors_micro_credential_id_micro_credentials")),
        sa.ForeignKeyConstraint(["version_id"], ["micro_credential_versions.id"], name=op.f("fk_anchors_version_id_micro_credential_versions")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_anchors_submission_id_submissions")),
        sa.ForeignKeyConstraint(["source_id"], ["submissions.id"], name=op.f("fk_anchors_source_id_submissions")),
        sa.ForeignKeyConstraint(["made_by"], ["persons.id"], name=op.f("fk_anchors_made_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchors")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_anchors_submission_id")),
    )
    op.create_index("ix_anchors_key", "anchors", ["key", "use"])
    op.create_index("ix_anchors_organisation_id", "anchors", ["organisation_id", "id"])
    op.create_index("ix_anchors_source_id", "anchors", ["source_id"])
    op.create_table(
        "qualification_sets",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("micro_credential_id", sa.String(36), nullable=False),
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("anchor_ids", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.String(36), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_qualification_sets_organisation_id_organisations")),
        sa.ForeignKeyConstraint(["micro_credential_id"], ["micro_credentials.id"], name=op.f("fk_qualification_sets_micro_credential_id_micro_credentials")),
        sa.ForeignKeyConstraint(["version_id"], ["micro_credential_versions.id"], name=op.f("fk_qualification_sets_version_id_micro_credential_versions")),
        sa.ForeignKeyConstraint(["made_by"], ["persons.id"], name=op.f("fk_qualification_sets_made_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_sets")),
    )
    op.create_index("ix_qualification_sets_key", "qualification_sets", ["key"])
    op.create_index("ix_qualification_sets_organisation_id", "qualification_sets", ["organisation_id", "id"])
    op.create_table(
        "qualification_attempts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("set_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("micro_credential_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("judgement", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["set_id"], ["qualification_sets.id"], name=op.f("fk_qualification_attempts_set_id_qualification_sets")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_qualification_attempts_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_attempts")),
    )
    op.create_index("ix_qualification_attempts_person_id", "qualification_attempts", ["person_id", "key"])
    op.create_index("uq_qualification_attempts_open", "qualification_attempts", ["set_id", "person_id"], unique=True, sqlite_where=sa.text("finished_at IS NULL"), postgresql_where=sa.text("finished_at IS NULL"))
    op.create_table(
        "qualification_answers",
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.Column("anchor", sa.String(36), nullable=False),
        sa.Column("criterion", sa.String(80), nullable=False),
        sa.Column("level", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["qualification_attempts.id"], name=op.f("fk_qualification_answers_attempt_id_qualification_attempts")),
        sa.ForeignKeyConstraint(["anchor"], ["anchors.id"], name=op.f("fk_qualification_answers_anchor_anchors")),
        sa.PrimaryKeyConstraint("attempt_id", "anchor", "criterion", name=op.f("pk_qualification_answers")),
    )
    op.create_table(
        "qualifications",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("micro_credential_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("set_ids", sa.LargeBinary(), nullable=False),
        sa.Column("qualified_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_qualifications_person_id_persons")),
        sa.ForeignKeyConstraint(["micro_credential_id"], ["micro_credentials.id"], name=op.f("fk_qualifications_micro_credential_id_micro_credentials")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualifications")),
    )
    op.create_index("ix_qualifications_key", "qualifications", ["key", "expires_at"])
    op.create_index("ix_qualifications_person_id", "qualifications", ["person_id", "expires_at"])
    op.create_table(
        "assessor_locks",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("micro_credential_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("set_id", sa.String(36)),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("locked_at", MOMENT, nullable=False),
        sa.Column("unlocked_at", MOMENT),
        sa.Column("attempt_id", sa.String(36)),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_assessor_locks_person_id_persons")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_assessor_locks_organisation_id_organisations")),
        sa.ForeignKeyConstraint(["micro_credential_id"], ["micro_credentials.id"], name=op.f("fk_assessor_locks_micro_credential_id_micro_credentials")),
        sa.ForeignKeyConstraint(["set_id"], ["qualification_sets.id"], name=op.f("fk_assessor_locks_set_id_qualification_sets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessor_locks")),
    )
    op.create_index("ix_assessor_locks_organisation_id", "assessor_locks", ["organisation_id", "id"])
    op.create_index("uq_assessor_locks_open", "assessor_locks", ["person_id", "micro_credential_id"], unique=True, sqlite_where=sa.text("unlocked_at IS NULL"), postgresql_where=sa.text("unlocked_at IS NULL"))
    op.create_table(
        "validity_papers",
        sa.Column("submission_id", sa.String(36), nullable=False),
        sa.Column("anchor_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("micro_credential_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("dealt_at", MOMENT, nullable=False),
        sa.Column("judged_at", MOMENT),
        sa.Column("missed", sa.Boolean()),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_validity_papers_submission_id_submissions")),
        sa.ForeignKeyConstraint(["anchor_id"], ["anchors.id"], name=op.f("fk_validity_papers_anchor_id_anchors")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_validity_papers_person_id_persons")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_validity_papers_organisation_id_organisations")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_validity_papers")),
        sa.UniqueConstraint("anchor_id", "person_id", name=op.f("uq_validity_papers_anchor_id_person_id")),
    )
    op.create_index("ix_validity_papers_organisation_id", "validity_papers", ["organisation_id", "judged_at"])
    op.create_index("ix_validity_papers_person_id", "validity_papers", ["person_id", "micro_credential_id", "judged_at"])


def downgrade() -> None:
    for table in (
        "validity_papers",
        "assessor_locks",
        "qualifications",
        "qualification_answers",
        "qualification_attempts",
        "qualification_sets",
        "anchors",
    ):
        op.drop_table(table)
    op.drop_column("submissions", "calibration")
