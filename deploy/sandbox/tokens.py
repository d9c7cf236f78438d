"""access_token — one for the app, valid for 7,200 s of the sandbox's clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from deploy.sandbox.entries import Call, Refused
from deploy.sandbox.wecom_errors import worded

TOKEN_SECONDS = 7200
REVOKED = 40014


@dataclass(frozen=True)
class App:
    """企业微信自建应用 — whose messages the gateway takes."""

    corp_id: str
    agent_id: int
    secret: str


class TokenCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One call of gettoken, or (``REVOKED``) one revocation of all tokens."""

    at: str
    wall: float
    code: int | str
    token: str = ""
    expires: float = 0.0
    fault: str = ""


@dataclass
class Tokens:
    """The tokens given out; asking again gives the same one while it is valid."""

    app: App
    mint: Callable[[], str]
    current: str = ""
    expires: dict[str, float] = field(default_factory=dict)

    def judge(self, call: Call) -> tuple[dict[str, object], TokenCall]:
        """Return the answer to gettoken and what is to be remembered; ``at`` is not filled in."""
        try:
            self._authorise(dict(call.query))
        except Refused as refusal:
            answer = worded(refusal.code, refusal.reason, call.number)
            return answer, TokenCall(at="", wall=call.wall, code=refusal.code)
        left = self.expires.get(self.current, 0.0) - call.now
        reuse = 0 < left <= TOKEN_SECONDS
        token = self.current if reuse else self.mint()
        expires = self.expires[token] if reuse else call.now + TOKEN_SECONDS
        answer = {"errcode": 0, "errmsg": "ok", "access_token": token}
        answer["expires_in"] = int(expires - call.now)
        return answer, TokenCall(at="", wall=call.wall, code=0, token=token, expires=expires)

    def remember(self, call: TokenCall) -> None:
        """Fold one call into the memory: live and, from the file, after a restart."""
        if call.code == 0 and call.token:
            self.current = call.token
            self.expires[call.token] = call.expires
        elif call.code == REVOKED and not call.fault:
            self.expires.clear()

    def check(self, token: str | None, now: float) -> None:
        """Raise `Refused` unless the token is one of ours and still valid."""
        if not token:
            raise Refused(41001)
        if token not in self.expires:
            raise Refused(REVOKED)
        if now >= self.expires[token]:
            raise Refused(42001)

    def _authorise(self, query: Mapping[str, str]) -> None:
        if not query.get("corpid"):
            raise Refused(41002)
        if not query.get("corpsecret"):
            raise Refused(41004)
        if query["corpid"] != self.app.corp_id:
            raise Refused(40013)
        if query["corpsecret"] != self.app.secret:
            raise Refused(40001)
