"""profile: looks, searches and the nightly batch over a whole broker, while news arrive.

``p99_360_ms`` and ``p99_search_ms``: from the moment a question was due until its answer, audit
written; ``hello_p99_ms``: ``/livez`` of the same process; ``look_up_p99_ms``: one indexed SELECT.
``visible_p99_ms``: from an event's publication until a client's view shows it; ``consumed_p99_ms``:
until a bare consumer has it. ``segment_ms``: the preview of a segment over everybody; ``scan_ms``:
a scan that adds up everybody's funds. ``nightly_s``: ``guanchao profile nightly`` for one day, its
start included; ``insert_s``: the day's rows copied by one INSERT … SELECT. The load is told apart.
"""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.clientele import BROKER, LAST, Clientele
from bench.looks import Crowd, phrases
from bench.options import Options
from bench.percentile import percentile
from bench.result import Result
from bench.targets import CLIENTS
from bench.verdict import Refused
from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program, stop_all
from deploy.embedded.stack import Stores
from services.profile.domain.finder import Finder
from services.profile.settings import finder_of
from shared.db.session import engine
from shared.settings import PostgresSettings

DAYS = 242
QUICK_CLIENTS, QUICK_DAYS = 10_000, 30
PATIENCE_S = 3_600.0
GIB = 1 << 30
FROM = {
    "p99_360_ms": "360",
    "hello_p99_ms": "hello",
    "p99_search_ms": "search",
    "look_up_p99_ms": "look_up",
    "visible_p99_ms": "visible",
    "consumed_p99_ms": "consumed",
}
SCAN = text("SELECT count(*), sum(equity) FROM live_funds WHERE broker = :broker")
COPIED = text("CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM account_days LIMIT 0")
INSERT = text("INSERT INTO copied SELECT * FROM account_days WHERE trading_day = :day")
CONDITION = {
    "and": [
        {"field": "equity", "operator": ">=", "value": "100000"},
        {"field": "traded_days", "operator": "<=", "value": 10, "days": 20},
        {"not": {"field": "closed", "operator": "=", "value": True}},
    ]
}
ANSWER_S = 60.0


def run(options: Options, folder: Path) -> Result:
    """Load once; measure the looks over a stream, then the batch by itself."""
    whole = options.accounts >= Options().accounts
    clients, days = (CLIENTS, DAYS) if whole else (QUICK_CLIENTS, QUICK_DAYS)
    result = Result()
    shutil.rmtree(folder / "chain", ignore_errors=True)
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        extra = {"PROFILE_BROKER": BROKER}
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=True, extra=extra)
        chain.migrate()
        result.figures["clients"] = clients
        loaded = asyncio.run(Clientele(clients, days, _finder(chain)).load(stores.postgres_dsn))
        disk = {"disk_free_gib": round(shutil.disk_usage(folder).free / GIB)}
        result.details["clients"] = loaded | disk | {"asked": ", ".join(phrases())}
        sys.stderr.write(f"  loaded: {result.details['clients']}\n")
        program = chain.program("profile")
        program.start()
        try:
            program.wait_ready()
            asyncio.run(_measure(chain, program, options, result))
        finally:
            stop_all([program])
    return result


def _finder(chain: Chain) -> Finder:
    told = chain.stores.secrets.profile
    keys = [
        {kid: SecretStr(key) for kid, key in json.loads(told[f"PROFILE_{kind}_KEYS"]).items()}
        for kind in ("FIELD", "INDEX")
    ]
    return finder_of(*keys)


async def _measure(chain: Chain, program: Program, options: Options, result: Result) -> None:
    dsn = PostgresSettings(dsn=SecretStr(chain.stores.postgres_dsn))
    database = engine(dsn, "profile", pool_size=12)
    env, clients = program.recipe.env, int(result.figures["clients"] or 0)
    try:
        key = (await asyncio.to_thread(_command, env, "keys", "new", "bench")).strip()
        seconds = options.seconds * options.turns
        crowd = Crowd(
            chain.url("profile"), key, chain.stores.kafka, database, _finder(chain), clients,
            seconds,
        )  # fmt: skip
        await _look(crowd, result)
        await _segment(chain.url("profile"), key, database, options.turns, result)
        await _nightly(env, database, result)
    finally:
        await database.dispose()


async def _look(crowd: Crowd, result: Result) -> None:
    """Ask; one wrong answer and none of the latencies counts."""
    try:
        for figure, took in (await crowd.ask()).items():
            _keep(result, figure, took)
    except* (Refused, httpx.HTTPError) as wrong:
        why = f"{wrong.exceptions[0]}"
        result.reasons |= dict.fromkeys(FROM, why)
        sys.stderr.write(f"  ✗ {why}\n")


def _keep(result: Result, what: str, took: list[float]) -> None:
    key = next((key for key, source in FROM.items() if source == what), None)
    if key is None or not took:
        return
    result.figures[key] = round(percentile(took, 0.99), 1)
    result.details[key] = {
        "p50_ms": round(percentile(took, 0.5), 1),
        "highest_ms": round(max(took), 1),
        "asked": len(took),
        "raw_ms": [round(one, 1) for one in took],
    }
    sys.stderr.write(f"  {key}: {result.figures[key]} ms of {len(took)}\n")


async def _segment(url: str, key: str, database: AsyncEngine, turns: int, result: Result) -> None:
    """Preview a segment over everybody, in turns with a scan; the slowest of each counts."""
    scans, previews, found = list[float](), list[float](), dict[str, Any]()
    bearer = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, timeout=ANSWER_S, headers=bearer) as http:
        for _ in range(turns):
            began = perf_counter()
            async with database.connect() as connection:
                (await connection.execute(SCAN, {"broker": BROKER})).all()
            scans.append(1000 * (perf_counter() - began))
            began = perf_counter()
            answer = await http.post("/v1/segments/preview", json={"condition": CONDITION})
            if answer.is_error:
                result.reasons["segment_ms"] = f"the preview was answered {answer.status_code}"
                return
            previews.append(1000 * (perf_counter() - began))
            found = answer.json()
    result.figures["scan_ms"] = round(max(scans), 1)
    result.figures["segment_ms"] = round(max(previews), 1)
    result.details["segment_ms"] = {
        "turns": [round(one, 1) for one in previews],
        "clients": found["clients"],
        "condition": json.dumps(CONDITION),
    }
    sys.stderr.write(f"  segment_ms: {result.figures['segment_ms']} ms\n")


async def _nightly(env: Mapping[str, str], database: AsyncEngine, result: Result) -> None:
    async with database.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(COPIED)
        began = perf_counter()
        await connection.execute(INSERT, {"day": LAST})
        result.figures["insert_s"] = round(perf_counter() - began, 3)
    began = perf_counter()
    try:
        said = await asyncio.to_thread(_command, env, "nightly", "--day", f"{LAST}")
    except Refused as refused:
        result.reasons["nightly_s"] = str(refused)
        return
    result.figures["nightly_s"] = round(perf_counter() - began, 1)
    result.details["nightly_s"] = {"said": said.strip().splitlines()}


def _command(env: Mapping[str, str], *words: str) -> str:
    done: Any = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "profile", *words],
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip(" │╭╮╰╯─")]
        raise Refused(f"guanchao profile {words[0]}: {last[-1].strip(' │') if last else '?'}")
    return str(done.stdout)
