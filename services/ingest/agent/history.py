"""历史 — facts of what is over: they are told and kept, and raise nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.ingest.domain.books import Books, Inbox
from services.ingest.domain.fact import Fact, Identity

_LIVE, _HISTORY = b'"backfill":false', b'"backfill":true'


def of_the_past(books: Books) -> Books:
    """Return books to which everything is history."""
    return replace(books, inbox=_History(books.inbox))


class _History(Inbox):
    """An inbox to which everything is history. A name in quotes cannot stand inside a text."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def store(self, facts: Sequence[Fact]) -> set[Identity]:
        return await self._inbox.store([_history(fact) for fact in facts])

    async def silence(self, identities: Iterable[Identity]) -> None:
        await self._inbox.silence(identities)

    async def rewrite(self, facts: Iterable[Fact]) -> None:
        await self._inbox.rewrite([_history(fact) for fact in facts])


def _history(fact: Fact) -> Fact:
    if fact.headers is not None:
        return fact
    return fact._replace(body=fact.body.replace(_LIVE, _HISTORY, 1))
