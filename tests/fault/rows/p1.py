"""P1 · 企业微信和短信回 5xx · both gateways answer a third of all requests with 500 or 502.

Whether a 5xx came before or after the work nobody knows: 企业微信 is asked again until it answers,
an SMS once; what then is not known to have arrived is reported and not lost.
"""

from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.telling import AT_ONCE, telling

KILLS, PIECE = 20, 10


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Script the gateway before each spell."""
    kills = 0
    async with telling(asked, folder) as stage:
        while kills < asked.kills and not asked.over():
            hits = sorted(stage.asked.chance.sample(range(1, AT_ONCE), AT_ONCE // 3))
            await stage.fault(
                *(
                    {
                        "match": {"channel": channel, "nth": nth},
                        "fault": "status",
                        "value": stage.asked.chance.choice([500, 502]),
                    }
                    for channel in ("wecom", "sms")
                    for nth in hits
                )
            )
            await stage.spell()
            await stage.settle()
            kills += 1
        found = await stage.verdict()
    return {**found, "kills": kills}
