"""mot as a process over the real Kafka and Valkey."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from shared.contracts.event import sequence_of
from shared.contracts.topics import ACCOUNT, ALERT
from shared.contracts.trading import TRADING
from shared.streams.publish import Record
from tests.kit.eventually import eventually
from tests.kit.topic import read_all, record, send

pytestmark = pytest.mark.integration
MOMENT = "2026-06-01T10:00:00+08:00"


@pytest.fixture
def chain(own_stores: Stores, tmp_path: Path) -> Chain:
    extra = {"MOT_INSTANCE_ID": "mot-test", "MOT_SESSION_TIMEOUT": "6"}
    return Chain(own_stores, Ports.free(), tmp_path / "chain", simulated=True, extra=extra)


@pytest.fixture
def mot(chain: Chain) -> Iterator[Program]:
    program = chain.program("mot")
    program.start()
    program.wait_ready()
    yield program
    program.terminate()


def withdrew(sequence: int, amount: str, account: str = "80000001") -> Record:
    event = {
        "id": f"e{sequence}",
        "source": "test",
        "type": "funds.withdrawn",
        "subject": f"demo:{account}",
        "time": MOMENT,
        "sequence": sequence_of(sequence),
        "data": {
            "broker": "demo",
            "account": account,
            "trading_day": "2026-06-01",
            "amount": amount,
            "happened_at": MOMENT,
            "serial": f"s{sequence}",
        },
    }
    return record(ACCOUNT.name, TRADING.validate_python(event))


async def alerts(brokers: str, at_least: int) -> list[Any]:
    async def ask() -> list[Any] | None:
        said = [msgspec.json.decode(r.value) for r in await read_all(brokers, ALERT.name)]
        found = list({event["id"]: event for event in said}.values())  # as its consumers see it
        return found if len(found) >= at_least else None

    return await eventually(ask, within=60)


async def test_what_mot_does_survives_poison_kills_and_a_lost_valkey(
    chain: Chain, mot: Program
) -> None:
    """One life of a worker, in order; each step stands on the one before."""
    kafka = chain.stores.kafka
    poison = Record(ACCOUNT.name, b"demo:80000001", b"garbage")
    await send(kafka, [withdrew(1, "300000"), poison, withdrew(2, "300000")])
    (raised,) = await alerts(kafka, 1)
    assert (raised["type"], raised["data"]["facts"]["今日累计"]) == ("alert.raised", "60万元")
    (letter,) = await read_all(kafka, ACCOUNT.dead_letters.name)
    headers = dict(letter.headers)
    assert letter.value == b"garbage"
    assert (headers["origin-topic"], headers["origin-offset"]) == (ACCOUNT.name.encode(), b"1")

    mot.kill()
    await send(kafka, [withdrew(2, "300000"), withdrew(3, "400000")])  # one repeated, one new
    mot.start()
    mot.wait_ready()
    _, updated = await alerts(kafka, 2)
    assert (updated["type"], updated["data"]["revision"]) == ("alert.updated", 2)
    assert updated["data"]["facts"]["今日累计"] == "100万元"

    mot.terminate()
    assert mot.exit_code == 0
    redis.from_url(chain.stores.valkey_url).flushall()
    mot.start()
    await eventually(_stopped(mot))
    assert mot.exit_code == 70, "a worker whose state was lost must not start from the beginning"

    rebuild = [sys.executable, "-m", "services.mot", "rebuild"]
    subprocess.run(rebuild, env={**os.environ, **chain.environment()}, check=True)  # noqa: ASYNC221 nothing else runs
    mot.start()
    mot.wait_ready()
    await send(kafka, [withdrew(4, "500000")])
    found = await alerts(kafka, 3)
    assert [(a["type"], a["data"]["revision"]) for a in found] == [
        ("alert.raised", 1),
        ("alert.updated", 2),
        ("alert.updated", 3),
    ]


def _stopped(program: Program) -> Any:
    async def ask() -> bool:
        return not program.running

    return ask
