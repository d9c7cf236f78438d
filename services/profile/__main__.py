"""``python -m services.profile [run | migrate]``: the only reader of the environment.

Exit codes: 0 told to stop, 78 wrong configuration, 65 too much is unreadable, 70 something
unexpected: restart it.
"""

import argparse
import asyncio
import sys

from sqlalchemy.exc import SQLAlchemyError

from services.profile.api import create_api
from services.profile.app import CRASHED, run
from services.profile.settings import Settings
from shared.db.migrate import run as migrate
from shared.observability import logging
from shared.observability.last_words import last_words
from shared.settings import read


def main(argv: list[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser("python -m services.profile", description=__doc__)
    parser.add_argument("command", choices=["run", "migrate"], nargs="?", default="run")
    command = parser.parse_args(argv).command
    logging.configure("profile")
    settings = read(Settings)
    if command == "migrate":
        return _migrate(settings)
    try:
        return asyncio.run(run(settings, create_api))
    except Exception as error:
        last_words(error)
        return CRASHED


def _migrate(settings: Settings) -> int:
    """Migrate; what the database says is kept to itself, since it may quote values."""
    try:
        migrate(settings.postgres, "profile")
    except (OSError, SQLAlchemyError) as error:
        sys.stderr.write(f"✗ the database cannot be migrated: {type(error).__name__}\n")
        return CRASHED
    return 0


if __name__ == "__main__":
    sys.exit(main())
