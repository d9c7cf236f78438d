"""profile's answers against SQL over the raw files: files → ingest → Kafka → profile → HTTP.

The long form has 10,000 accounts:
``pytest -m full tests/integration/test_profile_against_files.py``.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import stop_all
from deploy.embedded.stack import Stores
from tests.kit import raw_day
from tests.kit.eventually import eventually
from tests.kit.raw_day import SUMS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
FIGURES = ("clients", "accounts", "equity", "available", "margin")
Answers = list[dict[str, Any]]


@dataclass
class Compared:
    """profile over HTTP, and the raw lines in SQL."""

    http: httpx.AsyncClient
    raw: "asyncpg.Connection[Any]"
    accounts: int

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

    async def said(self, query: str, *values: Any) -> raw_day.Rows:
        return [tuple(row) for row in await self.raw.fetch(query, *values)]


@pytest.fixture(
    scope="module", params=[300, pytest.param(10_000, marks=pytest.mark.full)], ids="{}".format
)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Chain, str, int]]:
    """Files of so many accounts, taken by ingest and profile; the raw lines' own database."""
    folder = tmp_path_factory.mktemp("against")
    with Stores(folder / "state", Ports.free()) as stores:
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=True)
        chain.migrate()
        programs = [chain.program(name) for name in ("ingest", "profile")]
        try:
            for program in programs:
                program.start()
            for program in programs:
                program.wait_ready()
            key = subprocess.run(
                [sys.executable, "-m", "deploy.cli", "profile", "keys", "new", "against"],
                env=programs[1].recipe.env,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            yield chain, key, request.param
        finally:
            stop_all(programs)


@pytest.fixture
async def compared(played: tuple[Chain, str, int]) -> AsyncIterator[Compared]:
    chain, key, accounts = played
    day = await asyncio.to_thread(raw_day.files, accounts)
    headers = {"Authorization": f"Bearer {key}"}
    raw = await raw_day.scratch(chain.stores.create_database("scratch"), day)
    async with httpx.AsyncClient(
        base_url=chain.url("profile"), headers=headers, timeout=60
    ) as http:
        await asyncio.to_thread(raw_day.drop, chain.drop, day)
        await eventually(lambda: _taken(chain, http, accounts), within=300)
        yield Compared(http, raw, accounts)
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
    await _funds(compared)
    await _moved(compared)
    await _held(compared)
    await _organisation(compared)
    await _clients(compared)


async def _funds(compared: Compared) -> None:
    told = {
        row["account"]: tuple(_money(row[name]) for name in ("equity", "available", "margin"))
        for row in await compared.pages("/v1/funds")
    }
    said = await compared.said("SELECT account, equity, available, margin FROM funds")
    assert told == {account: tuple(figures) for account, *figures in said}
    opened = {r["account"]: _money(r["opening_equity"]) for r in await compared.pages("/v1/days")}
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
    assert await _units(compared) == _by_name(said)
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
