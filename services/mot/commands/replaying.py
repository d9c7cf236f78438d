"""``guanchao replay``: find an alert's revisions, derive each again, and say what differs."""

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from services.mot.commands.console import Refused, bar
from services.mot.replay import CannotReplay, Difference, derive, differences, same_alert
from services.mot.replay import origin_of as place_of
from services.mot.retrace import Past, Refold, concerns, retrace
from services.mot.rulebook import Rulebook
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.contracts.topics import ACCOUNT, ALERT, STATE
from shared.settings import KafkaSettings
from shared.streams.log_reader import LogReader, Span

SHORT = 8  # the code that a message shows: the id's first characters
_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f]{8}", re.IGNORECASE)


class Revision(NamedTuple):
    """An alert as it lies in the log, and the code that said so (its header), if known."""

    event: AlertEvent
    raw: bytes
    code: str


@dataclass(frozen=True)
class Verdict:
    """A revision held against what was derived: ``same`` byte for byte, or what differs.

    ``why`` is set when it could not be derived at all.
    """

    revision: Revision
    same: bool
    found: tuple[Difference, ...] = ()
    why: str = ""


async def revisions(kafka: KafkaSettings, asked: str) -> list[Revision]:
    """Return the revisions of an alert in order, by its id or its short code; or refuse."""
    wanted = _wanted(asked)
    found: dict[str, Revision] = {}
    with bar("查找提醒 · looking for the alert") as told:
        async with LogReader(kafka, told) as reader:
            async for record in reader.read(await reader.spans(ALERT)):
                if record.value and wanted in record.value.lower():
                    one = _revision(record)
                    if str(one.event.data.alert_id).startswith(wanted.decode()):
                        found.setdefault(one.event.id, one)
    if not found:
        raise Refused(
            f"{ALERT.name} 里没有提醒 {asked}：id 在消息和后台里；保留 {ALERT.retention_days} 天",
            f"no such alert in {ALERT.name}, which is kept {ALERT.retention_days} days",
        )
    ids = {one.event.data.alert_id for one in found.values()}
    if len(ids) > 1:
        raise Refused(f"{asked} 不止一个：{', '.join(map(str, ids))}", "more than one: use its id")
    return sorted(found.values(), key=lambda one: one.event.data.revision)


def from_passport(revision: Revision, book: Rulebook) -> Verdict:
    """Derive a revision from its passport alone."""
    try:
        derived = derive(revision.event, book.calendar)
    except CannotReplay as cannot:
        return Verdict(revision, False, why=str(cannot))
    return held_against(revision, derived)


async def from_log(kafka: KafkaSettings, revision: Revision, book: Rulebook) -> Verdict:
    """Derive a revision from the account's events, and its state from the last one remembered."""
    origin = place_of(revision.event)
    past = Past(before=origin.offset)
    with bar("读状态和日志 · reading states and the log") as told:
        async with LogReader(kafka, told) as reader:
            async for record in reader.read(await reader.spans(STATE, [origin.partition])):
                past.take(record.value)
            (span,) = await reader.spans(ACCOUNT, [origin.partition])
            mine = past.partition(origin.partition, [origin.key])
            begin = past.offset + 1
            if not span.begin <= begin <= origin.offset < span.end:
                raise Refused(
                    f"日志只剩 {span.begin}–{span.end - 1}，要从 {begin} 读到 {origin.offset}："
                    "不加 --from-log，从护照推导",
                    "the log no longer holds what it takes: replay without --from-log",
                )
            subject = revision.event.subject.encode()
            wanted = Span(ACCOUNT.name, origin.partition, begin, origin.offset + 1)
            records = [r async for r in reader.read([wanted]) if concerns(r.key, subject)]
    done = retrace(Refold(book, past.rules()), mine, origin.key, records)
    return held_against(revision, same_alert(revision.event, done.alerts))


def held_against(revision: Revision, derived: AlertEvent | None) -> Verdict:
    """Compare a revision with what was derived."""
    if derived is None:
        return Verdict(revision, False, why="推导不出任何提醒 | nothing is derived")
    raw = derived.encode()
    return Verdict(revision, raw == revision.raw, tuple(differences(revision.raw, raw)))


def _wanted(asked: str) -> bytes:
    text = asked.strip().lower()
    if not _ID.fullmatch(text):
        raise Refused(
            f"“{asked}”不是提醒的 id：要 36 位的 alert_id，或消息里的 8 位编号",
            "no alert id: 36 characters, or the 8 of the code in the message",
        )
    return (text if len(text) == SHORT else str(UUID(text))).encode()


def _revision(record: Any) -> Revision:
    headers = dict(record.headers)
    event = ALERTS.validate_json(record.value)
    return Revision(event, record.value, headers.get("code-version", b"").decode())


def shown(value: Any) -> str:
    """Return a compared value in one short piece of text; nothing there is a dash."""
    return "—" if value is None else json.dumps(value, ensure_ascii=False)[:80]
