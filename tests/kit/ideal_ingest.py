"""What a perfect ingest would publish of a play: every fact once, in order, on its trading day.

It reads the dropped lines by position, refuses what is no row or no event, knows a movement that
was told live when the file tells it again, and never fails in between.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from deploy.synthetic.company import File
from deploy.synthetic.stream import BROKER, Posting
from deploy.synthetic.timeline import Minute
from shared.contracts.trading import TRADING, TradingEvent
from shared.kernel.trading_day import Calendar, TradingDay, china

Move = tuple[str, date, Decimal]  # account, trading day, signed amount


@dataclass
class IdealIngest:
    """Remembers what was told; ``refused`` counts what could not be a fact."""

    calendar: Calendar = field(default_factory=china)
    known: set[tuple[str, str]] = field(default_factory=set)
    by_serial: dict[str, Move] = field(default_factory=dict)
    told: Counter[Move] = field(default_factory=Counter)
    settled: dict[tuple[str, date], list[str]] = field(default_factory=dict)
    lots: dict[tuple[date, bool], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    told_rows: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    refused: int = 0
    number: int = 0

    def take(self, minute: Minute) -> Iterator[TradingEvent]:
        """Return the canonical events of one minute."""
        for posting in (*minute.postings, minute.tick):
            yield from self.post(posting)
        for dropping in minute.droppings:
            yield from self.drop(dropping.files(), self.calendar.at(minute.at))

    def post(self, posting: Posting) -> Iterator[TradingEvent]:
        """Return a posted event as a fact, unless it is known or nonsense."""
        try:
            event = TRADING.validate_python(posting.event)
        except ValidationError:
            self.refused += 1
            return
        if (event.source, event.id) in self.known:
            return
        self.known.add((event.source, event.id))
        data: Any = event.data
        if event.type in ("funds.withdrawn", "funds.deposited"):
            sign = -1 if event.type == "funds.withdrawn" else 1
            move = (data.account, data.trading_day, sign * data.amount)
            self.by_serial[data.serial] = move
            self.told[move] += 1
        elif event.type == "funds.reversed":
            self.told[self.by_serial[data.reverses]] -= 1
        yield event

    def drop(self, files: Iterable[File], today: TradingDay) -> Iterator[TradingEvent]:
        """Return the facts of some files, as they lie; 客户资金 comes last and closes its day."""
        for file in files:
            lines = [line.encode(file.encoding).decode(file.encoding) for line in file.lines]
            day = date.fromisoformat(file.name[-12:-4]) if file.name.endswith(".txt") else today
            if "fundchg" in file.name:
                yield from self._movements(day, [line.split("@") for line in lines])
            elif "trddata" in file.name:
                self._trades(day, file.name, [line.split("@") for line in lines])
            elif "cusfund" in file.name:
                yield from self._balances(day, [line.split("@") for line in lines])
                yield self._event("day.closed", None, day, {})
            elif file.name == "baselines.csv":
                yield from self._rows("account.baselined", today, lines, ("account",))
            elif file.name == "agreements.csv":
                named = ("account", "kind", "starts_on")
                yield from self._rows("agreement.recorded", today, lines, named)

    def _trades(self, day: date, name: str, rows: list[list[str]]) -> None:
        """Add up the lots; in this writer's days these files stand before the funds."""
        lots: Counter[str] = Counter()
        for row in rows:
            if row[5].isdigit():
                lots[row[1]] += int(row[5])
        self.lots[day, "opt" in name] = lots

    def _movements(self, day: date, rows: list[list[str]]) -> Iterator[TradingEvent]:
        wanted: Counter[Move] = Counter()
        for row in rows:
            try:
                amount, on = Decimal(row[2]), date.fromisoformat(row[11])
            except (IndexError, InvalidOperation):
                self.refused += 1
                continue
            wanted[row[1], on if self.calendar.is_trading_day(on) else day, amount] += 1
        for move, count in wanted.items():
            account, on, amount = move
            for _ in range(count - self.told[move]):
                kind = "funds.withdrawn" if amount < 0 else "funds.deposited"
                self.told[move] += 1
                yield self._event(
                    kind,
                    account,
                    on,
                    {
                        "amount": str(abs(amount)),
                        "happened_at": f"{on}T00:00:00+08:00",
                        "serial": f"file-{self.number}",
                    },
                )

    def _balances(self, day: date, rows: list[list[str]]) -> Iterator[TradingEvent]:
        for row in rows:
            if not row[2].lstrip("-").replace(".", "").isdecimal():
                self.refused += 1
            elif self.settled.get((row[1], day)) != row:
                self.settled[row[1], day] = row
                margin = Decimal(row[2]) - Decimal(row[3]) - Decimal(row[21])
                figures = {"equity": row[2], "available": row[3], "opening_equity": row[6]}
                figures |= {"margin": str(margin)} if margin >= 0 else {}
                traded = sum(self.lots[day, option][row[1]] for option in (False, True))
                figures |= {"traded_lots": str(traded)} if traded else {}
                yield self._event("account.settled", row[1], day, figures)

    def _rows(
        self, type_: str, today: TradingDay, lines: list[str], named: tuple[str, ...]
    ) -> Iterator[TradingEvent]:
        """Return what changed in a directory file; ``named``: the columns that name a row."""
        day = max((day for _, day in self.settled), default=today)
        for row in csv.DictReader(lines):
            name = (type_, *(row[column] for column in named))
            filled = {column: cell for column, cell in row.items() if cell}
            if self.told_rows.get(name) != list(row.values()):
                self.told_rows[name] = list(row.values())
                account = filled.pop("account")
                yield self._event(type_, account, day, filled)

    def _event(
        self, type_: str, account: str | None, day: date, data: dict[str, str]
    ) -> TradingEvent:
        self.number += 1
        owner = {"account": account} if account else {}
        return TRADING.validate_python(
            {
                "id": f"ideal-{self.number}",
                "source": "ideal",
                "type": type_,
                "subject": f"{BROKER}:{account}" if account else "clock",
                "time": f"{day}T15:15:00+08:00",
                "data": {"broker": BROKER, "trading_day": day, **owner, **data},
            }
        )


def canonical(minutes: Iterable[Minute]) -> list[TradingEvent]:
    """Return every canonical event of a play."""
    ingest = IdealIngest()
    return [event for minute in minutes for event in ingest.take(minute)]
