"""What arrived on ``mot.alert.v1`` against what the oracle expects."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tests.kit.reference import Expected


def judge(records: Iterable[Any], wanted: Sequence[Expected]) -> dict[str, int]:
    """Count lost, phantom, twice (one identity under two contents counts as changed) and disorder.

    A repeated record with the same id and bytes is what consumers drop: it is counted apart.
    """
    contents: dict[str, bytes] = {}
    seen: list[Expected] = []
    repeated = changed = 0
    for record in records:
        event = msgspec.json.decode(record.value)
        known = contents.get(event["id"])
        if known is not None:
            repeated += known == record.value
            changed += known != record.value
            continue
        contents[event["id"]] = record.value
        data = event["data"]
        seen.append(
            Expected(
                event["type"], data["rule"], event["subject"], data["episode"], data["revision"]
            )
        )
    want, got = Counter(wanted), Counter(seen)
    return {
        "expected": len(wanted),
        "seen": len(seen),
        "lost": sum((want - got).values()),
        "phantom": sum(1 for alert in got if alert not in want),
        "twice": sum(count - 1 for count in got.values()),
        "disorder": _disorder(seen),
        "changed": changed,
        "repeated_same_bytes": repeated,
    }


def _disorder(seen: Iterable[Expected]) -> int:
    last: dict[tuple[str, str, str], int] = {}
    inversions = 0
    for alert in seen:
        key = (alert.rule, alert.account, alert.episode)
        inversions += alert.revision != last.get(key, 0) + 1
        last[key] = alert.revision
    return inversions
