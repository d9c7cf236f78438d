"""投资者回访 — whom to visit, and why. Pure; money in whole 厘.

A figure that no source tells is 未知 (``None``): counted by rule, never taken for a no.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from services.profile.domain.visit_people import age


@dataclass(frozen=True)
class Rules:
    """The parameters. ``sample``: the part of all clients that is drawn."""

    sample: Decimal
    opened_days: int
    loss: int
    loss_ratio: Decimal
    over: int
    savings: tuple[str, ...]
    jobless: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """What is known of a client. ``loss`` is of the period; ``base``: equity before, and deposits.

    ``person``: a natural person; no rule on age, income or occupation speaks of another.
    """

    customer_id: str
    person: bool
    opened_on: date | None = None
    loss: int | None = None
    base: int | None = None
    birthday: date | None = None
    income: str | None = None
    occupation: str | None = None
    risky: bool | None = None


Judge = Callable[[Figures, Rules, date], bool | None]


def new_account(client: Figures, rules: Rules, day: date) -> bool | None:
    """A001 新开户 — the latest account was opened less than so many days ago."""
    if client.opened_on is None:
        return None
    return day - timedelta(days=rules.opened_days) < client.opened_on <= day


def large_loss(client: Figures, rules: Rules, day: date) -> bool | None:
    """A002 大额亏损 — more than the amount, or more than the ratio of what was there."""
    if client.loss is None:
        return None
    if client.loss > rules.loss:
        return True
    if client.loss <= 0:
        return False
    return None if client.base is None else client.loss > rules.loss_ratio * client.base


def elderly(client: Figures, rules: Rules, day: date) -> bool | None:
    """A003 老年交易者 — older than so many full years."""
    if not client.person:
        return False
    return None if client.birthday is None else age(client.birthday, day) > rules.over


def on_savings(client: Figures, rules: Rules, day: date) -> bool | None:
    """A004 依靠积蓄、社保 — the income says one of the words."""
    return _says(client, client.income, rules.savings)


def jobless(client: Figures, rules: Rules, day: date) -> bool | None:
    """A005 无业 — the occupation says one of the words."""
    return _says(client, client.occupation, rules.jobless)


def risky_product(client: Figures, rules: Rules, day: date) -> bool | None:
    """A006 高风险品种 — one is held."""
    return client.risky


RULES: Mapping[str, Judge] = MappingProxyType(
    {
        "A001": new_account,
        "A002": large_loss,
        "A003": elderly,
        "A004": on_savings,
        "A005": jobless,
        "A006": risky_product,
    }
)


def _says(client: Figures, told: str | None, words: Iterable[str]) -> bool | None:
    if not client.person:
        return False
    return any(word in told for word in words) if told else None
