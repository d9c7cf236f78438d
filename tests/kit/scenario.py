"""given past events, when one more arrives, then the detector speaks or stays silent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.mot.domain.account import EMPTY, Account
from services.mot.domain.detector import Finding
from services.mot.domain.detectors import AnyDetector, catalogue
from services.mot.domain.events import ClockTicked, DayClosed, TradingEvent
from services.mot.domain.evolve import evolve
from services.mot.domain.watch import Failed, Origin, Rules, key_of, watch
from shared.contracts.alerts import FEED, AlertEvent
from shared.kernel.trading_day import Calendar, china
from tests.kit.events import BROKER, CLIENT

FEED_ACCOUNT = f"{BROKER}:{FEED}"


class Played(NamedTuple):
    """What a log made of an account, and everything it said on the way."""

    account: Account
    alerts: list[AlertEvent]
    failures: list[Failed]


def play(
    log: Iterable[TradingEvent], rules: Rules, account: Account = EMPTY, start: int = 0
) -> Played:
    """Watch one account's log, whose first event stands at offset ``start``.

    A rehearsal has a memory of its own, as in the field; what is returned is the real one's.
    """
    client = FEED_ACCOUNT if only_feed(rules) else CLIENT
    accounts = {client: account}
    alerts: list[AlertEvent] = []
    failures: list[Failed] = []
    for offset, event in enumerate(log, start):
        for key in _keys(event, accounts):
            before = accounts.get(key, EMPTY)
            done = watch(before, event, rules, Origin(key, 0, offset))
            accounts[key] = done.account
            alerts += done.alerts
            failures += done.failures
    return Played(accounts[client], alerts, failures)


def only_feed(rules: Rules) -> bool:
    """Say whether the rules watch no client."""
    return bool(rules.detectors) and all(d.of_feed for d in rules.detectors.values())


def _keys(event: TradingEvent, accounts: Mapping[str, Account]) -> list[str]:
    return list(accounts) if isinstance(event, ClockTicked | DayClosed) else [key_of(event)]


def all_rules() -> Rules:
    """Return every detector with its own defaults."""
    return Rules({name: detector() for name, detector in catalogue().items()}, china())


@dataclass(frozen=True)
class Scenario:
    """One rule and one account. What was said in ``given`` is remembered, as it is in the field."""

    detector: AnyDetector
    account: Account = EMPTY
    calendar: Calendar = field(default_factory=china)

    @property
    def rules(self) -> Rules:
        return Rules({self.detector.rule: self.detector}, self.calendar)

    def given(self, *history: TradingEvent) -> "Scenario":
        """Return the scenario after some more history."""
        played = play(history, self.rules, self.account)
        assert not played.failures
        return Scenario(self.detector, played.account, self.calendar)

    def when(self, event: TradingEvent) -> list[Finding]:
        """Return what the detector says of one more event; empty: it stays silent."""
        after = evolve(self.account, event)
        return list(self.detector.detect(event, self.account, after, self.calendar))

    def told(self, *events: TradingEvent) -> list[AlertEvent]:
        """Return the alerts that some more events raise."""
        return play(events, self.rules, self.account).alerts


def steps(said: Iterable[Finding]) -> list[str]:
    """Return what the findings do to their alerts: ``raised``, ``updated`` …"""
    return [finding.step.value for finding in said]


def happened(alerts: Iterable[AlertEvent]) -> list[str]:
    """Return what was told of: ``raised``, ``updated`` …"""
    return [alert.type.removeprefix("alert.") for alert in alerts]
