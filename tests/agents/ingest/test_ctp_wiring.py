"""A counter is there only when it is told of, and a missing library stops the start."""

import base64
import json
from pathlib import Path

import pytest

from services.ingest.__main__ import main
from services.ingest.settings import Settings

ENVIRONMENT = {
    "INGEST_KAFKA__BROKERS": "127.0.0.1:9",
    "INGEST_POSTGRES__DSN": "postgresql+asyncpg://u:p@127.0.0.1:9/x",
    "INGEST_HTTP__PORT": "18001",
    "INGEST_BROKER": "demo",
    "INGEST_FIELD_KEYS": json.dumps({"k1": base64.b64encode(bytes(32)).decode()}),
    "INGEST_PUSH_KEY": "push",
}
COUNTER = {
    "INGEST_CTP__FRONT": "tcp://127.0.0.1:9",
    "INGEST_CTP__BROKER_ID": "9999",
    "INGEST_CTP__USER_ID": "risk",
    "INGEST_CTP__PASSWORD": "s3cret",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (ENVIRONMENT | {"INGEST_DROP_FOLDER": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)


def tell(monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    for name, value in (COUNTER | changed).items():
        monkeypatch.setenv(name, value)


def test_without_a_front_there_is_no_counter() -> None:
    settings = Settings()
    assert (settings.ctp, settings.ctp_trader) == (None, None)


def test_a_missing_library_ends_the_start_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(monkeypatch, INGEST_CTP__LIBRARY="ctp_risk.ctp_trade_of_nobody")
    assert main(["run"]) == 78
    said = capsys.readouterr().err
    assert said.startswith("✗ INGEST_CTP__LIBRARY: ctp_risk.ctp_trade_of_nobody")
    assert "pip install ctp-risk" in said


def test_a_front_that_is_no_address_is_named_without_the_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(monkeypatch, INGEST_CTP__FRONT="127.0.0.1:9")
    with pytest.raises(SystemExit) as ended:
        main(["run"])
    assert ended.value.code == 78
    said = capsys.readouterr().err
    assert "INGEST_CTP__FRONT" in said
    assert "s3cret" not in said


def test_the_password_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch)
    assert "s3cret" not in repr(Settings())
