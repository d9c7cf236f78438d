"""A broker of the tests: drops files, posts events; ingest's own handlers take them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.ingest.adapters.excel import parse
from services.ingest.agent.posting import Posting, Receipt
from services.ingest.agent.taking import Intake, Outcome
from services.ingest.domain.admission import Gate
from services.ingest.domain.books import OpenBooks
from shared.clock import DrivenClock
from shared.kernel.trading_day import CHINA, china
from tests.kit.ingest import BLIND, BROKER, CIPHER, file, raw

FUNDS, SETTLED = "0137fundchg20260601.txt", "0137cusfund20260601.txt"
NOW = datetime(2026, 6, 2, 9, 0, tzinfo=CHINA)


class Broker:
    """One broker's day over the books it is given."""

    def __init__(self, open_books: OpenBooks, broker: str = BROKER) -> None:
        self.clock = DrivenClock(NOW)
        self.intake = Intake(
            broker=broker,
            calendar=china(),
            closing=frozenset({"fundchg", "cusfund"}),
            sealer=CIPHER,
            clock=self.clock,
            open_books=open_books,
            parse=parse,
            blind=BLIND,
        )
        self.posting = Posting(Gate(broker, china(), ticks=False), open_books)

    async def drop(self, name: str, *lines: str) -> Outcome:
        return await self.intake.take(name, file(*lines))

    async def drop_text(self, name: str, text: str) -> Outcome:
        return await self.intake.take(name, text.encode())

    async def post(self, *events: Mapping[str, Any]) -> Receipt:
        return await self.posting.accept([raw(event) for event in events])
