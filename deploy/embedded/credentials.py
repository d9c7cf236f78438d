"""通道的账号: what notify is told of the gateway that stands in for all of them.

The real ones' addresses and credentials are set by the same names, and nothing else changes.
"""

import json

from deploy.embedded.ports import Ports

CREDENTIALS = {
    "NOTIFY_WECOM__CORP_ID": "wwguanchao0000sandbox",
    "NOTIFY_WECOM__AGENT_ID": "1000002",
    "NOTIFY_WECOM__SECRET": "sandbox-wecom-secret",
    "NOTIFY_SMS__ACCESS_KEY_ID": "sandbox-key-id",
    "NOTIFY_SMS__ACCESS_KEY_SECRET": "sandbox-key-secret",
    "NOTIFY_SMS__SIGN_NAME": "观潮",
    "NOTIFY_TENCENT_SMS__SECRET_ID": "sandbox-secret-id",
    "NOTIFY_TENCENT_SMS__SECRET_KEY": "sandbox-secret-key",
    "NOTIFY_TENCENT_SMS__SDK_APP_ID": "1400000001",
    "NOTIFY_TENCENT_SMS__SIGN_NAME": "观潮",
    "NOTIFY_TENCENT_SMS__TEMPLATE_ID": "1000001",
    "NOTIFY_TENCENT_SMS__NOTICE_TEMPLATE_ID": "1000002",
    "NOTIFY_ALIYUN_VOICE__ACCESS_KEY_ID": "sandbox-key-id",
    "NOTIFY_ALIYUN_VOICE__ACCESS_KEY_SECRET": "sandbox-key-secret",
    "NOTIFY_ALIYUN_VOICE__TTS_CODE": "TTS_GC_ALERT",
    "NOTIFY_ALIYUN_VOICE__NOTICE_TTS_CODE": "TTS_GC_NOTICE",
    "NOTIFY_APP_PUSH__SECRET": "sandbox-push-secret",
    "NOTIFY_MAIL__USERNAME": "alerts@sandbox.example",
    "NOTIFY_MAIL__PASSWORD": "sandbox-mail-password",
    "NOTIFY_MAIL__SENDER": "alerts@sandbox.example",
}
GROUP = {"risk": {"key": "sandbox-key-risk", "secret": "sandbox-secret-risk"}}
ROBOTS = ("WECOM_ROBOT", "DINGTALK_ROBOT", "FEISHU_ROBOT")
CLOUDS = ("WECOM", "SMS", "TENCENT_SMS", "ALIYUN_VOICE")


def gateway(ports: Ports) -> dict[str, str]:
    """Return what notify must be told to reach the gateway that stands in, by all its channels."""
    url = f"http://127.0.0.1:{ports.sandbox}"
    told = {f"NOTIFY_{name}__API_URL": url for name in CLOUDS}
    for robot in ROBOTS:
        told[f"NOTIFY_ROBOTS__{robot}__API_URL"] = url
        told[f"NOTIFY_ROBOTS__{robot}__GROUPS"] = json.dumps(GROUP)
    mail = {"HOST": "127.0.0.1", "PORT": str(ports.smtp), "TLS": "none"}
    told |= {f"NOTIFY_MAIL__{name}": value for name, value in mail.items()}
    return told | {"NOTIFY_APP_PUSH__API_URL": f"{url}/push"} | CREDENTIALS
