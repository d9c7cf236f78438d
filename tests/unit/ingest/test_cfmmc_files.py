"""Lines of the CFMMC files: what each column means, and what is no line."""

from decimal import Decimal
from typing import Any

import pytest

from services.ingest.agent.taking import HANDLERS
from services.ingest.domain.positional import Positional
from services.ingest.domain.profiles.fields import KINDS
from services.ingest.domain.rows import Reading, Unreadable
from services.ingest.domain.source import Context
from services.ingest.domain.sources import catalogue
from services.ingest.domain.sources.cusfund import source as cusfund_source
from services.ingest.domain.sources.fundchg import FundsRow
from services.ingest.domain.sources.fundchg import source as fundchg_source
from shared.contracts.trading import FundsChannel
from shared.kernel.trading_day import china
from tests.kit.ingest import DAY, cusfund, file, fundchg

CONTEXT = Context(china(), DAY)


def read_funds(*lines: str) -> Reading[FundsRow]:
    return fundchg_source.parse(file(*lines), CONTEXT)


def why(source: Positional[Any], line: str) -> str:
    reading = source.parse(file(line), CONTEXT)
    assert not reading.good
    return reading.bad[0].reason


def test_every_source_is_found_by_its_file_name_and_has_a_handler() -> None:
    assert catalogue().keys() | KINDS.keys() == HANDLERS.keys()
    assert all(name == source.name for name, source in catalogue().items())


def test_the_sign_of_a_movement_is_its_direction() -> None:
    rows = [good.row for good in read_funds(fundchg("1", "+5.5"), fundchg("1", "-7")).good]
    assert [row.amount for row in rows] == [Decimal("5.5"), Decimal(-7)]


def test_a_movement_belongs_to_the_day_it_happened_on() -> None:
    row = read_funds(fundchg("1", "-7", happened_on="2026-05-29")).good[0].row
    assert (str(row.trading_day), row.elsewhen) == ("2026-05-29", True)


def test_a_movement_of_a_weekend_belongs_to_the_days_file() -> None:
    row = read_funds(fundchg("1", "-7", happened_on="2026-05-30")).good[0].row
    assert (row.trading_day, str(row.happened_on), row.elsewhen) == (DAY, "2026-05-30", True)


def test_a_line_may_lack_its_tail_or_have_a_longer_one() -> None:
    full = fundchg("1", "-7").split("@")
    short, long = "@".join(full[:9]), "@".join([*full, "new", "newer"])
    rows = [good.row for good in read_funds(short, long).good]
    assert [(row.currency, row.trading_day) for row in rows] == [("CNY", DAY), ("CNY", DAY)]


@pytest.mark.parametrize(
    ("columns", "channel"),
    [
        ({"kind": "银期转账"}, FundsChannel.BANK_TRANSFER),
        ({"kind": "出入金"}, FundsChannel.MANUAL),
        ({"memo": "银期转账入金"}, FundsChannel.BANK_TRANSFER),
        ({"kind": "?"}, FundsChannel.MANUAL),
    ],
)
def test_the_channel_is_told_by_kind_or_memo(columns: dict[str, str], channel: str) -> None:
    assert read_funds(fundchg("1", "-7", **columns)).good[0].row.channel == channel


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (fundchg("1", "NaN"), "amount: not an amount: 'NaN'"),
        (fundchg("1", "1e3"), "amount: not an amount: '1e3'"),
        (fundchg("1", "1_000"), "amount: not an amount: '1_000'"),
        (fundchg("1", "１０"), "amount: not an amount: '１０'"),
        (fundchg("1", "1.2345"), "amount: finer than 0.001 yuan: 1.2345"),
        (fundchg("1", "0.000"), "amount: no money moved"),
        (fundchg("", "5"), "investor_id: missing"),
        (fundchg("张三", "5"), "investor_id: not a code (letters, digits, _ . -, ≤ 32)"),
        (fundchg("1", "5", date="2026-05-29"), "date: 2026-05-29 is not the file's day 2026-06-01"),
        (fundchg("1", "5", date="June"), "date: not a date: 'June'"),
        (fundchg("1", "5", "2026-02-30"), "trade_date: not a date: '2026-02-30'"),
        (
            fundchg("1", "5", "2026-06-02"),
            "trade_date: 2026-06-02 is after the file's day 2026-06-01",
        ),
        (fundchg("1", "5", currency="元"), "currency: not a currency: '元'"),
        ("2026-06-01@1@50", "line: 3 columns, at least 9 expected"),
    ],
)
def test_a_bad_movement_says_where(line: str, reason: str) -> None:
    assert why(fundchg_source, line) == reason


def test_an_early_day_outside_the_calendar_is_bad_not_guessed() -> None:
    assert why(fundchg_source, fundchg("1", "5", "2019-01-02")).startswith("trade_date: 2019-01-02")


def test_one_bad_line_leaves_the_others_good() -> None:
    data = file(fundchg("1", "5"), "rubbish", "", fundchg("2", "6")) + b"2026-06-01@\xff\xff@5\n"
    reading = fundchg_source.parse(data, CONTEXT)
    assert [good.line for good in reading.good] == [1, 4]
    assert [(bad.line, bad.reason) for bad in reading.bad] == [
        (2, "line: 1 columns, at least 9 expected"),
        (5, "byte 12: not GB18030"),
    ]
    assert reading.bad[0].raw == b"rubbish"


def test_half_a_character_that_looks_like_a_separator_is_none() -> None:
    memo = b"\x81@".decode("gb18030")  # its second byte is '@'
    assert read_funds(fundchg("1", "-7", memo=memo)).good[0].row.account == "1"


@pytest.mark.parametrize("columns", [21, 23])
def test_older_and_newer_settlement_lines_are_read(columns: int) -> None:
    line = "@".join(cusfund("80000001", "-5.5", "-7.001").split("@")[:columns])
    row = cusfund_source.parse(file(line), CONTEXT).good[0].row
    assert (row.equity, row.available) == (Decimal("-5.5"), Decimal("-7.001"))
    assert row.opening_equity == Decimal("1000.000")


@pytest.mark.parametrize(
    ("equity", "available", "frozen", "margin"),
    [
        ("100000.00", "20000.00", "0.00", "80000.00"),
        ("100000.00", "20000.00", "5000.001", "74999.999"),
        ("100000.00", "-3000.00", "0.00", "103000.00"),
        ("-500.00", "-2500.00", "0.00", "2000.00"),
        ("100.00", "100.00", "0.00", "0.00"),
        ("100.00", "130.00", "0.00", None),  # what is available is more than the equity
    ],
)
def test_the_margin_is_what_is_neither_available_nor_frozen(
    equity: str, available: str, frozen: str, margin: str | None
) -> None:
    cells = cusfund("1", equity, available).split("@")
    cells[21] = frozen
    row = cusfund_source.parse(file("@".join(cells)), CONTEXT).good[0].row
    assert row.margin == (None if margin is None else Decimal(margin))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("@".join(cusfund("1", "5").split("@")[:20]), "line: 20 columns, at least 21 expected"),
        (cusfund("1", "1.7976931348623157E308"), "equity: not an amount: '1.7976931348623157E308'"),
        (cusfund("1", "9" * 16), "equity: not an amount: 9999999999999999"),
        (cusfund("1", "5").replace("CNY", "USD"), "currency: only CNY is taken"),
    ],
)
def test_a_bad_settlement_says_where(line: str, reason: str) -> None:
    assert why(cusfund_source, line) == reason


@pytest.mark.parametrize("data", [b"", b"\r\n \r\n\x1a"])
def test_a_day_may_have_no_movement_but_not_no_account(data: bytes) -> None:
    assert fundchg_source.parse(data, CONTEXT) == Reading((), ())
    with pytest.raises(Unreadable, match="empty"):
        cusfund_source.parse(data, CONTEXT)
