"""Alembic's entry: everything is in ``shared.db``."""

from shared.db.alembic_env import run

run()
