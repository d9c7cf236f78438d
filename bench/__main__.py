"""``python -m bench [NAME …]``: run the rows and print one ``BENCH {json}`` line each."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench.machine import machine
from bench.options import QUICK, Options
from bench.result import Result
from bench.rows import fd, ingest, mot, notify, profile
from deploy.embedded import interruption

Row = Callable[[Options, Path], Result]
ROWS: dict[str, Row] = {
    "mot": mot.run,
    "fd": fd.run,
    "ingest": ingest.run,
    "notify": notify.run,
    "profile": profile.run,
}
RAW = Path(".guanchao") / "bench"


def asked(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read the command line."""
    usual = Options()
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--seconds", type=float, help=f"a turn lasts ({usual.seconds:.0f})")
    parser.add_argument("--turns", type=int, help=f"of each side ({usual.turns})")
    parser.add_argument("--sides", nargs="+", default=(), help="only these figures")
    parser.add_argument("--quick", action="store_true", help=f"a look, no result: {QUICK}")
    return parser.parse_args()


def options(given: argparse.Namespace) -> Options:
    """Return what was asked for over what is usual."""
    told = {**asdict(Options()), **(QUICK if given.quick else {}), "only": tuple(given.sides)}
    told |= {k: v for k in ("seconds", "turns") if (v := getattr(given, k)) is not None}
    return Options(**told)


def main() -> int:
    """Run the named rows, or all."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    given = asked(parser)
    unknown = sorted(set(given.names) - set(ROWS))
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are: {', '.join(ROWS)}")
    for name in given.names or ROWS:
        folder = (RAW / name).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        on, how = machine(), options(given)
        with interruption.handled():
            result = ROWS[name](how, folder)
        raw = json.dumps(result.raw(name, on, how), ensure_ascii=False, indent=1)
        (folder / "result.json").write_text(f"{raw}\n", encoding="utf-8")
        print(f"BENCH {json.dumps(result.line(name, on), ensure_ascii=False)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
