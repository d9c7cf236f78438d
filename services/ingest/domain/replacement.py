"""替换文件 — a day's file compared with the one before it, name by name, content by content."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.ingest.domain.dealt import Entry
from services.ingest.domain.rows import Bad
from services.ingest.domain.sources.cusfund import FundRow
from shared.kernel.money import to_li

NO_MARGIN = "-"


@dataclass(frozen=True)
class Difference:
    """What is told anew, the names that are gone, and rows that contradict."""

    changed: tuple[Entry, ...]
    unchanged: int
    gone: tuple[str, ...]
    bad: tuple[Bad, ...]


def compare(before: Mapping[str, str], entries: Iterable[Entry]) -> Difference:
    """Compare with the name → content that was told before (empty for a first file).

    A name that stands twice in one file with different contents keeps the first; the other is a
    bad row.
    """
    seen: dict[str, str] = {}
    changed: list[Entry] = []
    bad: list[Bad] = []
    for entry in entries:
        if entry.name in seen:
            if seen[entry.name] != entry.content:
                bad.append(Bad(entry.good.line, entry.good.raw, "line: twice, with other figures"))
            continue
        seen[entry.name] = entry.content
        if before.get(entry.name) != entry.content:
            changed.append(entry)
    gone = tuple(sorted(before.keys() - seen.keys()))
    return Difference(tuple(changed), len(seen) - len(changed), gone, tuple(bad))


def content(row: FundRow) -> str:
    """Return what a row of ``cusfund`` says, in 厘, so that 100 and 100.00 say the same.

    >>> from decimal import Decimal
    >>> content(FundRow("80012345", Decimal("100.00"), Decimal(-1), None, Decimal(101)))
    '100000/-1000/'
    >>> content(FundRow("80012345", Decimal(100), Decimal(20), Decimal(90), Decimal(75)))
    '100000/20000/90000/75000'

    The margin is only written where it is not the rest of the equity.
    """
    opening = "" if row.opening_equity is None else to_li(row.opening_equity)
    rest = row.equity - row.available
    usual = rest if rest >= 0 else None
    margin = NO_MARGIN if row.margin is None else to_li(row.margin)
    tail = "" if row.margin == usual else f"/{margin}"
    return f"{to_li(row.equity)}/{to_li(row.available)}/{opening}{tail}"
