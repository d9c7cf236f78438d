"""短信变量 — the words that an approved template (模板) is filled with, and what a text costs.

A provider sends only texts it has approved: code and variables are what goes to it, the text is
what arrives. So the text stands in our data, to count its parts before they are paid for.
"""

from collections.abc import Mapping
from dataclasses import replace
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, PositiveInt

from services.notify.domain.channel import Notification, titled
from services.notify.domain.lengths import cut, room, size
from services.notify.domain.part import Part

TITLE, CLIENT, SENTENCE = 26, 40, 150  # of a message's 500 characters
SPOKEN = 60
"""Characters of one variable of a call."""
VARIABLES = ("title", "client", "account", "summary", "action", "code")
"""In the order of a template that takes them by number; a notice has no client and no account."""


def _variables_only(text: str) -> str:
    names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    if unknown := names - set(VARIABLES):
        raise ValueError(f"no such variable: {sorted(unknown)}")
    return text


class Approved(Part):
    """模板 as approved: of a client's alert, and of a notice. Its codes are the settings'."""

    alert: Annotated[str, AfterValidator(_variables_only)]
    notice: Annotated[str, AfterValidator(_variables_only)]

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the text with its variables."""
        return (self.alert if "account" in values else self.notice).format_map(values)


class Sms(Approved):
    """``ending``: what the provider puts behind it, such as 拒收请回复R.

    ``example_parts``: each type's example fits so many; ``most``: what is longer is cut.
    """

    ending: str = ""
    example_parts: PositiveInt = 1
    most: PositiveInt = 3

    def text(self, sign: str, values: Mapping[str, str]) -> str:
        """Return what arrives."""
        return f"【{sign}】{self.filled(values)}{self.ending}"

    def within(self, said: Notification, sign: str) -> Notification:
        """Return it with as much of its summary, then of its action, as ``most`` parts hold."""
        if (over := self._over(said, sign)) > 0:
            said = replace(said, summary=_shorter(said.summary, over))
        if (over := self._over(said, sign)) > 0:
            said = replace(said, action=_shorter(said.action, over))
        return said

    def _over(self, said: Notification, sign: str) -> int:
        return size(self.text(sign, variables(said))) - room(self.most)


def _shorter(sentence: str, over: int) -> str:
    shown = cut(sentence, SENTENCE)
    return cut(shown, max(len(shown) - over, 1))


def variables(said: Notification) -> dict[str, str]:
    """Return the template's variables in its order; a notice is no client's and names none."""
    tail = said.account.lstrip("*")  # 尾号: the template says so, in two characters
    client = {"client": cut(said.client, CLIENT), "account": tail} if said.account else {}
    return {
        "title": titled(said, TITLE),
        **client,
        "summary": cut(said.summary, SENTENCE),
        "action": cut(said.action, SENTENCE),
        "code": said.code,
    }
