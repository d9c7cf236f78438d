"""A seeded, endless account stream of every kind, with repeats and poison, for fault rows."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import sequence_of
from shared.contracts.topics import ACCOUNT, PARTITIONS
from shared.contracts.trading import TRADING, TradingEvent
from shared.kernel.trading_day import CHINA, TradingDay, china
from shared.streams.publish import Record

BROKER, START = "fault", TradingDay(datetime(2026, 3, 2, tzinfo=CHINA).date())
EVENTS_A_DAY = 4_000
REPEATED, POISON, CANCELLED, LOTS = 0.02, 0.001, 0.1, 5
KINDS = {"withdraw": 40, "deposit": 15, "reverse": 8, "snapshot": 15, "order": 20, "tick": 2}


class Workload:
    """Makes records; ``told`` is what the oracle hears, in the order of the log."""

    def __init__(self, seed: int, accounts: int = 400) -> None:
        self._chance = random.Random(seed)  # noqa: S311 a workload, not a secret
        self._accounts = [f"{70_000_000 + n}" for n in range(accounts)]
        self._sequence, self._day, self._moment = 0, START, datetime(2026, 3, 2, 9, tzinfo=CHINA)
        self._movements: dict[str, list[str]] = {a: [] for a in self._accounts}
        self._orders: dict[str, tuple[str, int]] = {}
        self.told: list[TradingEvent] = []

    def records(self) -> Iterator[list[Record]]:
        """Yield one event's records at a time, for ever: a day, its settlement, its close."""
        while True:
            for _ in range(EVENTS_A_DAY):
                yield from self._one()
            for account in self._accounts:
                available = self._chance.choice([-60_000, -1, 0, 50_000])
                body = {"equity": f"{self._chance.randrange(0, 3_000_000)}", "traded_lots": 1}
                yield self._tell(account, "account.settled", available=f"{available}", **body)
            yield self._broadcast("day.closed", {})
            self._day = china().after(self._day)
            self._moment = datetime.combine(self._day, datetime.min.time(), CHINA).replace(hour=9)

    def _one(self) -> Iterator[list[Record]]:
        self._moment += timedelta(seconds=3)
        kind = self._chance.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "tick":
            yield self._broadcast("clock.ticked", {"at": self._moment})
            return
        account = self._chance.choice(self._accounts)
        made = getattr(self, f"_{kind}")(account)
        if made:
            yield made
            if self._chance.random() < REPEATED:
                yield made
        if self._chance.random() < POISON:
            yield [Record(ACCOUNT.name, f"{BROKER}:{account}".encode(), b'{"type":"funds')]

    def _withdraw(self, account: str) -> list[Record]:
        amount = f"{self._chance.choice([1_000, 90_000, 400_000, 1_200_000])}.00"
        self._movements[account].append(amount)
        return self._funds(account, "funds.withdrawn", amount)

    def _deposit(self, account: str) -> list[Record]:
        return self._funds(account, "funds.deposited", "20000.00")

    def _reverse(self, account: str) -> list[Record]:
        if not self._movements[account]:
            return []
        amount = self._movements[account].pop()
        extra = {"reverses": "any", "direction": "withdrawal"}
        return self._funds(account, "funds.reversed", amount, **extra)

    def _snapshot(self, account: str) -> list[Record]:
        available = f"{self._chance.choice([-5_000, 0, 5_000])}"
        body = {"equity": "100000", "available": available, "at": self._moment}
        return self._tell(account, "account.snapshotted", **body)

    def _order(self, account: str) -> list[Record]:
        """The account's one live order goes on, or a new one begins."""
        name, filled = self._orders.pop(account, (f"{account}-{self._sequence}", -1))
        filled = 0 if filled < 0 else min(LOTS, filled + self._chance.randrange(0, 3))
        status = "filled" if filled == LOTS else "partly-filled" if filled else "open"
        if status != "filled" and self._chance.random() < CANCELLED:
            status = "cancelled"
        if status in ("open", "partly-filled"):
            self._orders[account] = (name, filled)
        side = {"exchange": "SHFE", "instrument": "rb2610", "direction": "sell", "price": "3120"}
        figures = {"lots": LOTS, "filled": filled, "status": status, "reason": "1"}
        return self._tell(
            account, "order.force-closed", order_id=name, at=self._moment, **side, **figures
        )

    def _funds(self, account: str, type_: str, amount: str, **extra: str) -> list[Record]:
        serial, currency = f"{self._sequence}", "CNY"
        body = {"amount": amount, "happened_at": self._moment, "serial": serial, **extra}
        return self._tell(account, type_, currency=currency, **body)

    def _tell(self, account: str, type_: str, **body: Any) -> list[Record]:
        event = self._event(type_, f"{BROKER}:{account}", {"account": account, **body})
        self.told.append(event)
        return [Record(ACCOUNT.name, event.subject.encode(), event.encode())]

    def _broadcast(self, type_: str, body: dict[str, Any]) -> list[Record]:
        event = self._event(type_, "clock", body)
        self.told.append(event)
        value = event.encode()
        return [Record(ACCOUNT.name, None, value, p) for p in range(PARTITIONS)]

    def _event(self, type_: str, subject: str, body: dict[str, Any]) -> TradingEvent:
        self._sequence += 1
        return TRADING.validate_python(
            {
                "id": f"f{self._sequence}",
                "source": "fault",
                "type": type_,
                "subject": subject,
                "time": self._moment,
                "sequence": sequence_of(self._sequence),
                "data": {"broker": BROKER, "trading_day": self._day, **body},
            }
        )
