"""A broker over fake books, and what the log says of it."""

from typing import Any

from tests.kit.ingest import FakeBooks
from tests.kit.ingest_broker import Broker


class TellingBroker(Broker):
    """Its books are dicts and lists, at ``books``."""

    def __init__(self) -> None:
        self.books = FakeBooks()
        super().__init__(self.books.open)

    def types(self) -> list[str]:
        return [event["type"] for event in self.books.now.told()]

    def last(self, type_: str) -> dict[str, Any]:
        data: dict[str, Any] = self.books.now.told(type_)[-1]["data"]
        return data
