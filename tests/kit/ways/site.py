"""A real ingest at a broker's: its process over real stores, and the log that it writes."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
from pydantic import SecretStr

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores
from deploy.synthetic.director import Director
from deploy.synthetic.feed import Feed
from deploy.synthetic.gateway import Gateway
from deploy.synthetic.patience import Patience
from deploy.synthetic.stillness import BEHIND, Stillness
from deploy.synthetic.timeline import Dropping, Minute
from shared.clock import WallClock
from shared.contracts.topics import ACCOUNT, CUSTOMER, PARTITIONS, STAFF
from shared.db.migrate import migrate
from shared.settings import PostgresSettings
from tests.kit.in_process import Record
from tests.kit.ingest import FIELD_KEY
from tests.kit.topic import ends_of, read_all
from tests.kit.ways.exports import Database, put
from tests.kit.ways.way import Way

PATIENCE_S = 60.0
AS_FAST_AS_IT_GOES = 1e9
AT_ONCE = 5  # minutes in one batch
TOPICS = (STAFF.name, CUSTOMER.name, ACCOUNT.name)


@dataclass
class Site:
    """A broker that tells its days by a way; ``folder`` and both databases are its own."""

    way: Way
    stores: Stores
    folder: Path
    dsn: str
    theirs: str

    def played(self, minutes: Iterable[Minute]) -> list[Record]:
        """Return what ingest publishes of a play: the people, and then the accounts in order."""
        told = self.way.settings(self.folder / "profiles", self.theirs)
        told["INGEST_FIELD_KEYS"] = json.dumps({"k1": FIELD_KEY})
        ports, place = Ports.free(), self.folder / "chain"
        chain = Chain(self.stores, ports, place, simulated=True, dsn=self.dsn, extra=told)
        before = asyncio.run(self._prepared())
        database = Database(self.theirs, chain.url("ingest"))
        if self.way.pulls:
            database.create()
        ingest = chain.program("ingest")
        try:
            ingest.start()
            ingest.wait_ready()
            with httpx.Client(trust_env=False) as client:
                director = self._director(chain, client)
                director.put = database.put if self.way.pulls else put
                director.perform(_hurried(minutes, self.way))
        finally:
            ingest.terminate()
        return asyncio.run(self._published(before))

    def _director(self, chain: Chain, client: httpx.Client) -> Director:
        url, patience = chain.url("ingest"), Patience(PATIENCE_S)
        return Director(
            feed=Feed(url, SecretStr(self.stores.secrets.push_key), client, patience),
            gateway=Gateway(chain.url("sandbox"), client, patience, own_clock=True),
            folder=chain.drop,
            stillness=Stillness((url,), client, PATIENCE_S),
            clock=WallClock(),
            speed=AS_FAST_AS_IT_GOES,
            gauges=BEHIND[:1],
        )

    async def _prepared(self) -> dict[str, list[int]]:
        await migrate(PostgresSettings(dsn=SecretStr(self.dsn)), "ingest")
        return {topic: await ends_of(self.stores.kafka, topic) for topic in TOPICS}

    async def _published(self, before: dict[str, list[int]]) -> list[Record]:
        log: list[Record] = []
        for topic in TOPICS:
            told = await read_all(self.stores.kafka, topic, before[topic])
            log += in_order(told) if topic == ACCOUNT.name else [_record(one) for one in told]
        return [one._replace(offset=place) for place, one in enumerate(log)]


class _Event(msgspec.Struct):
    id: str
    subject: str
    time: datetime


def in_order(told: Sequence[Any]) -> list[Record]:
    """Return the records of all partitions as one log.

    A minute and a day's close stand in every partition, in one order; between two of them an
    account's records stand as they stood in its own partition.
    """
    parts = [list(_parted(one for one in told if one.partition == p)) for p in range(PARTITIONS)]
    marks = [[_event(records[-1]).id for records in part[:-1]] for part in parts]
    assert all(one == marks[0] for one in marks), "the partitions have other minutes"
    log: list[Record] = []
    for segment in zip(*parts, strict=True):
        log += [_record(one) for records in segment for one in records if not _is_mark(one)]
        log += [_record(one) for one in segment[0][-1:] if _is_mark(one)]
    return log


def _parted(records: Iterable[Any]) -> Iterator[list[Any]]:
    """Part a partition behind each mark; the last part has none."""
    part: list[Any] = []
    for one in records:
        part.append(one)
        if _is_mark(one):
            yield part
            part = []
    yield part


def _is_mark(record: Any) -> bool:
    return _event(record).subject == "clock"


def _event(record: Any) -> _Event:
    return msgspec.json.decode(record.value, type=_Event)


def _record(one: Any) -> Record:
    event = _event(one)
    return Record(one.topic, one.offset, event.subject.encode(), one.value, event.time)


def _hurried(minutes: Iterable[Minute], way: Way) -> Iterator[Minute]:
    """Post some minutes in one batch, wait for no idle one, and for nobody's phone."""
    held: list[Minute] = []
    for minute in minutes:
        held.append(minute)
        if minute.droppings or len(held) == AT_ONCE:
            yield _together(held, way)
            held = []
    if held:
        yield _together(held, way)


def _together(minutes: Sequence[Minute], way: Way) -> Minute:
    *others, last = minutes
    before = [one for minute in others for one in (*minute.postings, minute.tick)]
    dropped = tuple(_sorted(one, way) for one in last.droppings)
    return Minute(last.tick, (*before, *last.postings), dropped)


def _sorted(dropping: Dropping, way: Way) -> Dropping:
    """Let what a way must bring first be first, of all the days that come together."""
    files = dropping.files
    return Dropping(dropping.at, lambda: tuple(sorted(files(), key=way.place)))
