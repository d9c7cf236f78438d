"""保证金: margin_usage, margin_call, exchange_margin_call, negative_equity (A7)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.kit.oracle.case import Case
from tests.kit.oracle.lines import Lines

ON, LAPSED = 1, 2


@dataclass(frozen=True)
class Ratio:
    """风险度 against a line, of the firm's margin or the exchange's."""

    rule: str
    margin: Callable[[Any], Any]
    line: Callable[[Lines], Decimal]

    def holds(self, body: Any, lines: Lines) -> bool:
        return bool(body.equity > 0 and self.margin(body) >= self.line(lines) * body.equity)

    def eased(self, body: Any, lines: Lines) -> bool:
        low = self.line(lines) - lines.slack
        return bool(body.equity > 0 and self.margin(body) <= low * body.equity)

    def figure(self, body: Any) -> int:
        return int(self.margin(body) * 10_000 // body.equity)


class Negative(Ratio):
    """穿仓 — a position is held and nothing is left."""

    def holds(self, body: Any, lines: Lines) -> bool:
        return bool(body.equity <= 0 and body.margin > 0)

    def eased(self, body: Any, lines: Lines) -> bool:
        return bool(body.equity > 0)

    def figure(self, body: Any) -> int:
        return int(body.equity * 1000)


def snapshotted(case: Case, watch: Ratio) -> None:
    body, day = case.data, case.day
    known = watch.margin(body) is not None
    if not (known and case.before.news and case.client.unsettled(day)):
        return
    level = case.client.memory.level(watch.rule, day.isoformat())
    if watch.holds(body, case.lines) and level != ON:
        figure = watch.figure(body)
        case.say("raised", watch.rule, day, level=ON, figure=figure, provisional=True)
    elif level == ON and watch.eased(body, case.lines):
        case.say("noted", watch.rule, day, level=LAPSED, provisional=True)


def settled(case: Case, watch: Ratio) -> None:
    body = case.data
    if watch.margin(body) is not None:
        holds = watch.holds(body, case.lines)
        case.settle(watch.rule, holds, figure=watch.figure(body) if holds else 0)
    else:
        case.unjudged(watch.rule)


WATCHES = (
    Ratio("margin_usage", lambda body: body.margin, lambda lines: lines.usage_line),
    Ratio("margin_call", lambda body: body.margin, lambda lines: lines.call_line),
    Ratio(
        "exchange_margin_call", lambda body: body.exchange_margin, lambda lines: lines.exchange_line
    ),
    Negative("negative_equity", lambda body: body.margin, lambda lines: Decimal(0)),
)
