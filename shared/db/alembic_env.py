"""The env.py of every service's migrations."""

from alembic import context


def run() -> None:
    """Upgrade on the connection that ``shared.db.migrate`` opened, inside its transaction."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"], version_table_schema=attributes["schema"]
    )
    context.run_migrations()
