"""notify: deliveries a second, the gateway's own pace, and how long an alert takes under load.

``ours_per_s``: alerts that wait in Kafka are heard, decided, written into the ledger, sent and
concluded, one in flight per client, budgets counted; by the gateway's own clock. ``bare_per_s``:
the same messages posted by a loop of as many connections that keeps nothing. ``p99_ms``: from an
alert's due moment until the gateway has it, at 30 % of ours. ``urgent_behind_100k_ms``: the same
for urgent ones while 100,000 others are being sent.
"""

import asyncio
import shutil
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
from sqlalchemy import text

from bench.harness import Turn, figure
from bench.options import Options
from bench.percentile import percentile
from bench.result import Result
from bench.rows.drains import say
from bench.telling import BROKER, MANAGERS, Site, alert, directory, paced, policy, site
from bench.verdict import Refused
from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores
from shared.crypto import FieldCipher
from shared.db.session import engine
from shared.settings import PostgresSettings

EACH, FASTEST = 300, 500  # alerts a second that a turn is sized for: ours, and the slowest wait
SLOTS, WARM = 32, 200
SHARE, PACED_S = 0.3, 20.0
PENDING, QUICK_PENDING, URGENT, URGENT_EACH = 100_000, 20_000, 60, 5.0
UNDER_WAY = 200  # of those that wait: now they flow
TOKEN = {"corpid": "wwguanchao0000sandbox", "corpsecret": "sandbox-wecom-secret"}
PILE = text(
    "INSERT INTO notify.intents (intent_id, alert_id, revision, step, channel, receiver, broker,"
    " account, rank, urgency, sealed_body)"
    " SELECT gen_random_uuid(), gen_random_uuid(), 1, 1, 'wecom_app', 'm' || n % :managers,"
    " :broker, 'p' || n, 1, 'middle', :body FROM generate_series(1, :count) n"
)


def run(options: Options, folder: Path) -> Result:
    """Measure in turns over one site, then the latencies."""
    result = Result()
    shutil.rmtree(folder / "chain", ignore_errors=True)  # an earlier run's journal is in it
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        extra = {"NOTIFY_POLICY": str(policy(folder / "chain")), "NOTIFY_INSTANCE_ID": "bench"}
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=False, extra=extra)
        with site(chain) as one:
            asyncio.run(_measure(one, options, result))
    return result


async def _measure(one: Site, options: Options, result: Result) -> None:
    count = int(FASTEST * options.seconds)
    await one.publish(directory(count))
    one.notify.start()
    await asyncio.to_thread(one.notify.wait_ready)
    await one.raise_(alert(n, "warm") for n in range(WARM))
    bodies = [entry["request"] for entry in await one.until(WARM, 0)]
    for number in range(options.turns):
        result.turns.append(Turn("ours_per_s", number, await _ours(one, count, f"turn-{number}")))
        say(result.turns[-1])
        result.turns.append(Turn("bare_per_s", number, await _bare(one, bodies, options.seconds)))
        say(result.turns[-1])
    result.take({name: figure(result.turns, name) for name in ("ours_per_s", "bare_per_s")})
    ours = result.figures["ours_per_s"] or 0
    if options.wants("p99_ms"):
        _keep(result, "p99_ms", await _at_a_part(one, SHARE * ours, count))
    if options.wants("urgent_behind_100k_ms"):
        pending = PENDING if options.seconds >= Options().seconds else QUICK_PENDING
        _keep(result, "urgent_behind_100k_ms", await _behind(one, pending))
        result.details["urgent_behind_100k_ms"]["pending"] = pending


async def _ours(one: Site, count: int, episode: str) -> float:
    """Let alerts wait in Kafka, start notify, and return its pace at the gateway."""
    await one.caught_up()
    await asyncio.to_thread(one.notify.terminate)
    before = (await one.accepted(0))[-1]["n"]
    await one.raise_(alert(n, episode) for n in range(count))
    one.notify.start()
    await asyncio.to_thread(one.notify.wait_ready)
    walls = sorted(float(entry["wall"]) for entry in await one.until(count, before))
    return (len(walls) - 1) / (walls[-1] - walls[0])


async def _bare(one: Site, bodies: list[dict[str, Any]], seconds: float) -> float:
    """Post the same messages as fast as the gateway takes them."""
    await one.caught_up()
    url, done = one.chain.url("sandbox"), 0
    limits = httpx.Limits(max_connections=SLOTS, max_keepalive_connections=SLOTS)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits, trust_env=False) as to:
        token = (await to.get("/cgi-bin/gettoken", params=TOKEN)).json()["access_token"]
        path = f"/cgi-bin/message/send?access_token={token}"
        began = perf_counter()

        async def feed(number: int) -> None:
            nonlocal done
            while perf_counter() - began < seconds:
                body = {**bodies[done % len(bodies)], "enable_duplicate_check": 0}
                answer = await to.post(path, json=body)
                if answer.json()["errcode"] != 0:
                    raise Refused(f"the gateway said {answer.json()['errcode']}")
                done += 1

        await asyncio.gather(*(feed(number) for number in range(SLOTS)))
        return done / (perf_counter() - began)


async def _at_a_part(one: Site, rate: float, accounts: int) -> list[float]:
    await one.caught_up()
    before = (await one.accepted(0))[-1]["n"]
    alerts = [alert(n % accounts, f"paced-{n // accounts}") for n in range(int(rate * PACED_S))]
    due = await paced(one, alerts, rate)
    return _latencies(await one.until(len(alerts), before), due)


async def _behind(one: Site, pending: int) -> list[float]:
    """Pile up messages that may all be sent, and raise urgent ones while they are."""
    await one.caught_up()
    await asyncio.to_thread(one.notify.terminate)
    before = (await one.accepted(0))[-1]
    stores = one.chain.stores
    cipher = FieldCipher({"k1": stores.secrets.field_key})
    body = cipher.seal(
        httpx.Request("POST", "/", json=before["request"]).content.decode(), "intent.body"
    )
    database = engine(PostgresSettings.model_validate({"dsn": stores.postgres_dsn}), "notify", 1)
    async with database.begin() as connection:
        told = {"managers": MANAGERS, "broker": BROKER, "body": body, "count": pending}
        await connection.execute(PILE, told)
    await database.dispose()
    one.notify.start()
    await asyncio.to_thread(one.notify.wait_ready)
    await one.flowing(UNDER_WAY, before["n"])  # not its start is measured
    alerts = [alert(n, "urgent", "high") for n in range(URGENT)]
    due = await paced(one, alerts, URGENT_EACH)
    codes, found = set(due), list[dict[str, Any]]()
    deadline = perf_counter() + 60
    while len(found) < URGENT and perf_counter() < deadline:
        await asyncio.sleep(1)
        entries = await one.accepted(before["n"])
        found = [entry for entry in entries if _code(entry) in codes]
    if len(found) < URGENT:
        raise Refused(f"{URGENT - len(found)} urgent messages did not arrive")
    return _latencies(found, due)


def _latencies(entries: list[dict[str, Any]], due: dict[str, float]) -> list[float]:
    return [1000 * (entry["wall"] - due[_code(entry)]) for entry in entries]


def _code(entry: dict[str, Any]) -> str:
    items = entry["request"]["template_card"]["horizontal_content_list"]
    return str(items[-1]["value"]).partition("-")[0]


def _keep(result: Result, key: str, latencies: list[float]) -> None:
    result.figures[key] = round(percentile(latencies, 0.99), 1)
    result.details[key] = {
        "p50_ms": round(percentile(latencies, 0.5), 1),
        "highest_ms": round(max(latencies), 1),
        "messages": len(latencies),
    }
    sys.stderr.write(f"  {key}: {result.figures[key]:,} ms of {len(latencies):,} messages\n")
