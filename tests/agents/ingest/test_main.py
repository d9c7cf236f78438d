"""The command line and the settings."""

import base64
import json

import pytest
from pydantic import ValidationError

from services.ingest.__main__ import main
from services.ingest.settings import Settings

ENVIRONMENT = {
    "INGEST_KAFKA__BROKERS": "127.0.0.1:9092",
    "INGEST_POSTGRES__DSN": "postgresql+asyncpg://u:secret-dsn@127.0.0.1/x",
    "INGEST_HTTP__PORT": "18001",
    "INGEST_BROKER": "demo",
    "INGEST_DROP_FOLDER": "drop",
    "INGEST_FIELD_KEYS": json.dumps({"k1": base64.b64encode(bytes(32)).decode()}),
    "INGEST_PUSH_KEY": "secret-push",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def test_a_wrong_command_is_answered_with_the_right_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["dance"]) == 64
    assert capsys.readouterr().err == "usage: python -m services.ingest [run | migrate]\n"


def test_secrets_are_never_printed() -> None:
    settings = Settings()
    assert settings.field_keys["k1"].get_secret_value()
    printed = f"{settings!r}"
    assert "secret" not in printed
    assert ENVIRONMENT["INGEST_FIELD_KEYS"] not in printed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INGEST_CLOCK", "sundial"),
        ("INGEST_FIELD_KEYS", "{}"),
        ("INGEST_PUSH_KEY", ""),
        ("INGEST_BROKER", "a b"),
        ("INGEST_LANES", "13"),
        ("INGEST_HTTP__PORT", "0"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_a_missing_setting_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("INGEST_PUSH_KEY")
    monkeypatch.setenv("INGEST_HTTP__PORT", "secret-port")
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 78
    errors = capsys.readouterr().err
    assert "INGEST_PUSH_KEY: Field required\n" in errors
    assert "INGEST_HTTP__PORT: Input should be a valid integer" in errors
    assert "secret" not in errors
