"""The stream of W2: a few brokers' accounts, every kind of account event of the contract.

What stands in it is told in ``mixed``, for the page.
"""

import random
from collections.abc import Iterator
from datetime import date
from itertools import count

from bench.workloads.work import Entry
from shared.contracts.event import sequence_of
from shared.contracts.topics import PARTITIONS
from shared.kernel.trading_day import TradingDay, china

BROKERS, ACCOUNTS, SEED = ("demo", "east", "south", "west"), 20_000, 7
A_DAY, A_TICK, A_SECOND, START = 400_000, 5_000, 5, TradingDay(date(2026, 3, 2))
KINDS = {"snapshot": 700, "withdraw": 145, "deposit": 145, "order": 5}
LARGE, OVERDRAWN, STRAINED = 0.005, 0.002, 0.002
LONGEST = 20_000  # seconds of a day, 09:00 to 14:33
LOTS = 5


class Stream:
    """Makes the events; what an account is worth stays near a million."""

    def __init__(self, accounts: int = ACCOUNTS) -> None:
        self._chance = random.Random(SEED)  # noqa: S311 a workload, not a secret
        numbers = [range(turn, accounts, len(BROKERS)) for turn in range(len(BROKERS))]
        self._books = [
            [f"{broker}:8{number:07d}" for number in of_broker]
            for broker, of_broker in zip(BROKERS, numbers, strict=True)
        ]
        self._accounts = [subject for book in self._books for subject in book]
        self._orders: dict[str, tuple[str, int]] = {}
        self._days = dict.fromkeys(BROKERS, START)
        self._began = dict.fromkeys(BROKERS, 0)  # which event of the stream was the day's first
        self._number, self._at, self._a_second = 0, 0, A_SECOND

    def entries(self, a_day: int = A_DAY) -> Iterator[Entry]:
        """Yield records for ever."""
        kinds, weights = [getattr(self, f"_{kind}") for kind in KINDS], list(KINDS.values())
        self._a_second, a_turn = max(A_SECOND, a_day // LONGEST), a_day // len(BROKERS)
        for self._at in count():
            if self._at % A_TICK == 0:
                yield from self._tick(BROKERS[self._at // A_TICK % len(BROKERS)])
            kind = self._chance.choices(kinds, weights)[0]
            yield kind(self._chance.choice(self._accounts))
            if (self._at + 1) % a_turn == 0:
                yield from self._settled(self._at // a_turn % len(BROKERS))

    def past(self, days: int) -> Iterator[Entry]:
        """Yield the settlements of so many days, before anything else: accounts with a past."""
        self._at = -1
        for _ in range(days):
            for turn in range(len(BROKERS)):
                yield from self._settled(turn)

    def quiet(self, each: int) -> Iterator[Entry]:
        """Yield small deposits for ever, each ``each``-th a large withdrawal of a new account.

        Those accounts are ``large_account(0)``, ``large_account(1)`` …; the others are none of the
        mix's, whose sequences begin anew.
        """
        self._at, broker = 5400 * A_SECOND, BROKERS[0]
        small = [subject.replace(":8", ":7") for subject in self._accounts]
        yield from self._tick(broker)
        for number in count():
            if number % each == each - 1:
                account = f"{broker}:{large_account(number // each)}"
                yield self._funds(account, "funds.withdrawn", 600_000)
            else:
                yield self._deposit(self._chance.choice(small))

    def _snapshot(self, account: str) -> Entry:
        equity = self._chance.randrange(980_000, 1_020_000)
        margin = equity * (9 if self._chance.random() < STRAINED else 3) // 10
        available = -5_000 if self._chance.random() < OVERDRAWN else equity - margin
        return self._event(
            account,
            "account.snapshotted",
            f'"equity":"{equity}.00","available":"{available}.00","margin":"{margin}.00",'
            f'"exchange_margin":"{margin}.00","at":"{self._moment(account)}"',
        )

    def _withdraw(self, account: str) -> Entry:
        large = self._chance.random() < LARGE
        return self._funds(account, "funds.withdrawn", 600_000 if large else 0)

    def _deposit(self, account: str) -> Entry:
        return self._funds(account, "funds.deposited", 0)

    def _funds(self, account: str, type_: str, amount: int) -> Entry:
        amount = amount or self._chance.randrange(1, 5_000)
        return self._event(
            account,
            type_,
            f'"amount":"{amount}.00","currency":"CNY","happened_at":"{self._moment(account)}",'
            f'"channel":"bank-transfer","serial":"{self._number:012d}"',
        )

    def _order(self, account: str) -> Entry:
        """The account's one live order goes on, or a new one begins."""
        name, filled = self._orders.pop(account, (f"{account[-8:]}-{self._number}", -1))
        filled = 0 if filled < 0 else min(LOTS, filled + self._chance.randrange(1, 4))
        status = "filled" if filled == LOTS else "partly-filled" if filled else "open"
        if filled < LOTS:
            self._orders[account] = (name, filled)
        return self._event(
            account,
            "order.force-closed",
            f'"order_id":"{name}","exchange":"SHFE","instrument":"rb2610","direction":"sell",'
            f'"lots":{LOTS},"filled":{filled},"price":"3120","reason":"1","status":"{status}",'
            f'"at":"{self._moment(account)}"',
        )

    def _settled(self, turn: int) -> Iterator[Entry]:
        """One broker's day ends."""
        broker = BROKERS[turn]
        for account in self._books[turn]:
            yield self._settlement(account)
        self._days[broker], self._began[broker] = china().after(self._days[broker]), self._at + 1

    def _settlement(self, account: str) -> Entry:
        equity = self._chance.randrange(980_000, 1_020_000)
        available = -60_000 if self._chance.random() < OVERDRAWN else equity * 7 // 10
        return self._event(
            account,
            "account.settled",
            f'"equity":"{equity}.00","available":"{available}.00","margin":"{equity * 3 // 10}.00",'
            f'"opening_equity":"{equity}.00","traded_lots":1,"position_lots":3',
        )

    def _tick(self, broker: str) -> Iterator[Entry]:
        at = self._moment(broker)
        day = self._days[broker]
        body = f'"broker":"{broker}","trading_day":"{day}","at":"{at}","heard":{{"stream":"{at}"}}'
        value = self._wrapped("clock.ticked", "clock", at, body)
        return (Entry(None, value, partition) for partition in range(PARTITIONS))

    def _event(self, subject: str, type_: str, body: str) -> Entry:
        broker, _, account = subject.partition(":")
        day = self._days[broker]
        whose = f'"broker":"{broker}","account":"{account}","trading_day":"{day}",'
        wrapped = self._wrapped(type_, subject, self._moment(subject), f"{whose}{body}")
        return Entry(subject.encode(), wrapped)

    def _moment(self, subject: str) -> str:
        """Return the time of day at the broker's."""
        broker = subject.partition(":")[0]
        second = (self._at - self._began[broker]) // self._a_second
        time = f"{9 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        return f"{self._days[broker]}T{time}+08:00"

    def _wrapped(self, type_: str, subject: str, moment: str, body: str) -> bytes:
        self._number += 1
        return (
            f'{{"specversion":"1.0","id":"b{self._number}","source":"bench","type":"{type_}",'
            f'"subject":"{subject}","time":"{moment}","datacontenttype":"application/json",'
            f'"sequence":"{sequence_of(self._number)}","data":{{{body}}}}}'
        ).encode()


def large_account(number: int) -> str:
    """Return the account of the ``number``-th large withdrawal of a quiet stream."""
    return f"9{number:07d}"
