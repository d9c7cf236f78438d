"""profile's tables over the real PostgreSQL, and a client's past in every kind of event."""

import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.profile.adapters.digest import digest
from services.profile.adapters.nights import touch
from services.profile.adapters.offsets import Partition, positions
from services.profile.adapters.shelf import Arrived, Shelf
from services.profile.domain.facts import tables
from services.profile.domain.finder import Finder
from services.profile.domain.topics import READ
from shared.blind_index import BlindIndex
from shared.contracts.customers import CONTEXTS
from shared.contracts.topics import CUSTOMER, PARTITIONS, Topic
from shared.contracts.topics import STAFF as STAFF_TOPIC
from shared.crypto import FieldCipher
from shared.db.migrate import migrate
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.kit.issuer import NOW

FIELD_KEYS = {"k1": base64.b64encode(b"1" * 32).decode()}
INDEX_KEYS = {"b1": base64.b64encode(b"2" * 32).decode()}
CIPHER, INDEX = FieldCipher(FIELD_KEYS), BlindIndex(INDEX_KEYS)
FINDER = Finder(CIPHER, INDEX)
BROKER, DAY = "demo", date(2026, 6, 1)
NAME, PHONE, ID_CARD = "张小明", "13812345678", "11010119900101001X"
GOLDEN = Path(__file__).parents[2] / "shared" / "contracts" / "examples"
TYPES = {type_: topic for topic in READ for type_ in topic.types}
EVENTS = {path.stem: json.loads(path.read_bytes()) for path in GOLDEN.glob("*.json")}


class Record(NamedTuple):
    """A record as a partition holds it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = int(NOW.timestamp() * 1000)


def told(type_: str, sequence: int = 1, /, **data: Any) -> tuple[Topic, dict[str, Any]]:
    """Return an event like the golden one, with its topic; ``data`` is changed in it."""
    golden = EVENTS[type_]
    numbered = {} if "sequence" not in golden else {"sequence": f"{sequence:020d}"}
    event = {**golden, **numbered, "id": f"{type_}-{sequence}", "data": {**golden["data"], **data}}
    return TYPES[type_], event


def client(customer_id: str = "c1", sequence: int = 1, **data: Any) -> tuple[Topic, dict[str, Any]]:
    """Return a client whose personal fields can be opened."""
    clear = {"sealed_name": NAME, "sealed_phone": PHONE, "sealed_id_card": ID_CARD}
    sealed = {field: CIPHER.seal(value, CONTEXTS[field]) for field, value in clear.items()}
    found = {
        "phone_index": INDEX.entry("phone", PHONE),
        "id_index": INDEX.entry("id_number", ID_CARD),
    }
    topic, event = told("customer.changed", sequence, **sealed, **found)
    untold = dict.fromkeys(("sealed_birthday", "occupation", "income_source"))
    event["data"] |= {"customer_id": customer_id, **untold, **data}
    return topic, {**event, "subject": customer_id}


def relation(account: str, manager: str | None, branch: str | None = None) -> dict[str, Any]:
    return {"account": account, "manager_id": manager, "branch_id": branch, "since": "2026-01-05"}


def history(seed: int, count: int = 120) -> list[tuple[Topic, dict[str, Any]]]:
    """Return a past with corrections, reversals and repeats of every kind of fact, in order."""
    random, made = Random(seed), []  # noqa: S311 a past, not a secret
    kinds = sorted(type_ for type_ in TYPES if type_ in EVENTS)
    for sequence in range(1, count + 1):
        topic, event = told(random.choice(kinds), sequence)
        _vary(event["data"], random, sequence)
        made.append((topic, event))
    return made


def _vary(data: dict[str, Any], random: Random, sequence: int) -> None:
    """Change what may change, out of few values, so that many events are of one thing."""
    at = datetime.fromisoformat("2026-06-01T10:00:00+08:00") + timedelta(seconds=sequence)
    day = (DAY + timedelta(days=random.choice([-3, 0, 1, 30]))).isoformat()
    choices: dict[str, Any] = {
        "trading_day": day,
        "at": at.isoformat(),
        "account": random.choice(["80012345", "80012346"]),
        "equity": f"{random.randint(-9, 99)}000.125",
        "amount": f"{random.randint(1, 5)}00.00",
        "trade_id": random.choice(["1", "2"]),
        "order_id": random.choice(["o1", "o2"]),
        "revision": sequence,
        "cancelled": random.random() < 0.2,
        "lots": random.randint(5, 9),
        "kind": data.get("kind"),
    }
    data |= {name: value for name, value in choices.items() if name in data}
    if "holdings" in data:
        named = random.sample(["rb2610", "m2609", "cu2607"], random.randint(0, 3))
        data["holdings"] = [{**data["holdings"][0], "instrument": name} for name in named]
    if "holding" in data:
        name = random.choice(["rb2610", "m2609", "cu2607"])
        data["holding"] = {**data["holding"], "instrument": name, "lots": sequence}
    if "relations" in data:
        accounts = random.sample(["80012345", "80012346"], random.randint(0, 2))
        data["relations"] = [relation(account, "m001", "b01") for account in accounts]


def recorded(events: Sequence[tuple[Topic, dict[str, Any]]]) -> list[Record]:
    """Return events as one partition of each topic holds them."""
    ends: dict[str, int] = {}
    made = []
    for topic, event in events:
        offset = ends.get(topic.name, 0)
        ends[topic.name] = offset + 1
        value = json.dumps(event, ensure_ascii=False).encode()
        made.append(Record(topic.name, 0, offset, event["subject"].encode(), value))
    return made


@dataclass
class Stage:
    """The tables, and a shelf that puts records into them."""

    database: AsyncEngine
    buried: list[tuple[Arrived, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shelf = self.another()

    def another(self) -> Shelf:
        """Return the shelf of another worker."""

        async def bury(record: Arrived, reason: str) -> None:
            self.buried.append((record, reason))

        return Shelf(self.database, {t.name: read for t, read in READ.items()}, FINDER, bury, touch)

    async def close(self, *days: date) -> None:
        """Close days in every partition."""
        await self.write(
            "INSERT INTO day_closes SELECT :broker, day, partition, 0"
            " FROM unnest(CAST(:days AS date[])) day, generate_series(0, :many - 1) partition",
            broker=BROKER,
            days=list(days),
            many=PARTITIONS,
        )

    async def write(self, statement: str, **values: Any) -> None:
        async with self.database.begin() as connection:
            await connection.execute(text(statement), values)

    async def places(self) -> dict[Partition, int]:
        """Return where partition 0 of each topic stands."""
        async with self.database.begin() as connection:
            return await positions(connection, [Partition(topic.name, 0) for topic in READ])

    async def put(self, records: Sequence[Record]) -> int:
        return await self.shelf.put(records, await self.places())

    async def tell(self, *events: tuple[Topic, dict[str, Any]]) -> None:
        """Put events behind what is there."""
        places = await self.places()
        ahead = [
            record._replace(offset=record.offset + max(0, places[Partition(record.topic, 0)]))
            for record in recorded(events)
        ]
        assert await self.shelf.put(ahead, places) == 0

    async def rows(self, query: str, **asked: Any) -> list[dict[str, Any]]:
        async with self.database.connect() as connection:
            return [dict(row) for row in (await connection.execute(text(query), asked)).mappings()]

    async def digests(self) -> dict[str, str]:
        async with self.database.connect() as connection:
            return await digest(connection)

    async def empty(self) -> None:
        names = ", ".join([*(table.name for table in tables()), "offsets"])
        async with self.database.begin() as connection:
            await connection.execute(text(f"TRUNCATE {names}"))


@asynccontextmanager
async def profile_stage(dsn: str) -> AsyncIterator[Stage]:
    """Migrate an empty database and stand on it."""
    settings = PostgresSettings(dsn=SecretStr(dsn))
    await migrate(settings, "profile")
    database = engine(settings, "profile", pool_size=5)
    yield Stage(database)
    await database.dispose()


__all__ = ["CUSTOMER", "STAFF_TOPIC", "Record", "Stage", "client", "history", "told"]
