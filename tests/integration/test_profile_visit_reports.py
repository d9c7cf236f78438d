"""What is done and overdue, by whose; work lists and one visit's evidence as files, in reach."""

import asyncio
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from services.profile.commands.profile import app
from tests.integration.test_profile_access import WHO, Counter, counter
from tests.integration.test_profile_visits import RECORD, stood, tasks
from tests.kit.profile import BROKER, NAME, told

__all__ = ["counter"]
pytestmark = pytest.mark.integration


@pytest.fixture
async def handled(counter: Counter) -> tuple[Counter, dict[str, dict[str, Any]]]:
    """Four visits: m1's failed with a reason like a formula, h1's team one given to m3."""
    await stood(counter)
    found = await tasks(counter, "risk")
    said = {**RECORD, "record": str(uuid4()), "reason": "=1+1"}
    path = f"/v1/visits/{found['c-own']['visit']}/records"
    assert (await counter.ask(path, counter.token("m1"), "POST", json=said)).status_code == 200
    given = {"visits": [found["c-team"]["visit"]], "assignee": "m3"}
    head = counter.token("h1")
    await counter.ask("/v1/visit-assignments", head, "POST", json=given)
    return counter, found


async def read(counter: Counter, who: str, path: str) -> Any:
    answer = await counter.ask(path, WHO[who](counter))
    assert answer.status_code == 200, answer.text
    return answer


async def test_sums_are_of_what_is_in_reach(
    handled: tuple[Counter, dict[str, dict[str, Any]]],
) -> None:
    counter, _ = handled

    async def sums(who: str, by: str) -> dict[str, tuple[int, int, int]]:
        rows = (await read(counter, who, f"/v1/visit-summary?year=2026&by={by}")).json()
        return {row["unit"]: (row["visits"], row["failed"], row["overdue"]) for row in rows}

    assert await sums("risk", "branch") == {"b01": (3, 1, 0), "b02": (1, 0, 0)}
    assert await sums("branch-head", "branch") == {"b01": (3, 1, 0)}
    assert await sums("branch-head", "person") == {"m1": (1, 1, 0), "m3": (2, 0, 0)}
    assert (await sums("risk", "rule"))["A005"] == (4, 1, 0)
    assert sum(row[0] for row in (await sums("risk", "batch")).values()) == 4
    await counter.stage.tell(told("clock.ticked", 500, trading_day="2027-01-04"))
    assert (await sums("risk", "branch"))["b01"] == (3, 1, 3)
    book = await read(counter, "auditor", "/v1/visit-summary?year=2026&format=xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    assert rows.to_python()[1][:2] == ["b01", 3.0]


async def test_a_work_list_is_a_workbook_masked_and_without_formulas(
    handled: tuple[Counter, dict[str, dict[str, Any]]],
) -> None:
    counter, _ = handled
    book = await read(counter, "branch-head", "/v1/visit-export?status=failed")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    head, *rows = sheet.to_python()
    (row,) = (dict(zip(head, cells, strict=True)) for cells in rows)
    assert (row["姓名（打码）"], row["原因"], row["状态"]) == ("张**", "'=1+1", "失败")
    assert NAME not in str(rows)
    entries = (await counter.ask("/v1/audit?actor=h1&limit=1", counter.token("a1"))).json()
    assert entries["entries"][0]["action"] == "visits.exported"


async def test_a_visits_evidence_vouches_for_itself(
    handled: tuple[Counter, dict[str, dict[str, Any]]],
) -> None:
    counter, found = handled
    path = f"/v1/visits/{found['c-own']['visit']}/evidence"
    told_ = (await read(counter, "manager", f"{path}?format=csv")).content
    lines = told_.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines] == ["事项", "任务", "选中", "记录"]
    assert "客户 c-own 张**" in lines[1]
    assert lines[3].endswith(",'=1+1,m1")
    pages = (await read(counter, "manager", path)).content
    assert pages.startswith(b"%PDF")
    assert pages == (await read(counter, "manager", path)).content
    out = f"/v1/visits/{found['c-company']['visit']}/evidence"
    assert (await counter.ask(out, counter.token("m1"))).status_code == 404


async def test_the_commands_sum_export_and_import(
    handled: tuple[Counter, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    counter, _ = handled
    dsn = counter.stage.database.url.render_as_string(hide_password=False)

    async def command(*words: str) -> tuple[int, str]:
        asked = ["visits", *words, "--broker", BROKER, "--postgres", dsn]
        done = await asyncio.to_thread(CliRunner().invoke, app, asked)
        return done.exit_code, done.output

    code, said = await command("summary", "--year", "2026")
    assert (code, said.splitlines()[-1]) == (0, "✓ 4")
    out = tmp_path / "visits.xlsx"
    assert (await command("export", "--year", "2026", "--out", str(out)))[0] == 0
    assert len(CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()) == 5
    made = tmp_path / "made.csv"
    made.write_text("客户号,回访时间,方式,结果\nc-branch,2026-06-01 10:30,电话,成功\n")
    for words, done in ((("--check",), "would be 1"), ((), "written 1"), ((), "held 1")):
        code, said = await command("import", "records", str(made), *words)
        assert (code, done in said) == (0, True), said
    made.write_text("客户号,回访时间,方式,结果\nc-x,2026-06-01 10:30,电话,成功\n")
    code, said = await command("import", "records", str(made))
    assert (code, "row customer_id" in said) == (2, True), said
