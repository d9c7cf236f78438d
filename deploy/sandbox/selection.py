"""下拉选择器 of a 按钮交互型 card — page 90372: what is chosen comes back with a tap."""

import msgspec

from deploy.sandbox.content import at_most
from deploy.sandbox.entries import Refused

OPTIONS = 10


class Option(msgspec.Struct):
    """选项."""

    id: str = ""
    text: str = ""


class Selection(msgspec.Struct):
    """``selected_id``: what stands there before anybody chooses; else the first."""

    question_key: str = ""
    title: str = ""
    option_list: list[Option] = msgspec.field(default_factory=list)
    selected_id: str = ""

    @property
    def shown(self) -> str:
        """What stands there before anybody chooses."""
        named = {one.id: one.text for one in self.option_list}
        return named.get(self.selected_id, self.option_list[0].text)


def check(place: str, asked: Selection) -> None:
    """Raise `Refused` for what the platform does not take."""
    if not asked.question_key:
        raise Refused(40058, f"{place}.question_key missing")
    if not asked.option_list:
        raise Refused(40058, f"{place}.option_list missing")
    at_most(f"{place}.option_list", asked.option_list, OPTIONS)
    for number, option in enumerate(asked.option_list):
        if not (option.id and option.text):
            raise Refused(40058, f"{place}.option_list[{number}] needs id and text")
