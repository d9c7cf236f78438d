"""``python -m tests.fault [ROW …]``: run fault rows and print one ``FAULT {json}`` line each.

A row's verdict comes from the oracle of ``tests/kit/reference.py``, which shares no code with the
services. Exit code 1 when any of lost, phantom, twice, disorder or changed is not zero.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from tests.fault import kill_mot

Row = Callable[[argparse.Namespace, Path], Coroutine[Any, Any, dict[str, Any]]]
ROWS: dict[str, Row] = {"K1": kill_mot.run}
ZEROS = ("lost", "phantom", "twice", "disorder", "changed")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fault", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--kills", type=int, default=300, help="300: at most 1 %% a kill (95 %%)")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    unknown = sorted(set(given.rows) - set(ROWS))
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are: {', '.join(ROWS)}")
    failed = False
    for name in given.rows or ROWS:
        folder = Path(".guanchao") / "fault" / name
        folder.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(ROWS[name](given, folder))
        failed |= any(result[word] for word in ZEROS)
        line = json.dumps({"row": name, **result}, ensure_ascii=False)
        print(f"FAULT {line}", flush=True)  # noqa: T201 a command's output
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
