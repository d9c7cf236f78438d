"""The sandbox gateway from outside: what a sender says to it, and the process itself."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from hmac import new as hmac_of
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from shared.clock import WallClock

ROOT = Path(__file__).parents[2]
CORP = {"corpid": "wwguanchao0000sandbox", "corpsecret": "sandbox-wecom-secret"}
PAUSE = Event()  # never set: waiting for it is a pause
SMS_VALUES = {
    "title": "大额出金",
    "client": "王海涛",
    "account": "345",
    "summary": "今日累计出金520万，达到警戒线500万",
    "action": "请致电客户。",
    "code": "7BB8F537-1",
}


def card(to: str = "m001", code: str = "7BB8F537-1", **changes: Any) -> dict[str, Any]:
    """Return the body of a 文本通知型 card; ``changes`` replace parts of the card."""
    link = "http://127.0.0.1:8700/a/1"
    shown = {
        "card_type": "text_notice",
        "source": {"desc": "观潮 · 异动"},
        "main_title": {"title": "大额出金", "desc": "王海涛 · 账户***345"},
        "emphasis_content": {"title": "520万", "desc": "今日累计"},
        "sub_title_text": "今日累计出金520万，达到警戒线500万。请致电客户。",
        "horizontal_content_list": [
            {"keyname": "警戒线", "value": "500万"},
            {"keyname": "编号", "value": code},
        ],
        "jump_list": [{"type": 1, "title": "查看客户", "url": link}],
        "card_action": {"type": 1, "url": link},
    }
    return {
        "touser": to,
        "msgtype": "template_card",
        "agentid": 1_000_002,
        "template_card": shown | changes,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 14_400,
    }


def sms_form(phone: str = "13812345678", **changes: str) -> dict[str, str]:
    """Return the parameters of a SendSms; ``changes`` replace them."""
    values = json.dumps(SMS_VALUES, ensure_ascii=False)
    form = {"PhoneNumbers": phone, "SignName": "观潮", "TemplateCode": "SMS_GC_ALERT"}
    return form | {"TemplateParam": values} | changes


def signed(
    body: bytes,
    at: datetime | None = None,
    key: tuple[str, str] = ("sandbox-key-id", "sandbox-key-secret"),
    changes: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers of a SendSms with this body; ``changes`` are signed too."""
    said = (at or WallClock().now()).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {
        "host": "dysmsapi.aliyuncs.com",
        "x-acs-action": "SendSms",
        "x-acs-version": "2017-05-25",
        "x-acs-date": said,
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-content-sha256": sha256(body).hexdigest(),
    }
    headers |= changes or {}
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    parts = ("POST", "/", "", lines, ";".join(names), headers["x-acs-content-sha256"])
    digest = sha256("\n".join(parts).encode()).hexdigest()
    proof = hmac_of(key[1].encode(), f"ACS3-HMAC-SHA256\n{digest}".encode(), "sha256").hexdigest()
    said_names = f"SignedHeaders={';'.join(names)}"
    headers["authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key[0]},{said_names},Signature={proof}"
    )
    return headers | {"content-type": "application/x-www-form-urlencoded"}


class Sender:
    """Speaks to a running gateway as notify does."""

    def __init__(self, client: httpx.Client) -> None:
        self.http = client
        self.token = ""

    def gettoken(self) -> dict[str, Any]:
        """Ask for a token and keep it."""
        answer: dict[str, Any] = self.http.get("/cgi-bin/gettoken", params=CORP).json()
        self.token = answer.get("access_token", self.token)
        return answer

    def send(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a 企业微信 message and return the answer."""
        answer: dict[str, Any] = self.post(body).json()
        return answer

    def post(self, body: Mapping[str, Any]) -> httpx.Response:
        """Send a 企业微信 message and return the whole response."""
        if not self.token:
            self.gettoken()
        return self.http.post(
            "/cgi-bin/message/send", params={"access_token": self.token}, json=body
        )

    def sms(self, **changes: str) -> httpx.Response:
        """Send an SMS, freshly signed."""
        body = urlencode(sms_form(**changes)).encode()
        return self.http.post("/", content=body, headers=signed(body))

    def script(self, *faults: Mapping[str, Any]) -> None:
        """Put faults in force."""
        self.http.post("/sandbox/faults", json=list(faults)).raise_for_status()

    def clock(self, now: str) -> None:
        """Post the time."""
        self.http.post("/sandbox/clock", json={"now": now}).raise_for_status()

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the entries after one."""
        entries: list[dict[str, Any]] = self.http.get(
            "/sandbox/journal", params={"after": after}
        ).json()
        return entries

    def outcomes(self, after: int = 0) -> list[str]:
        """Return how each entry after one ended, in order."""
        return [entry["outcome"] for entry in self.journal(after)]


class GatewayProcess:
    """``python -m deploy.sandbox`` on a free port over a folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options, self.port = folder, options, _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and return once it is ready."""
        command = [sys.executable, "-m", "deploy.sandbox", "--port", str(self.port)]
        command += ["--folder", str(self.folder), *self.options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._until_ready(self.process)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop and return its exit code."""
        return self._end(signal.SIGTERM)

    def output(self) -> str:
        """Return what an ended process said."""
        if self.process is None or self.process.stdout is None:
            return ""
        return self.process.stdout.read().decode()

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        return self.process.wait(30)

    def _until_ready(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = monotonic() + 60
        while monotonic() < deadline:
            if process.poll() is not None:
                raise AssertionError(f"the gateway ended: {self.output()}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                PAUSE.wait(0.05)
        process.kill()
        raise AssertionError("the gateway was not ready within 60 s")


@contextmanager
def gateway(folder: Path, *options: str) -> Iterator[tuple[GatewayProcess, Sender]]:
    """Run a gateway and give it with a sender; it is gone afterwards."""
    process = GatewayProcess(folder, *options)
    process.start()
    try:
        with httpx.Client(base_url=process.url, timeout=30) as client:
            yield process, Sender(client)
    finally:
        process.kill()
        if process.process is not None and process.process.stdout is not None:
            process.process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
