"""日历变更 — what an operator's file changes of the shipped calendar, and whether it can be.

Days, no-night evenings, products' hours, or coverage further on. Nothing is taken half: a file that
contradicts itself or the shipped calendar is refused with its place. What it merely repeats is
fine, so that a file stays right when a later release ships the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import msgspec

from shared.kernel.calendar_form import (
    ONE,
    Change,
    Coverage,
    WrongCalendar,
    dates,
    days_of,
    weekend,
)
from shared.kernel.hours import Hours, WrongHours
from shared.kernel.trading_day import Calendar, TradingDay

FIXED_HOLIDAYS = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Closed every year, whatever the State Council announces for the rest."""
NIGHTLESS_END = (12, 31)


def apply(base: Calendar, change: Change) -> Calendar:
    """Return the calendar with the change in it; raises ``WrongCalendar``."""
    first, last = _coverage(base, change.coverage)
    days = _Days(base, change, (first, last))
    trading, no_night = days.trading(), days.no_night()
    version = f"{base.version}+{change.version}.{_digest(change)}"
    changed = replace(base, version=version, first=first, last=last, days=trading)
    table = base.timetable.with_lines(_hours(change), f"{base.timetable.version}+{change.version}")
    return replace(
        changed,
        no_night=no_night,
        timetable=table if change.products else base.timetable,
    )


class _Days:
    """The days of one change, while they are being judged against the calendar before it."""

    def __init__(self, base: Calendar, change: Change, span: tuple[date, date]) -> None:
        self._base, self._span, self._told = base, span, change.coverage
        names = ("closed", "open", "no_night", "night", "forced")
        self._said = {name: dict(days_of(name, getattr(change, name))) for name in names}
        self._forced = self._said["forced"].keys()
        self._former = set(base.days)
        for name in names:
            self._check_span(name)
        self._check_apart("closed", "open")
        self._check_apart("no_night", "night")
        self._open = self._trading()

    def trading(self) -> tuple[TradingDay, ...]:
        return tuple(map(TradingDay, sorted(self._open)))

    def no_night(self) -> frozenset[date]:
        for name in ("no_night", "night"):
            for day, place in self._said[name].items():
                if day not in self._open:
                    raise WrongCalendar(place, f"{day} is no trading day: it has no evening")
        before = {later: earlier for earlier, later in pairwise(sorted(self._open))}
        derived = self._evenings_before_holidays(before)
        kept = (self._base.no_night & self._open) | derived | self._said["no_night"].keys()
        return frozenset(kept - self._said["night"].keys())

    def _trading(self) -> set[date]:
        closed, opened = self._said["closed"], self._said["open"]
        for day, place in opened.items():
            if weekend(day) and day not in self._forced:
                raise WrongCalendar(
                    place, f"{day} is a {day:%A}: list it under forced, if it is so"
                )
        fresh = set()
        for day in dates(self._told.first, self._told.last) if self._told else ():
            if not weekend(day) and day not in closed:
                self._check_told(day)
                fresh.add(day)
        return (self._former | fresh | opened.keys()) - closed.keys()

    def _check_told(self, day: date) -> None:
        """A weekday that the file's coverage holds and does not call closed."""
        if day in self._said["open"] or day in self._forced:
            return
        if (day.month, day.day) in FIXED_HOLIDAYS:
            raise WrongCalendar("closed", f"lacks {day}, a statutory holiday of every year")
        if self._base.first <= day <= self._base.last and day not in self._former:
            raise WrongCalendar(
                "closed", f"lacks {day}, closed in {self._base.version}: list it there, or as open"
            )

    def _evenings_before_holidays(self, before: Mapping[date, date]) -> set[date]:
        """Evenings before a weekday that this file closes, or that its coverage ends with."""
        found = set()
        for day, previous in before.items():
            between = (previous + ONE * n for n in range(1, (day - previous).days))
            if any(not weekend(d) and self._tells(d) for d in between):
                found.add(previous)
        last = max(before, default=None)
        if last and (self._span[1].month, self._span[1].day) == NIGHTLESS_END:
            found.add(last)
        return found

    def _tells(self, day: date) -> bool:
        return day in self._said["closed"]

    def _check_span(self, name: str) -> None:
        first, last = self._span
        for day, place in self._said[name].items():
            if not first <= day <= last:
                raise WrongCalendar(
                    place, f"{day} is outside {first} to {last}: say coverage as well"
                )

    def _check_apart(self, one: str, other: str) -> None:
        for day in sorted(self._said[one].keys() & self._said[other].keys()):
            place = f"{self._said[one][day]} and {self._said[other][day]}"
            raise WrongCalendar(place, f"{day} is both {one} and {other}")


def _coverage(base: Calendar, told: Coverage | None) -> tuple[date, date]:
    if told is None:
        return base.first, base.last
    if told.last < told.first:
        raise WrongCalendar("coverage.last", f"{told.last} is before {told.first}")
    if told.first > base.last + ONE:
        gap = f"{base.last + ONE} to {told.first - ONE}"
        raise WrongCalendar("coverage.first", f"leaves a gap after {base.version}: {gap}")
    if told.last < base.first - ONE:
        gap = f"{told.last + ONE} to {base.first - ONE}"
        raise WrongCalendar("coverage.last", f"leaves a gap before {base.version}: {gap}")
    return min(base.first, told.first), max(base.last, told.last)


def _hours(change: Change) -> Iterator[Hours]:
    seen: dict[tuple[str, date], str] = {}
    for number, line in enumerate(change.products):
        place = f"products[{number}]"
        try:
            found = line.hours()
        except WrongHours as wrong:
            raise WrongCalendar(place, str(wrong)) from None
        for hours in found:
            key = (hours.product, hours.since)
            if key in seen:
                raise WrongCalendar(place, f"{hours.product} since {hours.since} is in {seen[key]}")
            seen[key] = place
            yield hours


def _digest(change: Change) -> str:
    """The content's name: two files under one version name are two versions."""
    told: Any = msgspec.json.encode(change, order="deterministic")
    return blake2b(told, digest_size=4).hexdigest()
