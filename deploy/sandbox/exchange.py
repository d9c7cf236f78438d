"""One request from its bytes to its answer: the scripted fault, the verdict, the journal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast

import msgspec
from fastapi import Request
from starlette.responses import Response

from deploy.sandbox.edge import Silence, call_of
from deploy.sandbox.entries import Call, Channel
from deploy.sandbox.faults import HEALTHY, Fault
from deploy.sandbox.log import Broken
from deploy.sandbox.sandbox import Sandbox, moment
from deploy.sandbox.tokens import TokenCall
from deploy.sandbox.wecom_errors import worded

NOT_ACCEPTED = ("status", "errcode", "close", "garbage")
GARBAGE = "<html><head><title>502 Bad Gateway</title></head></html>"


@dataclass(frozen=True)
class Answer:
    """What the client is to be told."""

    body: dict[str, object]
    status: int = 200


class Desk(Protocol):
    """Takes one kind of request, and writes down what became of it before it answers."""

    @property
    def channel(self) -> str: ...

    def receivers(self, call: Call) -> Sequence[str]: ...

    async def decide(self, call: Call, fault: Fault | None) -> Answer: ...


@dataclass(frozen=True)
class MessageDesk:
    """Takes messages of one channel."""

    sandbox: Sandbox
    channel: Channel

    def receivers(self, call: Call) -> Sequence[str]:
        return self.sandbox.platforms[self.channel].receivers(call)

    async def decide(self, call: Call, fault: Fault | None) -> Answer:
        """Return the platform's answer, or the fault's."""
        platform = self.sandbox.platforms[self.channel]
        if fault is None:
            verdict = platform.judge(call)
        elif fault.fault in NOT_ACCEPTED:
            verdict = replace(platform.fail(call, _code(fault)), fault=fault.fault)
        elif fault.fault == "accept-then-drop":
            verdict = platform.judge(call).unseen(fault.fault)
        else:
            verdict = replace(platform.judge(call), fault=fault.fault)
        await self.sandbox.record(verdict)
        return Answer(verdict.answer, verdict.status)


@dataclass(frozen=True)
class TokenDesk:
    """Takes calls of gettoken."""

    sandbox: Sandbox
    channel: str = "token"

    def receivers(self, call: Call) -> Sequence[str]:
        return ()

    async def decide(self, call: Call, fault: Fault | None) -> Answer:
        """Return a token, a refusal, or the fault's code."""
        if fault is not None and fault.fault in NOT_ACCEPTED:
            answer = worded(_code(fault), "", call.number)
            written = TokenCall(at="", wall=call.wall, code=_code(fault))
        else:
            answer, written = self.sandbox.wecom.tokens.judge(call)
        at, name = moment(self.sandbox.clock), fault.fault if fault else ""
        await self.sandbox.record_token(msgspec.structs.replace(written, at=at, fault=name))
        return Answer(answer)


async def exchange(desk: Desk, sandbox: Sandbox, request: Request) -> Response:
    """Serve one request; 503 when it cannot be written down."""
    call = _now(sandbox, call_of(request, await request.body()))
    plan = HEALTHY
    if sandbox.faults.scripted:
        plan = sandbox.faults.take(desk.channel, desk.receivers(call))
    if plan.wait:
        await sandbox.wait(plan.wait)
        call = _now(sandbox, call)
    try:
        answer = await desk.decide(call, plan.fault)
    except Broken:
        return Response("the journal cannot be written", 503)
    return await _told(sandbox, answer, plan.fault)


def _now(sandbox: Sandbox, call: Call) -> Call:
    return replace(
        call,
        now=sandbox.clock.now().timestamp(),
        wall=sandbox.wall.now().timestamp(),
        number=sandbox.journal.next_number,
    )


def _code(fault: Fault) -> int | str:
    return fault.fault if fault.value is None else cast("int | str", fault.value)


async def _told(sandbox: Sandbox, answer: Answer, fault: Fault | None) -> Response:
    body = msgspec.json.encode(answer.body)
    match fault.fault if fault else None:
        case "close" | "accept-then-close":
            return Silence()
        case "status" if fault:
            return Response("scripted fault", int(fault.value or 500))
        case "garbage":
            return Response(GARBAGE, media_type="text/html")
        case "accept-then-garbage":
            body = body[: len(body) // 2]
        case "accept-then-wait" if fault:
            await sandbox.wait(float(fault.value or 0))
    return Response(body, answer.status, media_type="application/json")
