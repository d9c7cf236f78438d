"""Timelines through the whole chain: at this second that happens, within so many they are told.

The form is Alertmanager's acceptance tests': everything said must be expected, everything expected
must be said, and only once. Seconds are the wall's, from the start of ``run``.
"""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from deploy.embedded.processes import Chain
from tests.kit.eventually import eventually

GAUGES = {
    "ingest": ("ingest_unpublished_records",),
    "mot": ("mot_lag_records",),
    "notify": ("notify_lag_records", "notify_open_intents", "notify_waiting_alerts"),
}
SERVICES = ("sandbox", "ingest", "mot", "notify")


@dataclass(frozen=True)
class Told:
    """A message that must arrive: to whom, by which channel, and what its text must say."""

    to: str
    by: str
    saying: str
    since: float
    within: float


@dataclass
class Timeline:
    """A script of posts, and of the messages that follow; ``run`` plays and checks it."""

    chain: Chain
    files: dict[str, str] = field(default_factory=dict)
    _posts: list[tuple[float, list[dict[str, Any]]]] = field(default_factory=list)
    _wanted: list[Told] = field(default_factory=list)

    def at(self, second: float, *events: dict[str, Any]) -> None:
        """Post these CloudEvents in one batch at this second."""
        self._posts.append((second, list(events)))

    def expect(self, to: str, *, by: str, saying: str, within: float = 5.0) -> None:
        """Expect a message after the last post."""
        self._wanted.append(Told(to, by, saying, self._posts[-1][0], within))

    async def run(self) -> None:
        """Start the services, drop the files, play the posts, and compare."""
        programs = [self.chain.program(name) for name in SERVICES]
        self.chain.migrate()
        try:
            for program in programs:
                program.start()
            for program in programs:
                await asyncio.to_thread(program.wait_ready)
            for name, text in self.files.items():
                drop(self.chain.drop, name, text)
            await eventually(self.quiet, within=60)
            began = monotonic()
            wall = await self._play(began)
            await eventually(self.quiet, within=60)
            self._compare(await self.journal(), wall)
        finally:
            for program in reversed(programs):
                program.terminate()

    async def _play(self, began: float) -> dict[float, float]:
        walls = {}
        async with httpx.AsyncClient(base_url=self.chain.url("ingest")) as client:
            for second, events in self._posts:
                await asyncio.sleep(max(0.0, began + second - monotonic()))
                walls[second] = (await self._post(client, events)).timestamp()
        return walls

    async def _post(self, client: httpx.AsyncClient, events: list[dict[str, Any]]) -> Any:
        from shared.clock import WallClock  # noqa: PLC0415 the one test that meets the wall

        sent = WallClock().now()
        answer = await client.post(
            "/v1/events",
            content=json.dumps(events),
            headers={
                "content-type": "application/cloudevents-batch+json",
                "authorization": f"Bearer {self.chain.stores.secrets.push_key}",
            },
        )
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return sent

    async def journal(self) -> list[dict[str, Any]]:
        """Return what reached people's phones."""
        async with httpx.AsyncClient(base_url=self.chain.url("sandbox")) as client:
            entries: list[dict[str, Any]] = (await client.get("/sandbox/journal?after=0")).json()
        return [entry for entry in entries if entry["outcome"] == "delivered"]

    async def quiet(self) -> bool:
        """Say whether every service has done all it was given, twice in a row."""
        for _ in range(2):
            if any([await self._gauge(*pair) for pair in GAUGES.items()]):
                return False
            await asyncio.sleep(0.3)
        return True

    async def _gauge(self, service: str, names: tuple[str, ...]) -> float:
        async with httpx.AsyncClient(base_url=self.chain.url(service)) as client:
            lines = (await client.get("/metrics")).text.splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith(names))

    def _compare(self, entries: list[dict[str, Any]], walls: dict[float, float]) -> None:
        left = list(entries)
        for told in self._wanted:
            match = next((e for e in left if _is(e, told)), None)
            assert match, f"not told: {told}; left: {[(e['to'], e['text']) for e in left]}"
            left.remove(match)
            took = match["wall"] - walls[told.since]
            assert took <= told.within, f"told after {took:.1f} s: {told}"
        assert not left, f"told and not expected: {[(e['to'], e['text']) for e in left]}"


def _is(entry: dict[str, Any], told: Told) -> bool:
    whole = f"{entry['title']}\n{entry['text']}"
    return bool(entry["to"] == told.to and entry["channel"] == told.by and told.saying in whole)


def drop(folder: Path, name: str, text: str) -> None:
    """Put a whole file into the drop folder, by rename."""
    folder.mkdir(parents=True, exist_ok=True)
    partly = folder / f".{name}.part"
    partly.write_text(text, encoding="utf-8")
    partly.rename(folder / name)
