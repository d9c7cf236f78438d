"""A seeded, endless account stream of every kind, with repeats and poison, for fault rows."""

import json
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import sequence_of
from shared.contracts.topics import ACCOUNT, PARTITIONS
from shared.contracts.trading import TRADING, TradingEvent
from shared.kernel.trading_day import CHINA, TradingDay, china
from shared.streams.publish import Record
from tests.fault.pasts import held_by, is_still, past_of

BROKER = "fault"
MORNING = datetime(2026, 3, 2, 9, tzinfo=CHINA)
START = TradingDay(MORNING.date())
EVENTS_A_DAY = 4_000
CANCELLED, LOTS = 0.1, 5
KINDS = {"withdraw": 36, "deposit": 16, "reverse": 8, "snapshot": 18, "order": 20, "tick": 2}
WITHDRAWN = [1_000, 90_000, 400_000, 1_200_000]
DEPOSITED = [20_000, 20_000, 20_000, 600_000, 5_000_000]
PERCENT_LEFT = [100, 100, 100, 96, 70, -1]  # of the opening equity, by day
PERCENT_BOUND = [None, 10, 10, 40, 40, 79, 85, 102]  # of the equity, as margin
DISTURBED = 0.02  # of the events are about one of the still


@dataclass(frozen=True)
class Mix:
    """Shares of the stream's events, and how late one may be.

    ``repeated``: told again at once; ``again``: told again among the next ``WINDOW`` events;
    ``hot``: deposits of the first account; ``late``: seconds by which a moment may lag.
    """

    accounts: int = 400
    repeated: float = 0.02
    again: float = 0.03
    poison: float = 0.001
    hot: float = 0.0
    late: float = 30.0


USUAL, WINDOW = Mix(), 500


class Workload:
    """Makes records; ``told`` is what the oracle hears, in the order of the log."""

    def __init__(self, seed: int, mix: Mix = USUAL) -> None:
        self._chance = random.Random(seed)  # noqa: S311 a workload, not a secret
        self._mix, self.hot = mix, mix.hot
        self.accounts = [f"{70_000_000 + n}" for n in range(mix.accounts)]
        self._sequence, self._day, self.moment = 0, START, MORNING
        self._movements: dict[str, list[str]] = {a: [] for a in self.accounts}
        self._orders: dict[str, tuple[str, int]] = {}
        self._still = [a for a in self.accounts if is_still(a)]
        self._lively = [a for a in self.accounts if not is_still(a)]
        self._equity = dict.fromkeys(self.accounts, 0)
        self._lately: deque[list[Record]] = deque(maxlen=WINDOW)
        self.told: list[TradingEvent] = []

    def records(self) -> Iterator[list[Record]]:
        """Yield one event's records at a time, for ever: a day, its settlement, its close.

        The day before comes first, without its movements: every account has a past and an opening
        equity.
        """
        for account in self.accounts:
            for type_, body in past_of(account, START):
                yield self.tell(account, type_, **body)
        yield from self._settlement()
        while True:
            for _ in range(EVENTS_A_DAY):
                yield from self._one()
            yield from self._settlement()

    def _settlement(self) -> Iterator[list[Record]]:
        for account in self.accounts:
            yield self.tell(account, "account.settled", **self._close(account))
        yield self._broadcast("day.closed", {})
        self._day = china().after(self._day)
        self.moment = datetime.combine(self._day, datetime.min.time(), CHINA).replace(hour=9)

    def _close(self, account: str) -> dict[str, Any]:
        """Return the day's final figures: the still ones do not trade."""
        still = is_still(account)
        equity = held_by(account) if still else self._chance.randrange(0, 3_000_000)
        self._equity[account] = equity
        return {
            "equity": f"{equity}",
            "available": f"{self._chance.choice([-60_000, -1, 0, 50_000])}",
            **self._bound(equity),
            "traded_lots": 0 if still else 1,
            "position_lots": 0,
        }

    def _bound(self, equity: int) -> dict[str, str]:
        percent = self._chance.choice(PERCENT_BOUND)
        margin = None if percent is None else f"{abs(equity) * percent // 100}"
        return {} if margin is None else {"margin": margin, "exchange_margin": margin}

    def tick(self) -> list[Record]:
        """Return the next minute of the clock, into every partition; the stream was just heard."""
        self.moment += timedelta(minutes=1)
        return self._ticked()

    def _ticked(self) -> list[Record]:
        heard = {"stream": self.moment}
        return self._broadcast("clock.ticked", {"at": self.moment, "heard": heard})

    def tell(self, account: str, type_: str, **body: Any) -> list[Record]:
        """Return the record of one event more of an account; the oracle hears it too."""
        event = self._event(type_, f"{BROKER}:{account}", {"account": account, **body})
        self.told.append(event)
        return [Record(ACCOUNT.name, event.subject.encode(), event.encode())]

    def unheard(self, account: str, type_: str = "funds.withdrawn", **body: Any) -> dict[str, Any]:
        """Return an event as JSON that the oracle never hears of: it is to be spoilt."""
        moved = {"amount": "9000000", "happened_at": self.moment, "serial": "p"}
        event = self._event(type_, f"{BROKER}:{account}", {"account": account, **(body or moved)})
        made: dict[str, Any] = json.loads(event.encode())
        return made

    def _one(self) -> Iterator[list[Record]]:
        self.moment += timedelta(seconds=3)
        kind = self._chance.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "tick":
            yield self._ticked()
            return
        calm = self._still and self._chance.random() < DISTURBED
        account = self._chance.choice(self._still if calm else self._lively)
        if self.hot and self._chance.random() < self.hot:
            kind, account = "deposit", self.accounts[0]
        made = getattr(self, f"_{kind}")(account)
        if made:
            yield made
            self._lately.append(made)
            if self._chance.random() < self._mix.repeated:
                yield made
        if self._chance.random() < self._mix.again and self._lately:
            yield self._chance.choice(self._lately)
        if self._chance.random() < self._mix.poison:
            yield [Record(ACCOUNT.name, f"{BROKER}:{account}".encode(), b'{"type":"funds')]

    def _withdraw(self, account: str) -> list[Record]:
        amount = f"{self._chance.choice(WITHDRAWN)}.00"
        self._movements[account].append(amount)
        return self._funds(account, "funds.withdrawn", amount)

    def _deposit(self, account: str) -> list[Record]:
        return self._funds(account, "funds.deposited", f"{self._chance.choice(DEPOSITED)}.00")

    def _reverse(self, account: str) -> list[Record]:
        if not self._movements[account]:
            return []
        amount = self._movements[account].pop()
        extra = {"reverses": "any", "direction": "withdrawal"}
        return self._funds(account, "funds.reversed", amount, **extra)

    def _snapshot(self, account: str) -> list[Record]:
        available = f"{self._chance.choice([-5_000, 0, 5_000])}"
        equity = self._equity[account] * self._chance.choice(PERCENT_LEFT) // 100
        figures = {"equity": f"{equity}", "available": available, **self._bound(equity)}
        body = {**figures, "at": self._at()}
        return self.tell(account, "account.snapshotted", **body)

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
        return self.tell(
            account, "order.force-closed", order_id=name, at=self._at(), **side, **figures
        )

    def _funds(self, account: str, type_: str, amount: str, **extra: str) -> list[Record]:
        serial, currency = f"{self._sequence}", "CNY"
        body = {"amount": amount, "happened_at": self._at(), "serial": serial, **extra}
        return self.tell(account, type_, currency=currency, **body)

    def _at(self) -> datetime:
        lag = self._chance.uniform(0, self._mix.late) if self._mix.late else 0.0
        return self.moment - timedelta(seconds=round(lag, 3))

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
                "time": self.moment,
                "sequence": sequence_of(self._sequence),
                "data": {"broker": BROKER, "trading_day": self._day, **body},
            }
        )
