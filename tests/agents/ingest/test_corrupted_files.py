"""A corrupted file of each kind: the bad line is named with its reason, the good rows are taken."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from io import BytesIO

import pytest
import xlsxwriter

from services.ingest.agent.taking import HANDLERS, Fate, Outcome
from services.ingest.domain.positional import Positional
from services.ingest.domain.profiles.fields import DIRECTORY, KINDS
from services.ingest.domain.profiles.source import sources_of
from services.ingest.domain.sources import catalogue
from tests.kit import cfmmc
from tests.kit.ingest import BROKER, FakeBooks, cusfund, fundchg
from tests.kit.ingest_broker import Broker
from tests.kit.profiles import profile
from tests.kit.registry import cusaccount, cuscode, customer
from tests.kit.statements import Says


def _traded(kind: str, account: str) -> str:
    return cfmmc.line(kind, account=account)


LINES: dict[str, Callable[[str], str]] = {
    "cusfund": lambda account: cusfund(account, "3"),
    "fundchg": lambda account: fundchg(account, "-5"),
    "customer": customer,
    "cuscode": cuscode,
    "cusaccount": cusaccount,
    **{kind: partial(_traded, kind) for kind in cfmmc.KINDS},
}
SHEETS: dict[str, Sequence[Sequence[str]]] = {
    "relations": (
        ("account", "customer_id", "customer_name", "customer_type"),
        ("1", "c1", "张", "自然人"),
        ("2", "c2", "", "自然人"),
        ("3", "c3", "李", "自然人"),
    ),
    "staff": (
        ("staff_id", "name", "role"),
        ("m1", "王", "manager"),
        ("m2", "", "manager"),
        ("m3", "王", "risk"),
    ),
    "baselines": (
        ("account", "opened_on"),
        ("1", "2020-01-06"),
        ("2", "soon"),
        ("3", "2020-01-07"),
    ),
    "agreements": (
        ("account", "kind", "ends_on"),
        ("1", "交返", "2026-12-31"),
        ("2", "交返", "never"),
        ("3", "交返", "2026-12-31"),
    ),
}
CELLS = {
    "trading_day": "20260601",
    "amount": "5.00",
    "equity": "7",
    "available": "7",
    "at": "2026-06-01 10:00:00",
    "happened_at": "2026-06-01 10:00:00",
    "executed_at": "2026-06-01 10:00:00",
    "exchange": "SHFE",
    "instrument": "rb2610",
    "direction": "买",
    "offset": "开",
    "side": "long",
    "lots": "2",
    "filled": "0",
    "price": "3110",
    "status": "open",
    "reason": "1",
}
OWN_NUMBER = {"serial": "s{n}", "trade_id": "t{n}", "order_id": "o{n}", "account": "{n}"}
PROFILED = sorted(KINDS.keys() - DIRECTORY)


def positional() -> list[str]:
    return sorted(name for name, kind in catalogue().items() if isinstance(kind, Positional))


def site(*profiles: str) -> tuple[Broker, FakeBooks]:
    books = FakeBooks()
    broker = Broker(books.open)
    own = sources_of([profile(text) for text in profiles], BROKER)
    broker.intake = replace(broker.intake, profiles=own)
    return broker, books


def told_of(books: FakeBooks, outcome: Outcome) -> tuple[str, str]:
    """Return the line and the reason of the one dead letter of a file that was taken."""
    assert (outcome.fate, outcome.bad) == (Fate.TAKEN, 1), outcome
    (letter,) = books.now.letters()
    assert letter.headers is not None
    return letter.headers["origin-line"], letter.headers["reason"]


def test_every_kind_of_file_is_corrupted_here() -> None:
    assert {*positional(), *SHEETS, "statement", *PROFILED} == HANDLERS.keys()
    assert set(LINES) == set(positional())
    assert set(SHEETS) == DIRECTORY


@pytest.mark.parametrize(
    ("corrupted", "says"),
    [(b"\xff\xff@\x80", "is not GB18030"), (b"2026-06-01@2@3", "3 columns, at least")],
    ids=["bytes", "cut"],
)
@pytest.mark.parametrize("kind", positional())
async def test_a_line_of_a_cfmmc_file(kind: str, corrupted: bytes, says: str) -> None:
    broker, books = site()
    lines = [LINES[kind](account).encode("gb18030") for account in ("1", "3")]
    data = b"\r\n".join([lines[0], corrupted, lines[1], b""])
    outcome = await broker.intake.take(f"0137{kind}20260601.txt", data)
    line, reason = told_of(books, outcome)
    assert (outcome.good, line, says in reason.replace(": not", " is not")) == (2, "2", True)
    assert kind == "holddetails" or len(books.now.told()) >= 2  # it completes a book alone


@pytest.mark.parametrize("kind", sorted(SHEETS))
async def test_a_row_of_a_directory_file(kind: str) -> None:
    for name, data in ((f"{kind}.csv", as_csv(SHEETS[kind])), (f"{kind}.xlsx", as_xlsx(kind))):
        broker, books = site()
        outcome = await broker.intake.take(name, data)
        line, reason = told_of(books, outcome)
        assert (name, outcome.good, line) == (name, 2, "3")
        assert ": " in reason
        assert len(books.now.told()) == 2


async def test_a_row_of_a_statement() -> None:
    broker, books = site()
    says = Says().moved("-300.00", "x", "-200.00")
    outcome = await broker.intake.take("80012345_20260601.txt", says.data())
    line, reason = told_of(books, outcome)
    row = next(n for n, text in enumerate(says.lines(), 1) if "|x" in text.replace(" ", ""))
    assert (int(line), reason) == (row, "出入金明细 入金: not an amount: 'x'")
    assert len(books.now.told("funds.withdrawn")) == 2


@pytest.mark.parametrize("takes", PROFILED)
async def test_a_row_of_a_file_of_the_brokers_own(takes: str) -> None:
    fields = [
        name
        for name, field in KINDS[takes].fields.items()
        if field.required or name in ("trading_day", "amount", "serial", "happened_at")
    ]
    columns = {name: {"column": name} for name in fields}
    if "amount" in fields:
        columns["amount"]["positive"] = "deposit"
    columns.get("trading_day", {})["format"] = "yyyyMMdd"
    text = f'{{name: own, takes: {takes}, file: {{name: "own_{{day}}.csv"}}, columns: {columns}}}'
    broker, books = site(text)
    told = CELLS | OWN_NUMBER
    rows = [[told[name].format(n=n) for name in fields] for n in (1, 2, 3)]
    rows[1][fields.index("account")] = "no account"
    outcome = await broker.intake.take("own_20260601.csv", as_csv([fields, *rows]))
    line, reason = told_of(books, outcome)
    assert (outcome.good, line, reason.partition(":")[0]) == (2, "3", "account")
    assert len(books.now.told()) >= 2


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    return "".join(f"{','.join(row)}\n" for row in rows).encode()


def as_xlsx(kind: str) -> bytes:
    held = BytesIO()
    with xlsxwriter.Workbook(held) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(SHEETS[kind]):
            sheet.write_row(number, 0, row)
    return held.getvalue()
