"""The demo's day through the real chain, with mot killed in the middle of it.

It stays in profile, where the documented questions are answered.
"""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import xlsxwriter

from deploy.embedded.identity import Identity
from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from shared.clock import WallClock
from tests.kit.curl import Shell, curls
from tests.kit.eventually import eventually
from tests.kit.profile_process import Stage
from tests.kit.timeline import SERVICES, Timeline

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.timeout(420)]
PAGES = Path(__file__).parents[2] / "docs" / "profile"


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
    programs = {name: chain.program(name) for name in (*SERVICES, "profile")}
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
        unanswered = await _unanswered(chain, programs["profile"])
    finally:
        for program in (day, *reversed(programs.values())):
            program.terminate()
    found = verdict(day.recipe.log)
    assert (found["missing"], found["unexpected"]) == (0, 0), found
    assert found["delivered"] == found["golden"] > 300
    assert day.exit_code == 0
    assert unanswered == []


def _told(phones: Timeline, some: int) -> Any:
    async def ask() -> bool:
        return len(await phones.journal()) >= some

    return ask


def _over(program: Any) -> Any:
    async def ask() -> bool:
        return not program.running

    return ask


async def _unanswered(chain: Chain, profile: Program) -> list[str]:
    """Ask what profile's pages say to ask, once the day's night is computed; return what failed."""
    token = Identity(chain.stores.secrets.identity).token(
        "r001", ["risk"], WallClock().now(), timedelta(hours=1)
    )
    async with httpx.AsyncClient(base_url=chain.url("profile"), timeout=60) as http:
        stage = Stage(chain, profile, http)
        await eventually(stage.caught_up, within=60)
        await eventually(_computed(http), within=60)
        key = await asyncio.to_thread(stage.command, "keys", "new", "day")
        app = await asyncio.to_thread(stage.command, "visits", "keys", "new", "app")
        keys = {"KEY": key, "TOKEN": token, "APP": app}
        shell = Shell.of(chain.folder, Ports.at().profile, chain.ports.profile, **keys)
        commands = [command for page in sorted(PAGES.glob("*.md")) for command in curls(page)]
        answers = []
        for command in commands:
            if "$VISIT" in command:
                visit, client = await _visit(http, token)
                shell = shell.knowing(VISIT=visit, CLIENT=client)
                _lists(chain.folder, client)
            answers.append((command, await shell.ask(command)))
    assert len(answers) > 10
    return [f"{command}: {a}" for command, a in answers if a.status // 100 != 2]


async def _visit(http: httpx.AsyncClient, token: str) -> tuple[str, str]:
    """Return a visit of the batch that was asked for just before, when it is there; and whose."""
    found: list[tuple[str, str]] = []

    async def landed() -> bool:
        answer = await http.get("/v1/visits", headers={"Authorization": f"Bearer {token}"})
        found.extend((row["visit"], row["customer_id"]) for row in answer.json()["rows"])
        return bool(found)

    await eventually(landed, within=60)
    return found[0]


def _lists(folder: Path, client: str) -> None:
    """Write the files that the pages import: a visit made elsewhere, a client to visit."""
    visit = f"客户号,回访时间,方式,结果,原因\n{client},2026-06-01 10:00,电话,成功,\n"
    (folder / "visits.csv").write_text(visit, encoding="utf-8")
    with xlsxwriter.Workbook(folder / "clients.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["客户号", client])


def _computed(http: httpx.AsyncClient) -> Any:
    async def ask() -> bool:
        return "\nprofile_nightly_due 0.0\n" in (await http.get("/metrics")).text

    return ask
