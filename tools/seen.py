"""The generated page of the templates: every type of message as each channel shows it."""

import json
from collections.abc import Iterator
from typing import Any

from services.notify.domain.channel import Notification
from services.notify.domain.channels.app_push import AppPush
from services.notify.domain.lengths import parts, size
from services.notify.domain.plain import lines
from services.notify.domain.robot import paragraphs
from services.notify.domain.sms import variables
from services.notify.domain.wecom_forms import textcard
from services.notify.policy import read_templates
from shared.contracts.alerts import Module
from shared.contracts.messages import MessageType
from shared.contracts.messages import messages as catalogue
from tools.markdown import Paragraphs, table

WORDING = read_templates()
SIGN = "观潮"
PUSH = AppPush.model_validate({"api_url": "https://app.example", "secret": "-" * 16})
BREAK = "<br>"


def templates() -> Paragraphs:
    """Every type of message as each channel shows its longest usual example."""
    every = catalogue()
    yield "# 模板 Templates"
    yield (
        "每种消息在每个通道里的样子，用它最长的寻常例子；在 `services/notify/templates.yaml`，"
        "复制后由 `NOTIFY_TEMPLATES` 指向 · "
        "each type in each channel, by its longest usual example."
    )
    yield (
        "短信：70 字一条，更长的每条 67 字，签名和结尾都算；账本记每条按几条计费（`sms_parts`）。"
        "An SMS is one part up to 70 characters, then 67 each, with its signature and ending; the "
        "ledger keeps how many each message is charged as."
    )
    yield "## 已报备的模板 Approved"
    head = ("模板 template", "阿里云 Aliyun", "腾讯云 Tencent", "正文 text")
    yield table(head, _approved())
    for module in Module:
        yield f"## {module.value}"
        for message in (m for m in every if m.module is module):
            yield f"### {message.name} {message.english}"
            yield table(("通道 channel", "样子 as seen"), _seen(message))


def _approved() -> Iterator[tuple[str, ...]]:
    names = {
        "alert": ("TEMPLATE_CODE", "TEMPLATE_ID", "TTS_CODE"),
        "notice": ("NOTICE_TEMPLATE_CODE", "NOTICE_TEMPLATE_ID", "NOTICE_TTS_CODE"),
    }
    for name, (aliyun, tencent, voice) in names.items():
        text = getattr(WORDING.sms, name) + WORDING.sms.ending
        codes = (f"`NOTIFY_SMS__{aliyun}`", f"`NOTIFY_TENCENT_SMS__{tencent}`")
        yield f"短信 SMS {name}", *codes, f"`{text}`"
        spoken = getattr(WORDING.voice, name)
        yield f"语音 call {name}", f"`NOTIFY_ALIYUN_VOICE__{voice}`", "", f"`{spoken}`"


def _seen(message: MessageType) -> Iterator[tuple[str, str]]:
    yield "`wecom_app` 卡片 card", _card(message)
    yield "`wecom_app` 文本 text", _lines(WORDING.example(message, "wecom_app"))
    robots = paragraphs(WORDING.example(message, "wecom_robot")).partition("\n编号")[0]
    yield "`wecom_robot` `dingtalk_robot` `feishu_robot`", robots.replace("\n", BREAK)
    text = WORDING.sms.text(SIGN, variables(WORDING.example(message, "aliyun_sms")))
    yield "`aliyun_sms` `tencent_sms`", f"{text}（{size(text)} 字，{parts(text)} 条）"
    spoken = variables(WORDING.example(message, "aliyun_voice"))
    yield "`aliyun_voice`", WORDING.voice.filled(spoken)
    yield "`mail`", _lines(WORDING.example(message, "mail"))
    yield "`app_push`", _push(message)


def _card(message: MessageType) -> str:
    body: dict[str, Any] = textcard(WORDING.example(message, "wecom_app"))
    card = body["template_card"]
    figure, title = card["emphasis_content"], card["main_title"]
    rows = (f"{row['keyname']} {row['value']}" for row in card["horizontal_content_list"])
    jumps = (f"［{jump['title']}］" for jump in card["jump_list"])
    top = (card["source"]["desc"], f"**{title['title']}**", title["desc"])
    large = f"**{figure['title']}** {figure['desc']}"
    return BREAK.join((*top, large, card["sub_title_text"], *rows, " ".join(jumps)))


def _push(message: MessageType) -> str:
    said = json.loads(PUSH.body(WORDING.example(message, "app_push")))["data"]
    facts = (f"{fact['name']} {fact['value']}" for fact in said["facts"])
    who = " ".join(filter(None, (said["client"], said["account"])))
    top = (f"**{said['title']}**", who, *facts)
    return BREAK.join((*top, f"{said['summary']}。{said['action']}", said["code"]))


def _lines(said: Notification) -> str:
    return BREAK.join((*lines(said), f"编号 {said.code}"))
