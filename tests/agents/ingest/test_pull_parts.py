"""The pulls that the settings name: refused at the start, or run beside the others for ever."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.ingest import pulls as wiring
from services.ingest.adapters.profiles import BadProfile
from services.ingest.agent.guarding import OpenGate
from services.ingest.agent.taking import Intake
from services.ingest.pull_settings import PullSettings
from shared.observability.metrics import PULL_FAILURES, PULL_UP
from tests.kit.eventually import eventually
from tests.kit.ingest import FakeBooks
from tests.kit.ingest_broker import Broker
from tests.kit.profiles import profile
from tests.kit.pull_process import FLOW

DAY = FLOW.replace("name: flow", "name: day").replace("takes: funds", "takes: funds-of-day")


class Around:
    """What a pull needs of the service around it."""

    def __init__(self, folder: Path) -> None:
        self.stopping, self.woken = asyncio.Event(), 0
        self.guard = OpenGate()
        self.url = f"sqlite+aiosqlite:///{folder / 'none.db'}"

    @property
    def intake(self) -> Intake:
        return Broker(FakeBooks().open).intake

    def wake(self) -> None:
        self.woken += 1

    def parts(self, name: str) -> list[wiring.Part]:
        told: dict[str, Any] = {"profile": name, "table": "flow", "watermark": "n", "key": "id"}
        pull = PullSettings(url=SecretStr(self.url), **told)
        settings: Any = type("Told", (), {"pulls": {"counter": pull}})()
        return wiring.pulls(settings, [profile(FLOW), profile(DAY)], self)


@pytest.mark.parametrize(
    ("name", "says"),
    [("none", "INGEST_PULLS__COUNTER__PROFILE: no profile none"), ("day", "day: funds-of-day is")],
)
def test_a_pull_that_cannot_be_is_refused_at_the_start(
    name: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(BadProfile) as failure:
        Around(tmp_path).parts(name)
    assert str(failure.value).startswith(says)


async def test_a_failing_pull_is_counted_and_goes_on_until_it_is_stopped(tmp_path: Path) -> None:
    service = Around(tmp_path)
    before = PULL_FAILURES.labels("counter", "OperationalError")._value.get()
    [(name, part)] = service.parts("flow")
    running = asyncio.create_task(part)

    async def failed() -> bool:
        return bool(PULL_FAILURES.labels("counter", "OperationalError")._value.get() > before)

    await eventually(failed)
    assert (name, PULL_UP.labels("counter")._value.get(), running.done()) == (
        "pull-counter",
        0,
        False,
    )
    service.stopping.set()
    await running
    assert service.woken == 0
