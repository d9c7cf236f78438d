"""送达 — by which channels somebody can be told, and who is told when nobody of a route can be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notify.domain.channels import catalogue
from services.notify.domain.decision import Decision, Send, Suppress
from services.notify.domain.receiver import Directory, Receiver
from services.notify.domain.route import Route


@dataclass(frozen=True)
class Ways:
    """The channels of a revision. ``choice``: one of these may be preferred in their place."""

    channels: tuple[str, ...]
    choice: tuple[str, ...]
    now: datetime

    def of(self, receiver: Receiver) -> tuple[str, ...]:
        """Return a person's channels: the one chosen, else all, those that are preferred first."""
        wish = receiver.prefers(self.now)
        chosen = (c for c in wish if c in self.choice and catalogue()[c].lacks(receiver) is None)
        if (one := next(chosen, None)) is not None:
            return (one,)
        return tuple(sorted(self.channels, key=lambda c: (*wish, c).index(c)))

    def sends(self, people: Iterable[Receiver], reason: str, step: int) -> tuple[Send, ...]:
        """Return the sends of a later step: to each as they prefer, a team's once."""
        each = (sends_to((person,), self.of(person), reason, step) for person in people)
        found = {(s.receiver.staff_id, s.channel): s for sends in each for s in sends}
        return tuple(found.values())


def reach(route: Route, directory: Directory, ways: Ways) -> tuple[Decision, ...]:
    """Return the sends to the route's receivers, else to the risk desk; nothing when neither."""
    told = _told(route.receivers, ways, route.reason)
    if any(isinstance(decision, Send) for decision in told):
        return told
    reason = "unreachable" if route.receivers else route.reason
    others = tuple(p for p in directory.desk if p not in route.receivers)
    desk = _told(others, ways, f"desk-{reason}")
    sends = tuple(decision for decision in desk if isinstance(decision, Send))
    rest = tuple(decision for decision in desk if not isinstance(decision, Send))
    return (*sends, *told, *rest) if sends else ()


def sends_to(
    receivers: Iterable[Receiver], channels: Iterable[str], reason: str, step: int = 1
) -> tuple[Send, ...]:
    """Return the sends by those of the channels that reach each of them, a team's once."""
    known, names = catalogue(), tuple(channels)
    sends = {}
    for receiver in receivers:
        for name in names:
            if known[name].lacks(receiver) is None:
                heard_by = receiver.team if known[name].team else receiver
                sends[heard_by.staff_id, name] = Send(heard_by, name, reason, step)
    return tuple(sends.values())


def _told(receivers: Sequence[Receiver], ways: Ways, reason: str) -> tuple[Decision, ...]:
    """Return the sends, each to one person or team once, then what is not sent."""
    sends: dict[tuple[str, str], Send] = {}
    rest: list[Suppress] = []
    for receiver in receivers:
        names = ways.of(receiver)
        why = reason if names == ways.channels else f"preferred-{reason}"
        sends |= {(s.receiver.staff_id, s.channel): s for s in sends_to((receiver,), names, why)}
        rest += _missing(receiver, names)
        rest += (
            Suppress("preferred-otherwise", receiver, name)
            for name in ways.channels
            if name not in names
        )
    return (*sends.values(), *rest)


def _missing(receiver: Receiver, channels: Sequence[str]) -> Iterator[Suppress]:
    known = catalogue()
    for name in channels:
        if (reason := known[name].lacks(receiver)) is not None:
            yield Suppress(reason, receiver, name)
