"""What was tapped on a card. Topic ``notify.callback.v1``, owner notify, which reads it itself.

Key: the intent's id. 企业微信 wants its answer at once and asks again without one: what it says is
kept first and worked off from here. Ids are derived: a repeat is the same event.
"""

from typing import Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field, TypeAdapter

from shared.contracts.event import Code, Event, Model


class Click(Model):
    """点击 — ``userid`` is 企业微信's; ``response_code`` changes that one card, once.

    ``choice``: what was chosen in the card's list; empty: nothing.
    """

    intent_id: UUID
    userid: str = Field(min_length=1, max_length=64)
    key: Code
    choice: str = Field(default="", max_length=64)
    response_code: str = Field(default="", max_length=200)
    at: AwareDatetime


class CardClicked(Event):
    """卡片按钮被点击."""

    type: Literal["card.clicked"] = "card.clicked"
    data: Click


CALLBACKS: TypeAdapter[CardClicked] = TypeAdapter(CardClicked)


def clicked(click: Click) -> CardClicked:
    """Return the event of a click; its id follows from who tapped what when."""
    name = f"click|{click.userid}|{click.key}|{click.at.isoformat()}"
    return CardClicked(
        id=str(uuid5(click.intent_id, name)),
        source="guanchao/notify",
        subject=str(click.intent_id),
        time=click.at,
        data=click,
    )
