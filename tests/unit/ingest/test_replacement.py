"""A day's file compared with the one before, and the text that its settlements are kept as."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.dealt import Entry
from services.ingest.domain.replacement import Difference, compare
from services.ingest.domain.rows import Good
from services.ingest.domain.settlement import LOTS, MONEY, Figures, read
from services.ingest.domain.sources.cusfund import FundRow


def row(account: str, equity: str) -> FundRow:
    return FundRow(account, Decimal(equity), Decimal(0), None, Decimal(equity))


def content(row: FundRow) -> str:
    return Figures(row).content()


def after(before: dict[str, str], *rows: FundRow) -> Difference:
    goods = [Good(n, b"raw", r) for n, r in enumerate(rows, 1)]
    return compare(before, (Entry(good, good.row.account, content(good.row)) for good in goods))


def contents(*rows: FundRow) -> dict[str, str]:
    return {r.account: content(r) for r in rows}


def told(found: Difference) -> list[tuple[str, Decimal]]:
    return [(entry.name, entry.good.row.equity) for entry in found.changed]


def test_a_first_file_settles_everyone() -> None:
    found = after({}, row("1", "5"), row("2", "6"))
    assert told(found) == [("1", Decimal(5)), ("2", Decimal(6))]


def test_a_replacement_settles_only_who_differs() -> None:
    found = after(contents(row("1", "5"), row("2", "6")), row("1", "5.000"), row("2", "7"))
    assert (told(found), found.unchanged) == ([("2", Decimal(7))], 1)


@pytest.mark.parametrize("margin", [Decimal(1), None])
def test_another_margin_settles_anew_although_the_rest_is_the_same(margin: Decimal | None) -> None:
    usual = FundRow("1", Decimal(5), Decimal(2), None, Decimal(3))
    frozen = FundRow("1", Decimal(5), Decimal(2), None, margin)
    assert after(contents(usual), usual).changed == ()
    assert [entry.good.row.margin for entry in after(contents(usual), frozen).changed] == [margin]


def test_who_vanished_is_only_reported() -> None:
    found = after(contents(row("1", "5"), row("2", "6")), row("1", "5"))
    assert (found.changed, found.gone) == ((), ("2",))


def test_the_same_row_twice_is_one() -> None:
    found = after({}, row("1", "5"), row("1", "5.00"))
    assert (len(found.changed), found.bad) == (1, ())


def test_an_account_with_two_truths_keeps_the_first_and_buries_the_other() -> None:
    found = after({}, row("1", "5"), row("1", "6"))
    assert told(found) == [("1", Decimal(5))]
    assert [(bad.line, bad.reason) for bad in found.bad] == [(2, "line: twice, with other figures")]


YUAN = st.decimals(Decimal(-(10**12)), Decimal(10**12), places=3)
KNOWN = st.dictionaries(st.sampled_from([*MONEY, *LOTS]), st.integers(-(10**15), 10**15))


@given(st.builds(FundRow, st.just("1"), YUAN, YUAN, st.none() | YUAN, st.none() | YUAN), KNOWN)
def test_what_is_kept_of_a_settlement_reads_back_as_it_was(
    funds: FundRow, more: dict[str, int]
) -> None:
    figures = Figures(funds, more)
    assert read("1", figures.content()) == figures


def test_what_was_known_besides_the_funds_stays_while_the_funds_stay() -> None:
    known = Figures(row("1", "5"), {"close_profit": 7, "traded_lots": 1}).content()
    same, other = Figures(row("1", "5.00"), {"traded_lots": 2}), Figures(row("1", "6"))
    assert same.over(known).more == {"close_profit": 7, "traded_lots": 2}
    assert other.over(known) == other
