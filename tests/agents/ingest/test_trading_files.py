"""Files of trading and holding: told row by row, corrected, and added up in the settlement."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.agent.taking import Fate
from services.ingest.domain.books import Books
from services.ingest.domain.positional import Positional
from services.ingest.domain.sources import catalogue
from tests.kit.cfmmc import KINDS, line, name
from tests.kit.ingest import BEFORE, DAY, FakeBooks, cusfund, fundchg
from tests.kit.ingest_broker import Broker as AnyBroker

FUNDS = {"fundchg": fundchg("1", "-5"), "cusfund": cusfund("1", "5")}


class Unguarded(FakeBooks):
    """Books without undoing: nothing is rolled back here, and copying them takes its time."""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Books]:
        yield self.open_now()


class Broker(AnyBroker):
    """A broker over fake books, and what the log says of its days."""

    def __init__(self) -> None:
        self.books = Unguarded()
        super().__init__(self.books.open)

    async def day(self, kind: str, *lines: str, day: object = DAY) -> Any:
        return await self.drop(name(kind, day), *lines)

    def told(self, type_: str) -> list[dict[str, Any]]:
        return [event["data"] for event in self.books.now.told(type_)]

    def last(self, type_: str) -> dict[str, dict[str, Any]]:
        """Return what was told last of each account."""
        return {data["account"]: data for data in self.told(type_)}

    def standing(self, type_: str, *named: str) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Return what stands of the records that replace and cancel each other by name."""
        stand: dict[tuple[Any, ...], dict[str, Any]] = {}
        for data in self.told(type_):
            key = tuple(data.get(part) for part in named)
            stand.pop(key, None)
            if not data["cancelled"]:
                stand[key] = data
        return stand

    def trades(self) -> dict[tuple[Any, ...], dict[str, Any]]:
        return self.standing("trade.settled", "account", "exchange", "trade_id", "direction")


@pytest.fixture
def broker() -> Broker:
    return Broker()


async def test_a_trade_is_told_with_fee_and_profit(broker: Broker) -> None:
    outcome = await broker.day("trddata", line("trddata", offset="L", mtm_pl="-450.00"))
    assert (outcome.fate, outcome.good, outcome.bad) == (Fate.TAKEN, 1, 0)
    (trade,) = broker.told("trade.settled")
    assert (trade["exchange"], trade["trade_id"], trade["direction"]) == ("SHFE", "T1", "buy")
    assert (trade["offset"], trade["lots"], trade["fee"]) == ("close", 3, "9.36")
    assert (trade["profit_mtm"], trade["source"], trade["trading_day"]) == (
        "-450",
        "file",
        "2026-06-01",
    )


@pytest.mark.parametrize(
    ("time", "dated", "at", "odd"),
    [
        ("09:30:05", "2026-06-01", "2026-06-01T09:30:05+08:00", 0),
        ("21:05:00", "2026-05-29", "2026-05-29T21:05:00+08:00", 0),
        ("21:05:00", "2026-06-01", "2026-05-29T21:05:00+08:00", 0),
        ("00:30:00", "2026-05-30", "2026-05-30T00:30:00+08:00", 0),
        ("00:30:00", "", "2026-05-30T00:30:00+08:00", 0),
        ("09:30:05", "2026-05-28", "2026-06-01T09:30:05+08:00", 1),
    ],
)
async def test_a_trade_is_of_the_files_day_whatever_date_it_bears(
    broker: Broker, time: str, dated: str, at: str, odd: int
) -> None:
    outcome = await broker.day("trddata", line("trddata", time=time, trade_date=dated))
    (trade,) = broker.told("trade.settled")
    assert (trade["trading_day"], trade["executed_at"]) == ("2026-06-01", at)
    assert outcome.notes["other_days"] == odd


async def test_an_option_trade_has_its_option_and_the_premium_its_sign(broker: Broker) -> None:
    sold = line("opttrddata", trade_id="P2", direction="S")
    await broker.day("opttrddata", line("opttrddata"), sold)
    bought, sold_too = broker.told("trade.settled")
    assert bought["option"] == {"kind": "call", "strike": "3000", "underlying": "m2609"}
    assert (bought["premium"], sold_too["premium"]) == ("-1710", "1710")


async def test_a_trade_whose_row_may_be_a_broken_line_is_not_cancelled(broker: Broker) -> None:
    kept, gone = line("trddata"), line("trddata", trade_id="T2")
    await broker.day("trddata", kept, gone)
    outcome = await broker.day("trddata", kept, "broken")
    assert (outcome.bad, outcome.notes["cancelled"]) == (1, 0)
    assert [key[2] for key in broker.trades()] == ["T1", "T2"]
    await broker.day("trddata", kept)
    assert [key[2] for key in broker.trades()] == ["T1"]


async def test_a_replacement_tells_the_difference_and_cancels_what_is_gone(broker: Broker) -> None:
    kept, gone = line("trddata"), line("trddata", trade_id="T2", fee="1.00")
    await broker.day("trddata", kept, gone)
    outcome = await broker.day("trddata", kept.replace("9.36", "9.360"))
    assert (outcome.notes["unchanged"], outcome.notes["cancelled"]) == (1, 1)
    last = broker.told("trade.settled")[-1]
    assert (last["trade_id"], last["fee"], last["cancelled"]) == ("T2", "1", True)
    assert [key[2] for key in broker.trades()] == ["T1"]
    await broker.day("trddata", kept, gone)
    assert [key[2] for key in broker.trades()] == ["T1", "T2"]


async def test_another_figure_replaces_the_trade(broker: Broker) -> None:
    for fee in ("9.36", "9.37"):
        await broker.day("trddata", line("trddata", fee=fee))
    assert [trade["fee"] for trade in broker.told("trade.settled")] == ["9.36", "9.37"]
    (stands,) = broker.trades().values()
    assert stands["fee"] == "9.37"


async def test_both_sides_of_a_self_match_are_two_trades(broker: Broker) -> None:
    await broker.day("trddata", line("trddata"), line("trddata", direction="S", offset="L"))
    assert len(broker.trades()) == 2


async def test_a_trade_with_two_truths_keeps_the_first(broker: Broker) -> None:
    outcome = await broker.day("trddata", line("trddata"), line("trddata", volume="4"))
    assert (outcome.good, outcome.bad) == (1, 1)
    assert [trade["lots"] for trade in broker.told("trade.settled")] == [3]


@pytest.mark.parametrize("kind", ["otherfund", "delivdetails"])
async def test_equal_rows_without_a_number_are_as_many(broker: Broker, kind: str) -> None:
    type_ = {"otherfund": "fee.charged", "delivdetails": "position.delivered"}[kind]
    await broker.day(kind, line(kind), line(kind), line(kind, account="2"))
    await broker.day(kind, line(kind), line(kind, account="2"))
    told = [(data["account"], data["cancelled"]) for data in broker.told(type_)]
    assert told == [("1", False), ("1", False), ("2", False), ("1", True)]


async def test_a_close_out_names_both_trades_and_its_exchange(broker: Broker) -> None:
    lines = (line("liquiddetails"), line("liquiddetails", instrument="IF2606", trade_id="T9"))
    await broker.day("liquiddetails", *lines)
    await broker.day("optliquiddetails", line("optliquiddetails", instrument="MO2606-P-6000"))
    told = broker.told("order.closed-out")
    assert [(data["exchange"], data["opening_trade_id"]) for data in told] == [
        ("SHFE", "T1"),
        ("CFFEX", "T1"),
        ("CFFEX", "P1"),
    ]
    assert told[2]["option"] == {"kind": "put", "strike": "6000"}


async def test_long_numbers_in_a_memo_are_masked(broker: Broker) -> None:
    await broker.day("otherfund", line("otherfund", memo="退张三 6222020000001234567 卡"))
    (fee,) = broker.told("fee.charged")
    assert fee["note"] == "退张三 ****4567 卡"


async def test_a_book_has_futures_and_options_together(broker: Broker) -> None:
    await broker.day("holddata", line("holddata"), line("holddata", account="2"))
    await broker.day("optholddata", line("optholddata"))
    assert [data["account"] for data in broker.told("positions.settled")] == ["1", "2", "1"]
    book = broker.last("positions.settled")["1"]["holdings"]
    assert [(holding["instrument"], holding["lots"]) for holding in book] == [
        ("m2609-C-3000", 2),
        ("rb2610", 5),
    ]


async def test_who_held_something_and_has_no_row_now_has_an_empty_book(broker: Broker) -> None:
    rows = [line("holddata", date=str(BEFORE), account=account) for account in "12"]
    await broker.day("holddata", *rows, day=BEFORE)
    outcome = await broker.day("holddata", line("holddata"))
    assert broker.last("positions.settled")["2"]["holdings"] == []
    assert outcome.notes["emptied"] == 1
    told = len(broker.told("positions.settled"))
    await broker.day("holddata", line("holddata"), line("holddata", account="3"))
    assert len(broker.told("positions.settled")) == told + 1


async def test_who_may_still_hold_options_is_not_told_to_hold_nothing(broker: Broker) -> None:
    for kind in ("holddata", "optholddata"):
        await broker.day(kind, line(kind, date=str(BEFORE)), day=BEFORE)
    before = len(broker.told("positions.settled"))
    await broker.day("holddata", line("holddata", account="2"))
    assert "1" not in {data["account"] for data in broker.told("positions.settled")[before:]}
    await broker.day("optholddata", line("optholddata", account="2"))
    assert broker.last("positions.settled")["1"]["holdings"] == []


async def test_an_account_gone_from_a_replacement_has_an_empty_book(broker: Broker) -> None:
    await broker.day("holddata", line("holddata"), line("holddata", account="2"))
    await broker.day("holddata", line("holddata"))
    assert broker.last("positions.settled")["2"]["holdings"] == []


@pytest.mark.parametrize("order", list(permutations(["holddata", "holddetails"])))
async def test_todays_lots_come_from_the_details(broker: Broker, order: tuple[str, ...]) -> None:
    for kind in order:
        await broker.day(kind, line(kind))
    (holding,) = broker.last("positions.settled")["1"]["holdings"]
    assert (holding["lots"], holding["today_lots"]) == (5, 3)


async def test_a_settlement_has_the_days_lots_and_fees(broker: Broker) -> None:
    await broker.day("trddata", line("trddata"), line("trddata", trade_id="T2", volume="4"))
    await broker.day("opttrddata", line("opttrddata"))
    await broker.day("holddata", line("holddata"))
    await broker.day("cusfund", cusfund("1", "100"), cusfund("2", "100"))
    one, other = broker.told("account.settled")
    assert (one["traded_lots"], one["position_lots"], one["commission"]) == (9, 5, "19.72")
    assert (other["traded_lots"], other["position_lots"], other["commission"]) == (0, 0, "0")


async def test_without_files_of_trading_a_settlement_says_nothing_of_them(broker: Broker) -> None:
    await broker.day("cusfund", cusfund("1", "100"))
    assert (
        not {"traded_lots", "position_lots", "commission"}
        & broker.told("account.settled")[0].keys()
    )


async def test_who_differs_settles_again_and_nobody_else(broker: Broker) -> None:
    await broker.day("trddata", line("trddata"))
    await broker.day("cusfund", cusfund("1", "100.00"), cusfund("2", "100"))
    await broker.day("trddata", line("trddata", volume="4"))
    *_, again = broker.told("account.settled")
    assert len(broker.told("account.settled")) == 3
    assert (again["account"], again["traded_lots"], again["equity"]) == ("1", 4, "100")
    assert again["opening_equity"] == "1000"
    await broker.day("trddata", line("trddata", volume="4", price="3121"))
    assert len(broker.told("account.settled")) == 3


UNREAD = line("trddata", trade_id="T9", volume="some")


async def test_of_an_account_with_an_unreadable_line_no_lots_are_told(broker: Broker) -> None:
    await broker.day(
        "trddata", line("trddata"), UNREAD, line("trddata", account="2", trade_id="T2")
    )
    await broker.day("holddata", line("holddata", volume="some"), line("holddata", account="2"))
    await broker.day("cusfund", *(cusfund(account, "100") for account in "123"))
    settled = broker.last("account.settled")
    assert not {"traded_lots", "commission", "position_lots"} & settled["1"].keys()
    assert (settled["2"]["traded_lots"], settled["2"]["position_lots"]) == (3, 5)
    assert (settled["3"]["traded_lots"], settled["3"]["position_lots"]) == (0, 0)


async def test_the_corrected_line_tells_the_lots(broker: Broker) -> None:
    await broker.day("trddata", line("trddata"), UNREAD)
    await broker.day("cusfund", cusfund("1", "100"))
    await broker.day("trddata", line("trddata"), UNREAD.replace("some", "4"))
    assert [data.get("traded_lots") for data in broker.told("account.settled")] == [None, 7]


async def test_half_a_book_is_not_told_until_it_is_whole(broker: Broker) -> None:
    whole, spoilt = line("holddata"), line("holddata", instrument="ag2612", volume="some")
    await broker.day("holddata", whole, spoilt, line("holddata", account="2"))
    assert broker.last("positions.settled").keys() == {"2"}
    await broker.day("holddata", whole, line("holddata", account="2"))
    (holding,) = broker.last("positions.settled")["1"]["holdings"]
    assert (holding["instrument"], holding["lots"]) == ("rb2610", 5)


async def test_who_may_hold_something_by_an_unreadable_line_is_not_emptied(broker: Broker) -> None:
    await broker.day("holddata", line("holddata", date=str(BEFORE)), day=BEFORE)
    await broker.day("holddata", line("holddata", volume="some"), line("holddata", account="2"))
    assert [data["trading_day"] for data in broker.told("positions.settled")] == [
        str(BEFORE),
        str(DAY),
    ]
    assert broker.last("positions.settled")["1"]["holdings"]


async def test_who_had_an_unreadable_line_and_no_row_the_day_after_is_emptied(
    broker: Broker,
) -> None:
    spoilt = line("holddata", date=str(BEFORE), volume="some")
    await broker.day(
        "holddata", spoilt, line("holddata", account="2", date=str(BEFORE)), day=BEFORE
    )
    await broker.day("holddata", line("holddata", account="2"))
    assert broker.last("positions.settled")["1"]["holdings"] == []


SECOND = {
    "trddata": (line("trddata", volume="7"), line("trddata", account="3", trade_id="T8")),
    "holddata": (line("holddata", account="2", volume="1"), line("holddata", account="3")),
    "cusfund": (cusfund("1", "50", "20"), cusfund("2", "60")),
}
FIRST = {
    "trddata": (line("trddata"), line("trddata", account="2", trade_id="T2")),
    "opttrddata": (line("opttrddata", account="3"),),
    "holddata": (line("holddata"), line("holddata", account="2")),
    "optholddata": (line("optholddata", account="2"),),
    "holddetails": (line("holddetails"), line("holddetails", account="2", volume="1")),
    "cusfund": tuple(cusfund(account, "50") for account in "123"),
}
FILES = [*FIRST, *SECOND]


async def told_last(order: list[str]) -> tuple[Any, ...]:
    """Return what stands after the first file of each kind, and then the second, in any order."""
    broker, waiting = Broker(), {kind: [FIRST[kind]] for kind in FIRST}
    for kind, lines in SECOND.items():
        waiting[kind].append(lines)
    for kind in ("holddata", "optholddata"):
        await broker.day(kind, line(kind, account="4", date=str(BEFORE)), day=BEFORE)
    for kind in order:
        await broker.day(kind, *waiting[kind].pop(0))
    settled = {
        account: {field: _plain(value) for field, value in data.items()}
        for account, data in broker.last("account.settled").items()
    }
    return settled, broker.last("positions.settled"), sorted(broker.trades().items(), key=str)


def _plain(value: object) -> object:
    """Return an amount as a number: 50 and 50.000 are the same."""
    text = str(value)
    return Decimal(text) if text.replace(".", "").lstrip("-").isdigit() else value


def orders(files: list[str]) -> Iterator[list[str]]:
    return (list(order) for order in sorted(set(permutations(files))))


async def test_a_few_files_in_every_order_settle_the_same() -> None:
    kinds = ["trddata", "trddata", "holddata", "cusfund", "cusfund"]
    first, *others = [await told_last(order) for order in orders(kinds)]
    assert len(others) == 29
    assert first[0]["1"]["traded_lots"] == 7
    assert all(other == first for other in others)


@settings(max_examples=60, deadline=None)
@given(st.permutations(FILES))
async def test_all_files_in_any_order_settle_the_same(order: list[str]) -> None:
    assert await told_last(order) == await told_last(FILES)


@pytest.mark.parametrize("kind", [*KINDS, "fundchg", "cusfund"])
@pytest.mark.parametrize("at", [1, 2])
async def test_a_corrupted_line_is_reported_and_the_good_ones_are_kept(
    broker: Broker, kind: str, at: int
) -> None:
    good = FUNDS.get(kind) or line(kind)
    cells = good.split("@")
    cells[2] = "一二三"  # an amount, a number or an instrument
    lines = [good]
    lines.insert(at - 1, "@".join(cells))
    outcome = await broker.day(kind, *lines)
    assert (outcome.fate, outcome.good, outcome.bad) == (Fate.TAKEN, 1, 1)
    (letter,) = broker.books.now.letters()
    assert letter.headers is not None
    assert letter.headers["origin-file"] == name(kind)
    assert letter.headers["origin-line"] == str(at)
    assert letter.headers["reason"]


FLAWS = {
    "trddata": [
        ({"date": "2026-05-29"}, "date: 2026-05-29 is not the file's day 2026-06-01"),
        ({"direction": "X"}, "direction: none of B S"),
        ({"exchange": ""}, "exchange_flag: missing"),
        ({"offset": "?"}, "offset: none of O L"),
        ({"hedge": "Q"}, "hedge_flag: none of S H A"),
        ({"volume": "0"}, "volume: not a number of lots: '0'"),
        ({"volume": "1.5"}, "volume: not a number of lots: '1.5'"),
        ({"price": "1e3"}, "price: not a price: 1e3"),
        ({"fee": "NaN"}, "commission: not an amount: 'NaN'"),
        ({"time": "25:00:00"}, "trade_time: not a time of day: '25:00:00'"),
        ({"trade_id": "a b"}, "trade_id: 1 to 40 characters without blanks or slashes expected"),
        ({"currency": "USD"}, "currency: only CNY is taken"),
        ({"trade_date": "June"}, "trade_date: not a date: 'June'"),
    ],
    "opttrddata": [({"kind": "X"}, "option_type: none of C P")],
    "liquiddetails": [
        (
            {"instrument": "zz2610"},
            "instrument_id: no exchange is known for zz2610: "
            "add the product's hours to the calendar",
        )
    ],
    "otherfund": [
        ({"amount": "0.000"}, "amount: nothing was charged"),
        ({"currency": "元"}, "currency: not a currency: '元'"),
        ({"exchange": "Q"}, "exchange_flag: none of S Z D J N G"),
    ],
}


@pytest.mark.parametrize(
    ("kind", "columns", "reason"),
    [(kind, columns, reason) for kind, flaws in FLAWS.items() for columns, reason in flaws],
)
async def test_a_bad_row_says_where(
    broker: Broker, kind: str, columns: dict[str, str], reason: str
) -> None:
    outcome = await broker.day(kind, line(kind, **columns))
    assert outcome.reason == f"no row can be read; line 1: {reason}"


@pytest.mark.parametrize("kind", KINDS)
async def test_tail_columns_may_be_missing_or_more(broker: Broker, kind: str) -> None:
    source = catalogue()[kind]
    assert isinstance(source, Positional)
    least = source.columns[-1].at_least
    cells = line(kind).split("@")
    short, longer = "@".join(cells[:least]), line(kind, account="2") + "@new@newer"
    outcome = await broker.day(kind, short, longer)
    assert (outcome.good, outcome.bad) == (2, 0)
    outcome = await broker.day(kind, longer, "@".join(cells[: least - 1]))
    assert (outcome.good, outcome.bad) == (1, 1)


async def test_a_bad_row_with_free_text_is_sealed(broker: Broker) -> None:
    bad = line("otherfund", amount="x", memo="退张三")
    await broker.day("otherfund", line("otherfund"), bad)
    (letter,) = broker.books.now.letters()
    assert letter.headers is not None
    assert "sealed" in letter.headers
    assert "张三".encode() not in letter.body
