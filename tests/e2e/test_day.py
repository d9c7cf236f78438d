"""The demo's day through the real chain, with mot killed in the middle of it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores
from tests.kit.eventually import eventually
from tests.kit.timeline import SERVICES, Timeline

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.timeout(420)]


def verdict(log: Path) -> dict[str, Any]:
    """Return what the day's last line says."""
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if "DEMO {" in line]
    found: dict[str, Any] = json.loads(lines[-1].partition("DEMO ")[2])
    return found


async def test_a_killed_mot_changes_nothing_in_the_golden_list(
    own_stores: Stores, tmp_path: Path
) -> None:
    chain = Chain(own_stores, Ports.free(), tmp_path / "chain", simulated=True)
    chain.migrate()
    programs = {name: chain.program(name) for name in SERVICES}
    phones, day = Timeline(chain), chain.day(seed=7)
    try:
        for program in programs.values():
            program.start()
        for program in programs.values():
            await asyncio.to_thread(program.wait_ready)
        day.start()
        for some in (10, 40):  # twice in the middle: work was done and work remains
            await eventually(_told(phones, some), within=180)
            assert day.running
            day.freeze()  # else the day's clock runs hours ahead of a slow machine's restart
            programs["mot"].kill()
            programs["mot"].start()
            await asyncio.to_thread(programs["mot"].wait_ready)
            day.thaw()
        await eventually(_over(day), within=300, every=0.5)
    finally:
        for program in (day, *reversed(programs.values())):
            program.terminate()
    found = verdict(day.recipe.log)
    assert (found["missing"], found["unexpected"]) == (0, 0), found
    assert found["delivered"] == found["golden"] > 300
    assert day.exit_code == 0


def _told(phones: Timeline, some: int) -> Any:
    async def ask() -> bool:
        return len(await phones.journal()) >= some

    return ask


def _over(program: Any) -> Any:
    async def ask() -> bool:
        return not program.running

    return ask
