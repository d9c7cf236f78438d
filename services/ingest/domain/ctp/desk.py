"""柜台 — what is the same for every record of one counter, and what every event says of it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from services.ingest.domain.ctp.records import Arrival, Record, Stream
from services.ingest.domain.fact import OWN_SOURCES
from services.ingest.domain.rows import BadRow, code
from shared.contracts.trading import account_key
from shared.kernel.trading_day import CHINA, EVENING, Calendar, OutsideCoverage, TradingDay

SMALL_HOURS = time(4, 0)  # up to here the night session of the evening before
LIVE = "stream"  # the source that mot listens to for silence


class Unused(Exception):
    """The record is good and tells nothing that anybody consumes; a short reason, for counting."""


@dataclass(frozen=True)
class Desk:
    """One counter. ``broker``: our code; ``broker_id``: CTP's; ``feed`` names its streams.

    ``rehearsal``: everything that it tells is an exchange test's.
    """

    broker: str
    broker_id: str
    calendar: Calendar
    feed: str = "ctp-risk"
    rehearsal: bool = False

    def heard_as(self, stream: Stream) -> str:
        """Return the name under which a stream's silence can be seen."""
        return f"{self.feed}:{stream}"

    def day(self, text: str) -> TradingDay:
        """Read a trading day; raises ``BadRow`` for anything that is none."""
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
            known = len(text) == len("20260601") and self.calendar.is_trading_day(day)
        except (ValueError, OutsideCoverage) as failure:
            raise BadRow("TradingDay", str(failure)) from None
        if not known:
            raise BadRow("TradingDay", f"{text[:20]!r} is not a trading day")
        return TradingDay(day)

    def account(self, record: Record) -> str:
        """Return whose record it is; raises ``BadRow`` for another broker's."""
        if record.broker_id != self.broker_id:
            raise BadRow("BrokerID", f"not {self.broker_id}")
        return code(record.investor_id, "InvestorID")

    def fact(self, arrival: Arrival, record: Record) -> dict[str, Any]:
        """Return what the body of every event begins with."""
        return {
            "broker": self.broker,
            "account": self.account(record),
            "trading_day": self.day(arrival.trading_day),
            "source": LIVE,
            "rehearsal": self.rehearsal,
        }

    def head(self, arrival: Arrival, fact: dict[str, Any], name: str) -> dict[str, Any]:
        """Return an event's attributes; ``name``: what it is within its stream and day."""
        return {
            "id": f"{fact['trading_day']}/{name}",
            "source": f"{OWN_SOURCES}{self.feed}/{arrival.stream}",
            "subject": account_key(self.broker, fact["account"]),
        }

    def moment(self, day: TradingDay, clock: str, arrival: Arrival) -> datetime:
        """Return when it happened: from a time of the day's sessions; untold, when it arrived.

        CTP's own dates differ by exchange at night, so only the trading day and the clock count.
        """
        if not clock:
            return arrival.at.astimezone(CHINA)
        try:
            at = time.fromisoformat(clock)
        except ValueError:
            raise BadRow("Time", f"not a time: {clock[:20]!r}") from None
        if at >= EVENING:
            return datetime.combine(self.calendar.before(day), at, CHINA)
        if at < SMALL_HOURS:
            return datetime.combine(self.calendar.before(day) + timedelta(days=1), at, CHINA)
        return datetime.combine(day, at, CHINA)
