"""年龄 — a birthday out of what the sources tell, and full years. Pure."""

from datetime import date

OLDEST = 130  # years; who would be older was read wrongly


def age(birthday: date, day: date) -> int:
    """Return the full years (周岁); one born on 29 February has a birthday on 1 March.

    >>> age(date(1956, 2, 29), date(2026, 2, 28)), age(date(1956, 2, 29), date(2026, 3, 1))
    (69, 70)
    """
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def birthday_of(id_card: str) -> date | None:
    """Return the birthday in an 18-digit 身份证号; None: it is not one.

    >>> birthday_of("11010119900101001X")
    datetime.date(1990, 1, 1)
    >>> birthday_of("91310000MA1FL0000X")
    """
    head, digits = id_card[:17], id_card[6:14]
    if len(id_card) != 18 or not (head.isascii() and head.isdecimal()):  # noqa: PLR2004 its length
        return None
    return read_day(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")


def read_day(told: str) -> date | None:
    """Return a day out of a file's cell: ``1956-02-29``, ``1956/02/29``, ``19560229``."""
    try:
        return date.fromisoformat(told.strip().replace("/", "-").replace(".", "-"))
    except ValueError:
        return None


def plausible(birthday: date | None, day: date) -> date | None:
    """Return the birthday; None for one after the day, or of somebody too old to be."""
    known = birthday is not None and birthday <= day and age(birthday, day) <= OLDEST
    return birthday if known else None
