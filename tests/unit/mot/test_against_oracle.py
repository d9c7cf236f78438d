"""Two readings of the same definitions, mot's and the oracle's, of many seeded logs."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from services.mot.domain.account import EMPTY, KEEP_OVERDRAFTS, Account
from services.mot.domain.reading import read
from services.mot.domain.watch import Origin, concerned, key_of, watch
from shared.contracts.trading import TradingEvent
from shared.kernel.trading_day import TradingDay, china
from tests.kit import facts as say
from tests.kit.reference import Expected, Oracle
from tests.kit.scenario import all_rules

LOGS, EVENTS, SHARDS = 1_000, 40, 4
RULES = all_rules()
DAYS = china().days
FIRST = DAYS.index(TradingDay(date(2026, 5, 20)))
LAST = DAYS.index(TradingDay(date(2026, 9, 1)))
AMOUNTS = ("0.001", "200", "4000", "250000", "499999.999", "500000", "1000000", "5000000")
EQUITIES = (
    *("-5", "0", "800", "1000", "1000.001", "40000", "79999.999", "80000"),
    *("100000", "100000", "1000000", "2000000", "20000000"),
)
AVAILABLE = ("-100000", "-99999.999", "-50000", "-60000", "-0.001", "0", "20")
MARGINS = (None, None, "0", "60000", "74999", "80000", "100000", "1000000")
PROFITS = (None, None, "0", "-20000", "-9000", "5000")
STATUSES = ("open", "partly-filled", "partly-filled", "filled", "cancelled", "rejected")
LONG_AGO = (None, None, date(2018, 2, 1), date(2025, 5, 14), date(2025, 6, 14), date(2026, 4, 20))
KINDS = ("w", "w", "d", "d", "r", "r", *"bbbb", *"ssssss", "o", "o", "l", "a", *"ttt", *"ccc")


class Told(NamedTuple):
    """An alert event, and the offset of the event that made it."""

    offset: int
    alert: Expected


class Story:
    """A broker's account stream: mostly today's, some of it late; a log inside mot's limits."""

    def __init__(self, seed: int, accounts: Sequence[str] = ("1", "2")) -> None:
        self._chance = random.Random(seed)  # noqa: S311 a workload, not a secret
        self._accounts = accounts
        self._today, self._minute = self._chance.randrange(FIRST, LAST - 50), 0
        self._jumps = [self._one((0, 5, 19, 24))]  # what was said may not be 60 days old

    def log(self, events: int = EVENTS) -> list[TradingEvent]:
        """Return so many events; each account's opening date is known in most logs."""
        known = [a for a in self._accounts if self._chance.random() < 0.8]
        return [*map(self._baseline, known), *(self._next() for _ in range(events - len(known)))]

    def _next(self) -> TradingEvent:
        chance = self._chance.random()
        if chance < 0.25 and self._today < LAST:
            self._today, self._minute = self._today + 1, 0
        elif chance < 0.27 and self._jumps:
            self._today, self._minute = self._today + self._jumps.pop(), 0
        self._minute += self._one((0, 1, 1, 4, 30))
        make = getattr(self, f"_{self._one(KINDS)}")
        event: TradingEvent = make(self._one(self._accounts))
        return event

    def _one(self, words: Sequence[Any]) -> Any:
        return self._chance.choice(words)

    def _day(self) -> date:
        back: int = self._one((0, 0, 0, 0, 1, 1, 2, 3))
        return DAYS[self._today - back]

    def _at(self, day: date) -> datetime:
        """Return a moment of the trading day, some of them in the night session before it."""
        late = timedelta(minutes=self._minute - self._one((0, 0, 0, 7)))
        if self._chance.random() < 0.2:
            return say.moment(china().before(day), "21:10") + late
        return say.moment(day, "09:00") + late

    def _mark(self, account: str) -> dict[str, Any]:
        mark: dict[str, Any] = {"backfill": True} if self._chance.random() < 0.04 else {}
        return {"account": account, **mark}

    def _w(self, account: str) -> TradingEvent:
        return say.withdrew(self._one(AMOUNTS), self._day(), **self._mark(account))

    def _d(self, account: str) -> TradingEvent:
        return say.deposited(self._one(AMOUNTS), self._day(), **self._mark(account))

    def _r(self, account: str) -> TradingEvent:
        way = self._one(("withdrawal", "deposit"))
        return say.took_back(self._one(AMOUNTS), self._day(), way, **self._mark(account))

    def _figures(self) -> dict[str, Any]:
        kept = {"close_profit": PROFITS, "position_profit": PROFITS, "commission": (None, "1000")}
        some = {"margin": MARGINS, "exchange_margin": MARGINS, "available": AVAILABLE}
        money = {"deposit": (None, None, None, "0", "4000"), "withdrawal": (None, None, None, "0")}
        return {name: self._one(words) for name, words in {**kept, **some, **money}.items()}

    def _b(self, account: str) -> TradingEvent:
        at, equity = self._at(self._day()), self._one(EQUITIES)
        return say.snapshotted(equity, at, **self._figures(), **self._mark(account))

    def _s(self, account: str) -> TradingEvent:
        lots = {"traded_lots": (None, None, 0, 3), "position_lots": (None, None, 0, 0, 2)}
        given = {name: self._one(words) for name, words in lots.items()}
        given["opening_equity"] = self._one((None, None, "100000", "600000"))
        mark = self._mark(account)
        return say.settled(self._one(EQUITIES), self._day(), **self._figures(), **given, **mark)

    def _o(self, account: str) -> TradingEvent:
        name = f"{self._one(('F', 'G'))}{self._today // 8}"  # an order lives for days, not months
        given = {"order_id": name, "reason": self._one("1289")}
        filled, status = self._one((0, 0, 2, 3, 5)), self._one(STATUSES)
        return say.ordered(self._at(self._day()), filled, status, **given, **self._mark(account))

    def _l(self, account: str) -> TradingEvent:
        return self._baseline(account)

    def _baseline(self, account: str) -> TradingEvent:
        opened = self._one((date(2018, 1, 1), date(2025, 6, 15), DAYS[self._today - 3]))
        past = {name: self._one(LONG_AGO) for name in ("last_trade_on", "last_position_on")}
        ends = {name: self._end() for name in ("risk_level_until", "certificate_until")}
        return say.baselined(opened, self._day(), **past, **ends, **self._mark(account))

    def _a(self, account: str) -> TradingEvent:
        begins, kind = self._one((None, date(2026, 1, 1))), self._one(("交返", "利返"))
        return say.agreed(self._end(), self._day(), kind, starts_on=begins, **self._mark(account))

    def _end(self) -> date | None:
        far = self._one((None, 0, 4, 5, 6, 20, 21, 25))
        return None if far is None else DAYS[self._today + far] + timedelta(self._one((0, 0, 1)))

    def _t(self, _: str) -> TradingEvent:
        at = self._at(DAYS[self._today])
        gone = timedelta(minutes=self._one((0, 4, 5, 9, 90)))
        return say.ticked(at, stream=at - gone) if self._chance.random() < 0.7 else say.ticked(at)

    def _c(self, _: str) -> TradingEvent:
        return say.closed(self._day())


def mots(log: Iterable[TradingEvent]) -> list[Told]:
    """Return what mot's core says of a log; no detector may fail."""
    accounts: dict[str, Account] = {}
    said: list[Told] = []
    for offset, told in enumerate(log):
        event = read(told.subject.encode(), told.encode())
        assert event is not None
        for key in _keys(event, accounts):
            done = watch(accounts.get(key, EMPTY), event, RULES, Origin(key, 0, offset))
            accounts[key] = done.account
            assert not done.failures, done.failures
            for alert in done.alerts:
                body = alert.data
                name = (body.rule, alert.subject, body.episode, body.revision)
                said.append(Told(offset, Expected(alert.type, *name)))
    return said


def _keys(event: Any, accounts: dict[str, Account]) -> list[str]:
    if event.subject == "clock":
        return list(concerned(event, accounts, 0))
    return [key_of(event)]


def oracles(log: Iterable[TradingEvent]) -> list[Told]:
    oracle = Oracle(calendar=china())
    return [Told(n, alert) for n, event in enumerate(log) for alert in oracle.tell(event)]


def apart(log: list[TradingEvent]) -> Counter[Told]:
    """Return what only one of the two says, mot's counted above zero."""
    both = Counter(mots(log))
    both.subtract(oracles(log))
    return Counter({told: n for told, n in both.items() if n and not _forgotten(told, log)})


def _forgotten(told: Told, log: list[TradingEvent]) -> bool:
    """Say whether a settlement speaks of overdrafts so old that mot remembers them no more."""
    if told.alert.rule != "consecutive_overdraft":
        return False
    begun, today = date.fromisoformat(told.alert.episode), log[told.offset].data.trading_day
    return date.toordinal(today) - begun.toordinal() > KEEP_OVERDRAFTS.days


@pytest.mark.parametrize("shard", range(SHARDS))
def test_both_say_the_same_of_every_log(shard: int) -> None:
    for seed in range(shard, LOGS, SHARDS):
        differing = apart(Story(seed).log())
        assert not differing, f"seed {seed}: {differing}"


def test_the_logs_make_every_rule_speak() -> None:
    spoken: Counter[str] = Counter()
    for seed in range(200):
        spoken.update(alert.rule for _, alert in oracles(Story(seed).log()))
    assert set(spoken) == set(RULES.detectors)
