"""``guanchao profile report`` writes the figures of the endpoint, and says so in the audit."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.profile.commands.profile import app
from tests.integration.test_profile_access import Counter, counter
from tests.integration.test_profile_reports import MAY, Past, money, past
from tests.kit.profile import BROKER

__all__ = ["counter", "past"]
pytestmark = pytest.mark.integration


async def written(counter: Counter, out: Path, *more: str) -> tuple[int, str]:
    dsn = counter.stage.database.url.render_as_string(hide_password=False)
    words = ["report", "overview", "--out", str(out), "--broker", BROKER, "--postgres", dsn, *more]
    done = await asyncio.to_thread(CliRunner().invoke, app, words)
    return done.exit_code, done.output


async def test_a_file_is_written_and_audited(past: Past, tmp_path: Path) -> None:
    counter, bodies = past
    for ending in ("json", "xlsx", "pdf"):
        out = tmp_path / f"may.{ending}"
        code, said = await written(counter, out, "--period", "2026-05")
        assert code == 0, said
        assert "未完" in said
    (row,) = json.loads((tmp_path / "may.json").read_text())["rows"]
    assert Decimal(row["equity"]) == money(bodies, "equity", MAY[-1:])
    assert (tmp_path / "may.xlsx").read_bytes().startswith(b"PK")
    assert (tmp_path / "may.pdf").read_bytes().startswith(b"%PDF")
    entries = (await counter.ask("/v1/audit", counter.token("a1"))).json()["entries"]
    assert {(e["action"], e["subject"]) for e in entries} == {
        ("report.exported", "overview 2026-05 company file")
    }


@pytest.mark.parametrize("wrong", ["2026-05-01", "May"])
async def test_what_is_no_period_is_refused(past: Past, tmp_path: Path, wrong: str) -> None:
    code, said = await written(past[0], tmp_path / "x.pdf", "--period", wrong)
    assert code == 2
    assert wrong in said
    assert not (tmp_path / "x.pdf").exists()
