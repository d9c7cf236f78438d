"""The synthetic broker as a whole: its people, its quiet clients, the casts on stage, its files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import NamedTuple, Self

from deploy.synthetic import acting, cfmmc, cfmmc_trading, directory, registry
from deploy.synthetic.book import Balance, Moved
from deploy.synthetic.cast import Cast
from deploy.synthetic.cfmmc_trading import WRITERS
from deploy.synthetic.dealt import Dealings
from deploy.synthetic.people import RISK_DESK, Person, heads, managers
from deploy.synthetic.population import Client, Population
from deploy.synthetic.stage import Stage
from shared.kernel.trading_day import Calendar, TradingDay

NONSENSE = {
    "fundchg": (
        "{day}@89999901@一万元@1@62258808@1@955880001@银期转账@N@CNY@2@{day}",
        "{day}@89999902@-1000.00",
    ),
    "cusfund": ("{day}@89999903@" + "@".join(["NaN"] * 21),),
    **{kind: ("{day}@89999904@?@" + "@".join(["?"] * 20),) for kind in WRITERS},
}
"""Lines of the play's day that no reader may take, of accounts that do not exist."""


class File(NamedTuple):
    """A file to be dropped: its name, its encoding, its lines."""

    name: str
    encoding: str
    lines: Iterator[str]


@dataclass(frozen=True)
class Company:
    """One broker with ``casts`` on stage and quiet clients besides."""

    calendar: Calendar
    population: Population
    casts: tuple[Cast, ...]

    @classmethod
    def of(cls, stages: tuple[Stage, ...], accounts: int, seed: int) -> Self:
        """Return a broker of so many accounts, the actors of one stage among them.

        With several stages there are as many more: the quiet clients are the same ones.
        """
        people = managers(seed, accounts)
        casts = tuple(Cast(stage, seed, people) for stage in stages)
        actors = sum(actor.has_account for actor in casts[0].actors)
        quiet = max(0, accounts - actors)
        calendar = stages[0].calendar
        return cls(calendar, Population(seed, quiet, people, calendar), casts)

    @cached_property
    def staff(self) -> tuple[Person, ...]:
        seed, people = self.population.seed, self.population.managers
        return (*people, *heads(seed, self.population.size), RISK_DESK)

    def clients(self, today: date, *, whole: bool = True) -> Iterator[Client]:
        """Return every account's directory entry as it stands on a day."""
        for number in range(self.population.size if whole else 0):
            yield self.population.client(number, today)
        for cast in self.casts:
            yield from cast.clients(today)

    def directory_files(self, today: date) -> tuple[File, ...]:
        """Return staff, relations, baselines and agreements as they stand on a day."""
        strangers = frozenset[str]().union(*(cast.strangers() for cast in self.casts))
        return (
            File("staff.csv", directory.ENCODING, directory.staff(self.staff)),
            File(
                "relations.csv",
                directory.ENCODING,
                directory.relations(self.clients(today), strangers),
            ),
            self.baselines_file(today),
            self.agreements_file(today),
        )

    def baselines_file(self, today: date) -> File:
        """Return the baselines as they stand on a day."""
        return File("baselines.csv", directory.ENCODING, directory.baselines(self.clients(today)))

    def agreements_file(self, today: date) -> File:
        """Return the agreements as they stand on a day."""
        casts = (one for cast in self.casts for one in cast.agreements(today))
        signed = (*casts, *self.population.agreements(today))
        return File("agreements.csv", directory.ENCODING, directory.agreements(signed))

    def settlement_files(self, day: TradingDay, *, whole: bool = True) -> tuple[File, ...]:
        """Return a day's CFMMC files, in the order in which they are taken.

        Not ``whole``: only the accounts on stage, and nothing of trading and holding, as who is
        missing there would hold nothing any more.
        """
        funds = (self.fundchg_file(day, whole=whole), self.cusfund_file(day, whole=whole))
        trading = self.trading_files(day) if whole else ()
        return (*self.registry_files(day, whole=whole), *trading, *funds)

    def corrected_files(self, day: TradingDay) -> tuple[File, ...]:
        """Return what replaces the day's files when the first ones were not right."""
        funds = (self.fundchg_file(day, edition=2), self.cusfund_file(day, edition=2))
        return (*self.trading_files(day, edition=2), *funds)

    def trading_files(self, day: TradingDay, edition: int = 1) -> tuple[File, ...]:
        """Return the day's files of trading and holding, written when the first of them is."""
        written = cache(lambda: cfmmc_trading.written(day, self.dealings(day, edition)))
        return tuple(self._file(kind, day, _of(written, kind)) for kind in WRITERS)

    def registry_files(self, day: TradingDay, *, whole: bool = True) -> tuple[File, ...]:
        """Return what a day's files say of accounts and persons; of the strangers nothing."""
        strangers = frozenset[str]().union(*(cast.strangers() for cast in self.casts))
        clients = [c for c in self.clients(day, whole=whole) if c.account not in strangers]
        return tuple(
            File(cfmmc.file_name(write.__name__, day), cfmmc.ENCODING, write(day, clients))
            for write in (registry.customer, registry.cuscode, registry.cusaccount)
        )

    def fundchg_file(self, day: date, edition: int = 1, *, whole: bool = True) -> File:
        """Return the day's 出入金; a later edition has what the first one forgot."""
        lines = cfmmc.fundchg(day, self.movements(day, edition, whole))
        return self._file("fundchg", day, lines)

    def cusfund_file(self, day: TradingDay, edition: int = 1, *, whole: bool = True) -> File:
        """Return the day's 客户资金; a later edition has the figures put right."""
        lines = cfmmc.cusfund(day, self.balances(day, edition, whole))
        return self._file("cusfund", day, lines)

    def movements(self, day: date, edition: int, whole: bool) -> Iterator[Moved]:
        """Return everybody's money that moved on a day, as an edition of its books has it."""
        for cast in self.casts:
            yield from cast.movements(day, edition)
        if whole:
            yield from self.population.movements(day)

    def balances(self, day: TradingDay, edition: int, whole: bool) -> Iterator[Balance]:
        """Return everybody's account at a day's close."""
        for cast in self.casts:
            yield from cast.balances(day, edition)
        if whole:
            yield from self.population.balances(day, self.calendar.before(day))

    def dealings(self, day: TradingDay, edition: int) -> Iterator[Dealings]:
        """Return everybody's trading and holding of a day."""
        for cast in self.casts:
            yield from acting.dealings(cast, day, edition)
        yield from self.population.dealings(day, self.calendar.before(day))

    def _file(self, kind: str, day: date, lines: Iterator[str]) -> File:
        played = any(cast.stage.day == day for cast in self.casts)
        return File(
            cfmmc.file_name(kind, day),
            cfmmc.ENCODING,
            _spoilt(lines, [line.format(day=day) for line in NONSENSE[kind]] if played else []),
        )


def _of(written: Callable[[], dict[str, list[str]]], kind: str) -> Iterator[str]:
    yield from written()[kind]


def _spoilt(lines: Iterator[str], nonsense: list[str]) -> Iterator[str]:
    """Return the lines with nonsense behind them; a file of nothing else would be refused."""
    good = next(lines, None)
    if good is not None:
        yield good
        yield from lines
        yield from nonsense
