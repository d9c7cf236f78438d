"""拉取接线 — the pulls that the settings name, each a part that runs beside the others."""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from services.ingest.adapters.profiles import BadProfile
from services.ingest.adapters.pull import PulledTable
from services.ingest.agent.guarding import Gatekeeper
from services.ingest.agent.pulling import Pull, Pulling
from services.ingest.agent.taking import Intake
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.domain.profiles.profile import Profile
from services.ingest.pull_settings import PullSettings
from services.ingest.settings import Settings
from shared.observability.logging import logger
from shared.observability.metrics import PULL_FAILURES, PULL_UP

LONGEST_WAIT = 300  # seconds between the rounds of a pull that keeps failing

Part = tuple[str, Coroutine[Any, Any, None]]


class Surroundings(Protocol):
    """What a pull needs of the service around it."""

    stopping: asyncio.Event

    @property
    def intake(self) -> Intake:
        """What takes their rows."""

    @property
    def guard(self) -> Gatekeeper:
        """Who says that a pull is stopped."""

    def wake(self) -> None:
        """Something new was stored."""


def pulls(settings: Settings, profiles: Sequence[Profile], around: Surroundings) -> list[Part]:
    """Return the parts to run, by name; raises ``BadProfile`` for one that cannot be pulled."""
    named = {profile.name: profile for profile in profiles}
    parts: list[Part] = []
    for name, told in settings.pulls.items():
        pulling = _pulling(name, told, named, around)
        parts.append((f"pull-{name}", _rounds(pulling, told.period_seconds, around)))
    return parts


def _pulling(
    name: str, told: PullSettings, profiles: dict[str, Profile], around: Surroundings
) -> Pulling:
    profile = profiles.get(told.profile)
    if profile is None:
        raise BadProfile(f"INGEST_PULLS__{name.upper()}__PROFILE: no profile {told.profile}")
    if profile.kind.whole:
        raise BadProfile(
            f"{profile.name}: {profile.takes} is of a whole day, no query can say that"
        )
    mapper = Mapper(profile, around.intake.broker, "pull")
    pull = Pull(name, mapper, told.watermark, told.key, told.overlap, told.batch, told.live_from)
    columns = [column.column for column in profile.columns.values() if column.column]
    return Pulling(pull, PulledTable(told, columns), around.intake, guard=around.guard)


async def _rounds(pulling: Pulling, period: int, around: Surroundings) -> None:
    """Pull until told to stop; a failure is counted, and the next round waits longer."""
    name, wait = pulling.pull.name, period
    while not around.stopping.is_set():
        try:
            fresh = await pulling.round()
            PULL_UP.labels(name).set(1)
            wait = period
            if fresh:
                around.wake()
        except Exception as failure:  # whatever a broker's database or its driver may raise
            reason = type(failure).__name__
            PULL_UP.labels(name).set(0)
            PULL_FAILURES.labels(name, reason).inc()
            wait = min(wait * 2, LONGEST_WAIT)
            logger().warning("pull failed", pull=name, reason=reason, again_in=wait)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(around.stopping.wait(), wait)
