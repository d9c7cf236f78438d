"""数据中断 — a source that should speak in trading hours has gone silent: no alert is no news.

It is judged once a minute for the whole broker (account ``feed``), from what ``clock.ticked`` says
was heard of each source.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from pydantic import PositiveInt

from services.mot.domain.account import Account
from services.mot.domain.detector import Detector, Finding, Step
from services.mot.domain.events import ClockTicked
from shared.contracts.alerts import Module
from shared.kernel.sessions import segment_start
from shared.kernel.trading_day import CHINA, Calendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FeedSilence(Detector[ClockTicked]):
    """``minutes`` without a record of one of the ``sources``, within one trading segment."""

    message_type: ClassVar = "数据中断"
    module: ClassVar = Module.NOTICE
    action: ClassVar = "请检查柜台连接和采集服务，期间提醒可能延迟。"
    listens_to: ClassVar = (ClockTicked,)
    of_feed: ClassVar = True

    minutes: PositiveInt = 5
    sources: tuple[str, ...] = ("stream",)

    def detect(
        self, event: ClockTicked, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Compare what each source was last heard with the minute."""
        for source in self.sources:
            heard = event.data.heard.get(source)
            if heard is not None:
                yield from self._judge(source, heard, event.data.at, (after, calendar))

    def _judge(
        self, source: str, heard: datetime, at: datetime, known: tuple[Account, Calendar]
    ) -> Iterable[Finding]:
        after, calendar = known
        last = heard.astimezone(CHINA)
        told = after.standing(self.rule).items()
        standing = {e: said for e, said in told if e.rpartition("-")[0] == source}
        for episode, said in standing.items():
            if _microseconds(heard) > said.figure:
                facts = {"数据源": source, "恢复于": f"{last:%H:%M:%S}"}
                yield Finding(Step.WITHDRAWN, episode, f"数据源{source}已恢复", facts, level=0)
        start = segment_start(at, calendar)
        if start is None or standing or at - max(heard, start) < timedelta(minutes=self.minutes):
            return
        facts = {"数据源": source, "最后收到": f"{last:%Y-%m-%d %H:%M:%S}"}
        yield Finding(
            Step.RAISED,
            f"{source}-{at.astimezone(CHINA):%Y%m%dT%H%M}",
            f"数据源{source}已{self.minutes}分钟没有数据",
            facts,
            figure=_microseconds(heard),
        )


def _microseconds(moment: datetime) -> int:
    """Return a moment as a whole number, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
