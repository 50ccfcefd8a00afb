"""Pathways: rules of offices and their versions, facts and items on record, what was used, where everybody stands.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('educator_facts',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('educator_id', sa.String(length=36), nullable=False),
    sa.Column('organisation_id', sa.String(length=36), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('value', sa.LargeBinary(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('recorded_by', sa.String(length=36), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_by', sa.String(length=36), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawal', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['educator_id'], ['persons.id'], name=op.f('fk_educator_facts_educator_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_educator_facts_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_educator_facts'))
    )
    with op.batch_alter_table('educator_facts', schema=None) as batch_op:
        batch_op.create_index('ix_educator_facts_educator_id', ['educator_id'], unique=False)

    op.create_table('educator_holdings',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('educator_id', sa.String(length=36), nullable=False),
    sa.Column('organisation_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('item', sa.LargeBinary(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('credential', sa.Text(), nullable=False),
    sa.Column('report', sa.LargeBinary(), nullable=True),
    sa.Column('recorded_by', sa.String(length=36), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_by', sa.String(length=36), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawal', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['educator_id'], ['persons.id'], name=op.f('fk_educator_holdings_educator_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_educator_holdings_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_educator_holdings'))
    )
    with op.batch_alter_table('educator_holdings', schema=None) as batch_op:
        batch_op.create_index('ix_educator_holdings_educator_id', ['educator_id'], unique=False)

    op.create_table('holding_uses',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('educator_id', sa.String(length=36), nullable=False),
    sa.Column('item', sa.String(length=36), nullable=False),
    sa.Column('decision', sa.String(length=200), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['educator_id'], ['persons.id'], name=op.f('fk_holding_uses_educator_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holding_uses')),
    sa.UniqueConstraint('item', 'decision', name=op.f('uq_holding_uses_item_decision'))
    )
    with op.batch_alter_table('holding_uses', schema=None) as batch_op:
        batch_op.create_index('ix_holding_uses_decision', ['decision'], unique=False)
        batch_op.create_index('ix_holding_uses_educator_id', ['educator_id'], unique=False)

    op.create_table('pathways',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('organisation_id', sa.String(length=36), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('modelled_on', sa.Text(), nullable=False),
    sa.Column('basis', sa.String(length=200), nullable=False),
    sa.Column('author_id', sa.String(length=36), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_pathways_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pathways')),
    sa.UniqueConstraint('slug', name=op.f('uq_pathways_slug'))
    )
    with op.batch_alter_table('pathways', schema=None) as batch_op:
        batch_op.create_index('ix_pathways_organisation_id', ['organisation_id'], unique=False)

    op.create_table('pathway_standings',
    sa.Column('pathway_id', sa.String(length=36), nullable=False),
    sa.Column('educator_id', sa.String(length=36), nullable=False),
    sa.Column('verdict', sa.String(length=80), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('judged_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['educator_id'], ['persons.id'], name=op.f('fk_pathway_standings_educator_id')),
    sa.ForeignKeyConstraint(['pathway_id'], ['pathways.id'], name=op.f('fk_pathway_standings_pathway_id')),
    sa.PrimaryKeyConstraint('pathway_id', 'educator_id', name=op.f('pk_pathway_standings'))
    )
    with op.batch_alter_table('pathway_standings', schema=None) as batch_op:
        batch_op.create_index('ix_pathway_standings_educator_id', ['educator_id'], unique=False)

    op.create_table('pathway_versions',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('pathway_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('rule', sa.LargeBinary(), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=False),
    sa.Column('effective_to', sa.Date(), nullable=True),
    sa.Column('author_id', sa.String(length=36), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approval', sa.LargeBinary(), nullable=True),
    sa.Column('approved_by', sa.String(length=36), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['pathway_id'], ['pathways.id'], name=op.f('fk_pathway_versions_pathway_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pathway_versions')),
    sa.UniqueConstraint('pathway_id', 'number', name=op.f('uq_pathway_versions_pathway_id_number'))
    )


def downgrade() -> None:
    op.drop_table('pathway_versions')
    with op.batch_alter_table('pathway_standings', schema=None) as batch_op:
        batch_op.drop_index('ix_pathway_standings_educator_id')

    op.drop_table('pathway_standings')
    with op.batch_alter_table('pathways', schema=None) as batch_op:
        batch_op.drop_index('ix_pathways_organisation_id')

    op.drop_table('pathways')
    with op.batch_alter_table('holding_uses', schema=None) as batch_op:
        batch_op.drop_index('ix_holding_uses_educator_id')
        batch_op.drop_index('ix_holding_uses_decision')

    op.drop_table('holding_uses')
    with op.batch_alter_table('educator_holdings', schema=None) as batch_op:
        batch_op.drop_index('ix_educator_holdings_educator_id')

    op.drop_table('educator_holdings')
    with op.batch_alter_table('educator_facts', schema=None) as batch_op:
        batch_op.drop_index('ix_educator_facts_educator_id')

    op.drop_table('educator_facts')
