"""State and watermark in Valkey, written together: one HASH of accounts and one of meta a partition.

All keys of a partition share the ``{p}`` slot, so a cluster works. The epoch fences a worker that
lost its partition; the compared watermark fences a Valkey that lost its last second.
"""  # noqa: E501

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import chain
from typing import Any, NamedTuple

import msgpack
import redis.asyncio as redis

from services.mot.domain.account import VERSION, Account
from services.mot.domain.stored import pack, unpack
from services.mot.partition import Advance, Burials

__all__ = ["ACCOUNTS", "Advance", "Checkpoints", "Fenced", "Layout", "NewerLayout", "Taken"]


class Layout(NamedTuple):
    """How states are written. ``version`` grows with each field appended; older ones are read."""

    version: int
    pack: Callable[[Any], bytes]
    unpack: Callable[[bytes], Any]


RESTORED_AT_ONCE = 5_000
_META = ("offset", "clock", "rules", "burials", "layout")

ACCOUNTS = Layout(VERSION, pack, unpack)


class Fenced(RuntimeError):
    """The checkpoint was refused: this worker must stop, another one or a restart goes on."""


class NewerLayout(RuntimeError):
    """A newer mot wrote these states; writing them here would drop the fields it has added."""


@dataclass(frozen=True)
class Taken:
    """A partition as found: its new epoch, watermark (None: none yet), accounts, clock sequence.

    ``rules`` is the stamp of the rule versions in force behind the watermark; None: never written.
    """

    epoch: str
    watermark: int | None
    clock: str
    rules: str | None
    burials: Burials
    accounts: dict[str, Account]


class Checkpoints:
    """The state of all partitions, as ``mot:{p}:meta`` and ``mot:{p}:accounts``."""

    def __init__(self, valkey: redis.Redis, prefix: str = "mot", layout: Layout = ACCOUNTS) -> None:
        self._valkey, self._prefix, self._layout = valkey, prefix, layout
        self._take = valkey.register_script(_script("take_over"))
        self._write = valkey.register_script(_script("checkpoint"))

    async def take_over(self, partition: int, held: Taken | None = None) -> Taken:
        """Begin a new epoch, which stops the former owner, then read.

        ``held`` is what this process last wrote, with its accounts in memory: they are not read
        again when nobody else has owned the partition since.
        """
        meta_key, accounts_key = self._keys(partition)
        answer = await self._take(keys=[meta_key], args=[self._layout.version])
        if isinstance(answer, bytes):
            raise NewerLayout(
                f"partition {partition}: states of layout {answer.decode()}, this mot knows up to"
                f" {self._layout.version}: update it"
            )
        taken = _taken(dict(zip(answer[::2], answer[1::2], strict=True)))
        if held is not None and taken == replace(held, epoch=str(int(held.epoch) + 1), accounts={}):
            return replace(taken, accounts=held.accounts)
        unpack = self._layout.unpack
        stored = await self._valkey.hgetall(accounts_key)
        found = {_bytes(key).decode(): unpack(_bytes(raw)) for key, raw in stored.items()}
        return replace(taken, accounts=found)

    async def write(
        self, partition: int, taken: Taken, done: Advance, touched: Mapping[str, Account]
    ) -> Taken:
        """Write the touched accounts and how far the partition is, or raise ``Fenced``."""
        seen = "" if taken.watermark is None else str(taken.watermark)
        pack = self._layout.pack
        flat = list(chain.from_iterable((key, pack(state)) for key, state in touched.items()))
        # One argument: the client packs each in Python. Lua's cmsgpack knows no bin type.
        body = msgpack.packb(flat, use_bin_type=False)
        progress = (*done[:4], str(done.burials), self._layout.version)
        verdict = await self._write(
            keys=self._keys(partition), args=[taken.epoch, seen, *progress, body]
        )
        if verdict != b"OK":
            raise Fenced(f"partition {partition}: {verdict.decode()}")
        return replace(
            taken, watermark=done.last, clock=done.clock, rules=done.rules, burials=done.burials
        )

    async def restore(self, partition: int, accounts: Mapping[str, Account], done: Advance) -> None:
        """Put a partition's states in the place of what is there; the watermark comes last.

        A restore that is cut short leaves no watermark, so no worker starts on half of the states.
        """
        meta_key, accounts_key = self._keys(partition)
        async with self._valkey.pipeline(transaction=True) as pipe:
            pipe.delete(accounts_key)
            pipe.hdel(meta_key, *_META)
            await pipe.execute()
        taken, states = await self.take_over(partition), list(accounts.items())
        for start in range(0, len(states), RESTORED_AT_ONCE):
            some = {
                key: self._layout.pack(s) for key, s in states[start : start + RESTORED_AT_ONCE]
            }
            await self._valkey.hset(accounts_key, items=list(chain.from_iterable(some.items())))
        await self.write(partition, taken, done, {})

    async def look(self, partition: int, key: str) -> tuple[int | None, str | None, Account | None]:
        """Return the watermark, the rules' stamp and one account; nothing is taken over."""
        meta_key, accounts_key = self._keys(partition)
        offset, stamp = await self._valkey.hmget(meta_key, ["offset", "rules"])
        state = await self._valkey.hget(accounts_key, key)
        return (
            None if offset is None else int(offset),
            None if stamp is None else _bytes(stamp).decode(),
            None if state is None else self._layout.unpack(_bytes(state)),
        )

    def _keys(self, partition: int) -> list[str]:
        return [f"{self._prefix}:{{{partition}}}:{name}" for name in ("meta", "accounts")]


def _script(name: str) -> str:
    return files("services.mot.adapters").joinpath(f"{name}.lua").read_text(encoding="utf-8")


def _taken(meta: Mapping[bytes, bytes]) -> Taken:
    said = {key.decode(): value.decode() for key, value in meta.items()}
    return Taken(
        epoch=said["epoch"],
        watermark=int(said["offset"]) if "offset" in said else None,
        clock=said.get("clock", ""),
        rules=said.get("rules"),
        burials=Burials.parse(said.get("burials", "")),
        accounts={},
    )


def _bytes(value: bytes | str) -> bytes:
    """Narrow what the client's types leave open; it is never asked to decode responses."""
    return value if isinstance(value, bytes) else value.encode()
