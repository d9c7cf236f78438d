"""措辞 — an alert becomes the notification that one person reads."""

from dataclasses import replace
from uuid import UUID

from services.notify.domain.channel import Links, Notification
from services.notify.domain.decision import Send
from services.notify.domain.receiver import Client, Receiver
from shared.contracts.alerts import FEED, Alert, AlertEvent
from shared.kernel.ids import short_code
from shared.kernel.masking import mask_account

UNKNOWN_CLIENT, EVERYBODY, YOURS = "未知客户", "全部客户", "您的客户"

MARKS = {
    "alert.raised": "",
    "alert.updated": "（更新）",
    "alert.confirmed": "（了结）",
    "alert.amended": "（更正）",
    "alert.withdrawn": "（撤回）",
}


AGAIN = "snooze"
PASSED_ON = {"handed": "（转交）", "escalated": "（升级）", AGAIN: "（再提醒）"}
"""The first word of a send's reason, where it goes to somebody who was not told at first."""


def word(
    event: AlertEvent, client: Client | None, receiver: Receiver, links: Links, intent_id: UUID
) -> Notification:
    """Return the notification. It says nothing that could differ at a second rendering."""
    alert = event.data
    who, account = whose(alert, client.display_name if client else None)
    return Notification(
        intent_id=intent_id,
        receiver=receiver,
        source=f"观潮 · {alert.module}",
        title=alert.message_type,
        mark=MARKS[event.type],
        client=who,
        account=account,
        facts=tuple(alert.facts.items()),
        summary=alert.summary,
        action=alert.action,
        code=f"{short_code(alert.alert_id)}-{alert.revision}",
        links=links,
    )


def passed_on(said: Notification, send: Send) -> Notification:
    """Return it marked, when it goes to somebody who was not the first to hear, or tells again.

    What tells the same person again names its step: the gateway drops what it has sent before.
    """
    why = send.reason.partition("-")[0]
    code = f"{said.code}-{send.step}" if why == AGAIN else said.code
    return replace(said, mark=PASSED_ON.get(why, said.mark), code=code)


def whose(alert: Alert, client: str | None) -> tuple[str, str]:
    """Return whom it concerns and the masked account; no account when it is no client's matter."""
    if alert.account == FEED:
        return YOURS if alert.receiver else EVERYBODY, ""
    return client or UNKNOWN_CLIENT, mask_account(alert.account)
