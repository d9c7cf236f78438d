"""``guanchao notify explain``: one alert's story in words."""

import re
from collections.abc import Iterator
from datetime import datetime

from services.notify.adapters.stories import matching, story
from services.notify.commands.places import reading
from services.notify.domain.answer import Answer, HandedOver, Snoozed
from services.notify.domain.reasons import in_words
from services.notify.domain.story import Delivery, Reported, Ruling, Story
from shared.console import Refused
from shared.contracts.alerts import FEED
from shared.kernel.ids import short_code
from shared.kernel.masking import mask_account
from shared.kernel.trading_day import CHINA

WRITTEN = re.compile(r"[0-9A-Fa-f]{8}(?:-\d+){0,2}|[0-9A-Fa-f]{32}|[0-9A-Fa-f-]{36}")
CODE = 8
WORDS = {"send": "告知 send", "suppress": "不告 suppress", "defer": "推迟 defer"}
WORDS |= {"merge": "并入摘要 merge"}
STATES = {
    "waiting": "待告知 waiting",
    "told": "已告知 told",
    "suppressed": "未告知 suppressed",
    "undeliverable": "无法送达 undeliverable",
    "pending": "待发送 pending",
    "sending": "发送中 sending",
    "retry": "待重发 retry",
    "sent": "已送出 sent",
    "rejected": "被拒绝 rejected",
    "ambiguous": "未确认 ambiguous",
    "unsure": "不知是否收下 unsure",
    "unmade": "没有发出 unmade",
    "merged": "已并入摘要 merged",
}


async def found(dsn: str | None, asked: str) -> Story:
    """Return the story of the alert that is asked for, by its id or the code in its messages."""
    if not WRITTEN.fullmatch(asked):
        raise Refused(
            "写 alert_id，或消息里的 8 位编号", "an alert_id, or the 8 characters of a message"
        )
    digits = asked.replace("-", "").lower()
    digits = digits if len(digits) > 2 * CODE else digits[:CODE]
    async with reading(dsn) as connection:
        ids = await matching(connection, digits)
        if not ids:
            raise Refused(f"账本里没有提醒 {asked}", "the ledger knows no such alert")
        if len(ids) > 1:
            raise Refused(
                f"不止一条：{'、'.join(map(str, ids))}", "more than one: give the whole id"
            )
        return await story(connection, ids[0])


def lines(told: Story) -> Iterator[str]:
    """Say what was read, what was decided and why, and what became of each message. Pure."""
    account = told.account if told.account == FEED else mask_account(told.account)
    yield f"{short_code(told.alert_id)}  {told.alert_id}  {told.broker}:{account}"
    for heard in told.heard:
        alert, number = heard.event.data, heard.event.data.revision
        yield ""
        yield f"第 {number} 版 revision {number}  {alert.message_type} {heard.event.type}"
        yield f"  规则 rule {alert.rule} v{alert.rule_version}，紧急 urgency {alert.urgency.value}"
        yield f"  发生 happened {_at(alert.happened_at)}，读到 read {_at(heard.read)}"
        yield f"  现状 stands {STATES.get(heard.state, heard.state)}"
        yield from _of_revision(told, number)
    known = {heard.event.data.revision for heard in told.heard}
    for ruling in told.rulings:
        if ruling.revision not in known:
            yield f"第 {ruling.revision} 版 revision {ruling.revision}：{_ruling(ruling)}"
    for answer in told.answers:
        said = _answer(answer.answer)
        yield f"答复 answered {_at(answer.at)}  {answer.by}  {said}  {answer.via}"


def _of_revision(told: Story, number: int) -> Iterator[str]:
    for ruling in told.rulings:
        if ruling.revision == number:
            yield f"  {_ruling(ruling)}"
    for delivery in told.deliveries:
        if delivery.revision == number:
            yield from _delivery(delivery)
    for receipt in told.receipts:
        if receipt.revision == number:
            yield _receipt(receipt)


def _ruling(ruling: Ruling) -> str:
    who = " → ".join(filter(None, (ruling.channel, ruling.receiver)))
    until = f"，到 until {_at(ruling.until)}" if ruling.until else ""
    step = f"（第 {ruling.step} 步 step {ruling.step}）" if (ruling.step or 1) > 1 else ""
    head = f"{_at(ruling.at)}  {WORDS.get(ruling.decision, ruling.decision)}{until}  {who}{step}"
    by = f"，因 by {ruling.by}" if ruling.by else ""
    return f"{head.rstrip()}：{in_words(ruling.reason)} [{ruling.reason}]{by}"


def _answer(answer: Answer) -> str:
    kind = type(answer).__name__
    match answer:
        case Snoozed(until, reason):
            return f"{kind} 到 until {_at(until)}" + (f"：{reason}" if reason else "")
        case HandedOver(to):
            return f"{kind} → {to}"
        case _:
            return kind


def _delivery(delivery: Delivery) -> Iterator[str]:
    digest = f"，摘要 digest {short_code(delivery.digest)}" if delivery.digest else ""
    ended = f" {_at(delivery.ended)}" if delivery.ended else ""
    yield (
        f"  投递 delivery {delivery.channel} → {delivery.receiver}："
        f"{STATES.get(delivery.state, delivery.state)}{ended}{digest}"
    )
    for one in delivery.tries:
        outcome = one.outcome or "sending"
        why = f"：{in_words(one.reason)} [{one.reason}]" if one.reason else ""
        until = f" … {_at(one.ended)}" if one.ended else ""
        yield f"    {one.number}. {_at(one.began)}{until}  {STATES.get(outcome, outcome)}{why}"


def _receipt(receipt: Reported) -> str:
    what = "已到手机 arrived" if receipt.arrived else "未到手机 failed"
    why = f"{in_words(receipt.reason)} [{receipt.reason}]"
    return f"  回执 receipt {receipt.channel} → {receipt.receiver}：{what} {_at(receipt.at)}：{why}"


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
