"""The pure core alone: µs of processor time an event, decoding apart, over the whole mix."""

import gc
from itertools import islice
from statistics import median
from time import process_time
from typing import Any

from bench.workloads import mixed
from services.mot.domain.account import EMPTY, Account
from services.mot.domain.watch import Origin, key_of, watch

EVENTS, WARM = 100_000, 20_000


def core(turns: int) -> dict[str, Any]:
    """Return µs an event of ``watch`` alone, and with the decode before it; medians of the turns.

    Ticks are left out: they are told once a minute. The first day's events fill the accounts.
    """
    entries = [e for e in islice(mixed.Stream().entries(), EVENTS + WARM) if e.key is not None]
    events = [(entry, mixed.parse(entry.key, entry.value)) for entry in entries]
    gc.collect()
    gc.freeze()  # what is prepared here is none of the core's
    alone, decoding = [], []
    for _ in range(turns):
        decoding.append(_decode(entries[WARM:]))
        alone.append(_watch(events))
    gc.unfreeze()
    return {
        "us": round(median(alone), 2),
        "with_decoding_us": round(median(a + d for a, d in zip(alone, decoding, strict=True)), 2),
        "turns_us": [round(turn, 2) for turn in alone],
        "detectors": len(mixed.rules().detectors),
    }


def _decode(entries: list[Any]) -> float:
    began = process_time()
    for entry in entries:
        mixed.parse(entry.key, entry.value)
    return 1e6 * (process_time() - began) / len(entries)


def _watch(events: list[Any]) -> float:
    states: dict[str, Account] = {}
    rules = mixed.rules()
    _fold(states, events[:WARM], rules)
    return 1e6 * _fold(states, events[WARM:], rules) / len(events[WARM:])


def _fold(states: dict[str, Account], events: list[Any], rules: Any) -> float:
    began = process_time()
    for _, (key, event) in events:
        done = watch(states.get(key, EMPTY), event, rules, Origin(key_of(event), 0, 0))
        states[key] = done.account
    return process_time() - began
