"""出入金文件 — a day's ``fundchg``: what nobody told becomes facts, what it lacks is reversed."""

from collections import defaultdict
from collections.abc import Sequence

from services.ingest.agent.edition import Findings, Taking, store
from services.ingest.domain.books import Books
from services.ingest.domain.fact import Fact
from services.ingest.domain.movement import Key, Movement
from services.ingest.domain.normalise import moved, row_key, taken_back
from services.ingest.domain.rows import Good
from services.ingest.domain.settling import Settled, settle
from services.ingest.domain.sources.fundchg import FundsRow
from shared.kernel.trading_day import TradingDay


async def take(books: Books, taking: Taking, rows: Sequence[Good[FundsRow]]) -> Findings:
    """Match the file's rows with what stands, as multisets, and tell the difference."""
    by_key: dict[Key, list[FundsRow]] = defaultdict(list)
    for good in rows:
        by_key[row_key(good.row)].append(good.row)
    edition = taking.edition
    days = {edition.day, *(key.trading_day for key in by_key)}
    await books.movements.hold(days, alone=True)
    known = await books.movements.of_days(edition.day, days)
    keys = [row_key(good.row) for good in rows]
    result = settle(edition.day, keys, known)
    fresh = [moved(taking.broker, by_key[key][-1 - n], edition, n) for key, n in result.fresh]
    undone = [taken_back(taking.broker, m, edition) for m in result.reversed]
    stored = await store(books, [*fresh, *undone])
    await _remember(books, edition.day, result, fresh)
    notes: dict[str, object] = {
        "matched": len(rows) - len(fresh) - 2 * result.netted,
        "netted": result.netted,
        "reversed": len(undone),
        "other_days": sum(good.row.elsewhen for good in rows),
    }
    return Findings(stored, notes=notes)


async def _remember(books: Books, day: TradingDay, result: Settled, facts: Sequence[Fact]) -> None:
    told = [
        Movement(key, f"fundchg/{fact.identity.id}", fact.identity, "file", vouched=day)
        for (key, _), fact in zip(result.fresh, facts, strict=True)
    ]
    vouched = [m.vouched_by(day) for m in result.vouched]
    undone = [m.taken_back() for m in result.reversed]
    await books.movements.write(told, [*vouched, *undone])
