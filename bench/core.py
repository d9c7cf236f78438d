"""The pure core alone: µs of processor time an event, decoding apart, over the whole mix."""

import gc
from collections.abc import Sequence
from itertools import islice
from statistics import median
from time import process_time
from typing import Any

from bench.workloads import mixed
from services.mot.domain.account import EMPTY, Account
from services.mot.domain.watch import Origin, Rules, key_of, watch

EVENTS, WARM, BATCH = 100_000, 20_000, 1_000


def core(turns: int) -> dict[str, Any]:
    """Return µs an event of ``watch`` alone, and with the decode before it; medians of the turns.

    A batch is decoded, then watched, as the product does. Ticks are left out: they are told once a
    minute. The first events fill the accounts and are not counted.
    """
    entries = [e for e in islice(mixed.Stream().entries(), EVENTS + WARM) if e.key is not None]
    gc.collect()
    gc.freeze()  # what is prepared here is none of the core's
    found = [_turn(entries) for _ in range(turns)]
    gc.unfreeze()
    return {
        "us": round(median(alone for _, alone in found), 2),
        "with_decoding_us": round(median(sum(both) for both in found), 2),
        "turns_us": [round(alone, 2) for _, alone in found],
        "detectors": len(mixed.rules().detectors),
    }


def _turn(entries: Sequence[Any]) -> tuple[float, float]:
    """Return µs an event of decoding and of watching."""
    states: dict[str, Account] = {}
    rules = mixed.rules()
    decoding = watching = 0.0
    for start in range(0, len(entries), BATCH):
        began = process_time()
        events = [mixed.parse(entry.key, entry.value) for entry in entries[start : start + BATCH]]
        decoded = process_time()
        _fold(states, events, rules)
        if start >= WARM:
            decoding += decoded - began
            watching += process_time() - decoded
    counted = len(entries) - WARM
    return 1e6 * decoding / counted, 1e6 * watching / counted


def _fold(states: dict[str, Account], events: Sequence[Any], rules: Rules) -> None:
    for key, event in events:
        done = watch(states.get(key, EMPTY), event, rules, Origin(key_of(event), 0, 0))
        states[key] = done.account
