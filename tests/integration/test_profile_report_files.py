"""Reports that the night makes of a whole day: what, when anew, for whom, for how long."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.profile.adapters import erasures
from services.profile.adapters.nights import Nights, again
from services.profile.commands.profile import app
from services.profile.nightly import steps
from services.profile.report_plan import Plan
from shared.contracts.profiles import PROFILES, ReportReady
from tests.integration.test_profile_access import WHO, Counter, counter
from tests.kit.profile import BROKER, DAY, told

__all__ = ["counter"]
pytestmark = pytest.mark.integration
FRIDAY = date(2026, 5, 29)  # the last trading day of May
LEVELS = ["company", "branch", "manager"]
PLAN = Plan.model_validate(
    {
        "version": 1,
        "reports": [
            {"kinds": ["overview"], "of": ["day"], "for": LEVELS, "formats": ["xlsx"]}
            | {"kept_days": 30},
            {"kinds": ["overview"], "of": ["month"], "for": ["company"], "formats": ["xlsx", "pdf"]}
            | {"kept_days": 400},
            {"kinds": ["top-equity"], "of": ["day"], "for": ["company"], "formats": ["xlsx"]}
            | {"kept_days": 30},
        ],
    }
)
UNITS = {"company", "branch:b01", "branch:b02", *(f"manager:m{n}" for n in range(1, 5))}


async def computed(counter: Counter) -> None:
    made = [step for step in steps() if step.name == "reports"]
    nights = Nights(counter.stage.database, BROKER, made, calm=0, plan=PLAN)
    while await nights.compute():
        pass


async def files(counter: Counter, who: str, more: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        path = f"/v1/report-files?limit=4{more}{after}"
        answer = await counter.ask(path, WHO[who](counter))
        assert answer.status_code == 200, answer.text
        found += answer.json()["rows"]
        if not answer.json()["next"]:
            return found
        after = f"&after={answer.json()['next']}"


async def ready(counter: Counter) -> Sequence[ReportReady]:
    rows = await counter.stage.rows("SELECT key, event FROM outbox ORDER BY number")
    events = [(row["key"], PROFILES.validate_json(row["event"])) for row in rows]
    reports = [(key, one) for key, one in events if isinstance(one, ReportReady)]
    assert all(key == one.data.unit for key, one in reports)
    return [one for _, one in reports]


async def test_a_night_makes_what_is_planned_and_anew_what_has_changed(counter: Counter) -> None:
    await counter.stage.tell(
        told("account.settled", 50, account="80000001", trading_day=f"{FRIDAY}")
    )
    await counter.stage.close(FRIDAY)
    await computed(counter)
    first = await files(counter, "risk")
    kinds = {(f["kind"], f["period"], f["unit"], f["format"], f["revision"]) for f in first}
    assert kinds == {
        *(("overview", f"{day}", unit, "xlsx", 1) for day in (FRIDAY, DAY) for unit in UNITS),
        *(("top-equity", f"{day}", "company", "xlsx", 1) for day in (FRIDAY, DAY)),
        *(("overview", "2026-05", "company", format_, 1) for format_ in ("xlsx", "pdf")),
    }
    assert len(kinds) == len(first)
    (may,) = {(f["trading_day"], f["complete"]) for f in first if f["period"] == "2026-05"}
    assert may == (f"{FRIDAY}", False)
    events = await ready(counter)
    assert len(events) == len({one.id for one in events}) == len(first) - 1

    async with counter.stage.database.begin() as connection:
        await again(connection, BROKER, FRIDAY)
    await computed(counter)
    assert (await files(counter, "risk"), len(await ready(counter))) == (first, len(events))

    await counter.stage.tell(told("account.settled", 60, account="80000001", equity="5.00"))
    await computed(counter)
    anew = [one.data for one in (await ready(counter))[len(events) :]]
    assert {(one.kind, one.unit, one.revision) for one in anew} == {
        *(("overview", unit, 2) for unit in ("company", "branch:b01", "manager:m1")),
        ("top-equity", "company", 2),
    }
    assert {one.trading_day for one in anew} == {DAY}
    every = await files(counter, "risk", "&all=true")
    assert len(every) == len(first) + len(anew)
    old = {f["file"] for f in every if f["superseded"]}
    assert old == {f["file"] for f in first} - {f["file"] for f in await files(counter, "risk")}

    later = date(2026, 7, 3)
    await counter.stage.close(later)
    await computed(counter)
    kept = {(f["period"], f["kind"]) for f in await files(counter, "risk", "&all=true")}
    of_later = {(f"{later}", "overview"), (f"{later}", "top-equity")}
    assert kept == {("2026-05", "overview"), *of_later}


async def test_who_may_not_see_a_unit_finds_nothing_of_it(counter: Counter) -> None:
    await computed(counter)
    branch = {"branch:b01", *(f"manager:m{n}" for n in (1, 2, 3))}
    for who, units in {
        "manager": {"manager:m1"},
        "team-lead": {"manager:m1", "manager:m2"},
        "branch-head": branch,
        "auditor": UNITS,
        "operator": UNITS,
        "stranger": set(),
    }.items():
        assert {f["unit"] for f in await files(counter, who)} == units, who
    assert {f["kind"] for f in await files(counter, "operator")} == {"overview"}, "no names"
    every = {(f["kind"], f["unit"]): f for f in await files(counter, "risk")}
    top, own = every["top-equity", "company"], every["overview", "manager:m1"]
    other, head = every["overview", "manager:m4"], every["overview", "branch:b01"]

    async def fetched(who: str, one: dict[str, Any]) -> int:
        answer = await counter.ask(f"/v1/report-files/{one['file']}", WHO[who](counter))
        if answer.status_code == 200:
            assert hashlib.sha256(answer.content).hexdigest() == one["sha256"]
            assert len(answer.content) == one["size"]
        return answer.status_code

    assert [await fetched("manager", one) for one in (own, other, head)] == [200, 404, 404]
    assert [await fetched("branch-head", one) for one in (own, head, top)] == [200, 200, 404]
    assert [await fetched("operator", one) for one in (own, top)] == [200, 404]
    assert await fetched("risk", top) == 200
    said = (await counter.ask("/v1/audit?limit=200", WHO["auditor"](counter))).json()["entries"]
    exported = [(e["actor"], e["subject"], e["outcome"]) for e in said][::-1]
    assert ("m1", f"overview {DAY} manager:m1 xlsx r1", "granted") in exported
    assert ("m1", f"file {other['file']}", "refused") in exported

    await counter.stage.write(
        "INSERT INTO erasures (broker, customer_id, asked_at, asked_by, reason)"
        " VALUES (:broker, 'c-own', now(), 'r1', 'asked')",
        broker=BROKER,
    )
    assert await fetched("risk", top) == 404, "it names who is blocked"
    assert "top-equity" not in {f["kind"] for f in await files(counter, "risk")}
    async with counter.stage.database.begin() as connection:
        await erasures.delete(connection, BROKER, "c-own", datetime(2026, 6, 2, tzinfo=UTC))
    assert await counter.stage.rows("SELECT file FROM report_files WHERE kind = 'top-equity'") == []


async def test_the_command_lists_and_fetches(counter: Counter, tmp_path: Path) -> None:
    await computed(counter)
    dsn = counter.stage.database.url.render_as_string(hide_password=False)

    async def asked(*words: str) -> tuple[int, str]:
        given = ["reports", *words, "--broker", BROKER, "--postgres", dsn]
        done = await asyncio.to_thread(CliRunner().invoke, app, given)
        return done.exit_code, done.output

    code, said = await asked("list", "--kind", "overview", "--unit", "branch:b01")
    assert (code, "✓ 1 个文件 files" in said) == (0, True), said
    file, out = said.split()[0], tmp_path / "b01.xlsx"
    code, said = await asked("fetch", file, "--out", str(out))
    assert (code, f"overview {DAY} branch:b01 xlsx r1" in said) == (0, True), said
    assert out.read_bytes().startswith(b"PK")
    code, said = await asked("fetch", "8e0f0c0a-53a7-5b3e-9a47-5f3f4a2f3c11")
    assert (code, "没有这个文件" in said) == (2, True)
    noted = await counter.stage.rows("SELECT action, outcome FROM audit ORDER BY n")
    assert [(row["action"], row["outcome"]) for row in noted] == [
        ("report-files.listed", "granted"),
        ("report.exported", "granted"),
        ("report.exported", "refused"),
    ]
