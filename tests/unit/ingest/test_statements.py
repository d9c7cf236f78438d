"""Settlement statements: both layouts, every table, pages that break, and bad lines by number."""

from decimal import Decimal

import pytest

from services.ingest.domain.rows import Reading, Unreadable
from services.ingest.domain.source import Context
from services.ingest.domain.sources.statement import source
from services.ingest.domain.statements.statement import Statement
from shared.kernel.trading_day import china
from tests.kit.statements import Says

DAY = Says().date
BOUGHT = ("rb2610", "买", "开", "2", "3110.000", "10.00", "0.00", "T1")
SOLD = ("rb2610", "卖", "平", "1", "3,120.000", "10.00", "-500.00", "T2")
FULL = (
    Says()
    .moved("5000.00", "-300.00")
    .traded(BOUGHT, SOLD)
    .closed(["rb2610", "卖", "1", "3100.000", "3120.000", "-500.00"])
    .held(
        ["rb2610", "买", DAY, "2", "3110.000", "6240.00"],
        ["rb2610", "买", "20260529", "1", "3100.000", "3120.00"],
    )
    .sums(["rb2610", "3", "0"])
    .delivered(["rb2606", "卖", "1", "3000.00", "30000.00", "5.00"])
)


def read(data: bytes) -> Reading[Statement]:
    return source.parse(data, Context(china(), None))


def only(says: Says) -> Statement:
    """Return the one statement of a text in which nothing is bad."""
    reading = read(says.data())
    assert reading.bad == ()
    (good,) = reading.good
    return good.row


def complaints(data: bytes) -> list[tuple[int, str]]:
    return [(bad.line, bad.reason) for bad in read(data).bad]


def test_a_statement_says_whose_day_it_was_and_what_it_came_to() -> None:
    statement = only(FULL)
    assert (statement.account, str(statement.day)) == ("80012345", "2026-06-01")
    assert statement.figures
    base = statement.figures.row
    assert (base.equity, base.available) == (Decimal("99580.00"), Decimal("93340.00"))
    assert (base.opening_equity, base.margin) == (Decimal("100000.00"), Decimal("6240.00"))
    assert statement.figures.more == {
        "close_profit": -500_000,
        "position_profit": 100_000,
        "commission": 20_000,
        "deposit": 5_000_000,
        "withdrawal": 300_000,
        "traded_lots": 3,
        "position_lots": 3,
    }


def test_a_statement_by_trade_tells_no_profit_by_day_and_no_opening() -> None:
    figures = only(FULL.but(layout="tbt")).figures
    assert figures
    assert figures.row.opening_equity is None
    assert {"close_profit", "position_profit"}.isdisjoint(figures.more)
    assert figures.more["commission"] == 20_000


def test_movements_keep_their_sign_and_kind() -> None:
    moved = list(only(FULL.moved("5000.00", "-300.00", kind="出入金")).funds.each())
    assert [(row.amount, row.channel) for row in moved] == [
        (Decimal(5000), "manual"),
        (Decimal(-300), "manual"),
    ]


def test_trades_and_close_outs_name_the_same_trade() -> None:
    statement = only(FULL)
    bought, sold = statement.trades.each()
    assert (bought.trade_id, bought.direction, bought.offset, bought.lots) == (
        ("T1", "buy", "open", 2)
    )
    assert [sold.price, sold.fee, sold.profit_mtm, sold.profit_tbt] == [3120, 10, -500, None]
    (closed,) = statement.closed.each()
    assert [closed.trade_id, closed.open_price, closed.profit_mtm] == ["T2", 3100, -500]


def test_the_profit_of_a_statement_by_trade_is_by_trade() -> None:
    statement = only(FULL.but(layout="tbt"))
    assert [row.profit_tbt for row in statement.trades.each()] == [0, -500]
    assert [row.profit_mtm for row in statement.closed.each()] == [None]


def test_close_outs_of_one_price_share_the_trades_of_it_lot_by_lot() -> None:
    one = ("rb2610", "卖", "平", "1", "3120", "1.00", "0.00", "T1")
    two = ("rb2610", "卖", "平今", "2", "3120", "1.00", "0.00", "T2")
    row = ["rb2610", "卖", "1", "3100.000", "3120.000", "0.00"]
    other = ["rb2610", "卖", "1", "3100.000", "3121.000", "0.00"]
    statement = only(Says().traded(one, two).closed(row, row, row, other))
    assert [close.trade_id for close in statement.closed.each()] == ["T1", "T2", "T2", "-"]


def test_lines_of_one_holding_are_summed_and_todays_are_told_apart() -> None:
    statement = only(FULL)
    (holding,) = statement.held.each()
    assert (holding.side, holding.lots, holding.margin) == ("long", 3, Decimal(9360))
    assert holding.average_price == Decimal("3106.666667")
    assert dict(statement.today) == {("80012345", "rb2610", "long", "speculation"): 2}


def test_an_option_is_known_by_its_code() -> None:
    trade = ("m2609-C-3000", "买", "开", "1", "35.5", "1.00", "0.00", "T1")
    (row,) = only(Says().traded(trade)).trades.each()
    assert row.option
    assert [row.option.kind, row.option.strike, row.option.underlying] == ["call", 3000, "m2609"]


def test_a_delivery_is_told() -> None:
    (row,) = only(FULL).delivered.each()
    assert [row.instrument, row.direction, row.lots, row.fee] == ["rb2606", "sell", 1, 5]


@pytest.mark.parametrize("break_after", [1, 2, 3, 5, 7, 11, 13, 17, 23])
def test_a_page_may_break_anywhere(break_after: int) -> None:
    reading = read(FULL.data(break_after))
    assert reading.bad == ()
    assert [good.row.account for good in reading.good] == ["80012345"]
    assert reading.good[0].row.figures == only(FULL).figures
    assert len(reading.good[0].row.trades.rows) == 2


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig"])
def test_every_encoding_of_the_trade_is_read(encoding: str) -> None:
    assert len(read(FULL.data(encoding=encoding)).good) == 1


def test_columns_are_found_by_their_names() -> None:
    lines = [_swapped(line) for line in FULL.lines()]
    reading = read("\n".join(lines).encode("gb18030"))
    assert reading.bad == ()
    assert list(reading.good[0].row.trades.each()) == list(only(FULL).trades.each())


def _swapped(line: str) -> str:
    """Put a column in front and the last one first, as a newer layout might."""
    cells = line.strip("|").split("|")
    if "|" not in line or "共" in cells[0]:
        return line if "|" not in line else f"|{cells[0]}||{'|'.join(cells[1:])}|"
    added = "投资单元" if "入金" in line or "合约" in line else "Unit"
    return f"|{cells[0]}|{added}|{'|'.join(cells[1:])}|"


def test_several_statements_follow_one_another() -> None:
    data = FULL.data() + Says(account="80012346").data() + Says(date="2026-05-29").data()
    reading = read(data)
    assert reading.bad == ()
    assert [(g.row.account, str(g.row.day)) for g in reading.good] == [
        ("80012345", "2026-06-01"),
        ("80012346", "2026-06-01"),
        ("80012345", "2026-05-29"),
    ]


def test_the_same_account_and_day_twice_are_two_statements() -> None:
    reading = read(FULL.data() + FULL.but(layout="mtm").data())
    assert [good.row.account for good in reading.good] == ["80012345", "80012345"]


@pytest.mark.parametrize(
    "date", ["202605", "20260501-20260531", "2026-05-01 至 2026-05-31", "2026/05/01 - 2026/05/31"]
)
def test_a_month_s_statement_is_refused_with_its_reason(date: str) -> None:
    ((line, reason),) = complaints(Says(date=date).data())
    assert line == 4
    assert "a day's statement is needed" in reason
    assert read(Says(date=date).data()).good == ()


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (Says(date="20260530"), "日期: 2026-05-30 is not a trading day"),
        (Says(date="20400101"), "日期: 2040-01-01 is outside calendar"),
        (Says(date="soon"), "日期: not a date: 'soon'"),
        (Says(account=""), "客户号: missing"),
        (
            Says(figures={"客户权益 Client Equity": "1e5"}),
            "资金状况 客户权益: not an amount: '1e5'",
        ),
        (Says(figures={"客户权益 Client Equity": ""}), "资金状况 客户权益: missing"),
        (Says(figures={"可用资金 Fund Avail.": "0.0001"}), "资金状况 可用资金: finer than 0.001"),
        (Says().moved("x"), "出入金明细 入金: not an amount: 'x'"),
        (Says().moved("0.00"), "出入金明细 amount: no money moved"),
        (Says().traded(("rb2610", "买", "开", "0", "3110", "1", "0", "T")), "成交记录 手数: not a"),
        (
            Says().traded(("rb2610", "左", "开", "1", "3110", "1", "0", "T")),
            "成交记录 买/卖: not k",
        ),
        (
            Says().traded(("rb2610", "买", "开", "1", "3110", "x", "0", "T")),
            "成交记录 手续费: not a",
        ),
        (Says().held(["rb2610", "买", "20260602", "1", "", "1"]), "持仓明细 开仓价: not a price"),
        (
            Says().held(["rb2610", "买", DAY, "1", "1", "1"]).sums(["rb2610", "2", "0"]),
            "持仓汇总 rb2610 long: 2 lots, by 持仓明细 1",
        ),
    ],
)
def test_a_bad_line_is_named_with_its_column_and_reason(says: Says, reason: str) -> None:
    found = complaints(says.data())
    assert [text[: len(reason)] for _, text in found] == [reason]


def test_good_rows_are_kept_beside_bad_ones_and_nothing_is_called_whole() -> None:
    bad = ("rb2610", "买", "开", "x", "3110", "1", "0", "T9")
    says = FULL.traded(BOUGHT, bad)
    (good,) = read(says.data()).good
    assert [trade.trade_id for trade in good.row.trades.each()] == ["T1"]
    assert not good.row.trades.whole
    assert good.row.figures
    assert "traded_lots" not in good.row.figures.more


def test_a_line_is_named_by_its_number() -> None:
    lines = FULL.lines()
    number = next(n for n, line in enumerate(lines, 1) if "T2" in line)
    lines[number - 1] = lines[number - 1].replace("T2", "T 2")
    ((line, reason),) = complaints("\n".join(lines).encode("gb18030"))
    assert (line, reason.partition(":")[0]) == (number, "成交记录 成交序号")


def test_a_total_row_that_counts_otherwise_makes_the_table_incomplete() -> None:
    text = "\n".join(FULL.lines())
    first = text.index("共   2条")
    reading = read((text[:first] + "共   3条" + text[first + 6 :]).encode("gb18030"))
    assert [bad.reason for bad in reading.bad] == ["共 3 条: 2 rows are there"]
    assert not reading.good[0].row.funds.whole


def test_a_statement_that_is_cut_short_says_so() -> None:
    text = "\n".join(FULL.lines())
    reading = read(text[: text.index("共   1条")].encode("gb18030"))
    (bad,) = reading.bad
    assert bad.reason == "平仓明细: no total row (共 N条): cut short"
    assert not reading.good[0].row.closed.whole


def test_movements_that_do_not_come_to_what_the_summary_says_are_not_all() -> None:
    reading = read(FULL.but(figures={"出 入 金 Deposit/Withdrawal": "1.00"}).data())
    (bad,) = reading.bad
    assert bad.reason == "资金状况 出入金: 1.00, but the rows of 出入金明细 come to 4700.00"
    assert not reading.good[0].row.funds.whole


def test_a_header_without_a_needed_column_loses_its_rows_by_line() -> None:
    text = "\n".join(FULL.lines()).replace("成交序号", "编码")
    found = [reason for _, reason in complaints(text.encode("gb18030"))]
    assert found == ["the header lacks 成交序号"] + ["line: above it there is no usable header"] * 2


def test_another_currency_settles_nothing() -> None:
    text = "\n".join(FULL.lines()).replace("Currency：CNY", "Currency：USD")
    reading = read(text.encode("gb18030"))
    assert reading.good[0].row.figures is None
    assert [bad.reason for bad in reading.bad] == ["资金状况 币种: account.settled is in CNY"]


def test_what_is_no_statement_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no 交易结算单"):
        read("通知：今日无交易".encode("gb18030"))


def test_no_reason_holds_the_client_s_name() -> None:
    for says in (Says(date="202605"), Says(account="?"), Says().moved("x")):
        assert all("张小明" not in reason for _, reason in complaints(says.data()))
