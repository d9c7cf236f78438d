"""一份结算单 — one account on one trading day, read from its draft: good rows, and bad ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.ingest.domain.dealt import CloseOutRow, DeliveryRow, HoldingRow, TradeRow
from services.ingest.domain.holdings import Place
from services.ingest.domain.rows import Bad, BadRow, calendar_date, code
from services.ingest.domain.settlement import Figures
from services.ingest.domain.source import Context
from services.ingest.domain.sources.fundchg import FundsRow
from services.ingest.domain.statements import dealings, holdings, money
from services.ingest.domain.statements.drafts import Draft, Head
from services.ingest.domain.statements.layout import (
    CLOSED,
    DELIVERED,
    FUNDS,
    HELD,
    TRADES,
    Layout,
)
from services.ingest.domain.statements.parts import Part, Whose, part
from shared.kernel.trading_day import OutsideCoverage, TradingDay

_MONTH = re.compile(r"\d{6}|\d{4}[-/]\d{1,2}|.*月")
_RANGE = re.compile(r"(\S{8,10})\s*[-~至]\s*(\S{8,10})")


@dataclass(frozen=True)
class Statement:
    """What one account's day was. A table that is not whole takes nothing back.

    ``today``: the lots opened on its day, by holding.
    """

    account: str
    day: TradingDay
    layout: Layout
    figures: Figures | None
    funds: Part[FundsRow]
    trades: Part[TradeRow]
    closed: Part[CloseOutRow]
    held: Part[HoldingRow]
    today: Mapping[Place, int]
    delivered: Part[DeliveryRow]


def read(draft: Draft, context: Context) -> tuple[Statement | None, list[Bad]]:
    """Return the statement, or None when its head already says that it is none, and bad lines."""
    try:
        whose = _whose(draft.head, context)
    except BadRow as failure:
        return None, [Bad(draft.head.line.number, draft.head.line.raw, str(failure))]
    funds = money.checked(draft, part(draft, FUNDS, lambda cells: money.moved(cells, whose)))
    trades = part(draft, TRADES, lambda cells: dealings.traded(cells, whose))
    closed = part(draft, CLOSED, lambda cells: dealings.closed(cells, whose))
    lots = holdings.checked(draft, part(draft, HELD, lambda cells: holdings.held(cells, whose)))
    held = holdings.summed(lots, whose)
    statement = Statement(
        whose.account,
        whose.day,
        whose.layout,
        money.figures(draft, whose, (funds, trades, held)),
        funds,
        trades,
        dealings.numbered(closed, trades),
        held,
        holdings.today(lots, whose.account),
        part(draft, DELIVERED, lambda cells: dealings.delivered(cells, whose)),
    )
    return statement, draft.bad


def _whose(head: Head, context: Context) -> Whose:
    account = code(head.account or "", "客户号")
    if head.layout is None:
        raise BadRow("交易结算单", "neither 盯市 nor 逐笔: the layout is not known")
    day = _day(head.date or "")
    try:
        known = context.calendar.is_trading_day(day)
    except OutsideCoverage as failure:
        raise BadRow("日期", str(failure)) from None
    if not known:
        raise BadRow("日期", f"{day} is not a trading day")
    own = TradingDay(day)
    return Whose(account, own, head.layout, replace(context, day=own))


def _day(text: str) -> date:
    """Return the statement's day; a month's statement has none."""
    span = _RANGE.fullmatch(text)
    if _MONTH.fullmatch(text) or (span and span[1] != span[2]):
        raise BadRow("日期", f"a month's statement ({text[:24]}): a day's statement is needed")
    return calendar_date(span[1] if span else text, "日期")
