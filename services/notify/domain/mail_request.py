"""邮件请求 — one mail for an SMTP server, as a channel asks for it."""

from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

Tls = Literal["implicit", "starttls", "none"]


@dataclass(frozen=True, repr=False)
class MailRequest:
    """It has no repr: a mail holds an address and names. ``login``: user and password, or None."""

    host: str
    port: int
    tls: Tls
    login: tuple[str, SecretStr] | None
    sender: str
    to: str
    message: bytes

    @property
    def place(self) -> str:
        """Return the server as the transport's list of allowed ones names it."""
        return f"{self.host}:{self.port}"
