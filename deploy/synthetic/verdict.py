"""判定 — what arrived against what had to: one to one, nothing missing, nothing besides. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.synthetic.golden import Golden
from deploy.synthetic.script import MARKS

CHANGE = "wecom-change"
"""The journal's channel of what befell a message that was there: recalled, or its card updated."""
GROUNDS = (MARKS["withdrawn"], MARKS["amended"])
_REVISION = re.compile(r"[0-9A-F]{8}-(\d+)")


@dataclass(frozen=True)
class Arrived:
    """A message that reached a person: the journal's outcome ``delivered``; ``wall`` in seconds."""

    n: int
    wall: float
    channel: str
    to: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"#{self.n} {self.channel} → {self.to} · {self.title} · {self.text}"


@dataclass(frozen=True)
class Unexpected:
    """Something that reached a person and that no golden message explains, with the reason."""

    arrived: Arrived
    why: str


@dataclass(frozen=True)
class Verdict:
    """The comparison. ``told`` pairs each golden message that arrived with its arrival."""

    told: tuple[tuple[Golden, Arrived], ...]
    missing: tuple[Golden, ...]
    unexpected: tuple[Unexpected, ...]
    delivered: int

    @property
    def golden(self) -> int:
        return len(self.told) + len(self.missing)

    @property
    def passed(self) -> bool:
        return bool(self.golden) and not self.missing and not self.unexpected

    def differences(self) -> list[str]:
        """Return a line for everything that is not as it must be."""
        return [
            *(f"缺少 missing     {message}" for message in self.missing),
            *(f"多余 unexpected  {found.arrived}（{found.why}）" for found in self.unexpected),
        ]


def judge(expected: Iterable[Golden], journal: Iterable[Mapping[str, object]]) -> Verdict:
    """Compare the golden messages with a journal's entries; only ``delivered`` ones count."""
    open_: dict[tuple[str, str, str], list[Golden]] = defaultdict(list)
    for message in expected:
        open_[message.channel, message.to, message.title].append(message)
    told: list[tuple[Golden, Arrived]] = []
    unexpected: list[Unexpected] = []
    latest: dict[tuple[str, ...], int] = {}
    arrived = [_arrived(entry) for entry in journal if entry["outcome"] == "delivered"]
    delivered = [found for found in arrived if found.channel != CHANGE]
    for found in sorted(delivered, key=lambda arrived: arrived.n):
        waiting = open_[found.channel, found.to, found.title]
        fitting = [message for message in waiting if explains(message, found)]
        if not fitting:
            again = any(explains(m, found) for m, _ in told)
            unexpected.append(Unexpected(found, "told again" if again else "nobody asked for it"))
            continue
        message = fitting[0]
        waiting.remove(message)
        told.append((message, found))
        stream = (message.account, message.channel, message.to, message.kind)
        if message.order < latest.get(stream, -1):
            unexpected.append(Unexpected(found, "later than what follows it"))
        latest[stream] = max(message.order, latest.get(stream, -1))
    unexpected += _groundless((found for found in arrived if found.channel == CHANGE), told)
    missing = tuple(message for waiting in open_.values() for message in waiting)
    return Verdict(tuple(told), missing, tuple(unexpected), len(delivered))


def _groundless(
    changes: Iterable[Arrived], told: Iterable[tuple[Golden, Arrived]]
) -> list[Unexpected]:
    """Return the changes that no withdrawal or correction told to the same person explains.

    Each explains one for every earlier message of its alert.
    """
    heard = [m for m, _ in told if m.channel == "wecom"]
    grounds = Counter(
        m.to
        for ground in heard
        if ground.title.endswith(GROUNDS)
        for m in heard
        if (m.to, m.account, m.kind) == (ground.to, ground.account, ground.kind)
        and m.order < ground.order
    )
    groundless = []
    for change in changes:
        grounds[change.to] -= 1
        if grounds[change.to] < 0:
            groundless.append(Unexpected(change, "nothing of theirs was withdrawn or corrected"))
    return groundless


def explains(message: Golden, found: Arrived) -> bool:
    """Say whether this is the message: place, title, all it must say, nothing it must hide."""
    revision = _REVISION.search(found.text)
    return (
        (message.channel, message.to, message.title) == (found.channel, found.to, found.title)
        and all(words in found.text for words in message.says)
        and not any(secret in found.text for secret in message.hides)
        and revision is not None
        and int(revision[1]) == message.revision
    )


def latencies(verdict: Verdict, posted: Mapping[str, float]) -> list[float]:
    """Return the seconds from posting its event to the gateway, of every message that has one.

    Messages that follow from a file, or that waited on purpose, say nothing and are left out.
    """
    return sorted(
        found.wall - posted[message.trigger]
        for message, found in verdict.told
        if message.trigger is not None and message.trigger in posted
    )


def percentile(sorted_values: list[float], share: float) -> float:
    """Return the smallest value that at least this share of all does not exceed.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5), percentile([1.0, 2.0, 3.0, 4.0], 0.99)
    (2.0, 4.0)
    """
    if not sorted_values:
        return float("nan")
    rank = -(-len(sorted_values) * round(share * 1000) // 1000)
    return sorted_values[max(0, rank - 1)]


def _arrived(entry: Mapping[str, object]) -> Arrived:
    return Arrived(
        n=int(str(entry["n"])),
        wall=float(str(entry["wall"])),
        channel=str(entry["channel"]),
        to=str(entry["to"]),
        title=str(entry["title"]),
        text=str(entry["text"]),
    )
