"""Wiring: which address speaks which protocol, and the operator's own under ``/sandbox/``."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import msgspec
from fastapi import HTTPException, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.responses import Response, StreamingResponse

from deploy.sandbox import page
from deploy.sandbox.changes import RECALL, UPDATE
from deploy.sandbox.clock import PostedClock
from deploy.sandbox.edge import Gateway
from deploy.sandbox.entries import CHANGES, Channel, Refused
from deploy.sandbox.exchange import MessageDesk, TokenDesk, exchange
from deploy.sandbox.faults import Fault
from deploy.sandbox.log import Broken
from deploy.sandbox.sandbox import Sandbox, moment
from deploy.sandbox.tokens import REVOKED, TokenCall
from shared.web import health

MOST_BYTES = 1 << 20
WEBHOOKS: Mapping[Channel, str] = {
    "wecom-robot": "/cgi-bin/webhook/send",
    "dingtalk": "/robot/send",
    "feishu": "/open-apis/bot/v2/hook/{key}",
    "push": "/push",
}
Number = Annotated[int, Query(ge=0, le=1 << 62)]


class Posted(BaseModel):
    """The time the sandbox's clock shall show; it needs its zone."""

    model_config = ConfigDict(extra="forbid")
    now: AwareDatetime


class Click(BaseModel):
    """A tap on a button: the message's id, whose phone, and the button's key."""

    model_config = ConfigDict(extra="forbid")
    message: str
    userid: str
    key: str


def create_app(sandbox: Sandbox) -> Gateway:
    """Return the gateway's HTTP application over an open sandbox."""
    app = Gateway(title="观潮 sandbox", openapi_url=None, max_body_size=MOST_BYTES)
    _platforms(app, sandbox)
    _operator(app, sandbox)
    _clock(app, sandbox)
    _faults(app, sandbox)
    _page(app, sandbox)
    health.mount(app, alive=sandbox.ailment, ready=sandbox.ailment)
    return app


def _platforms(app: Gateway, sandbox: Sandbox) -> None:
    tokens, wecom = TokenDesk(sandbox), MessageDesk(sandbox, "wecom")
    changes = MessageDesk(sandbox, CHANGES)

    async def gettoken(request: Request) -> Response:
        return await exchange(tokens, sandbox, request)

    async def send(request: Request) -> Response:
        return await exchange(wecom, sandbox, request)

    async def change(request: Request) -> Response:
        return await exchange(changes, sandbox, request)

    async def send_to_number(request: Request) -> Response:
        return await exchange(MessageDesk(sandbox, _by_number(request)), sandbox, request)

    # Plain routes: there is nothing for FastAPI to validate, and it costs as much as the rest.
    app.add_route("/cgi-bin/gettoken", gettoken, methods=["GET"])
    app.add_route("/cgi-bin/message/send", send, methods=["GET", "POST"])
    for name in (RECALL, UPDATE):
        app.add_route(f"/cgi-bin/message/{name}", change, methods=["POST"])
    for channel, path in WEBHOOKS.items():
        app.add_route(path, _webhook(sandbox, channel), methods=["POST"])
    app.add_route("/", send_to_number, methods=["POST"])


def _by_number(request: Request) -> Channel:
    """Return which of the three clouds' interfaces is meant: all of them are ``POST /``."""
    if "x-tc-action" in request.headers:
        return "tencent"
    return "voice" if request.headers.get("x-acs-action") == "SingleCallByTts" else "sms"


def _webhook(sandbox: Sandbox, channel: Channel) -> Callable[[Request], Awaitable[Response]]:
    desk = MessageDesk(sandbox, channel)

    async def take(request: Request) -> Response:
        return await exchange(desk, sandbox, request)

    return take


def _operator(app: Gateway, sandbox: Sandbox) -> None:
    @app.get("/sandbox/journal")
    async def journal(after: Number = 0, limit: Number | None = None) -> Response:
        pieces = sandbox.journal.array_after(after, limit)
        return StreamingResponse(pieces, media_type="application/json")

    @app.post("/sandbox/clicks")
    async def click(click: Click) -> dict[str, object]:
        changes, now = sandbox.wecom.changes, sandbox.clock.now().timestamp()
        try:
            verdict = changes.click(click.message, click.userid, click.key, now)
            await sandbox.record(verdict)
        except Refused as refusal:
            raise HTTPException(404, refusal.reason) from None
        except Broken as broken:
            raise HTTPException(503, str(broken)) from None
        return verdict.answer

    @app.get("/sandbox/tokens")
    async def tokens() -> Response:
        calls = [
            {"at": call.at, "wall": call.wall, "code": call.code, "fault": call.fault}
            for call in sandbox.tokens()
        ]
        return Response(msgspec.json.encode(calls), media_type="application/json")

    @app.delete("/sandbox/tokens")
    async def revoke() -> dict[str, str]:
        wall = sandbox.wall.now().timestamp()
        await _kept(sandbox, TokenCall(at=moment(sandbox.clock), wall=wall, code=REVOKED))
        return {"tokens": "revoked"}


def _clock(app: Gateway, sandbox: Sandbox) -> None:
    @app.get("/sandbox/clock")
    async def clock() -> dict[str, str]:
        return {"now": moment(sandbox.clock)}

    @app.post("/sandbox/clock")
    async def post_clock(posted: Posted) -> dict[str, str]:
        if not isinstance(sandbox.clock, PostedClock):
            raise HTTPException(409, "the clock is the wall's; start with --clock posted")
        sandbox.clock.post(posted.now)
        return {"now": moment(sandbox.clock)}


def _faults(app: Gateway, sandbox: Sandbox) -> None:
    @app.get("/sandbox/faults")
    async def faults() -> list[dict[str, object]]:
        return sandbox.faults.remaining()

    @app.post("/sandbox/faults")
    async def add(script: list[Fault]) -> list[dict[str, object]]:
        sandbox.faults.add(script)
        return sandbox.faults.remaining()

    @app.delete("/sandbox/faults")
    async def heal() -> list[dict[str, object]]:
        sandbox.faults.clear()
        return []


async def _kept(sandbox: Sandbox, call: TokenCall) -> None:
    try:
        await sandbox.record_token(call)
    except Broken as broken:
        raise HTTPException(503, str(broken)) from None


def _page(app: Gateway, sandbox: Sandbox) -> None:
    @app.get("/")
    async def show(request: Request, wanted: Annotated[page.Wanted, Query()]) -> Response:
        return page.answer(sandbox, wanted, request.headers.get("if-none-match", ""))
