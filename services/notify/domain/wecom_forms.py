"""企业微信消息的样式 — one notification as a card, as text, as markdown, as a card with buttons."""

from collections.abc import Callable, Mapping
from typing import Literal

from services.notify.domain.channel import Notification, titled
from services.notify.domain.later import DEFAULT, WORDS, Later
from services.notify.domain.lengths import cut, fitted
from services.notify.domain.plain import lines
from shared.contracts.replies import Kind

Form = Literal["textcard", "text", "markdown", "buttons"]
BYTES = 2048  # of a text or markdown message, in UTF-8
TITLE, DESC, SUB_TITLE, ITEMS, KEY_NAME, VALUE = 26, 30, 112, 6, 6, 30


BUTTONS: Mapping[Kind, tuple[str, int]] = {
    Kind.CONTACTED: ("已联系", 1),
    Kind.FALSE_ALARM: ("误报", 2),
    Kind.SNOOZED: ("稍后", 2),
    Kind.HANDED_OVER: ("转交", 2),
}
"""Answer → what its button says, and its style (1 blue, 2 grey). The key is the answer's name."""

LIST = {
    "question_key": "later",
    "title": "稍后",
    "option_list": [{"id": later.value, "text": WORDS[later]} for later in Later],
    "selected_id": DEFAULT.value,
}
"""Until when 稍后 is; what is chosen comes back with the tap. It names no moment: a card stays."""

CALLS_BACK, OPENS = 0, 1
"""What a button does: 企业微信 tells us of the tap, or opens an address."""


def textcard(said: Notification) -> dict[str, object]:
    """Return a 文本通知型 card: the key figure large, three places to go."""
    card = _card(said, "text_notice") | {
        "jump_list": [{"type": 1, "title": name, "url": url} for name, url in _jumps(said)],
    }
    if said.facts:
        name, value = said.facts[0]
        card["emphasis_content"] = {"title": cut(value, VALUE), "desc": cut(name, VALUE)}
    return {"msgtype": "template_card", "template_card": card}


def buttons(said: Notification) -> dict[str, object]:
    """Return a 按钮交互型 card; what was tapped comes back under the intent's id.

    A digest of several clients has none: its alerts are answered one by one.
    """
    if _is_digest(said) and not said.account:
        return textcard(said)
    card = _card(said, "button_interaction", figures=0) | {
        "task_id": str(said.intent_id),
        "button_selection": LIST,
        "button_list": [_button(kind, said) for kind in BUTTONS],
    }
    return {"msgtype": "template_card", "template_card": card}


def text(said: Notification) -> dict[str, object]:
    """Return plain text with a link; what is too long is cut in the middle, never the code."""
    tail = f'\n编号 {said.code}\n<a href="{said.links.view}">查看详情</a>'
    content = fitted("\n".join(lines(said)), tail, BYTES)
    return {"msgtype": "text", "text": {"content": content}}


def markdown(said: Notification) -> dict[str, object]:
    """Return markdown: the title bold, what is known as a quotation, then what to do."""
    title, *known, last = lines(said)
    rows = (f"**{title}**", *(f">{line}" for line in known), last)
    tail = f'\n<font color="comment">编号 {said.code}</font>\n[查看详情]({said.links.view})'
    content = fitted("\n".join(rows), tail, BYTES)
    return {"msgtype": "markdown", "markdown": {"content": content}}


FORMS: Mapping[Form, Callable[[Notification], dict[str, object]]] = {
    "textcard": textcard,
    "text": text,
    "markdown": markdown,
    "buttons": buttons,
}


def _button(kind: Kind, said: Notification) -> dict[str, object]:
    """Return an answer's button. To whom it is handed over, only the page can ask."""
    text, style = BUTTONS[kind]
    if kind is Kind.HANDED_OVER:
        where = f"{said.links.view}#answer"
        return {"text": text, "style": style, "type": OPENS, "url": where}
    return {"text": text, "style": style, "type": CALLS_BACK, "key": kind.value}


def _card(said: Notification, card_type: str, figures: int = 1) -> dict[str, object]:
    """Return what both cards share; ``figures``: how many facts are shown elsewhere."""
    shown = [
        {"keyname": cut(name, KEY_NAME), "value": cut(value, VALUE)}
        for name, value in said.facts[figures : ITEMS - 1 + figures]
    ]
    place = f" · 账户{said.account}" if said.account else ""
    return {
        "card_type": card_type,
        "source": {"desc": said.source},
        "main_title": {
            "title": titled(said, TITLE),
            "desc": cut(said.client, DESC - len(place)) + place,
        },
        "sub_title_text": cut(f"{said.summary}。{said.action}", SUB_TITLE),
        "horizontal_content_list": [*shown, {"keyname": "编号", "value": said.code}],
        "card_action": {"type": 1, "url": said.links.view},
    }


def _is_digest(said: Notification) -> bool:
    """Each of a digest's alerts has a page of its own, and is answered there."""
    return said.links.todo == said.links.view


def _jumps(said: Notification) -> tuple[tuple[str, str], ...]:
    if _is_digest(said):
        return (("查看全部", said.links.view),)
    if not said.account:  # nobody's client: there is nobody to look up or to call
        return (("查看详情", said.links.view), ("加入待办", said.links.todo))
    return (
        ("查看客户", said.links.view),
        ("加入待办", said.links.todo),
        ("拨打电话", said.links.call),
    )
