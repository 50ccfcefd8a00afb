"""assessment: several readings of one submission, what is wanted next, relationships, coach meetings, comments

Revision: 0004, after 0003
"""

import json

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LIVE = "stage IN ('claimed', 'scoring', 'decided')"
DECIDING = sa.text(f"{LIVE} AND kind IN ('first', 'second', 'adjudication', 'leader')")
OPEN = sa.text("stage IN ('claimed', 'scoring')")
WANTED = sa.text("wants <> 'nothing'")


def upgrade() -> None:
    op.add_column('submissions', sa.Column('wants', sa.String(80), nullable=False, server_default='nothing'))
    op.add_column('submissions', sa.Column('due_at', MOMENT))
    op.add_column('submissions', sa.Column('earned_only', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE submissions SET wants = 'first' WHERE stage = 'submitted'")
    op.create_index(
        'ix_submissions_wanted', 'submissions', ['submitted_at', 'id'], sqlite_where=WANTED, postgresql_where=WANTED
    )

    for name, width, default in (
        ('educator_id', 36, ''),
        ('micro_credential_id', 36, ''),
        ('kind', 80, 'first'),
    ):
        op.add_column('reviews', sa.Column(name, sa.String(width), nullable=False, server_default=default))
    op.add_column('reviews', sa.Column('lease_until', MOMENT))
    op.add_column('reviews', sa.Column('assigned_by', sa.String(36)))
    for name in ('educator_id', 'micro_credential_id'):
        op.execute(
            f"UPDATE reviews SET {name} = (SELECT s.{name} FROM submissions s WHERE s.id = reviews.submission_id)"
        )
    op.drop_index('uq_reviews_open', 'reviews')
    op.create_index(
        'uq_reviews_kind',
        'reviews',
        ['submission_id', 'kind'],
        unique=True,
        sqlite_where=DECIDING,
        postgresql_where=DECIDING,
    )
    op.create_index(
        'uq_reviews_assessor',
        'reviews',
        ['submission_id', 'assessor_id'],
        unique=True,
        sqlite_where=sa.text(LIVE),
        postgresql_where=sa.text(LIVE),
    )
    op.create_index('ix_reviews_educator_id', 'reviews', ['educator_id', 'micro_credential_id'])
    op.create_index('ix_reviews_lease_until', 'reviews', ['lease_until'], sqlite_where=OPEN, postgresql_where=OPEN)

    op.add_column('decisions', sa.Column('basis', sa.String(80), nullable=False, server_default='single'))
    op.add_column('decisions', sa.Column('points', sa.Float()))
    op.add_column(
        'decisions', sa.Column('review_ids', sa.LargeBinary(), nullable=False, server_default=sa.text("'[]'"))
    )
    decisions = sa.table(
        'decisions', sa.column('submission_id'), sa.column('review_id'), sa.column('review_ids', sa.LargeBinary())
    )
    rows = op.get_bind().execute(sa.select(decisions.c.submission_id, decisions.c.review_id)).all()
    for submission_id, review_id in rows:
        rests_on = json.dumps([review_id]).encode()
        op.execute(
            sa.update(decisions).where(decisions.c.submission_id == submission_id).values(review_ids=rests_on)
        )

    op.create_table(
        'hidden_names',
        sa.Column('submission_id', sa.String(36), nullable=False),
        sa.Column('names', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ['submission_id'], ['submissions.id'], name=op.f('fk_hidden_names_submission_id')
        ),
        sa.PrimaryKeyConstraint('submission_id', name=op.f('pk_hidden_names')),
    )
    op.create_table(
        'coach_meetings',
        sa.Column('id', sa.String(36), nullable=False),
        sa.Column('educator_id', sa.String(36), nullable=False),
        sa.Column('micro_credential_id', sa.String(36), nullable=False),
        sa.Column('coach_id', sa.String(36)),
        sa.Column('held_on', sa.Date(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('recorded_by', sa.String(36), nullable=False),
        sa.Column('recorded_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['educator_id'], ['persons.id'], name=op.f('fk_coach_meetings_educator_id')),
        sa.ForeignKeyConstraint(
            ['micro_credential_id'], ['micro_credentials.id'], name=op.f('fk_coach_meetings_micro_credential_id')
        ),
        sa.ForeignKeyConstraint(['coach_id'], ['persons.id'], name=op.f('fk_coach_meetings_coach_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_coach_meetings')),
    )
    op.create_index('ix_coach_meetings_educator_id', 'coach_meetings', ['educator_id', 'micro_credential_id'])
    op.create_index('ix_coach_meetings_coach_id', 'coach_meetings', ['coach_id'])
    op.create_table(
        'conflicts',
        sa.Column('id', sa.String(36), nullable=False),
        sa.Column('person_id', sa.String(36), nullable=False),
        sa.Column('other_id', sa.String(36)),
        sa.Column('other_address', sa.String(254), nullable=False),
        sa.Column('kind', sa.String(80), nullable=False),
        sa.Column('from_', sa.Date(), nullable=False),
        sa.Column('until', sa.Date()),
        sa.Column('declared_by', sa.String(36), nullable=False),
        sa.Column('declared_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['persons.id'], name=op.f('fk_conflicts_person_id')),
        sa.ForeignKeyConstraint(['other_id'], ['persons.id'], name=op.f('fk_conflicts_other_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_conflicts')),
    )
    for name in ('person_id', 'other_id', 'other_address'):
        op.create_index(f'ix_conflicts_{name}', 'conflicts', [name])
    op.create_table(
        'review_comments',
        sa.Column('id', sa.String(36), nullable=False),
        sa.Column('owner_id', sa.String(36)),
        sa.Column('micro_credential_id', sa.String(36)),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('made_by', sa.String(36), nullable=False),
        sa.Column('made_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['owner_id'], ['persons.id'], name=op.f('fk_review_comments_owner_id')),
        sa.ForeignKeyConstraint(
            ['micro_credential_id'], ['micro_credentials.id'], name=op.f('fk_review_comments_micro_credential_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_review_comments')),
    )
    op.create_index('ix_review_comments_owner_id', 'review_comments', ['owner_id'])
    op.create_index('ix_review_comments_micro_credential_id', 'review_comments', ['micro_credential_id'])
    op.create_table(
        'unblindings',
        sa.Column('submission_id', sa.String(36), nullable=False),
        sa.Column('person_id', sa.String(36), nullable=False),
        sa.Column('educator_id', sa.String(36), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_unblindings_submission_id')),
        sa.ForeignKeyConstraint(['person_id'], ['persons.id'], name=op.f('fk_unblindings_person_id')),
        sa.ForeignKeyConstraint(['educator_id'], ['persons.id'], name=op.f('fk_unblindings_educator_id')),
        sa.PrimaryKeyConstraint('submission_id', 'person_id', name=op.f('pk_unblindings')),
    )
    op.create_index('ix_unblindings_person_id', 'unblindings', ['person_id'])
    op.create_table(
        'sample_seeds',
        sa.Column('version_id', sa.String(36), nullable=False),
        sa.Column('seed', sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ['version_id'], ['micro_credential_versions.id'], name=op.f('fk_sample_seeds_version_id')
        ),
        sa.PrimaryKeyConstraint('version_id', name=op.f('pk_sample_seeds')),
    )
