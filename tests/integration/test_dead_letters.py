"""``guanchao dead-letters`` over the real Kafka and PostgreSQL: listed, shown, redriven once."""

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner, Result

from deploy.cli import build
from deploy.embedded.stack import Stores
from services.ingest.adapters.stops import stops_of
from services.ingest.agent.guarding import Guard
from services.ingest.domain.fact import dead_letter
from services.ingest.domain.refusal_limit import RefusalLimit
from shared.clock import WallClock
from shared.contracts.topics import ACCOUNT, ALERT, STAFF
from shared.crypto import FieldCipher
from shared.db.audit import verify
from shared.db.session import engine
from shared.kernel.audit import Head
from shared.settings import PostgresSettings
from shared.streams.deadletters import letter
from shared.streams.publish import Record
from tests.kit.ingest import raw, withdrew
from tests.kit.topic import read_all, send

BROKER = "redriven"
KEY = base64.b64encode(bytes(range(32))).decode()
EXAMPLE = Path(__file__).parents[2] / "shared" / "contracts" / "examples" / "alert.raised.json"


class Site:
    """A database of its own, and letters that no other test has."""

    def __init__(self, stores: Stores, dsn: str, folder: Path) -> None:
        self.kafka, self.dsn = stores.kafka, dsn
        self.env = {
            "INGEST_KAFKA__BROKERS": self.kafka,
            "INGEST_POSTGRES__DSN": dsn,
            "INGEST_BROKER": BROKER,
            "INGEST_DROP_FOLDER": f"{folder}",
            "INGEST_FIELD_KEYS": json.dumps({"k1": KEY}),
        }

    def bury(self, *records: Record) -> None:
        asyncio.run(send(self.kafka, records))

    def guanchao(self, *arguments: str) -> Result:
        return CliRunner().invoke(build(), ["dead-letters", *arguments], env=self.env)

    def ids(self, *arguments: str) -> list[str]:
        listed = self.guanchao("list", *arguments).stdout.splitlines()
        return [line.split()[0] for line in listed if line.startswith(("futures", "org", "mot"))]

    def ask(self, query: str) -> list[Any]:
        async def rows() -> list[Any]:
            database = engine(PostgresSettings(dsn=SecretStr(self.dsn)), "ingest", 1)
            try:
                async with database.connect() as connection:
                    return [tuple(row) for row in await connection.execute(text(query))]
            finally:
                await database.dispose()

        return asyncio.run(rows())


@pytest.fixture
def site(stores: Stores, fresh_database: Callable[..., str], tmp_path: Path) -> Site:
    return Site(stores, fresh_database("ingest"), tmp_path)


def posted(reason: str, event: dict[str, Any]) -> Record:
    fact = dead_letter(ACCOUNT, event["subject"], raw(event), {"origin": "http", "reason": reason})
    headers = tuple((name, said.encode()) for name, said in (fact.headers or {}).items())
    return Record(fact.topic, fact.key.encode(), fact.body, None, headers)


def consumed(topic: str, key: str, value: bytes, reason: str) -> Record:
    origin = {"origin-topic": topic, "origin-partition": "5", "origin-offset": "77"}
    return letter(topic, key.encode(), value, {**origin, "reason": reason})


def test_letters_are_listed_shown_and_redriven_once(site: Site) -> None:
    good = withdrew("5", "a", broker=BROKER)
    site.bury(
        posted("cause-r1: still 1", withdrew(5.0, "b", broker=BROKER)),
        posted("cause-r1: gone 2", good),
        consumed(ACCOUNT.name, good["subject"], raw({**good, "sequence": f"{9:020}"}), "cause-r1"),
    )
    listed = site.guanchao("list", "--reason", "cause-r1", "--limit", "2")
    assert listed.exit_code == 0, listed.output
    assert "共 3 封 letters" in listed.stdout
    assert f"{ACCOUNT.name}/5/77" in listed.stdout
    assert "80000001" not in listed.stdout
    first = site.ids("--reason", "cause-r1", "--limit", "2")
    rest = site.ids("--reason", "cause-r1", "--limit", "2", "--before", first[-1])
    assert len({*first, *rest}) == 3
    shown = site.guanchao("show", first[0])
    assert '"funds.withdrawn"' in shown.stdout
    ((action, subject),) = site.ask("SELECT action, subject FROM audit")
    assert (action, subject.startswith("dead-letter:")) == ("dead-letter.read", True)

    dry = site.guanchao("redrive", "--all", "--reason", "cause-r1", "--dry-run")
    assert (dry.exit_code, dry.stdout.count("→")) == (1, 2)
    assert not site.ask("SELECT 1 FROM records")
    done = site.guanchao("redrive", "--all", "--reason", "cause-r1", "--as", "ops")
    assert (done.exit_code, done.stdout.count("✓"), done.stdout.count("✗")) == (1, 2, 1)
    again = site.guanchao("redrive", "--all", "--reason", "cause-r1", "--as", "ops")
    assert again.stdout.count("·") == 2
    assert site.ask("SELECT source, type FROM records ORDER BY n") == [
        ("ctp/risk", "funds.withdrawn"),
        ("guanchao/redriven", "funds.withdrawn"),
    ]
    lines = site.ask("SELECT actor, action, outcome FROM audit ORDER BY n")
    assert lines.count(("ops", "dead-letter.redriven", "granted")) == 2
    assert lines.count(("ops", "dead-letter.redriven", "refused")) == 2


def test_a_corrected_event_goes_back(site: Site, tmp_path: Path) -> None:
    site.bury(posted("cause-r2", withdrew(5.0, "c", broker=BROKER)))
    (one,) = site.ids("--reason", "cause-r2")
    file = tmp_path / "corrected.json"
    file.write_bytes(raw(withdrew("5", "c", broker=BROKER)))
    done = site.guanchao("redrive", one, "--edit", f"{file}")
    assert (done.exit_code, "✓ " in done.stdout) == (0, True), done.output
    assert len(site.ask("SELECT 1 FROM records")) == 1


def test_an_alert_is_on_its_topic_again(site: Site) -> None:
    value = EXAMPLE.read_bytes().strip()
    site.bury(consumed(ALERT.name, "demo:80012345", value, "cause-r3"))
    (one,) = site.ids("--reason", "cause-r3", "--topic", ALERT.name)
    assert site.guanchao("redrive", one).exit_code == 0
    found = [r for r in asyncio.run(read_all(site.kafka, ALERT.name)) if r.value == value]
    assert [dict(record.headers)["redriven-from"].decode() for record in found] == [one]
    assert {record.partition for record in found} == {5}


def test_a_sealed_letter_is_opened_only_on_demand_and_audited(site: Site) -> None:
    sealed = FieldCipher({"k1": KEY}).seal("s1,李四", "dead-letter.row").encode()
    origin = {"origin-file": "staff.csv", "origin-line": "2", "sealed": "dead-letter.row"}
    site.bury(letter(STAFF.name, b"staff.csv:2", sealed, {**origin, "reason": "cause-r4"}))
    (one,) = site.ids("--reason", "cause-r4")
    assert "李四" not in site.guanchao("show", one).stdout
    opened = site.guanchao("show", one, "--open", "--as", "risk-7")
    assert "李四" in opened.stdout
    (_, looked, *_), (actor, action, subject, fields) = site.ask(
        "SELECT actor, action, subject, fields FROM audit ORDER BY n"
    )
    assert looked == "dead-letter.read"
    assert (actor, action, fields) == ("risk-7", "dead-letter.opened", ["value"])
    assert subject == f"dead-letter:{one}"

    async def whole() -> object:
        database = engine(PostgresSettings(dsn=SecretStr(site.dsn)), "ingest", 1)
        try:
            async with database.connect() as connection:
                return await verify(connection, {})
        finally:
            await database.dispose()

    assert isinstance(asyncio.run(whole()), Head)


def test_a_stopped_source_is_listed_and_let_on(site: Site) -> None:
    now = WallClock().now()

    async def stop() -> None:
        database = engine(PostgresSettings(dsn=SecretStr(site.dsn)), "ingest", 1)
        guard = Guard(RefusalLimit(refused=1), WallClock(), lambda: stops_of(database))
        await guard.note("key:push", 2, 2)
        again = Guard(RefusalLimit(refused=1), WallClock(), lambda: stops_of(database))
        await again.refresh()
        assert again.stopped("key:push") is not None
        await database.dispose()

    asyncio.run(stop())
    told = site.guanchao("stops").stdout
    assert told.startswith("key:push  ")
    assert "too many refused: 2 of 2" in told
    assert site.guanchao("resume", "key:push", "--as", "ops").exit_code == 0
    assert site.guanchao("resume", "key:push").exit_code == 2
    assert site.guanchao("stops").stdout == "停收 stopped 0\n"
    ((at, actor, action, subject),) = site.ask("SELECT at, actor, action, subject FROM audit")
    assert (actor, action, subject) == ("ops", "source.resumed", "source:key:push")
    assert at >= now


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "nothing"], "主题:分区:偏移"),
        (["show", "futures.account.v1:0:999999999"], "没有死信"),
        (["list", "--topic", "mot.rule.v1"], "没有死信主题"),
    ],
)
def test_what_is_not_there_is_one_line(site: Site, arguments: list[str], says: str) -> None:
    said = site.guanchao(*arguments)
    assert (said.exit_code, says in said.stderr, said.stderr.count("\n")) == (2, True, 1)
