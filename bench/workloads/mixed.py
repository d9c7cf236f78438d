"""W2: every kind of account event of the contract, through the pure core with all its detectors.

A day is 100,000 events of 5,000 accounts (snapshots 70 %, deposits and withdrawals 14.5 % each,
steps of forced-liquidation orders 0.5 %), a tick into every partition each 5,000 events, then each
account's settlement. Most events raise nothing, as in life. The core is called as the product
calls it: ``read``, ``watch``. A tick concerns accounts that an operator per key cannot see: sides
without a broadcast skip it, and are judged by what the core says without ticks.
"""

import random
from collections.abc import Iterator, MutableMapping, Sequence
from datetime import date
from functools import cache
from itertools import count, islice
from typing import Any

import msgspec

from bench.workloads.work import Entry, Parsed, Work
from services.mot.domain.account import EMPTY, Account
from services.mot.domain.events import ClockTicked, DayClosed, TradingEvent
from services.mot.domain.reading import read
from services.mot.domain.stored import pack, unpack
from services.mot.domain.watch import Origin, Rules, concerned, key_of, watch
from services.mot.rules import read_rules
from shared.contracts.event import sequence_of
from shared.contracts.topics import PARTITIONS
from shared.kernel.trading_day import TradingDay, china

BROKER, ACCOUNTS, SEED, START = "demo", 5_000, 7, TradingDay(date(2026, 3, 2))
A_DAY, A_TICK, A_SECOND = 100_000, 5_000, 5
KINDS = {"snapshot": 700, "withdraw": 145, "deposit": 145, "order": 5}
LARGE, OVERDRAWN, STRAINED = 0.005, 0.002, 0.002
LONGEST = 20_000  # seconds of a day, 09:00 to 14:33
LOTS = 5
ANY = 1  # a partition other than the first, where a silent feed would be looked for


class Stream:
    """Makes the events; what an account is worth stays near a million."""

    def __init__(self, accounts: int = ACCOUNTS) -> None:
        self._chance = random.Random(SEED)  # noqa: S311 a workload, not a secret
        self._accounts = [f"8{number:07d}" for number in range(accounts)]
        self._orders: dict[str, tuple[str, int]] = {}
        self._number, self._day, self._moment = 0, START, ""

    def entries(self, a_day: int = A_DAY) -> Iterator[Entry]:
        """Yield records for ever."""
        kinds, weights = [getattr(self, f"_{kind}") for kind in KINDS], list(KINDS.values())
        a_second = max(A_SECOND, a_day // LONGEST)
        while True:
            for number in range(a_day):
                self._moment = _moment(self._day, number // a_second)
                if number % A_TICK == 0:
                    yield from self._tick()
                kind = self._chance.choices(kinds, weights)[0]
                yield kind(self._chance.choice(self._accounts))
            for account in self._accounts:
                yield self._settlement(account)
            self._day = china().after(self._day)

    def quiet(self, each: int) -> Iterator[Entry]:
        """Yield small deposits for ever, each ``each``-th a large withdrawal of a new account.

        Those accounts are ``large_account(0)``, ``large_account(1)`` …; the others are none of the
        mix's, whose sequences begin anew.
        """
        small = [f"7{account[1:]}" for account in self._accounts]
        for number in count():
            self._moment = _moment(self._day, 5400)
            if number == 0:
                yield from self._tick()
            if number % each == each - 1:
                yield self._funds(large_account(number // each), "funds.withdrawn", 600_000)
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
            f'"exchange_margin":"{margin}.00","at":"{self._moment}"',
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
            f'"amount":"{amount}.00","currency":"CNY","happened_at":"{self._moment}",'
            f'"channel":"bank-transfer","serial":"{self._number:012d}"',
        )

    def _order(self, account: str) -> Entry:
        """The account's one live order goes on, or a new one begins."""
        name, filled = self._orders.pop(account, (f"{account}-{self._number}", -1))
        filled = 0 if filled < 0 else min(LOTS, filled + self._chance.randrange(1, 4))
        status = "filled" if filled == LOTS else "partly-filled" if filled else "open"
        if filled < LOTS:
            self._orders[account] = (name, filled)
        return self._event(
            account,
            "order.force-closed",
            f'"order_id":"{name}","exchange":"SHFE","instrument":"rb2610","direction":"sell",'
            f'"lots":{LOTS},"filled":{filled},"price":"3120","reason":"1","status":"{status}",'
            f'"at":"{self._moment}"',
        )

    def _settlement(self, account: str) -> Entry:
        equity = self._chance.randrange(980_000, 1_020_000)
        available = -60_000 if self._chance.random() < OVERDRAWN else equity * 7 // 10
        return self._event(
            account,
            "account.settled",
            f'"equity":"{equity}.00","available":"{available}.00","margin":"{equity * 3 // 10}.00",'
            f'"opening_equity":"{equity}.00","traded_lots":1,"position_lots":3',
        )

    def _tick(self) -> Iterator[Entry]:
        body = f'"broker":"{BROKER}","trading_day":"{self._day}","at":"{self._moment}"'
        value = self._wrapped("clock.ticked", "clock", body)
        return (Entry(None, value, partition) for partition in range(PARTITIONS))

    def _event(self, account: str, type_: str, body: str) -> Entry:
        subject = f"{BROKER}:{account}"
        whose = f'"broker":"{BROKER}","account":"{account}","trading_day":"{self._day}",'
        return Entry(subject.encode(), self._wrapped(type_, subject, f"{whose}{body}"))

    def _wrapped(self, type_: str, subject: str, body: str) -> bytes:
        self._number += 1
        return (
            f'{{"specversion":"1.0","id":"b{self._number}","source":"bench","type":"{type_}",'
            f'"subject":"{subject}","time":"{self._moment}","datacontenttype":"application/json",'
            f'"sequence":"{sequence_of(self._number)}","data":{{{body}}}}}'
        ).encode()


def _moment(day: date, second: int) -> str:
    return f"{day}T{9 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}+08:00"


def large_account(number: int) -> str:
    """Return the account of the ``number``-th large withdrawal of a quiet stream."""
    return f"9{number:07d}"


def generate(count: int) -> Iterator[Entry]:
    return islice(Stream().entries(), count)


@cache
def rules() -> Rules:
    """Return the rules as the product ships them."""
    return read_rules()


def parse(key: bytes | None, value: bytes) -> Parsed:
    event = read(key, value)
    if event is None or isinstance(event, ClockTicked | DayClosed):
        return None, event
    return key_of(event), event


def step(state: Account | None, event: Any) -> tuple[Account, Sequence[bytes]]:
    done = watch(state or EMPTY, event, rules(), Origin(key_of(event), 0, 0))
    return done.account, [alert.encode() for alert in done.alerts]


def broadcast(states: MutableMapping[str, Account], event: TradingEvent) -> list[bytes]:
    told: list[bytes] = []
    for key in list(concerned(event, states, ANY)):
        done = watch(states[key], event, rules(), Origin(key, 0, 0))
        states[key] = done.account
        told += [alert.encode() for alert in done.alerts]
    return told


class _Body(msgspec.Struct):
    summary: str


class _Alert(msgspec.Struct):
    id: str
    type: str
    data: _Body


_alert = msgspec.json.Decoder(_Alert).decode


def identity(value: bytes) -> str:
    """Return what must be the same whoever ran the core: its id, its step, what it says."""
    alert = _alert(value)
    return f"{alert.id} {alert.type} {alert.data.summary}"


WORK = Work(generate, parse, step, pack, unpack, identity, broadcast)
