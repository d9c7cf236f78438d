"""What arrived, on ``mot.alert.v1`` and at the gateway, against what the oracle expects."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from shared.contracts.trading import TradingEvent
from shared.kernel.ids import alert_id
from tests.fault.inforce import RULES
from tests.kit.reference import Expected, Oracle

ACCEPTED = ("delivered", "duplicate", "dropped")  # the gateway answered that it took it
CHANGE = "wecom-change"
LINK = re.compile(r"/alerts/(?P<alert>[0-9a-f-]{36})\?")
LOG_ZEROS = ("log_lost", "log_phantom", "log_twice", "log_disorder", "log_changed")
TOLD_ZEROS = ("lost", "phantom", "told_twice", "inversions")
ZEROS = (*TOLD_ZEROS, *LOG_ZEROS)
EVIDENCE = 50  # alerts named of each defect


class _Said(msgspec.Struct):
    rule: str
    episode: str
    revision: int


class _Alert(msgspec.Struct):
    id: str
    type: str
    subject: str
    data: _Said


_alert = msgspec.json.Decoder(_Alert).decode


class Wanted(NamedTuple):
    """What must be told: ``cause`` numbers the event that says so, in the order of the log."""

    alert: Expected
    cause: int


def wanted(told: Iterable[TradingEvent]) -> list[Wanted]:
    """Return what the oracle expects of the events."""
    oracle = Oracle(rules=RULES)
    return [Wanted(alert, n) for n, event in enumerate(told) for alert in oracle.tell(event)]


def judge_log(records: Iterable[Any], want: Sequence[Wanted]) -> dict[str, Any]:
    """Count lost, phantom, twice (one identity under two contents counts as changed) and disorder.

    A repeated record with the same id and bytes is what consumers drop: it is counted apart.
    """
    contents: dict[str, bytes] = {}
    seen: list[Expected] = []
    repeated = changed = 0
    for record in records:
        identity, said = _read(record.value)
        known = contents.get(identity)
        if known is not None:
            repeated += known == record.value
            changed += known != record.value
            continue
        contents[identity] = record.value
        seen.append(said)
    wish, got = Counter(w.alert for w in want), Counter(seen)
    lost = wish - got
    return {
        "expected": len(want),
        "log_seen": len(seen),
        "log_lost": lost.total(),
        "log_phantom": sum(1 for alert in got if alert not in wish),
        "log_twice": sum(count - 1 for count in got.values()),
        "log_disorder": _disorder((a.rule, a.account, a.episode, a.revision) for a in seen),
        "log_changed": changed,
        "log_repeated_same_bytes": repeated,
        "evidence": {
            "log_lost": _some(lost.elements()),
            "log_phantom": _some(alert for alert in got if alert not in wish),
            "log_twice": _some(alert for alert, count in got.items() if count > 1),
        },
    }


@lru_cache(maxsize=10_000)
def _read(value: bytes) -> tuple[str, Expected]:
    """Return an alert's id, and what it says; a simulated log says the same again and again."""
    event = _alert(value)
    said = event.data
    return event.id, Expected(event.type, said.rule, event.subject, said.episode, said.revision)


def judge_told(
    entries: Iterable[Mapping[str, Any]], want: Sequence[Wanted], receiver_of: Mapping[str, str]
) -> dict[str, int]:
    """Count at the gateway: a request that it accepted is told, whoever sent it and why.

    ``receiver_of``: account key → who must hear. Told twice: two accepted requests for one
    (alert, revision, channel, receiver), which is stricter than leaving the step apart.
    """
    messages = (e for e in entries if e["channel"] != CHANGE)  # a recall tells nobody anything
    accepted = Counter(_told(e) for e in messages if e["outcome"] in ACCEPTED)
    told = list(accepted)  # in the order of the first delivery
    cause = {_wish(w, receiver_of): w.cause for w in want}
    return {
        "delivered": len(told),
        "lost": len(cause.keys() - {(t.alert, t.revision, t.to) for t in told}),
        "phantom": sum((t.alert, t.revision, t.to) not in cause for t in told),
        "told_twice": sum(count - 1 for count in accepted.values()),
        "inversions": _disorder((t.to, t.channel, t.alert, t.revision) for t in told)
        + _descents((t.to, t.channel, cause.get((t.alert, t.revision, t.to), 0)) for t in told),
    }


class Told(NamedTuple):
    """One request that the gateway accepted."""

    alert: str
    revision: int
    channel: str
    to: str


def _told(entry: Mapping[str, Any]) -> Told:
    card = entry["request"]["template_card"]
    link = LINK.search(card["jump_list"][0]["url"])
    revision = card["horizontal_content_list"][-1]["value"].rpartition("-")[2]
    return Told(link["alert"] if link else "", int(revision), entry["channel"], entry["to"])


def _wish(want: Wanted, receiver_of: Mapping[str, str]) -> tuple[str, int, str]:
    alert = want.alert
    identity = alert_id(alert.rule, alert.account, alert.episode)
    return str(identity), alert.revision, receiver_of[alert.account]


def _some(alerts: Iterable[Expected]) -> list[Expected]:
    return list(islice(alerts, EVIDENCE))


def _disorder(told: Iterable[tuple[Any, Any, Any, int]]) -> int:
    """Count the revisions that do not follow their alert's last one."""
    last: dict[Any, int] = {}
    inversions = 0
    for *which, revision in told:
        inversions += revision != last.get(tuple(which), 0) + 1
        last[tuple(which)] = revision
    return inversions


def _descents(told: Iterable[tuple[str, str, int]]) -> int:
    """Count, per receiver and channel, what was told after something that was caused later."""
    last: dict[tuple[str, str], int] = {}
    descents = 0
    for to, channel, cause in told:
        descents += cause < last.get((to, channel), 0)
        last[to, channel] = cause
    return descents
