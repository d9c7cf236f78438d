"""数据中断: feed_silence — a source says nothing while the market trades."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from shared.contracts.trading import Tick
from shared.kernel.trading_day import CHINA, Calendar
from tests.kit.oracle.lines import Lines
from tests.kit.oracle.memory import Expected, Finding, Memory

RULE = "feed_silence"
SEGMENTS = (
    (time(9), time(10, 15)),
    (time(10, 30), time(11, 30)),
    (time(13, 30), time(15)),
)
NIGHT, NIGHT_LASTS = time(21), timedelta(hours=5, minutes=30)


@dataclass
class Feed:
    """A broker's sources; ``silent`` is what stands: its episode, and the last record if any."""

    broker: str
    memory: Memory = field(default_factory=Memory)
    silent: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)

    def tick(self, tick: Tick, lines: Lines, calendar: Calendar) -> list[Expected]:
        """Judge each source that is named, and of those that were heard each that a name fits."""
        named = [source for source in lines.sources if "*" not in source]
        ends = tuple(source[1:] for source in lines.sources if source.startswith("*"))
        fitting = sorted(source for source in tick.heard if ends and source.endswith(ends))
        said = []
        for source in dict.fromkeys(named + fitting):
            said += self._judge(source, tick.heard.get(source), tick, (lines, calendar))
        return said

    def _judge(
        self, source: str, heard: datetime | None, tick: Tick, by: tuple[Lines, Calendar]
    ) -> list[Expected]:
        lines, calendar = by
        if source in self.silent:
            episode, last = self.silent[source]
            if heard is None or (last is not None and heard <= last):
                return []
            del self.silent[source]
            return self._say("withdrawn", episode, tick.trading_day)
        start = segment(tick.at, calendar)
        if start is None:
            return []
        quiet = tick.at - (start if heard is None else max(heard, start))
        if quiet < timedelta(minutes=lines.silent_minutes):
            return []
        episode = f"{source}-{tick.at.astimezone(CHINA):%Y%m%dT%H%M}"
        self.silent[source] = episode, heard
        return self._say("raised", episode, tick.trading_day)

    def _say(self, step: str, episode: str, day: date) -> list[Expected]:
        alert = self.memory.take(Finding(step, RULE, episode), f"{self.broker}:feed", day)
        return [alert] if alert else []


def segment(at: datetime, calendar: Calendar) -> datetime | None:
    """Return when the trading segment around a moment began (None: none); its end is outside."""
    local = at.astimezone(CHINA)
    today = local.date()
    spans = [(_at(today, begin), _at(today, end)) for begin, end in SEGMENTS]
    spans = spans if calendar.is_trading_day(today) else []
    evening = today if local.time() >= NIGHT else today - timedelta(days=1)
    if calendar.is_trading_day(evening) and evening not in calendar.no_night:
        spans.append((_at(evening, NIGHT), _at(evening, NIGHT) + NIGHT_LASTS))
    return next((begin for begin, end in spans if begin <= local < end), None)


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, CHINA)
