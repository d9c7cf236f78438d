"""``python -m bench [NAME …]``: run the rows and print one ``BENCH {json}`` line each."""

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bench import mot

Row = Callable[[argparse.Namespace, Path], Coroutine[Any, Any, dict[str, Any]]]
ROWS: dict[str, Row] = {"mot": mot.run}
RAW = Path(".guanchao") / "bench"


def machine() -> dict[str, Any]:
    """Return what the figures were taken on; absolute ones mean nothing elsewhere."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def main() -> int:
    """Run the named rows, or all."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--events", type=int, default=200_000, help="events drained a turn")
    parser.add_argument("--turns", type=int, default=3, help="turns of each side")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(ROWS))
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are: {', '.join(ROWS)}")
    for name in given.names or ROWS:
        folder = RAW / name
        folder.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(ROWS[name](given, folder))
        line = {"name": name, **result, "machine": machine()}
        (folder / "result.json").write_text(json.dumps(line, indent=1), encoding="utf-8")
        print(f"BENCH {json.dumps(line, ensure_ascii=False)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
