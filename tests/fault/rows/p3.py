"""P3 · 收下了却不回答 · the gateway takes a message, and its answer is late, cut off or no answer.

notify must take it for unknown: 企业微信 drops the repeat, an SMS is repeated once at most.
"""

from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.telling import telling

KILLS, PIECE = 20, 10
SILENCES: tuple[dict[str, Any], ...] = (
    {"fault": "accept-then-close"},
    {"fault": "accept-then-garbage"},
    {"fault": "accept-then-wait", "value": 3},
)
EACH = 4  # messages of a channel that each silence befalls


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Script the gateway before each spell."""
    kills = 0
    async with telling(asked, folder) as stage:
        while kills < asked.kills and not asked.over():
            await stage.fault(
                *(
                    {"match": {"channel": channel, "nth": 1}, "times": EACH, **silence}
                    for channel in ("wecom", "sms")
                    for silence in SILENCES
                )
            )
            await stage.spell()
            await stage.settle()
            kills += 1
        found = await stage.verdict()
    return {**found, "kills": kills}
