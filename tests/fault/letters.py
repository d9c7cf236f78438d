"""The dead letters of the account topic against what was sent to end there."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from tests.fault.poison import HUGE, Poison

Place = tuple[int, int]
"""Partition and offset in the account topic."""


def judge_letters(
    letters: list[Any], sent: Mapping[Place, Poison]
) -> tuple[dict[str, Any], list[str]]:
    """Compare the dead letters with the poison; one may repeat after a crash."""
    places = [_origin(letter) for letter in letters]
    times = Counter(places)
    missing = [sent[place].kind for place in sent if place not in times]
    strange = [place for place in times if place not in sent]
    spoilt = [
        sent[place].kind
        for letter, place in zip(letters, places, strict=True)
        if place in sent and not _faithful(letter, sent[place])
    ]
    complaints = [f"{len(missing)} not buried: {sorted(set(missing))}"] if missing else []
    complaints += [f"{len(strange)} good records buried"] if strange else []
    complaints += [f"letters that do not say what came: {sorted(set(spoilt))}"] if spoilt else []
    inverted = _inverted(letters, places)
    complaints += [f"{inverted} letters out of order"] if inverted else []
    counts = {"letters": len(times), "letters_repeated": len(places) - len(times)}
    return {**counts, "letters_out_of_order": inverted}, complaints


def _origin(letter: Any) -> Place:
    headers = dict(letter.headers)
    return int(headers["origin-partition"]), int(headers["origin-offset"])


def _faithful(letter: Any, poison: Poison) -> bool:
    """As it came, with a reason; of what is too long for a letter the beginning is enough."""
    value, came = letter.value or b"", poison.value or b""
    whole = value == came or (len(came) >= HUGE and value and came.startswith(value))
    return bool(whole and letter.key == poison.key and dict(letter.headers).get("reason"))


def _inverted(letters: list[Any], places: list[Place]) -> int:
    """Count first letters that stand behind a later one of the same partition."""
    last: dict[tuple[int, int], int] = defaultdict(lambda: -1)
    seen: set[Place] = set()
    inverted = 0
    for letter, place in zip(letters, places, strict=True):
        if place in seen:
            continue
        seen.add(place)
        lane = letter.partition, place[0]
        inverted += place[1] < last[lane]
        last[lane] = place[1]
    return inverted
