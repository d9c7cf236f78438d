"""Profiles: a broker's own table, read exactly; a mistake in one names its key."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.ingest.adapters.excel import parse
from services.ingest.adapters.profiles import SHIPPED, BadProfile, load, load_all
from services.ingest.domain.naming import recognise
from services.ingest.domain.profiles.fields import KINDS
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.domain.profiles.profile import Profile
from services.ingest.domain.rows import BadRow, Unreadable
from services.ingest.domain.source import Context
from shared.kernel.trading_day import TradingDay, china
from tests.kit.ingest import BROKER, DAY
from tests.kit.profiles import CTP, ESUNNY, balances, flow, profile, source

CONTEXT = Context(china(), DAY)
FUNDS = """
name: ours
takes: funds
columns:
  account: 账号
  serial: 流水
  amount: {column: 金额, positive: deposit}
"""


def read(text: str, /, **cells: str) -> Any:
    return Mapper(profile(text), BROKER).read(cells, CONTEXT)


def read_undated(text: str, /, **cells: str) -> Any:
    return Mapper(profile(text), BROKER).read(cells, Context(china(), None))


def complaint(tmp_path: Path, text: str) -> str:
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadProfile) as failure:
        load(path)
    return str(failure.value)


def test_every_kind_that_may_be_taken_is_described_and_the_other_way_round() -> None:
    taken = Profile.model_fields["takes"].annotation
    assert set(KINDS) == set(taken.__args__)  # type: ignore[union-attr]


def test_the_shipped_profiles_can_be_read() -> None:
    assert [p.name for p in load_all(SHIPPED)] == ["ctp-balances", "esunny-funds"]
    assert load_all(None) == ()


def test_an_esunny_flow_is_read_row_by_row() -> None:
    data = flow(
        '80012345,20260601,20260601 10:31:05,F1,O,"5,000,000.00",,人民币,银期',
        "80012345,20260601,20260529 21:05:00,F2,I,12.345,,RMB,柜台",
        "80012345,20260601,20260601 11:00:00,F3,R,12.345,F2,人民币,柜台",
        "合计,,,,,5000024.69,,,",
    )
    reading = source(ESUNNY).parse(data, CONTEXT)
    assert reading.bad == ()
    out, in_, back = (good.row for good in reading.good)
    assert (out.type, out.data.amount, out.data.serial) == ("funds.withdrawn", 5_000_000, "F1")
    assert (out.data.channel, out.data.currency) == ("bank-transfer", "CNY")
    assert out.data.happened_at.isoformat() == "2026-06-01T10:31:05+08:00"
    assert (in_.type, str(in_.data.trading_day)) == ("funds.deposited", "2026-06-01")
    assert (back.type, back.data.reverses) == ("funds.reversed", "F2")
    assert out.source == "guanchao/esunny-funds"
    assert len({good.row.id for good in reading.good}) == 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("80012345,20260601,x,F1,O,1,,人民币,银期", "发生时间: not as"),
        ("80012345,20260530,20260601 10:00:00,F1,O,1,,人民币,银期", "trading_day: 2026-05-30 is"),
        ("80012345,20260602,20260601 10:00:00,F1,O,1,,人民币,银期", "trading_day: 2026-06-02 is"),
        ("80012345,20260601,20260601 10:00:00,F1,X,1,,人民币,银期", "出入标志: not in values: 'X'"),
        ("80012345,20260601,20260601 10:00:00,F1,O,0,,人民币,银期", "amount: no money moved"),
        ("80012345,20260601,20260601 10:00:00,F1,O,1.2345,,人民币,银期", "发生金额: finer than"),
        ("80012345,20260601,20260601 10:00:00,F1,O,1e3,,人民币,银期", "发生金额: not an amount"),
        ("80012345,20260601,20260601 10:00:00,,O,1,,人民币,银期", "serial: missing"),
        (",20260601,20260601 10:00:00,F1,O,1,,人民币,银期", "资金账号: missing"),
        ("8 0,20260601,20260601 10:00:00,F1,O,1,,人民币,银期", "资金账号: not a code"),
        (
            "80012345,20260601,20260601 10:00:00,F1,R,1,,人民币,银期",
            "reverses: Field required",
        ),
        ("80012345,20260601", "资金账号"),
    ],
)
def test_a_bad_row_is_named_by_line_column_and_reason(row: str, reason: str) -> None:
    good = "80012345,20260601,20260601 10:00:00,F0,O,1,,人民币,银期"
    reading = source(ESUNNY).parse(flow(good, row), CONTEXT)
    if row.count(",") < 2:
        assert [bad.line for bad in reading.bad] == [3]
        return
    ((line, said),) = [(bad.line, bad.reason) for bad in reading.bad]
    assert (line, said[: len(reason)]) == (3, reason)
    assert len(reading.good) == 1


def test_a_file_without_a_mapped_column_is_refused() -> None:
    with pytest.raises(Unreadable, match="the header lacks 流水号"):
        source(ESUNNY).parse(flow().replace("流水号".encode("gb18030"), b"x", 1), CONTEXT)


@pytest.mark.parametrize(
    ("unit", "cell", "yuan"),
    [
        ("万元", "1.2345", "12345"),
        ("万元", "0.0000001", "0.001"),
        ("亿元", "-0.5", "-50000000"),
        ("分", "12345", "123.45"),
        ("厘", "1", "0.001"),
        ("千元", "1,234.5", "1234500"),
    ],
)
def test_a_unit_is_exact(unit: str, cell: str, yuan: str) -> None:
    text = FUNDS.replace("positive", f"unit: {unit}, positive")
    event = read(text, 账号="1", 流水="a", 金额=cell)
    assert event.data.amount == abs(Decimal(yuan))
    assert event.type == ("funds.withdrawn" if yuan.startswith("-") else "funds.deposited")


@pytest.mark.parametrize(
    ("unit", "cell"), [("万元", "0.00000001"), ("厘", "0.1"), ("元", "0.0001")]
)
def test_what_is_finer_than_li_is_refused(unit: str, cell: str) -> None:
    with pytest.raises(BadRow, match="金额: finer than"):
        read(FUNDS.replace("positive", f"unit: {unit}, positive"), 账号="1", 流水="a", 金额=cell)


def test_the_sign_rule_may_be_the_other_way_round() -> None:
    text = FUNDS.replace("positive: deposit", "positive: withdrawal")
    assert read(text, 账号="1", 流水="a", 金额="5").type == "funds.withdrawn"
    assert read(text, 账号="1", 流水="a", 金额="-5").type == "funds.deposited"


def test_a_night_s_movement_belongs_to_the_next_trading_day() -> None:
    text = FUNDS + "  happened_at: 时间\n"
    event = read_undated(text, 账号="1", 流水="a", 金额="5", 时间="2026-05-29 21:05:00")
    assert str(event.data.trading_day) == "2026-06-01"


def test_a_row_without_any_day_is_refused() -> None:
    with pytest.raises(BadRow, match="trading_day: neither the row"):
        read_undated(FUNDS, 账号="1", 流水="a", 金额="5")


def test_a_workbook_of_balances_is_read() -> None:
    named = recognise("资金对账表_20260601.xlsx", china(), (source(CTP),))
    data = balances(
        ["80012345", "张小明", 100000, 0, 300.5, 20.12, 6240, 99580.12, -500, 100, 93340.12],
        ["80012346", "李四", "1,000.00", 0, 0, 0, "--", 1000, 0, 0, 1000],
        ["80012347", "王五", 1, 0, 0, 0, 0, 0.30004, 0, 0, 0],
        ["合计", "", 101000, 0, 300.5, 20.12, 6240, 100580.12, -500, 100, 94340.12],
    )
    reading = parse(named, data, Context(china(), named.day))
    one, two = (good.row for good in reading.good)
    assert (one.day, one.row.row.equity) == (DAY, Decimal("99580.12"))
    assert one.row.more == {
        "close_profit": -500_000,
        "position_profit": 100_000,
        "commission": 20_120,
        "deposit": 0,
        "withdrawal": 300_500,
    }
    assert (two.row.row.opening_equity, two.row.row.margin) == (1000, 0)
    ((line, reason),) = [(bad.line, bad.reason) for bad in reading.bad]
    assert (line, reason[:17]) == (6, "期末权益: finer than ")
    with pytest.raises(Unreadable, match="no sheet"):
        parse(named, balances(sheet="别的"), Context(china(), named.day))


TRADE = """
name: dealt
takes: {takes}
columns:
  account: a
  exchange: {{value: SHFE}}
  instrument: i
  trade_id: n
  direction: {{column: d, values: {{"1": buy, "2": sell}}}}
  offset: o
  lots: l
  price: p
  executed_at: {{column: t, format: "yyyyMMddHHmmss"}}
"""
CELLS = {"a": "1", "i": "rb2610", "n": "T1", "d": "2", "o": "平今", "l": "3", "p": "3120.50"}


@pytest.mark.parametrize("takes", ["executions", "trades", "trades-of-day"])
def test_a_trade_is_read_for_whoever_takes_it(takes: str) -> None:
    row = read(TRADE.format(takes=takes), **CELLS, t="20260601103105")
    trade = row.data if takes == "executions" else row.row
    assert (trade.exchange, trade.direction, trade.offset) == ("SHFE", "sell", "close-today")
    assert (trade.lots, trade.price, trade.hedge) == (3, Decimal("3120.5"), "speculation")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"l": "0"}, "lots: no lot"),
        ({"l": "1.5"}, "l: not a number of lots"),
        ({"p": "x"}, "p: not a price"),
        ({"n": "a/b"}, "trade_id: neither blanks nor slashes"),
        ({"o": "?"}, "o: not known"),
        ({"i": ""}, "i: missing"),
    ],
)
def test_a_trade_that_cannot_be_is_refused(cells: dict[str, str], reason: str) -> None:
    with pytest.raises(BadRow) as failure:
        read(TRADE.format(takes="trades"), **{**CELLS, "t": "20260601103105", **cells})
    assert str(failure.value).startswith(reason)


def test_a_directory_row_is_judged_by_its_own_reader_and_keeps_tags() -> None:
    text = """
name: our-relations
takes: relations
columns:
  {account: 账号, customer_id: 客户, customer_name: 姓名, customer_type: {value: 人}, 等级: 级}
"""
    row = read(text, 账号="1", 客户="c1", 姓名="张三", 级="金")
    assert (row.customer_id, row.tags, row.relation.account) == ("c1", {"等级": "金"}, "1")
    with pytest.raises(BadRow, match="customer_id: missing"):
        read(text, 账号="1", 客户="", 姓名="张三", 级="金")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("account: 账号", "acount: 账号"), "p.yaml: columns.acount: funds has no such field"),
        (("  account: 账号\n", ""), "p.yaml: columns.account: required"),
        (("  serial: 流水\n", ""), "p.yaml: columns.serial: required"),
        ((", positive: deposit", ""), "p.yaml: columns.amount.positive: either it or"),
        (("positive: deposit", "positive: up"), "p.yaml: columns.amount.positive: Input should be"),
        (("{column: 金额, ", "{column: 金额, unit: 斤, "), "p.yaml: columns.amount.unit: Input"),
        (("account: 账号", "account: {column: 账号, unit: 万元}"), "columns.account.unit: not for"),
        (("account: 账号", "account: {}"), "p.yaml: columns.account: either column or value"),
        (
            ("account: 账号", "account: {colum: 账号}"),
            "p.yaml: columns.account.colum: Extra inputs",
        ),
        (("takes: funds", "takes: fun"), "p.yaml: takes: Input should be 'funds'"),
        (("name: ours", "name: fundchg"), "p.yaml: name: fundchg is a kind of file that needs no"),
        (("name: ours", "name: Our Own"), "p.yaml: name: String should match pattern"),
        (("takes: funds", "takes: funds\nfile: {name: x}"), "p.yaml: file.name: String should"),
        (("takes: funds", "takes: funds-of-day\nfile: {name: x.csv}"), "p.yaml: file.name: {day}"),
        (("name: ours", "name: ["), "p.yaml: not YAML: line"),
        (
            ("serial: 流水", "serial: 流水\n  direction: {column: x, values: {a: up}}"),
            "p.yaml: columns.direction.values: up is no direction",
        ),
    ],
)
def test_a_mistake_in_a_profile_names_its_key(
    change: tuple[str, str], says: str, tmp_path: Path
) -> None:
    assert change[0] in FUNDS
    assert says in complaint(tmp_path, FUNDS.replace(*change, 1))


def test_two_profiles_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(FUNDS, encoding="utf-8")
    with pytest.raises(BadProfile, match="two profiles are named ours"):
        load_all(tmp_path)
    with pytest.raises(BadProfile, match="no such folder"):
        load_all(tmp_path / "none")


def test_a_name_s_day_must_be_one() -> None:
    named = recognise("资金流水_20260601_2.csv", china(), (source(ESUNNY),))
    assert (named.source.name, named.day) == ("esunny-funds", TradingDay(DAY))
    with pytest.raises(Unreadable, match="not a trading day"):
        recognise("资金对账表20260530.xlsx", china(), (source(CTP),))
