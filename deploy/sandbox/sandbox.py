"""The gateway put together: its folder, its clock, its protocols and what they remember."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from deploy.sandbox.clock import PostedClock
from deploy.sandbox.entries import CHANGES, Call, Entry, Verdict
from deploy.sandbox.faults import Faults
from deploy.sandbox.journal import Journal
from deploy.sandbox.limits import PUBLISHED, Limits
from deploy.sandbox.log import Broken, Log
from deploy.sandbox.mail import Mailbox
from deploy.sandbox.sms import Sms
from deploy.sandbox.templates import approved
from deploy.sandbox.tencent import Tencent
from deploy.sandbox.tokens import App, TokenCall, Tokens
from deploy.sandbox.voice import Voice
from deploy.sandbox.webhooks import Webhook, webhooks
from deploy.sandbox.wecom import Members, WeCom, anybody
from shared.clock import Clock, WallClock
from shared.kernel.trading_day import CHINA

APP = App("wwguanchao0000sandbox", 1_000_002, "sandbox-wecom-secret")
SMS_KEYS = {"sandbox-key-id": "sandbox-key-secret"}
"""Credentials of the sandbox alone: they open nothing else."""


class Platform(Protocol):
    """A protocol without its HTTP: 企业微信 or 阿里云短信."""

    def receivers(self, call: Call) -> Sequence[str]: ...

    def judge(self, call: Call) -> Verdict: ...

    def fail(self, call: Call, code: int | str) -> Verdict: ...

    def remember(self, entry: Entry, now: float) -> None: ...


@dataclass
class Sandbox:
    """One gateway over one folder."""

    clock: Clock
    journal: Journal
    token_log: Log
    wecom: WeCom
    sms: Sms
    voice: Voice = field(default_factory=lambda: Voice(SMS_KEYS))
    tencent: Tencent = field(default_factory=Tencent)
    mailbox: Mailbox = field(default_factory=Mailbox)
    webhooks: Mapping[str, Webhook] = field(default_factory=webhooks)
    faults: Faults = field(default_factory=Faults)
    wall: Clock = field(default_factory=WallClock)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def platforms(self) -> dict[str, Platform]:
        """Channel → protocol."""
        wecom: dict[str, Platform] = {"wecom": self.wecom, CHANGES: self.wecom.changes}
        numbers: dict[str, Platform] = {
            "sms": self.sms,
            "tencent": self.tencent,
            "voice": self.voice,
        }
        return {**wecom, **numbers, "mail": self.mailbox, **self.webhooks}

    async def record(self, verdict: Verdict) -> None:
        """Write a verdict down and remember it; returns once it is surely on the disk."""
        now = self.clock.now()
        for entry in self.journal.write(verdict, now, self.wall.now().timestamp()):
            self.platforms[entry.channel].remember(entry, now.timestamp())
        await self._lasting(self.journal.log)

    async def record_token(self, call: TokenCall) -> None:
        """Write a call of gettoken down and remember it."""
        self.wecom.tokens.remember(call)
        self.token_log.append(msgspec.json.encode(call) + b"\n")
        await self._lasting(self.token_log)

    def tokens(self) -> Iterator[TokenCall]:
        """Yield the calls of gettoken that are surely on the disk, in order."""
        return map(_TOKEN.decode, self.token_log.lines())

    async def wait(self, seconds: float) -> None:
        """Wait as long as a fault says, or until the gateway stops."""
        if seconds > 0:
            await _within(self.stopping.wait, seconds)

    def ailment(self) -> str | None:
        """Say why the gateway cannot work, if it cannot: the check of ``/livez``."""
        failure = self.journal.log.failure or self.token_log.failure
        return f"journal: {failure.strerror}" if failure else None

    async def _lasting(self, log: Log) -> None:
        try:
            await log.sync()
        except Broken:
            self.stopping.set()  # what is not written down cannot be answered for
            raise

    def close(self) -> None:
        """Give the folder back."""
        self.journal.log.close()
        self.token_log.close()


_TOKEN = msgspec.json.Decoder(TokenCall)


async def _within(wait: Callable[[], Awaitable[object]], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await wait()
    except TimeoutError:
        return


def open_sandbox(
    folder: Path, posted: bool = False, limits: Limits = PUBLISHED, members: Members = anybody
) -> Sandbox:
    """Open a folder and rebuild what an earlier run remembered; raise `Broken` or `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(
        clock=PostedClock(folder / "clock") if posted else WallClock(),
        journal=Journal(folder / "journal.jsonl"),
        token_log=Log(folder / "tokens.jsonl"),
        wecom=WeCom(Tokens(APP, lambda: secrets.token_urlsafe(48)), members, limits),
        sms=Sms(SMS_KEYS, approved(), limits),
    )
    for entry in sandbox.journal.replay():
        now = datetime.fromisoformat(entry.at).timestamp()
        sandbox.platforms[entry.channel].remember(entry, now)
    try:
        for call in sandbox.tokens():
            sandbox.wecom.tokens.remember(call)
    except msgspec.DecodeError as error:
        raise Broken(f"{sandbox.token_log.path}: {error}") from None
    return sandbox


def moment(clock: Clock) -> str:
    """Return the clock's time as the journal writes it.

    >>> from datetime import UTC
    >>> from shared.clock import DrivenClock
    >>> moment(DrivenClock(datetime(2026, 6, 1, 1, 30, tzinfo=UTC)))
    '2026-06-01T09:30:00+08:00'
    """
    return clock.now().astimezone(CHINA).isoformat()
