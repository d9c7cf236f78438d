"""People who look and search while news arrive, and how soon a piece of news is seen.

Everything is open loop: asked when it is due, and counted from then. Beside each question stands
the least that it could be: a bare answer of the same uvicorn, a bare indexed look-up in PostgreSQL,
a bare consumer of the same topic.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.clientele import BROKER, CALENDAR, LAST, account, client, name, phone
from bench.verdict import Refused
from services.profile.domain.finder import Finder
from shared.contracts.topics import ACCOUNT
from shared.settings import KafkaSettings
from shared.streams.publish import producer

LOOKS, SEARCHES, BARE, PROBES = 10.0, 5.0, 10.0, 2.0  # a second
NEWS = 200.0  # snapshots a second, of other accounts than the probed ones
PROBED = 1_000  # accounts, the first ones
WARM_S, LOST_S, LOOK_S = 2.0, 30.0, 0.01
LOOK_UP = text("SELECT customer_id FROM clients WHERE name_index = ANY (CAST(:names AS text[]))")
STRIDE = 7919
SEARCHED: tuple[Callable[[int], dict[str, str]], ...] = (
    lambda n: {"name": name(n)},
    lambda n: {"name": name(n)[0]},
    lambda n: {"phone": phone(n)},
    lambda n: {"phone": f"{phone(n)[:3]}****{phone(n)[-4:]}"},
    lambda n: {"account": account(n)[:6]},
)
"""By name, by surname alone, by phone, by a masked one, by how an account begins."""
Ask = Callable[[int], Awaitable[None]]
Latencies = dict[str, list[float]]


@dataclass
class Crowd:
    """Who asks profile for ``seconds``. ``took``: what was asked → its latencies in ms."""

    url: str
    key: str
    brokers: str
    database: AsyncEngine
    finder: Finder
    clients: int
    seconds: float
    took: Latencies = field(default_factory=dict)
    published: int = 0

    async def ask(self) -> Latencies:
        """Let everybody ask; return the latencies without those of the warming."""
        bearer = {"Authorization": f"Bearer {self.key}"}
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        self._sender = producer(KafkaSettings(brokers=self.brokers))
        self._arrived: dict[str, float] = {}
        await self._sender.start()
        try:
            async with httpx.AsyncClient(
                base_url=self.url, timeout=60, limits=limits, headers=bearer, trust_env=False
            ) as self._http:
                listener = await self._listen()
                try:
                    async with asyncio.TaskGroup() as group:
                        for what, (rate, one) in self._asked().items():
                            group.create_task(self._paced(what, rate, one))
                finally:
                    listener.cancel()
        finally:
            await self._sender.stop()
        return self.took

    def _asked(self) -> dict[str, tuple[float, Ask]]:
        return {
            "news": (NEWS, self._news),
            "360": (LOOKS, self._look),
            "search": (SEARCHES, self._search),
            "hello": (BARE, self._hello),
            "look_up": (BARE, self._look_up),
            "visible": (PROBES, self._probe),
        }

    async def _paced(self, what: str, rate: float, ask: Ask) -> None:
        began = perf_counter()
        took = self.took.setdefault(what, [])

        async def one(number: int, due: float) -> None:
            await ask(number)
            if due - began >= WARM_S:
                took.append(1000 * (perf_counter() - due))

        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * (WARM_S + self.seconds))):
                due = began + number / rate
                if (wait := due - perf_counter()) > 0:
                    await asyncio.sleep(wait)
                group.create_task(one(number, due))

    async def _look(self, number: int) -> None:
        _good(await self._http.get(f"/v1/clients/{client(number * STRIDE % self.clients)}"))

    async def _search(self, number: int) -> None:
        told = SEARCHED[number % len(SEARCHED)](number * STRIDE % self.clients)
        if not _good(await self._http.post("/v1/clients/search", json=told))["clients"]:
            raise Refused(f"nobody was found by {', '.join(told)}")

    async def _hello(self, number: int) -> None:
        (await self._http.get("/livez")).raise_for_status()

    async def _look_up(self, number: int) -> None:
        names = self.finder.index.look_up("name", name(number * STRIDE % self.clients))
        async with self.database.connect() as connection:
            (await connection.execute(LOOK_UP, {"names": names})).all()

    async def _news(self, number: int) -> None:
        whose = account(PROBED + number * STRIDE % (self.clients - PROBED))
        await self._publish(whose, f"n{number}", f"{100_000 + number % 90_000}")
        self.published += 1

    async def _probe(self, number: int) -> None:
        """Tell an account's funds, and look until the client's view has them."""
        which, equity = number % PROBED, f"{1_000_000 + number}.125"
        began = perf_counter()
        await self._publish(account(which), f"p{number}", equity)
        while perf_counter() - began < LOST_S:
            address = f"/v1/clients/{client(which)}?days=0&alerts=0"
            if _good(await self._http.get(address))["assets"]["equity"] == equity:
                break
            await asyncio.sleep(LOOK_S)
        else:
            raise Refused("an event was not visible in time")
        if (arrived := self._arrived.get(f"p{number}")) and number / PROBES >= WARM_S:
            self.took.setdefault("consumed", []).append(1000 * (arrived - began))

    async def _publish(self, whose: str, id_: str, equity: str) -> None:
        value = json.dumps(_snapshot(whose, id_, equity)).encode()
        await self._sender.send(ACCOUNT.name, value, f"{BROKER}:{whose}".encode())

    async def _listen(self) -> "asyncio.Task[None]":
        consumer = AIOKafkaConsumer(bootstrap_servers=self.brokers, fetch_max_wait_ms=30)
        await consumer.start()
        consumer.assign([TopicPartition(ACCOUNT.name, n) for n in range(ACCOUNT.partitions)])
        await consumer.seek_to_end()

        async def listen() -> None:
            try:
                async for record in consumer:
                    self._arrived[json.loads(record.value)["id"]] = perf_counter()
            finally:
                await consumer.stop()

        return asyncio.create_task(listen())


def _snapshot(whose: str, id_: str, equity: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()  # noqa: TID251 a stopwatch
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "bench",
        "type": "account.snapshotted",
        "subject": f"{BROKER}:{whose}",
        "time": at,
        "data": {
            "broker": BROKER,
            "account": whose,
            "trading_day": str(CALENDAR.after(LAST)),
            "equity": equity,
            "available": equity,
            "at": at,
        },
    }


def _good(answer: httpx.Response) -> Any:
    if answer.status_code != httpx.codes.OK:
        raise Refused(f"profile answered {answer.status_code}")
    return answer.json()


def phrases() -> Iterator[str]:
    """Yield what is asked how often, for the result."""
    for what, rate in (("looks", LOOKS), ("searches", SEARCHES), ("news", NEWS)):
        yield f"{what} {rate:g}/s"
