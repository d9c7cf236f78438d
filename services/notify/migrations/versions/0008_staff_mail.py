"""The address of a member of staff, for mail; sealed.

Staff are forgotten up to their numbers, so that ``org.staff.v1`` can be read again from its start.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("staff", sa.Column("sealed_email", sa.Text))
    op.execute("UPDATE staff SET sequence = ''")
