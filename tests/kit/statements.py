"""A client's settlement statement as a test would say it: what was moved, traded and held."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Self

from deploy.synthetic.statement import Paper, Sheet, printed
from deploy.synthetic.statement_columns import TITLES


@dataclass(frozen=True)
class Says:
    """What a statement says; ``rows``: title → rows, in the columns' order."""

    account: str = "80012345"
    date: str = "20260601"
    layout: str = "mtm"
    name: str = "张小明"
    figures: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Sequence[Sequence[str]]] = field(default_factory=dict)

    def moved(self, *amounts: str, kind: str = "银期转账") -> Self:
        """Say movements of the day, + in, − out."""
        rows = [_movement(self.date, amount, kind) for amount in amounts]
        return self._with("出入金明细 Deposit/Withdrawal", rows)

    def traded(self, *rows: Sequence[str]) -> Self:
        """Say trades: instrument, side, offset, lots, price, fee, profit, number."""
        made = [
            (
                self.date,
                "上期所",
                "螺纹钢",
                i,
                side,
                "投",
                price,
                lots,
                "31200.00",
                offset,
                fee,
                profit,
                "0.00",
                number,
            )
            for i, side, offset, lots, price, fee, profit, number in rows
        ]
        return self._with("成交记录 Transaction Record", made)

    def closed(self, *rows: Sequence[str]) -> Self:
        """Say close-outs: instrument, side, lots, opened at, closed at, profit."""
        made = [
            (
                self.date,
                "上期所",
                "螺纹钢",
                i,
                "20260529",
                side,
                "投",
                lots,
                opened,
                "3100.000",
                price,
                profit,
                "0.00",
            )
            for i, side, lots, opened, price, profit in rows
        ]
        return self._with("平仓明细 Position Closed", made)

    def held(self, *rows: Sequence[str]) -> Self:
        """Say holdings: instrument, side, opened on, lots, opened at, margin."""
        made = [
            (
                "上期所",
                "螺纹钢",
                i,
                on,
                side,
                "投",
                lots,
                price,
                "3100.000",
                "3120.000",
                "200.00",
                "100.00",
                margin,
                "0.00",
            )
            for i, side, on, lots, price, margin in rows
        ]
        return self._with("持仓明细 Positions Detail", made)

    def sums(self, *rows: Sequence[str]) -> Self:
        """Say 持仓汇总: instrument, lots long, lots short."""
        tail = ["3100.000", "3120.000", "100.00", "6240.00", "投"]
        made = [["螺纹钢", i, buy, "3110.000", sell, "0.000", *tail] for i, buy, sell in rows]
        return self._with("持仓汇总 Positions", made)

    def delivered(self, *rows: Sequence[str]) -> Self:
        """Say deliveries: instrument, side, lots, price, amount, fee."""
        made = [[*self._dealt, *row] for row in rows]
        return self._with("交割明细 Delivery", made)

    @property
    def _dealt(self) -> tuple[str, str, str]:
        return (self.date, "上期所", "螺纹钢")

    def lines(self, break_after: int | None = None) -> list[str]:
        """Return the printed lines."""
        figures = {**FIGURES, "出 入 金 Deposit/Withdrawal": self._net(), **self.figures}
        sheets = [Sheet(title, TITLES[title], rows) for title, rows in self.rows.items()]
        paper = Paper(self.account, self.name, self.date, self.layout, figures, sheets)
        return list(printed(paper, break_after))

    def data(self, break_after: int | None = None, encoding: str = "gb18030") -> bytes:
        """Return the file."""
        return "\r\n".join(self.lines(break_after)).encode(encoding)

    def but(self, **changes: Any) -> Self:
        """Return it with other words."""
        return replace(self, **changes)

    def _with(self, title: str, rows: Sequence[Sequence[str]]) -> Self:
        return replace(self, rows={**self.rows, title: rows})

    def _net(self) -> str:
        rows = self.rows.get("出入金明细 Deposit/Withdrawal", ())
        cells = [(row[2], row[3]) for row in rows if row[2][0].isdigit()]
        return f"{sum((Decimal(a) - Decimal(b) for a, b in cells), Decimal(0)):.2f}"


FIGURES = {
    "期初结存 Balance b/f": "100,000.00",
    "基础保证金 Initial Margin": "0.00",
    "出 入 金 Deposit/Withdrawal": "0.00",
    "期末结存 Balance c/f": "99,580.00",
    "平仓盈亏 Realized P/L": "-500.00",
    "质 押 金 Pledge Amount": "0.00",
    "持仓盯市盈亏 MTM P/L": "100.00",
    "客户权益 Client Equity": "99,580.00",
    "手 续 费 Commission": "20.00",
    "保证金占用 Margin Occupied": "6,240.00",
    "行权手续费 Exercise Fee": "0.00",
    "交割保证金 Delivery Margin": "0.00",
    "货币质入 New FX Pledge": "",
    "市值权益 Market value(equity)": "99,580.00",
    "权利金收入 Premium received": "0.00",
    "可用资金 Fund Avail.": "93,340.00",
    "权利金支出 Premium paid": "0.00",
    "风 险 度 Risk Degree": "6.27%",
    "货币质押变化金额 Chg in FX Pledge": "0.00",
    "应追加资金 Margin Call": "0.00",
}


def _movement(day: str, amount: str, kind: str) -> list[str]:
    inwards = not amount.startswith("-")
    bare = amount.lstrip("-")
    return [day, kind, bare if inwards else "0.00", "0.00" if inwards else bare, ""]
