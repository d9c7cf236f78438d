"""The signature is Aliyun's: its own published example, and every way of getting it wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploy.sandbox.acs3 import verify
from deploy.sandbox.entries import Call, Refused
from tests.kit.gateway import signed

NOW = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
SECRETS = {"sandbox-key-id": "sandbox-key-secret"}
BODY = b"PhoneNumbers=13812345678&SignName=%E8%A7%82%E6%BD%AE"


def call() -> Call:
    headers = signed(BODY, at=NOW)
    return Call(method="POST", path="/", query=(), headers=headers, body=BODY, wall=NOW.timestamp())


def refusal(made: Call) -> str:
    with pytest.raises(Refused) as refused:
        verify(made, SECRETS.get)
    return str(refused.value.code)


def test_the_published_example_is_accepted() -> None:
    """help.aliyun.com, V3版本请求体&签名机制: 固定参数示例."""
    signature = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    said = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    names = ";".join(sorted(said))
    proof = f"Credential=YourAccessKeyId,SignedHeaders={names},Signature={signature}"
    example = Call(
        method="POST",
        path="/",
        query=(
            ("RegionId", "cn-shanghai"),
            ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
        ),
        headers={**said, "authorization": f"ACS3-HMAC-SHA256 {proof}"},
        body=b"",
        wall=datetime(2023, 10, 26, 10, 22, 40, tzinfo=UTC).timestamp(),
    )
    nonce = verify(example, {"YourAccessKeyId": "YourAccessKeySecret"}.get)
    assert nonce == "3156853299f313e23d1673dc12e1703d"


def test_a_good_signature_gives_its_nonce() -> None:
    made = call()
    assert verify(made, SECRETS.get) == made.headers["x-acs-signature-nonce"]


def test_a_parameter_added_to_the_address_is_refused() -> None:
    assert refusal(replace(call(), query=(("a", "1"),))) == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"authorization": ""}, "IncompleteSignature"),
        ({"authorization": "Basic abc"}, "IncompleteSignature"),
        ({"x-acs-date": ""}, "MissingXAcsDate"),
        ({"x-acs-signature-nonce": ""}, "MissingXAcsSignatureNonce"),
        ({"x-acs-date": "2026-06-01 01:30"}, "InvalidTimeStamp.Format"),
        ({"x-acs-date": "2026-06-01T01:30:01Z"}, "SignatureDoesNotMatch"),
        ({"x-acs-signature-nonce": "another"}, "SignatureDoesNotMatch"),
        ({"x-acs-action": "QuerySms"}, "SignatureDoesNotMatch"),
        ({"host": "elsewhere"}, "SignatureDoesNotMatch"),
        ({"x-acs-security-token": "not signed"}, "SignatureDoesNotMatch"),
        ({"x-acs-content-sha256": "0" * 64}, "SignatureDoesNotMatch"),
    ],
)
def test_what_was_changed_after_signing_is_refused(changed: dict[str, str], code: str) -> None:
    made = call()
    assert refusal(replace(made, headers={**made.headers, **changed})) == code


def test_a_changed_body_is_refused() -> None:
    assert refusal(replace(call(), body=BODY.replace(b"138", b"139"))) == "SignatureDoesNotMatch"


def test_a_hash_that_is_not_the_bodys_is_said_to_be_that() -> None:
    made = call()
    headers = signed(BODY, at=NOW, changes={"x-acs-content-sha256": "0" * 64})
    with pytest.raises(Refused, match="x-acs-content-sha256 is not the body's hash"):
        verify(replace(made, headers=headers), SECRETS.get)


def test_a_changed_method_is_refused() -> None:
    assert refusal(replace(call(), method="GET")) == "SignatureDoesNotMatch"


def test_another_secret_is_refused() -> None:
    headers = signed(BODY, at=NOW, key=("sandbox-key-id", "guessed"))
    assert refusal(replace(call(), headers=headers)) == "SignatureDoesNotMatch"


def test_an_unknown_key_is_refused() -> None:
    headers = signed(BODY, at=NOW, key=("somebody", "sandbox-key-secret"))
    assert refusal(replace(call(), headers=headers)) == "InvalidAccessKeyId.NotFound"


@pytest.mark.parametrize(
    ("minutes", "accepted"), [(-15.1, False), (-15, True), (0, True), (15, True), (15.1, False)]
)
def test_a_date_is_good_for_a_quarter_of_an_hour(minutes: float, accepted: bool) -> None:
    made = replace(call(), wall=(NOW + timedelta(minutes=minutes)).timestamp())
    if accepted:
        assert verify(made, SECRETS.get)
    else:
        assert refusal(made) == "InvalidTimeStamp.Expired"
