"""The comparison of stream and files over dicts, for handlers' tests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.ingest.domain.conflation import MINUTE, Kept
from services.ingest.domain.executions import EXECUTED
from services.ingest.domain.fact import Identity
from services.ingest.domain.movement import Movement
from services.ingest.domain.reconciling import Difference, Kind, Late, StateName
from services.ingest.domain.sequence import Track
from services.ingest.domain.settlement import read
from shared.contracts.trading import AccountSnapshotted
from shared.kernel.money import from_li
from shared.kernel.trading_day import TradingDay


@dataclass
class Reconciled:
    """What the stream told by day, and the reports."""

    tracks: dict[str, Track] = field(default_factory=dict)
    states: dict[StateName, Kept] = field(default_factory=dict)
    late: list[Late] = field(default_factory=list)
    reports: dict[date, list[Difference]] = field(default_factory=dict)


class FakeReconciliation:
    """See ``domain.reconciling.Reconciliation``; ``store`` is the whole of a fake ingest's."""

    def __init__(self, store: Any) -> None:
        self._store, self._own = store, store.reconciled

    async def tracks(self, sources: Iterable[str]) -> Mapping[str, Track]:
        return {
            source: self._own.tracks[source] for source in sources if source in self._own.tracks
        }

    async def write_tracks(self, tracks: Mapping[str, Track]) -> None:
        self._own.tracks |= tracks

    async def states(self, names: Iterable[StateName]) -> Mapping[StateName, Kept]:
        return {name: self._own.states[name] for name in names if name in self._own.states}

    async def write_states(self, states: Mapping[StateName, Kept]) -> None:
        self._own.states |= states

    async def due(self, now: datetime) -> Mapping[StateName, Kept]:
        before = now - MINUTE
        kept = sorted(self._own.states.items())
        return {n: k for n, k in kept if k.held is not None and k.told.at <= before}

    async def closed_among(self, days: Iterable[date]) -> set[date]:
        closed: set[date] = self._store.closed
        return closed & set(days)

    async def told_of(self, day: date) -> set[str]:
        moved = {
            m.key.account
            for m in self._store.movements.values()
            if m.standing and m.key.trading_day == day
        }
        rows = [row for at, row in self._store.day_rows.items() if at[0] == day]
        shown = {n.account for n in self._own.states if n.day == day and not n.name.startswith("~")}
        return moved | shown | {row.account for kind in rows for row in kind.values()}

    async def note_late(self, late: Sequence[Late]) -> None:
        self._own.late += late

    async def draw_up(self, day: TradingDay) -> Mapping[Kind, int]:
        found = [*self._movements(day), *self._balances(day), *self._lots(day)]
        found += self._gaps(day)
        self._own.reports[day] = found
        counts: dict[Kind, int] = {}
        for one in await self.of(day):
            by = int(one.told or 0) if one.kind is Kind.MATCHED else 1
            counts[one.kind] = counts.get(one.kind, 0) + by
        return counts

    async def of(self, day: date) -> Sequence[Difference]:
        late = [
            Difference(day, Kind.LATE, one.account, one.type, one.id, None)
            for one in self._own.late
            if one.day == day
        ]
        found = [*self._own.reports.get(day, []), *late]
        return sorted(found, key=lambda one: (one.kind, one.account or "~", one.what))

    def _movements(self, day: date) -> Iterable[Difference]:
        movements: dict[Identity, Movement] = self._store.movements
        ours = [m for m in movements.values() if m.key.trading_day == day]
        standing = [m for m in ours if m.standing]
        by_file = [m for m in standing if m.origin == "file"]
        streamed = [m for m in standing if m.origin == "stream" and m.vouched]
        matched = str(len(streamed) + sum(m.alias is not None for m in by_file))
        yield Difference(day, Kind.MATCHED, None, "movements", matched, matched)
        for m in ours:
            if m.origin == "stream" and m.undone_by == "file":
                account, amount = m.key.account, f"{m.key.amount}"
                yield Difference(day, Kind.ONLY_STREAM, account, m.key.direction, amount, None)
        for m in by_file:
            if m.alias is None:
                account, amount = m.key.account, f"{m.key.amount}"
                yield Difference(day, Kind.ONLY_FILE, account, m.key.direction, None, amount)

    def _balances(self, day: date) -> Iterable[Difference]:
        settled = self._store.settled.get(day, {})
        for name, kept in self._own.states.items():
            event = (kept.held or kept.told).event
            if name.day != day or name.account not in settled or name.name.startswith("~"):
                continue
            if isinstance(event, AccountSnapshotted):
                figures = settled[name.account].split("/")[:2]
                for what, li in zip(("equity", "available"), figures, strict=True):
                    told, final = getattr(event.data, what), from_li(int(li))
                    if told != final:
                        final = Decimal(final).normalize()
                        yield Difference(
                            day, Kind.BALANCE, name.account, what, f"{told:f}", f"{final:f}"
                        )

    def _lots(self, day: date) -> Iterable[Difference]:
        told: dict[str, int] = {}
        for row in self._store.day_rows.get((day, EXECUTED), {}).values():
            told[row.account] = told.get(row.account, 0) + row.lots
        for account, content in self._store.settled.get(day, {}).items() if told else ():
            final = read(account, content).more.get("traded_lots")
            if final is not None and final != told.get(account, 0):
                lots = f"{told.get(account, 0)}", f"{final}"
                yield Difference(day, Kind.LOTS, account, "traded_lots", *lots)

    def _gaps(self, day: date) -> Iterable[Difference]:
        for source, track in self._own.tracks.items():
            if track.missing:
                missing = ",".join(f"{first}-{last}" for first, last in track.missing)
                yield Difference(day, Kind.GAP, None, source, missing, None)
