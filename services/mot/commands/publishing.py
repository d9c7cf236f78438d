"""``guanchao mot rules``: what a file would publish, and the publishing itself."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from services.mot.commands.console import Places, Refused, calendar_in_use
from services.mot.domain.detectors import AnyDetector, catalogue
from services.mot.rulebook import Rulebook, Version
from services.mot.rules import WrongRules, detector_of, parse, read_rules
from shared.contracts.rules import Rule, published
from shared.contracts.topics import RULE
from shared.settings import KafkaSettings
from shared.streams.log_reader import LogReader
from shared.streams.publish import Record, producer, publish

_SWITCH: TypeAdapter[bool] = TypeAdapter(bool)


class Author(NamedTuple):
    """Who publishes, when, and why."""

    name: str
    at: datetime
    note: str


class Change(NamedTuple):
    """A version to publish, and what it changes: name → (now, then)."""

    rule: Rule
    changes: dict[str, tuple[str, str]]


def drafted(text: str, book: Rulebook, author: Author) -> list[Change]:
    """Return what a file would publish; raise WrongRules with every mistake and its place.

    A line says what is to change: a threshold that it leaves out stays as it is, and so do the
    urgency and whether the rule is on. Without a version it is the next one.
    """
    found, wrong = [], []
    for name, line in parse(text).items():
        try:
            found.append(_draft(name, line, book, author))
        except WrongRules as error:
            wrong.append(str(error))
    if wrong:
        raise WrongRules("; ".join(wrong))
    return found


async def rulebook(kafka: KafkaSettings | None) -> tuple[Rulebook, list[str]]:
    """Return the file's rules with all that was published, and what of it was refused.

    Without Kafka it is the file alone.
    """
    book = Rulebook(read_rules(Places().rules, calendar_in_use()))
    return book, await known_rules(kafka, book) if kafka else []


async def known_rules(kafka: KafkaSettings, book: Rulebook) -> list[str]:
    """Tell a rulebook all that was published; return what was refused."""
    refused = []
    async with LogReader(kafka) as reader:
        async for record in reader.read(await reader.spans(RULE)):
            try:
                book.take(record.value)
            except WrongRules as error:
                refused.append(f"{RULE.name}@{record.offset}: {error}")
    return refused


async def publish_rules(kafka: KafkaSettings, changes: list[Change], book: Rulebook) -> None:
    """Publish, then look whether each version in the log is ours: the first good one there holds.

    ``book`` has been told what was published before.
    """
    events = [published(change.rule) for change in changes]
    sender = producer(kafka)
    try:
        await sender.start()
        records = [Record(RULE.name, e.subject.encode(), e.encode(), 0) for e in events]
        await publish(sender, records)
    finally:
        await sender.stop()
    await known_rules(kafka, book)
    for event in events:
        if event.data not in [version.told for version in book.history(event.data.rule)]:
            raise Refused(
                f"{event.subject} 已被别人先发布：看 guanchao mot rules list，再发下一个版本",
                "somebody else published that version first: look at the list, publish the next",
            )


def settings_of(detector: AnyDetector | None) -> dict[str, str]:
    """Return what a version says, as a person compares it; a rule that is off says so."""
    if detector is None:
        return {"enabled": "false"}
    return {"enabled": "true", "urgency": detector.urgency.value, **detector.thresholds()}


def _draft(name: str, line: Mapping[str, Any], book: Rulebook, author: Author) -> Change:
    now = book.history(name)
    on, given = _switch(name, line, now)
    base = _last_on(now)
    kept = base.model_dump() if base is not None else {}
    last = now[-1].number if now else 0
    detector = detector_of(name, {**kept, "version": last + 1, **given})
    if detector.version <= last:
        raise WrongRules(f"{name}.version: {detector.version} must be above {last}")
    rule = Rule(
        rule=name,
        version=detector.version,
        enabled=on,
        urgency=detector.urgency,
        thresholds=detector.thresholds(),
        author=author.name,
        published_at=author.at,
        note=author.note,
    )
    book.check(rule)
    then = settings_of(detector if on else None)
    return Change(rule, dict(_changed(settings_of(now[-1].detector) if now else {}, then)))


def _switch(name: str, line: Mapping[str, Any], now: list[Version]) -> tuple[bool, dict[str, Any]]:
    if name not in catalogue():
        raise WrongRules(f"no such rule: {name}")
    given = dict(line)
    was = now[-1].detector is not None if now else True
    try:
        return _SWITCH.validate_python(given.pop("enabled", was)), given
    except ValidationError:
        raise WrongRules(f"{name}.enabled: neither true nor false") from None


def _last_on(versions: list[Version]) -> AnyDetector | None:
    return next((v.detector for v in reversed(versions) if v.detector is not None), None)


def _changed(
    now: Mapping[str, str], then: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    for name in dict.fromkeys([*now, *then]):
        if now.get(name) != then.get(name):
            yield name, (now.get(name, "—"), then.get(name, "—"))
