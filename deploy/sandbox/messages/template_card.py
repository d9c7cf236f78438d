"""模板卡片消息 (文本通知型、按钮交互型) — page 90372: required fields refuse, lengths are noted."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from deploy.sandbox.content import Content, at_most, linked, shaped
from deploy.sandbox.entries import Refused
from deploy.sandbox.selection import Selection, check

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
ROWS, JUMPS, BUTTONS = 6, 3, 6
KEY_BYTES = 1024
NOTICE, INTERACTION = "text_notice", "button_interaction"
NOTHING, ADDRESS, MINI_PROGRAM = range(3)
CHARACTERS = {
    "source.desc": 20,
    "main_title.title": 36,
    "main_title.desc": 44,
    "emphasis_content.title": 14,
    "emphasis_content.desc": 22,
    "sub_title_text": 160,
    "horizontal_content_list.keyname": 5,
    "horizontal_content_list.value": 30,
    "jump_list.title": 18,
    "button_list.text": 10,
}
"""建议不超过: the lengths page 90236 recommends; more is taken and may be cut by a phone."""


class Source(msgspec.Struct):
    """来源 — the small line on top; colours: 0 grey, 1 black, 2 red, 3 green."""

    desc: str = ""
    desc_color: int = 0


class Heading(msgspec.Struct):
    """A title with an explanation: 一级标题, 关键数据."""

    title: str = ""
    desc: str = ""


class Quote(msgspec.Struct):
    """引用文献."""

    title: str = ""
    quote_text: str = ""


class Row(msgspec.Struct):
    """二级标题+文本 — a name and a value, perhaps with a link (type 1)."""

    keyname: str
    value: str = ""
    type: int = NOTHING
    url: str = ""


class Jump(msgspec.Struct):
    """跳转指引 — a line to tap."""

    title: str
    type: int = NOTHING
    url: str = ""
    appid: str = ""


class Button(msgspec.Struct):
    """按钮 — ``type`` 0 calls back with the key, 1 opens the url; styles 1 to 4."""

    text: str
    key: str = ""
    style: int = 1
    type: int = NOTHING
    url: str = ""


class Tap(msgspec.Struct):
    """整体卡片的点击跳转."""

    type: int
    url: str = ""
    appid: str = ""


class TemplateCard(msgspec.Struct):
    """``template_card`` of a request, as far as these cards show it."""

    card_type: str
    source: Source = msgspec.field(default_factory=Source)
    main_title: Heading = msgspec.field(default_factory=Heading)
    emphasis_content: Heading = msgspec.field(default_factory=Heading)
    quote_area: Quote = msgspec.field(default_factory=Quote)
    sub_title_text: str = ""
    horizontal_content_list: list[Row] = msgspec.field(default_factory=list)
    jump_list: list[Jump] = msgspec.field(default_factory=list)
    button_list: list[Button] = msgspec.field(default_factory=list)
    button_selection: Selection | None = None
    card_action: Tap | None = None
    task_id: str = ""


def read(request: Mapping[str, Any]) -> Content:
    """Return what the card says; raise `Refused` for what the platform does not take."""
    card = shaped(request, "template_card", TemplateCard)
    _check(card)
    shown = list(_shown(card))
    overlong = dict.fromkeys(name for name, text in shown if len(text) > CHARACTERS.get(name, 1000))
    changeable = card.card_type == INTERACTION
    return Content(card.main_title.title, _text(card), tuple(overlong), changeable)


def _check(card: TemplateCard) -> None:
    if card.card_type not in (NOTICE, INTERACTION):
        raise Refused(40058, f"template_card.card_type: {NOTICE} and {INTERACTION} are drawn")
    if not (card.main_title.title or card.sub_title_text):
        raise Refused(40058, "template_card.main_title.title and sub_title_text both missing")
    if card.task_id and TASK_ID.fullmatch(card.task_id) is None:
        raise Refused(40058, "template_card.task_id must be 1-128 of 0-9A-Za-z_-@")
    if card.card_type == INTERACTION:
        _check_buttons(card)
    elif card.card_action is None or card.card_action.type not in (ADDRESS, MINI_PROGRAM):
        raise Refused(40058, "template_card.card_action.type must be 1 or 2 for text_notice")
    if card.card_action is not None:
        _check_target("template_card.card_action", card.card_action)
    _check_rows(card.horizontal_content_list)
    _check_jumps(card.jump_list)


def _check_buttons(card: TemplateCard) -> None:
    place = "template_card.button_list"
    if not card.task_id:
        raise Refused(40058, "template_card.task_id missing")
    if not card.button_list:
        raise Refused(40058, f"{place} missing")
    at_most(place, card.button_list, BUTTONS)
    if card.button_selection is not None:
        check("template_card.button_selection", card.button_selection)
    for number, button in enumerate(card.button_list):
        if not button.text:
            raise Refused(40058, f"{place}[{number}].text missing")
        if button.type == ADDRESS:
            linked(f"{place}[{number}].url", button.url)
        elif not 0 < len(button.key.encode(errors="replace")) <= KEY_BYTES:
            raise Refused(40058, f"{place}[{number}].key must be 1 to {KEY_BYTES} bytes")


def _check_rows(rows: Sequence[Row]) -> None:
    place = "template_card.horizontal_content_list"
    at_most(place, rows, ROWS)
    for number, row in enumerate(rows):
        if not row.keyname:
            raise Refused(40058, f"{place}[{number}].keyname missing")
        if row.type == ADDRESS:
            linked(f"{place}[{number}].url", row.url)


def _check_jumps(jumps: Sequence[Jump]) -> None:
    place = "template_card.jump_list"
    at_most(place, jumps, JUMPS)
    for number, jump in enumerate(jumps):
        if not jump.title:
            raise Refused(40058, f"{place}[{number}].title missing")
        _check_target(f"{place}[{number}]", jump)


def _check_target(place: str, target: Tap | Jump) -> None:
    if target.type == ADDRESS:
        linked(f"{place}.url", target.url)
    if target.type == MINI_PROGRAM and not target.appid:
        raise Refused(40058, f"{place}.appid missing")


def _shown(card: TemplateCard) -> Iterator[tuple[str, str]]:
    yield "source.desc", card.source.desc
    yield "main_title.title", card.main_title.title
    yield "main_title.desc", card.main_title.desc
    yield "emphasis_content.title", card.emphasis_content.title
    yield "emphasis_content.desc", card.emphasis_content.desc
    yield "quote_area.title", card.quote_area.title
    yield "quote_area.quote_text", card.quote_area.quote_text
    yield "sub_title_text", card.sub_title_text
    for row in card.horizontal_content_list:
        yield "horizontal_content_list.keyname", row.keyname
        yield "horizontal_content_list.value", row.value
    for jump in card.jump_list:
        yield "jump_list.title", jump.title
    for button in card.button_list:
        yield "button_list.text", button.text


def _text(card: TemplateCard) -> str:
    """Return all displayed text, top to bottom, one piece a line; rows as 名：值."""
    single = [text for name, text in _shown(card) if "_list." not in name]
    rows = [f"{row.keyname}：{row.value}" for row in card.horizontal_content_list]
    last = [text for name, text in _shown(card) if name in ("jump_list.title", "button_list.text")]
    return "\n".join(text for text in [*single, *rows, *last] if text)
