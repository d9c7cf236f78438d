"""The whole of mot as one function: ``watch(account, event, rules, origin)``.

It folds the event into the account, asks the detectors that listen to it, and gives each finding
its identity: ``alert_id`` from rule, account and episode; the next revision from what was said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, get_args

import msgspec

from services.mot.domain.account import NOBODY, Account, Spoken, changed, recent
from services.mot.domain.detector import Calm, Finding, Step
from services.mot.domain.detectors import AnyDetector
from services.mot.domain.events import AccountEvent, ClockTicked, TradingEvent
from services.mot.domain.evolve import evolve
from services.mot.domain.telling import REHEARSAL, Cause, Origin, Telling, told
from shared.contracts.alerts import FEED, AlertEvent
from shared.kernel.trading_day import Calendar

__all__ = [
    "REHEARSAL",
    "Failed",
    "Origin",
    "Rules",
    "Watched",
    "concerned",
    "key_of",
    "watch",
]

_FEED = f":{FEED}"


class Failed(NamedTuple):
    """A detector that raised on an account: it is switched off there until rule or calendar change.

    ``why`` is the exception's type: its text might quote the client's data.
    """

    rule: str
    why: str


class Watched(msgspec.Struct, frozen=True, gc=False):
    """What one event did."""

    account: Account
    alerts: Sequence[AlertEvent]
    failures: Sequence[Failed]


Detect = Callable[[Any, Account, Account, Calendar], Iterable[Finding]]


class Family(NamedTuple):
    """Detectors that stand side by side, their rules, and the look that may spare asking each."""

    calm: Calm | None
    rules: frozenset[str]
    members: list[tuple[str, Detect]]


Listeners = dict[type[Any], list[Family]]


@dataclass(frozen=True)
class Rules:
    """The detectors in force by rule name, and the calendar they count by."""

    detectors: Mapping[str, AnyDetector]
    calendar: Calendar

    @cached_property
    def listeners(self) -> Listeners:
        """Return event type → what listens to it for a client's account, by rule name."""
        return self._listeners(of_feed=False)

    @cached_property
    def of_feed(self) -> Listeners:
        """Return event type → what listens to it for the broker's feed, by rule name."""
        return self._listeners(of_feed=True)

    def _listeners(self, of_feed: bool) -> Listeners:
        ours = [one for one in self.detectors.items() if one[1].of_feed is of_feed]
        return {
            type_: list(_families([one for one in ours if type_ in one[1].listens_to]))
            for type_ in get_args(TradingEvent)
        }

    def stamp(self, rule: str) -> str:
        """Return what a switched-off rule waits for to change."""
        return f"{self.detectors[rule].version}/{self.calendar.version}"


def _families(listening: Sequence[tuple[str, AnyDetector]]) -> Iterator[Family]:
    for _, side_by_side in groupby(listening, key=lambda one: one[1].shares):
        family = dict(side_by_side)
        calm = next(iter(family.values())).calm(list(family.values()))
        members: list[tuple[str, Detect]] = [(name, d.detect) for name, d in family.items()]
        yield Family(calm, frozenset(family), members)


def watch(before: Account, event: TradingEvent, rules: Rules, origin: Origin) -> Watched:
    """Fold one event into one account and say what is worth a person's attention.

    ``clock.ticked`` and ``day.closed`` are watched once for each account they concern.
    """
    after = evolve(before, event)
    alerts: Sequence[AlertEvent] = ()
    failures: Sequence[Failed] = ()
    calendar = rules.calendar
    listeners = rules.of_feed if origin.key.endswith(_FEED) else rules.listeners
    off = after.switched_off
    spoke = after.spoke() if after.spoken else NOBODY
    for calm, names, members in listeners[type(event)]:
        try:
            if calm and not (spoke and spoke & names) and calm(event, before, after, calendar):
                continue
        except Exception:  # noqa: S110 each is asked, and the one that raises is switched off
            pass
        for name, detect in members:
            if off and off.get(name) == rules.stamp(name):
                continue
            try:
                found = detect(event, before, after, calendar)
                findings = list(found) if found else ()
                if findings and not getattr(event.data, "backfill", False):
                    cause = Cause(event, before, origin, calendar.version)
                    after, news = _tell(after, name, findings, rules.detectors[name], cause)
                    alerts = (*alerts, *news)
            except Exception as error:
                failures = (*failures, Failed(name, type(error).__name__))
                after = changed(after, switched_off={**after.switched_off, name: rules.stamp(name)})
    return Watched(after, alerts, failures)


def _tell(
    account: Account,
    rule: str,
    findings: Iterable[Finding],
    detector: AnyDetector,
    cause: Cause,
) -> tuple[Account, list[AlertEvent]]:
    """Return the account that remembers the findings, and the alerts that they are."""
    alerts: list[AlertEvent] = []
    for found in findings:
        finding = _worded(account, rule, found)
        if finding is None:
            continue
        account, spoken = _speak(account, rule, finding, cause.event.data.trading_day)
        if finding.step is not Step.NOTED:
            alerts.append(told(Telling(rule, detector, finding, spoken.revision), cause))
    return account, alerts


def _worded(account: Account, rule: str, finding: Finding) -> Finding | None:
    """Fit the step to what was told: the first word is raised, and only what stands can end."""
    said = account.said(rule, finding.episode)
    stands = said is not None and said.stands
    match finding.step:
        case Step.RAISED if stands:
            return replace(finding, step=Step.UPDATED)
        case Step.UPDATED if not stands:
            return replace(finding, step=Step.RAISED)
        case Step.CONFIRMED | Step.AMENDED | Step.WITHDRAWN | Step.NOTED if not stands:
            return None
    return finding


def _speak(account: Account, rule: str, finding: Finding, day: date) -> tuple[Account, Spoken]:
    said = account.said(rule, finding.episode)
    revision = said.revision if said else 0
    if finding.step is not Step.NOTED:
        revision += 1
    spoken = Spoken(revision, finding.level, day, finding.figure, not finding.provisional)
    spoken_all = {**recent(account.spoken, day), f"{rule}|{finding.episode}": spoken}
    return changed(account, spoken=spoken_all), spoken


def concerned(
    event: TradingEvent, accounts: Mapping[str, Account], partition: int
) -> Iterator[str]:
    """Return the account keys that a broadcast event concerns, in a fixed order.

    A tick looks only at accounts with a live forced-liquidation order, and in partition 0 at the
    broker's feed; a day's close at all accounts of the event's broker.
    """
    ours = (f"{event.data.broker}:", f"{REHEARSAL}{event.data.broker}:")
    if not isinstance(event, ClockTicked):
        yield from (key for key in accounts if key.startswith(ours))
        return
    if partition == 0:
        yield f"{event.data.broker}:{FEED}"
    for key, account in accounts.items():
        if account.orders and key.startswith(ours) and _live(account):
            yield key


def key_of(event: AccountEvent) -> str:
    """Return whose memory an event belongs to: a rehearsal never touches the real one's."""
    return f"{REHEARSAL}{event.subject}" if event.data.rehearsal else event.subject


def _live(account: Account) -> bool:
    return any(not order.ended for order in account.orders.values())
