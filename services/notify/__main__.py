"""``python -m services.notify [run|migrate]``: the only reader of the environment.

Exit codes: 0 told to stop, 78 wrong configuration, 70 something unexpected: restart it.
"""

import argparse
import asyncio
import sys

from sqlalchemy.exc import SQLAlchemyError

from services.notify.api import router
from services.notify.app import CRASHED, run
from services.notify.policy import SHIPPED, WORDED, WrongPolicy, read_policy, read_templates
from services.notify.settings import Settings
from shared.db.migrate import run as migrate
from shared.observability import logging
from shared.settings import CONFIG_ERROR, read


def main(argv: list[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser("python -m services.notify", description=__doc__)
    parser.add_argument("command", choices=["run", "migrate"], nargs="?", default="run")
    command = parser.parse_args(argv).command
    logging.configure("notify")
    settings = read(Settings)
    if command == "migrate":
        return _migrate(settings)
    try:
        wording = read_templates(settings.templates or WORDED, settings.signs)
        policy = read_policy(settings.policy or SHIPPED, wording)
    except WrongPolicy as error:
        sys.stderr.write(f"✗ NOTIFY_POLICY, NOTIFY_TEMPLATES: {error}\n")
        return CONFIG_ERROR
    try:
        return asyncio.run(run(settings, policy, router))
    except Exception:
        return CRASHED


def _migrate(settings: Settings) -> int:
    """Migrate; what the database says is kept to itself, since it may quote values."""
    try:
        migrate(settings.postgres, "notify")
    except (OSError, SQLAlchemyError) as error:
        sys.stderr.write(f"✗ the database cannot be migrated: {type(error).__name__}\n")
        return CRASHED
    return 0


if __name__ == "__main__":
    sys.exit(main())
