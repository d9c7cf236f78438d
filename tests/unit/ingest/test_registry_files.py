"""The CFMMC files about accounts and persons: what is read, what is refused, nothing quoted."""

from typing import Any

import pytest

from services.ingest.domain.positional import Positional
from services.ingest.domain.rows import Reading
from services.ingest.domain.source import Context
from services.ingest.domain.sources.cusaccount import source as cusaccounts
from services.ingest.domain.sources.cuscode import source as cuscodes
from services.ingest.domain.sources.customer import source as customers
from shared.contracts.dealings import Exchange
from shared.kernel.trading_day import china
from tests.kit.ingest import DAY, file
from tests.kit.registry import CARD, ID_CARD, PHONE, cusaccount, cuscode, customer

CONTEXT = Context(china(), DAY)
GOOD = [(customers, customer("1")), (cuscodes, cuscode("1")), (cusaccounts, cusaccount("1"))]


def parse(source: Positional[Any], *lines: str) -> Reading[Any]:
    return source.parse(file(*lines), CONTEXT)


@pytest.mark.parametrize(("source", "line"), GOOD, ids=lambda value: getattr(value, "name", ""))
def test_every_column_of_the_appendix_is_known(source: Positional[Any], line: str) -> None:
    assert len(line.split("@")) == len(source.columns[-1].names)


@pytest.mark.parametrize(("source", "line"), GOOD, ids=lambda value: getattr(value, "name", ""))
def test_a_shorter_and_a_longer_line_are_read(source: Positional[Any], line: str) -> None:
    short = "@".join(line.split("@")[: source.columns[-1].at_least])
    reading = parse(source, short, f"{line}@more@columns")
    assert (len(reading.good), reading.bad) == (2, ())


@pytest.mark.parametrize("source", [source for source, _ in GOOD], ids=lambda source: source.name)
def test_a_line_cut_short_is_bad_and_its_neighbour_good(source: Positional[Any]) -> None:
    line = next(line for one, line in GOOD if one is source)
    cut = "@".join(line.split("@")[: source.columns[-1].at_least - 1])
    reading = parse(source, cut, line)
    assert [bad.line for bad in reading.bad] == [1]
    assert "columns, at least" in reading.bad[0].reason
    assert [good.line for good in reading.good] == [2]


def test_a_customer_is_read_and_never_printed_in_clear() -> None:
    row = parse(customers, customer("80000001", is_dormant="是")).good[0].row
    assert (row.account, row.status, row.dormant) == ("80000001", "open", True)
    for clear in ("张小明", ID_CARD, PHONE, "虚构市样例路1号"):
        assert clear not in repr(row)


def test_a_shorter_file_does_not_know_who_is_dormant() -> None:
    short = "@".join(customer("1").split("@")[:12])
    assert parse(customers, short).good[0].row.dormant is None


def test_a_number_is_kept_in_capitals_and_a_phone_as_it_is() -> None:
    row = parse(customers, customer("1", id_card="11010119000101001x", phone="")).good[0].row
    assert (row.person.id_card.reveal(), row.person.phone) == ("11010119000101001X", None)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"date": "2026-05-29"}, "date: not the file's day 2026-06-01"),
        ({"date": "张小明"}, "date: not a date"),
        ({"date": ""}, "date: missing"),
        ({"name": ""}, "name: 1 to 80 characters expected"),
        ({"name": "张" * 81}, "name: 1 to 80 characters expected"),
        ({"name": "张\x00小明"}, "name: holds a control character"),
        ({"account_id": "8000 0001"}, "account_id: not a code (letters, digits, _ . -, ≤ 32)"),
        ({"id_card": "1" * 61}, "id_card: 0 to 60 characters expected"),
        ({"phone": "1" * 61}, "phone: 0 to 60 characters expected"),
        ({"address": "路" * 201}, "address: 0 to 200 characters expected"),
        ({"status": PHONE}, "status: none of 开户, 开, O, 正常, 销户, 销, C"),
        ({"status": ""}, "status: none of 开户, 开, O, 正常, 销户, 销, C"),
        ({"customer_type": ""}, "customer_type: 1 to 40 characters expected"),
        ({"opening_date": PHONE}, "opening_date: not a date"),
        ({"is_dormant": "?"}, "is_dormant: none of N, 否, 0, Y, 是, 1, 休眠"),
        (
            {"id_card": "", "organization_code": "1" * 61},
            "organization_code: 0 to 60 characters expected",
        ),
    ],
)
def test_a_bad_customer_says_where_and_quotes_nothing(columns: dict[str, str], reason: str) -> None:
    account = columns.pop("account_id", "1")
    reading = parse(customers, customer(account, DAY, **columns), customer("2"))
    assert [(bad.line, bad.reason) for bad in reading.bad] == [(1, reason)]
    assert [good.line for good in reading.good] == [2]


@pytest.mark.parametrize(
    ("flag", "exchange"), [("S", "SHFE"), ("Z", "CZCE"), ("J", "CFFEX"), ("G", "GFEX")]
)
def test_an_exchange_is_known_by_its_letter(flag: str, exchange: str) -> None:
    assert parse(cuscodes, cuscode("1", flag)).good[0].row.exchange is Exchange(exchange)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (cuscode("1", "X"), "exchange_flag: none of S Z D J N G"),
        (cuscode("1", "S", ""), "trading_code: missing"),
        (cuscode(""), "account_id: missing"),
        ("2026-05-29@1@S@00812345", "date: 2026-05-29 is not the file's day 2026-06-01"),
    ],
)
def test_a_bad_trading_code_says_where(line: str, reason: str) -> None:
    reading = parse(cuscodes, cuscode("2"), line)
    assert [(bad.line, bad.reason) for bad in reading.bad] == [(2, reason)]
    assert len(reading.good) == 1


def test_a_card_is_masked() -> None:
    row = parse(cusaccounts, cusaccount("1", card="6222 0000-0000 1234", currency="RMB"))
    assert (row.good[0].row.masked, row.good[0].row.currency) == ("****1234", "CNY")
    assert CARD not in repr(row.good[0].row)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            cusaccount("1", card="1234567"),
            "bank_card_id: not a card number of 8 to 40 letters and digits",
        ),
        (
            cusaccount("1", card="张小明"),
            "bank_card_id: not a card number of 8 to 40 letters and digits",
        ),
        (
            cusaccount("1", "张小明"),
            "add_update_flag: none of A, U, 新增, 更新, 修改, D, 删除, 注销",
        ),
        (cusaccount("1", currency="张小明"), "currency: not a currency of three letters"),
        (cusaccount("1", bank="工商 银行"), "bank_id: not a code (letters, digits, _ . -, ≤ 32)"),
    ],
)
def test_a_bad_card_says_where_and_quotes_nothing(line: str, reason: str) -> None:
    reading = parse(cusaccounts, cusaccount("2"), line)
    assert [(bad.line, bad.reason) for bad in reading.bad] == [(2, reason)]
    assert len(reading.good) == 1
