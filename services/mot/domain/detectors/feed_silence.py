"""数据中断 — a source that should speak in trading hours has gone silent: no alert is no news.

It is judged once a minute for the whole broker (account ``feed``), from what ``clock.ticked`` says
was heard of each source.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from fnmatch import filter as filter_
from itertools import chain
from typing import ClassVar

from pydantic import PositiveInt

from services.mot.domain.account import Account
from services.mot.domain.detector import Condition, Detector, Finding, Step
from services.mot.domain.events import ClockTicked
from shared.contracts.alerts import Module
from shared.kernel.sessions import segment_start
from shared.kernel.trading_day import CHINA, Calendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


NEVER = 0  # the figure told of a source that was never heard: any record is later


class FeedSilence(Detector[ClockTicked]):
    """``minutes`` without a record of one of the ``sources``, within one trading segment.

    A name is a source that must be heard, and is silent too when it never was. A pattern with ``*``
    picks from those that were heard: one stream of several.
    """

    message_type: ClassVar = "数据中断"
    module: ClassVar = Module.NOTICE
    action: ClassVar = "请检查柜台连接和采集服务，期间提醒可能延迟。"
    listens_to: ClassVar = (ClockTicked,)
    of_feed: ClassVar = True

    minutes: PositiveInt = 5
    sources: tuple[str, ...] = ("stream", "*:account")

    def detect(
        self, event: ClockTicked, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Compare what each source was last heard with the minute."""
        heard = event.data.heard
        for source in self._watched(heard):
            yield from self._judge(source, heard.get(source), event.data.at, (after, calendar))

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Each source that was told to be silent, and the named ones that were not.

        The broker's own account, ``feed``, knows; a client's does not.
        """
        standing = {e.rpartition("-")[0]: said for e, said in account.standing(self.rule).items()}
        named = [source for source in self.sources if "*" not in source]
        for source in dict.fromkeys((*named, *standing)) or self.sources or ("（没有）",):
            said, line = standing.get(source), f"{self.minutes}分钟没有数据"
            figure = "没有中断" if said is None else f"中断，最后收到 {_told(said.figure)}"
            yield Condition(f"数据源{source}", figure, line, said is not None)

    def _watched(self, heard: Collection[str]) -> Iterable[str]:
        found = (filter_(sorted(heard), s) if "*" in s else [s] for s in self.sources)
        return dict.fromkeys(chain.from_iterable(found))

    def _judge(
        self, source: str, heard: datetime | None, at: datetime, known: tuple[Account, Calendar]
    ) -> Iterable[Finding]:
        after, calendar = known
        told = after.standing(self.rule).items()
        standing = {e: said for e, said in told if e.rpartition("-")[0] == source}
        for episode, said in standing.items():
            if heard is not None and _microseconds(heard) > said.figure:
                facts = {"数据源": source, "恢复于": f"{heard.astimezone(CHINA):%H:%M:%S}"}
                yield Finding(Step.WITHDRAWN, episode, f"数据源{source}已恢复", facts, level=0)
        start = segment_start(at, calendar)
        if start is None or standing:
            return
        last = start if heard is None else max(heard, start)
        if at - last >= timedelta(minutes=self.minutes):
            yield self._silent(source, heard, at)

    def _silent(self, source: str, heard: datetime | None, at: datetime) -> Finding:
        figure = NEVER if heard is None else _microseconds(heard)
        facts = {"数据源": source, "最后收到": _told(figure)}
        since = "从未有过" if heard is None else f"已{self.minutes}分钟没有"
        episode = f"{source}-{at.astimezone(CHINA):%Y%m%dT%H%M}"
        return Finding(Step.RAISED, episode, f"数据源{source}{since}数据", facts, figure=figure)


def _microseconds(moment: datetime) -> int:
    """Return a moment as a whole number, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _told(microseconds: int) -> str:
    if microseconds == NEVER:
        return "从未"
    return f"{(_EPOCH + timedelta(microseconds=microseconds)).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
