"""告知 — an alert is read: note it, decide, write the intents; an attempt is over: what follows.

Each of the three entries is one transaction of the ledger, so a crash leaves either nothing or all
of it, and whoever reads the event again finds it in the inbox.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.notify.domain.channel import ONCE, Channel
from services.notify.domain.climb import WITHDRAWN, Escalation, is_withdrawn
from services.notify.domain.decide import DAWN, History, after_failure, settle
from services.notify.domain.decision import Decision, Defer, Send, Settled
from services.notify.domain.ledger import (
    Book,
    Claimed,
    Held,
    Intent,
    Ledger,
    intent_ended,
    intent_id,
)
from services.notify.domain.links import Signer
from services.notify.domain.outcome import Outcome
from services.notify.domain.policy import Policy
from services.notify.domain.receiver import Directory
from services.notify.domain.retry import End, Ended, Tally, in_a_word, verdict
from services.notify.domain.wording import passed_on, word
from shared.clock import Clock
from shared.contracts.alerts import AlertEvent, AlertWithdrawn
from shared.contracts.topics import DELIVERY
from shared.observability.metrics import ALERTS_RECEIVED, DECISIONS, DELIVERIES, DELIVERY_SECONDS


@dataclass(frozen=True)
class Teller:
    """The handlers. ``wake`` tells the dispatcher that there may be something to send."""

    ledger: Ledger
    policy: Policy
    channels: Mapping[str, Channel]
    signer: Signer
    clock: Clock
    wake: Callable[[], None]
    escalation: Escalation

    async def hear(self, event: AlertEvent, origin: str) -> None:
        """Take one alert event; ``origin`` names its record. A repeat changes nothing."""
        decided: Sequence[Settled] = ()
        async with self.ledger.begin() as book:
            fate = await self._enter(book, event, origin)
            if isinstance(fate, Held):
                decided = await self._settle(book, event.data.alert_id, fate, event)
        ALERTS_RECEIVED.labels("accepted" if isinstance(fate, Held) else fate).inc()
        self._tell_of(decided)

    async def settle_due(self, limit: int = 100) -> bool:
        """Decide the alerts whose time has come; say whether there were any."""
        now = self.clock.now()
        if now <= DAWN:
            return False
        due = await self.ledger.due(now, limit)
        for alert_id in due:
            async with self.ledger.begin() as book:
                held = await book.take_due(alert_id, now)
                decided = await self._settle(book, alert_id, held, None) if held else ()
            self._tell_of(decided)
        return bool(due)

    async def conclude(self, claimed: Claimed, outcome: Outcome) -> None:
        """Keep an attempt's outcome and do what follows from it."""
        now = self.clock.now()
        spread = claimed.intent_id.int % 1000 / 1000
        tally = Tally(claimed.attempts, claimed.unsure, claimed.first_at, now, spread)
        channel = self.channels.get(claimed.channel)
        resend = channel.resend if channel else ONCE  # its settings are gone meanwhile
        is_now = verdict(outcome, resend, tally, self.policy.backoff)
        failed = isinstance(is_now, Ended) and is_now.end is not End.SENT
        decided: list[Settled] = []
        async with self.ledger.begin() as book:
            concerned = await book.concerned(claimed) if failed or claimed.is_digest else (claimed,)
            seconds = await book.conclude(claimed, is_now, now)
            if seconds is not None and isinstance(is_now, Ended):
                for one in concerned:
                    await book.tell(DELIVERY.name, intent_ended(one, is_now, now))
                    decided += await self._instead(book, one, now) if failed else ()
        if seconds is None:
            DELIVERIES.labels(claimed.channel, "fenced", "lease-lost").inc()
            return
        DELIVERIES.labels(claimed.channel, in_a_word(is_now), is_now.reason).inc()
        if isinstance(is_now, Ended) and is_now.end is End.SENT:
            DELIVERY_SECONDS.labels(claimed.channel).observe(seconds)
        self._tell_of(decided)
        self.wake()

    async def tell_also(self, book: Book, settled: Settled, directory: Directory) -> None:
        """Tell a revision to further people; when it is told to the others stays as it is."""
        await book.note(settled, self.clock.now())
        await self._intend(book, settled, directory)
        self._tell_of((settled,))

    async def _intend(self, book: Book, settled: Settled, directory: Directory) -> None:
        await book.intend([self._intent(settled.event, s, directory) for s in settled.sends])

    async def _enter(self, book: Book, event: AlertEvent, origin: str) -> Held | str:
        """Note the event; return its alert, locked, or the named reason why it is ignored."""
        if not await book.first_time(event.id, origin):
            return "repeated"
        held = await book.take(event)
        if event.data.revision <= held.revision:
            await book.ignore(event, "lower-revision", self.clock.now())
            return "lower-revision"
        return held

    async def _settle(
        self, book: Book, alert_id: UUID, held: Held, fresh: AlertEvent | None
    ) -> Sequence[Settled]:
        now = self.clock.now()
        older = await book.pending(alert_id) if held.waiting else ()
        pending = [*older, fresh] if fresh else older
        steps = {event.type.removeprefix("alert.") for event in pending}
        matters = bool(steps & self.policy.to_those_who_heard)
        heard = await book.heard(alert_id) if matters else frozenset[str]()
        about = pending[0].data
        directory = await book.around(about.broker, about.account, heard)
        muting = await book.muting(about, now)
        history = History(directory, held.since, held.standing, heard, muting)
        decided = settle(pending, self.policy, history, now)
        for settled in decided:
            quietly = settled.event is not fresh and _old(settled, held)
            await book.record(settled, now, quietly)
            await self._intend(book, settled, directory)
            if settled.sends and self.policy.quieting.looks_back(about.rule):
                await book.remember(settled.event, now)
        held = replace(held, revision=pending[-1].data.revision)
        await book.hold(alert_id, *_holding(held, decided, now))
        await self._climb(book, alert_id, decided, now)
        return decided

    async def _climb(
        self, book: Book, alert_id: UUID, decided: Sequence[Settled], now: datetime
    ) -> None:
        if is_withdrawn(decided):
            await book.end_climb(alert_id, WITHDRAWN)
        elif (climb := self.escalation.began(decided, now)) is not None:
            await book.begin_climb(alert_id, climb, self.escalation.due(climb))

    async def _instead(self, book: Book, claimed: Claimed, now: datetime) -> Sequence[Settled]:
        event, tried = await book.failed(claimed)
        directory = await book.around(event.data.broker, event.data.account, {claimed.receiver})
        failed = next(
            t
            for t in reversed(tried)
            if (t.receiver_id, t.channel) == (claimed.receiver, claimed.channel)
        )
        settled = Settled(event, after_failure(event, self.policy, directory, tried, failed))
        if not settled.decisions:
            return ()
        await book.record(settled, now, quietly=False)
        await self._intend(book, settled, directory)
        return (settled,)

    def _intent(self, event: AlertEvent, send: Send, directory: Directory) -> Intent:
        which = intent_id(event, send)
        links = self.signer.links(str(event.data.alert_id), send.receiver.staff_id)
        said = passed_on(word(event, directory.client, send.receiver, links, which), send.reason)
        return Intent(which, event, send, self.channels[send.channel].body(said))

    def _tell_of(self, decided: Sequence[Settled]) -> None:
        for settled in decided:
            for decision in settled.decisions:
                DECISIONS.labels(_kind(decision), decision.reason).inc()
        if any(settled.sends for settled in decided):
            self.wake()


def _kind(decision: Decision) -> str:
    return type(decision).__name__.lower()


def _old(settled: Settled, held: Held) -> bool:
    """Say whether a deferral only repeats what the ledger knows."""
    deferred = settled.deferred
    return deferred is not None and deferred.reason in (held.reason, "behind-earlier-revision")


def _holding(held: Held, decided: Sequence[Settled], now: datetime) -> tuple[Held, datetime | None]:
    """Return how the ledger holds the alert from now on, and when it is due again."""
    told = [settled.event for settled in decided if settled.sends]
    standing = not isinstance(told[-1], AlertWithdrawn) if told else held.standing
    first: Defer | None = next((d for s in decided if (d := s.deferred) is not None), None)
    if first is None:
        return replace(held, standing=standing, since=None, reason=None), None
    since = held.since if held.since is not None and held.since > DAWN else now
    return replace(held, standing=standing, since=since, reason=first.reason), first.until
