"""Limits on the sandbox's clock: how often somebody may be told, how often an API be called."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3600, 86_400
RERUN_SECONDS = HOUR
"""A clock that goes back further than this is another run of the day, not a late tick."""


@dataclass(frozen=True)
class Rate:
    """At most ``limit`` in any ``seconds``."""

    limit: int
    seconds: int


@dataclass(frozen=True)
class Limits:
    """The platforms' published limits; an empty tuple lifts one.

    WeCom page 90454: per app and member 30 a minute and 1,000 an hour, the excess dropped without
    a word; per corporation and API 10,000 a minute and 150,000 an hour, then 45009; per app 200
    member-times a day for each account of the corporation. Aliyun: 50 notifications in 24 hours
    to one number with one signature and template.
    """

    member: tuple[Rate, ...] = (Rate(30, MINUTE), Rate(1000, HOUR))
    api: tuple[Rate, ...] = (Rate(10_000, MINUTE), Rate(150_000, HOUR))
    app: tuple[Rate, ...] = (Rate(200 * 1000, DAY),)
    sms: tuple[Rate, ...] = (Rate(50, DAY),)


PUBLISHED = Limits()
LIFTED = Limits(member=(), api=(), app=(), sms=())


class Pace:
    """Sliding windows: the last moments at which each key was served."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        self._rates = rates
        self._kept = max((rate.limit for rate in rates), default=0)
        self._moments: dict[str, deque[float]] = {}

    def exhausted(self, key: str, now: float) -> Rate | None:
        """Return the rate that one more at ``now`` would break, if any."""
        moments = self._moments.get(key, ())
        for rate in self._rates:
            if len(moments) >= rate.limit and moments[-rate.limit] > now - rate.seconds:
                return rate
        return None

    def note(self, key: str, now: float) -> None:
        """Remember that the key was served at ``now``."""
        if self._kept:
            self._moments.setdefault(key, deque(maxlen=self._kept)).append(now)

    def clear(self) -> None:
        """Forget everybody."""
        self._moments.clear()


class Quota:
    """Fixed windows: each opens with its first call; when full, all is refused until it ends."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        self._rates = rates
        self._open: dict[tuple[str, Rate], tuple[float, int]] = {}

    def exhausted(self, key: str, now: float, weight: int = 1) -> Rate | None:
        """Return the rate that ``weight`` more at ``now`` would break, if any."""
        for rate in self._rates:
            start, used = self._open.get((key, rate), (now, 0))
            if start <= now < start + rate.seconds and used + weight > rate.limit:
                return rate
        return None

    def note(self, key: str, now: float, weight: int = 1) -> None:
        """Count ``weight`` calls at ``now``."""
        for rate in self._rates:
            start, used = self._open.get((key, rate), (now, 0))
            if now >= start + rate.seconds:
                start, used = now, 0
            self._open[key, rate] = (start, used + weight)

    def clear(self) -> None:
        """Forget all windows."""
        self._open.clear()


class Seen:
    """What arrived and when, for as long as it matters."""

    def __init__(self, keep_seconds: int) -> None:
        self._keep = keep_seconds
        self._at: dict[str, float] = {}
        self._order: deque[tuple[float, str]] = deque()

    def within(self, key: str, now: float, seconds: float) -> bool:
        """Say whether the key arrived less than ``seconds`` ago."""
        at = self._at.get(key)
        return at is not None and now - at < seconds

    def note(self, key: str, now: float) -> None:
        """Remember a key's arrival and forget what is too old to matter."""
        self._at[key] = now
        self._order.append((now, key))
        while self._order and self._order[0][0] <= now - self._keep:
            at, old = self._order.popleft()
            if self._at.get(old) == at:
                del self._at[old]

    def clear(self) -> None:
        """Forget everything."""
        self._at.clear()
        self._order.clear()


def parts(text: str, single: int = 70, joined: int = 67) -> int:
    """Return how many SMS a text costs: one up to 70 characters, then 67 in each.

    >>> [parts("潮" * n) for n in (0, 70, 71, 134, 135)]
    [1, 1, 2, 2, 3]
    """
    return 1 if len(text) <= single else -(-len(text) // joined)
