"""邮件 — the SMTP server that stands in for the broker's: takes what its account sends.

Scripted faults: ``errcode`` is a reply (451, 550), ``close`` hangs up, ``latency`` waits.
"""

import asyncio
import logging
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from deploy.sandbox.entries import Call, Entry, Line, Outcome, Verdict
from deploy.sandbox.log import Broken

if TYPE_CHECKING:
    from deploy.sandbox.sandbox import Sandbox

ACCOUNT = ("alerts@sandbox.example", "sandbox-mail-password")
MOST_BYTES = 1 << 20


class Mailbox:
    """What the journal needs to know of mails: they are judged by their server as they come."""

    def receivers(self, call: Call) -> list[str]:
        """Return nobody: no mail comes over HTTP."""
        return []

    def judge(self, call: Call) -> Verdict:
        """Take a mail whose text is the call's body."""
        mail = message_from_bytes(call.body, policy=policy.default)
        part = mail.get_body(("plain",))
        return self._verdict(
            call,
            "delivered",
            250,
            title=str(mail["Subject"] or ""),
            text=str(part.get_content()) if part else "",
            receipt=str(mail["Message-ID"] or ""),
        )

    def fail(self, call: Call, code: int | str) -> Verdict:
        """Return the verdict of a scripted error."""
        return self._verdict(call, "faulted", code)

    def remember(self, entry: Entry, now: float) -> None:
        """It remembers nothing: two identical mails are two mails."""

    def _verdict(self, call: Call, outcome: Outcome, code: int | str, **said: Any) -> Verdict:
        to = [value for name, value in call.query if name == "to"]
        lines = tuple(Line(one, outcome, code) for one in to)
        return Verdict(channel="mail", answer={}, lines=lines, **said)


@dataclass(frozen=True)
class Desk:
    """aiosmtpd's handler: writes a mail down before it is answered."""

    sandbox: "Sandbox"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Answer one mail."""
        if not session.authenticated:
            return "530 authentication required"
        sandbox, to = self.sandbox, envelope.rcpt_tos
        plan = sandbox.faults.take("mail", to)
        await sandbox.wait(plan.wait)
        call = Call(
            method="DATA",
            path="",
            query=tuple(("to", one) for one in to),
            headers={},
            body=envelope.original_content or b"",
        )
        fault, verdict = plan.fault, sandbox.mailbox.judge(call)
        if fault is not None and not fault.fault.startswith("accept-"):
            verdict = sandbox.mailbox.fail(call, str(fault.value or fault.fault))
        if fault is not None:
            verdict = replace(verdict, fault=fault.fault)
        try:
            await sandbox.record(verdict)
        except Broken:
            return "451 the journal cannot be written"
        if fault is None:
            return "250 taken"
        if fault.fault == "errcode":
            return f"{fault.value} scripted"
        if isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "421 hanging up"


def _known(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    given = (data.login, data.password) if isinstance(data, LoginPassword) else ()
    good = given == tuple(text.encode() for text in ACCOUNT)
    return AuthResult(success=good, handled=False)


def smtp(sandbox: "Sandbox") -> SMTP:
    """Return one connection's protocol; on this machine only, so without TLS."""
    logging.getLogger("mail.log").disabled = True  # aiosmtpd's: it prints addresses and texts
    return SMTP(
        Desk(sandbox),
        data_size_limit=MOST_BYTES,
        hostname="sandbox",
        authenticator=_known,
        auth_require_tls=False,
    )
