"""流水 — what the front has told of each trading day, numbered per stream, kept on disk.

The same event published again is the same record under the same number.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ACCOUNTS = "OnRtnRiskSyncAccount"


@dataclass(frozen=True)
class Told:
    """One record. ``number`` 0: a state of an account, of which only the newest is kept."""

    identity: str
    call: str
    day: str
    number: int
    at: str
    fields: dict[str, Any]

    def message(self) -> dict[str, Any]:
        """Return it as the wire has it."""
        numbered = {"UniqSequenceNo": self.number} if self.number else {}
        return {"call": self.call, "at": self.at, "fields": {**self.fields, **numbered}}


@dataclass
class Journal:
    """Everything told; in ``folder``, one file a trading day, or in memory alone."""

    folder: Path | None = None
    days: dict[str, dict[str, list[Told]]] = field(default_factory=dict, init=False)
    known: dict[str, Told] = field(default_factory=dict, init=False)
    accounts: dict[str, Told] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.glob("*.jsonl"))[-1:]:
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.endswith("}"):  # a line cut off by a crash was never told
                    self._keep(Told(**json.loads(line)))

    @property
    def day(self) -> str:
        """The newest trading day; empty before the first record."""
        return max(self.days, default="")

    def open(self, day: str) -> None:
        """Begin a day."""
        self.days.setdefault(day, defaultdict(list))

    def add(self, identity: str, call: str, day: str, at: str, fields: dict[str, Any]) -> Told:
        """Number and keep a record; one that is known is returned as it was."""
        if identity in self.known:
            return self.known[identity]
        number = 0 if call == ACCOUNTS else len(self._of(day, call)) + 1
        told = Told(identity, call, day, number, at, fields)
        self._keep(told)
        if self.folder is not None:
            with (self.folder / f"{day}.jsonl").open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(told), ensure_ascii=False) + "\n")
        return told

    def after(self, call: str, day: str, number: int) -> Iterator[Told]:
        """Return the records of a day's stream behind a number; of accounts the newest states."""
        if call == ACCOUNTS:
            yield from (told for told in self.accounts.values() if told.day == day)
        else:
            yield from self._of(day, call)[number:]

    def _of(self, day: str, call: str) -> list[Told]:
        self.open(day)
        return self.days[day][call]

    def _keep(self, told: Told) -> None:
        self.known[told.identity] = told
        self.open(told.day)
        if told.number:
            self._of(told.day, told.call).append(told)
        else:
            self.accounts[told.fields["InvestorID"]] = told
