"""M1 · 毒记录 · what is no event goes to the dead letters, in order, and the partition goes on."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts.topics import ACCOUNT
from tests.fault.asked import Asked
from tests.fault.poison import HUGE, KINDS, Poison, poisoned
from tests.fault.stage import Plan, Stage, staged
from tests.fault.workload import Mix
from tests.kit.topic import read_all

KILLS, PIECE = 120, 120  # poisonous records
PACE, PAUSE_S = 400, 0.25
Place = tuple[int, int]  # partition and offset in the account topic


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Send one of each kind in turn among good records, then compare the dead letters with them."""
    sent: dict[Place, Poison] = {}
    async with staged(asked, folder, Plan(pace=PACE, mix=Mix(poison=0.0))) as stage:
        await _let_the_huge_in(stage)
        while len(sent) < asked.kills and not asked.over():
            kind = KINDS[len(sent) % len(KINDS)]
            account = asked.chance.choice(stage.stream.work.accounts)
            poison = poisoned(kind, stage.stream.work, account)
            found = await stage.stream.send_as_is(ACCOUNT.name, poison.key, poison.value)
            sent[found.partition, found.offset] = poison
            await asyncio.sleep(PAUSE_S)
        await stage.end_stream()
        letters = await read_all(stage.stores.kafka, ACCOUNT.dead_letters.name)
        found = await stage.verdict()
    judged, complaints = judge_letters(letters, sent)
    return {**found, **judged, "kills": len(sent), "complaints": complaints}


async def _let_the_huge_in(stage: Stage) -> None:
    """Kafka takes no record above 1 MiB unless somebody has raised the limit."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.stores.kafka)
    await admin.start()
    try:
        limit = {"max.message.bytes": str(2 * HUGE)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, ACCOUNT.name, limit)])
    finally:
        await admin.close()


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
