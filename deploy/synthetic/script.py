"""The words an episode is written in: what happens to one client, and what must be told of it.

Amounts are in 元 as the files write them; moments as ``Stage.moment`` reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class Seen(StrEnum):
    """Where a movement of money shows: live and in the day's file, or in one file only."""

    BOTH = "both"
    FILE = "file"
    REPLACEMENT = "replacement"


@dataclass(frozen=True)
class Withdraw:
    """出金. ``on`` is for movements that only a file knows: trading days from the play's day."""

    at: str
    amount: str
    seen: Seen = Seen.BOTH
    on: int = 0


@dataclass(frozen=True)
class Deposit:
    """入金."""

    at: str
    amount: str
    seen: Seen = Seen.BOTH
    on: int = 0


@dataclass(frozen=True)
class Reverse:
    """冲正 of the movement that happened at ``of``."""

    at: str
    of: str


@dataclass(frozen=True)
class Again:
    """The event of ``of`` is posted a second time, unchanged."""

    at: str
    of: str


@dataclass(frozen=True)
class Snapshot:
    """盘中资金. ``equity`` empty: what the movements make of it; margins None: not told."""

    at: str
    available: str
    equity: str = ""
    margin: str | None = None
    exchange_margin: str | None = None


@dataclass(frozen=True)
class Statement:
    """The counter's own statement of the day, with lots: it comes before the files."""

    at: str
    traded_lots: int


@dataclass(frozen=True)
class Order:
    """强平单, its state now. ``order`` tells a client's orders apart; ``reason`` is CTP's."""

    at: str
    lots: int
    filled: int
    status: Literal["open", "partly-filled", "filled", "cancelled", "rejected"]
    reason: str = "1"
    instrument: str = "rb2610"
    exchange: str = "SHFE"
    direction: Literal["buy", "sell"] = "sell"
    order: int = 1


@dataclass(frozen=True)
class Broken:
    """An event that must be refused; ``flaw`` names what is wrong with it (see ``flaws``)."""

    at: str
    flaw: str


@dataclass(frozen=True)
class Traded:
    """The broker's baselines say, at that close, that the client has traded on that day."""

    on: int


@dataclass(frozen=True)
class Dealt:
    """The day's file of trades has so many that were opened and closed again: two lots each."""

    trips: int
    on: int = 0


Unseen = Traded | Dealt
"""What only files tell of: it has no moment."""
Act = Withdraw | Deposit | Reverse | Again | Snapshot | Statement | Order | Broken | Unseen
Movement = Withdraw | Deposit

MARKS = {
    "raised": "",
    "updated": "（更新）",
    "confirmed": "（了结）",
    "amended": "（更正）",
    "withdrawn": "（撤回）",
}
Step = Literal["raised", "updated", "confirmed", "amended", "withdrawn"]


@dataclass(frozen=True)
class Telling:
    """One message that must arrive: its first words, what it sums up, the facts it shows.

    ``at`` is the moment of the act that it follows from; empty when a file or a wait comes between,
    so that its latency says nothing. ``alert`` keeps apart the alerts of one kind: revisions are
    counted within it. ``loud`` goes out as SMS too, with ``sms`` where its template is shorter than
    the summary. ``silent``: a revision that nobody is told, as the settlement only agrees, or a
    later one was told in its place; it only counts.
    """

    step: Step
    kind: str
    summary: str
    facts: tuple[str, ...] = ()
    at: str = ""
    alert: str = ""
    sms: str = ""
    loud: bool = True
    silent: bool = False

    @property
    def title(self) -> str:
        return self.kind + MARKS[self.step]


@dataclass(frozen=True)
class Past:
    """账户基线 — what the broker's baselines say of the account; None: never, or no end."""

    opened_on: date
    last_trade_on: date | None = None
    last_position_on: date | None = None
    risk_level_until: date | None = None
    certificate_until: date | None = None


@dataclass(frozen=True)
class Agreement:
    """协议. ``renewed``: the end that the directory tells from the evening of the play's day on."""

    kind: str
    starts_on: date | None
    ends_on: date | None
    renewed: date | None = None


@dataclass(frozen=True)
class Episode:
    """One client's story. ``opening`` is the equity at the close before the play's day.

    ``opening`` None: the account is new on that day. ``available`` gives the settled available
    of some days, by their distance from the play's day; elsewhere all of the equity is available.
    ``profit`` gives the settled profit of some days; ``restated``: that of the play's day in the
    replacement of its file. ``known`` False: no manager has the client. ``feed``: it is about the
    source itself, and there is no client.
    """

    name: str
    about: str
    opening: str | None = "900000.00"
    acts: tuple[Act, ...] = ()
    told: tuple[Telling, ...] = ()
    available: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    profit: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    restated: str | None = None
    past: Past | None = None
    agreements: tuple[Agreement, ...] = ()
    known: bool = True
    feed: bool = False
