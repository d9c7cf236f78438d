"""文件名 — what a dropped file is, from its name alone, and in which order files are taken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.ingest.domain.rows import Unreadable
from services.ingest.domain.source import day_in_name
from services.ingest.domain.sources import AnySource, catalogue
from shared.kernel.masking import mask_account
from shared.kernel.trading_day import Calendar, OutsideCoverage, TradingDay

_ACCOUNT = re.compile(
    r"^(?=[A-Za-z]*\d)[0-9A-Za-z]+(?=_\d{8}\.)"
    r"|(?<![0-9A-Za-z])(?!20\d{6}(?!\d))[A-Za-z]{0,8}\d{5,}(?![0-9A-Za-z])"
)
_TITLED = re.compile(r"statement|结算单", re.IGNORECASE)
MASK = "***"
_UNUSED = re.compile(
    r"\d*(otherinfo|mortgagedetails|currencymortgage|delivcontractdata|exchangedetails|exchangequota"
    r"|optholddetails|optexerdata|amaccounts|amcustodyaccount|amassets|amassetsdetails)\d{8}\.txt",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"(statement|结算单|(?<!\d)20\d{6}(?!\d)|[-_.]|txt)", re.IGNORECASE)


class Unused(Unreadable):
    """A file of CFMMC's that tells nothing that we tell: it comes with the others each day."""


@dataclass(frozen=True)
class Named:
    """A file's kind and the trading day in its name, if it has one.

    ``scope``: files of one kind and scope replace each other.
    """

    name: str
    source: AnySource
    day: TradingDay | None

    @property
    def scope(self) -> str:
        return str(self.day) if self.source.dated else self.name


def masked(name: str) -> str:
    """Return a file's name as a log or a list may hold it: whose it is, is masked.

    >>> masked("80012345_20260601.txt"), masked("0001fundchg20260601.txt")
    ('***345_20260601.txt', '0001fundchg20260601.txt')
    >>> masked("张三_结算单_20260601.txt"), masked("funds_20260601-80012345.csv")
    ('***_结算单_20260601.txt', 'funds_20260601-***345.csv')
    """
    if _TITLED.search(name):
        parts = _PLAIN.split(name)  # a capturing group: every second part is plain
        return "".join(part if n % 2 else MASK * bool(part) for n, part in enumerate(parts))
    return _ACCOUNT.sub(lambda found: mask_account(found[0]), name)


def recognise(name: str, calendar: Calendar, profiles: Sequence[AnySource] = ()) -> Named:
    """Return what the file is; raises ``Unreadable`` for a name or day that cannot be one.

    Of these ``Unused`` for a kind of CFMMC's that nobody needs.

    ``profiles``: kinds of the broker's own, asked before ours.
    """
    for source in (*profiles, *catalogue().values()):
        if found := source.pattern.fullmatch(name):
            if not source.dated:
                return Named(name, source, day_in_name(name, calendar))
            return Named(name, source, _trading_day(found["day"], calendar))
    if _UNUSED.fullmatch(name):
        raise Unused("a kind of CFMMC's that is not used")
    kinds = ", ".join(sorted([*catalogue(), *(source.name for source in profiles)]))
    raise Unreadable(f"the name is none of {kinds}")


def kind_of(name: str, profiles: Sequence[AnySource] = ()) -> str | None:
    """Return the kind that a name is of, whatever its day; None: it is of none.

    >>> kind_of("0001fundchg20261399.txt"), kind_of("notes.txt")
    ('fundchg', None)
    """
    sources = (*profiles, *catalogue().values())
    return next((source.name for source in sources if source.pattern.fullmatch(name)), None)


def _trading_day(text: str, calendar: Calendar) -> TradingDay:
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        known = calendar.is_trading_day(day)
    except (ValueError, OutsideCoverage) as failure:
        raise Unreadable(f"the day in the name: {failure}") from None
    if not known:
        raise Unreadable(f"the day in the name: {day} is not a trading day")
    return TradingDay(day)


def taking_order(
    name: str, calendar: Calendar, profiles: Sequence[AnySource] = ()
) -> tuple[int, str, int, str]:
    """Return the sort key: staff, relations, baselines, then by day 出入金 before 客户资金."""
    try:
        named = recognise(name, calendar, profiles)
    except Unreadable:
        return (2, "", 0, name)
    if named.source.dated:
        return (1, str(named.day), named.source.order, name)
    return (0, "", named.source.order, name)
