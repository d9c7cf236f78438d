"""金丝雀 — one message a day to a chosen phone, through all that an urgent alert goes through.

Where it gets lost, or nothing is sent at all (the dead-man's switch), the risk desk hears it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Self
from uuid import UUID

from pydantic import PositiveInt, model_validator

from services.notify.domain.channels import catalogue
from services.notify.domain.duty import HORIZON, Applies, counted
from services.notify.domain.part import Part
from services.notify.domain.policy import Notice, Policy
from shared.contracts.alerts import FEED, Urgency
from shared.contracts.event import Code
from shared.kernel.ids import alert_id
from shared.kernel.trading_day import CHINA

CANARY, SILENT = "notify_canary", "notify_silent"
DAYS = 8
"""So many days' canaries are looked at; one that arrived before them is as good as none."""


class Canary(Part):
    """Whose phone, when, by what. ``staff``: an id of the staff directory.

    ``at``: the time of day in China. ``within_minutes``: what has not arrived by then is lost.
    ``silent_minutes``: so much trading time without any message is told, too.
    """

    broker: Code
    staff: Code
    at: time = time(8, 30)
    within_minutes: PositiveInt = 15
    channels: tuple[str, ...] = ("wecom_app", "aliyun_sms")
    silent_minutes: PositiveInt = 240

    @model_validator(mode="after")
    def _channels_are_known(self) -> Self:
        if unknown := set(self.channels) - set(catalogue()):
            raise ValueError(f"no such channel: {sorted(unknown)}")
        return self

    @model_validator(mode="after")
    def _it_is_judged_on_its_day(self) -> Self:
        minutes = self.at.hour * 60 + self.at.minute + self.within_minutes
        if minutes >= 24 * 60:
            raise ValueError("at and within_minutes must end before midnight")
        return self


class Arrived(NamedTuple):
    """A channel has taken a day's canary and, where it reports, delivered it. Business time."""

    day: date
    channel: str
    at: datetime


def notices(canary: Canary | None, policy: Policy) -> Mapping[str, Notice]:
    """Return rule → how it is told, of notify's own alerts; of a lost channel by the others."""
    if canary is None:
        return {}
    ways = tuple(dict.fromkeys((*policy.channels[Urgency.HIGH], *canary.channels)))
    lost = {
        lost_by(channel): Notice(channels=tuple(w for w in ways if w != channel) or ways)
        for channel in canary.channels
    }
    song = Notice(channels=canary.channels, to=canary.staff)
    return {CANARY: song, SILENT: Notice(channels=ways), **lost}


def lost_by(channel: str) -> str:
    """Return the rule that says so."""
    return f"{CANARY}_lost_{channel}"


def which(canary: Canary, day: date) -> UUID:
    """Return the alert that is a day's canary."""
    return alert_id(CANARY, f"{canary.broker}:{FEED}", day.isoformat())


def days(now: datetime) -> Sequence[date]:
    """Return the days whose canaries matter, today first."""
    today = now.astimezone(CHINA).date()
    return [today - timedelta(days=n) for n in range(DAYS)]


def is_due(canary: Canary, now: datetime) -> bool:
    """Say whether today's is to be sent: late rather than never, and not after midnight."""
    return now.astimezone(CHINA).time() >= canary.at


def lost(
    canary: Canary, began: datetime | None, arrived: Iterable[Arrived], now: datetime
) -> Sequence[str]:
    """Return the channels by which today's, decided at ``began``, has not arrived in time."""
    if began is None or now < began + timedelta(minutes=canary.within_minutes):
        return ()
    today = days(now)[0]
    there = {one.channel for one in arrived if one.day == today}
    return [channel for channel in canary.channels if channel not in there]


def ages(
    canary: Canary, since: datetime, arrived: Iterable[Arrived], now: datetime
) -> Mapping[str, timedelta]:
    """Return channel → since its last canary; where none arrived, since ``since``."""
    last = dict.fromkeys(canary.channels, since)
    for one in sorted(arrived, key=lambda a: a.at):
        last[one.channel] = one.at
    return {channel: now - at for channel, at in last.items()}


def silence(trading: Applies, last: datetime, now: datetime) -> timedelta:
    """Return how much trading time has passed since the last message."""
    return counted([trading], max(last, now - timedelta(days=HORIZON)), now)


def is_trading(trading: Applies, now: datetime) -> bool:
    """Say whether it is trading time now, or was a minute ago."""
    return bool(counted([trading], now - timedelta(minutes=1), now))
