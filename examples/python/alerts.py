"""Read ``mot.alert.v1`` the way every subscriber should: each revision of an alert once, in order.

    python examples/python/alerts.py 127.0.0.1:18010

Needs aiokafka alone. What was taken is kept in a SQLite file, in the same transaction as your own
work; Kafka's offset is committed after it. A crash between the two repeats records, and the file
recognises them.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer

TOPIC = "mot.alert.v1"
TYPES = {f"alert.{step}" for step in ("raised", "updated", "confirmed", "amended", "withdrawn")}
TABLE = "CREATE TABLE IF NOT EXISTS taken (alert_id TEXT PRIMARY KEY, revision INTEGER NOT NULL)"
KNOWN = "SELECT revision FROM taken WHERE alert_id = ?"
TAKE = "INSERT OR REPLACE INTO taken (alert_id, revision) VALUES (?, ?)"


def take(book: sqlite3.Connection, event: Mapping[str, Any]) -> bool:
    """Do our work for an event unless it is a repeat, an older revision or a type we do not know.

    One transaction: the work and the note that it was done.
    """
    if event["type"] not in TYPES:
        return False
    alert = event["data"]
    with book:
        known = book.execute(KNOWN, (alert["alert_id"],)).fetchone()
        if known and alert["revision"] <= known[0]:
            return False
        book.execute(TAKE, (alert["alert_id"], alert["revision"]))
        work(event["type"], alert)
    return True


def work(type_: str, alert: Mapping[str, Any]) -> None:
    """Put your own here; it may run twice after a crash unless it writes to the same book."""
    line = (type_, alert["revision"], alert["rule"], alert["account"], alert["summary"])
    print(*line, sep="\t", flush=True)  # noqa: T201 what this program is for


async def follow(brokers: str, group: str, book: sqlite3.Connection) -> None:
    """Read for ever, from the beginning the first time."""
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=brokers,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    try:
                        event = json.loads(record.value)
                    except ValueError:
                        where = f"{record.partition}/{record.offset}"
                        print(f"not JSON: {where}", file=sys.stderr)  # noqa: T201
                        continue
                    take(book, event)
            await consumer.commit()
    finally:
        await consumer.stop()


def main() -> None:
    """Follow until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("brokers", help="host:port, comma separated")
    parser.add_argument("--group", default="example-alerts")
    parser.add_argument("--book", default="alerts.sqlite")
    given = parser.parse_args()
    book = sqlite3.connect(given.book)
    book.execute(TABLE)
    try:
        asyncio.run(follow(given.brokers, given.group, book))
    except KeyboardInterrupt:
        book.close()


if __name__ == "__main__":
    main()
