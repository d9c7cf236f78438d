"""``python -m services.notify [run|migrate]``: the only reader of the environment.

Exit codes: 0 told to stop, 2 wrong configuration, 70 something unexpected: restart it.
"""

import argparse
import asyncio
import sys

from pydantic import ValidationError

from services.notify.api import router
from services.notify.app import CRASHED, run
from services.notify.settings import Settings
from shared.db.migrate import run as migrate
from shared.observability import logging

WRONG_CONFIGURATION = 2


def main(argv: list[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser("python -m services.notify", description=__doc__)
    parser.add_argument("command", choices=["run", "migrate"], nargs="?", default="run")
    command = parser.parse_args(argv).command
    logging.configure("notify")
    try:
        settings = Settings()
    except ValidationError as error:
        sys.stderr.write(f"notify: {error}\n")
        return WRONG_CONFIGURATION
    if command == "migrate":
        migrate(settings.postgres, "notify")
        return 0
    try:
        return asyncio.run(run(settings, router))
    except Exception:
        return CRASHED


if __name__ == "__main__":
    sys.exit(main())
