"""拨钟 — a program that finds this on its path reads the wall as much wrong as a file says.

What PostgreSQL, Kafka and the kernel say stays right, as where only one machine's clock jumps.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared import clock

SKEW = "FAULT_SKEW_FILE"
"""The variable that names the file; it holds seconds."""


def _now(self: clock.WallClock) -> datetime:
    wrong = timedelta(seconds=float(Path(os.environ[SKEW]).read_text(encoding="utf-8")))
    return datetime.now(UTC) + wrong  # noqa: TID251 it stands in for the one place that asks


if SKEW in os.environ:
    clock.WallClock.now = _now  # type: ignore[method-assign]
