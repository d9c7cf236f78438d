"""模板 — how each type of message is said in each channel: data, in ``templates.yaml``.

An alert brings its own words. A template says them otherwise where a channel has less room, or
shows other figures: while the alert begins and goes on, and only when it has all the figures that
are named. What becomes of an alert is told in its own words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from string import Formatter
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.notify.domain.channel import Links, Notification, canonical
from services.notify.domain.lengths import parts, room, size
from services.notify.domain.part import Part
from services.notify.domain.receiver import Receiver
from services.notify.domain.sms import SPOKEN, Approved, Sms, variables
from services.notify.domain.wecom_forms import FORMS
from shared.contracts.messages import MessageType, messages

Family = Literal["wecom", "robot", "sms", "voice", "mail", "push"]
FAMILIES: Mapping[str, Family] = {
    "wecom_app": "wecom",
    "wecom_robot": "robot",
    "dingtalk_robot": "robot",
    "feishu_robot": "robot",
    "aliyun_sms": "sms",
    "tencent_sms": "sms",
    "aliyun_voice": "voice",
    "mail": "mail",
    "app_push": "push",
}
"""Channel → the words it has room for."""
SPEAKS = frozenset({"alert.raised", "alert.updated"})
PAGE = "https://console.example/alerts/7bb8f537-2aae-5c25-ac73-4da7190814c0?to=m001&sig="


def _figures_only(text: str) -> str:
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None and (form or conversion or not name or set(name) & set(".[")):
            raise ValueError(f"{{{name}}} is no figure's name")
    return text


Figures = Annotated[str, AfterValidator(_figures_only)]
"""A text with ``{names}`` of the alert's figures."""


class Words(Part):
    """What is said otherwise; None: as the alert says it. ``facts``: which ones, in which order."""

    summary: Figures | None = None
    action: str | None = Field(default=None, description="in place of the type's usual one")
    facts: tuple[str, ...] | None = None

    @property
    def named(self) -> frozenset[str]:
        """The figures it needs."""
        fields = Formatter().parse(self.summary or "")
        return frozenset(name for _, name, _, _ in fields if name) | frozenset(self.facts or ())

    def over(self, said: Notification, usual: str) -> Notification:
        """Return the notification in these words; ``usual``: the action they may replace."""
        figures = dict(said.facts)
        if not self.named <= figures.keys():
            return said
        summary = said.summary if self.summary is None else self.summary.format_map(figures)
        action = said.action if self.action is None or said.action != usual else self.action
        shown = said.facts if self.facts is None else [(n, figures[n]) for n in self.facts]
        return replace(said, summary=summary, action=action, facts=tuple(shown))


class Example(Part):
    """The longest alert of the type that is usual, as it begins; the client's name is masked."""

    client: str = "欧阳**"
    account: str = "***345"
    summary: str
    action: str
    facts: Mapping[str, str]


class Template(Part):
    """One type of message: its longest usual example, and what is said otherwise where."""

    example: Example
    wecom: Words = Words()
    robot: Words = Words()
    sms: Words = Words()
    voice: Words = Words()
    mail: Words = Words()
    push: Words = Words()

    @model_validator(mode="after")
    def _names_are_figures(self) -> Self:
        for family in FAMILIES.values():
            words: Words = getattr(self, family)
            if unknown := words.named - self.example.facts.keys():
                raise ValueError(f"{family}: the type has no figure {sorted(unknown)}")
        return self


class Templates(Part):
    """短信 and 语音 as the providers have approved them, and a template for each type."""

    sms: Sms
    voice: Approved
    types: Mapping[str, Template]

    @model_validator(mode="after")
    def _catalogue_is_complete(self) -> Self:
        known = {message.name: message for message in messages()}
        if wrong := sorted(known.keys() ^ self.types.keys()):
            raise ValueError(f"types: not the catalogue's, or missing: {wrong}")
        for name, template in self.types.items():
            if tuple(template.example.facts) != known[name].fields:
                raise ValueError(
                    f"types.{name}.example.facts: the catalogue's fields are otherwise"
                )
        return self

    def worded(self, said: Notification, step: str, channel: str) -> Notification:
        """Return a notification as its type is said by a channel; ``step``: its event's type."""
        template = self.types.get(said.title)
        if template is None or step not in SPEAKS:
            return said
        words: Words = getattr(template, FAMILIES[channel])
        return words.over(said, template.example.action)

    def example(self, message: MessageType, channel: str) -> Notification:
        """Return a type's example as a channel says it."""
        shown = self.types[message.name].example
        said = Notification(
            intent_id=UUID(int=7),
            receiver=Receiver("m001", "manager", "m001"),
            source=f"观潮 · {message.module.value}",
            title=message.name,
            mark="",
            client=shown.client,
            account=shown.account,
            facts=tuple(shown.facts.items()),
            summary=shown.summary,
            action=shown.action,
            code="7BB8F537-1",
            links=Links(PAGE, f"{PAGE}#todo", f"{PAGE}#call"),
        )
        return self.worded(said, "alert.raised", channel)

    def too_long(self, signs: Sequence[str]) -> Iterator[str]:
        """Return the places whose example does not fit, with what it would be."""
        for message in messages():
            said = variables(self.example(message, "aliyun_sms"))
            for text in (self.sms.text(sign, said) for sign in signs):
                if parts(text) > self.sms.example_parts:
                    most = room(self.sms.example_parts)
                    yield f"types.{message.name}.sms: {size(text)} characters, {most} fit: {text}"
            spoken = variables(self.example(message, "aliyun_voice"))
            for name in (name for name, text in spoken.items() if len(text) > SPOKEN):
                yield f"types.{message.name}.voice: {name} is above {SPOKEN}: {spoken[name]}"
            cards = (FORMS[form](self.example(message, "wecom_app")) for form in FORMS)
            for shown in (canonical(card) for card in cards if "…" in canonical(card)):
                yield f"types.{message.name}.wecom: something is cut: {shown}"
