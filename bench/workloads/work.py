"""The shape of a workload: the same functions, called from each Python side's own operator."""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Parsed = tuple[str | None, Any]
"""Whose event it is (None: everybody's of that partition) and the decoded event."""


class Entry(NamedTuple):
    """A record to preload: ``partition`` None means by key."""

    key: bytes | None
    value: bytes
    partition: int | None = None


def _nobody(states: MutableMapping[str, Any], event: Any) -> list[bytes]:
    raise ValueError("this workload has no broadcast events")


@dataclass(frozen=True)
class Work:
    """One workload. States are what an operator keeps for a key; ``None`` stands for none yet.

    ``generate`` makes the first ``n`` records, the same ones each time. ``identity`` is what two
    sides must agree on about an alert, out of its bytes.
    """

    generate: Callable[[int], Iterator[Entry]]
    parse: Callable[[bytes | None, bytes], Parsed]
    step: Callable[[Any, Any], tuple[Any, Sequence[bytes]]]
    pack: Callable[[Any], Any]
    unpack: Callable[[Any], Any]
    identity: Callable[[bytes], str]
    broadcast: Callable[[MutableMapping[str, Any], Any], list[bytes]] = _nobody
