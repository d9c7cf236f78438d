"""W2: the brokers' stream through the pure core with all its detectors.

Four brokers of 5,000 accounts each; an account's day is twenty events (snapshots 70 %, deposits and
withdrawals 14.5 % each, steps of forced-liquidation orders 0.5 %) and its settlement. One broker in
turn settles after each 100,000 events, so that any stretch of the stream holds as much of
everything; each 5,000 events one broker's tick goes into every partition. Most events raise
nothing, as in life.

The core is called as the product calls it: ``read``, ``watch``. A tick concerns accounts that an
operator per key cannot see: sides without a broadcast skip it, and are judged by what the core says
without ticks.
"""

from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import msgspec

from bench.workloads.brokers import Stream
from bench.workloads.work import Entry, Parsed, Work
from services.mot.domain.account import EMPTY, Account
from services.mot.domain.events import BROADCAST, TradingEvent
from services.mot.domain.reading import read
from services.mot.domain.stored import pack, unpack
from services.mot.domain.watch import Origin, Rules, concerned, key_of, watch
from services.mot.rules import read_rules

ANY = 1  # a partition other than the first, where a silent feed would be looked for


def generate(count: int) -> Iterator[Entry]:
    return islice(Stream().entries(), count)


@cache
def rules() -> Rules:
    """Return the rules as the product ships them."""
    return read_rules()


def parse(key: bytes | None, value: bytes) -> Parsed:
    event = read(key, value)
    if event is None or isinstance(event, BROADCAST):
        return None, event
    return key_of(event), event


def step(state: Account | None, event: Any) -> tuple[Account, Sequence[bytes]]:
    done = watch(state or EMPTY, event, rules(), Origin(key_of(event), 0, 0))
    return done.account, [alert.encode() for alert in done.alerts]


def broadcast(states: MutableMapping[str, Account], event: TradingEvent) -> list[bytes]:
    told: list[bytes] = []
    for key in list(concerned(event, states, ANY)):
        done = watch(states[key], event, rules(), Origin(key, 0, 0))
        states[key] = done.account
        told += [alert.encode() for alert in done.alerts]
    return told


class _Body(msgspec.Struct):
    summary: str


class _Alert(msgspec.Struct):
    id: str
    type: str
    data: _Body


_alert = msgspec.json.Decoder(_Alert).decode


def identity(value: bytes) -> str:
    """Return what must be the same whoever ran the core: its id, its step, what it says."""
    alert = _alert(value)
    return f"{alert.id} {alert.type} {alert.data.summary}"


WORK = Work(generate, parse, step, pack, unpack, identity, broadcast)
