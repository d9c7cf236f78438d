"""告知 — an alert is read: note it, decide, write the intents; an attempt is over: what follows.

Each of the three entries is one transaction of the ledger, so a crash leaves either nothing or all
of it, and whoever reads the event again finds it in the inbox.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import compress
from operator import not_
from uuid import UUID

from services.notify.composing import composed
from services.notify.domain.channel import Channel
from services.notify.domain.climb import WITHDRAWN, Escalation, is_withdrawn
from services.notify.domain.decide import DAWN, History, after_failure, settle
from services.notify.domain.decision import Send, Settled
from services.notify.domain.ending import intent_ended
from services.notify.domain.holding import holding, is_no_news, runs
from services.notify.domain.ledger import Book, Claimed, Held, Intent, Ledger, intent_id
from services.notify.domain.links import Signer
from services.notify.domain.outcome import Outcome, Sent
from services.notify.domain.policy import Policy
from services.notify.domain.receiver import Directory
from services.notify.domain.retry import End, Ended, Verdict
from services.notify.domain.route import addressed
from services.notify.domain.wording import passed_on, word
from services.notify.judging import count, judged
from services.notify.saying import say
from services.notify.taking_back import take_back, take_down
from shared.clock import Clock
from shared.contracts.alerts import AlertEvent
from shared.contracts.topics import DELIVERY
from shared.observability.metrics import ALERTS_RECEIVED


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
        await self.hear_all([(event, origin)])

    async def hear_all(self, heard: Sequence[tuple[AlertEvent, str]]) -> None:
        """Take alert events, each with its record's name: a transaction for many alerts' next."""
        for run in runs(heard):
            await self._hear_run(run)

    async def _hear_run(self, run: Sequence[tuple[AlertEvent, str]]) -> None:
        decided: list[Settled] = []
        fates = Counter[str]()
        async with self.ledger.begin() as book:
            new = await book.enter(run)
            for event, _ in run:
                held = new.get(event.id)
                if held is None:
                    fates["repeated"] += 1
                elif event.data.revision <= held.revision:
                    await book.ignore(event, "lower-revision", self.clock.now())
                    fates["lower-revision"] += 1
                else:
                    decided += await self._settle(book, event.data.alert_id, held, event)
                    fates["accepted"] += 1
        for fate, many in fates.items():
            ALERTS_RECEIVED.labels(fate).inc(many)
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

    async def conclude_all(self, made: Sequence[tuple[Claimed, Outcome]]) -> None:
        """Keep attempts' outcomes: the usual ones in one transaction, the others each in its own.

        Usual is what was sent and has told one person: nothing follows from it.
        """
        now = self.clock.now()
        usual = [isinstance(outcome, Sent) and claimed.tells_one for claimed, outcome in made]
        sent = [(c, self._verdict(c, o, now)) for c, o in compress(made, usual)]
        await self._conclude_sent(sent, now)
        for claimed, outcome in compress(made, map(not_, usual)):
            await self.conclude(claimed, outcome)

    async def _conclude_sent(self, sent: Sequence[tuple[Claimed, Verdict]], now: datetime) -> None:
        ended = [(c, v) for c, v in sent if isinstance(v, Ended)]
        if not ended:
            return
        async with self.ledger.begin() as book:
            seconds = await book.conclude_sent(ended, now)
            kept = [(c, v) for c, v in ended if c.intent_id in seconds]
            await book.tell(DELIVERY.name, *(intent_ended(c, v, now) for c, v in kept))
            await take_down(book, [c for c, _ in kept], self.channels, now)
        for claimed, is_now in ended:
            count(claimed, is_now, seconds.get(claimed.intent_id))
        self.wake()

    def _verdict(self, claimed: Claimed, outcome: Outcome, now: datetime) -> Verdict:
        by = self.channels.get(claimed.channel)
        return judged(claimed, outcome, by, self.policy.backoff, now)

    async def conclude(self, claimed: Claimed, outcome: Outcome) -> None:
        """Keep an attempt's outcome and do what follows from it."""
        now = self.clock.now()
        is_now = self._verdict(claimed, outcome, now)
        failed = isinstance(is_now, Ended) and is_now.end is not End.SENT
        decided: list[Settled] = []
        async with self.ledger.begin() as book:
            concerned = await book.concerned(claimed) if failed or claimed.is_digest else (claimed,)
            seconds = await book.conclude(claimed, is_now, now)
            if seconds is not None and isinstance(is_now, Ended):
                for one in () if claimed.takes_back else concerned:
                    await book.tell(DELIVERY.name, intent_ended(one, is_now, now))
                    decided += await self.instead(book, one, now) if failed else ()
        count(claimed, is_now, seconds)
        self._tell_of(decided)
        self.wake()

    async def tell_also(self, book: Book, settled: Settled, directory: Directory) -> None:
        """Tell a revision to further people; when it is told to the others stays as it is."""
        await book.note(settled, self.clock.now())
        await self._intend(book, settled, directory)
        self._tell_of((settled,))

    async def _intend(self, book: Book, settled: Settled, directory: Directory) -> None:
        await book.intend([self._intent(settled.event, s, directory) for s in settled.sends])

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
        directory = await book.around(about.broker, about.account, heard | addressed(about))
        muting = await book.muting(about, now, self.policy.quieting.depends(about.rule))
        history = History(directory, held.since, held.standing, heard, muting)
        decided = settle(pending, self.policy, history, now)
        await take_back(book, decided, self.channels, directory, now)
        for settled in decided:
            quietly = settled.event is not fresh and is_no_news(settled, held)
            await book.record(settled, now, quietly)
            await self._intend(book, settled, directory)
            if settled.sends and self.policy.quieting.looks_back(about.rule):
                await book.remember(settled.event, now)
        held = replace(held, revision=pending[-1].data.revision)
        await book.hold(alert_id, *holding(held, decided, now))
        await self._climb(book, alert_id, decided, now)
        return decided

    async def _climb(
        self, book: Book, alert_id: UUID, decided: Sequence[Settled], now: datetime
    ) -> None:
        if is_withdrawn(decided):
            await book.end_climb(alert_id, WITHDRAWN)
        elif (climb := self.escalation.began(decided, now)) is not None:
            before = await book.climb(alert_id)
            if (further := self.escalation.goes_on(before, climb)) is not None:
                await book.keep_climb(alert_id, further, self.escalation.due(further))

    async def instead(self, book: Book, claimed: Claimed, now: datetime) -> Sequence[Settled]:
        """Decide what follows for an intent that did not arrive, and write it."""
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
        which, channel = intent_id(event, send), send.channel
        links = self.signer.links(str(event.data.alert_id), send.receiver.staff_id)
        wording, by = self.policy.wording, self.channels[channel]
        said = word(event, directory.client, send.receiver, links, which)
        said = passed_on(wording.worded(said, event.type, channel), send)
        return Intent(which, event, send, *composed(channel, by, said, wording.sms))

    def _tell_of(self, decided: Sequence[Settled]) -> None:
        say(decided)
        if any(settled.sends for settled in decided):
            self.wake()
