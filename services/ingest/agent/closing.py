"""收市 — a trading day is over: it is told, its differences are drawn up, leavers hand over.

The files of a day close it when they are in. Where statements or pulls bring the day's figures
nothing says that they were all, and a person closes it.
"""

from collections import Counter
from dataclasses import dataclass, replace

from services.ingest.agent.edition import Taking
from services.ingest.agent.handing import hand_over
from services.ingest.agent.reporting import draw_up
from services.ingest.domain.books import Books
from services.ingest.domain.closing import Objection, Standing, objection
from services.ingest.domain.normalise import day_closed
from shared.kernel.audit import Entry
from shared.kernel.trading_day import TradingDay


async def close(books: Books, taking: Taking) -> Counter[str]:
    """Close the day, again when it is closed; return the facts by type.

    Told after every row of the day: the relay keeps the order of storing. Whoever has left by then
    hands over.
    """
    day = taking.edition.day
    await books.inbox.store([day_closed(taking.broker, day)])
    await books.files.record_closed(day)
    await draw_up(books, day)
    today = await books.files.last_closed()
    return (await hand_over(books, replace(taking, day=today))).stored


@dataclass(frozen=True)
class View:
    """A day as it is found. ``objection``: why it cannot be closed; ``closed``: it is already."""

    standing: Standing
    closed: bool
    objection: Objection | None


@dataclass(frozen=True)
class ByHand:
    """Closes a day that a person says is complete. ``without``: accounts that have no figures."""

    taking: Taking
    without: frozenset[str] = frozenset()

    @property
    def day(self) -> TradingDay:
        return self.taking.edition.day

    async def look(self, books: Books) -> View:
        """Say whether the day may be closed; nothing is written."""
        standing = Standing(
            await books.settlements.of(self.day),
            frozenset(await books.reconciliation.told_of(self.day)),
            await books.settlements.before(self.day),
            await books.files.last_closed(),
        )
        closed = bool(await books.reconciliation.closed_among([self.day]))
        wrong = None if closed else objection(self.day, standing, self.taking.now, self.without)
        return View(standing, closed, wrong)

    async def close(self, books: Books, look: Entry) -> View:
        """Close the day unless something is in the way; one that is closed is compared anew.

        ``look``: what the audit says of it, in the same transaction.
        """
        await books.files.hold()
        view = await self.look(books)
        if view.objection:
            return view
        await close(books, self.taking)
        if not view.closed:
            counts = (f"settled={len(view.standing.settled)}", *self._said_missing(view))
            await books.audit.write(replace(look, fields=counts))
        return view

    def _said_missing(self, view: View) -> list[str]:
        missing = view.standing.missing(frozenset())
        return [f"without={account}" for account in missing if account in self.without]
