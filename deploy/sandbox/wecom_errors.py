"""企业微信 全局错误码 — the codes the gateway can answer, as page 90313 words them."""

from collections.abc import Mapping

REASONS: Mapping[int, str] = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41011: "missing agentid",
    42001: "access_token expired",
    43002: "require POST method",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    47001: "data format error",
    48002: "api forbidden",
    50003: "app is disabled",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60111: "user not found",
    81013: "user & party & tag all invalid",
    84061: "not external contact",
}


def worded(code: int | str, detail: str, number: int) -> dict[str, object]:
    """Return the answer to a refused call, with a hint under which its entry is found."""
    known = REASONS.get(code, "unknown error") if isinstance(code, int) else "unknown error"
    text = f"{detail}. {known}" if detail else known
    more = f"more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
    return {"errcode": code, "errmsg": f"{text}, hint: [sandbox-{number}], {more}"}
