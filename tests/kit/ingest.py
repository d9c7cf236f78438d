"""What a broker sends, and the books of ingest as dicts and lists."""

import base64
import contextlib
import copy
import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.ingest.domain.books import Books, Entry, FileRecord, Owner, Register
from services.ingest.domain.ctp.sequence import Progress
from services.ingest.domain.fact import Fact, Identity
from services.ingest.domain.matching import Early, FundsEvent, Met, Remembered
from services.ingest.domain.movement import Movement
from shared.blind_index import BlindIndex
from shared.crypto import FieldCipher
from shared.kernel.audit import Entry as Audited
from shared.kernel.trading_day import CHINA, TradingDay
from tests.kit.day_rows import FakeDayRows, Rows
from tests.kit.reconciling import FakeReconciliation, Reconciled

BROKER = "demo"
DAY = TradingDay(date(2026, 6, 1))
BEFORE = TradingDay(date(2026, 5, 29))
FIELD_KEY = base64.b64encode(bytes(range(32))).decode()
CIPHER = FieldCipher({"k1": FIELD_KEY})
INDEX_KEY = base64.b64encode(bytes(range(1, 33))).decode()
BLIND = BlindIndex({"b1": INDEX_KEY})


def posted(type_: str, account: str = "80000001", **data: Any) -> dict[str, Any]:
    """Return an event as a broker posts it; ``id``, ``feed`` and ``subject`` may be overridden."""
    broker = data.pop("broker", BROKER)
    outer = {
        "specversion": "1.0",
        "id": data.pop("id", "e-1"),
        "source": data.pop("feed", "ctp/risk"),
        "type": type_,
        "subject": data.pop("subject", f"{broker}:{account}"),
        "time": "2026-06-01T10:00:00+08:00",
    }
    inner = {"broker": broker, "account": account, "trading_day": str(DAY), "source": "stream"}
    return {**outer, "data": inner | data}


def withdrew(amount: Any, serial: str = "s-1", **data: Any) -> dict[str, Any]:
    """Return a withdrawal as the live stream tells it; its id is the serial's."""
    return posted(
        "funds.withdrawn",
        **{
            "id": f"withdrawal/{serial}",
            "amount": amount,
            "happened_at": "2026-06-01T10:00:00+08:00",
            "serial": serial,
            **data,
        },
    )


def executed(trade_id: str, lots: int, **data: Any) -> dict[str, Any]:
    """Return a trade as the live stream tells it; its id is the trade's and its side's."""
    told: dict[str, Any] = {
        "id": f"trade/{trade_id}/{data.get('direction', 'buy')}",
        "exchange": "SHFE",
        "instrument": "rb2610",
        "trade_id": trade_id,
        "direction": "buy",
        "offset": "open",
        "lots": lots,
        "price": "3110",
        "executed_at": "2026-06-01T10:00:00+08:00",
    }
    return posted("trade.executed", **told | data)


def reversed_(amount: str, reverses: str, **data: Any) -> dict[str, Any]:
    """Return a reversal as the live stream tells it, without a direction."""
    told = withdrew(amount, f"r-{reverses}", reverses=reverses, **data)
    return {**told, "type": "funds.reversed"}


def ticked(at: str = "2026-06-01T10:00:00+08:00", day: str = "2026-06-01") -> dict[str, Any]:
    """Return a posted minute."""
    tick = posted("clock.ticked", id=f"tick/{at}", subject="clock", trading_day=day, at=at)
    del tick["data"]["account"]
    return tick


def raw(event: object) -> bytes:
    """Return an event's JSON."""
    return json.dumps(event, ensure_ascii=False).encode()


def fundchg(account: str, amount: str, happened_on: str = "2026-06-01", **columns: str) -> str:
    """Return a line of ``fundchg``; + in, − out."""
    cells = {
        "date": str(DAY),
        "account": account,
        "amount": amount,
        "bank": "1",
        "card": "6222000000000000000",
        "broker_bank": "1",
        "broker_card": "1",
        "memo": "出入金",
        "member": "N",
        "currency": "CNY",
        "kind": "A",
        "happened_on": happened_on,
    }
    return "@".join((cells | columns).values())


def cusfund(account: str, equity: str, available: str | None = None, day: date = DAY) -> str:
    """Return a line of ``cusfund``: 23 columns."""
    figures = [equity, available or equity, "0.000", "0.00", "1000.000", *["0.000"] * 7]
    return "@".join([str(day), account, *figures, "N", "CNY", *["0.000"] * 7])


def file(*lines: str) -> bytes:
    """Return a CFMMC file's bytes."""
    return "".join(f"{line}\r\n" for line in lines).encode("gb18030")


@dataclass
class Store:
    """Everything ingest remembers."""

    facts: dict[Identity, Fact] = field(default_factory=dict)
    silent: set[Identity] = field(default_factory=set)
    movements: dict[Identity, Movement] = field(default_factory=dict)
    early: set[Early] = field(default_factory=set)
    reconciled: Reconciled = field(default_factory=Reconciled)
    settled: dict[date, dict[str, str]] = field(default_factory=dict)
    registers: dict[str, dict[str, Entry]] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)
    known_as: dict[str, str] = field(default_factory=dict)
    files: list[FileRecord] = field(default_factory=list)
    unmoved: list[FileRecord] = field(default_factory=list)
    closed: set[TradingDay] = field(default_factory=set)
    heard: dict[str, datetime] = field(default_factory=dict)
    arrived: dict[str, datetime] = field(default_factory=dict)
    day_rows: Rows = field(default_factory=dict)
    places: dict[tuple[str, date], Progress] = field(default_factory=dict)
    audit: list[Audited] = field(default_factory=list)

    def told(self, type_: str | None = None) -> list[dict[str, Any]]:
        """Return the events that go to the log, in their order."""
        told = [f for f in self.facts.values() if f.headers is None]
        events = [json.loads(f.body) for f in told if f.identity not in self.silent]
        return [event for event in events if type_ in (None, event["type"])]

    def letters(self) -> list[Fact]:
        """Return the dead letters."""
        return [fact for fact in self.facts.values() if fact.headers is not None]


class FakeBooks:
    """The ports over one ``Store``; a transaction that raises leaves it as it was."""

    def __init__(self) -> None:
        self.now = Store()
        self.fail: Exception | None = None
        self.moment = datetime(2026, 6, 1, 10, 0, tzinfo=CHINA)

    def open_now(self) -> Books:
        """Return the ports, without a transaction around them."""
        return Books(
            _Inbox(self),
            _Movements(self),
            FakeReconciliation(self.now),
            _Settled(self),
            _Registers(self),
            _Files(self),
            _Heard(self),
            FakeDayRows(self.now.day_rows, self.now.files),
            _Places(self),
            _Audit(self),
        )

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Books]:
        before = copy.deepcopy(self.now)
        try:
            if self.fail:
                raise self.fail
            yield self.open_now()
        except BaseException:
            self.now = before
            raise


class _Part:
    def __init__(self, books: FakeBooks) -> None:
        self._books = books

    @property
    def store_(self) -> Store:
        return self._books.now


class _Audit(_Part):
    async def write(self, entry: Audited) -> None:
        self.store_.audit.append(entry)


class _Inbox(_Part):
    async def store(self, facts: Sequence[Fact]) -> set[Identity]:
        fresh = {f.identity for f in facts if f.identity not in self.store_.facts}
        for fact in facts:
            self.store_.facts.setdefault(fact.identity, fact)
        return fresh

    async def silence(self, identities: Iterable[Identity]) -> None:
        self.store_.silent |= set(identities)

    async def rewrite(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.store_.facts[fact.identity] = fact


class _Movements(_Part):
    async def hold(self, days: Iterable[date], alone: bool) -> None:
        return None

    async def remembered(self, events: Sequence[FundsEvent]) -> Remembered:
        return Remembered(tuple(self.store_.movements.values()), frozenset(self.store_.early))

    async def write_met(self, met: Met) -> None:
        await self.write(met.told, met.changed)
        self.store_.early = (self.store_.early | met.early) - met.met_early

    async def of_days(
        self, day: date, days: Iterable[date], accounts: Collection[str] | None = None
    ) -> Sequence[Movement]:
        wanted = set(days)
        return [
            m
            for m in self.store_.movements.values()
            if (m.key.trading_day in wanted or (m.standing and m.vouched == day))
            and (accounts is None or m.key.account in accounts)
        ]

    async def write(self, told: Sequence[Movement], changed: Sequence[Movement]) -> None:
        self.store_.movements |= {m.told_as: m for m in (*told, *changed)}


class _Settled(_Part):
    async def of(self, day: date, accounts: Collection[str] | None = None) -> Mapping[str, str]:
        settled = self.store_.settled.get(day, {})
        return {a: text for a, text in settled.items() if accounts is None or a in accounts}

    async def before(self, day: date) -> Mapping[str, str]:
        earlier = max((known for known in self.store_.settled if known < day), default=None)
        return dict(self.store_.settled[earlier]) if earlier else {}

    async def write(self, day: date, contents: Mapping[str, str]) -> None:
        self.store_.settled.setdefault(day, {}).update(contents)


class _Registers(_Part):
    async def entries(self, register: Register, names: Iterable[str]) -> dict[str, Entry]:
        held = self.store_.registers.get(register, {})
        return {name: held[name] for name in names if name in held}

    async def write(self, register: Register, entries: Mapping[str, Entry]) -> None:
        self.store_.registers.setdefault(register, {}).update(entries)

    async def whole(self, register: Register) -> dict[str, Entry]:
        return dict(self.store_.registers.get(register, {}))

    async def owners(self, accounts: Iterable[str]) -> dict[str, str]:
        held = self.store_.owners
        return {a: held[a].customer_id for a in accounts if a in held}

    async def write_owners(self, owners: Mapping[str, Owner]) -> None:
        self.store_.owners.update(owners)

    async def clients_of(self, managers: Iterable[str]) -> set[str]:
        wanted = set(managers)
        held = self.store_.owners.values()
        return {owner.customer_id for owner in held if owner.manager_id in wanted}

    async def known_as(self, names: Iterable[str]) -> dict[str, str]:
        return {name: self.store_.known_as[name] for name in names if name in self.store_.known_as}

    async def write_known_as(self, names: Mapping[str, str]) -> None:
        self.store_.known_as.update(names)


class _Files(_Part):
    async def hold(self) -> None:
        return None

    async def newest(self, kind: str, scope: str) -> FileRecord | None:
        ours = [f for f in self.store_.files if (f.kind, f.scope) == (kind, scope)]
        return ours[-1] if ours else None

    async def record(self, record: FileRecord) -> None:
        self.store_.files.append(record)
        self.store_.unmoved.append(record)

    async def unmoved(self) -> Sequence[FileRecord]:
        return list(self.store_.unmoved)

    async def record_moved(self, record: FileRecord) -> None:
        if record in self.store_.unmoved:
            self.store_.unmoved.remove(record)

    async def kinds_in(self, day: date) -> set[str]:
        return {f.kind for f in self.store_.files if f.day == day}

    async def last_closed(self) -> TradingDay | None:
        return max(self.store_.closed, default=None)

    async def record_closed(self, day: TradingDay) -> None:
        self.store_.closed.add(day)


class _Places(_Part):
    async def of(self, stream: str, day: date) -> Progress:
        return self.store_.places.get((stream, day), Progress())

    async def write(self, stream: str, day: date, progress: Progress) -> None:
        self.store_.places[stream, day] = progress


class _Heard(_Part):
    async def note(self, sources: Iterable[str], live: bool = True) -> None:
        held = self.store_.heard if live else self.store_.arrived
        held |= dict.fromkeys(sources, self._books.moment)

    async def moments(self) -> Mapping[str, datetime]:
        return dict(self.store_.heard)
