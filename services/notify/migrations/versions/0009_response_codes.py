"""The code by which a message that was sent can be changed.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("intents", sa.Column("response_code", sa.Text))
