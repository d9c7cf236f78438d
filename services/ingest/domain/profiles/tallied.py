"""加总 — which rows of the broker's own form add up to an account's lots and fees."""

from collections.abc import Iterable, Mapping

from services.ingest.domain.profiles.profile import Profile
from services.ingest.domain.tally import HELD_FIGURES, TRADED_FIGURES, Addends, Tally

TRADES = ("trades-of-day", "trades")
"""What is its whole day holds where both tell a trade."""


def tally_of(profiles: Iterable[Profile]) -> Tally:
    """Return what adds up: a figure that a profile of balances has itself is not counted again.

    Fees add up where every profile of trades has them; else a sum would be too small.
    """
    every = list(profiles)
    said = {name for one in every if one.takes == "balances" for name in one.columns}
    trades = [one for takes in TRADES for one in every if one.takes == takes]
    held = [one for one in every if one.takes == "positions-of-day"]
    if not all("fee" in one.columns for one in trades):
        said.add("commission")
    return Tally(_addends(trades, TRADED_FIGURES, said), _addends(held, HELD_FIGURES, said))


def _addends(profiles: list[Profile], figures: Mapping[str, int], said: set[str]) -> Addends:
    return Addends(
        tuple(one.name for one in profiles),
        frozenset(one.name for one in profiles if one.kind.whole),
        {name: place for name, place in figures.items() if name not in said},
    )
