"""The many clients to whom nothing happens that anyone must be told: the noise around the episodes.

A client is a number; every figure follows from seed, number and day, so any day can be asked for
alone. Their movements, losses and margins stay far below every line, they have traded lately, and
nothing of theirs ends within half a year.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from deploy.synthetic.book import LI, Balance, Moved
from deploy.synthetic.chance import between, chance
from deploy.synthetic.dealt import Dealings
from deploy.synthetic.people import Person, company, name
from deploy.synthetic.positions import Positions, Who, with_profit
from shared.kernel.trading_day import Calendar, china

_SIZES = ((5_000, 100_000), (5_000, 100_000), (100_000, 1_000_000), (1_000_000, 20_000_000))
_ONE_IN, _LARGEST_MOVE = 5, 50_000
_COMPANY_EVERY, _SECOND_ACCOUNT_EVERY, _FILE_ONLY_EVERY = 12, 10, 20
_REBATE_EVERY = 6


class Client(NamedTuple):
    """What the directory files say of an account."""

    account: str
    customer_id: str
    customer_name: str
    customer_type: str
    manager: Person
    opened_on: date
    last_trade_on: date | None
    last_position_on: date | None
    risk_level_until: date | None = None
    certificate_until: date | None = None


class Signed(NamedTuple):
    """An agreement of an account, as the directory tells it."""

    account: str
    kind: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class Population:
    """So many quiet clients."""

    seed: int
    size: int
    managers: tuple[Person, ...]
    calendar: Calendar = field(default_factory=china)

    def account(self, number: int) -> str:
        return f"7{number:07d}"

    def client(self, number: int, today: date) -> Client:
        """Return an account's directory entry as it stands on a day."""
        owner = number - (number % _SECOND_ACCOUNT_EVERY == _SECOND_ACCOUNT_EVERY - 1)
        bits, firm = chance(self.seed, 1, owner), owner % _COMPANY_EVERY == 1
        monday = today - timedelta(days=today.weekday())
        last = monday - timedelta(days=1 + (bits >> 24) % 14)
        return Client(
            self.account(number),
            f"C{self.account(owner)}",
            company(self.seed, owner) if firm else name(self.seed, owner),
            "一般法人" if firm else "自然人",
            self.managers[owner % len(self.managers)],
            date(2012, 1, 4) + timedelta(days=bits % 3650),
            last,
            last,
            _far(today, bits >> 32),
            _far(today, bits >> 40),
        )

    def agreements(self, today: date) -> Iterator[Signed]:
        """Return the quiet clients' agreements as the directory tells them on a day."""
        for number in range(0, self.size, _REBATE_EVERY):
            bits = chance(self.seed, 7, number)
            ends_on = _far(today, bits) if bits >> 60 else None
            yield Signed(self.account(number), "交返", date(2024, 1, 2), ends_on)

    def moved(self, number: int, day: date) -> int:
        """Return the day's deposit or (negative) withdrawal; 0 for most."""
        bits = chance(self.seed, 2, number, day.toordinal())
        if bits % _ONE_IN:
            return 0
        most = min(_LARGEST_MOVE, self._size(number) // 10)
        amount = between(100 * 100, most * 100, bits >> 8) * 10
        return amount if bits >> 40 & 1 else -amount

    def serial(self, number: int, day: date) -> str:
        """Return 流水号 of the day's movement."""
        return f"{day:%Y%m%d}-{self.account(number)}"

    def is_live(self, number: int, day: date) -> bool:
        """Say whether the day's movement also shows in the stream; the file shows all."""
        return bool(chance(self.seed, 3, number, day.toordinal()) % _FILE_ONLY_EVERY)

    def equity(self, number: int, day: date) -> int:
        """Return the equity at a day's close: within two per cent of the client's size."""
        drift = between(-2000, 2000, chance(self.seed, 4, number, day.toordinal()))
        return self._size(number) * LI * (100_000 + drift) // 100_000 // 10 * 10

    def balance(self, number: int, day: date, before: date) -> Balance:
        """Return the account at a day's close; ``before`` is the trading day before it."""
        return self._balance(number, day, before, self._dealt(number, day, before))

    def dealings(self, day: date, before: date) -> Iterator[Dealings]:
        """Return every account's trading and holding on a day, its profit in the row it is of."""
        for number in range(self.size):
            dealt = self._dealt(number, day, before)
            yield with_profit(dealt, self._balance(number, day, before, dealt).profit)

    def balances(self, day: date, before: date) -> Iterator[Balance]:
        """Return every account at a day's close."""
        return (self.balance(number, day, before) for number in range(self.size))

    def movements(self, day: date) -> Iterator[Moved]:
        """Return the day's movements of money as the file shows them."""
        for number in range(self.size):
            if moved := self.moved(number, day):
                yield Moved(self.account(number), moved, day, self.serial(number, day))

    def _dealt(self, number: int, day: date, before: date) -> Dealings:
        who = Who(number, self.account(number), self._size(number))
        return self._positions.dealings(who, day, before)

    def _balance(self, number: int, day: date, before: date, dealt: Dealings) -> Balance:
        opening, moved = self.equity(number, before), self.moved(number, day)
        equity, fees = self.equity(number, day), dealt.fees
        profit = equity - opening - moved + fees
        return Balance(self.account(number), opening, moved, profit, fees, dealt.margin)

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self.seed, self.calendar)

    def _size(self, number: int) -> int:
        bits = chance(self.seed, 6, number)
        low, high = _SIZES[bits % len(_SIZES)]
        return between(low, high, bits >> 8)


def _far(today: date, bits: int) -> date:
    """Return a day of the year after next or of a later one; it changes once a year."""
    return date(today.year + 2 + bits % 3, 1, 1) + timedelta(days=bits // 3 % 365)
