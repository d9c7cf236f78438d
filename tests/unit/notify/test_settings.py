"""What notify must be told, and how it says what is wrong."""

import base64
import json

import pytest
from pydantic import ValidationError

from services.notify.settings import Settings

KEY = base64.b64encode(b"1" * 32).decode()
GOOD = {
    "KAFKA__BROKERS": "127.0.0.1:9092",
    "POSTGRES__DSN": "postgresql+asyncpg://u:p4ssw0rd@127.0.0.1/x",
    "VALKEY__URL": "redis://:v4lkey-s3cret@127.0.0.1:6379/0",
    "HTTP__PORT": "18003",
    "FIELD_KEYS": json.dumps({"k1": KEY}),
    "LINK_KEY": "l1nk-k3y-of-sixteen",
    "WECOM__CORP_ID": "ww1",
    "WECOM__AGENT_ID": "1000002",
    "WECOM__SECRET": "w3com-s3cret",
    "SMS__ACCESS_KEY_ID": "key-id",
    "SMS__ACCESS_KEY_SECRET": "sm5-s3cret",
    "SMS__SIGN_NAME": "观潮",
}
SECRETS = ("p4ssw0rd", "l1nk-k3y", "w3com-s3cret", "sm5-s3cret", "v4lkey-s3cret", KEY)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(f"NOTIFY_{name}", value)


def test_what_it_is_told_is_never_printed() -> None:
    settings = Settings()
    assert settings.wecom.agent_id == 1000002
    assert settings.clock == "wall"
    assert not [secret for secret in SECRETS if secret in f"{settings!r} {settings}"]


def test_only_what_is_configured_is_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().channels.keys() == {"wecom_app", "aliyun_sms"}
    groups = {"risk": {"key": "r0bot-key"}, "team-lead": {"key": "r0bot-key"}}
    monkeypatch.setenv("NOTIFY_ROBOTS__WECOM_ROBOT__GROUPS", json.dumps(groups))
    monkeypatch.setenv("NOTIFY_ROBOTS__FEISHU_ROBOT__GROUPS", json.dumps({"risk": groups["risk"]}))
    monkeypatch.setenv("NOTIFY_APP_PUSH__API_URL", "https://app.example/push")
    monkeypatch.setenv("NOTIFY_APP_PUSH__SECRET", "pu5h-s3cret-of-16")
    settings = Settings()
    assert settings.channels.keys() == {
        "wecom_app",
        "aliyun_sms",
        "wecom_robot",
        "feishu_robot",
        "app_push",
    }
    assert settings.robots.by_role == {
        "risk": {"wecom_robot", "feishu_robot"},
        "team-lead": {"wecom_robot"},
    }
    assert not [s for s in ("r0bot-key", "pu5h-s3cret") if s in f"{settings!r} {settings}"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [(None, "http://127.0.0.1:18003"), ("https://console.example", "https://console.example")],
)
def test_links_lead_to_the_console_or_to_itself(
    monkeypatch: pytest.MonkeyPatch, base: str | None, expected: str
) -> None:
    if base is not None:
        monkeypatch.setenv("NOTIFY_CONSOLE_URL", base)
    assert Settings().links_base == expected


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("FIELD_KEYS", json.dumps({"k1": "c2hvcnQ="}), "base64 of 32 bytes"),
        ("FIELD_KEYS", "{}", "field_keys"),
        ("LINK_KEY", "sh0rt", "link_key"),
        ("CLOCK", "sundial", "clock"),
        ("WECOM__API_URL", "http://qyapi.weixin.qq.com", "https"),
        ("WECOM__AGENT", "1", "wecom.agent"),
        ("SENDING__LEASE_SECONDS", "5", "lease_seconds"),
        ("HTTP__PORT", "0", "http.port"),
    ],
)
def test_a_mistake_is_named_and_no_secret_quoted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    monkeypatch.setenv(f"NOTIFY_{name}", value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    text = str(refused.value)
    assert named in text
    assert not [secret for secret in (*SECRETS, "sh0rt") if secret in text]
