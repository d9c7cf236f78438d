"""重投 — a dead letter goes back to where it belongs: once, in one transaction, with an audit line.

A dry run does all of it but what cannot be taken back, and forgets it.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from services.ingest.agent.letter_case import Case, Order, Refile, Send
from services.ingest.agent.live import tell
from services.ingest.agent.posting import NotABatch, TooMany, split
from services.ingest.domain.admission import Gate, Refused
from services.ingest.domain.books import Entry, Register
from services.ingest.domain.fact import OWN_SOURCES, Fact, Identity, customer_fact, staff_fact
from services.ingest.domain.redrives import Done, Fate, OpenDesk
from services.ingest.domain.redriving import SOURCE, NoWay, Way, readmitted, retold, way_of
from services.ingest.domain.rehearsal import NEVER, Rehearsal
from shared.clock import Clock
from shared.contracts.alerts import ALERTS
from shared.contracts.customers import Customer, CustomerChanged
from shared.contracts.staff import Staff, StaffChanged
from shared.contracts.topics import ALERT, CUSTOMER
from shared.streams.deadletters import Letter
from shared.streams.publish import EVENT_HEADERS, Record


class _Forget(Exception):
    """Ends a dry run's transaction."""


@dataclass(frozen=True)
class Redriving:
    """Redrives letters, one at a time."""

    gate: Gate
    clock: Clock
    open_desk: OpenDesk
    refile: Refile
    send: Send
    rehearsal: Rehearsal = NEVER

    async def redrive(self, letter: Letter, order: Order) -> tuple[Fate, str]:
        """Send a letter back; return what became of it, and in which way or why not."""
        try:
            return await self._try(letter, order)
        except (NoWay, Refused) as failure:
            if not order.dry:
                async with self.open_desk() as desk:
                    await desk.redrives.write(self._line(letter, order, Fate.REFUSED, str(failure)))
            return Fate.REFUSED, str(failure)

    async def _try(self, letter: Letter, order: Order) -> tuple[Fate, str]:
        way, detail = way_of(letter.place.topic, letter.headers), ""
        try:
            async with self.open_desk() as desk:
                await desk.redrives.hold()
                times = await desk.redrives.times(letter.name)
                if times and not order.again:
                    return Fate.ALREADY, "redriven before; --again does it once more"
                detail = f"{way}: {await self._go(way, Case(desk, letter, order, times))}"
                if order.dry:
                    raise _Forget
                await desk.redrives.write(self._line(letter, order, Fate.REDRIVEN, detail))
        except _Forget:
            return Fate.PLANNED, detail
        return Fate.REDRIVEN, detail

    async def _go(self, way: Way, case: Case) -> str:
        match way:
            case Way.PUSHED:
                return await self._push(case)
            case Way.ACCOUNT:
                return await self._retell(case)
            case Way.REGISTER:
                return await self._tell_newest(case)
            case Way.ALERT:
                return await self._repeat(case)
            case Way.ROW | Way.FILE:
                return await self.refile(case, way)

    async def _push(self, case: Case) -> str:
        closed = await case.desk.books.files.last_closed()
        raws = _events(case.value, whole=case.letter.headers.get("place") == "body")
        events = self.rehearsal.marked([readmitted(raw, self.gate, closed) for raw in raws])
        fresh = await tell(case.desk.books, events, [])
        return f"{len(fresh)} told, {len(events) - len(fresh)} known already"

    async def _retell(self, case: Case) -> str:
        closed = await case.desk.books.files.last_closed()
        fact = retold(case.value, case.identity, self.gate, closed)
        await case.desk.books.inbox.store([fact])
        return f"{fact.type} told again with a new sequence"

    async def _tell_newest(self, case: Case) -> str:
        """A newer state may have been told since: the old one must not stand behind it."""
        if case.order.edited is not None:
            raise NoWay("correct the directory file and drop it: --edit changes no register")
        name = (case.letter.key or b"").decode(errors="replace")
        register: Register = "customers" if case.letter.place.topic == CUSTOMER.name else "staff"
        entry = (await case.desk.books.directory.entries(register, [name])).get(name)
        if entry is None:
            raise NoWay(f"the register of {register} does not know it")
        made = _newest(register, name, entry, self.clock.now())
        fact = Fact(Identity(SOURCE, case.identity), made.topic, made.key, made.type, made.body)
        await case.desk.books.inbox.store([fact])
        return f"version {entry.version} told again with a new sequence"

    async def _repeat(self, case: Case) -> str:
        try:
            event = ALERTS.validate_json(case.value)
        except ValidationError as failure:
            wrong = failure.errors(include_url=False, include_input=False)[0]
            raise NoWay(f"still unreadable: {'.'.join(map(str, wrong['loc']))}") from None
        origin = ("redriven-from", str(case.letter.place).encode())
        key, partition = event.subject.encode(), int(case.letter.headers["origin-partition"])
        if not case.order.dry:
            headers = (*EVENT_HEADERS, origin)
            await self.send([Record(ALERT.name, key, case.value, partition, headers)])
        return f"{event.type} repeated under its own id"

    def _line(self, letter: Letter, order: Order, fate: Fate, detail: str) -> Done:
        place = str(letter.place)
        return Done(letter.name, place, self.clock.now(), order.actor, fate, detail[:500])


def _events(raw: bytes, whole: bool) -> list[bytes]:
    """Return the events of a letter; a body that was no batch must have become one."""
    if not whole:
        return [raw]
    try:
        return split(raw, single=False)
    except (NotABatch, TooMany) as failure:
        raise NoWay(f"still no batch of events: {failure}") from None


def _newest(register: Register, name: str, entry: Entry, now: datetime) -> Fact:
    outer = {"id": f"{name}/{entry.version}", "subject": name, "time": now}
    if register == "customers":
        customer = Customer.model_validate_json(entry.body)
        source = f"{OWN_SOURCES}relations"
        return customer_fact(
            CustomerChanged.model_validate({**outer, "source": source, "data": customer})
        )
    staff = Staff.model_validate_json(entry.body)
    return staff_fact(
        StaffChanged.model_validate({**outer, "source": f"{OWN_SOURCES}staff", "data": staff})
    )
