"""As how many SMS a message is charged.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("intents", sa.Column("sms_parts", sa.Integer))
