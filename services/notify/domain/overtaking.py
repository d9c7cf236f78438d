"""超越 — which revisions need not be told any more, because of what came after them."""

from collections.abc import Collection, Sequence

from shared.contracts.alerts import (
    AlertAmended,
    AlertEvent,
    AlertRaised,
    AlertUpdated,
    AlertWithdrawn,
)

_FIGURES = (AlertRaised, AlertUpdated, AlertAmended)
"""These say how things stand; a later one of them, that is no beginning, says it better."""


def overtaken(
    pending: Sequence[AlertEvent], silent: Collection[int], standing: bool
) -> dict[int, str]:
    """Return the numbers of those revisions, each with the named reason.

    ``silent``: those that nobody is told anyway; they overtake nothing. ``standing``: the last
    thing told is that the alert holds, so that a withdrawal matters.
    """
    dropped: dict[int, str] = {}
    live: list[int] = []
    for number, event in enumerate(pending):
        if number in silent:
            continue
        match event:
            case AlertUpdated() | AlertAmended():
                over = [n for n in live if isinstance(pending[n], _FIGURES)]
                dropped |= dict.fromkeys(over, "superseded")
                live = [n for n in live if n not in over] + [number]
            case AlertWithdrawn():
                dropped |= dict.fromkeys(live, "withdrawn-before-told")
                live = [number] if standing else []
                if not standing:
                    dropped[number] = "never-told"
            case _:
                live.append(number)
    return dropped
