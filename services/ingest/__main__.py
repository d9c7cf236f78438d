"""``python -m services.ingest [run | migrate]``: the only reader of the environment."""

import asyncio
import sys

from fastapi import FastAPI

from services.ingest.adapters.profiles import BadProfile
from services.ingest.agent.directory import DirectoryPosting
from services.ingest.api import Door, create_api
from services.ingest.app import Ingest, run
from services.ingest.counters import LibraryMissing
from services.ingest.desk import desk
from services.ingest.settings import Settings
from shared.db import migrate
from shared.observability.logging import configure
from shared.settings import CONFIG_ERROR, read

USAGE = 64  # EX_USAGE


def api(ingest: Ingest) -> FastAPI:
    """Return the HTTP side of a service."""
    door = Door(ingest.too_much_waits, ingest.stored, ingest.guard)
    counter = desk(ingest.settings, ingest.database, ingest.wall)
    directory = DirectoryPosting(ingest.intake)
    return create_api(ingest.posting, directory, door, counter)


def main(arguments: list[str]) -> int:
    """Run the service, or bring its schema to the newest version; return the exit code."""
    command = arguments[0] if arguments else "run"
    if command not in ("run", "migrate") or len(arguments) > 1:
        sys.stderr.write("usage: python -m services.ingest [run | migrate]\n")
        return USAGE
    settings = read(Settings)
    configure("ingest")
    if command == "migrate":
        migrate.run(settings.postgres, "ingest")
        return 0
    try:
        return asyncio.run(run(settings, api))
    except LibraryMissing as missing:
        sys.stderr.write(f"✗ INGEST_CTP__LIBRARY: {missing}\n")
        return CONFIG_ERROR
    except BadProfile as mistake:
        sys.stderr.write(f"✗ INGEST_PROFILES: {mistake}\n")
        return CONFIG_ERROR


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
