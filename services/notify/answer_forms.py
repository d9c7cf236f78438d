"""答复 on the alert's page: what was said, and the forms to say it with. No script is needed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from services.notify.domain.answer import KINDS, Answered, HandedOver, Snoozed, is_over
from services.notify.domain.later import DEFAULT, Later
from services.notify.domain.later import WORDS as WORDS_LATER
from services.notify.domain.view import Step
from shared.contracts.replies import Kind
from shared.kernel.trading_day import CHINA

WORDS = {
    Kind.CONTACTED: "已联系",
    Kind.FALSE_ALARM: "误报",
    Kind.SNOOZED: "稍后",
    Kind.HANDED_OVER: "转交",
}
RELATIONS = {
    "manager": "客户经理",
    "team-lead": "组长",
    "branch-head": "营业部负责人",
    "risk": "风控",
    "on-call": "值班",
}
WHY = {
    "nobody-reachable": "· 无法送达",
    "has-heard": "· 已告知过",
    "nobody": "· 无此人",
    "silenced": "· 被静音，没有告知",
}
PASSED_OVER = "· 已过时，越过"
Choices = Sequence[tuple[Later, datetime]]


def said(answers: Sequence[Answered]) -> Iterable[tuple[str, datetime | None]]:
    """Return a line for each answer, the newest first."""
    for answered in reversed(answers):
        text = f"{answered.by} · {WORDS[KINDS[type(answered.answer)]]}"
        match answered.answer:
            case Snoozed(until, reason):
                text += f" 到 {until.astimezone(CHINA):%m-%d %H:%M}"
                text += f" · {reason}" if reason else ""
            case HandedOver(to):
                text += f" → {to}"
        yield text, answered.at


def climbed(steps: Sequence[Step]) -> Iterable[tuple[str, datetime | None]]:
    """Return a line for each step of the climb, oldest first."""
    for step in steps:
        relation = next(r for r in RELATIONS if f"-{r}" in step.reason)
        why = step.reason.partition(f"-{relation}")[2].lstrip("-")
        came_to = f"→ {step.receiver}" if step.receiver else WHY.get(why, PASSED_OVER)
        yield f"{RELATIONS[relation]} {came_to}", step.at


def forms(answers: Sequence[Answered], where: str, choices: Choices) -> str:
    """Return the forms; ``where`` is the signed address, ``choices`` what 稍后 may be.

    The count of answers makes a second click on the same page the same answer.
    """
    off = " disabled" if is_over(answers) else ""
    begin = (
        f'<form method="post" action="{escape(where)}"{{}}>'
        f'<input type="hidden" name="once" value="{len(answers)}">'
    )
    options = "".join(_option(later, until) for later, until in choices)
    return "".join(
        (
            begin.format(' class="both"'),
            _button(Kind.CONTACTED, off),
            _button(Kind.FALSE_ALARM, off),
            "</form>",
            begin.format(""),
            f'<select name="later">{options}</select>',
            '<input name="reason" maxlength="80" placeholder="原因">',
            _button(Kind.SNOOZED, off),
            "</form>",
            begin.format(""),
            '<input name="to" required maxlength="32" placeholder="接手人工号">',
            _button(Kind.HANDED_OVER, off),
            "</form>",
        )
    )


def _option(later: Later, until: datetime) -> str:
    """Return a choice with the moment it means: "today" is not the same for everybody."""
    chosen = " selected" if later is DEFAULT else ""
    text = f"{WORDS_LATER[later]}（{until.astimezone(CHINA):%m-%d %H:%M}）"
    return f'<option value="{later.value}"{chosen}>{text}</option>'


def _button(kind: Kind, off: str) -> str:
    return f'<button name="kind" value="{kind.value}"{off}>{WORDS[kind]}</button>'
