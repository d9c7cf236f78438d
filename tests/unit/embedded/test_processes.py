"""What each program is told, and what nobody may see."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores

PROGRAMS = ("ingest", "mot", "notify", "profile", "sandbox")


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """Stores that were never started: their addresses and secrets are known all the same."""
    made = Stores(tmp_path / "run", Ports.at(20000))
    made.state.open()
    yield made
    made.state.close()


def chain(stores: Stores, simulated: bool = False, **extra: str) -> Chain:
    return Chain(stores, stores.ports, stores.state.path, simulated, extra=extra)


def test_every_service_is_told_its_stores_and_its_port(stores: Stores) -> None:
    told = chain(stores).environment()
    for name in ("INGEST", "MOT", "NOTIFY"):
        assert told[f"{name}_KAFKA__BROKERS"] == "127.0.0.1:20010"
        assert told[f"{name}_HTTP__HOST"] == "127.0.0.1"
    assert told["MOT_HTTP__PORT"] == "20002"
    assert told["INGEST_POSTGRES__DSN"] == stores.postgres_dsn
    assert told["MOT_VALKEY__URL"] == told["NOTIFY_VALKEY__URL"] == "redis://127.0.0.1:20013/0"


def test_what_ingest_seals_notify_can_open(stores: Stores) -> None:
    told = chain(stores).environment()
    assert told["INGEST_FIELD_KEYS"] == told["NOTIFY_FIELD_KEYS"]
    (key,) = json.loads(told["INGEST_FIELD_KEYS"]).values()
    assert len(base64.b64decode(key)) == 32


@pytest.mark.parametrize(
    ("simulated", "ingest", "notify", "sandbox"),
    [(True, "source", "ticks", "posted"), (False, "wall", "wall", "wall")],
)
def test_all_clocks_are_simulated_or_none_is(
    stores: Stores, simulated: bool, ingest: str, notify: str, sandbox: str
) -> None:
    made = chain(stores, simulated)
    assert made.environment()["INGEST_CLOCK"] == ingest
    assert made.environment()["NOTIFY_CLOCK"] == notify
    assert made.program("sandbox").recipe.argv[-2:] == ("--clock", sandbox)


def test_no_secret_stands_where_others_can_read_it(stores: Stores) -> None:
    made = chain(stores)
    programs = [*map(made.program, PROGRAMS), made.broker(1), made.day(1)]
    secrets = stores.secrets
    for program in programs:
        seen = " ".join(program.recipe.argv) + repr(program.recipe)
        for secret in (secrets.postgres_password, secrets.push_key, secrets.field_key):
            assert secret not in seen


def test_a_test_can_change_what_a_service_is_told(stores: Stores) -> None:
    assert chain(stores, MOT_RULES="/x").environment()["MOT_RULES"] == "/x"
