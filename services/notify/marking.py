"""改卡 — a card says what was answered: an intent, written in the answer's transaction.

So a crash loses neither the answer nor the change of the card, and what is repeated is the same
bytes. What is answered elsewhere for good is written on the answerer's newest card by the code of
its sending, which is then used: a withdrawal recalls that message. Like what takes a message back
(``domain.undo``) it tells nobody: it stands below step 1.
"""

from services.notify.domain.answer import KINDS, OVER, Answered, Snoozed
from services.notify.domain.channel import Channel
from services.notify.domain.decision import Send, Settled
from services.notify.domain.ledger import Book, Intent, intent_id
from services.notify.domain.receiver import Directory, Receiver
from services.notify.domain.undo import ELSEWHERE, Marks
from services.notify.domain.wecom_forms import BUTTONS
from shared.contracts.alerts import AlertEvent
from shared.kernel.trading_day import CHINA

BY = "wecom_app"


async def mark(
    book: Book, channel: Channel | None, event: AlertEvent, by: tuple[Answered, Directory]
) -> None:
    """Write what changes the card an answer came from, or the answerer's own when it is over."""
    answered, directory = by
    if not isinstance(channel, Marks):
        return
    if answered.tap is not None:
        tap, words = answered.tap, _said(answered)
        body = channel.update(tap.response_code, tap.userid, words)
        await _intend(book, event, answered, ("answer-shown", body))
    elif answered.via != "card" and isinstance(answered.answer, OVER):
        shown = await book.shown(answered.alert_id)
        mine = [one for one in shown if (one.channel, one.receiver) == (BY, answered.by)]
        for card in mine[-1:]:
            person = directory.staff.get(answered.by)
            text = channel.rewrite(card, person, answered.at, _said(answered))
            if text is not None:
                await _intend(book, card.event, answered, (ELSEWHERE, text))


async def _intend(
    book: Book, event: AlertEvent, answered: Answered, change: tuple[str, str]
) -> None:
    why, body = change
    step = await book.lowest_step(answered.alert_id) - 1
    send = Send(Receiver(answered.by, ""), BY, why, step)
    await book.note(Settled(event, (send,)), answered.at)
    await book.intend([Intent(intent_id(event, send), event, send, body)])


def _said(answered: Answered) -> str:
    """Return what the card says; of 稍后 until when, with the date unless it is today."""
    word, _ = BUTTONS[KINDS[type(answered.answer)]]
    if not isinstance(answered.answer, Snoozed):
        return f"{word}（已记下）"
    until, today = answered.answer.until.astimezone(CHINA), answered.at.astimezone(CHINA).date()
    when = f"{until:%H:%M}" if until.date() == today else f"{until:%m-%d %H:%M}"
    return f"{word}到{when}（已记下）"
