"""改卡 — a tapped card says what was answered: an intent, written in the answer's transaction.

So a crash loses neither the answer nor the change of the card, and what is repeated is the same
bytes. Like what takes a message back (``domain.undo``) it tells nobody: it stands below step 1.
"""

from collections.abc import Mapping

from services.notify.domain.answer import KINDS, Answered, Snoozed
from services.notify.domain.channel import Channel
from services.notify.domain.decision import Send, Settled
from services.notify.domain.ledger import Book, Intent, intent_id
from services.notify.domain.receiver import Receiver
from services.notify.domain.undo import Marks
from services.notify.domain.wecom_forms import BUTTONS
from shared.contracts.alerts import AlertEvent
from shared.kernel.trading_day import CHINA

BY = "wecom_app"


async def mark(
    book: Book, channels: Mapping[str, Channel], event: AlertEvent, answered: Answered
) -> None:
    """Write what changes the card an answer came from, if there is one and it can be changed."""
    channel, tap = channels.get(BY), answered.tap
    if tap is None or not isinstance(channel, Marks):
        return
    step = await book.lowest_step(answered.alert_id) - 1
    send = Send(Receiver(answered.by, ""), BY, "answer-shown", step)
    body = channel.update(tap.response_code, tap.userid, f"{_said(answered)}（已记下）")
    await book.note(Settled(event, (send,)), answered.at)
    await book.intend([Intent(intent_id(event, send), event, send, body)])


def _said(answered: Answered) -> str:
    """Return what the card says; of 稍后 until when, with the date unless it is today."""
    word, _ = BUTTONS[KINDS[type(answered.answer)]]
    if not isinstance(answered.answer, Snoozed):
        return word
    until, today = answered.answer.until.astimezone(CHINA), answered.at.astimezone(CHINA).date()
    return f"{word}到{until:%H:%M}" if until.date() == today else f"{word}到{until:%m-%d %H:%M}"
