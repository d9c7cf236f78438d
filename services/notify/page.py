"""提醒页 — the page behind a card's link: phone first, and everything in it escaped."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from html import escape

from services.notify.answer_forms import Choices, climbed, forms, said
from services.notify.domain.view import View
from services.notify.domain.wording import MARKS, whose
from shared.contracts.alerts import FEED
from shared.kernel.ids import short_code
from shared.kernel.trading_day import CHINA

CHANNELS = {
    "wecom_app": "企业微信",
    "aliyun_sms": "短信",
    "wecom_robot": "企业微信群",
    "dingtalk_robot": "钉钉群",
    "feishu_robot": "飞书群",
    "app_push": "App 推送",
    "tencent_sms": "短信",
    "aliyun_voice": "电话",
    "mail": "邮件",
}
STATES = {
    "pending": "待发送",
    "sending": "发送中",
    "retry": "待重发",
    "sent": "已送出",
    "rejected": "被拒绝",
    "ambiguous": "未确认",
    "merged": "已并入摘要",
}
FATES = {"waiting": "待告知", "told": "已告知", "suppressed": "未告知", "undeliverable": "无法送达"}
NO_NUMBER = "暂无客户电话：号码随客户档案接入后在此显示，请先用公司电话系统或客户台账联系。"

STYLE = """
:root{--ink:#1c2733;--soft:#66788a;--line:#e3e9ef;--sea:#0b6bcb;--bg:#f3f6f9}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:16px/1.6 -apple-system,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:560px;margin:0 auto;padding:12px 12px 96px}
section,header{background:#fff;border-radius:12px;padding:16px;margin-bottom:12px}
header p{margin:0;color:var(--soft);font-size:14px}
h1{font-size:21px;line-height:1.35;margin:2px 0 6px}
h2{font-size:14px;color:var(--soft);font-weight:600;margin:0 0 8px}
.action{border-left:4px solid var(--sea);background:#eef5fc}
dl{display:grid;grid-template-columns:auto 1fr;gap:6px 16px;margin:0}
dt{color:var(--soft)}dd{margin:0;text-align:right;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}
ol{list-style:none;margin:0;padding:0}
li{display:flex;justify-content:space-between;gap:12px;padding:8px 0;
border-top:1px solid var(--line)}
li:first-child{border-top:0}
li small{color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
nav{position:fixed;left:0;right:0;bottom:0;background:#fff;border-top:1px solid var(--line);
padding:10px 12px calc(10px + env(safe-area-inset-bottom))}
nav>div{max-width:536px;margin:0 auto;display:flex;gap:10px}
nav form{flex:1;display:flex}
button,.button{flex:1;display:block;text-align:center;text-decoration:none;font:inherit;
font-weight:600;padding:12px;border-radius:10px;border:1px solid var(--sea);background:#fff;
color:var(--sea)}
button{background:var(--sea);color:#fff}button[disabled]{background:#9db3c6;border-color:#9db3c6}
#call:not(:target){display:none}
#answer form{display:flex;gap:8px;margin-top:10px}
#answer input,#answer select{flex:1;min-width:0;font:inherit;padding:10px;border-radius:10px;
border:1px solid var(--line);background:#fff}
#answer button{flex:0 0 auto;padding:10px 16px}#answer .both button{flex:1}
"""
STYLE_HASH = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class Posts:
    """The signed addresses that the page's forms post to."""

    todo: str = field(repr=False)
    answer: str = field(repr=False)


def render(view: View, posts: Posts, choices: Choices) -> str:
    """Return the page for one member of staff; ``choices``: until when 稍后 may be."""
    newest = view.revisions[-1][0]
    alert = newest.data
    facts = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in alert.facts.items())
    title = escape(alert.message_type + MARKS[newest.type])
    who, account = whose(alert, view.client)
    code = f"{short_code(alert.alert_id)}-{alert.revision}"
    place = escape(f"{who} · 账户{account}" if account else who)
    return "".join(
        (
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1,',
            'viewport-fit=cover">',
            f'<meta name="robots" content="noindex"><title>{title}</title>',
            f"<style>{STYLE}</style></head><body><main>",
            f"<header><p>观潮 · {escape(alert.module)} · {_at(alert.happened_at)}</p>",
            f"<h1>{title}</h1><p>{place}</p></header>",
            f"<section><h2>发生了什么</h2>{escape(alert.summary)}</section>",
            f'<section class="action"><h2>请您</h2>{escape(alert.action)}</section>',
            f"<section><h2>数据</h2><dl>{facts}<dt>编号</dt><dd>{code}</dd></dl></section>",
            f'<section id="call"><h2>拨打电话</h2>{NO_NUMBER}</section>' if account else "",
            f'<section id="answer"><h2>答复</h2><ol>{_lines(said(view.answers))}</ol>',
            f"{forms(view.answers, posts.answer, choices)}</section>",
            _climb(view),
            f"<section><h2>经过</h2><ol>{_lines(_course(view))}</ol></section>",
            f"<section><h2>送达</h2><ol>{_lines(_deliveries(view))}</ol></section>",
            f"</main>{_buttons(view, posts.todo)}</body></html>",
        )
    )


def refusal(title: str, text: str) -> str:
    """Return a page that says why there is nothing to see."""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<header><h1>{escape(title)}</h1><p>{escape(text)}</p></header></main></body></html>"
    )


def _buttons(view: View, where: str) -> str:
    nobodys = view.revisions[-1][0].data.account == FEED  # then there is nobody to call
    call = "" if nobodys else '<a class="button" href="#call">拨打电话</a>'
    done = " disabled" if view.is_todo else ""
    said = "已加入待办" if view.is_todo else "加入待办"
    return (
        f'<nav><div id="todo"><form method="post" action="{escape(where)}">'
        f"<button{done}>{said}</button></form>{call}</div></nav>"
    )


def _climb(view: View) -> str:
    lines = list(climbed(view.steps))
    if view.next_step is not None:
        lines.append(("无人答复时的下一步", view.next_step))
    return f"<section><h2>升级</h2><ol>{_lines(lines)}</ol></section>" if lines else ""


def _course(view: View) -> Iterable[tuple[str, datetime | None]]:
    for event, fate in reversed(view.revisions):
        mark = MARKS[event.type].strip("（）") or "发生"
        text = f"第{event.data.revision}版 {mark} · {FATES[fate]}：{event.data.summary}"
        yield text, event.time


def _deliveries(view: View) -> Iterable[tuple[str, datetime | None]]:
    for told in reversed(view.deliveries):
        way = CHANNELS.get(told.channel, told.channel)
        text = f"第{told.revision}版 · {way} → {told.receiver} · {STATES[told.state]}"
        yield text, told.at


def _lines(lines: Iterable[tuple[str, datetime | None]]) -> str:
    drawn = "".join(
        f"<li>{escape(text)}<small>{_at(at) if at else ''}</small></li>" for text, at in lines
    )
    return drawn or "<li>暂无</li>"


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%m-%d %H:%M:%S}"
