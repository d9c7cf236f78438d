"""What a lot ties up, counted by hand; what an amount is enough for, whatever it is."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from services.profile.adapters.prices import LastPrice, most_held
from services.profile.commands.profile import app
from services.profile.domain.margin import (
    Product,
    Source,
    affordable,
    band,
    key,
    leverage,
    lot_margin,
)
from services.profile.margin_book import SHIPPED, Reading, WrongRates, read_rates
from services.profile.quoting import Quoting

DAY = date(2026, 11, 23)
BOOK = read_rates()
BY_KEY = {product.key: product for product in BOOK.on(DAY)}
HEAD = "version: 1\nsource: {name: 通知, read_on: 2026-11-20, verified: true}\n"
MONEY = st.decimals(Decimal("0.001"), Decimal(10) ** 12, places=3)
PRICES = st.decimals(Decimal("0.000001"), Decimal(10) ** 9 - 1, places=6)
RATES = st.decimals(Decimal("0.000001"), Decimal(1), places=6)


def product(multiplier: int = 10) -> Product:
    source = Source("test", DAY, True)
    rates = Decimal("0.07"), Decimal("0.10")
    return Product("SHFE", "rb", "螺纹钢", multiplier, Decimal(1), *rates, source)


def overridden(text: str, head: str = HEAD) -> Reading:
    reading = Reading()
    reading.take(SHIPPED.read_text(encoding="utf-8"))
    reading.take(head + text)
    return reading


def errors(text: str, head: str = HEAD) -> list[str]:
    with pytest.raises(WrongRates) as wrong:
        overridden(text, head).book()
    return wrong.value.errors


@pytest.mark.parametrize(
    ("named", "price", "at_exchange", "at_company", "times"),
    [
        (("SHFE", "RB"), "3101", "2170.70", "3101.00", "10.00"),  # × 10 × 7%, 10%
        (("DCE", "M"), "2950", "2065.00", "2950.00", "10.00"),
        (("CFFEX", "IF"), "3901.2", "140443.20", "175554.00", "6.67"),  # × 300 × 12%, 15%
        (("INE", "SC"), "520.3", "57233.00", "72842.00", "7.14"),  # × 1000 × 11%, 14%
        (("SHFE", "AU"), "602.38", "96380.80", "114452.20", "5.26"),  # × 1000 × 16%, 19%
        (("CFFEX", "TS"), "102.334", "10233.40", "71633.80", "28.57"),  # × 20000 × 0.5%, 3.5%
        (("CZCE", "ZC"), "801.333", "40066.65", "42470.65", "1.89"),  # …,649 up to the 分
    ],
)
def test_a_lot_by_hand(
    named: tuple[str, str], price: str, at_exchange: str, at_company: str, times: str
) -> None:
    told = BY_KEY[named]
    assert lot_margin(told, Decimal(price), told.exchange_rate) == Decimal(at_exchange)
    assert lot_margin(told, Decimal(price), told.company_rate) == Decimal(at_company)
    assert leverage(told.company_rate) == Decimal(times)


@given(MONEY, PRICES, RATES, st.integers(1, 100_000))
def test_so_many_lots_and_not_one_more(
    amount: Decimal, price: Decimal, rate: Decimal, multiplier: int
) -> None:
    margin = lot_margin(product(multiplier), price, rate)
    exact = price * multiplier * rate
    assert exact <= margin < exact + Decimal("0.01")
    held = affordable(amount, margin)
    assert held.lots * margin <= amount < (held.lots + 1) * margin
    assert held.left == amount - held.lots * margin


@given(st.integers(0, 1000), st.sets(st.integers(1, 1000), min_size=1))
def test_a_band_holds_its_lots(lots: int, floors: set[int]) -> None:
    floor = band(lots, sorted(floors))
    assert floor <= lots
    assert not any(floor < one <= lots for one in floors)


def test_what_5000_is_enough_for() -> None:
    prices = {
        key("SHFE", "rb"): LastPrice("SHFE", "rb2610", Decimal(3101), DAY),
        key("DCE", "c"): LastPrice("DCE", "c2601", Decimal(2250), DAY),
        key("CZCE", "SR"): LastPrice("CZCE", "SR601", Decimal("5000.01"), DAY),
        key("DCE", "m"): LastPrice("DCE", "m2601", Decimal(5000), DAY),
    }
    told = Quoting(BOOK, None, prices).affordable(BOOK.on(DAY), Decimal(5000))
    said = [
        (band.name, [(one.product, one.lots, one.margin, one.left) for one in band.products])
        for band in told.bands
    ]
    assert said == [
        (
            "1手",
            [
                ("rb", 1, Decimal("3101.00"), Decimal("1899.00")),
                ("m", 1, Decimal("5000.00"), Decimal("0.00")),
            ],
        ),
        ("2–4手", [("c", 2, Decimal("2250.00"), Decimal("500.00"))]),
        ("不足1手", [("SR", 0, Decimal("5000.01"), Decimal(5000))]),
    ]
    assert len(told.unpriced) == len(BY_KEY) - 4


def test_a_clients_own_rate_holds_over_the_companys() -> None:
    book = overridden("clients: {c1: {SHFE.rb: 0.08}}").book()
    prices = {key("SHFE", "rb"): LastPrice("SHFE", "rb2610", Decimal(3101), DAY)}
    rb = {one.key: one for one in book.on(DAY)}["SHFE", "RB"]
    own, other = (Quoting(book, client, prices).row(rb) for client in ("c1", "c2"))
    assert (own.rate_of, own.rate, own.margin) == ("client", Decimal("0.08"), Decimal("2480.80"))
    assert (own.difference, own.margin_difference) == (Decimal("0.01"), Decimal("310.10"))
    assert (other.rate_of, other.rate) == ("company", Decimal("0.10"))


def test_the_future_held_most_stands_for_its_product() -> None:
    def held(instrument: str, lots: int, day: date = DAY) -> LastPrice:
        return LastPrice("SHFE", instrument, Decimal(1), day, lots=lots)

    old = held("rb2605", 999, date(2026, 11, 20))
    option = held("rb2610C3000", 999)
    found = most_held([old, held("rb2610", 5), held("rb2612", 3), option])
    assert [one.instrument for one in found.values()] == ["rb2610"]


def test_every_figure_has_a_source_and_a_day() -> None:
    assert len(BY_KEY) == 86
    for one in BY_KEY.values():
        assert one.source.name, one
        assert one.source.read_on <= DAY
        assert one.exchange_rate < one.company_rate


def test_an_override_changes_what_it_says_and_from_when() -> None:
    book = overridden("add_on: 0.02\nproducts: {SHFE: {rb: {exchange: 0.09, since: 2026-12-01}}}")

    def of(code: str, day: date) -> tuple[Decimal, Decimal, bool]:
        one = {p.key: p for p in book.book().on(day)}["SHFE", code]
        return one.exchange_rate, one.company_rate, one.source.verified

    assert of("RB", date(2026, 11, 30)) == (Decimal("0.07"), Decimal("0.09"), False)
    assert of("RB", date(2026, 12, 1)) == (Decimal("0.09"), Decimal("0.11"), True)
    assert of("CU", DAY) == (Decimal("0.09"), Decimal("0.11"), False)


def test_an_override_adds_a_product() -> None:
    row = "{name: 新品种, multiplier: 10, tick: 1, exchange: 0.08}"
    book = overridden(f"products: {{GFEX: {{xx: {row}}}}}").book()
    (new,) = [one for one in book.on(DAY) if one.name == "新品种"]
    assert (new.code, new.company_rate) == ("xx", Decimal("0.11"))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("products: {SHFE: {rb: {exchange: 7}}}", "SHFE.rb.exchange"),
        ("products: {SHFE: {rb: {company: 0.01}}}", "SHFE.rb"),
        ("products: {SHFE: {rb: {rate: 0.1}}}", "SHFE.rb.rate"),
        ("products: {SHFE: {xx: {exchange: 0.1}}}", "SHFE.xx"),
        ("products: {XXXX: {rb: {}}}", "XXXX"),
        ("products: {SHFE: [rb]}", "SHFE"),
        ("clients: {c1: {SHFE.zz: 0.1}}", "clients.c1.SHFE.zz"),
        ("clients: {c1: {SHFE.rb: much}}", "clients.c1.SHFE.rb"),
        ("produtcs: {}", "produtcs"),
        ("bands: []", "bands"),
        ("add_on: nan", "add_on"),
        ("products: {", "while parsing"),
    ],
)
def test_a_wrong_row_is_named(text: str, where: str) -> None:
    (error, *more) = errors(text)
    assert error.startswith(where)
    assert not more or "{" in text[-1:]


def test_every_wrong_row_is_told_at_once() -> None:
    told = errors("products: {SHFE: {rb: {tick: 0}, cu: {multiplier: x}}, DCE: {m: {since: x}}}")
    assert [line.partition(":")[0] for line in told] == [
        "SHFE.rb.tick",
        "SHFE.cu.multiplier",
        "DCE.m.since",
    ]


def test_a_file_without_a_source_is_refused() -> None:
    assert errors("add_on: 0.02", "version: 1\n")[0].startswith("source")


def test_the_command_says_what_would_change_or_what_is_wrong(tmp_path: Path) -> None:
    file, runner = tmp_path / "rates.yaml", CliRunner()
    file.write_text(HEAD + "products: {SHFE: {rb: {exchange: 0.09}}}", encoding="utf-8")
    good = runner.invoke(app, ["margin", "check", str(file)])
    assert good.exit_code == 0
    assert "SHFE.rb 螺纹钢  交易所 exchange 0.09  公司 company 0.12" in good.stdout
    file.write_text(HEAD + "products: {SHFE: {rb: {exchange: 9}, cu: {tick: 0}}}", encoding="utf-8")
    bad = runner.invoke(app, ["margin", "check", str(file)])
    assert bad.exit_code == 2
    assert bad.output.count("✗") == 2
