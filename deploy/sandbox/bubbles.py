"""How one message looks on the phone it reached."""

from collections.abc import Callable
from datetime import datetime

from deploy.sandbox.changes import RECALLED
from deploy.sandbox.content import shaped
from deploy.sandbox.entries import Entry
from deploy.sandbox.markup import Child, Html, el, group, icon, safe_link
from deploy.sandbox.messages import template_card, textcard

TONES = {0: "grey", 1: "black", 2: "red", 3: "green"}
MODULES = {"异动": "red", "提醒": "amber", "公告": "blue"}
FIELDS = {
    "source.desc": "来源",
    "main_title.title": "标题",
    "main_title.desc": "标题说明",
    "emphasis_content.title": "关键数据",
    "emphasis_content.desc": "关键数据说明",
    "sub_title_text": "正文",
    "horizontal_content_list.keyname": "列表名",
    "horizontal_content_list.value": "列表值",
    "jump_list.title": "跳转",
    "button_list.text": "按钮",
}


def bubble(entry: Entry, now_shown: str = "") -> Html:
    """Return a delivered entry as its phone shows it; ``now_shown``: what has replaced it."""
    if entry.channel in ("sms", "tencent"):
        return _sms(entry)
    if now_shown == RECALLED:
        return _message(entry, el("p", "应用撤回了一条消息", class_="note recalled"))
    draw = _DRAWN.get(str(entry.request.get("msgtype")), _plain)
    face = el("span", icon("wave"), class_="face")
    answered = el("p", now_shown, class_="note answered") if now_shown else None
    return _message(entry, el("div", face, draw(entry), class_="row"), answered, _cut(entry))


def _message(entry: Entry, *children: Child) -> Html:
    at = datetime.fromisoformat(entry.at)
    when = el("time", f"{at.month}月{at.day}日 {at:%H:%M:%S}", datetime=entry.at, class_="when")
    return el("article", when, *children, class_="msg", data_n=entry.n)


def _sms(entry: Entry) -> Html:
    size = f"{len(entry.text)}字 · {entry.parts}条计费"
    return _message(
        entry,
        el("p", entry.text, class_="sms-bubble"),
        el("p", size, class_="note warn" if entry.parts > 1 else "note"),
    )


def _cut(entry: Entry) -> Html | None:
    if not entry.overlong:
        return None
    names = "、".join(FIELDS.get(name, name) for name in entry.overlong)
    return el("p", f"超出建议长度，手机可能截断：{names}", class_="note warn")


def _plain(entry: Entry) -> Html:
    return el("div", entry.text, class_="say-bubble")


def _textcard(entry: Entry) -> Html:
    card = shaped(entry.request, "textcard", textcard.TextCard)
    return el(
        "div",
        el("h3", card.title),
        el("p", card.description, class_="say"),
        _jump(card.btntxt, card.url),
        class_="card",
    )


def _template_card(entry: Entry) -> Html:
    card = shaped(entry.request, "template_card", template_card.TemplateCard)
    source, heading, big = card.source, card.main_title, card.emphasis_content
    tone = next((MODULES[word] for word in MODULES if word in source.desc), "")
    rows = [
        group(el("dt", row.keyname), el("dd", _linked(row.value, row.url)))
        for row in card.horizontal_content_list
    ]
    quote = card.quote_area.title + card.quote_area.quote_text
    choice = card.button_selection
    return el(
        "div",
        _if(source.desc, icon("wave"), source.desc, class_=f"src {TONES.get(source.desc_color)}"),
        _if(heading.title, heading.title, name="h3"),
        _if(heading.desc, heading.desc, class_="sub"),
        _if(big.title, el("b", big.title), el("span", big.desc), class_="big"),
        _if(quote, quote, name="blockquote"),
        _if(card.sub_title_text, card.sub_title_text, class_="say"),
        el("dl", *rows) if rows else None,
        *(_jump(jump.title, jump.url) for jump in card.jump_list),
        el("p", f"{choice.title}：{choice.shown} ▾", class_="sub") if choice else None,
        *(el("span", button.text, class_="jump button") for button in card.button_list),
        class_=f"card {tone}".strip(),
    )


def _if(text: str, *children: Child, name: str = "p", class_: str | None = None) -> Html | None:
    return el(name, *children, class_=class_) if text else None


def _jump(title: str, url: str) -> Html:
    where = {"href": safe_link(url), "target": "_blank", "rel": "noopener noreferrer"}
    return el("a", el("span", title), icon("chevron"), class_="jump", **where)


def _linked(value: str, url: str) -> Child:
    return el("a", value, href=safe_link(url), rel="noopener noreferrer") if url else value


_DRAWN: dict[str, Callable[[Entry], Html]] = {
    "textcard": _textcard,
    "template_card": _template_card,
}
