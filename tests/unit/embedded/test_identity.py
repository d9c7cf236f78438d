"""The tokens of the stack on this machine: known by the services' own check, and nobody else's."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import build
from deploy.embedded.identity import Identity, variables
from shared.clock import DrivenClock
from shared.settings import TokenSettings
from shared.web.access import Principal
from shared.web.directory import tokens
from shared.web.permissions import Role
from shared.web.refusal import Unauthenticated
from tests.kit.issuer import NOW

LIFE = timedelta(hours=8)


def known(folder: Path) -> TokenSettings:
    file = folder / "jwks.json"
    Identity("seed").publish(file)
    named = {name[len("NOTIFY_TOKENS__") :].lower(): v for name, v in told(file).items()}
    return TokenSettings.model_validate(named)


def told(file: Path) -> dict[str, str]:
    return variables("notify", file)


async def test_a_token_is_known_by_what_the_services_are_told(tmp_path: Path) -> None:
    token = Identity("seed").token("m001", ["manager", "risk"], NOW, LIFE)
    found = await tokens(known(tmp_path), DrivenClock(NOW)).identify(token)
    assert found == Principal("m001", roles=frozenset({Role.MANAGER, Role.RISK}))
    assert '"d"' not in (tmp_path / "jwks.json").read_text()


async def test_another_stacks_token_is_not(tmp_path: Path) -> None:
    token = Identity("other").token("m001", ["manager"], NOW, LIFE)
    with pytest.raises(Unauthenticated, match="signature"):
        await tokens(known(tmp_path), DrivenClock(NOW)).identify(token)


def test_the_command_gives_one_and_says_when_there_is_no_stack() -> None:
    given = CliRunner().invoke(build("token"), ["token", "m001"], env={"EMBEDDED_IDENTITY": "seed"})
    assert (given.exit_code, given.stdout.count(".")) == (0, 2)
    none = CliRunner().invoke(build("token"), ["token", "m001"], env={"EMBEDDED_IDENTITY": ""})
    assert (none.exit_code, "make run" in none.output) == (2, True)
