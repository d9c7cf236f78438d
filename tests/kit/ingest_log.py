"""The log as a subscriber of ingest sees it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.contracts.topics import ACCOUNT
from tests.kit.topic import read_all


@dataclass(frozen=True)
class Log:
    """Every record of a broker's accounts in a topic, by subject, in the log's order."""

    records: dict[str, list[bytes]]

    @classmethod
    async def read(cls, kafka: str, broker: str, topic: str = ACCOUNT.name) -> "Log":
        """Read the topic to its end and keep what is the broker's."""
        records: dict[str, list[bytes]] = defaultdict(list)
        for record in await read_all(kafka, topic):
            event = json.loads(record.value)
            if event["data"]["broker"] == broker:
                place = f"{event['subject']}/{record.partition}"
                everywhere = event["subject"] == "clock"
                records[place if everywhere else event["subject"]].append(record.value)
        return cls(dict(records))

    def seen(self, subject: str) -> list[dict[str, Any]]:
        """Return what a subscriber sees of a subject: one that skips known sequences."""
        last, seen = "", []
        for value in self.records.get(subject, ()):
            event = json.loads(value)
            if event["sequence"] > last:
                last = event["sequence"]
                seen.append(event)
        return seen

    def repeats(self) -> int:
        """Count the records beyond the first of each sequence; a repeat with other bytes fails."""
        count = 0
        for values in self.records.values():
            first: dict[str, bytes] = {}
            for value in values:
                sequence = json.loads(value)["sequence"]
                if first.setdefault(sequence, value) != value:
                    raise AssertionError(f"sequence {sequence} has two bodies")
            count += len(values) - len(first)
        return count

    def ids(self, subjects: Iterable[str]) -> dict[str, list[str]]:
        """Return the ids a subscriber sees, by subject."""
        return {subject: [event["id"] for event in self.seen(subject)] for subject in subjects}
