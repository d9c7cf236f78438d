"""K6 · 僵尸 · a worker is frozen for longer than its session, then thawed: it must be fenced.

On the way rule versions are published, and Valkey is killed and restarted at every
``VALKEY_EVERY``-th time.
"""

from pathlib import Path
from typing import Any

from deploy.embedded.program import Program
from tests.fault.asked import Asked
from tests.fault.stage import Plan, Stage, staged
from tests.kit.eventually import eventually

KILLS, PIECE = 20, 10
WORKERS, SESSION_S = 2, 3.0
VALKEY_EVERY = 4
FENCES = ("another worker owns it", "the watermark moved")


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Freeze one in the middle of its work, let the other take over, thaw it, and go on."""
    kills = remained = bounces = 0
    async with staged(asked, folder, Plan(workers=WORKERS, session=SESSION_S)) as stage:
        while kills < asked.kills and not asked.over():
            await stage.all_ready()
            await stage.moves_on()
            await stage.publish_rule()
            remained += await _frozen_and_thawed(stage, stage.crew.programs[kills % WORKERS])
            kills += 1
            if kills % VALKEY_EVERY == 0:
                await stage.moves_on()
                await stage.bounce_valkey()
                bounces += 1
        found = await stage.verdict()
        fenced = sum(_refused(program) for program in stage.crew.programs)
    idle = kills - remained
    complaints = [f"{idle} times nothing was left to do"] if idle else []
    counts = {"kills": kills, "work_remained": remained, "fenced": fenced}
    on_the_way = {"valkey_restarts": bounces, "rule_versions": stage.changes.versions}
    return {**found, **counts, **on_the_way, "complaints": complaints}


async def _frozen_and_thawed(stage: Stage, zombie: Program) -> bool:
    """Return whether it was caught with records that it was not done with."""
    before = await stage.epochs()
    caught = await stage.caught_at_work(zombie)
    try:
        await eventually(lambda: _all_above(stage, before), within=60)
        await stage.moves_on()
    finally:
        zombie.thaw()
    return caught


async def _all_above(stage: Stage, before: list[int]) -> bool:
    """Ask whether every partition was taken over since, that of the frozen one too."""
    return all(now > was for now, was in zip(await stage.epochs(), before, strict=True))


def _refused(program: Program) -> int:
    """Count how often a checkpoint of this worker was refused."""
    said = program.recipe.log.read_text(encoding="utf-8", errors="replace")
    return sum(said.count(fence) for fence in FENCES)
