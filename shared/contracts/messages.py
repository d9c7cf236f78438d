"""34 种消息 — every type of message the product tells, in 异动, 提醒 and 公告: ``messages.yaml``.

A message is made from a fact: an event of a topic, for mot the alert of a rule. What it shows is
the fact's own words; which channels it uses by default follows from its urgency.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, NamedTuple

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from shared.contracts.alerts import Module, Urgency
from shared.contracts.topics import ALERT

CHANNELS: dict[Urgency, tuple[str, ...]] = {
    Urgency.HIGH: ("wecom_app", "aliyun_sms"),
    Urgency.MIDDLE: ("wecom_app",),
    Urgency.LOW: ("wecom_app",),
}
"""Urgency → the channels used at once, unless the policy in force says otherwise."""

SOURCES = {
    "000": "知客、渠道 2.0 和企业微信消息的产品介绍 · product pages on clients, leads and messages",
    "001": "客户满意度与服务流程的文章 · an article on satisfaction and service",
    "002": "投资者回访的产品介绍 · a product page on return visits",
    "003": "客户交易管理系统选型的文章 · an article on choosing a client system",
}
"""Who named a message type; what nobody did is ours."""


class Fact(NamedTuple):
    """What a message is made from; ``which`` one, where a type makes several messages."""

    owner: str
    topic: str
    type: str
    which: str = ""


def _fact(words: Any) -> Any:
    return Fact(*words.split()) if isinstance(words, str) else words


class MessageType(BaseModel):
    """One type of message. ``fields`` are the names of the facts that it shows, in order.

    ``rule`` is mot's, when the fact is an alert. A fact that is not ``produced`` is not told by its
    owner yet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    english: str
    module: Module
    urgency: Urgency
    rule: str | None = None
    fact: Annotated[Fact, BeforeValidator(_fact)] = Fact("mot", ALERT.name, "alert.raised")
    fields: tuple[str, ...] = Field(min_length=1)
    named_by: tuple[str, ...] = ()
    produced: bool = True

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the channels used by default."""
        return CHANNELS[self.urgency]


_LIST = TypeAdapter(tuple[MessageType, ...])


@cache
def messages() -> tuple[MessageType, ...]:
    """Return the catalogue, in its order."""
    text = files("shared.contracts").joinpath("messages.yaml").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> tuple[MessageType, ...]:
    """Read the table module → name → line; an unknown word is refused with its place."""
    modules: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(text)
    return _LIST.validate_python(
        [
            {"name": name, "module": module, **line}
            for module, lines in modules.items()
            for name, line in lines.items()
        ]
    )


def of_rule(rule: str) -> MessageType:
    """Return the type of message that a rule of mot makes."""
    return {one.rule: one for one in messages()}[rule]
