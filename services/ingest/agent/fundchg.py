"""出入金文件 — a day's ``fundchg``: what nobody told becomes facts, what it lacks is reversed.

While one of its lines cannot be read, nothing is reversed: the corrected file will.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.ingest.agent.edition import Findings, Taking, store
from services.ingest.domain.books import Books
from services.ingest.domain.fact import Fact
from services.ingest.domain.movement import Key, Movement
from services.ingest.domain.normalise import Edition, moved, row_key, taken_back
from services.ingest.domain.rows import Good
from services.ingest.domain.settling import Settled, settle
from services.ingest.domain.sources.fundchg import FundsRow


@dataclass(frozen=True)
class Claim:
    """What a source says that it knows whole: a day of every account, or of some.

    ``partly``: accounts of which rows may be missing, so that nothing of theirs is taken back;
    without ``whole`` that may be any account.
    """

    broker: str
    edition: Edition
    accounts: frozenset[str] | None = None
    partly: frozenset[str] = frozenset()
    whole: bool = True


async def take(books: Books, taking: Taking, rows: Sequence[Good[FundsRow]]) -> Findings:
    """Match the file's rows with what stands, as multisets, and tell the difference."""
    claim = Claim(taking.broker, taking.edition, whole=taking.whole)
    return await settle_funds(books, claim, [good.row for good in rows])


async def settle_funds(books: Books, claim: Claim, rows: Sequence[FundsRow]) -> Findings:
    """Match rows with what stands of the claim, as multisets, and tell the difference."""
    by_key: dict[Key, list[FundsRow]] = defaultdict(list)
    for row in rows:
        by_key[row_key(row)].append(row)
    edition = claim.edition
    days = {edition.day, *(key.trading_day for key in by_key)}
    await books.movements.hold(days, alone=True)
    known = await books.movements.of_days(edition.day, days, claim.accounts)
    result = _within(claim, settle(edition.day, map(row_key, rows), known))
    fresh = [moved(claim.broker, by_key[key][-1 - n], edition, n) for key, n in result.fresh]
    undone = [taken_back(claim.broker, m, edition) for m in result.reversed]
    stored = await store(books, [*fresh, *undone])
    await _remember(books, edition, result, fresh)
    notes: dict[str, object] = {
        "matched": len(rows) - len(fresh) - 2 * result.netted,
        "netted": result.netted,
        "reversed": len(undone),
        "other_days": sum(row.elsewhen for row in rows),
    }
    return Findings(stored, notes=notes)


def _within(claim: Claim, result: Settled) -> Settled:
    """Take back only what surely has no row: a bad line may be the row of any movement."""
    sure = (m for m in result.reversed if claim.whole and m.key.account not in claim.partly)
    return replace(result, reversed=tuple(sure))


async def _remember(books: Books, edition: Edition, result: Settled, facts: Sequence[Fact]) -> None:
    day, told_by = edition.day, edition.told_by
    told = [
        Movement(key, f"{told_by}/{fact.identity.id}", fact.identity, "file", vouched=day)
        for (key, _), fact in zip(result.fresh, facts, strict=True)
    ]
    vouched = [m.vouched_by(day) for m in result.vouched]
    undone = [m.taken_back() for m in result.reversed]
    await books.movements.write(told, [*vouched, *undone])
