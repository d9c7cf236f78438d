"""成交、平仓、交割、其他资金 — each row of a day's file is told, and cancelled when it is gone.

While a line cannot be read nothing is cancelled: it may be the row that seems to be gone.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from services.ingest.agent.edition import Findings, Taking, store
from services.ingest.agent.settling_again import note_unread, settle_again
from services.ingest.domain.books import Books
from services.ingest.domain.day_rows import kept
from services.ingest.domain.dealt import CloseOutRow, DayRow, DeliveryRow, FeeRow, TradeRow, entries
from services.ingest.domain.fact import Fact
from services.ingest.domain.replacement import Difference, compare
from services.ingest.domain.rows import Good
from services.ingest.domain.telling import Teller


@dataclass(frozen=True)
class Dealings:
    """Takes one kind of file. ``told_as``: the type of its events.

    ``counts``: its lots and fees stand in ``account.settled``.
    """

    kind: str
    told_as: str
    row: type[DayRow]
    counts: bool = False

    async def take(self, books: Books, taking: Taking, rows: Sequence[Good[Any]]) -> Findings:
        """Compare with what was told before and tell the difference."""
        before = await books.day_rows.of(taking.edition.day, self.kind)
        difference = await asyncio.to_thread(lambda: compare(before, entries(rows)))
        teller = Teller(taking.broker, self.kind, taking.edition)
        gone = {name: before[name] for name in difference.gone if taking.whole}
        facts = await asyncio.to_thread(self._facts, difference, gone, teller)
        stored = await store(books, facts)
        await books.day_rows.write(taking.edition.day, self.kind, kept(difference.changed))
        await books.day_rows.forget(taking.edition.day, self.kind, list(gone))
        if self.counts:
            await note_unread(books, teller, taking.unread)
            stored += await settle_again(books, teller)
        notes: dict[str, object] = {
            "unchanged": difference.unchanged,
            "cancelled": len(gone),
            "other_days": sum(getattr(good.row, "elsewhen", False) for good in rows),
        }
        return Findings(stored, list(difference.bad), notes)

    def _facts(self, difference: Difference, gone: dict[str, str], teller: Teller) -> list[Fact]:
        """Tell what is gone first: what takes its place may bear its name."""
        lost = {n: msgspec.json.decode(content, type=self.row) for n, content in gone.items()}
        return [
            *(self._fact(teller, f"{n}/cancelled", row, True) for n, row in lost.items()),
            *(self._fact(teller, e.name, e.good.row, False) for e in difference.changed),
        ]

    def _fact(self, teller: Teller, name: str, row: DayRow, cancelled: bool) -> Fact:
        return teller.tell(self.told_as, name, row.body() | {"cancelled": cancelled})


KINDS = (
    Dealings("trddata", "trade.settled", TradeRow, counts=True),
    Dealings("opttrddata", "trade.settled", TradeRow, counts=True),
    Dealings("liquiddetails", "order.closed-out", CloseOutRow),
    Dealings("optliquiddetails", "order.closed-out", CloseOutRow),
    Dealings("delivdetails", "position.delivered", DeliveryRow),
    Dealings("otherfund", "fee.charged", FeeRow),
)
