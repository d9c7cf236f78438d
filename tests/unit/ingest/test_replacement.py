"""A day's settlement file compared with the one before."""

from decimal import Decimal

from services.ingest.domain.replacement import Difference, compare, content
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.cusfund import FundRow


def row(account: str, equity: str) -> FundRow:
    return FundRow(account, Decimal(equity), Decimal(0), None)


def after(before: dict[str, str], *rows: FundRow) -> Difference:
    return compare(before, [Good(n, b"raw", r) for n, r in enumerate(rows, 1)])


def digests(*rows: FundRow) -> dict[str, str]:
    return {r.account: content(r) for r in rows}


def test_a_first_file_settles_everyone() -> None:
    assert [r.account for r, _ in after({}, row("1", "5"), row("2", "6")).settled] == ["1", "2"]


def test_a_replacement_settles_only_who_differs() -> None:
    found = after(digests(row("1", "5"), row("2", "6")), row("1", "5.000"), row("2", "7"))
    assert [(r.account, r.equity) for r, _ in found.settled] == [("2", Decimal(7))]
    assert found.unchanged == 1


def test_another_margin_settles_anew_although_the_rest_is_the_same() -> None:
    usual = FundRow("1", Decimal(5), Decimal(2), None, Decimal(3))
    frozen = FundRow("1", Decimal(5), Decimal(2), None, Decimal(1))
    assert after(digests(usual), usual).settled == ()
    assert [r.margin for r, _ in after(digests(usual), frozen).settled] == [Decimal(1)]


def test_who_vanished_is_only_reported() -> None:
    found = after(digests(row("1", "5"), row("2", "6")), row("1", "5"))
    assert (found.settled, found.vanished) == ((), ("2",))


def test_the_same_row_twice_is_one() -> None:
    found = after({}, row("1", "5"), row("1", "5.00"))
    assert (len(found.settled), found.bad) == (1, ())


def test_an_account_with_two_truths_keeps_the_first_and_buries_the_other() -> None:
    found = after({}, row("1", "5"), row("1", "6"))
    assert [r.equity for r, _ in found.settled] == [Decimal(5)]
    assert [(bad.line, bad.reason) for bad in found.bad] == [
        (2, "account_id: twice, with other figures")
    ]
