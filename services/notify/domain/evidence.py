"""证据 — one client's notifications as rows: what was found, decided, sent, taken, and answered.

The rows are the content: the CSV file is exactly them, and the PDF's footer names its SHA-256.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from services.notify.domain.answer import KINDS, Answer, HandedOver, Snoozed
from services.notify.domain.reasons import in_words
from services.notify.domain.story import Delivery, Reported, Ruling, Story
from shared.documents.cells import harmless
from shared.kernel.ids import short_code
from shared.kernel.masking import Phone
from shared.kernel.trading_day import CHINA

PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")

Opened = Callable[[str], str]


class Row(NamedTuple):
    """One fact, in the columns' order; ``at`` is China's time."""

    at: str
    alert: str
    revision: str
    fact: str
    what: str
    receiver: str
    channel: str
    reason: str
    content: str


HEADINGS = Row("时间", "提醒编号", "版本", "事项", "内容", "接收人", "通道", "理由", "正文")
HEARD, DECIDED, SENT, TRIED, REPORTED, ANSWERED = "告警", "决定", "消息", "发送", "回执", "答复"


def rows(stories: Iterable[Story], opened: Opened) -> Sequence[Row]:
    """Return the rows of some alerts, in the order of time within each. ``opened``: unseals."""
    return [row for story in stories for row in sorted(_rows(story, opened), key=lambda r: r.at)]


def as_csv(told: Sequence[Row]) -> bytes:
    """Return the file's bytes: UTF-8 with its mark, no cell of which is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([harmless(cell) for cell in row] for row in told)
    return out.getvalue().encode("utf-8-sig")


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, as ``sha256sum`` prints it."""
    return sha256(content).hexdigest()


def legible(body: str) -> str:
    """Return what a person was shown of a body: its texts, no links and no phone number.

    >>> legible('{"touser": "m001", "text": {"content": "call 13812345678"}, "url": "https://x"}')
    'm001 · call 138****5678'
    """
    shown = (PHONE.sub(lambda found: str(Phone(found[0])), text) for text in _texts(_parsed(body)))
    return " · ".join(text for text in shown if text and "://" not in text)


def _rows(story: Story, opened: Opened) -> Iterator[Row]:
    code = short_code(story.alert_id)
    for heard in story.heard:
        alert = heard.event.data
        rule = f"{alert.rule} v{alert.rule_version}"
        facts = " · ".join(f"{name} {value}" for name, value in alert.facts.items())
        kind = f"{alert.message_type} {heard.event.type}"
        what = f"{kind}，账户 {alert.account}，规则 {rule}，{alert.urgency.value}"
        said = f"{alert.summary} · {facts} · {alert.action}"
        which = (_at(heard.read), code, str(alert.revision))
        yield Row(*which, HEARD, what, "", "", heard.state, said)
    for ruling in story.rulings:
        yield _ruling(code, ruling)
    for delivery in story.deliveries:
        yield from _delivery(code, delivery, opened)
    for receipt in story.receipts:
        yield _receipt(code, receipt)
    for answer in story.answers:
        which, (what, why) = (_at(answer.at), code, str(answer.revision)), _answer(answer.answer)
        yield Row(*which, ANSWERED, what, answer.by, answer.via, why, "")


def _ruling(code: str, ruling: Ruling) -> Row:
    until = f" → {_at(ruling.until)}" if ruling.until else ""
    why = in_words(ruling.reason) + (f" · {ruling.by}" if ruling.by else "")
    which = (_at(ruling.at), code, str(ruling.revision))
    to = (ruling.receiver or "", ruling.channel or "")
    return Row(*which, DECIDED, f"{ruling.decision}{until}", *to, why, "")


def _delivery(code: str, delivery: Delivery, opened: Opened) -> Iterator[Row]:
    body, to = opened(delivery.sealed_body), (delivery.receiver, delivery.channel)
    which, why = (code, str(delivery.revision)), in_words(delivery.reason or "")
    content = f"{legible(body)} · sha256 {digest(body.encode())}"
    ended = delivery.ended or (delivery.tries[-1].began if delivery.tries else None)
    merged = f"，摘要 {short_code(delivery.digest)}" if delivery.digest else ""
    number = f"，回执号 {delivery.message_id}" if delivery.message_id else ""
    charged = f"，计费 {delivery.sms_parts} 条" if delivery.sms_parts else ""
    what = f"{delivery.state}{merged}{number}{charged}"
    yield Row(_at(ended) if ended else "", *which, SENT, what, *to, why, content)
    for one in delivery.tries:
        said = f"第 {one.number} 次 {one.outcome or 'sending'}"
        took = f"，到 {_at(one.ended)}" if one.ended else ""
        yield Row(_at(one.began), *which, TRIED, said + took, *to, in_words(one.reason or ""), "")


def _receipt(code: str, receipt: Reported) -> Row:
    what = "已到手机" if receipt.arrived else "未到手机"
    which, to = (_at(receipt.at), code, str(receipt.revision)), (receipt.receiver, receipt.channel)
    return Row(*which, REPORTED, what, *to, in_words(receipt.reason), "")


def _answer(answer: Answer) -> tuple[str, str]:
    """Return what was said, and why."""
    kind = KINDS[type(answer)].value
    match answer:
        case Snoozed(until, reason):
            return f"{kind} → {_at(until)}", reason
        case HandedOver(to):
            return f"{kind} → {to}", ""
        case _:
            return kind, ""


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return dict(parse_qsl(body))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            yield from (text for inner in value.values() for text in _texts(inner))
        case list():
            yield from (text for inner in value for text in _texts(inner))
        case str() if value.startswith("{"):
            yield from _texts(_parsed(value))
        case str():
            yield value


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
