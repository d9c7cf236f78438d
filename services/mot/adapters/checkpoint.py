"""State and watermark in Valkey, written together: one HASH of accounts and one of meta a partition.

All keys of a partition share the ``{p}`` slot, so a cluster works. The epoch fences a worker that
lost its partition; the compared watermark fences a Valkey that lost its last second.
"""  # noqa: E501

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import NamedTuple

import msgpack
import redis.asyncio as redis

from services.mot.domain.account import Account, pack, unpack

_SCRIPT = files("services.mot.adapters").joinpath("checkpoint.lua").read_text(encoding="utf-8")


class Fenced(RuntimeError):
    """The checkpoint was refused: this worker must stop, another one or a restart goes on."""


class StateLost(RuntimeError):
    """Kafka knows a commit that Valkey does not: starting would repeat alerts or miss them."""


@dataclass(frozen=True)
class Taken:
    """A partition as found: its new epoch, watermark (None: none yet), accounts, clock sequence.

    ``rules`` is the stamp of the rule versions in force behind the watermark; None: never written.
    Alerts of offsets below ``silent_until`` were published before; a rebuild does not repeat them.
    """

    epoch: str
    watermark: int | None
    clock: str
    rules: str | None
    silent_until: int
    accounts: dict[str, Account]


class Advance(NamedTuple):
    """A batch done: its first and last offset, the clock's last sequence, the rules behind it.

    ``rules``, an opaque stamp, is what the next record is watched by. An empty batch, its ``first``
    one above its ``last``, records it alone.
    """

    first: int
    last: int
    clock: str
    rules: str


class Checkpoints:
    """The state of all partitions, as ``mot:{p}:meta`` and ``mot:{p}:accounts``."""

    def __init__(self, valkey: redis.Redis, prefix: str = "mot") -> None:
        self._valkey, self._prefix = valkey, prefix
        self._write = valkey.register_script(_SCRIPT)

    async def take_over(self, partition: int) -> Taken:
        """Begin a new epoch, which stops the former owner, then read."""
        meta_key, accounts_key = self._keys(partition)
        epoch = await self._valkey.hincrby(meta_key, "epoch", 1)
        meta = await self._valkey.hgetall(meta_key)
        accounts = await self._valkey.hgetall(accounts_key)
        offset = meta.get(b"offset")
        return Taken(
            epoch=str(epoch),
            watermark=None if offset is None else int(offset),
            clock=_bytes(meta.get(b"clock", b"")).decode(),
            rules=_bytes(meta[b"rules"]).decode() if b"rules" in meta else None,
            silent_until=int(meta.get(b"silent_until", 0)),
            accounts={_bytes(k).decode(): unpack(_bytes(raw)) for k, raw in accounts.items()},
        )

    async def write(
        self, partition: int, taken: Taken, done: Advance, touched: Mapping[str, Account]
    ) -> Taken:
        """Write the touched accounts and how far the partition is, or raise ``Fenced``."""
        seen = "" if taken.watermark is None else str(taken.watermark)
        # Lua's cmsgpack does not know msgpack's bin type.
        body = msgpack.packb(
            [(key, pack(account)) for key, account in touched.items()], use_bin_type=False
        )
        verdict = await self._write(
            keys=self._keys(partition), args=[taken.epoch, seen, *done, body]
        )
        if verdict != b"OK":
            raise Fenced(f"partition {partition}: {verdict.decode()}")
        return replace(taken, watermark=done.last, clock=done.clock, rules=done.rules, accounts={})

    async def forget(self, partition: int, silent_until: int) -> None:
        """Drop a partition's state, so that the log makes it anew, silent up to an offset."""
        meta_key, accounts_key = self._keys(partition)
        async with self._valkey.pipeline(transaction=True) as pipe:
            pipe.delete(accounts_key)
            pipe.hdel(meta_key, "offset", "clock", "rules")
            pipe.hincrby(meta_key, "epoch", 1)
            pipe.hset(meta_key, "silent_until", str(silent_until))
            await pipe.execute()

    def _keys(self, partition: int) -> list[str]:
        return [f"{self._prefix}:{{{partition}}}:{name}" for name in ("meta", "accounts")]


def _bytes(value: bytes | str) -> bytes:
    """Narrow what the client's types leave open; it is never asked to decode responses."""
    return value if isinstance(value, bytes) else value.encode()
