"""替换文件 — a day's settlement file compared with the one before it, account by account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.ingest.domain.rows import Bad, Good
from services.ingest.domain.sources.cusfund import FundRow
from shared.kernel.money import to_li


@dataclass(frozen=True)
class Difference:
    """What settles anew (with its content), who vanished, and rows that contradict."""

    settled: tuple[tuple[FundRow, str], ...]
    unchanged: int
    vanished: tuple[str, ...]
    bad: tuple[Bad, ...]


def content(row: FundRow) -> str:
    """Return what the row says, in 厘, so that 100 and 100.00 say the same.

    >>> from decimal import Decimal
    >>> content(FundRow("80012345", Decimal("100.00"), Decimal(-1), None))
    '100000/-1000/'
    >>> content(FundRow("80012345", Decimal(100), Decimal(20), Decimal(90), Decimal(80)))
    '100000/20000/90000'
    >>> content(FundRow("80012345", Decimal(100), Decimal(20), Decimal(90), Decimal(75)))
    '100000/20000/90000/75000'

    The margin is only written where it is not the rest of the equity.
    """
    opening = "" if row.opening_equity is None else to_li(row.opening_equity)
    margin = ""
    if row.margin is not None and row.margin != row.equity - row.available:
        margin = f"/{to_li(row.margin)}"
    return f"{to_li(row.equity)}/{to_li(row.available)}/{opening}{margin}"


def compare(before: Mapping[str, str], rows: Sequence[Good[FundRow]]) -> Difference:
    """Compare with the account → content that was settled before (empty for a first file).

    An account that stands twice in one file with different figures keeps the first; the other is
    a bad row.
    """
    seen: dict[str, str] = {}
    settled: list[tuple[FundRow, str]] = []
    bad: list[Bad] = []
    for good in rows:
        account, now = good.row.account, content(good.row)
        if account in seen:
            if seen[account] != now:
                bad.append(Bad(good.line, good.raw, "account_id: twice, with other figures"))
            continue
        seen[account] = now
        if before.get(account) != now:
            settled.append((good.row, now))
    vanished = tuple(sorted(before.keys() - seen.keys()))
    return Difference(tuple(settled), len(seen) - len(settled), vanished, tuple(bad))
