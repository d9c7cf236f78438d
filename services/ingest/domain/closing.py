"""收市 — whether a trading day may be closed by hand: the figures of every account must be in.

Who is expected: an account that had money or holdings when the day before settled, and one of which
anything was told on the day itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.ingest.domain.normalise import statement_time
from services.ingest.domain.settlement import read
from shared.kernel.trading_day import TradingDay


class Objection(StrEnum):
    """Why a day cannot be closed."""

    NOT_OVER = "not-over"  # the session is still on, or has not begun
    LATER = "later"  # a later day is closed: its rules have judged already
    NOTHING = "nothing"  # no account has settled
    MISSING = "missing"  # some accounts have not


@dataclass(frozen=True)
class Standing:
    """What is known of a day.

    ``settled``: account → what it settled with; ``told``: accounts of which anything was told;
    ``before``: the settlements of the newest settled day before it.
    """

    settled: Mapping[str, str]
    told: frozenset[str]
    before: Mapping[str, str]
    last_closed: TradingDay | None

    def missing(self, without: frozenset[str]) -> list[str]:
        """Return who has no figures, but for those that a person says have none."""
        lasting = {account for account, content in self.before.items() if _lasts(account, content)}
        return sorted((lasting | self.told) - self.settled.keys() - without)


def objection(
    day: TradingDay, standing: Standing, now: datetime, without: frozenset[str] = frozenset()
) -> Objection | None:
    """Return the first thing that is in the way, or None."""
    found = {
        Objection.NOT_OVER: now < statement_time(day),
        Objection.LATER: standing.last_closed is not None and standing.last_closed > day,
        Objection.NOTHING: not standing.settled,
        Objection.MISSING: bool(standing.missing(without)),
    }
    return next((one for one, holds in found.items() if holds), None)


def _lasts(account: str, content: str) -> bool:
    """An account that was left empty may have been closed (销户): it need not settle again."""
    figures = read(account, content)
    return bool(figures.row.equity or figures.row.available or figures.more.get("position_lots"))
