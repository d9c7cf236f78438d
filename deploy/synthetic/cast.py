"""The clients of one play's episodes: who they are, whose they are, and their books.

Their profit, fees and surprises are nothing: the episodes' figures are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from deploy.synthetic.book import Balance, Moved, li
from deploy.synthetic.episodes import catalogue
from deploy.synthetic.people import Person, name
from deploy.synthetic.population import Client, Signed
from deploy.synthetic.script import (
    Act,
    Deposit,
    Episode,
    Movement,
    Past,
    Reverse,
    Seen,
    Traded,
    Unseen,
    Withdraw,
)
from deploy.synthetic.stage import Stage
from shared.contracts.alerts import FEED
from shared.kernel.trading_day import TradingDay

_SMALL_HOUR = 4


@dataclass(frozen=True)
class Actor:
    """One episode's client. The account's last three digits are the actor's own in a play."""

    episode: Episode
    account: str
    name: str
    manager: Person

    def act_at(self, at: str) -> Act:
        """Return the act of a moment; an episode's moments differ."""
        return next(
            act for act in self.episode.acts if not isinstance(act, Unseen) and act.at == at
        )

    @property
    def has_account(self) -> bool:
        """Say whether it is a client at all: the source's own silence is nobody's."""
        return not self.episode.feed


@dataclass(frozen=True)
class Cast:
    """The actors of a play, and their books on each of its days."""

    stage: Stage
    seed: int
    managers: tuple[Person, ...]

    @cached_property
    def actors(self) -> tuple[Actor, ...]:
        play = self.stage.calendar.distance(self.stage.calendar.first, self.stage.day)
        return tuple(
            Actor(
                episode,
                FEED if episode.feed else f"8{play:04d}{number:03d}",
                name(self.seed, 700_000_000 + play * 1000 + number),
                self.managers[number % min(len(self.managers), 8)],
            )
            for number, episode in enumerate(catalogue(self.stage), start=1)
        )

    def clients(self, today: date) -> Iterator[Client]:
        """Return what the directory files say of the actors on a day; nobody has the unknown."""
        for actor in self.actors:
            if not actor.has_account:
                continue
            past = self._past(actor.episode, today)
            yield Client(
                actor.account,
                f"C{actor.account}",
                actor.name,
                "自然人",
                actor.manager,
                past.opened_on,
                past.last_trade_on,
                past.last_position_on,
                past.risk_level_until,
                past.certificate_until,
            )

    def agreements(self, today: date) -> Iterator[Signed]:
        """Return the actors' agreements as the directory tells them on a day."""
        for actor in self.actors:
            for one in actor.episode.agreements:
                renewed = one.renewed is not None and today >= self.stage.day
                ends_on = one.renewed if renewed else one.ends_on
                yield Signed(actor.account, one.kind, one.starts_on, ends_on)

    def strangers(self) -> frozenset[str]:
        """Return the accounts that no relation names."""
        return frozenset(actor.account for actor in self.actors if not actor.episode.known)

    def movements(self, day: date, edition: int = 1) -> Iterator[Moved]:
        """Return what the actors add to an edition of a day's file: what was not reversed."""
        for actor in self.actors:
            taken_back = {act.of for act in actor.episode.acts if isinstance(act, Reverse)}
            for act in actor.episode.acts:
                if not isinstance(act, Movement) or self._file_day(act) != day:
                    continue
                if act.at not in taken_back and _stands_in(act, edition):
                    serial = self.stage.serial(actor.account, act.at, act.on)
                    yield Moved(actor.account, signed(actor, act), self._happened(act), serial)

    def balances(self, day: TradingDay, edition: int = 1) -> Iterator[Balance]:
        """Return the actors' accounts at a day's close, as an edition of its file has them."""
        if day not in self.stage.closings:
            return
        for actor in self.actors:
            opens_on = self.stage.history[0] if actor.episode.opening else self.stage.day
            if actor.has_account and day >= opens_on:
                yield self._balance(actor, day, edition)

    def equity_at(self, actor: Actor, moment: datetime) -> int:
        """Return the equity that the stream shows at a moment of the play's day."""
        live = sum(
            signed(actor, act)
            for act in actor.episode.acts
            if isinstance(act, Withdraw | Deposit | Reverse)
            and (isinstance(act, Reverse) or act.seen is Seen.BOTH)
            and self.stage.moment(act.at) <= moment
        )
        return li(actor.episode.opening or "0") + live

    def _balance(self, actor: Actor, day: TradingDay, edition: int) -> Balance:
        opening = self._closing(actor, self.stage.calendar.before(day))
        moved, profit = self._moved(actor, day, edition), self._profit(actor, day, edition)
        told = actor.episode.available.get(self._offset(day))
        margin = opening + moved + profit - li(told) if told is not None else 0
        return Balance(actor.account, opening, moved, profit, 0, margin)

    def _closing(self, actor: Actor, day: date) -> int:
        """Return the equity at a day's close, when every file has been put right."""
        stage, opening = self.stage, li(actor.episode.opening or "0")
        days = [on for on in stage.closings if self._moved(actor, on) or self._profit(actor, on)]
        since = sum(self._gain(actor, on) for on in days if stage.history[-1] < on <= day)
        undone = sum(self._gain(actor, on) for on in days if day < on <= stage.history[-1])
        return opening + since - undone

    def _gain(self, actor: Actor, day: date) -> int:
        return self._moved(actor, day) + self._profit(actor, day)

    def _moved(self, actor: Actor, day: date, edition: int = 2) -> int:
        return sum(
            signed(actor, act)
            for act in actor.episode.acts
            if self._file_day(act) == day
            and (not isinstance(act, Movement) or _stands_in(act, edition))
        )

    def _profit(self, actor: Actor, day: date, edition: int = 2) -> int:
        episode = actor.episode
        if edition > 1 and day == self.stage.day and episode.restated is not None:
            return li(episode.restated)
        return li(episode.profit.get(self._offset(day), "0"))

    def _offset(self, day: date) -> int:
        """Return the distance from the play's day, of a day that is settled in the play."""
        return self.stage.closings.index(day) - len(self.stage.history)

    def _file_day(self, act: Act) -> date | None:
        match act:
            case Withdraw() | Deposit():
                return self.stage.on(act.on)
            case Reverse():
                return self.stage.day
        return None

    def _happened(self, act: Act) -> date:
        """Return 发生日期: the trading day, and after midnight the date of the night."""
        if isinstance(act, Withdraw | Deposit) and not act.on:
            moment = self.stage.moment(act.at)
            if moment.hour < _SMALL_HOUR:
                return moment.date()
        return self._file_day(act) or self.stage.day

    def _past(self, episode: Episode, today: date) -> Past:
        past = episode.past or Past(date(2018, 3, 12), *(self.stage.history[0],) * 2)
        traded = [self.stage.on(act.on) for act in episode.acts if isinstance(act, Traded)]
        days = [past.last_trade_on, *(day for day in traded if day <= today)]
        return replace(past, last_trade_on=max((d for d in days if d), default=None))


def signed(actor: Actor, act: Act) -> int:
    """Return what an act adds to the account's money."""
    match act:
        case Deposit():
            return li(act.amount)
        case Withdraw():
            return -li(act.amount)
        case Reverse():
            return -signed(actor, actor.act_at(act.of))
    return 0


def _stands_in(act: Movement, edition: int) -> bool:
    return act.seen is not Seen.REPLACEMENT or edition > 1
