"""The pure core alone: µs of processor time an event, decoding apart, over the whole mix."""

import gc
from collections.abc import Iterable, Sequence
from itertools import islice
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from bench.workloads import mixed
from services.mot.domain.account import EMPTY, Account
from services.mot.domain.watch import Origin, Rules, watch

WHOLE, BATCH = mixed.A_DAY + mixed.ACCOUNTS, 50  # the second divides both


class Turn(NamedTuple):
    """µs an event: decoded, watched, watched by day, and watched in the settlement."""

    decoding: float
    watching: float
    by_day: float
    settling: float


def core(turns: int) -> dict[str, Any]:
    """Return µs an event of ``watch`` alone, and with the decode before it; medians of the turns.

    A batch is decoded, then watched, as the product does. Ticks are left out: they are told once a
    minute. The second day is counted, whole, with its settlement: the first one fills the accounts.
    The day and its settlement are told apart too, so that any other mix can be reckoned.
    """
    told = (entry for entry in mixed.Stream().entries() if entry.key is not None)
    entries = list(islice(told, 2 * WHOLE))
    gc.collect()
    gc.freeze()  # what is prepared here is none of the core's
    found = [_turn(entries) for _ in range(turns)]
    gc.unfreeze()
    return {
        "us": _median(one.watching for one in found),
        "with_decoding_us": _median(one.decoding + one.watching for one in found),
        "by_day_us": _median(one.by_day for one in found),
        "settlement_us": _median(one.settling for one in found),
        "turns_us": [round(one.watching, 2) for one in found],
        "detectors": len(mixed.rules().detectors),
    }


def _turn(entries: Sequence[Any]) -> Turn:
    states: dict[str, Account] = {}
    rules = mixed.rules()
    decoding = by_day = settling = 0.0
    for start in range(0, len(entries), BATCH):
        began = process_time()
        events = [mixed.parse(entry.key, entry.value) for entry in entries[start : start + BATCH]]
        decoded = process_time()
        _fold(states, events, rules)
        watched = process_time() - decoded
        if start < WHOLE:
            continue
        decoding += decoded - began
        if start < WHOLE + mixed.A_DAY:
            by_day += watched
        else:
            settling += watched
    return Turn(
        1e6 * decoding / WHOLE,
        1e6 * (by_day + settling) / WHOLE,
        1e6 * by_day / mixed.A_DAY,
        1e6 * settling / mixed.ACCOUNTS,
    )


def _median(figures: Iterable[float]) -> float:
    return round(median(figures), 2)


def _fold(states: dict[str, Account], events: Sequence[Any], rules: Rules) -> None:
    for key, event in events:
        done = watch(states.get(key, EMPTY), event, rules, Origin(key, 0, 0))
        states[key] = done.account
