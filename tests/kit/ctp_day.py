"""The synthetic day as a counter tells it, without a socket: event → struct → record → books."""

from datetime import datetime
from typing import Any

from deploy.synthetic.ctp.binding import c_struct
from deploy.synthetic.ctp.journal import Journal
from deploy.synthetic.ctp.translate import translated
from services.ingest.adapters.ctp.edge import read
from services.ingest.adapters.ctp.risk_user import CALLBACKS
from services.ingest.agent.ctp_taking import Taking
from services.ingest.domain.ctp.records import Arrival
from tests.kit.ctp import DESK
from tests.kit.in_process import UnguardedBooks

Event = dict[str, Any]


class CounterDay:
    """Tells each minute's records to ingest; a repeated event is the same record again."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.taking: Taking | None = None
        self.records = self.repeats = 0

    async def __call__(self, books: UnguardedBooks, events: list[Event]) -> list[Event]:
        """Take what a counter tells; return the rest, which is posted."""
        taking = self.taking = self.taking or Taking(DESK, books.open)
        arrivals, rest = [], []
        for event in events:
            arrival = self._arrival(event)
            (rest.append(event) if arrival is None else arrivals.append(arrival))
        self.records += len(arrivals)
        await taking.recall(taking.places_of(arrivals))
        await taking.store(taking.read(arrivals))
        return rest

    def _arrival(self, event: Event) -> Arrival | None:
        struct = translated(event)
        if struct is None:
            return None
        identity = f"{event['source']}|{event['id']}"
        self.repeats += identity in self.journal.known
        told = self.journal.add(
            identity,
            struct.call,
            struct.day,
            event["time"],
            struct.fields,
        )
        stream, kind = CALLBACKS[told.call]
        record = read(c_struct(told.message()["fields"]), kind)
        return Arrival(stream, record, told.day, datetime.fromisoformat(told.at))
