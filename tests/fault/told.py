"""What the gateway was told against what it was to be told, message by message."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

CODE = re.compile(r"\b([0-9A-F]{8})-(\d+)\b")
ACCEPTED, SUPPRESSED = "delivered", "duplicate"
SMS_MOST = 2  # one send and one repeat of it
Message = tuple[str, int, str, str]
"""Code, revision, channel, receiver."""


def judged(
    journal: Iterable[Mapping[str, Any]], wanted: set[Message], unsure: set[tuple[str, int]]
) -> dict[str, int]:
    """Count what arrived.

    A message that 企业微信 drops as a duplicate is not told twice; an SMS is when it was taken
    three times. ``unsure``: (code, revision) whose SMS notify says it cannot know of; that is
    reported, and is not lost.
    """
    taken: Counter[Message] = Counter()
    suppressed = 0
    for entry in journal:
        code = CODE.search(entry["text"])
        suppressed += entry["outcome"] == SUPPRESSED
        if code and entry["outcome"] == ACCEPTED:
            taken[code[1], int(code[2]), entry["channel"], entry["to"]] += 1
    missing = wanted - taken.keys()
    unconfirmed = {m for m in missing if m[2] == "sms" and m[:2] in unsure}
    again = {message: count for message, count in taken.items() if count > 1}
    return {
        "expected": len(wanted),
        "delivered": len(taken),
        "lost": len(missing - unconfirmed),
        "phantom": len(taken.keys() - wanted),
        "told_twice": sum(
            count > (SMS_MOST if channel == "sms" else 1)
            for (*_, channel, _), count in again.items()
        ),
        "inversions": _inversions(taken),
        "sms_repeated": sum(channel == "sms" for *_, channel, _ in again),
        "sms_unconfirmed": len(unconfirmed),
        "wecom_suppressed": suppressed,
    }


def _inversions(taken: Iterable[Message]) -> int:
    """Count revisions that came first behind a later one of their alert, by one channel."""
    last: dict[tuple[str, str, str], int] = {}
    found = 0
    for code, revision, channel, to in taken:  # in the order of the first delivery
        found += revision < last.get((code, channel, to), 0)
        last[code, channel, to] = revision
    return found
