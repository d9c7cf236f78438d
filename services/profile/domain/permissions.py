"""特殊品种权限 — what a class of products asks for, and whether an account meets it. Pure.

Money is 厘. Three answers to every condition: met, not met, and not known (None): what no source
tells is never guessed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

Exemptions = Mapping[str, frozenset[str]]
"""professional, traded, same → the conditions it exempts from."""


class Status(StrEnum):
    """已开通, 可开通, 不满足, 未知."""

    OPEN = "open"
    ELIGIBLE = "eligible"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"


class Condition(StrEnum):
    """资金, 知识测试, 交易经历, 适当性."""

    FUNDS = "funds"
    KNOWLEDGE = "knowledge"
    EXPERIENCE = "experience"
    SUITABILITY = "suitability"


@dataclass(frozen=True)
class ProductClass:
    """Products that are opened together; ``funds`` in 厘. No ``products``: all of the exchange."""

    code: str
    name: str
    exchange: str
    products: tuple[str, ...]
    of: str
    rank: int
    funds: int


@dataclass(frozen=True)
class Rules:
    """The thresholds, and who is exempt from which condition."""

    classes: Sequence[ProductClass]
    exempts: Exemptions
    days: int
    knowledge: int
    orders: int
    traded_days: int
    level: int


@dataclass(frozen=True)
class Figures:
    """What is known of one account on a trading day.

    ``least``: 厘, the lowest settled available of those of the last days that are known, ``days``
    of them. ``orders`` filled and ``traded_days`` are all there were when ``complete``, else at
    least so many. ``opened``: classes that a source, or an opening trade, says are open.
    """

    day: date
    least: int | None = None
    days: int = 0
    orders: int = 0
    complete: bool = False
    traded_days: int = 0
    level: int | None = None
    level_until: date | None = None
    score: int | None = None
    professional: bool = False
    opened: frozenset[str] = frozenset()


class Judged(NamedTuple):
    """One condition: its figure beside the threshold; ``exempt`` names why it need not be met.

    Figures are 厘, points, orders, and the level of suitability.
    """

    condition: Condition
    met: bool | None
    figure: int | None
    threshold: int
    exempt: str | None = None

    @property
    def shortfall(self) -> int | None:
        """Return what is missing; 0: nothing; None: not known."""
        return None if self.figure is None else max(0, self.threshold - self.figure)

    @property
    def in_the_way(self) -> bool | None:
        """Say whether it bars the opening; a test nobody has taken is taken when one applies."""
        if self.exempt or self.met or (self.met is None and self.condition is Condition.KNOWLEDGE):
            return False
        return None if self.met is None else True


class Evaluation(NamedTuple):
    """A class's status for an account, and how each condition stands."""

    status: Status
    judged: Sequence[Judged]


def evaluate(figures: Figures, of: ProductClass, rules: Rules) -> Evaluation:
    """Return how an account stands to a class of products."""
    reasons = _reasons(figures, of, rules)
    judged = [
        _exempted(one, reasons, rules.exempts)
        for one in (
            _funds(figures, of, rules),
            _knowledge(figures, rules),
            _experience(figures, rules),
            _suitability(figures, rules),
        )
    ]
    return Evaluation(_status(of.code in figures.opened, judged), judged)


def _status(is_open: bool, judged: Collection[Judged]) -> Status:
    barred = {one.in_the_way for one in judged}
    if is_open:
        return Status.OPEN
    if True in barred:
        return Status.NOT_MET
    return Status.UNKNOWN if None in barred else Status.ELIGIBLE


def _reasons(figures: Figures, of: ProductClass, rules: Rules) -> list[str]:
    same = (one.code in figures.opened and one.rank >= of.rank for one in rules.classes)
    holds = {
        "professional": figures.professional,
        "traded": figures.traded_days >= rules.traded_days,
        "same": any(same),
    }
    return [reason for reason, held in holds.items() if held]


def _exempted(one: Judged, reasons: Sequence[str], exempts: Exemptions) -> Judged:
    found = [reason for reason in reasons if one.condition in exempts.get(reason, ())]
    return one._replace(exempt=next(iter(found), None))


def _funds(figures: Figures, of: ProductClass, rules: Rules) -> Judged:
    """One day below is enough to fail; to pass, all of the days are known."""
    met: bool | None = None
    if figures.least is not None and figures.least < of.funds:
        met = False
    elif figures.days >= rules.days:
        met = True
    return Judged(Condition.FUNDS, met, figures.least, of.funds)


def _knowledge(figures: Figures, rules: Rules) -> Judged:
    score = figures.score
    met = None if score is None else score >= rules.knowledge
    return Judged(Condition.KNOWLEDGE, met, score, rules.knowledge)


def _experience(figures: Figures, rules: Rules) -> Judged:
    enough = figures.orders >= rules.orders
    met = enough if enough or figures.complete else None
    return Judged(Condition.EXPERIENCE, met, figures.orders, rules.orders)


def _suitability(figures: Figures, rules: Rules) -> Judged:
    """A level too low or expired fails; one whose end nobody tells is not known to hold."""
    level, until = figures.level, figures.level_until
    if (level is not None and level < rules.level) or (until is not None and until < figures.day):
        met: bool | None = False
    else:
        met = None if level is None or until is None else True
    return Judged(Condition.SUITABILITY, met, level, rules.level)
