"""资金 — 资金状况 and 出入金明细 of a statement."""

from collections.abc import Mapping
from decimal import Decimal

from services.ingest.domain.cfmmc import amount_or_none
from services.ingest.domain.dealt import HoldingRow, TradeRow
from services.ingest.domain.rows import BadRow, money
from services.ingest.domain.settlement import Figures
from services.ingest.domain.sources import fundchg
from services.ingest.domain.sources.cusfund import FundRow
from services.ingest.domain.sources.fundchg import FundsRow
from services.ingest.domain.statements.drafts import Draft
from services.ingest.domain.statements.layout import FUNDS, SUMMARY
from services.ingest.domain.statements.parts import Cells, Part, Whose, total
from shared.kernel.money import to_li

Tables = tuple[Part[FundsRow], Part[TradeRow], Part[HoldingRow]]
_EQUITY, _AVAILABLE, _OPENING = "客户权益", "可用资金", "期初结存"
_POSITION = "持仓盯市盈亏"
_FEE = "手续费"
_CLOSED = ("平仓盈亏", "期权执行盈亏")
_MARGIN = ("保证金占用", "交割保证金")
_READ = frozenset((_EQUITY, _AVAILABLE, _OPENING, _POSITION, _FEE, *_CLOSED, *_MARGIN))
_CNY = ("CNY", "RMB")


def moved(cells: Cells, whose: Whose) -> FundsRow:
    """Return one movement; 出金 is negative, as in ``fundchg``, which judges the rest."""
    deposit = amount_or_none(cells, "入金") or Decimal(0)
    withdrawal = amount_or_none(cells, "出金") or Decimal(0)
    if min(deposit, withdrawal) < 0 or (deposit and withdrawal):
        raise BadRow("入金、出金", "one of them, not negative, expected")
    row = {
        "date": str(whose.day),
        "investor_id": whose.account,
        "amount": f"{deposit - withdrawal:f}",
        "currency": cells.get("币种", ""),
        "memo": cells.get("说明", ""),
        "funding_type": cells.get("出入金类型", ""),
        "trade_date": cells.get("发生日期", ""),
    }
    return fundchg.read(row, whose.context)


def checked(draft: Draft, funds: Part[FundsRow]) -> Part[FundsRow]:
    """Hold the rows against 出入金 of 资金状况: rows that come to something else are not all."""
    told = draft.summary.get("出入金")
    if not told or not funds.whole:
        return funds
    line, text = told
    rows = total(row.amount for row in funds.each())
    try:
        if money(text, "出入金") == rows:
            return funds
        reason = f"出入金: {text}, but the rows of {FUNDS.title} come to {rows:.2f}"
    except BadRow as failure:
        reason = str(failure)
    draft.spoil(FUNDS.title, line, f"{SUMMARY} {reason}")
    return Part(funds.rows, whole=False)


def figures(draft: Draft, whose: Whose, tables: Tables) -> Figures | None:
    """Return the day's figures, or None (and a bad line) where 资金状况 cannot be read."""
    told: dict[str, Decimal] = {}
    for label, (line, text) in draft.summary.items():
        try:
            told |= {label: money(text, label)} if label in _READ else {}
        except BadRow as failure:
            draft.spoil(SUMMARY, line, f"{SUMMARY} {failure}")
            return None
    missing = [label for label in (_EQUITY, _AVAILABLE) if label not in told]
    if missing or draft.currency not in _CNY:
        reason = f"{missing[0]}: missing" if missing else "币种: account.settled is in CNY"
        draft.spoil(SUMMARY, draft.head.line, f"{SUMMARY} {reason}")
        return None
    by_day = whose.layout == "mtm"
    opening = told.get(_OPENING) if by_day else None
    margin = _sum(told, _MARGIN)
    base = FundRow(whose.account, told[_EQUITY], told[_AVAILABLE], opening, margin)
    return Figures(base, _more(told, tables, by_day))


def _sum(told: Mapping[str, Decimal], labels: tuple[str, ...]) -> Decimal | None:
    """Add what is told of these; None when the first of them is not."""
    if labels[0] not in told:
        return None
    return total(told.get(label, Decimal(0)) for label in labels)


def _more(told: Mapping[str, Decimal], tables: Tables, by_day: bool) -> dict[str, int]:
    """Return the figures by the contract's names, in 厘 and 手.

    Profits are those of 逐日盯市; a trade-for-trade statement tells others.
    """
    funds, trades, held = tables
    moved = [row.amount for row in funds.each()]
    money = {
        "close_profit": _sum(told, _CLOSED) if by_day else None,
        "position_profit": told.get(_POSITION) if by_day else None,
        "commission": told.get(_FEE),
        "deposit": total(a for a in moved if a > 0) if funds.whole else None,
        "withdrawal": total(-a for a in moved if a < 0) if funds.whole else None,
    }
    lots = {
        "traded_lots": sum(row.lots for row in trades.each()) if trades.whole else None,
        "position_lots": sum(row.lots for row in held.each()) if held.whole else None,
    }
    in_li = {name: to_li(value) for name, value in money.items() if value is not None}
    return in_li | {name: value for name, value in lots.items() if value is not None}
