"""profile's answers against SQL over the raw files: files → ingest → Kafka → profile → HTTP.

The long form has 10,000 accounts:
``pytest -m full tests/integration/test_profile_against_files.py``.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import yaml

from deploy.embedded.identity import Identity
from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import stop_all
from deploy.embedded.stack import Stores
from shared.clock import WallClock
from tests.kit import raw_day, raw_judged, raw_past
from tests.kit.eventually import eventually
from tests.kit.raw_day import DAY, SUMS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1800)]
MANY = 10_000  # accounts
RULES = Path(__file__).parents[2] / "services" / "profile"
FEW_DAYS = ("traded_days: 50 ", "traded_days: 3 ")  # the files have five
FIGURES = ("clients", "accounts", "equity", "available", "margin")
Answers = list[dict[str, Any]]


@dataclass
class Compared:
    """profile over HTTP, and the raw lines in SQL."""

    chain: Chain
    http: httpx.AsyncClient
    raw: "asyncpg.Connection[Any]"
    accounts: int
    conditions: Path

    async def pages(self, path: str, **asked: Any) -> Answers:
        """Return every row of a list."""
        found: Answers = []
        after: dict[str, str] = {}
        while True:
            answer = await self.http.get(path, params={**asked, **after, "limit": 200})
            assert answer.status_code == 200, answer.text
            found += answer.json()["rows"]
            if not (last := answer.json()["next"]):
                return found
            after = {"after": last}

    async def judged(self, query: str, rules: Path) -> list[asyncpg.Record]:
        """Return what a definition says of the day, by the rules of a file."""
        data = yaml.safe_load(await asyncio.to_thread(rules.read_text, "utf-8"))
        return list(await self.raw.fetch(query, json.dumps(data, default=str), DAY))

    async def said(self, query: str, *values: Any) -> raw_day.Rows:
        return [tuple(row) for row in await self.raw.fetch(query, *values)]


@pytest.fixture(
    scope="module", params=[300, pytest.param(MANY, marks=pytest.mark.full)], ids="{}".format
)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Chain, Path, int]]:
    """Files of so many accounts, taken by ingest and profile; the raw lines' own database."""
    folder = tmp_path_factory.mktemp("against")
    with Stores(folder / "state", Ports.free()) as stores:
        rules = folder / "permission_rules.yaml"
        rules.write_text((RULES / rules.name).read_text("utf-8").replace(*FEW_DAYS), "utf-8")
        told = {"PROFILE_PERMISSION_RULES": str(rules)}
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=True, extra=told)
        chain.migrate()
        programs = [chain.program(name) for name in ("ingest", "profile")]
        try:
            for program in programs:
                program.start()
            for program in programs:
                program.wait_ready()
            yield chain, rules, request.param
        finally:
            stop_all(programs)


@pytest.fixture
async def compared(played: tuple[Chain, Path, int]) -> AsyncIterator[Compared]:
    chain, rules, accounts = played
    files = {**raw_past.files(accounts), **raw_day.files(accounts)}
    scratch = chain.stores.create_database("scratch")
    raw = await raw_day.scratch(scratch, files, raw_judged.VIEWS)
    identity = Identity(chain.stores.secrets.identity)
    token = identity.token("r1", ["risk"], WallClock().now(), timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=chain.url("profile"), headers=headers, timeout=60
    ) as http:
        await asyncio.to_thread(raw_day.drop, chain.drop, files)
        await eventually(lambda: _taken(chain, http, accounts), within=900)
        yield Compared(chain, http, raw, accounts, rules)
    await raw.close()


async def _taken(chain: Chain, http: httpx.AsyncClient, accounts: int) -> bool:
    if [path for path in chain.drop.iterdir() if path.is_file()]:
        return False
    waiting = await http.get(f"{chain.url('ingest')}/metrics")
    lag = (await http.get("/metrics")).text
    if "\ningest_unpublished_records 0.0\n" not in waiting.text:
        return False
    if "\nprofile_lag_records 0.0\n" not in lag:
        return False
    units = (await http.get("/v1/organisation")).json()["rows"]
    known: int = sum(unit["accounts"] for unit in units)
    return known == accounts


async def test_every_figure_is_what_the_files_say(compared: Compared) -> None:
    night = asyncio.create_task(_night(compared.chain))
    await _funds(compared)
    await _moved(compared)
    await _held(compared)
    await _organisation(compared)
    await _clients(compared)
    await night
    await _indicators(compared)
    await _permissions(compared)
    await _visits(compared)


async def _night(chain: Chain) -> None:
    """Compute the nights now: the service would wait for calm first."""
    nightly = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "profile", "nightly"),
        env=chain.program("profile").recipe.env,
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await nightly.wait() == 0


async def _indicators(compared: Compared) -> None:
    rows = await compared.judged(raw_judged.INDICATORS, RULES / "indicators.yaml")
    said = {row["account"]: dict(row) for row in rows}
    money = {"equity", "average_equity", "profit", "commission", "net_deposit"}
    exact = money | {"return_rate", "drawdown_rate", "margin_use"}
    told = await compared.pages("/v1/indicators")
    names = set(said[told[0]["account"]]) - {"account"}
    seen = {
        row["account"]: {n: _money(row[n]) if n in exact else row[n] for n in names} for row in told
    }
    assert {row["trading_day"] for row in told} == {f"{DAY}"}
    assert seen == {account: {n: row[n] for n in names} for account, row in said.items()}
    assert len({row["tier"] for row in told}) >= (5 if compared.accounts >= MANY else 4)


async def _permissions(compared: Compared) -> None:
    said = await compared.judged(raw_judged.PERMISSIONS, compared.conditions)
    told = {
        (row["account"], row["product_class"]): row["status"]
        for row in await compared.pages("/v1/permissions")
    }
    assert told == {(account, of): status for account, of, status in said}
    assert set(told.values()) == {"open", "eligible", "not-met", "unknown"}


async def _visits(compared: Compared) -> None:
    made = await compared.http.post("/v1/visit-batches", json={"day": f"{DAY}"})
    assert made.status_code == 202, made.text

    async def done() -> dict[str, Any] | None:
        batch = (await compared.http.get(made.headers["location"])).json()
        return batch if batch["status"] == "done" else None

    batch = await eventually(done, within=120)
    rules = RULES / "visit_rules.yaml"
    told = {row["customer_id"]: row["reasons"] for row in await compared.pages("/v1/visits")}
    said = {row["client"]: row["rules"] for row in await compared.judged(raw_judged.REASONS, rules)}
    assert told == said
    tallies = {rule: (n["met"], n["unknown"]) for rule, n in batch["tallies"].items()}
    counted = await compared.judged(raw_judged.TALLIES, rules)
    assert tallies == {rule: (met, unknown) for rule, met, unknown in counted}
    assert all(met for met, _ in tallies.values())


async def _funds(compared: Compared) -> None:
    told = {
        row["account"]: tuple(_money(row[name]) for name in ("equity", "available", "margin"))
        for row in await compared.pages("/v1/funds")
    }
    said = await compared.said("SELECT account, equity, available, margin FROM funds")
    assert told == {account: tuple(figures) for account, *figures in said}
    opened = {
        r["account"]: _money(r["opening_equity"])
        for r in await compared.pages("/v1/days", day_from=f"{DAY}")
    }
    assert opened == dict(await compared.said("SELECT account, opening FROM funds"))


async def _moved(compared: Compared) -> None:
    sign = {"deposit": 1, "withdrawal": -1}
    told = sorted(
        (row["account"], sign[row["direction"]] * Decimal(row["amount"]))
        for row in await compared.pages("/v1/flows")
    )
    assert told == sorted(await compared.said("SELECT account, amount FROM moved"))


async def _held(compared: Compared) -> None:
    rows = (await compared.http.get("/v1/positions/products")).json()
    names = ("margin", "profit_mtm")
    told = {
        row["product"]: (
            *(row[name] for name in ("clients", "long_lots", "short_lots")),
            *(_money(row[name]) for name in names),
        )
        for row in rows
    }
    said = await compared.said(
        "SELECT product, count(DISTINCT client),"
        " coalesce(sum(lots) FILTER (WHERE side = 'long'), 0),"
        " coalesce(sum(lots) FILTER (WHERE side = 'short'), 0), sum(margin), sum(profit)"
        " FROM held JOIN owned USING (account) GROUP BY product"
    )
    assert told == {product: tuple(figures) for product, *figures in said}
    each = sorted(
        (row["account"], row["instrument"], row["side"], row["lots"])
        for row in await compared.pages("/v1/positions")
    )
    assert each == sorted(await compared.said("SELECT account, instrument, side, lots FROM held"))


async def _organisation(compared: Compared) -> None:
    """Company, then each branch, then each manager: every level adds up by itself."""
    said = await compared.said(f"SELECT branch, {SUMS} GROUP BY branch")
    await eventually(lambda: _is_company(compared, _by_name(said)), within=60)
    for branch in [row[0] for row in said]:
        of_branch = await compared.said(
            f"SELECT manager, {SUMS} WHERE branch = $1 GROUP BY manager",
            branch,
        )
        assert await _units(compared, branch=branch) == _by_name(of_branch)
        for manager in [row[0] for row in of_branch]:
            of_manager = await compared.said(
                f"SELECT client, {SUMS} WHERE branch = $1 AND manager = $2 GROUP BY client",
                branch,
                manager,
            )
            told = await _units(compared, branch=branch, manager=manager)
            assert told == _by_name(of_manager)


async def _is_company(compared: Compared, said: dict[str, tuple[Any, ...]]) -> bool:
    """Say whether the company is what the files say; it is answered some seconds late."""
    return await _units(compared) == said


async def _units(compared: Compared, **asked: str) -> dict[str, tuple[Any, ...]]:
    return {
        row["id"]: tuple(
            row[name] if name in FIGURES[:2] else _money(row[name]) for name in FIGURES
        )
        for row in await compared.pages("/v1/organisation", **asked)
    }


async def _clients(compared: Compared) -> None:
    """Look at every client's 360°, of the 10,000 at each tenth."""
    said = await compared.said(f"SELECT client, {SUMS} GROUP BY client ORDER BY 1")
    for client, _, accounts, *figures in said[:: 10 if compared.accounts > 1_000 else 1]:
        seen = (await compared.http.get(f"/v1/clients/{client}")).json()
        assets = seen["assets"]
        assert len(seen["accounts"]) == assets["accounts"] == accounts
        assert [_money(assets[name]) for name in FIGURES[2:]] == figures


def _by_name(rows: raw_day.Rows) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(figures) for name, *figures in rows}


def _money(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)
