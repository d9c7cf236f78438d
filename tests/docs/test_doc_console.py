"""What console.md asks with curl is asked word for word, of the real API over fakes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.ports import Ports
from shared.settings import HttpSettings
from shared.web.health import serving
from tests.kit.console import Counter, alert_of
from tests.kit.curl import TIMEOUT, Shell, curls

ASKED = curls(Path(__file__).parents[2] / "docs" / "operations" / "console.md")
SAID = {
    "/v1/inbox?": (200, '"place"'),
    "/v1/alerts/search": (200, '"alerts"'),
    "/answers": (201, '"contacted"'),
    "/v1/inbox/events": (200, ": following"),
}
"""A part of the address → the status, and what is in the answer."""
FOLLOWED_S = 3


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    counter, port = Counter(), Ports.free().notify
    filled = {"TOKEN": counter.token("m1"), "ALERT": str(alert_of("80000001"))}
    async with serving(counter.app, HttpSettings(port=port)):
        yield Shell.of(tmp_path, Ports.at().notify, port, **filled)
        counter.live.close()


def test_the_page_asks_each_of_these_once() -> None:
    assert [sum(part in command for command in ASKED) for part in SAID] == [1, 1, 1, 1]
    assert len(ASKED) == len(SAID)


async def test_what_the_page_asks_is_answered(shell: Shell) -> None:
    for command in ASKED:
        ((status, holds),) = [said for part, said in SAID.items() if part in command]
        follows = command.startswith("curl -N")
        answer = await shell.ask(command, FOLLOWED_S if follows else 60)
        assert answer.code == (TIMEOUT if follows else 0), answer
        assert (answer.status, holds in answer.text) == (status, True), answer


async def test_the_same_answer_again_is_a_repeat(shell: Shell) -> None:
    (command,) = [one for one in ASKED if "/answers" in one]
    assert [(await shell.ask(command)).status for _ in range(2)] == [201, 200]
