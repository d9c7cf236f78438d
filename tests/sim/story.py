"""A seeded log of one partition: two clients, a few trading days, some of it late or corrected.

It stays within the oracle's limits: nothing speaks of a day more than a week before the last one.
"""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from shared.contracts.event import sequence_of
from shared.contracts.trading import TradingEvent
from shared.kernel.trading_day import TradingDay, china
from tests.kit import facts as say

ACCOUNTS = ("1", "2")
DAYS = china().days[china().days.index(TradingDay(date(2026, 5, 20))) :][:60]
AMOUNTS = ("200", "499999.999", "500000", "1000000", "5000000")
EQUITIES = ("-5", "0", "800", "80000", "100000", "2000000", "20000000")
AVAILABLE = ("-100000", "-60000", "-0.001", "0", "20")
MARGINS = (None, "0", "60000", "80000", "100000", "1000000")
STATES = ((0, "open"), (2, "partly-filled"), (5, "filled"), (0, "cancelled"), (2, "cancelled"))
KINDS = "wwwddrrbbbssssooolttcc"


class Story:
    """Makes one event after the other; the same chance makes the same story."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._today, self._minute, self._number = chance.randrange(5, 20), 0, 0

    def log(self, events: int) -> list[TradingEvent]:
        """Return so many events, each with its identity and its place in the order."""
        return [self.event() for _ in range(events)]

    def event(self) -> TradingEvent:
        """Return the next event; now and then a day has passed."""
        self._number += 1
        self._minute += self._one((0, 1, 4, 30))
        if self._chance.random() < 0.2 and self._today < len(DAYS) - 1:
            self._today, self._minute = self._today + 1, 0
        made = MAKES[self._one(KINDS)](self, self._one(ACCOUNTS))
        whose = {"id": f"s{self._number}", "sequence": sequence_of(self._number)}
        return made.model_copy(update=whose)

    def _one(self, words: Any) -> Any:
        return self._chance.choice(words)

    def _day(self) -> date:
        """Return today, or one of the last days: late, or a correction."""
        late: int = self._one((0, 0, 0, 0, 1, 2))
        return DAYS[self._today - late]

    def _at(self, day: date) -> datetime:
        """Return a moment of the day, now and then before what was told already."""
        return say.moment(day, "09:00") + timedelta(minutes=self._minute - self._one((0, 0, 7)))

    def withdrew(self, account: str) -> TradingEvent:
        return say.withdrew(self._one(AMOUNTS), self._day(), account=account)

    def deposited(self, account: str) -> TradingEvent:
        return say.deposited(self._one(AMOUNTS), self._day(), account=account)

    def took_back(self, account: str) -> TradingEvent:
        way = self._one(("withdrawal", "withdrawal", "deposit"))
        return say.took_back(self._one(AMOUNTS), self._day(), way, account=account)

    def snapshotted(self, account: str) -> TradingEvent:
        figures = {"available": self._one(AVAILABLE), "margin": self._one(MARGINS)}
        at = self._at(DAYS[self._today])
        return say.snapshotted(self._one(EQUITIES), at, account=account, **figures)

    def settled(self, account: str) -> TradingEvent:
        figures = {"available": self._one(AVAILABLE), "margin": self._one(MARGINS)}
        lots = {"traded_lots": self._one((None, 0, 3)), "position_lots": self._one((0, 0, 2))}
        opening = {"opening_equity": self._one((None, "100000", "600000"))}
        given = {**figures, **lots, **opening}
        return say.settled(self._one(EQUITIES), self._day(), account=account, **given)

    def ordered(self, account: str) -> TradingEvent:
        name = f"F{self._today // 8}"
        given = {"order_id": name, "reason": self._one("1289"), "account": account}
        filled, status = self._one(STATES)
        return say.ordered(self._at(DAYS[self._today]), filled, status, **given)

    def baselined(self, account: str) -> TradingEvent:
        opened = self._one((date(2018, 1, 1), date(2025, 6, 15), DAYS[self._today - 3]))
        return say.baselined(opened, self._day(), account=account)

    def ticked(self, _: str) -> TradingEvent:
        at = self._at(DAYS[self._today])
        gone = timedelta(minutes=self._one((0, 4, 9, 90)))
        one, other = {"stream": at - gone}, {"stream": at, "ctp:account": at - gone}
        return say.ticked(at, **self._one(({}, one, other)))

    def closed(self, _: str) -> TradingEvent:
        return say.closed(self._day())


MAKES: dict[str, Callable[[Story, str], TradingEvent]] = {
    "w": Story.withdrew,
    "d": Story.deposited,
    "r": Story.took_back,
    "b": Story.snapshotted,
    "s": Story.settled,
    "o": Story.ordered,
    "l": Story.baselined,
    "t": Story.ticked,
    "c": Story.closed,
}
