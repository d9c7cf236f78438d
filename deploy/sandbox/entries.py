"""What the gateway decides about a request, and what it writes down about each receiver."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import msgspec

Channel = Literal[
    "wecom",
    "wecom-change",
    "sms",
    "tencent",
    "voice",
    "wecom-robot",
    "dingtalk",
    "feishu",
    "push",
    "mail",
]
CHANGES: Channel = "wecom-change"
Outcome = Literal["delivered", "duplicate", "dropped", "rejected", "faulted"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the journal: what became of one request for one receiver.

    ``at`` is the sandbox's clock (ISO, +08:00), ``wall`` the machine's in unix seconds. Only
    ``delivered`` reached the person. ``call`` is the ``n`` of the request's first entry.
    ``receipt`` is the message's id; of a ``wecom-change``, the changed message's.
    """

    n: int
    at: str
    wall: float
    channel: Channel
    to: str
    outcome: Outcome
    code: int | str
    title: str
    text: str
    request: dict[str, Any]
    call: int
    receipt: str = ""
    response_code: str = ""
    digest: str = ""
    parts: int = 0
    overlong: tuple[str, ...] = ()
    nonce: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a request for one receiver."""

    to: str
    outcome: Outcome
    code: int | str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer to a request and what is to be written down before it is given."""

    answer: dict[str, object]
    channel: Channel
    status: int = 200
    lines: tuple[Line, ...] = ()
    request: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    text: str = ""
    receipt: str = ""
    response_code: str = ""
    digest: str = ""
    parts: int = 0
    overlong: tuple[str, ...] = ()
    nonce: str = ""
    fault: str = ""

    def unseen(self, fault: str) -> "Verdict":
        """Return the same answer, but nobody sees the message: accepted and lost inside."""
        lines = tuple(
            replace(line, outcome="dropped") if line.outcome == "delivered" else line
            for line in self.lines
        )
        return replace(self, lines=lines, fault=fault)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One HTTP request as a protocol sees it; ``number`` is the ``n`` its first entry will get.

    ``now`` and ``wall`` are unix seconds of the sandbox's and the machine's clock.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    now: float = 0.0
    wall: float = 0.0
    number: int = 0


class Refused(Exception):
    """The protocol says no, with its code and its reason."""

    def __init__(self, code: int | str, reason: str = "", status: int = 200) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason, self.status = code, reason, status
