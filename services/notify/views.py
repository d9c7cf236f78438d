"""What the console is answered: of an account three digits, of a name what the mask leaves."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.notify.domain.answer import KINDS, Answered, HandedOver, Snoozed
from services.notify.domain.inbox import Entry, Outcome
from shared.contracts.alerts import FEED, Module, Urgency
from shared.contracts.replies import Kind
from shared.kernel.ids import short_code
from shared.kernel.masking import mask_account
from shared.web.permissions import Sight

EXAMPLE: dict[str, Any] = {
    "alert_id": "7bb8f530-5b0c-5d0e-9a6b-2f2f6f1f0a11",
    "code": "7bb8f530",
    "revision": 1,
    "event": "alert.raised",
    "rule": "large_withdrawal",
    "message_type": "大额出金",
    "module": "异动",
    "urgency": "high",
    "trading_day": "2026-06-01",
    "happened_at": "2026-06-01T10:31:05+08:00",
    "summary": "今日累计出金500万元，达到警戒线500万元",
    "facts": {"今日累计": "500万元", "警戒线": "500万元"},
    "action": "请立即联系客户。",
    "provisional": True,
    "account": "***345",
    "client": "张**",
    "manager_id": "m001",
    "branch_id": "b01",
    "outcome": "told",
    "open": True,
    "heard_at": "2026-06-01T10:31:07+08:00",
    "next_step": "2026-06-01T10:41:07+08:00",
    "last_answer": None,
}


class AnswerView(BaseModel):
    """答复 — one answer; the last one holds."""

    answer_id: UUID
    kind: Kind
    by: str
    via: str
    revision: int
    at: datetime
    until: datetime | None = None
    reason: str | None = None
    to: str | None = None


class EntryView(BaseModel):
    """提醒 — an alert as it stands. ``open``: nobody has answered it for good, and it holds.

    ``client`` is masked, and empty for whoever sees no personal fields. ``next_step``: when it
    climbs unless somebody answers.
    """

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    alert_id: UUID
    code: str
    revision: int
    event: str
    rule: str
    message_type: str
    module: Module
    urgency: Urgency
    trading_day: date
    happened_at: datetime
    summary: str
    facts: dict[str, str]
    action: str
    provisional: bool
    account: str
    client: str | None
    manager_id: str | None
    branch_id: str | None
    outcome: Outcome
    open: bool
    heard_at: datetime | None
    next_step: datetime | None
    last_answer: AnswerView | None


class EntryPage(BaseModel):
    """Newest first; ``next`` goes into ``before`` for the page behind."""

    model_config = ConfigDict(json_schema_extra={"example": {"alerts": [EXAMPLE], "next": 120}})

    alerts: list[EntryView]
    next: int | None


def answer_view(answered: Answered) -> AnswerView:
    """Return an answer."""
    answer = answered.answer
    return AnswerView(
        answer_id=answered.answer_id,
        kind=KINDS[type(answer)],
        by=answered.by,
        via=answered.via,
        revision=answered.revision,
        at=answered.at,
        until=answer.until if isinstance(answer, Snoozed) else None,
        reason=answer.reason if isinstance(answer, Snoozed) else None,
        to=answer.to if isinstance(answer, HandedOver) else None,
    )


def entry_view(entry: Entry, sight: Sight) -> EntryView:
    """Return an alert as this one may see it."""
    alert = entry.event.data
    told = alert.model_dump(include=EntryView.model_fields.keys() - {"account"})
    return EntryView.model_validate(
        told
        | {
            "code": short_code(alert.alert_id),
            "event": entry.event.type,
            "account": masked(alert.account),
            "client": entry.client if sight is Sight.MASKED else None,
            "manager_id": entry.manager_id,
            "branch_id": entry.branch_id,
            "outcome": entry.outcome,
            "open": entry.open,
            "heard_at": entry.heard,
            "next_step": entry.next_step,
            "last_answer": answer_view(entry.last) if entry.last else None,
        }
    )


def masked(account: str) -> str:
    """Return an account with its last digits; a broker's data source is nobody's account."""
    return FEED if account == FEED else mask_account(account)
