"""``python -m tests.fault [ROW …]``: run fault rows and print one ``FAULT {json}`` line each.

A row's verdict comes from the oracle of ``tests/kit/reference.py``, which shares no code with the
services. Ctrl-C ends a run early with a verdict; the same command goes on from there. A second one,
or SIGTERM, ends it at once, and no program of it goes on running. Exit code 1 when anything was
lost, made up, told twice or out of order, or a row complains.
"""

import argparse
import asyncio
import json
import logging
import shutil
import signal
import sys
import threading
from pathlib import Path
from time import monotonic

from deploy.embedded import interruption
from tests.fault.asked import Asked
from tests.fault.campaign import Campaign, failed
from tests.fault.catalogue import Row, catalogue
from tests.fault.guard import end_leftovers, guarded

HOME = Path(".guanchao") / "fault"
SEED = 7
INTERRUPTED = 130


def main() -> int:
    rows = catalogue()
    given = _given(rows)
    unknown = sorted(set(given.rows) - set(rows))
    if unknown:
        sys.stderr.write(f"no such row: {', '.join(unknown)}; there are: {', '.join(rows)}\n")
        return 2
    over, bad = threading.Event(), False
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that a broker is down is the fault
    with interruption.handled():
        signal.signal(signal.SIGINT, lambda *_: _end(over))
        for name in given.rows or rows:
            row = rows[name]
            file = HOME / name / "results.jsonl"
            campaign = Campaign(file, name, given.kills or row.kills, given.seed)
            try:
                _go_on(row, campaign, over)
            except KeyboardInterrupt:
                return INTERRUPTED
            line = campaign.line()
            bad |= failed(line)
            print(f"FAULT {json.dumps(line, ensure_ascii=False)}", flush=True)  # noqa: T201 output
            if over.is_set():
                break
    return int(bad)


def _given(rows: dict[str, Row]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make fault",
        description=__doc__,
        epilog="\n".join(f"{row.name:4} {row.says}" for row in rows.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--kills", type=int, help="faults in all; each row has its own default")
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args()


def _end(over: threading.Event) -> None:
    """The first Ctrl-C asks for a verdict, the second one does not wait for it."""
    if over.is_set():
        interruption.interrupt()
        return
    over.set()
    sys.stderr.write("\n  好的，判完这一轮就停 · stopping after the verdict of this run\n")


def _go_on(row: Row, campaign: Campaign, over: threading.Event) -> None:
    """Run piece after piece, each on fresh stores and with the next seed, until all is done."""
    runs = campaign.open_runs()
    done, number = sum(run["kills"] for run in runs), len(runs)
    first, bad = not runs, False
    while (first or done < campaign.kills) and not bad and not over.is_set():
        seed, began = campaign.seed + number, monotonic()
        asked = Asked(min(row.piece, campaign.kills - done), seed, over.is_set)
        folder = campaign.file.parent / f"seed-{seed}"
        with guarded(campaign.file.parent):
            end_leftovers(campaign.file.parent)
            shutil.rmtree(folder, ignore_errors=True)
            run = asyncio.run(row.run(asked, folder))
        bad = failed(run)
        campaign.note({**run, "seconds": round(monotonic() - began)}, seed, first)
        if not bad:
            shutil.rmtree(folder)  # what failed is kept: stores, logs and the gateway's journal
        done, number, first = done + run["kills"], number + 1, False


if __name__ == "__main__":
    sys.exit(main())
