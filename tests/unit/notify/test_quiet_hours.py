from datetime import datetime, time

import pytest

from services.notify.domain.policy import QuietHours
from services.notify.domain.quiet_hours import quiet_until
from shared.contracts.alerts import Urgency
from shared.kernel.trading_day import CHINA

NIGHT = QuietHours(begin=time(22), end=time(8), urgencies=frozenset({Urgency.LOW}))
NOON = QuietHours(begin=time(12), end=time(13, 30), urgencies=frozenset({Urgency.LOW}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}+08:00")


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHT, "01T21:59:59", None),
        (NIGHT, "01T22:00:00", "02T08:00:00"),
        (NIGHT, "01T23:59:59", "02T08:00:00"),
        (NIGHT, "02T00:00:00", "02T08:00:00"),
        (NIGHT, "02T07:59:59", "02T08:00:00"),
        (NIGHT, "02T08:00:00", None),
        (NIGHT, "30T23:00:00", "30T23:00:00+1"),
        (NOON, "01T11:59:59", None),
        (NOON, "01T12:00:00", "01T13:30:00"),
        (NOON, "01T13:30:00", None),
    ],
)
def test_until_when_it_is_quiet(hours: QuietHours, now: str, until: str | None) -> None:
    if until == "30T23:00:00+1":
        expected = datetime(2026, 7, 1, 8, tzinfo=CHINA)
    else:
        expected = at(until) if until else None  # type: ignore[assignment]  # None: not quiet
    assert quiet_until(hours, Urgency.LOW, at(now)) == expected


def test_what_is_not_listed_passes() -> None:
    assert quiet_until(NIGHT, Urgency.HIGH, at("01T23:00:00")) is None


def test_the_hours_are_shanghais_wherever_the_moment_was_written() -> None:
    utc = datetime.fromisoformat("2026-06-01T14:00:00+00:00")
    assert quiet_until(NIGHT, Urgency.LOW, utc) == at("02T08:00:00")
