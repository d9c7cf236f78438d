"""``guanchao``: where it looks for the stores, and that every command explains itself."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import GROUPS, NotInstalled, build
from deploy.cli import _state as state_of
from deploy.embedded.ports import Ports
from deploy.embedded.roster import started
from deploy.embedded.running import environment, ports_of
from deploy.embedded.state import Secrets

PORTS = Ports.at(23000)
COMMANDS: tuple[list[str], ...] = (
    [],
    ["replay"],
    ["mot"],
    ["mot", "why"],
    ["mot", "rebuild"],
    ["mot", "rules"],
    ["mot", "rules", "publish"],
    ["mot", "rules", "list"],
    ["mot", "rules", "check"],
    ["keys"],
    ["keys", "new"],
    ["keys", "list"],
    ["keys", "revoke"],
    ["keys", "reseal"],
    ["audit"],
    ["audit", "verify"],
    ["audit", "list"],
    ["notify", "audit"],
    ["notify", "audit", "verify"],
    ["notify", "audit", "list"],
    ["profile"],
    ["profile", "keys"],
    ["profile", "keys", "new"],
    ["profile", "keys", "list"],
    ["profile", "keys", "revoke"],
    ["profile", "audit"],
    ["profile", "audit", "verify"],
    ["profile", "audit", "list"],
    ["profile", "rebuild"],
    ["calendar"],
    ["calendar", "check"],
    ["calendar", "show"],
    ["dead-letters"],
    ["dead-letters", "list"],
    ["dead-letters", "show"],
    ["dead-letters", "redrive"],
    ["dead-letters", "stops"],
    ["dead-letters", "resume"],
)


def stack(folder: Path, *, running: bool = True) -> Path:
    """Write what a launcher leaves in its state folder."""
    (folder / "kafka").mkdir()
    listeners = f"node.id=1\nlisteners=PLAINTEXT://127.0.0.1:{PORTS.kafka},CONTROLLER://x\n"
    (folder / "kafka" / "server.properties").write_text(listeners)
    begun = started(os.getpid()) if running else "gone"
    entry = {"name": "kafka", "pid": os.getpid(), "started": begun, "stop_signal": signal.SIGTERM}
    (folder / "processes.json").write_text(json.dumps([entry]))
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_in_both_languages(command: list[str]) -> None:
    said = CliRunner().invoke(build(), [*command, "--help"])
    assert said.exit_code == 0
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said.output)
    assert any(
        word in said.output.lower()
        for word in (
            "rule",
            "alert",
            "state",
            "version",
            "key",
            "audit",
            "who",
            "calendar",
            "letter",
            "source",
            "topic",
        )
    )


def test_a_running_stack_tells_its_addresses(tmp_path: Path) -> None:
    assert environment(stack(tmp_path)) == {
        "MOT_KAFKA__BROKERS": f"127.0.0.1:{PORTS.kafka}",
        "MOT_VALKEY__URL": f"redis://127.0.0.1:{PORTS.valkey}/0",
    }
    assert ports_of(tmp_path) == PORTS


def test_to_its_owner_a_running_stack_tells_ingests_database_and_keys(tmp_path: Path) -> None:
    secrets = Secrets.new()
    (stack(tmp_path) / "secrets.json").write_text(json.dumps(asdict(secrets)))
    told = environment(tmp_path)
    where = f"127.0.0.1:{PORTS.postgres}/guanchao"
    password = secrets.postgres_password
    assert told["INGEST_POSTGRES__DSN"] == f"postgresql+asyncpg://guanchao:{password}@{where}"
    assert json.loads(told["INGEST_FIELD_KEYS"]) == {"k1": secrets.field_key}
    assert told["NOTIFY_LINK_KEY"] == secrets.link_key
    assert told["NOTIFY_CONSOLE_URL"] == f"http://127.0.0.1:{PORTS.notify}"


def test_a_stopped_stack_tells_nothing(tmp_path: Path) -> None:
    assert environment(stack(tmp_path, running=False)) == {}


def test_a_folder_that_is_none_tells_nothing(tmp_path: Path) -> None:
    assert environment(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [
        (["--state", "here", "replay"], Path("here")),
        (["--state=here"], Path("here")),
        (["replay"], None),
    ],
)
def test_the_state_folder_is_read_before_the_commands(
    arguments: list[str], folder: Path | None
) -> None:
    assert state_of(arguments) == folder


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["replay", "7BB8F537"], "--brokers"),
        (["replay", "nonsense", "--brokers", "127.0.0.1:1"], "alert_id"),
        (["mot", "rules", "list"], "--brokers"),
        (["mot", "rebuild", "--brokers", "127.0.0.1:1"], "--valkey"),
        (["mot", "why", "demo", "margin_call", "--brokers=x:1", "--valkey=redis://x"], "demo:8001"),
        (["mot", "why", "demo:1", "no_rule", "--brokers=x:1", "--valkey=redis://x"], "margin_call"),
        (["mot", "why", "demo:1", "margin_call", "--brokers=x:1", "--valkey=x:1"], "redis://"),
        (["mot", "rules", "check", "no-such-file", "--offline"], "no-such-file"),
        (["keys", "list"], "--postgres"),
        (["keys", "list", "--postgres=postgresql+asyncpg://x:y@127.0.0.1:1/z"], "PostgreSQL"),
        (["keys", "new", "a b", "--scope=files:read", "--postgres=x"], "32"),
        (["keys", "reseal", "--postgres=x"], "INGEST_FIELD_KEYS"),
        (["audit", "verify"], "--postgres"),
        (["notify", "audit", "verify"], "--postgres"),
        (["profile", "audit", "verify"], "--postgres"),
        (["profile", "keys", "new", "a b", "--postgres=x"], "32"),
        (["profile", "rebuild"], "--brokers"),
        (["profile", "rebuild", "--brokers=x:1", "--postgres=x"], "PROFILE_FIELD_KEYS"),
        (["calendar", "show", "2031-01-01"], "日历不知道"),
        (["dead-letters", "list"], "--brokers"),
        (["dead-letters", "show", "nothing", "--brokers=x:1"], "主题:分区:偏移"),
        (["dead-letters", "stops"], "--postgres"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_its_remedy(
    arguments: list[str], remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOT_KAFKA__BROKERS", raising=False)
    monkeypatch.delenv("MOT_VALKEY__URL", raising=False)
    monkeypatch.delenv("INGEST_POSTGRES__DSN", raising=False)
    monkeypatch.delenv("INGEST_KAFKA__BROKERS", raising=False)
    monkeypatch.delenv("NOTIFY_POSTGRES__DSN", raising=False)
    monkeypatch.delenv("PROFILE_POSTGRES__DSN", raising=False)
    monkeypatch.delenv("PROFILE_KAFKA__BROKERS", raising=False)
    said = CliRunner().invoke(build(), arguments)
    assert said.exit_code == 2
    assert said.output.startswith("✗ ")
    assert said.output.count("\n") == 1
    assert remedy in said.output


def test_a_file_is_checked_without_kafka(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text('large_withdrawal: {limit: "3000000"}')
    said = CliRunner().invoke(build(), ["mot", "rules", "check", str(file), "--offline"])
    assert (said.exit_code, "limit: 5000000 → 3000000" in said.output) == (0, True)
    file.write_text('large_withdrawal: {limt: "3000000"}')
    said = CliRunner().invoke(build(), ["mot", "rules", "check", str(file), "--offline"])
    assert (said.exit_code, "large_withdrawal.limt" in said.output) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        ["replay", "7BB8F537"],
        ["mot", "rules", "list"],
        ["mot", "rebuild", "--valkey=redis://127.0.0.1:1"],
        ["mot", "why", "demo:1", "margin_call", "--valkey=redis://127.0.0.1:1"],
    ],
    ids=" ".join,
)
def test_without_kafka_a_process_says_one_line_and_nothing_else(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", *command, "--brokers", "127.0.0.1:1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("✗ Kafka")


def test_commands_whose_service_is_not_in_the_image_are_not_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    for name in [n for n in sys.modules if n.startswith(("services.ingest", "services.notify"))]:
        monkeypatch.delitem(sys.modules, name)
    said = CliRunner().invoke(build(), ["--help"])
    assert ("mot" in said.output, "audit" in said.output) == (True, False)


def test_a_module_of_ours_that_is_missing_is_a_mistake_and_no_other_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(GROUPS, "none", ("services.none.commands", "app"))
    with pytest.raises(ModuleNotFoundError) as missing:
        build()
    assert not isinstance(missing.value, NotInstalled)
