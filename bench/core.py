"""The pure core alone: µs of processor time an event, decoding apart, over the whole mix."""

import gc
from collections.abc import Sequence
from itertools import chain, islice
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from bench.workloads import mixed
from bench.workloads.brokers import A_DAY, ACCOUNTS, Stream
from services.mot.domain.account import EMPTY, Account
from services.mot.domain.events import AccountSettled
from services.mot.domain.watch import Origin, Rules, watch

WHOLE, BATCH = A_DAY + ACCOUNTS, 50  # records; a batch is all of a settlement, or none of it
AGED = 13  # settled days before: more than an account keeps; a whole one follows, uncounted


class Turn(NamedTuple):
    """µs an event: watched, decoded, watched by day, and watched in the settlement."""

    watching: float
    decoding: float
    by_day: float
    settling: float


def turns(count: int) -> list[Turn]:
    """Take a day of the stream, its settlements and all, ``count`` times.

    A batch is decoded, then watched, as the product does. Ticks are left out: they are told once a
    minute. The days before the counted one fill the accounts with all that they keep.
    """
    stream, rules, aged = Stream(), mixed.rules(), dict[str, Account]()
    told = (entry for entry in stream.entries() if entry.key is not None)
    for entry in chain(stream.past(AGED), islice(told, WHOLE)):
        _fold(aged, [mixed.parse(entry.key, entry.value)], rules)
    entries = list(islice(told, WHOLE))
    gc.collect()
    gc.freeze()  # what is prepared here is none of the core's
    found = [_turn(entries, dict(aged)) for _ in range(count)]
    gc.unfreeze()
    return found


def core(found: Sequence[Turn]) -> dict[str, Any]:
    """Return the turn of the lowest cost as the figure, with the median and every turn beside it.

    The same work costs what it costs; what else goes on in a machine only ever adds to it. Python's
    own ``timeit`` says so, and to take the minimum. By day and settlement are told apart, so that
    any other mix can be reckoned.
    """
    best = min(found)
    return {
        "us": round(best.watching, 2),
        "median_us": round(median(one.watching for one in found), 2),
        "with_decoding_us": round(best.watching + best.decoding, 2),
        "by_day_us": round(best.by_day, 2),
        "settlement_us": round(best.settling, 2),
        "turns_us": [round(one.watching, 2) for one in found],
        "detectors": len(mixed.rules().detectors),
    }


def _turn(entries: Sequence[Any], states: dict[str, Account]) -> Turn:
    rules = mixed.rules()
    decoding = 0.0
    spent, events = {True: 0.0, False: 0.0}, {True: 0, False: 0}  # in a settlement, or by day
    for start in range(0, len(entries), BATCH):
        began = process_time()
        batch = [mixed.parse(entry.key, entry.value) for entry in entries[start : start + BATCH]]
        decoded = process_time()
        _fold(states, batch, rules)
        watched = process_time() - decoded
        decoding += decoded - began
        settling = isinstance(batch[0][1], AccountSettled)
        spent[settling] += watched
        events[settling] += len(batch)
    return Turn(
        1e6 * (spent[True] + spent[False]) / WHOLE,
        1e6 * decoding / WHOLE,
        1e6 * spent[False] / events[False],
        1e6 * spent[True] / events[True],
    )


def _fold(states: dict[str, Account], events: Sequence[Any], rules: Rules) -> None:
    for key, event in events:
        done = watch(states.get(key, EMPTY), event, rules, Origin(key, 0, 0))
        states[key] = done.account
