"""历史 — one alert's whole story as the console is answered, each part oldest first."""

from datetime import datetime

from pydantic import BaseModel

from services.notify.domain.inbox import Entry
from services.notify.domain.reasons import in_words
from services.notify.domain.story import Delivery, Heard, Ruling, Story
from services.notify.views import AnswerView, EntryView, answer_view, entry_view
from shared.contracts.alerts import Urgency
from shared.web.permissions import Sight


class RevisionView(BaseModel):
    """A revision as it was read."""

    revision: int
    event: str
    urgency: Urgency
    rule_version: int
    summary: str
    state: str
    happened_at: datetime
    read_at: datetime


class DecisionView(BaseModel):
    """A decision with its named reason, in words too; the steps of a climb are among them."""

    revision: int
    decision: str
    reason: str
    words: str
    at: datetime
    channel: str | None
    receiver: str | None
    step: int | None
    until: datetime | None
    because_of: str | None


class AttemptView(BaseModel):
    """One attempt; without an outcome while it is under way."""

    number: int
    began_at: datetime
    ended_at: datetime | None
    outcome: str | None
    reason: str | None


class DeliveryView(BaseModel):
    """A message to one person by one channel. ``merged``: a digest said it."""

    revision: int
    step: int
    channel: str
    receiver: str
    state: str
    reason: str | None
    ended_at: datetime | None
    merged: bool
    attempts: list[AttemptView]


class ReceiptView(BaseModel):
    """What the provider reported."""

    revision: int
    channel: str
    receiver: str
    arrived: bool
    reason: str
    at: datetime


class HistoryView(BaseModel):
    """An alert, and everything that was read, decided, tried, reported and answered."""

    alert: EntryView
    revisions: list[RevisionView]
    decisions: list[DecisionView]
    deliveries: list[DeliveryView]
    receipts: list[ReceiptView]
    answers: list[AnswerView]


def history_view(entry: Entry, told: Story, sight: Sight) -> HistoryView:
    """Return the story as this one may see it."""
    return HistoryView(
        alert=entry_view(entry, sight),
        revisions=[_revision(heard) for heard in told.heard],
        decisions=[_decision(ruling) for ruling in told.rulings],
        deliveries=[_delivery(delivery) for delivery in told.deliveries],
        receipts=[ReceiptView(**vars(receipt)) for receipt in told.receipts],
        answers=[answer_view(answered) for answered in told.answers],
    )


def _revision(heard: Heard) -> RevisionView:
    alert = heard.event.data
    return RevisionView(
        revision=alert.revision,
        event=heard.event.type,
        urgency=alert.urgency,
        rule_version=alert.rule_version,
        summary=alert.summary,
        state=heard.state,
        happened_at=alert.happened_at,
        read_at=heard.read,
    )


def _decision(ruling: Ruling) -> DecisionView:
    told = {name: value for name, value in vars(ruling).items() if name != "by"}
    return DecisionView(**told, words=in_words(ruling.reason), because_of=ruling.by)


def _delivery(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        revision=delivery.revision,
        step=delivery.step,
        channel=delivery.channel,
        receiver=delivery.receiver,
        state=delivery.state,
        reason=delivery.reason,
        ended_at=delivery.ended,
        merged=delivery.digest is not None,
        attempts=[
            AttemptView(
                number=one.number,
                began_at=one.began,
                ended_at=one.ended,
                outcome=one.outcome,
                reason=one.reason,
            )
            for one in delivery.tries
        ],
    )
