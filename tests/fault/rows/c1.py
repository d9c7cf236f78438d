"""C1 · 机器的钟跳了 · the clock of notify's machine jumps by an hour or a day, on and back.

PostgreSQL's and Kafka's stay right; leases and repeats run on PostgreSQL's.
"""

from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.scene import Scene
from tests.fault.telling import telling

KILLS, PIECE = 16, 8
HOUR, DAY = 3600, 86_400
SKEWS = (HOUR, 0, DAY, 0, -HOUR, 0, -DAY, 0)
ROOT = Path(__file__).parents[3]
SKEWED = ROOT / "tests" / "fault" / "skewed"
PATIENT = {"NOTIFY_SENDING__TIMEOUT_SECONDS": "10", "NOTIFY_SENDING__LEASE_SECONDS": "30"}


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Let the clock jump in the middle of each spell."""
    kills, remained = 0, 0
    skew = folder / "skew"
    _set(skew, 0)
    told = {**PATIENT, "PYTHONPATH": f"{SKEWED}:{ROOT}", "FAULT_SKEW_FILE": str(skew)}
    async with telling(asked, folder, Scene(extra=told)) as stage:
        while kills < asked.kills and not asked.over():
            await stage.spell()
            remained += await stage.caught()
            _set(skew, SKEWS[kills % len(SKEWS)])
            stage.notify.thaw()
            await stage.settle()
            kills += 1
        found = await stage.verdict()
    idle = kills - remained
    found["complaints"] += [f"{idle} jumps found nothing left to do"] if idle else []
    return {**found, "kills": kills, "work_remained": remained}


def _set(file: Path, seconds: int) -> None:
    """Replace the file whole: it is read at any moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(str(seconds), encoding="utf-8")
    new.replace(file)
