"""A counter's records become canonical events: amounts, days, moments, names, refusals."""

from decimal import Decimal
from typing import Any

import pytest

from services.ingest.domain.ctp.dealings import STATUSES
from services.ingest.domain.ctp.desk import Desk, Unused
from services.ingest.domain.ctp.holdings import Holdings
from services.ingest.domain.ctp.normalise import event_of, letter_of
from services.ingest.domain.ctp.records import Stream
from services.ingest.domain.rows import BadRow
from shared.contracts.stream import STREAM
from shared.kernel.trading_day import china
from tests.kit.ctp import DESK, UNSET, arrival


def told(stream: Stream, number: int = 1, holdings: Holdings | None = None, **changed: Any) -> Any:
    """Return the event of a record, as a subscriber reads it."""
    event = event_of(arrival(stream, number, **changed), DESK, holdings or Holdings())
    assert STREAM.validate_json(event.encode()) == event
    return event


def test_a_deposit() -> None:
    event = told(Stream.DEPOSIT, 42)
    assert (event.type, event.id) == ("funds.deposited", "2026-06-01/42")
    assert event.source == "guanchao/ctp-risk/deposit"
    assert event.subject == "demo:80012345"
    data = event.data
    assert (data.amount, data.serial, data.source) == (
        Decimal("5000000.1"),
        "000000000123",
        "stream",
    )
    assert data.happened_at.isoformat() == "2026-06-01T10:00:00+08:00"


def test_a_withdrawal_by_hand() -> None:
    event = told(Stream.DEPOSIT, Direction="2", Type="1")
    assert (event.type, event.data.channel) == ("funds.withdrawn", "manual")


def test_a_reversal_names_the_movement_it_takes_back() -> None:
    event = told(Stream.DEPOSIT, 43, Flag="2", Direction="2")
    assert event.type == "funds.reversed"
    assert (event.data.reverses, event.data.direction) == ("000000000123", "withdrawal")
    assert event.data.serial != event.data.reverses


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        ("20260601", "21:05:00", "2026-05-29T21:05:00+08:00"),
        ("20260601", "00:45:00", "2026-05-30T00:45:00+08:00"),
        ("20260602", "20:59:00", "2026-06-01T20:59:00+08:00"),
        ("20260601", "09:30:00", "2026-06-01T09:30:00+08:00"),
        ("20260601", "", "2026-06-01T10:00:00+08:00"),
    ],
)
def test_the_moment_follows_from_the_trading_day(day: str, clock: str, moment: str) -> None:
    event = told(Stream.DEPOSIT, TradingDay=day, Time=clock)
    assert event.data.happened_at.isoformat() == moment
    assert event.data.trading_day.strftime("%Y%m%d") == day


def test_a_trade_is_named_as_its_settlement_names_it() -> None:
    event = told(Stream.TRADE, 9)
    assert event.id == "2026-06-01/SHFE/000123/sell/80012345"
    assert (event.data.offset, event.data.lots) == ("close-today", 2)
    assert (event.data.price, event.data.order_id) == (Decimal("3105.2"), "2026-06-01/77")
    assert event.data.executed_at.isoformat() == "2026-05-29T21:05:00+08:00"


def test_a_forced_order_is_one_order_from_its_first_record_to_its_last() -> None:
    first = told(Stream.ORDER, 1)
    last = told(Stream.ORDER, 2, OrderSysID="   0456", OrderStatus="0", VolumeTraded=5)
    assert first.data.order_id == last.data.order_id == "2026-06-01/77"
    assert (first.data.status, last.data.status) == ("open", "filled")
    assert first.id != last.id
    assert (first.data.reason, first.data.price) == ("1", Decimal("3105"))


@pytest.mark.parametrize(
    ("changed", "order_id"),
    [
        ({}, "2026-06-01/77"),
        ({"BrokerOrderSeq": 0}, "2026-06-01/1/2/1"),
        ({"BrokerOrderSeq": 0, "OrderRef": "", "OrderSysID": " 5"}, "2026-06-01/SHFE/5"),
    ],
)
def test_an_orders_name(changed: dict[str, Any], order_id: str) -> None:
    assert told(Stream.ORDER, **changed).data.order_id == order_id


@pytest.mark.parametrize("offset", ["2", "5", "6"])
def test_a_forced_offset_alone_makes_an_order_forced(offset: str) -> None:
    assert told(Stream.ORDER, ForceCloseReason="0", CombOffsetFlag=offset).data.reason == "6"


@pytest.mark.parametrize("offset", ["0", "1", "3", "4"])
def test_any_other_order_is_of_no_use(offset: str) -> None:
    with pytest.raises(Unused, match="not-forced"):
        told(Stream.ORDER, ForceCloseReason="0", CombOffsetFlag=offset)


@pytest.mark.parametrize(
    ("char", "traded", "status"),
    [
        ("0", 5, "filled"),
        ("1", 2, "partly-filled"),
        ("2", 2, "partly-filled"),
        ("3", 0, "open"),
        ("4", 0, "open"),
        ("5", 2, "cancelled"),
        ("a", 0, "open"),
        ("a", 1, "partly-filled"),
        ("b", 0, "open"),
        ("c", 0, "open"),
    ],
)
def test_an_orders_status(char: str, traded: int, status: str) -> None:
    assert told(Stream.ORDER, OrderStatus=char, VolumeTraded=traded).data.status == status
    assert char in STATUSES


def test_a_refused_order_is_rejected_whatever_its_status() -> None:
    assert told(Stream.ORDER, OrderStatus="5", OrderSubmitStatus="4").data.status == "rejected"


def test_a_market_order_has_no_price() -> None:
    assert told(Stream.ORDER, LimitPrice=UNSET).data.price == 0


def test_an_account_is_a_state_on_the_fronts_day_without_what_is_unset() -> None:
    data = told(Stream.ACCOUNT).data
    assert data.trading_day.isoformat() == "2026-06-01"
    assert (data.equity, data.available) == (Decimal(900000), Decimal("500000.125"))
    assert (data.commission, data.close_profit) == (Decimal("3.105"), 0)
    assert (data.exchange_margin, data.position_profit, data.withdrawal) == (None, None, None)


def test_another_currency_is_of_no_use() -> None:
    with pytest.raises(Unused, match="currency"):
        told(Stream.ACCOUNT, CurrencyID="USD")


def test_a_holding_is_the_sum_of_its_parts() -> None:
    holdings = Holdings()
    told(Stream.POSITION, 1, holdings)
    earlier = {"PositionDate": "2", "Position": 4, "TodayPosition": 0, "UseMargin": 1.0}
    holding = told(Stream.POSITION, 2, holdings, **earlier).data.holding
    assert (holding.lots, holding.today_lots, holding.side) == (7, 3, "long")
    assert (holding.margin, holding.profit_mtm) == (Decimal("12346.678"), Decimal(-21))
    again = told(Stream.POSITION, 3, holdings, Position=0, TodayPosition=0).data.holding
    assert (again.lots, again.today_lots) == (4, 0)
    assert told(Stream.POSITION, 4, holdings, PosiDirection="3").data.holding.lots == 3


def test_yesterdays_parts_are_forgotten() -> None:
    holdings = Holdings()
    told(Stream.POSITION, 1, holdings)
    holdings.forget_other_days("20260602")
    other = told(Stream.POSITION, 1, holdings, PositionDate="2", Position=1)
    assert other.data.holding.lots == 1


@pytest.mark.parametrize("stream", [Stream.PRE_ACCOUNT, Stream.NOTICE])
def test_what_nobody_consumes_is_of_no_use(stream: Stream) -> None:
    with pytest.raises(Unused, match="unconsumed"):
        told(stream)


@pytest.mark.parametrize(
    ("stream", "changed", "place"),
    [
        (Stream.DEPOSIT, {"BrokerID": "8888"}, "BrokerID"),
        (Stream.DEPOSIT, {"InvestorID": ""}, "InvestorID"),
        (Stream.DEPOSIT, {"TradingDay": "20260606"}, "TradingDay"),
        (Stream.DEPOSIT, {"TradingDay": "2026-6-1"}, "TradingDay"),
        (Stream.DEPOSIT, {"TradingDay": "20360601"}, "TradingDay"),
        (Stream.DEPOSIT, {"Amount": UNSET}, "amount"),
        (Stream.DEPOSIT, {"Amount": -5.0}, "amount"),
        (Stream.DEPOSIT, {"Flag": "9"}, "Flag"),
        (Stream.DEPOSIT, {"Direction": ""}, "Direction"),
        (Stream.DEPOSIT, {"Time": "25:00:00"}, "Time"),
        (Stream.TRADE, {"ExchangeID": "XXX"}, "exchange"),
        (Stream.TRADE, {"Price": UNSET}, "price"),
        (Stream.TRADE, {"OffsetFlag": "9"}, "OffsetFlag"),
        (Stream.TRADE, {"Volume": 0}, "lots"),
        (Stream.ORDER, {"OrderStatus": "z"}, "OrderStatus"),
        (Stream.ORDER, {"BrokerOrderSeq": 0, "OrderRef": ""}, "BrokerOrderSeq"),
        (Stream.ORDER, {"InstrumentID": "SP a2501/a2505"}, "instrument"),
        (Stream.POSITION, {"PosiDirection": "9"}, "PosiDirection"),
        (Stream.POSITION, {"ExchangeID": ""}, "exchange"),
        (Stream.ACCOUNT, {"Balance": UNSET}, "equity"),
        (Stream.DEPOSIT, {"Amount": 0.00051}, "Amount"),
    ],
)
def test_what_is_no_fact_says_where(stream: Stream, changed: dict[str, Any], place: str) -> None:
    bad = arrival(stream, 7, **changed)
    with pytest.raises(BadRow, match=f"^{place}: ") as failure:
        event_of(bad, DESK, Holdings())
    letter = letter_of(bad, DESK, str(failure.value))
    assert letter.headers is not None
    assert letter.headers["origin"] == "ctp-risk"
    assert b"80012345" in letter.body or "InvestorID" in changed


def test_an_unconfirmed_movement_is_not_yet_one() -> None:
    with pytest.raises(Unused, match="unconfirmed"):
        told(Stream.DEPOSIT, Flag="0")


def test_a_rehearsal_is_marked() -> None:
    desk = Desk("demo", "9999", china(), rehearsal=True)
    told: Any = event_of(arrival(Stream.DEPOSIT), desk, Holdings())
    assert told.data.rehearsal


def test_a_dead_letter_never_holds_a_notices_text() -> None:
    letter = letter_of(arrival(Stream.NOTICE, BrokerID="1"), DESK, "x")
    assert "张三" not in letter.body.decode()
