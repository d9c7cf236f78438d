"""The subscriber's examples run against the real Kafka and do what the page says."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from deploy.embedded.stack import Stores
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.contracts.topics import ALERT, CUSTOMER
from shared.kernel.ids import alert_id
from shared.streams.deadletters import letter
from tests.kit.eventually import eventually
from tests.kit.topic import record, send

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "python"
GOLDEN = ROOT / "shared" / "contracts" / "examples"
ACCOUNT = "80990001"
PATIENCE = 120.0  # seconds: a killed group member is given up after ten, on a busy machine later


def alert(step: str, revision: int) -> AlertEvent:
    raw = json.loads((GOLDEN / f"alert.{step}.json").read_bytes())
    raw |= {"id": f"example-{revision}", "subject": f"demo:{ACCOUNT}"}
    ours = str(alert_id("large_withdrawal", raw["subject"], "docs"))
    raw["data"] |= {"alert_id": ours, "revision": revision, "account": ACCOUNT}
    return ALERTS.validate_python(raw)


async def test_a_subscriber_takes_each_revision_once_even_after_a_kill(
    stores: Stores, tmp_path: Path
) -> None:
    raised, updated, withdrawn = (
        record(ALERT.name, alert(step, number))
        for number, step in enumerate(("raised", "updated", "withdrawn"), 1)
    )
    said, book = tmp_path / "said.txt", tmp_path / "book.sqlite"
    command = [sys.executable, str(EXAMPLES / "alerts.py"), stores.kafka]
    command += ["--group", "docs-example", "--book", str(book)]
    for batch, wanted in (([raised, updated, raised], [1, 2]), ([updated, withdrawn], [1, 2, 3])):
        with said.open("a") as out:
            program = subprocess.Popen(command, stdout=out)  # noqa: ASYNC220 it is what we test
        await send(stores.kafka, batch)

        async def told(wanted: list[int] = wanted) -> bool:
            return revisions(said) == wanted and newest(book) == wanted[-1]

        try:
            await eventually(told, within=PATIENCE, every=0.5)
        finally:
            program.kill()
            program.wait()
    assert revisions(said) == [1, 2, 3]


async def test_dead_letters_are_listed_without_their_content(stores: Stores) -> None:
    origin = {"origin-file": "relations.csv", "origin-line": "7", "reason": "account: missing"}
    buried = letter(CUSTOMER.name, b"relations.csv:7", b"secret content", origin)
    await send(stores.kafka, [buried])
    done = subprocess.run(  # noqa: ASYNC221 it is what we test
        [sys.executable, str(EXAMPLES / "dead_letters.py"), stores.kafka, CUSTOMER.name],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(told.items() >= origin.items() for told in found)
    assert "secret content" not in done.stdout


def newest(book: Path) -> int | None:
    """Return the revision that the program has noted: what it printed counts once this is there."""
    with closing(sqlite3.connect(book)) as connection:
        ours = str(alert("raised", 1).data.alert_id)  # other tests tell alerts of their own
        query = "SELECT revision FROM taken WHERE alert_id = ?"
        found = connection.execute(query, (ours,)).fetchone()
    revision: int | None = found[0] if found else None
    return revision


def revisions(said: Path) -> list[int]:
    lines = (line.split("\t") for line in said.read_text().splitlines())
    return [int(cells[1]) for cells in lines if cells[3:4] == [ACCOUNT]]
